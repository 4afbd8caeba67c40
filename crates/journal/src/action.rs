//! What people do to messages in the queue.

use sekimori_policy::{Address, QueueId, Timestamp};

use crate::State;
use crate::register::{Account, AccountId};

/// Longest name of a person and longest reason, in octets of UTF-8.
pub const MAX_ACTOR_OCTETS: usize = 1_000;
/// Longest origin of an actor, in octets of UTF-8.
pub const MAX_ORIGIN_OCTETS: usize = 200;
/// Most messages in one call.
pub const MAX_ACTION_IDS: usize = 100_000;

/// Something a person does to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Queued becomes held.
    Hold,
    /// Held becomes queued, due at once.
    Release {
        /// For these recipients alone, without regard to the case of ASCII letters: the others go
        /// on waiting, and once those named are settled the message is held again. `None` for
        /// every recipient that waits. At most [`MAX_RECIPIENTS`](crate::message::MAX_RECIPIENTS).
        recipients: Option<Vec<Address>>,
    },
    /// Queued or held becomes deleted.
    Delete,
    /// A queued message becomes due at once, for the recipients it was released for.
    Flush,
    /// Deleted becomes held. How long after it was deleted is for the caller to bound.
    Restore,
    /// The message is kept until this moment, when that is later than what it has now. A message
    /// that is kept longer already stays as it is, which counts as done.
    Extend {
        /// Until when.
        until: Timestamp,
    },
}

/// Who acts, from where, and why. All of it is on the audit record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Actor {
    /// The person's name. At most [`MAX_ACTOR_OCTETS`].
    pub name: String,
    /// The reason given. At most [`MAX_ACTOR_OCTETS`].
    pub reason: String,
    /// The person's account; `None` for whoever sits at the machine itself.
    pub account: Option<AccountId>,
    /// From where: an IP address, or `command line`. At most [`MAX_ORIGIN_OCTETS`].
    pub origin: Option<String>,
}

impl Actor {
    /// Someone known by name alone, as on the command line.
    pub fn named(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { name: name.into(), reason: reason.into(), account: None, origin: None }
    }

    /// A person with an account, under the name that others read.
    pub fn person(account: &Account, reason: impl Into<String>) -> Self {
        Self { account: Some(account.id), ..Self::named(account.name.clone(), reason) }
    }

    /// The same, and from where.
    #[must_use]
    pub fn acting_from(self, origin: impl Into<String>) -> Self {
        Self { origin: Some(origin.into()), ..self }
    }
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
