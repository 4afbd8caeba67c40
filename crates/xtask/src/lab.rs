//! `cargo xtask lab`: both halves between two mail servers on a network of namespaces, and whether
//! anything but text mail gets from one segment to another.

mod certificates;
mod half;
mod namespace;
mod network;
mod probe;
mod separation;
mod watch;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use sekimori_xtask::workspace::{self, Build, Profile};

use certificates::Issued;
use half::Half;
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
    if let Some(reason) = namespace::cannot() {
        println!("The lab cannot run here: {reason}.");
        return Ok(ExitCode::SUCCESS);
    }
    let profile = if options.release { Profile::Release } else { Profile::Debug };
    let shown = Issued::for_name(&Machine::Gate.address().to_string())?;
    let identity = Issued::for_name("internet-half.town.example.lg.jp")?;
    let mut gate = Half::gate(&workspace::build(profile, Build::Gate)?, &shown, &identity)?;
    let mut internet_half =
        Half::internet(&workspace::build(profile, Build::Full)?, &shown, &identity)?;
    let network = Network::build()?;
    network.of(Machine::InternetHalf).load_rules(&internet_half.rules()?)?;
    network.of(Machine::Gate).load_rules(&gate.rules()?)?;
    for machine in Machine::ALL {
        watch::put_up(network.of(machine))?;
    }
    let begin = Instant::now();
    let found = separation::test(&network)?;
    println!("{found:?} {:?}", begin.elapsed());
    gate.start(&network)?;
    internet_half.start(&network)?;
    Ok(ExitCode::SUCCESS)
}
