//! `cargo xtask bench-relay`: sekimori, a bare Postfix relay and a Postfix with MIMEDefang under the
//! same load, in one run.
//!
//! For each kind of mail, number of sessions and peer, a server with an empty queue is started, warmed
//! up, loaded, and watched until the last mail is at the sink. Load and sink run on one thread of
//! this process, so that they take as little of the machine from the server as they can. Figures of
//! different runs do not compare on a machine that others use; ratios within a run do.
//!
//! CPU time is that of the server's whole family of processes, those included that have ended
//! ([`sekimori_xtask::process::cpu_time`]), from the first mail until the server is idle again.

pub(crate) mod flame;
mod machine;
mod measure;
pub(crate) mod memory;
mod mimedefang;
pub(crate) mod published;
pub(crate) mod queue;
mod report;
mod server;
mod subject;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use sekimori_xtask::load::Amount;
use sekimori_xtask::mail::Kind;
use sekimori_xtask::workspace::{self, Profile};

use measure::Combination;
use report::{Figures, Report};
use server::Peer;

/// Measure the relay beside a bare Postfix, and one with MIMEDefang.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Kinds of mail to send.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["text", "newsletter", "attachment", "forwarded"])]
    kinds: Vec<Kind>,
    /// Numbers of sessions at once.
    #[arg(long, value_delimiter = ',', default_values = ["1", "20", "50"])]
    sessions: Vec<usize>,
    /// Messages of each measurement.
    #[arg(long, conflicts_with = "seconds")]
    messages: Option<u64>,
    /// Seconds that each measurement sends for.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Servers to measure.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["sekimori", "postfix"])]
    peer: Vec<Peer>,
    /// Measure each combination so often, peers in turn, and report medians.
    #[arg(long, default_value_t = 1)]
    repeat: usize,
    /// Only check that everything works: a few messages, one and five sessions.
    #[arg(long)]
    smoke: bool,
    /// Write the figures to this file as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure this binary instead of building one.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// The binary's subcommand.
    #[arg(long, default_value = "relay")]
    command: String,
    /// Folder for queues. It has to be on a disk that syncs for figures to mean anything.
    #[arg(long, value_name = "FOLDER")]
    work_dir: Option<PathBuf>,
}

/// Runs the stages by themselves, then the relay whole.
pub(crate) fn stages() -> Result<()> {
    let status = workspace::cargo()
        .args(["bench", "--quiet", "--package", "sekimori-benches", "--bench", "stages"])
        .status()
        .context("cargo bench")?;
    ensure!(status.success(), "the stages were not measured");
    let relay = ["bench-relay", "--peer", "sekimori", "--sessions", "50"];
    workspace::run_in_release(relay.into_iter().map(Into::into))
}

/// Messages of a measurement that is only to show that it works.
const SMOKE_MESSAGES: u64 = 20;

/// Runs all measurements. Fails when one could not be made, or lost a message.
///
/// A load generator without optimisation would take the machine from the server, so a debug build
/// hands over to a release build of this command, but for `--smoke`.
pub(crate) fn run(options: &Options) -> Result<()> {
    if cfg!(debug_assertions) && !options.smoke {
        return workspace::run_in_release(std::env::args_os().skip(1));
    }
    let amount = match options.messages {
        _ if options.smoke => Amount::Messages(SMOKE_MESSAGES),
        Some(messages) => Amount::Messages(messages),
        None => Amount::Time(Duration::from_secs(options.seconds)),
    };
    let sessions = if options.smoke { vec![1, 5] } else { options.sessions.clone() };
    let parent = subject::folder(options.work_dir.as_deref());
    let machine = machine::describe(&parent)?;
    println!("{machine}");
    let work = machine::work_folder(&parent)?;
    let folder = work.path().to_owned();
    let profile = if options.smoke { Profile::Debug } else { Profile::Release };
    let is_ours = options.peer.contains(&Peer::Sekimori);
    let binary =
        is_ours.then(|| subject::binary(options.binary.as_deref(), profile)).transpose()?;
    let mut report = Report::new(machine);
    let mut failures = Vec::new();
    report::print_head();
    for &kind in &options.kinds {
        for &sessions in &sessions {
            let mut taken: Vec<(Peer, Vec<Figures>)> =
                options.peer.iter().map(|&peer| (peer, Vec::new())).collect();
            for _ in 0..options.repeat.max(1) {
                for (peer, figures) in &mut taken {
                    let combination = Combination { peer: *peer, kind, sessions, amount };
                    let server = server::Settings {
                        peer: *peer,
                        binary: binary.clone(),
                        command: options.command.clone(),
                        parent: folder.clone(),
                    };
                    match measure::measure(&combination, &server) {
                        Ok(one) => figures.push(one),
                        Err(error) => failures.push(format!("{combination}: {error:#}")),
                    }
                }
            }
            let medians = taken.into_iter().filter_map(|(_, all)| Figures::median(&all));
            report.add(medians.collect());
        }
    }
    report.print_threads();
    report.print_ratios();
    if let Some(file) = &options.json {
        fs::write(file, report.json()?).with_context(|| file.display().to_string())?;
    }
    failures.extend(report.losses());
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}
