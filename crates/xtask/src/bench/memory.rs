//! `cargo xtask bench-memory`: what memory the relay takes when idle, and when many large mails come
//! at once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use sekimori_xtask::load::{self, Amount};
use sekimori_xtask::mail::Template;
use sekimori_xtask::sink::{self, Sink};
use sekimori_xtask::workspace;
use sekimori_xtask::{mail::Kind, process};

use super::machine;
use super::measure::{MemoryWatch, idle};
use super::report::number;
use super::subject::{self, Subject};

/// How long nothing may arrive at the sink before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_mins(2);
/// Most that the idle relay may have, in octets.
const IDLE_LIMIT: u64 = 30 << 20;
/// Most that it may have at 50 sessions of any kind of mail.
const BUSY_LIMIT: u64 = 150 << 20;
/// Most that it may have while large mails come.
const LARGE_LIMIT: u64 = 1 << 30;
/// Sessions of the ordinary kinds of mail.
const SESSIONS: usize = 50;

/// Measure the memory of the relay: idle, under load, and with many large mails at once. Fails over
/// 30 MiB, 150 MiB and 1 GiB, and when a mail is refused or lost.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Sessions that each send one large mail at the same time.
    #[arg(long, default_value_t = 200)]
    sessions: usize,
    /// Octets of each.
    #[arg(long, default_value_t = 50_000_000)]
    octets: usize,
    /// Seconds for each kind of mail.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    #[command(flatten)]
    subject: Subject,
}

/// Runs the measurement.
pub(crate) fn run(options: &Options) -> Result<()> {
    if cfg!(debug_assertions) {
        return workspace::run_in_release(std::env::args_os().skip(1));
    }
    let folder = options.subject.folder();
    println!("{}", machine::describe(&folder)?);
    let binary = options.subject.binary()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut over = Vec::new();
    let mut tell = |what: &str, octets: u64, limit: u64| {
        println!("{what:<44} {:>6.1} MiB, at most {} allowed", mebibytes(octets), limit >> 20);
        if octets > limit {
            over.push(what.to_owned());
        }
    };
    for kind in Kind::ALL {
        let template = Arc::new(Template::of(kind));
        let amount = Amount::Time(Duration::from_secs(options.seconds));
        let seen = runtime.block_on(load_one(&binary, &folder, template, SESSIONS, amount))?;
        if kind == Kind::Text {
            tell("started and idle", seen.idle, IDLE_LIMIT);
        }
        tell(&format!("{SESSIONS} sessions of {kind}"), seen.peak, BUSY_LIMIT);
    }
    let template = Arc::new(Template::large(options.octets));
    let octets = template.len();
    let amount = Amount::Messages(number(options.sessions));
    let seen = runtime.block_on(load_one(&binary, &folder, template, options.sessions, amount))?;
    tell(&format!("{} sessions of {octets} octets", options.sessions), seen.peak, LARGE_LIMIT);
    println!(
        "all of them taken in {:.1} s; {:.1} MiB after it",
        seen.took.as_secs_f64(),
        mebibytes(seen.after)
    );
    ensure!(over.is_empty(), "over the limit: {}", over.join(", "));
    Ok(())
}

/// Memory in octets at some moments of a load.
struct Seen {
    idle: u64,
    peak: u64,
    after: u64,
    took: Duration,
}

async fn load_one(
    binary: &Path,
    folder: &Path,
    template: Arc<Template>,
    sessions: usize,
    amount: Amount,
) -> Result<Seen> {
    let sink = Sink::start(sink::Settings::default()).await?;
    let mut relay = subject::start(binary, "serve", folder, sink.address())?;
    let pid = relay.pid().context("sekimori has ended")?;
    idle(&[pid]).await;
    let idle = process::resident_memory(pid);
    let watch = MemoryWatch::start(vec![pid]);
    let outcome = load::run(load::Settings {
        sessions,
        amount,
        ..load::Settings::new(relay.address(), template, 1)
    })
    .await;
    let all = sink.wait_for(outcome.accepted.len(), PATIENCE).await;
    let sent = outcome.replies.get(&354).copied().unwrap_or_default();
    ensure!(
        all && number(outcome.accepted.len()) == sent && outcome.troubles.is_empty(),
        "{} of {sent} mails were taken, {} arrived: {:?} {:?}",
        outcome.accepted.len(),
        sink.counts().accepted,
        outcome.replies,
        outcome.troubles
    );
    let peak = watch.stop();
    let after = process::resident_memory(pid);
    relay.stop()?;
    Ok(Seen { idle, peak, after, took: outcome.finished.duration_since(outcome.started) })
}

fn mebibytes(octets: u64) -> f64 {
    load::count(usize::try_from(octets / 1024).unwrap_or(usize::MAX)) / 1024.0
}
