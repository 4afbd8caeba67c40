//! Stops of the crossing: while one is in force, what it is for is accepted and kept, and goes nowhere.
//!
//! Anybody may stop; to resume takes another person than the one who stopped. A stop that the program
//! made itself takes two: one who asks, and another who agrees.

use sekimori_policy::Timestamp;
use serde::{Deserialize, Serialize};

use super::AccountId;

/// Most stops in force at once.
pub const MAX_STOPS: usize = 1_000;
/// Longest domain or organisation of a scope, in octets.
pub const MAX_SCOPE_OCTETS: usize = 500;

/// The number of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StopId(pub i64);

/// What a stop is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopScope {
    /// All mail.
    All,
    /// The mail of one organisation.
    Organisation(String),
    /// Mail whose envelope sender is of one domain, whatever the case of its letters.
    SenderDomain(String),
}

/// Who or what stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopCause {
    /// A person.
    Person,
    /// The gate refused a message that was not text alone.
    Violation,
    /// The audit record does not verify.
    AuditChain,
    /// A canary was not made harmless, or did not arrive.
    Canary,
}

impl StopCause {
    /// Every cause.
    pub const ALL: [Self; 4] = [Self::Person, Self::Violation, Self::AuditChain, Self::Canary];

    /// The name in the store and in output for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Violation => "violation",
            Self::AuditChain => "audit-chain",
            Self::Canary => "canary",
        }
    }
}

/// A stop in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredStop {
    /// Its number.
    pub id: StopId,
    /// What it is for.
    pub scope: StopScope,
    /// Who or what made it.
    pub cause: StopCause,
    /// The person's name, or the program's.
    pub stopped_by: String,
    /// The person's account.
    pub account: Option<AccountId>,
    /// Why.
    pub reason: String,
    /// When.
    pub stopped_at: Timestamp,
    /// Who has asked to resume and may not agree to it himself.
    pub asked_by: Option<String>,
    /// His account.
    pub asked_account: Option<AccountId>,
}

/// What came of an attempt to resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resumed {
    /// The stop is over.
    Done,
    /// One person has asked; another has to agree.
    Asked,
    /// The same person has stopped or asked: it takes another one. Nothing was changed.
    SamePerson,
    /// No such stop is in force.
    Unknown,
}
