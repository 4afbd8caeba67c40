//! One measurement: a server, a kind of mail, a number of sessions.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sekimori_xtask::load::{self, Amount, Outcome};
use sekimori_xtask::mail::{Kind, Marker, Template};
use sekimori_xtask::process;
use sekimori_xtask::sink::{self, Sink};

use super::report::{Figures, number};
use super::server::{self, Peer, Server};

/// How long nothing may arrive at the sink before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often memory is looked at. Often would take time from the server.
const MEMORY_INTERVAL: Duration = Duration::from_millis(500);

/// A server is idle when it has used no CPU for this long.
const IDLE: Duration = Duration::from_millis(200);

/// Longest wait for a server to become idle.
const IDLE_LIMIT: Duration = Duration::from_secs(10);

/// Messages for each session before the measurement.
const WARM_UP: u64 = 4;

/// What is measured.
#[derive(Debug, Clone)]
pub(super) struct Combination {
    /// The server.
    pub(super) peer: Peer,
    /// The mail.
    pub(super) kind: Kind,
    /// Sessions at once.
    pub(super) sessions: usize,
    /// How much is sent.
    pub(super) amount: Amount,
}

impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peer = self.peer.as_str();
        write!(f, "{peer}, {}, {} sessions", self.kind, self.sessions)
    }
}

/// Starts the server, measures, stops it.
pub(super) fn measure(combination: &Combination, settings: &server::Settings) -> Result<Figures> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let sink = Sink::start(sink::Settings::default()).await?;
        let server = Server::start(settings, sink.address())?;
        let figures = load_server(combination, &server, &sink).await?;
        server.stop()?;
        Ok(figures)
    })
}

async fn load_server(combination: &Combination, server: &Server, sink: &Sink) -> Result<Figures> {
    let roots = server.roots()?;
    let template = Arc::new(Template::of(combination.kind));
    let mut load = load::Settings {
        sessions: combination.sessions,
        amount: Amount::Messages(WARM_UP * number(combination.sessions)),
        ..load::Settings::new(server.address(), template, 1)
    };
    let warm = load::run(load.clone()).await;
    let arrived = sink.wait_for(warm.accepted.len(), PATIENCE).await;
    ensure!(
        arrived && !warm.accepted.is_empty(),
        "the first messages did not arrive: {:?} {:?}",
        warm.replies,
        warm.troubles
    );
    idle(&roots).await;
    sink.forget();

    load.run = 2;
    load.amount = combination.amount;
    let memory = MemoryWatch::start(roots.clone());
    let own_before = process::cpu_time_of(std::process::id());
    let before = cpu_time(&roots);
    let threads_before = threads(&roots);
    let outcome = load::run(load).await;
    sink.wait_for(outcome.accepted.len(), PATIENCE).await;
    let own = process::cpu_time_of(std::process::id()).saturating_sub(own_before);
    idle(&roots).await;
    let cpu = cpu_time(&roots).saturating_sub(before);
    let mut threads = threads(&roots);
    for (name, time) in &mut threads {
        *time = time.saturating_sub(threads_before.get(name).copied().unwrap_or_default());
    }
    let peak_memory = memory.stop();
    let used = Used { cpu, own, threads, peak_memory };
    Ok(figures(combination, &outcome, sink, &used))
}

/// What a load used.
struct Used {
    cpu: Duration,
    /// Of load and sink.
    own: Duration,
    /// Of the server's threads by their names.
    threads: BTreeMap<String, Duration>,
    peak_memory: u64,
}

fn threads(roots: &[u32]) -> BTreeMap<String, Duration> {
    roots.first().map(|&root| process::cpu_time_by_thread(root)).unwrap_or_default()
}

fn figures(combination: &Combination, outcome: &Outcome, sink: &Sink, used: &Used) -> Figures {
    let arrivals = sink.accepted();
    let arrived: HashSet<Marker> = arrivals
        .iter()
        .filter_map(|message| Marker::find(message.id.as_ref()?.as_bytes()))
        .collect();
    let missing = outcome.accepted.iter().filter(|m| !arrived.contains(m));
    let last = arrivals.last().map_or(outcome.started, |message| message.at);
    let messages = load::count(outcome.accepted.len()).max(1.0);
    let seconds = last.duration_since(outcome.started).as_secs_f64();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    Figures {
        peer: combination.peer,
        kind: combination.kind.as_str(),
        sessions: combination.sessions,
        messages: number(outcome.accepted.len()),
        accepted_per_second: outcome.accepted_per_second(),
        delivered_per_second: load::count(arrived.len()) / seconds.max(f64::EPSILON),
        latency_p50_ms: milliseconds(outcome.latency(500)),
        latency_p99_ms: milliseconds(outcome.latency(990)),
        cpu_ms_per_message: milliseconds(used.cpu) / messages,
        load_cpu_ms_per_message: milliseconds(used.own) / messages,
        cpu_ms_by_thread: used
            .threads
            .iter()
            .map(|(name, &time)| (name.clone(), milliseconds(time) / messages))
            .collect(),
        peak_memory_mib: load::count(
            usize::try_from(used.peak_memory / 1024).unwrap_or(usize::MAX),
        ) / 1024.0,
        missing: number(missing.count()),
        duplicates: number(arrivals.len().saturating_sub(arrived.len())),
        troubles: outcome.troubles.clone(),
        replies: outcome.replies.clone(),
    }
}

/// CPU time of some families of processes.
fn cpu_time(roots: &[u32]) -> Duration {
    roots.iter().map(|&root| process::cpu_time(root)).sum()
}

/// Waits until the server has nothing to do.
pub(super) async fn idle(roots: &[u32]) {
    let deadline = Instant::now() + IDLE_LIMIT;
    let mut last = cpu_time(roots);
    while Instant::now() < deadline {
        tokio::time::sleep(IDLE).await;
        let now = cpu_time(roots);
        if now == last {
            return;
        }
        last = now;
    }
}

fn peak_memory(roots: &[u32]) -> u64 {
    roots.iter().map(|&root| process::peak_memory(root)).sum()
}

/// Looks at the memory of a family of processes from time to time.
pub(super) struct MemoryWatch {
    end: Sender<()>,
    watcher: JoinHandle<u64>,
    roots: Vec<u32>,
}

impl MemoryWatch {
    /// Begins to look.
    pub(super) fn start(roots: Vec<u32>) -> Self {
        let (end, ended) = channel();
        let watched = roots.clone();
        let watcher = std::thread::spawn(move || {
            let mut peak = 0;
            while ended.recv_timeout(MEMORY_INTERVAL).is_err() {
                peak = peak.max(peak_memory(&watched));
            }
            peak
        });
        Self { end, watcher, roots }
    }

    /// The most seen, in octets.
    pub(super) fn stop(self) -> u64 {
        let last = peak_memory(&self.roots);
        // An error says that the watcher is gone, and then joining tells what there is to tell.
        let _ = self.end.send(());
        self.watcher.join().unwrap_or_default().max(last)
    }
}
