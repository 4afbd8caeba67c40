//! `cargo xtask …`: the developer commands.
#![allow(
    clippy::print_stdout,
    reason = "printing is what a developer command does"
)]

mod bench;

use anyhow::Result;
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
    BenchRelay(bench::Options),
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::BenchRelay(options) => bench::run(&options),
    }
}
