//! What the relay counts, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn increment(&self) {
        self.add(1);
    }

    /// `n` more.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// One more, until the guard is dropped.
    pub fn enter(self: &std::sync::Arc<Self>) -> GaugeGuard {
        self.0.fetch_add(1, Ordering::Relaxed);
        GaugeGuard(std::sync::Arc::clone(self))
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Takes one from its gauge when dropped.
#[derive(Debug)]
pub struct GaugeGuard(std::sync::Arc<Gauge>);

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

macro_rules! counters {
    ($($field:ident $name:literal $help:literal;)*) => {
        /// Counters of one running relay. Names are Prometheus', without the `_total` it adds.
        #[derive(Debug, Default)]
        pub struct Counters {
            $(#[doc = $help] pub $field: Counter,)*
            /// Sessions open now.
            pub sessions: std::sync::Arc<Gauge>,
            /// Connections to next hops open now.
            pub hop_connections: std::sync::Arc<Gauge>,
        }

        impl Counters {
            /// Each counter's name, help and value, in the order of the list.
            pub fn all(&self) -> Vec<(&'static str, &'static str, u64)> {
                vec![$(($name, $help, self.$field.get()),)*]
            }
        }
    };
}

counters! {
    connections "sekimori_connections" "Connections accepted from peers";
    connections_refused "sekimori_connections_refused" "Connections refused: peer not listed, or too many";
    messages_received "sekimori_messages_received" "Messages acknowledged with 250";
    octets_received "sekimori_octets_received" "Octets of acknowledged messages";
    messages_held "sekimori_messages_held" "Messages held for a person";
    refusals "sekimori_refusals" "Commands, recipients and messages refused";
    temporary_failures "sekimori_temporary_failures" "Messages answered 4yz: storage, memory or an error here";
    parts_removed "sekimori_parts_removed" "Parts removed from messages";
    conversions_failed "sekimori_conversions_failed" "Conversions that panicked or ran over their deadline";
    conversion_microseconds "sekimori_conversion_microseconds" "Time spent in conversions, in microseconds";
    verifier_refusals "sekimori_verifier_refusals" "Texts that the verifier refused, and that were held";
    gate_violations "sekimori_gate_violations" "Messages that the gate refused because the verifier did not recognise them as text";
    recipients_delivered "sekimori_recipients_delivered" "Recipients that a next hop has taken";
    recipients_relayed "sekimori_recipients_relayed" "Recipients for whom a gate has taken the message and has yet to deliver it";
    recipients_deferred "sekimori_recipients_deferred" "Delivery attempts for a recipient that will be repeated";
    recipients_failed "sekimori_recipients_failed" "Recipients given up";
    canaries_passed "sekimori_canaries_passed" "Canaries that arrived as harmless text";
    canaries_failed "sekimori_canaries_failed" "Canaries of which something came through that should have stayed behind";
    canaries_missing "sekimori_canaries_missing" "Canaries that did not arrive in time";
    hop_failures "sekimori_hop_failures" "Failed connections to next hops";
    reports "sekimori_reports" "Delivery reports made for senders";
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn names_are_prometheus_names_and_unique() {
        let all = Counters::default().all();
        for (index, (name, help, _)) in all.iter().enumerate() {
            assert!(name.starts_with("sekimori_") && !name.ends_with("_total"), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            assert!(!help.is_empty());
            assert!(all.iter().skip(index + 1).all(|(other, _, _)| other != name), "{name}");
        }
    }

    #[test]
    fn a_gauge_goes_down_when_its_guard_is_dropped() {
        let gauge = Arc::new(Gauge::default());
        let guard = gauge.enter();
        assert_eq!(gauge.get(), 1);
        drop(guard);
        assert_eq!(gauge.get(), 0);
    }
}
