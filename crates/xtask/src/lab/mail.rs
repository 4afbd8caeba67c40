//! Mail through the whole chain: Postfix, Internet half, gate, Postfix.

use std::collections::HashSet;
use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sekimori_profile::verify::verify;
use sekimori_xtask::fixtures;
use sekimori_xtask::load::{self, Amount, OnTrouble, Outcome};
use sekimori_xtask::mail::{Kind, Marker, Template};
use sekimori_xtask::postfix::{Delivery, NextHopTls, Postfix, Role, Settings};
use sekimori_xtask::workspace;

use super::client::Client;
use super::half::{DOMAIN, Half, SMTP};
use super::network::{Machine, Network};

/// How long mail may take from end to end. A hop that did not answer is left alone for up to a minute.
const PATIENCE: Duration = Duration::from_secs(120);

/// Largest text that the gate takes, in octets.
const MAX_TEXT: usize = 64 * 1024 * 1024;

/// Kills of each half.
const KILLS: usize = 3;

/// Mails sent while halves are killed, and the connections they come by.
const MAILS: usize = 900;
const SESSIONS: usize = 10;

/// The mail servers of the two segments.
#[derive(Debug)]
pub(crate) struct Servers {
    sending: Postfix,
    receiving: Postfix,
}

impl Servers {
    /// Starts both on their machines.
    pub(crate) fn start(network: &Network, next_hop: &Half) -> Result<Self> {
        let start = |machine: Machine, role: Role| {
            let listen = Some((machine.address(), SMTP).into());
            let settings = Settings { listen, ..Settings::new(role) };
            network.of(machine).enter(|| Postfix::start(&settings))
        };
        let receiving = start(
            Machine::Lgwan,
            Role::Receiving {
                domains: vec![DOMAIN.to_owned()],
                certificate: None,
                delivery: Delivery::Maildir,
            },
        )?;
        let sending = start(
            Machine::Internet,
            Role::Sending {
                next_hop: next_hop.address(),
                tls: NextHopTls::WhenOffered,
                xforward: false,
            },
        )?;
        Ok(Self { sending, receiving })
    }

    /// What has arrived in the LGWAN segment.
    pub(crate) fn arrived(&self) -> Result<Vec<Vec<u8>>> {
        self.receiving.delivered()
    }
}

/// Sends every fixture through the chain. Each that was acknowledged has to arrive, as its text or as
/// the notice that it is held. Gives how many arrived, and how many of these are such notices.
/// A canary of the Internet half's own has to pass beside them.
pub(crate) fn fixtures(
    network: &Network,
    servers: &Servers,
    halves: [&Half; 2],
) -> Result<(usize, u64)> {
    let [internet_half, gate] = halves;
    let mails = fixture_mails()?;
    let server = servers.sending.address();
    let acknowledged = network.of(Machine::Internet).enter(|| {
        let mut acknowledged = 0;
        for mail in &mails {
            let mut client = Client::connect(server)?;
            let recipient = format!("clerk@{DOMAIN}");
            let reply = client.hand_over("office@association.example.jp", &recipient, mail)?;
            acknowledged += usize::from(reply.code == 250);
        }
        Ok(acknowledged)
    })?;
    ensure!(acknowledged > 0, "the sending Postfix takes nothing");
    wait_for("every mail is somewhere for good", || {
        let is_empty = servers.sending.queued()? == 0 && servers.receiving.queued()? == 0;
        Ok(is_empty && servers.arrived()?.len() == acknowledged)
    })
    .with_context(|| {
        let count = servers.arrived().map_or(0, |arrived| arrived.len());
        let (_, metrics) = internet_half.get(network, "/metrics").unwrap_or_default();
        let states: Vec<&str> =
            metrics.lines().filter(|line| line.starts_with("sekimori_messages{")).collect();
        let queues = (servers.sending.queued().ok(), servers.receiving.queued().ok());
        format!("{acknowledged} taken, {count} arrived, queues {queues:?}, {states:?}")
    })?;
    let arrived = servers.arrived()?;
    for text in &arrived {
        verify(text, MAX_TEXT).map_err(|violation| anyhow::anyhow!("{violation:?} arrived"))?;
    }
    told_delivered(network, internet_half, arrived.len() as u64)?;
    for half in halves {
        wait_for("a canary passes", || {
            Ok(half.metric(network, "sekimori_canaries_passed_total")? > 0)
        })?;
    }
    ensure!(
        gate.metric(network, "sekimori_gate_violations_total")? == 0,
        "the gate saw a violation"
    );
    let held = internet_half.metric(network, "sekimori_messages{state=\"held\"}")?;
    Ok((arrived.len(), held))
}

