//! The embedded engine: segment files and `SQLite` in one folder.
//!
//! # Constraints
//! - An acknowledged message survives SIGKILL and power loss, whole.
//! - Each acknowledgement costs a share of two syncs, however large the bodies: one of a segment, one
//!   of the database's log. Bodies are written once and never copied through the database.
//! - Memory does not grow with what is stored or with what peers do.
//! - One process writes messages; others may act on them meanwhile.
//! - A million queued and some millions of stored messages make nothing slow that is asked often.
//!
//! # On the disk
//! ```text
//! audit.key, audit.pub     the key of the audit chains (keys.rs) and its public half
//! journal.lock             locked by the process that writes messages
//! journal.db, -wal, -shm   SQLite: everything but the bodies (schema.rs)
//! search.db, -wal, -shm    the search index, which can be made anew from journal.db (search/)
//! segments/0000000007.seg  originals and texts, compressed, one after the other (record.rs)
//! ```
//! A message's row says where its bodies are: segment, offset, length. The row of a segment says how
//! much of its file is *committed* and how much of that is *live*, that is, referred to by messages.
//! Of every segment file `live <= committed <= length`. Only the newest segment is appended to.
//!
//! # The order of writes
//! The writer (writer.rs) takes what waits, some calls at once, and for this batch:
//! 1. appends all bodies to the newest segment, or to a new one whose name it syncs first;
//! 2. syncs the segment;
//! 3. begins a transaction: the segment's new committed length, then all rows and audit records;
//! 4. COMMIT, which syncs the database's log;
//! 5. answers every caller.
//!
//! When a step before 4 fails, nothing of the batch can be seen: the segment is cut to its committed
//! length and the callers are told. When 2 fails, the segment is not used again. When 4 fails, the
//! callers are told too, but a restart may yet find the transaction in the log: its bodies stay, and
//! the next batch goes behind them. When one call's own rows are at fault, it is told, and the rest
//! of the batch is written again.
//!
//! # Recovery
//! After a crash `SQLite` recovers its log. What segments have beyond their committed lengths belongs
//! to batches that nobody was told of, and is cut off; segment files without a row are removed; a
//! missing or too short one is an error (recovery.rs).
//!
//! # Who reads and writes what
//! | | database | segments |
//! | --- | --- | --- |
//! | writer thread: submissions, results, moved bodies, audit records | writes | appends to the newest |
//! | callers: actions, reserving ids; expiry | write, by turns (database.rs) | |
//! | compaction (compaction.rs) | removes segments' rows | reads old ones, then removes them |
//! | callers: due, list, message, audit, bodies | read, on a few connections | read |
//! | another process (actions) | reads and writes | reads |
//!
//! A body may be moved while it is being read: the reader then looks its place up again.
//!
//! # Not taken
//! Bodies in the database: every octet is then written twice, to the log and to the pages. A file for
//! each message: two syncs of metadata each, and no batch helps. Space reserved ahead in segments:
//! written over, it would save the sync of a length, at the price of writing every octet twice.

mod actions;
mod append;
mod attempts;
mod auditing;
pub mod backup;
mod batch;
mod chains;
mod compaction;
mod connection;
mod database;
mod disk;
mod expiry;
mod insert;
mod keys;
mod listing;
mod opening;
mod prepared;
mod reading;
mod record;
mod recovery;
mod register;
mod relocate;
mod schema;
mod search;
mod segment;
mod store;
mod sums;
mod verifying;
mod waiting;
mod writer;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};

pub use self::opening::{open, open_for_actions};

use self::chains::make_checkpoints;
use self::insert::insert_audit;
use self::prepared::{Attempts, Prepared, PreparedAudit};
use self::record::Kind;
use self::store::Store;
use self::sums::{read_meta, set_meta};
use self::waiting::Work;
use self::writer::WriterHandle;
use crate::chain::merge::CheckpointSource;
use crate::{
    Action, ActionResult, Actor, AttemptRecord, AuditEntry, AuditFilter, AuditPublicKey,
    AuditRecord, AuditScope, Compacted, Completion, DueCursor, DueMessage, Expired, Filter,
    Follower, Journal, JournalError, Key, Retention, Settings, Statistics, StoredAudit,
    StoredCheckpoint, StoredMessage, Submission, Verification,
};

/// How long a submission waits for others that are said to follow: about what a sync takes.
const FOR_OTHERS: Duration = Duration::from_millis(1);
/// How long results of deliveries wait for others to be committed with. Nobody waits for them but
/// their lane, which bounds how many there are.
const RESULTS: Duration = Duration::from_millis(10);

/// A journal in a folder of this machine.
///
/// Dropping it waits until everything handed in has been committed and answered.
#[derive(Debug)]
pub struct EmbeddedJournal {
    /// `None` when opened for actions alone.
    writing: Option<Writing>,
    store: Store,
}

/// What the one process that writes messages has beside the store.
#[derive(Debug)]
struct Writing {
    writer: WriterHandle,
    settings: Settings,
    /// Held as long as the writer may write: the fields above are dropped before it.
    _lock: File,
}

impl EmbeddedJournal {
    fn writing(&self) -> Result<&Writing, JournalError> {
        self.writing.as_ref().ok_or(JournalError::NotWriting)
    }

