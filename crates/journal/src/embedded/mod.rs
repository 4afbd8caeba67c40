//! The embedded engine: segment files and `SQLite` in one folder.

mod actions;
mod append;
mod attempts;
mod compaction;
mod connection;
mod database;
mod disk;
mod expiry;
mod insert;
mod listing;
mod prepared;
mod reading;
mod record;
mod recovery;
mod relocate;
mod schema;
mod segment;
mod store;
mod sums;
mod waiting;
mod writer;

#[cfg(test)]
mod tests;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};

use self::append::Appender;
use self::connection::{DATABASE, Purpose, connect, create_file};
use self::database::{Database, Turns};
use self::disk::{Disk, RealDisk};
use self::insert::insert_audit;
use self::prepared::{Attempts, Prepared, PreparedAudit};
use self::record::Kind;
use self::store::Store;
use self::waiting::Work;
use self::writer::WriterHandle;
use crate::{
    Action, ActionResult, Actor, AttemptRecord, AuditRecord, Compacted, Completion, DueCursor,
    DueMessage, Expired, Filter, Journal, JournalError, Key, Retention, Settings, Statistics,
    StoredAudit, StoredMessage, Submission,
};

/// Name of the lock file in the journal's folder.
const LOCK: &str = "journal.lock";

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

/// Opens the journal in a folder for the relay, making it when there is none.
///
/// The folder and what is in it are made for their owner only. Unfinished writes of an earlier run
/// are cleared away before this returns.
///
/// # Errors
/// [`JournalError::InUse`] when another process has it open like this; [`JournalError::NewerSchema`];
/// [`JournalError::SegmentMissing`], [`JournalError::SegmentShort`] and [`JournalError::Damaged`] when
/// the disk lost what it had said to be safe.
pub fn open(path: &Path, settings: &Settings) -> Result<EmbeddedJournal, JournalError> {
    open_on(path, settings, Arc::new(RealDisk))
}

/// Opens an existing journal for reading and for [`Journal::act`] while a relay may be running.
/// Calls that write messages are answered with [`JournalError::NotWriting`].
///
/// # Errors
/// [`JournalError::NoJournal`], [`JournalError::NewerSchema`], [`JournalError::OlderSchema`].
pub fn open_for_actions(path: &Path) -> Result<EmbeddedJournal, JournalError> {
    if !path.join(DATABASE).is_file() {
        return Err(JournalError::NoJournal { path: path.to_owned() });
    }
    let desk = Desk::new(path, Arc::new(RealDisk));
    let actions = desk.database()?;
    let (found, known) = (schema::version(actions.connection())?, schema::newest());
    if found > known {
        return Err(JournalError::NewerSchema { found, known });
    }
    if found < known {
        return Err(JournalError::OlderSchema { found, known });
    }
    let key = schema::reference_key(&actions)?;
    let store = Store::new(path.to_owned(), desk.disk.clone(), [actions, desk.database()?], key)?;
    Ok(EmbeddedJournal { store, writing: None })
}

/// As [`open`], on a disk that a test provides.
fn open_on(
    path: &Path,
    settings: &Settings,
    disk: Arc<dyn Disk>,
) -> Result<EmbeddedJournal, JournalError> {
    let lock = make_and_lock(path)?;
    let desk = Desk::new(path, Arc::clone(&disk));
    let database = desk.database()?;
    schema::migrate(&database, schema::STEPS)?;
    let key = schema::reference_key(&database)?;
    // The names in the folder, and its own.
    for folder in [Some(path), path.parent()].into_iter().flatten() {
        if !folder.as_os_str().is_empty() {
            disk.sync_folder(folder)
                .map_err(|error| JournalError::io("syncing the journal's folder", &error))?;
        }
    }
    let newest = recovery::recover(database.connection(), path, &*disk)?;
    let appender =
        Appender::new(path.to_owned(), Arc::clone(&disk), newest, settings.segment_octets);
    let others = [desk.database()?, desk.database()?];
    let store = Store::new(path.to_owned(), disk, others, key)?;
    Ok(EmbeddedJournal {
        writing: Some(Writing {
            writer: WriterHandle::start(database, appender, settings)?,
            settings: settings.clone(),
            _lock: lock,
        }),
        store,
    })
}

/// What the connections of a process that write have in common.
struct Desk<'a> {
    path: &'a Path,
    disk: Arc<dyn Disk>,
    turns: Arc<Turns>,
}

impl<'a> Desk<'a> {
    fn new(path: &'a Path, disk: Arc<dyn Disk>) -> Self {
        Self { path, disk, turns: Arc::default() }
    }

    fn database(&self) -> Result<Database, JournalError> {
        let connection = connect(self.path, Purpose::Writing)?;
        Ok(Database::new(connection, Arc::clone(&self.disk), Arc::clone(&self.turns)))
    }
}

fn make_and_lock(path: &Path) -> Result<File, JournalError> {
    let making = |error| JournalError::io("making the journal's folder", &error);
    let segments = path.join(segment::FOLDER);
    DirBuilder::new().recursive(true).mode(0o700).create(&segments).map_err(making)?;
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path.join(LOCK))
        .map_err(making)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(JournalError::InUse { path: path.to_owned() });
        }
        Err(TryLockError::Error(error)) => {
            return Err(JournalError::io("locking the journal's folder", &error));
        }
    }
    create_file(path)?;
    Ok(lock)
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
        match self.prepare(submission) {
            Ok((writing, prepared)) => {
                let octets = prepared.octets();
                let work = Work::Submit(Box::new(prepared));
                writing.writer.send(work, octets, done);
            }
            Err(error) => done(Err(error)),
        }
    }

    fn record(&self, results: Vec<AttemptRecord>, done: Completion) {
        let prepared = self.writing().and_then(|writing| Ok((writing, Attempts::new(results)?)));
        match prepared {
            Ok((writing, attempts)) => {
                let octets = attempts.octets();
                writing.writer.send(Work::Record(attempts), octets, done);
            }
            Err(error) => done(Err(error)),
        }
    }

    fn append_audit(&self, record: AuditRecord) {
        if let Some(writing) = &self.writing {
            return writing.writer.waiting().keep_audit(record);
        }
        let prepared = PreparedAudit::new(record);
        let written = self.store.act(|connection| insert_audit(connection, &prepared));
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
        actions::act(&self.store, ids, action, actor, now)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<StoredAudit>, JournalError> {
        self.store.readers.read(|connection| listing::audit(connection, after, limit))
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
