//! Originals on their way to mailboxes of the Internet side.

use sekimori_policy::{Address, QueueId, ReferenceNumber, Timestamp};
use serde::{Deserialize, Serialize};

use super::{RequestId, Wanted};

/// The number of a hand-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HandOverId(pub i64);

/// What has become of a hand-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HandOverState {
    /// To be tried (again).
    Waiting,
    /// The Internet-side hop has answered 250.
    Done,
    /// Refused for good, or given up.
    Failed,
}

/// One original or set of parts for one mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandOver {
    /// Its number.
    pub id: HandOverId,
    /// The request that was approved.
    pub request: RequestId,
    /// The message.
    pub queue_id: QueueId,
    /// Its 受付番号.
    pub reference: ReferenceNumber,
    /// The message's organisation.
    pub organisation: String,
    /// What is handed over; never [`Wanted::Text`].
    pub wanted: Wanted,
    /// The mailbox.
    pub recipient: Address,
    /// What has become of it.
    pub state: HandOverState,
    /// Attempts so far.
    pub attempts: u32,
    /// The last reply.
    pub last_reply: Option<String>,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandOverResult {
    /// The Internet-side hop has answered 250.
    Done {
        /// Its reply.
        reply: String,
    },
    /// To be tried again.
    Deferred {
        /// Its reply, or why there was none.
        reply: String,
        /// When.
        next_attempt: Timestamp,
    },
    /// Refused for good, or given up.
    Failed {
        /// Its reply, or why there was none.
        reply: String,
    },
}
