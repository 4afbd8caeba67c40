//! What people do to messages in the queue.

use sekimori_policy::QueueId;

use crate::State;

/// Longest name of a person and longest reason, in octets of UTF-8.
pub const MAX_ACTOR_OCTETS: usize = 1_000;
/// Most messages in one call.
pub const MAX_ACTION_IDS: usize = 100_000;

/// Something a person does to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Queued becomes held.
    Hold,
    /// Held becomes queued, due at once.
    Release,
    /// Queued or held becomes deleted.
    Delete,
    /// A queued message becomes due at once.
    Flush,
}

/// Who acts, and why. Both are on the audit record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person's name. At most [`MAX_ACTOR_OCTETS`].
    pub name: String,
    /// The reason given. At most [`MAX_ACTOR_OCTETS`].
    pub reason: String,
}

/// What came of an action on one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionOutcome {
    /// Done, and on the audit record.
    Done,
    /// No such message.
    Unknown,
    /// The message's state does not allow the action. Nothing was changed.
    WrongState(State),
}

/// The outcome for one of the messages asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionResult {
    /// The message.
    pub queue_id: QueueId,
    /// What came of it.
    pub outcome: ActionOutcome,
}
