//! The index's own database: what is in it can be made again from the journal's at any time.
//!
//! A file of its own, so that writing the index never keeps the writer of messages waiting nor
//! throws its page cache away, and so that it needs no sync at each transaction: a power cut takes
//! it back to an earlier state, from where it follows the audit record again.

use std::fs::{OpenOptions, remove_file};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::JournalError;
use crate::embedded::chains::newest_sequence;
use crate::embedded::connection::{BUSY, use_log};

/// Name of the index's database in the journal's folder.
const FILE: &str = "search.db";
/// Page cache of the connection that writes the index, in KiB.
const CACHE_KIB: i64 = 16 * 1024;

/// `place.sequence` is that of the last audit record that was looked at. `store` says which journal
/// the index is of.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS place (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    store INTEGER NOT NULL,
    sequence INTEGER NOT NULL
) STRICT;
CREATE VIRTUAL TABLE IF NOT EXISTS found USING fts5 (
    subject, sender, recipient, part, key,
    content = '', contentless_delete = 1, detail = 'column', tokenize = 'ascii'
);
";

/// The schema name by which connections to the journal's database know the index.
const NAME: &str = "search";

/// Opens the index of a folder for writing, making it where there is none.
///
/// `journal` is a connection to the journal's database, `store` the number that tells this journal
/// from others. An index that is another journal's, or is ahead of its own as after a restore, or
/// cannot be read is made anew when the caller `owns` the folder, and is an error else.
pub(in crate::embedded) fn open(
    folder: &Path,
    journal: &Connection,
    store: u64,
    owns: bool,
) -> Result<Connection, JournalError> {
    match open_as_is(folder, journal, store) {
        Ok(connection) => return Ok(connection),
        Err(error) if !owns => return Err(error),
        Err(error) => tracing::warn!(%error, "the search index is made anew"),
    }
    for end in ["", "-wal", "-shm"] {
        let path = folder.join(format!("{FILE}{end}"));
        match remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(JournalError::io("removing a search index", &error));
            }
            _ => {}
        }
    }
    open_as_is(folder, journal, store)
}

fn open_as_is(folder: &Path, journal: &Connection, store: u64) -> Result<Connection, JournalError> {
    let path = path(folder);
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    if let Err(error) = made
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(JournalError::io("making the search index", &error));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    use_log(&connection)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.execute_batch(SCHEMA)?;
    connection.execute(
        "INSERT OR IGNORE INTO place (id, store, sequence) VALUES (1, ?1, -1)",
        [store.cast_signed()],
    )?;
    let (own, seen): (i64, i64) =
        connection.query_row("SELECT store, sequence FROM place", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    // Asked after the index, which another process may be moving on with the journal.
    let newest = newest_sequence(journal)?.cast_signed();
    if own != store.cast_signed() || seen > newest {
        return Err(JournalError::damaged("the search index is not this journal's".to_owned()));
    }
    Ok(connection)
}

/// Lets a connection to the journal's database see the index.
pub(in crate::embedded) fn attach(
    connection: &Connection,
    folder: &Path,
) -> Result<(), JournalError> {
    let path = path(folder);
    let path = path.to_str().ok_or_else(|| JournalError::Database {
        message: format!("the name {} is no UTF-8", path.display()),
    })?;
    connection.execute(&format!("ATTACH ?1 AS {NAME}"), [path])?;
    Ok(())
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}
