//! Results of delivery attempts.

use sekimori_policy::{QueueId, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest reply text kept, in octets of UTF-8; what is longer is cut.
pub const MAX_REPLY_OCTETS: usize = 1_000;
/// Most results in one call.
pub const MAX_ATTEMPTS: usize = 100_000;

/// Under what a gate knows a recipient of a message that it has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Relayed {
    /// The gate's queue id of the message.
    pub id: QueueId,
    /// The recipient's position there, from 0.
    pub position: u32,
}

/// What came of one attempt for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttemptResult {
    /// The next hop has answered 250 after the dot.
    Delivered,
    /// Not now: to be tried again.
    Deferred {
        /// When the next attempt is due.
        next_attempt: Timestamp,
    },
    /// A gate has taken the message, and has yet to deliver it (*relayed* in RFC 3464 section
    /// 2.3.3). The recipient is not settled: the gate is to be asked.
    Relayed {
        /// What the gate knows it under.
        to: Relayed,
        /// When to ask the gate.
        next_attempt: Timestamp,
    },
    /// The gate was asked and has not settled the recipient yet. Not on the audit record, since
    /// nothing has happened.
    Outstanding {
        /// When to ask again.
        next_attempt: Timestamp,
    },
    /// Refused for good, or given up.
    Failed,
    /// Refused for good, or given up, and nobody can be told: the message is held for a person,
    /// the recipient stays unsettled and is tried again when the message is released.
    Held,
}

/// One recipient's result of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// The message.
    pub queue_id: QueueId,
    /// The recipient's position in the message's envelope, from 0.
    pub recipient: u32,
    /// When the attempt ended.
    pub at: Timestamp,
    /// What came of it.
    pub result: AttemptResult,
    /// The reply, or the reason why there was none. Cut at [`MAX_REPLY_OCTETS`].
    pub reply: String,
    /// Name or address of the hop. Cut at [`MAX_REPLY_OCTETS`].
    pub hop: String,
}
