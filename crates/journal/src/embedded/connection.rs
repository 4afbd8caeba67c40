//! Connections to the database.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::search;
use crate::JournalError;

/// Name of the database in the journal's folder.
pub(super) const DATABASE: &str = "journal.db";

/// How long a connection waits for another's write lock. Every transaction is far shorter.
pub(super) const BUSY: Duration = Duration::from_secs(30);
/// Page cache of a connection that writes, in KiB.
const WRITING_CACHE_KIB: i64 = 16 * 1024;
/// Page cache of a connection that reads, in KiB.
const READING_CACHE_KIB: i64 = 2 * 1024;
/// Octets that the write-ahead log's file is cut to when it starts over.
const LOG_OCTETS: i64 = 64 * 1024 * 1024;
/// Connections for reading. More threads than this wait for each other.
const READERS: usize = 4;
/// Prepared statements kept for each connection.
const STATEMENTS: usize = 64;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Transactions.
    Writing,
    /// Queries alone.
    Reading,
}

/// Makes the database's file if there is none, for its owner only. `SQLite` gives its other files
/// the same permissions.
pub(super) fn create_file(folder: &Path) -> Result<(), JournalError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(DATABASE)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(JournalError::io("making the journal's database", &error))
        }
        _ => Ok(()),
    }
}

/// Opens the database of a folder.
pub(super) fn connect(folder: &Path, purpose: Purpose) -> Result<Connection, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join(DATABASE), flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Takes effect on an empty database only.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    use_log(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    let cache = match purpose {
        Purpose::Writing => WRITING_CACHE_KIB,
        Purpose::Reading => READING_CACHE_KIB,
    };
    connection.pragma_update(None, "cache_size", -cache)?;
    match purpose {
        // Else a statement may be planned anew for each value that is bound, as often as messages come.
        Purpose::Writing => {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        }
        Purpose::Reading => connection.pragma_update(None, "query_only", true)?,
    }
    Ok(connection)
}

/// Has the database of a connection use a write-ahead log.
pub(super) fn use_log(connection: &Connection) -> Result<(), JournalError> {
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(JournalError::Database {
            message: format!("the file system allows no write-ahead log (mode {mode})"),
        });
    }
    connection.pragma_update(None, "journal_size_limit", LOG_OCTETS)?;
    Ok(())
}

/// A few connections for reading, each used by one thread at a time.
#[derive(Debug)]
pub(super) struct Readers {
    connections: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Readers {
    /// Opens them. They see the search index too, which must be there.
    pub(super) fn open(folder: &Path) -> Result<Self, JournalError> {
        let connections = (0..READERS)
            .map(|_| {
                let connection = connect(folder, Purpose::Reading)?;
                search::attach(&connection, folder)?;
                Ok(Mutex::new(connection))
            })
            .collect::<Result<_, JournalError>>()?;
        Ok(Self { connections, next: AtomicUsize::new(0) })
    }

    /// Reads one state of the store: whatever is committed meanwhile is not seen.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let connection = self.take().ok_or(JournalError::Busy)?;
        let snapshot = connection.unchecked_transaction()?;
        let answer = work(&snapshot);
        snapshot.finish()?;
        answer
    }

    fn take(&self) -> Option<MutexGuard<'_, Connection>> {
        if let Some(free) = self.connections.iter().find_map(|c| c.try_lock().ok()) {
            return Some(free);
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let connection = self.connections.get(turn.checked_rem(self.connections.len())?)?;
        Some(connection.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
