//! How the machine is, for its operators; and whether the quarantine works, for everybody.

use sekimori_journal::Statistics;
use sekimori_policy::Timestamp;
use serde::Serialize;

use super::{Desk, Person, Refusal, Right};
use crate::Probe;

/// What the running program knows of itself. Called on threads that may block.
pub trait Health: Probe {
    /// How the program is now.
    fn health(&self) -> HealthReport;
}

/// How the program is. Nothing here names a message, an address or a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthReport {
    /// The program's version.
    pub version: String,
    /// Since when it runs.
    pub started_at: Timestamp,
    /// Why no mail can be taken, one reason a line; empty when it can.
    pub hindrances: Vec<String>,
    /// The queue and the disk; `None` when the store does not answer.
    pub statistics: Option<Statistics>,
    /// Octets kept free on the disk.
    pub reserve_octets: u64,
    /// The next hops.
    pub hops: Vec<HopHealth>,
    /// What went wrong lately, the newest first.
    pub errors: Vec<RecentError>,
}

/// How a hop is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HopHealth {
    /// What it is for: `forward`, `return` or `hand-over`.
    pub lane: String,
    /// Its name or address.
    pub hop: String,
    /// Whether the last attempt reached it; `None` before the first.
    pub is_reached: Option<bool>,
    /// When it was last reached.
    pub last_success: Option<Timestamp>,
    /// What it said last, or why it said nothing.
    pub last_reply: Option<String>,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecentError {
    /// When.
    pub at: Timestamp,
    /// What, on one line.
    pub what: String,
}

/// Whether the quarantine does what it is there for: an empty list, a broken store and a quarantine
/// that is switched off look different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Mail comes in and can be decided on.
    Working,
    /// Something hinders it; the machine's operator knows what.
    Broken,
    /// No organisation of the person has mail held by its own settings.
    Off,
}

impl Desk {
    /// How the machine is: for its operators.
    pub fn health(&self, person: &Person, health: &dyn Health) -> Result<HealthReport, Refusal> {
        self.needs(person, Right::Health)?;
        Ok(health.health())
    }

    /// Whether the quarantine of a person's organisations works.
    pub fn condition(&self, person: &Person, probe: &dyn Probe) -> Condition {
        if !probe.hindrances().is_empty() || self.0.register.statistics().is_err() {
            return Condition::Broken;
        }
        let names = person.organisations(Right::SeeOwn, self.now());
        let mut organisations = names.iter().filter_map(|name| self.organisation(name));
        if organisations.any(|organisation| holds_mail(&organisation)) {
            Condition::Working
        } else {
            Condition::Off
        }
    }
}

/// Whether an organisation has mail held for review by its settings, and not by decisions alone.
fn holds_mail(organisation: &sekimori_policy::Organisation) -> bool {
    organisation.mode == sekimori_policy::Mode::Review
}