/// The Internet half has to learn from the gate that the LGWAN server has taken each mail.
fn told_delivered(network: &Network, internet_half: &Half, count: u64) -> Result<()> {
    wait_for("the Internet half knows of each delivery", || {
        let delivered = internet_half.metric(network, "sekimori_messages{state=\"delivered\"}")?;
        Ok(delivered >= count)
    })
}

/// What came of killing the halves.
#[derive(Debug)]
pub(crate) struct Killed {
    pub(crate) kills: usize,
    pub(crate) acknowledged: usize,
    pub(crate) repeated: usize,
}

/// Kills one half and then the other, again and again, while mail comes in. Each mail that the
/// Internet half acknowledged has to arrive.
pub(crate) fn killing(
    network: &Network,
    servers: &Servers,
    internet_half: &mut Half,
    gate: &mut Half,
) -> Result<Killed> {
    let target = internet_half.address();
    let sent = thread::scope(|scope| -> Result<Outcome> {
        let load = scope.spawn(|| network.of(Machine::Internet).enter(|| send(target)));
        for life in 1..=2 * KILLS {
            // Of what is sent, a share for each life.
            let share = MAILS * life / (2 * KILLS + 1);
            wait_for("mail arrives between kills", || {
                Ok(load.is_finished() || markers(&servers.arrived()?).len() >= share / 2)
            })?;
            let victim = if life % 2 == 0 { &mut *internet_half } else { &mut *gate };
            victim.kill()?;
            victim.start(network)?;
        }
        load.join().map_err(|_| anyhow::anyhow!("the load panicked"))?
    })?;
    let acknowledged: HashSet<Marker> = sent.accepted.iter().copied().collect();
    ensure!(acknowledged.len() == MAILS, "not all was sent: {:?}", sent.troubles);
    let missing = || -> Result<usize> {
        let arrived: HashSet<Marker> = markers(&servers.arrived()?).into_iter().collect();
        Ok(acknowledged.difference(&arrived).count())
    };
    wait_for("every acknowledged mail arrives", || Ok(missing()? == 0))
        .with_context(|| format!("{} are missing", missing().unwrap_or(0)))?;
    let arrived = markers(&servers.arrived()?);
    let distinct: HashSet<Marker> = arrived.iter().copied().collect();
    Ok(Killed {
        kills: 2 * KILLS,
        acknowledged: acknowledged.len(),
        repeated: arrived.len() - distinct.len(),
    })
}

fn send(target: std::net::SocketAddr) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let template = Arc::new(Template::of(Kind::Text));
    Ok(runtime.block_on(load::run(load::Settings {
        sessions: SESSIONS,
        amount: Amount::Messages(MAILS as u64),
        on_trouble: OnTrouble::Retry { patience: PATIENCE },
        ..load::Settings::new(target, template, 1)
    })))
}

fn markers(messages: &[Vec<u8>]) -> Vec<Marker> {
    messages.iter().filter_map(|message| Marker::find(message)).collect()
}

/// The mails of `fixtures/mail`, as they go over the wire.
pub(crate) fn fixture_mails() -> Result<Vec<Vec<u8>>> {
    let root = workspace::root().join("fixtures/mail");
    let names = fixtures::files(&root, "eml")?;
    ensure!(!names.is_empty(), "there are no fixtures");
    names.iter().map(|name| Ok(fs::read(root.join(name))?)).collect()
}

/// Asks until the answer is yes.
pub(crate) fn wait_for(what: &str, is_so: impl Fn() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !is_so()? {
        ensure!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
