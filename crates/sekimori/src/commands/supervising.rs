//! The running relay as the pages of quarantine review see it.

use sekimori_policy::Timestamp;
use sekimori_relay::HopState;
use sekimori_review::Probe;
use sekimori_review::desk::{Health, HealthReport, HopHealth, RecentError};

use crate::metrics::Supervision;
use crate::recent::{Recent, Remembered};

/// A running relay, and what went wrong lately.
pub(super) struct Machine {
    pub(super) supervision: Supervision,
    pub(super) started_at: Timestamp,
    pub(super) recent: Recent,
}

impl Probe for Machine {
    fn hindrances(&self) -> Vec<String> {
        self.supervision.hindrances()
    }

    fn metrics(&self) -> String {
        self.supervision.metrics()
    }
}

impl Health for Machine {
    fn health(&self) -> HealthReport {
        let lanes = ["forward", "return"].into_iter();
        let hops = lanes.zip(self.supervision.relay.hops()).map(|(lane, status)| HopHealth {
            lane: lane.to_owned(),
            hop: status.hops.join(", "),
            is_reached: Some(status.state == HopState::Up),
            last_success: None,
            last_reply: match status.state {
                HopState::Up => None,
                HopState::Down(why) => Some(why),
            },
        });
        HealthReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.started_at,
            hindrances: self.hindrances(),
            statistics: self.supervision.journal.statistics().ok(),
            reserve_octets: self.supervision.reserve_octets,
            hops: hops.collect(),
            errors: self.recent.errors().into_iter().map(RecentError::from).collect(),
        }
    }
}

impl From<Remembered> for RecentError {
    fn from(Remembered { at, what }: Remembered) -> Self {
        Self { at, what }
    }
}
