//! `cargo xtask lab`: both halves between two mail servers on a network of namespaces, and whether
//! anything but text mail gets from one segment to another.

mod attacker;
mod client;
mod half;
mod mail;
mod namespace;
mod network;
mod probe;
mod separation;
mod watch;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use sekimori_xtask::certificate::Issued;
use sekimori_xtask::postfix::Postfix;
use sekimori_xtask::workspace::{self, Build, Profile};

use attacker::Attacker;
use half::Half;
use mail::Servers;
use network::{Machine, Network};

/// Build a network of segments, run both halves in it and test what crosses.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Run the release build
    #[arg(long)]
    release: bool,
}

/// Runs the lab, or says why it cannot run here.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if let Some(reason) = cannot() {
        println!("The lab cannot run here: {reason}.");
        return Ok(ExitCode::SUCCESS);
    }
    let profile = if options.release { Profile::Release } else { Profile::Debug };
    let shown = Issued::for_name(&Machine::Gate.address().to_string())?;
    let identity = Issued::for_name("internet-half.town.example.lg.jp")?;
    // The full binary last: it is the one that other commands look for where cargo puts both.
    let mut gate = Half::gate(&workspace::build(profile, Build::Gate)?, &shown, &identity)?;
    let mut internet_half =
        Half::internet(&workspace::build(profile, Build::Full)?, &shown, &identity)?;
    let network = Network::build()?;
    for machine in Machine::ALL {
        watch::put_up(network.of(machine))?;
    }

    let flows = step("without rules", || separation::control(&network))?;
    println!(
        "  {flows} flows from mynumber arrive at lgwan: what is closed below is closed by rules"
    );
    network.of(Machine::InternetHalf).load_rules(&internet_half.rules()?)?;
    network.of(Machine::Gate).load_rules(&gate.rules()?)?;
    let found = step("separation", || separation::test(&network))?;
    println!(
        "  {} pairs of machines, {} packets sent, {} kept in by their own machine: \
         nothing arrives but what is permitted",
        found.pairs, found.sent, found.kept
    );

    gate.start(&network)?;
    internet_half.start(&network)?;
    let servers = Servers::start(&network, &internet_half)?;
    let (arrived, held) =
        step("mail", || mail::fixtures(&network, &servers, [&internet_half, &gate]))?;
    println!(
        "  {arrived} mails arrive from Postfix to Postfix as text, {held} as the notice that they are held"
    );
    let killed =
        step("killing", || mail::killing(&network, &servers, &mut internet_half, &mut gate))?;
    println!(
        "  {} kills, {} mails acknowledged, 0 missing, {} repeated",
        killed.kills, killed.acknowledged, killed.repeated
    );

    internet_half.kill()?;
    // Who owns a machine owns its rules.
    network.of(Machine::InternetHalf).load_rules("delete table inet sekimori\n")?;
    let flows = step("captured machine", || separation::captured(&network))?;
    println!("  {flows} packets toward gate and lgwan: mail at the gate arrives alone");
    let attacker =
        Attacker { network: &network, gate: &gate, gate_certificate: &shown, stolen: &identity };
    let tried = step("attacker", || attacker.attack(&servers))?;
    println!(
        "  {} text crosses; {} messages that are no text and {} tricks of the protocol are refused",
        tried.texts, tried.messages, tried.tricks
    );
    let (status, ready) = gate.get(&network, "/readyz")?;
    ensure!(status == 503 && ready.contains("crossing stopped"), "the gate goes on: {ready}");
    println!("  the gate has stopped the crossing: {}", ready.lines().next().unwrap_or_default());
    Ok(ExitCode::SUCCESS)
}

/// Why the lab cannot run here, if it cannot.
pub(crate) fn cannot() -> Option<String> {
    Postfix::can_run().err().map(|error| format!("{error:#}")).or_else(namespace::cannot)
}

/// Does something and prints how long it took.
fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let begin = Instant::now();
    let done = work().with_context(|| name.to_owned())?;
    println!("{name}: passed, {:.1} s", begin.elapsed().as_secs_f64());
    Ok(done)
}
