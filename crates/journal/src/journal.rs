//! The trait that every engine of the journal implements.

use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};

use crate::{
    Action, ActionResult, Actor, AttemptRecord, AuditRecord, Compacted, DueCursor, DueMessage,
    Expired, Filter, JournalError, Key, Retention, Statistics, StoredAudit, StoredMessage,
    Submission,
};

/// Called once with the answer, on the writer's thread: it must only hand the answer on.
pub type Completion = Box<dyn FnOnce(Result<(), JournalError>) + Send>;

/// The durable store. Every call may be made from any thread; those with a [`Completion`] return at
/// once, the others may wait for the disk.
pub trait Journal: Send + Sync {
    /// A queue id and reference number that were never given out before and never will be again.
    fn allocate(&self) -> Result<(QueueId, ReferenceNumber), JournalError>;

    /// Makes a submission durable, whole or not at all, then calls `done`. `Ok` means that it
    /// survives SIGKILL and power loss. Answers [`JournalError::Busy`] at once when too much waits.
    fn submit(&self, submission: Submission, done: Completion);

    /// Makes the results of delivery attempts durable, with an audit record for each, then calls
    /// `done`. A message whose recipients are all settled is done. Results of a message that is
    /// gone are put on the audit record alone.
    fn record(&self, results: Vec<AttemptRecord>, done: Completion);

    /// Queues a record that belongs to no stored message, such as a refusal, for one of the next
    /// commits (within a second or so). When too many wait, it is counted instead, and the count is
    /// put on the audit record.
    fn append_audit(&self, record: AuditRecord);

    /// Queued messages with recipients whose time has come, those waiting longest first, from after
    /// a place in that order. Held and done messages are never among them.
    fn due(
        &self,
        now: Timestamp,
        after: DueCursor,
        limit: usize,
    ) -> Result<Vec<DueMessage>, JournalError>;

    /// The text that crosses.
    fn text(&self, id: QueueId) -> Result<Vec<u8>, JournalError>;

    /// The message as it was received.
    fn original(&self, id: QueueId) -> Result<Vec<u8>, JournalError>;

    /// One message, or `None` when there is none (any more).
    fn message(&self, key: Key) -> Result<Option<StoredMessage>, JournalError>;

    /// A page of messages, from after `cursor` in the filter's order.
    fn list(
        &self,
        filter: &Filter,
        cursor: Option<QueueId>,
        limit: usize,
    ) -> Result<Vec<StoredMessage>, JournalError>;

    /// Does what a person asks to each message, with an audit record in the same transaction.
    /// Another process may call this while the relay runs. One answer for each id, in order.
    fn act(
        &self,
        ids: &[QueueId],
        action: Action,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Vec<ActionResult>, JournalError>;

    /// A page of audit records, from after a sequence number (0 for the start).
    fn audit(&self, after: u64, limit: usize) -> Result<Vec<StoredAudit>, JournalError>;

    /// Removes messages that are done and whose time is over, or that the store has no room for,
    /// oldest first. What is queued or held is never removed.
    fn expire(&self, now: Timestamp, retention: &Retention) -> Result<Expired, JournalError>;

    /// Gives back the space of removed messages, copying at most about `budget` octets.
    fn compact(&self, budget: u64) -> Result<Compacted, JournalError>;

    /// The journal at a glance.
    fn statistics(&self) -> Result<Statistics, JournalError>;

    /// A number that grows with every action on messages, whichever process acted: when it has
    /// changed, ask [`Journal::due`] again from the start.
    fn change_count(&self) -> Result<u64, JournalError>;
}
