//! What can be asked of the journal, and its answers.

use sekimori_policy::{Address, QueueId, ReferenceNumber, ReversePath, Timestamp};

use crate::{Relayed, Route, State};

/// Most rows that one call answers with; a higher limit counts as this one.
pub const MAX_PAGE: usize = 1_000;

/// What a message is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Its queue id.
    QueueId(QueueId),
    /// Its 受付番号.
    Reference(ReferenceNumber),
}

impl From<QueueId> for Key {
    fn from(id: QueueId) -> Self {
        Self::QueueId(id)
    }
}

impl From<ReferenceNumber> for Key {
    fn from(number: ReferenceNumber) -> Self {
        Self::Reference(number)
    }
}

/// Which end of a list comes first. Queue ids grow with the time of receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The message received first.
    #[default]
    OldestFirst,
    /// The message received last.
    NewestFirst,
}

/// Which messages a list has. Every condition that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Any of these states; empty for all.
    pub states: Vec<State>,
    /// Of this organisation.
    pub organisation: Option<String>,
    /// With this envelope sender; the empty string for the null sender. Case of ASCII letters does
    /// not matter.
    pub sender: Option<String>,
    /// With this envelope recipient. Case of ASCII letters does not matter.
    pub recipient: Option<String>,
    /// Which end comes first.
    pub order: Order,
}

/// A place in the order of due messages. The default is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct DueCursor {
    pub(crate) next_attempt_millis: i64,
    pub(crate) id: i64,
}

/// A recipient to be tried now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRecipient {
    /// Position in the message's envelope, from 0.
    pub index: u32,
    /// The address.
    pub address: Address,
    /// Attempts made so far.
    pub attempts: u32,
    /// Under what a gate has the message for this recipient: then it is to be asked, not sent.
    pub relayed: Option<Relayed>,
}

/// A queued message with recipients to be tried now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMessage {
    /// Its queue id.
    pub queue_id: QueueId,
    /// Its 受付番号.
    pub reference: ReferenceNumber,
    /// Which way it goes.
    pub route: Route,
    /// Name of its organisation.
    pub organisation: String,
    /// The envelope sender.
    pub sender: ReversePath,
    /// The recipients that are due.
    pub recipients: Vec<DueRecipient>,
    /// When it was received.
    pub received_at: Timestamp,
    /// Octets of its text.
    pub text_size: u64,
    /// Its place, to go on after it.
    pub cursor: DueCursor,
}

/// Number and size of the messages in one state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages.
    pub messages: u64,
    /// Octets of them as received.
    pub octets: u64,
}

/// The journal at a glance. Cheap to ask for: nothing is counted row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    /// For each state, in the order of [`State::ALL`].
    pub states: [Tally; State::ALL.len()],
    /// Octets of stored bodies that messages refer to.
    pub live_octets: u64,
    /// Octets of all segment files as committed.
    pub segment_octets: u64,
    /// Octets of the database, without its write-ahead log.
    pub database_octets: u64,
    /// Octets free on the disk to this process.
    pub free_octets: u64,
    /// When the message queued longest was received.
    pub oldest_queued: Option<Timestamp>,
    /// Transactions that the writer has committed since the journal was opened.
    pub commits: u64,
    /// Audit records dropped since the journal was opened because too many waited. Their number is
    /// on the audit record too.
    pub audit_lost: u64,
}

impl Statistics {
    /// The number and size of messages in `state`.
    pub fn state(&self, state: State) -> Tally {
        let [queued, held, delivered, failed, deleted] = self.states;
        match state {
            State::Queued => queued,
            State::Held => held,
            State::Delivered => delivered,
            State::Failed => failed,
            State::Deleted => deleted,
        }
    }
}
