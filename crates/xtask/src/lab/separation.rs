//! Whether each machine reaches what it has to, and nothing else, whatever it sends.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use super::namespace::Namespace;
use super::network::{Machine, Network};
use super::probe::{self, Sweep};
use super::watch::{self, Flow};

/// Flows that the deployment needs (the issue of each is mail), as who may open a connection to whom.
const PERMITTED: [(Machine, Machine); 4] = [
    (Machine::Internet, Machine::InternetHalf),
    (Machine::InternetHalf, Machine::Gate),
    // Reports to senders.
    (Machine::InternetHalf, Machine::Internet),
    (Machine::Gate, Machine::Lgwan),
];

/// Sweeps of a pair before packets lost on the way count as a failure of the lab.
const ATTEMPTS: usize = 3;

/// How long packets may take to be counted.
const SETTLING: Duration = Duration::from_millis(200);

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Pairs of machines swept.
    pub(crate) pairs: usize,
    /// Packets that their sender's machine let out.
    pub(crate) sent: u64,
    /// Packets that it kept in.
    pub(crate) kept: u64,
}

impl Found {
    fn add(&mut self, sweep: Sweep) {
        self.pairs += 1;
        self.sent += sweep.sent;
        self.kept += sweep.kept;
    }
}

/// Has every machine send everything to every other. Fails when something arrives that may not, or
/// something does not that has to.
pub(crate) fn test(network: &Network) -> Result<Found> {
    let mut found = Found::default();
    for from in Machine::ALL {
        for to in Machine::ALL.into_iter().filter(|to| *to != from) {
            found.add(pair(network, from, to)?);
        }
    }
    by_ipv6(network, &mut found)?;
    Ok(found)
}

/// Shows that the lab would see a crossing: as long as no half has rules, what the My Number segment
/// sends arrives in the LGWAN segment. Gives the number of flows seen there.
pub(crate) fn control(network: &Network) -> Result<usize> {
    let (from, to) = (Machine::MyNumber, Machine::Lgwan);
    complete_sweep(network, from, to)?;
    let flows = watch::seen(network.of(to))?.len();
    let ports = usize::from(u16::MAX);
    ensure!(flows > 2 * ports, "{flows} flows arrive without rules: the lab sees too little");
    Ok(flows)
}

/// Has the Internet half's machine, its own rules gone, send everything to the machines behind it.
/// Gives the number of packets. Its cable to the My Number segment is left out: with the rules of its
/// own machine gone, only the network itself keeps it from there.
pub(crate) fn captured(network: &Network) -> Result<u64> {
    let mut sent = 0;
    for to in [Machine::Gate, Machine::Lgwan] {
        sent += pair(network, Machine::InternetHalf, to)?.sent;
    }
    Ok(sent)
}

/// Sweeps from one machine to another, and compares what every machine has seen with what may be.
fn pair(network: &Network, from: Machine, to: Machine) -> Result<Sweep> {
    for machine in Machine::ALL {
        watch::forget(network.of(machine))?;
    }
    let sweep = complete_sweep(network, from, to)?;
    let permitted = PERMITTED.contains(&(from, to)).then(|| Flow {
        from: from.address(),
        to: to.address(),
        protocol: "tcp".to_owned(),
        port: Some(super::half::SMTP),
    });
    for machine in Machine::ALL {
        let seen = watch::seen(network.of(machine))?;
        let wanted: BTreeSet<Flow> = permitted.iter().filter(|_| machine == to).cloned().collect();
        let [from, to, at] = [from, to, machine].map(Machine::as_str);
        let mut unwanted = seen.difference(&wanted);
        let count = unwanted.clone().count();
        if let Some(first) = unwanted.next() {
            bail!("{from} reaches {to}: {count} flows at {at} are not permitted, {first:?}");
        }
        ensure!(seen == wanted, "{from} does not reach {to}: its mail is not seen at {at}");
    }
    Ok(sweep)
}

/// Sweeps until every packet that was let out has come to the next machine's wire.
fn complete_sweep(network: &Network, from: Machine, to: Machine) -> Result<Sweep> {
    let next = network.of(Network::next_machine(from, to));
    let addresses = (from.address().into(), (to.address(), 0).into());
    let arrived = || watch::on_the_wire(next, from);
    complete(network.of(from), addresses, arrived)
        .with_context(|| format!("from {} to {}", from.as_str(), to.as_str()))
}

fn complete(
    sender: &Namespace,
    (from, to): (IpAddr, SocketAddr),
    arrived: impl Fn() -> Result<u64>,
) -> Result<Sweep> {
    for _ in 0..ATTEMPTS {
        let before = arrived()?;
        let sweep = sender.enter(|| probe::sweep(from, to))?;
        thread::sleep(SETTLING);
        if arrived()?.saturating_sub(before) >= sweep.sent {
            return Ok(sweep);
        }
    }
    bail!("packets are lost on the way, which shows nothing");
}

/// Every interface has a link-local address by itself. Sweeps those between neighbours one of whom is
/// a half: nothing at all may arrive.
fn by_ipv6(network: &Network, found: &mut Found) -> Result<()> {
    for (from, to) in Network::neighbours().filter(|(from, to)| from.is_half() || to.is_half()) {
        let (own, far) = network.link_local(from, to)?;
        let target = network.of(to);
        let before = watch::by_ipv6(target)?;
        let arrived = || watch::ipv6_on_the_wire(target);
        let pair = format!("by IPv6 from {} to {}", from.as_str(), to.as_str());
        found.add(complete(network.of(from), (own.into(), far), arrived).context(pair.clone())?);
        let passed = watch::by_ipv6(target)?.saturating_sub(before);
        ensure!(passed == 0, "{pair}: {passed} packets arrive");
    }
    Ok(())
}
