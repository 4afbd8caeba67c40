//! One file for each command.

mod audit;
mod backup;
mod config;
#[cfg(feature = "internet")]
mod corpus;
mod crossing;
#[cfg(feature = "internet")]
mod demo;
#[cfg(feature = "internet")]
mod desk;
mod documents;
mod endpoints;
mod gate;
#[cfg(feature = "internet")]
mod offline;
#[cfg(feature = "internet")]
mod pages;
mod paths;
#[cfg(feature = "internet")]
mod quarantine;
mod queue;
mod queue_output;
#[cfg(feature = "internet")]
mod replay;
#[cfg(feature = "internet")]
mod report;
#[cfg(feature = "internet")]
mod review;
#[cfg(feature = "internet")]
mod sanitize;
#[cfg(feature = "internet")]
mod serve;
mod signals;
#[cfg(feature = "internet")]
mod supervising;
#[cfg(feature = "internet")]
mod user;
#[cfg(feature = "internet")]
mod workers;

#[cfg(feature = "internet")]
pub(crate) use paths::provider;

use crate::cli::{Cli, Command};
use crate::exit::Failure;

/// Runs the command.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        #[cfg(feature = "internet")]
        Command::Serve(args) => serve::run(&args.config, true),
        #[cfg(feature = "internet")]
        Command::Relay(args) => serve::run(&args.config, false),
        #[cfg(feature = "internet")]
        Command::Review(args) => review::run(&args.config),
        #[cfg(feature = "internet")]
        Command::Demo(args) => demo::run(&args),
        #[cfg(feature = "internet")]
        Command::Sanitize(args) => sanitize::run(&args),
        #[cfg(feature = "internet")]
        Command::Replay(args) => replay::run(&args),
        Command::Gate(args) => gate::run(&args.config),
        Command::StopCrossing(args) => crossing::stop(&args),
        Command::ResumeCrossing(args) => crossing::resume(&args),
        Command::Crossing(args) => crossing::list(&args),
        Command::Audit(command) => audit::run(command),
        Command::Backup(args) => backup::run(args),
        #[cfg(feature = "internet")]
        Command::User(command) => user::run(command),
        #[cfg(feature = "internet")]
        Command::Report(command) => report::run(&command),
        Command::Queue(command) => queue::run(command),
        #[cfg(feature = "internet")]
        Command::Quarantine(command) => quarantine::run(*command),
        Command::Config(command) => config::run(command),
        #[cfg(feature = "internet")]
        Command::SanitizeWorker => workers::work(),
        #[cfg(feature = "internet")]
        Command::SanitizeSpawner => workers::spawn(),
        Command::Completions { shell } => documents::completions(shell),
        Command::Man { folder } => documents::man(&folder),
    }
}