    fn prepare(&self, submission: Submission) -> Result<(&Writing, Prepared), JournalError> {
        let writing = self.writing()?;
        let prepared = Prepared::new(submission, &writing.settings)?;
        let free = self.store.free_octets()?;
        let waiting = writing.writer.waiting().octets();
        let reserve = writing.settings.reserve_octets;
        let after = free.saturating_sub(waiting).saturating_sub(prepared.octets());
        if after < reserve {
            return Err(JournalError::DiskLow { free, reserve });
        }
        Ok((writing, prepared))
    }
}

impl Journal for EmbeddedJournal {
    fn allocate(&self) -> Result<(QueueId, ReferenceNumber), JournalError> {
        self.store.allocate()
    }

    fn submit(&self, submission: Submission, done: Completion) {
        let patience = if submission.others_follow { FOR_OTHERS } else { Duration::ZERO };
        match self.prepare(submission) {
            Ok((writing, prepared)) => {
                let octets = prepared.octets();
                let work = Work::Submit(Box::new(prepared));
                writing.writer.send(work, octets, patience, done);
            }
            Err(error) => done(Err(error)),
        }
    }

    fn record(&self, results: Vec<AttemptRecord>, done: Completion) {
        let prepared = self.writing().and_then(|writing| Ok((writing, Attempts::new(results)?)));
        match prepared {
            Ok((writing, attempts)) => {
                let octets = attempts.octets();
                writing.writer.send(Work::Record(attempts), octets, RESULTS, done);
            }
            Err(error) => done(Err(error)),
        }
    }

    fn append_audit(&self, record: AuditRecord) {
        if let Some(writing) = &self.writing {
            return writing.writer.waiting().keep_audit(record);
        }
        let prepared = PreparedAudit::new(record);
        let written = self.store.act(|connection| {
            let mut sums = self.store.sums();
            insert_audit(connection, &mut sums, &prepared)?;
            sums.write(connection)
        });
        if let Err(error) = written {
            tracing::error!(%error, "an audit record could not be written");
        }
    }

    fn due(
        &self,
        now: Timestamp,
        after: DueCursor,
        limit: usize,
    ) -> Result<Vec<DueMessage>, JournalError> {
        self.store.readers.read(|connection| listing::due(connection, now, after, limit))
    }

    fn text(&self, id: QueueId) -> Result<Vec<u8>, JournalError> {
        self.store.body(id, Kind::Text)
    }

    fn original(&self, id: QueueId) -> Result<Vec<u8>, JournalError> {
        self.store.body(id, Kind::Original)
    }

    fn message(&self, key: Key) -> Result<Option<StoredMessage>, JournalError> {
        self.store.readers.read(|connection| reading::message(connection, key))
    }

    fn list(
        &self,
        filter: &Filter,
        cursor: Option<QueueId>,
        limit: usize,
    ) -> Result<Vec<StoredMessage>, JournalError> {
        self.store.readers.read(|connection| listing::list(connection, filter, cursor, limit))
    }

    fn act(
        &self,
        ids: &[QueueId],
        action: Action,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Vec<ActionResult>, JournalError> {
        actions::act(&self.store, ids, &action, actor, now)
    }

    fn audit(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredAudit>, JournalError> {
        auditing::audit(&self.store, filter, after, limit)
    }

    fn audit_entries(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, JournalError> {
        auditing::entries(&self.store, filter, after, limit)
    }

    fn checkpoint(&self, now: Timestamp) -> Result<u64, JournalError> {
        let key = self.store.key.clone()?;
        self.store.act(|connection| make_checkpoints(connection, &key, now))
    }

    fn checkpoints(
        &self,
        scope: &AuditScope,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredCheckpoint>, JournalError> {
        self.store.readers.read(|connection| auditing::checkpoints(connection, scope, after, limit))
    }

    fn verify_audit(
        &self,
        public: Option<AuditPublicKey>,
        checkpoints: &mut CheckpointSource<'_>,
    ) -> Result<Verification, JournalError> {
        let public = match public {
            Some(public) => public,
            None => self.audit_public_key()?,
        };
        verifying::verify(&self.store, public, checkpoints)
    }

    fn audit_public_key(&self) -> Result<AuditPublicKey, JournalError> {
        if let Ok(key) = &self.store.key {
            return Ok(key.public());
        }
        let stored = self.store.readers.read(keys::stored_public)?;
        stored.ok_or(JournalError::Misuse("a journal without audit chains"))
    }

    fn followed(&self, follower: Follower) -> Result<u64, JournalError> {
        self.store.readers.read(|connection| {
            Ok(read_meta(connection, follower.as_str())?.unwrap_or(0).cast_unsigned())
        })
    }

    fn set_followed(&self, follower: Follower, position: u64) -> Result<(), JournalError> {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        self.store.act(|connection| set_meta(connection, follower.as_str(), position))
    }

    fn expire(&self, now: Timestamp, retention: &Retention) -> Result<Expired, JournalError> {
        expiry::expire(&self.store, now, retention)
    }

    fn compact(&self, budget: u64) -> Result<Compacted, JournalError> {
        compaction::compact(&self.store, &self.writing()?.writer, budget)
    }

    fn statistics(&self) -> Result<Statistics, JournalError> {
        let mut statistics = self.store.statistics()?;
        if let Some(writing) = &self.writing {
            let waiting = writing.writer.waiting();
            statistics.commits = waiting.commits.load(Ordering::Relaxed);
            statistics.audit_lost = waiting.dropped_audit();
        }
        Ok(statistics)
    }

    fn change_count(&self) -> Result<u64, JournalError> {
        self.store.change_count()
    }
}
