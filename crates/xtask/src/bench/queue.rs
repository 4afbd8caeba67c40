//! `cargo xtask bench-queue`: a million messages waiting for a next hop that is down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use sekimori_xtask::load::{self, Amount, count};
use sekimori_xtask::mail::{Kind, Template};
use sekimori_xtask::process;
use sekimori_xtask::relay::Relay;
use sekimori_xtask::sink::{self, Sink};
use sekimori_xtask::workspace;

use super::machine;
use super::report::number;
use super::subject::{self, Subject};

/// Sessions that fill the queue.
const SESSIONS: usize = 50;
/// Parts of the filling, and of the draining, that are told apart.
const PARTS: u64 = 10;
/// Of so many messages one is left out of the rates: what was tried while the hop was down waits for
/// its next attempt.
const TRIED: usize = 100;
/// How long nothing may arrive at the sink before what is missing counts as lost. Longer than the
/// longest pause after which a hop that was down is tried again.
const PATIENCE: Duration = Duration::from_mins(6);
/// Seconds of the load that says what full speed is.
const FULL_SPEED_SECONDS: u64 = 10;

/// Fill the queue while the next hop is down, start again over it, drain it.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Messages in the queue.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u64,
    #[command(flatten)]
    subject: Subject,
}

/// Runs the measurement. Fails when a message is refused or lost.
pub(crate) fn run(options: &Options) -> Result<()> {
    if cfg!(debug_assertions) {
        return workspace::run_in_release(std::env::args_os().skip(1));
    }
    let folder = options.subject.folder();
    println!("{}", machine::describe(&folder)?);
    let binary = options.subject.binary()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut sink = Sink::start(sink::Settings::default()).await?;
        let mut relay = subject::start(&binary, "serve", &folder, sink.address())?;
        let through =
            send(&relay, 0, Amount::Time(Duration::from_secs(FULL_SPEED_SECONDS))).await?;
        ensure!(sink.wait_for(through.accepted.len(), PATIENCE).await, "messages were lost");
        println!("next hop up: {:.0} accepted/s and delivered", through.accepted_per_second());

        sink.stop().await;
        sink.forget();
        fill(&relay, options.messages).await?;

        relay.kill()?;
        let killed = Instant::now();
        relay.restart()?;
        println!("killed, and greets again after {:.2} s", killed.elapsed().as_secs_f64());

        drain(&relay, &mut sink, options.messages).await?;
        relay.stop()
    })
}

async fn send(relay: &Relay, run: u32, amount: Amount) -> Result<load::Outcome> {
    let template = Arc::new(Template::of(Kind::Text));
    let outcome = load::run(load::Settings {
        sessions: SESSIONS,
        amount,
        ..load::Settings::new(relay.address(), template, run)
    })
    .await;
    let sent = outcome.replies.get(&354).copied().unwrap_or_default();
    ensure!(
        number(outcome.accepted.len()) == sent && outcome.troubles.is_empty(),
        "not all were taken: {:?} {:?}",
        outcome.replies,
        outcome.troubles
    );
    Ok(outcome)
}

async fn fill(relay: &Relay, messages: u64) -> Result<()> {
    println!("\nnext hop down\n{:>10} {:>11} {:>9}", "queued", "accepted/s", "MiB");
    for part in 1..=PARTS {
        let outcome = send(relay, u32::try_from(part)?, Amount::Messages(messages / PARTS)).await?;
        println!(
            "{:>10} {:>11.0} {:>9.1}",
            part * (messages / PARTS),
            outcome.accepted_per_second(),
            memory(relay)?
        );
    }
    Ok(())
}

async fn drain(relay: &Relay, sink: &mut Sink, messages: u64) -> Result<()> {
    let back = Instant::now();
    sink.restart().await?;
    ensure!(sink.wait_for(1, PATIENCE).await, "nothing was delivered to the hop that is back");
    println!(
        "\nnext hop back, first message after {:.1} s\n{:>10} {:>11} {:>9}",
        back.elapsed().as_secs_f64(),
        "delivered",
        "a second",
        "MiB"
    );
    let all = usize::try_from(messages / PARTS * PARTS)?;
    let each = (all - all / TRIED) / usize::try_from(PARTS)?;
    let mut begun = Instant::now();
    for part in 1..=usize::try_from(PARTS)? {
        ensure!(sink.wait_for(part * each, PATIENCE).await, "not all were delivered");
        let rate = count(each) / begun.elapsed().as_secs_f64();
        begun = Instant::now();
        println!("{:>10} {rate:>11.0} {:>9.1}", part * each, memory(relay)?);
    }
    ensure!(sink.wait_for(all, PATIENCE).await, "not all were delivered");
    println!("{all:>10} after {:.1} s more", begun.elapsed().as_secs_f64());
    Ok(())
}

/// The relay's memory now, in MiB.
fn memory(relay: &Relay) -> Result<f64> {
    let octets = process::resident_memory(relay.pid().context("sekimori has ended")?);
    Ok(count(usize::try_from(octets / 1024)?) / 1024.0)
}
