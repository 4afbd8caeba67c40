//! Figures as a table for people and as JSON.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use super::machine::Machine;
use super::server::Peer;

/// The figures of one server under one load.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figures {
    pub(super) peer: Peer,
    pub(super) kind: &'static str,
    pub(super) sessions: usize,
    /// Messages answered 250.
    pub(super) messages: u64,
    pub(super) accepted_per_second: f64,
    /// From the first octet sent to the last message at the sink.
    pub(super) delivered_per_second: f64,
    /// From the dot to its answer.
    pub(super) latency_p50_ms: f64,
    pub(super) latency_p99_ms: f64,
    /// Of the server, all its processes.
    pub(super) cpu_ms_per_message: f64,
    /// Of the server's first process, by the names of its threads.
    pub(super) cpu_ms_by_thread: BTreeMap<String, f64>,
    /// Of load and sink.
    pub(super) load_cpu_ms_per_message: f64,
    /// Of the server, summed over its processes.
    pub(super) peak_memory_mib: f64,
    /// Accepted but never at the sink.
    pub(super) missing: u64,
    /// At the sink more than once.
    pub(super) duplicates: u64,
    pub(super) troubles: BTreeMap<String, u64>,
    pub(super) replies: BTreeMap<u16, u64>,
}

impl Figures {
    /// The median of each figure over repeated measurements of one combination; losses add up.
    pub(super) fn median(all: &[Self]) -> Option<Self> {
        let first = all.first()?;
        let middle = |figure: fn(&Self) -> f64| median(all.iter().map(figure).collect());
        let mut troubles = BTreeMap::new();
        let mut replies = BTreeMap::new();
        for one in all {
            for (what, count) in &one.troubles {
                *troubles.entry(what.clone()).or_default() += count;
            }
            for (&code, count) in &one.replies {
                *replies.entry(code).or_default() += count;
            }
        }
        Some(Self {
            peer: first.peer,
            kind: first.kind,
            sessions: first.sessions,
            messages: all.iter().map(|f| f.messages).sum(),
            accepted_per_second: middle(|f| f.accepted_per_second),
            delivered_per_second: middle(|f| f.delivered_per_second),
            latency_p50_ms: middle(|f| f.latency_p50_ms),
            latency_p99_ms: middle(|f| f.latency_p99_ms),
            cpu_ms_per_message: middle(|f| f.cpu_ms_per_message),
            cpu_ms_by_thread: first
                .cpu_ms_by_thread
                .keys()
                .map(|name| {
                    let of = |f: &Self| f.cpu_ms_by_thread.get(name).copied().unwrap_or_default();
                    (name.clone(), median(all.iter().map(of).collect()))
                })
                .collect(),
            load_cpu_ms_per_message: middle(|f| f.load_cpu_ms_per_message),
            peak_memory_mib: middle(|f| f.peak_memory_mib),
            missing: all.iter().map(|f| f.missing).sum(),
            duplicates: all.iter().map(|f| f.duplicates).sum(),
            troubles,
            replies,
        })
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied().unwrap_or_default();
    let lower = values.get(values.len().saturating_sub(1) / 2).copied();
    f64::midpoint(lower.unwrap_or_default(), upper)
}

/// A count as it is written.
pub(super) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Sekimori's figures divided by another server's under the same load.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Ratios {
    to: Peer,
    kind: &'static str,
    sessions: usize,
    accepted_per_second: f64,
    delivered_per_second: f64,
    latency_p50: f64,
    latency_p99: f64,
    /// Our 99th percentile against their median.
    latency_p99_to_p50: f64,
    cpu_per_message: f64,
    peak_memory: f64,
}

impl Ratios {
    fn of(ours: &Figures, theirs: &Figures) -> Self {
        Self {
            to: theirs.peer,
            kind: ours.kind,
            sessions: ours.sessions,
            accepted_per_second: ours.accepted_per_second / theirs.accepted_per_second,
            delivered_per_second: ours.delivered_per_second / theirs.delivered_per_second,
            latency_p50: ours.latency_p50_ms / theirs.latency_p50_ms,
            latency_p99: ours.latency_p99_ms / theirs.latency_p99_ms,
            latency_p99_to_p50: ours.latency_p99_ms / theirs.latency_p50_ms,
            cpu_per_message: ours.cpu_ms_per_message / theirs.cpu_ms_per_message,
            peak_memory: ours.peak_memory_mib / theirs.peak_memory_mib,
        }
    }
}

/// Everything that a run measured.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    machine: Machine,
    results: Vec<Figures>,
    ratios: Vec<Ratios>,
}

