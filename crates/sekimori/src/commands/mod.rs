//! One file for each command.

mod audit;
mod config;
mod corpus;
mod demo;
mod desk;
mod documents;
mod offline;
mod pages;
mod paths;
mod quarantine;
mod queue;
mod queue_output;
mod replay;
mod report;
mod review;
mod sanitize;
mod serve;
mod user;

use crate::cli::{Cli, Command};
use crate::exit::Failure;

/// Runs the command.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Serve(args) => serve::run(&args.config, true),
        Command::Relay(args) => serve::run(&args.config, false),
        Command::Review(args) => review::run(&args.config),
        Command::Demo(args) => demo::run(&args),
        Command::Sanitize(args) => sanitize::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Audit(command) => audit::run(command),
        Command::User(command) => user::run(command),
        Command::Report(command) => report::run(&command),
        Command::Queue(command) => queue::run(command),
        Command::Quarantine(command) => quarantine::run(*command),
        Command::Config(command) => config::run(command),
        Command::Completions { shell } => documents::completions(shell),
        Command::Man { folder } => documents::man(&folder),
    }
}
