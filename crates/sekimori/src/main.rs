//! The sekimori mail gateway: command line, wiring, signals, metrics.
//!
//! Layout: `cli` the command line's grammar; `commands/` one file for each command;
//! `configuration/` from file and environment to checked settings; `confinement/` what the process may
//! do; `descriptors` the limit of open files; `exit` exit codes; `logging`, `metrics`.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]

mod cli;
mod commands;
mod configuration;
mod confinement;
mod descriptors;
mod exit;
mod logging;
mod metrics;
#[cfg(feature = "internet")]
mod recent;
mod runtime;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; everything else is a fault of usage.
            let _ = error.print();
            return if error.use_stderr() { exit::Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.say();
            failure.exit.into()
        }
    }
}
