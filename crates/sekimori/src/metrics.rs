//! What `/metrics` and `/readyz` tell of the running relay.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use sekimori_journal::{Journal, Register, State, Statistics};
use sekimori_relay::{HopState, Relay};

use crate::configuration::Checked;

/// The running relay, as supervisors see it.
pub(crate) struct Supervision {
    pub(crate) relay: Arc<Relay>,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) reserve_octets: u64,
    pub(crate) max_message_octets: u64,
}

impl Supervision {
    /// Of a relay that was started with a configuration.
    pub(crate) fn new(relay: &Arc<Relay>, journal: &Arc<dyn Register>, checked: &Checked) -> Self {
        let max_message_octets = checked.relay.receive.max_message_octets;
        Self {
            relay: Arc::clone(relay),
            journal: Arc::clone(journal) as _,
            reserve_octets: checked.journal.reserve_octets,
            max_message_octets: u64::try_from(max_message_octets).unwrap_or(u64::MAX),
        }
    }

    /// Why no mail can be taken or cross, one reason a line for people; empty when it can.
    pub(crate) fn hindrances(&self) -> Vec<String> {
        let mut hindrances = self.of_the_journal();
        hindrances.extend(self.relay.stops());
        hindrances
    }

    fn of_the_journal(&self) -> Vec<String> {
        match self.journal.statistics() {
            // A message that would leave less than the reserve is refused, so what is free hardly
            // ever is less: it is low when not every message finds room.
            Ok(statistics)
                if statistics.free_octets
                    < self.reserve_octets.saturating_add(self.max_message_octets) =>
            {
                vec![format!(
                    "disk low: {} octets are free, {} are kept in reserve; mail that does not fit \
                     between is answered 452",
                    statistics.free_octets, self.reserve_octets
                )]
            }
            Ok(_) => Vec::new(),
            Err(error) => vec![format!("the journal fails: {error}; mail is answered 4yz")],
        }
    }

    /// The metrics as OpenMetrics text.
    pub(crate) fn metrics(&self) -> String {
        let mut registry = Registry::default();
        let statistics = self.journal.statistics().ok();
        registry.register_collector(Box::new(Snapshot {
            counters: self.relay.counters().all(),
            gauges: self.gauges(statistics.as_ref()),
            states: statistics.as_ref().map(states).unwrap_or_default(),
        }));
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &registry);
        text
    }
}

impl Supervision {
    fn gauges(&self, statistics: Option<&Statistics>) -> Vec<(&'static str, &'static str, u64)> {
        let counters = self.relay.counters();
        let up = u64::from(self.relay.hops().iter().all(|hop| hop.state == HopState::Up));
        let mut gauges = vec![
            ("sekimori_sessions", "Sessions open now", counters.sessions.get()),
            (
                "sekimori_hop_connections",
                "Connections to next hops open now",
                counters.hop_connections.get(),
            ),
            (
                "sekimori_octets_in_flight",
                "Octets of messages being received and converted",
                u64::try_from(self.relay.octets_in_flight()).unwrap_or(u64::MAX),
            ),
            ("sekimori_hops_up", "Whether every configured hop answered at the last try", up),
            (
                "sekimori_crossing_stopped",
                "Whether a stop of all mail is in force",
                u64::from(self.relay.is_stopped()),
            ),
            (
                "sekimori_crossing_stops",
                "Stops in force, for all mail or a part of it",
                u64::try_from(self.relay.stops().len()).unwrap_or(u64::MAX),
            ),
            ("sekimori_journal_up", "Whether the journal answers", u64::from(statistics.is_some())),
        ];
        if let Some(statistics) = statistics {
            let oldest = statistics
                .oldest_queued
                .map_or(0, |at| u64::try_from(at.unix_millis() / 1000).unwrap_or(0));
            gauges.extend([
                (
                    "sekimori_journal_free_octets",
                    "Octets free on the journal's disk",
                    statistics.free_octets,
                ),
                (
                    "sekimori_journal_live_octets",
                    "Octets of stored bodies in use",
                    statistics.live_octets,
                ),
                (
                    "sekimori_journal_segment_octets",
                    "Octets of all segment files",
                    statistics.segment_octets,
                ),
                (
                    "sekimori_journal_database_octets",
                    "Octets of the database",
                    statistics.database_octets,
                ),
                (
                    "sekimori_journal_commits",
                    "Transactions committed since the start",
                    statistics.commits,
                ),
                (
                    "sekimori_oldest_queued_timestamp_seconds",
                    "When the message queued longest was received; 0 when none is",
                    oldest,
                ),
            ]);
        }
        gauges
    }
}

fn states(statistics: &Statistics) -> Vec<(&'static str, u64)> {
    State::ALL.iter().map(|&state| (state.as_str(), statistics.state(state).messages)).collect()
}

/// Numbers of one moment.
#[derive(Debug)]
struct Snapshot {
    counters: Vec<(&'static str, &'static str, u64)>,
    gauges: Vec<(&'static str, &'static str, u64)>,
    states: Vec<(&'static str, u64)>,
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for &(name, help, value) in &self.counters {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)?;
        }
        for &(name, help, value) in &self.gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        let mut family = encoder.encode_descriptor(
            "sekimori_messages",
            "Messages in the journal by state",
            None,
            MetricType::Gauge,
        )?;
        for &(state, value) in &self.states {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(family.encode_family(&[("state", state)])?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_written_as_prometheus_reads_it() {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Snapshot {
            counters: vec![("sekimori_messages_received", "Messages acknowledged with 250", 3)],
            gauges: vec![("sekimori_sessions", "Sessions open now", 2)],
            states: vec![("queued", 1), ("held", 0)],
        }));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for line in [
            "# TYPE sekimori_messages_received counter",
            "sekimori_messages_received_total 3",
            "sekimori_sessions 2",
            "sekimori_messages{state=\"queued\"} 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }
}
