//! `cargo xtask …`: the developer commands.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what a developer command does"
)]

mod bench;
mod deploy_check;
mod fidelity_command;
mod fixtures_command;
mod hostile_command;
mod lab;
mod package;
mod tools;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer commands of sekimori.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure what each stage of a message costs: by itself, and in the running relay at 50 sessions.
    Bench,
    BenchFlame(bench::flame::Options),
    BenchHostile(hostile_command::Options),
    BenchMemory(bench::memory::Options),
    BenchQueue(bench::queue::Options),
    BenchRelay(Box<bench::Options>),
    BenchReport(bench::published::Options),
    DeployCheck(deploy_check::Options),
    Fidelity(fidelity_command::Options),
    Fixtures(fixtures_command::Options),
    Lab(lab::Options),
    Package(package::Options),
    Test(verify::Options),
}

fn main() -> ExitCode {
    let ended = match Arguments::parse().command {
        Command::Bench => bench::stages().map(|()| ExitCode::SUCCESS),
        Command::BenchFlame(options) => bench::flame::run(&options).map(|()| ExitCode::SUCCESS),
        Command::BenchHostile(options) => hostile_command::run(&options),
        Command::BenchMemory(options) => bench::memory::run(&options).map(|()| ExitCode::SUCCESS),
        Command::BenchQueue(options) => bench::queue::run(&options).map(|()| ExitCode::SUCCESS),
        Command::BenchRelay(options) => bench::run(&options).map(|()| ExitCode::SUCCESS),
        Command::BenchReport(options) => {
            bench::published::run(&options).map(|()| ExitCode::SUCCESS)
        }
        Command::DeployCheck(options) => deploy_check::run(&options),
        Command::Fidelity(options) => fidelity_command::run(&options),
        Command::Fixtures(options) => fixtures_command::run(&options),
        Command::Lab(options) => lab::run(&options),
        Command::Package(options) => package::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Test(options) => verify::run(&options),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}
