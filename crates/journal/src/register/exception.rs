//! Exceptions (例外措置): what may cross without being held, for a time.

use sekimori_policy::Timestamp;
use serde::{Deserialize, Serialize};

use super::AccountId;

/// Longest conditions of one exception, in octets of JSON.
pub const MAX_CONDITIONS_OCTETS: usize = 64 * 1024;
/// Most exceptions in force of one organisation.
pub const MAX_EXCEPTIONS: usize = 1_000;
/// Longest time of an exception, in days.
pub const MAX_EXCEPTION_DAYS: u32 = 366;

/// The number of an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExceptionId(pub i64);

/// An exception to be filed. The requester is the actor of the call.
#[derive(Debug, Clone, PartialEq)]
pub struct NewException {
    /// Whose mail it concerns.
    pub organisation: String,
    /// The conditions, as `policy` writes them.
    pub conditions: serde_json::Value,
    /// Why.
    pub reason: String,
    /// From when.
    pub begins_at: Timestamp,
    /// Until when: at most [`MAX_EXCEPTION_DAYS`] later.
    pub ends_at: Timestamp,
}

/// What has become of an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExceptionState {
    /// Waits for another person.
    Open,
    /// In force between its dates.
    Approved,
    /// 却下.
    Rejected,
    /// Ended by a person before its time, or taken back.
    Ended,
    /// Its time is over.
    Lapsed,
}

impl ExceptionState {
    /// The name used in output for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Ended => "ended",
            Self::Lapsed => "lapsed",
        }
    }
}

/// An exception as kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredException {
    /// Its number.
    pub id: ExceptionId,
    /// Whose mail it concerns.
    pub organisation: String,
    /// The conditions, as `policy` writes them.
    pub conditions: serde_json::Value,
    /// Who asked.
    pub requester: AccountId,
    /// His name when he asked.
    pub requester_name: String,
    /// Why.
    pub reason: String,
    /// What has become of it.
    pub state: ExceptionState,
    /// When it was filed.
    pub created_at: Timestamp,
    /// From when.
    pub begins_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// His name when he decided.
    pub decided_by_name: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
}