impl Report {
    /// Nothing measured yet.
    pub(super) fn new(machine: Machine) -> Self {
        Self { machine, results: Vec::new(), ratios: Vec::new() }
    }

    /// Prints and keeps the figures of the peers under one load.
    pub(super) fn add(&mut self, figures: Vec<Figures>) {
        for one in &figures {
            println!("{}", row(one));
        }
        let of = |peer| figures.iter().find(|f| f.peer == peer);
        if let Some(ours) = of(Peer::Sekimori) {
            let others = figures.iter().filter(|f| f.peer != Peer::Sekimori);
            self.ratios.extend(others.map(|theirs| Ratios::of(ours, theirs)));
        }
        self.results.extend(figures);
    }

    /// Prints sekimori's figures in terms of each other server's.
    pub(super) fn print_ratios(&self) {
        for peer in [Peer::Postfix, Peer::Mimedefang] {
            let rows: Vec<_> = self.ratios.iter().filter(|r| r.to == peer).collect();
            if !rows.is_empty() {
                print_ratios_to(peer, &rows);
            }
        }
    }

    /// Prints where sekimori's CPU time went, by the names of its threads.
    pub(super) fn print_threads(&self) {
        println!("\nsekimori's CPU, ms a message");
        for f in self.results.iter().filter(|f| f.peer == Peer::Sekimori) {
            let threads: Vec<String> =
                f.cpu_ms_by_thread.iter().map(|(name, time)| format!("{name} {time:.3}")).collect();
            println!("{:<11} {:>8}   {}", f.kind, f.sessions, threads.join("  "));
        }
    }

    /// The report as JSON.
    pub(super) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// What went wrong, a line for each combination.
    pub(super) fn losses(&self) -> Vec<String> {
        let broken = |f: &&Figures| f.missing > 0 || f.messages == 0 || !f.troubles.is_empty();
        self.results
            .iter()
            .filter(broken)
            .map(|f| {
                format!(
                    "{}, {}, {} sessions: {} accepted, {} of them missing, replies {:?}, {:?}",
                    f.peer.as_str(),
                    f.kind,
                    f.sessions,
                    f.messages,
                    f.missing,
                    f.replies,
                    f.troubles
                )
            })
            .collect()
    }
}

fn print_ratios_to(peer: Peer, rows: &[&Ratios]) {
    println!(
        "\nsekimori / {}\n{:<11} {:>8} {:>10} {:>11} {:>8} {:>8} {:>9} {:>8} {:>8}",
        peer.as_str(),
        "kind",
        "sessions",
        "accepted",
        "delivered",
        "p50",
        "p99",
        "p99/p50",
        "CPU",
        "memory"
    );
    for r in rows {
        println!(
            "{:<11} {:>8} {:>9.2}x {:>10.2}x {:>8.3} {:>8.3} {:>9.3} {:>8.3} {:>8.3}",
            r.kind,
            r.sessions,
            r.accepted_per_second,
            r.delivered_per_second,
            r.latency_p50,
            r.latency_p99,
            r.latency_p99_to_p50,
            r.cpu_per_message,
            r.peak_memory
        );
    }
}

/// Prints the head of the table of figures.
pub(super) fn print_head() {
    println!(
        "{:<11} {:>8} {:<10} {:>9} {:>11} {:>11} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "kind",
        "sessions",
        "server",
        "messages",
        "accepted/s",
        "delivered/s",
        "p50 ms",
        "p99 ms",
        "CPU ms",
        "load ms",
        "peak MiB"
    );
}

fn row(f: &Figures) -> String {
    let duplicates =
        if f.duplicates > 0 { format!("  {} duplicates", f.duplicates) } else { String::new() };
    format!(
        "{:<11} {:>8} {:<10} {:>9} {:>11.0} {:>11.0} {:>9.2} {:>9.2} {:>9.3} {:>9.3} {:>9.1}{duplicates}",
        f.kind,
        f.sessions,
        f.peer.as_str(),
        f.messages,
        f.accepted_per_second,
        f.delivered_per_second,
        f.latency_p50_ms,
        f.latency_p99_ms,
        f.cpu_ms_per_message,
        f.load_cpu_ms_per_message,
        f.peak_memory_mib,
    )
}

#[cfg(test)]
mod tests;
