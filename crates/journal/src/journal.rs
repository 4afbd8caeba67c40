//! The trait that every engine of the journal implements.

use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};

use crate::chain::merge::CheckpointSource;
use crate::{
    Action, ActionResult, Actor, AttemptRecord, AuditEntry, AuditFilter, AuditPublicKey,
    AuditRecord, AuditScope, Compacted, DueCursor, DueMessage, Expired, Filter, Follower,
    JournalError, Key, Retention, Statistics, StoredAudit, StoredCheckpoint, StoredMessage,
    Submission, Verification,
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

    /// A page of audit records, from after a sequence number in the filter's order; 0 for the start
    /// of it.
    fn audit(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredAudit>, JournalError>;

    /// The same records exactly as they are stored, with their hashes, as they are exported.
    fn audit_entries(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, JournalError>;

    /// Signs a checkpoint of each chain that has grown since its last, and gives their number. One
    /// is made without this call when a chain has grown by 1,000 records.
    fn checkpoint(&self, now: Timestamp) -> Result<u64, JournalError>;

    /// A page of checkpoints in the order in which they were made, from after an id (0 for the
    /// start).
    fn checkpoints(
        &self,
        scope: &AuditScope,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredCheckpoint>, JournalError>;

    /// Checks all audit chains, as they are now, against their heads, the store's checkpoints and
    /// `checkpoints` from elsewhere. Signatures are checked by `public`, or else by the store's own
    /// key; keyed hashes, where this process has the key. Reads everything, in bounded memory.
    fn verify_audit(
        &self,
        public: Option<AuditPublicKey>,
        checkpoints: &mut CheckpointSource<'_>,
    ) -> Result<Verification, JournalError>;

    /// The public half of the audit key.
    fn audit_public_key(&self) -> Result<AuditPublicKey, JournalError>;

    /// How far a follower of the audit record or of the checkpoints has come; 0 at first.
    fn followed(&self, follower: Follower) -> Result<u64, JournalError>;

    /// Keeps how far a follower has come.
    fn set_followed(&self, follower: Follower, position: u64) -> Result<(), JournalError>;

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
