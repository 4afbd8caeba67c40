//! The embedded engine: segment files and `SQLite` in one folder.

use std::path::Path;

use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};

use crate::{
    Action, ActionResult, Actor, AttemptRecord, AuditRecord, Compacted, Completion, DueCursor,
    DueMessage, Expired, Filter, Journal, JournalError, Key, Retention, Settings, Statistics,
    StoredAudit, StoredMessage, Submission,
};

/// A journal in a folder of this machine.
#[derive(Debug)]
pub struct EmbeddedJournal {}

/// Opens the journal in a folder for the relay, making it when there is none.
pub fn open(_path: &Path, _settings: &Settings) -> Result<EmbeddedJournal, JournalError> {
    Err(JournalError::NotWriting)
}

/// Opens an existing journal for reading and for [`Journal::act`] while a relay may be running.
pub fn open_for_actions(_path: &Path) -> Result<EmbeddedJournal, JournalError> {
    Err(JournalError::NotWriting)
}

impl Journal for EmbeddedJournal {
    fn allocate(&self) -> Result<(QueueId, ReferenceNumber), JournalError> {
        Err(JournalError::NotWriting)
    }
    fn submit(&self, _submission: Submission, done: Completion) {
        done(Err(JournalError::NotWriting));
    }
    fn record(&self, _results: Vec<AttemptRecord>, done: Completion) {
        done(Err(JournalError::NotWriting));
    }
    fn append_audit(&self, _record: AuditRecord) {}
    fn due(
        &self,
        _now: Timestamp,
        _after: DueCursor,
        _limit: usize,
    ) -> Result<Vec<DueMessage>, JournalError> {
        Err(JournalError::NotWriting)
    }
    fn text(&self, _id: QueueId) -> Result<Vec<u8>, JournalError> {
        Err(JournalError::NotWriting)
    }
    fn original(&self, _id: QueueId) -> Result<Vec<u8>, JournalError> {
        Err(JournalError::NotWriting)
    }
    fn message(&self, _key: Key) -> Result<Option<StoredMessage>, JournalError> {
        Err(JournalError::NotWriting)
    }
    fn list(
        &self,
        _filter: &Filter,
        _cursor: Option<QueueId>,
        _limit: usize,
    ) -> Result<Vec<StoredMessage>, JournalError> {
        Err(JournalError::NotWriting)
    }
    fn act(
        &self,
        _ids: &[QueueId],
        _action: Action,
        _actor: &Actor,
        _now: Timestamp,
    ) -> Result<Vec<ActionResult>, JournalError> {
        Err(JournalError::NotWriting)
    }
    fn audit(&self, _after: u64, _limit: usize) -> Result<Vec<StoredAudit>, JournalError> {
        Err(JournalError::NotWriting)
    }
    fn expire(&self, _now: Timestamp, _retention: &Retention) -> Result<Expired, JournalError> {
        Err(JournalError::NotWriting)
    }
    fn compact(&self, _budget: u64) -> Result<Compacted, JournalError> {
        Err(JournalError::NotWriting)
    }
    fn statistics(&self) -> Result<Statistics, JournalError> {
        Err(JournalError::NotWriting)
    }
    fn change_count(&self) -> Result<u64, JournalError> {
        Err(JournalError::NotWriting)
    }
}
