//! Opening a journal's folder.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use super::append::Appender;
use super::connection::{DATABASE, Purpose, connect, create_file};
use super::database::{Database, Turns};
use super::disk::{Disk, RealDisk};
use super::store::Store;
use super::writer::WriterHandle;
use super::{EmbeddedJournal, Writing, keys, recovery, schema, segment};
use crate::{JournalError, Settings};

/// Name of the lock file in the journal's folder.
pub(super) const LOCK: &str = "journal.lock";

/// Opens the journal in a folder for the relay, making it when there is none.
///
/// The folder and what is in it are made for their owner only. Unfinished writes of an earlier run
/// are cleared away before this returns.
///
/// # Errors
/// [`JournalError::InUse`] when another process has it open like this; [`JournalError::NewerSchema`];
/// [`JournalError::AuditKeyMissing`] and [`JournalError::AuditKeyWrong`];
/// [`JournalError::SegmentMissing`], [`JournalError::SegmentShort`] and [`JournalError::Damaged`] when
/// the disk lost what it had said to be safe.
pub fn open(path: &Path, settings: &Settings) -> Result<EmbeddedJournal, JournalError> {
    open_on(path, settings, Arc::new(RealDisk))
}

/// Opens an existing journal for reading and for [`Journal::act`](crate::Journal::act) while a relay may be running.
/// Calls that write messages are answered with [`JournalError::NotWriting`]. Without the audit key
/// everything can be read and nothing done: an action is then answered with why.
///
/// # Errors
/// [`JournalError::NoJournal`], [`JournalError::NewerSchema`], [`JournalError::OlderSchema`].
pub fn open_for_actions(path: &Path, settings: &Settings) -> Result<EmbeddedJournal, JournalError> {
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
    let audit_key = keys::read_for_actions(path, settings, actions.connection());
    let others = [actions, desk.database()?];
    let store = Store::new(path.to_owned(), desk.disk.clone(), others, key, audit_key, false)?;
    Ok(EmbeddedJournal { store, writing: None })
}

/// As [`open`], on a disk that a test provides.
pub(super) fn open_on(
    path: &Path,
    settings: &Settings,
    disk: Arc<dyn Disk>,
) -> Result<EmbeddedJournal, JournalError> {
    let lock = make_and_lock(path)?;
    let desk = Desk::new(path, Arc::clone(&disk));
    let database = desk.database()?;
    schema::migrate(&database, schema::STEPS)?;
    let key = schema::reference_key(&database)?;
    let audit_key = Ok(keys::open_or_make(path, settings, &database, &*disk)?);
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
    let store = Store::new(path.to_owned(), disk, others, key, audit_key.clone(), true)?;
    Ok(EmbeddedJournal {
        writing: Some(Writing {
            writer: WriterHandle::start(database, appender, audit_key, settings)?,
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
