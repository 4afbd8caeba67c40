//! The copy of the database: one moment of it, taken while others write.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::error::{BackupError, Problem, Problems};
use super::manifest::{ChainHead, Counts};
use crate::chain::hexadecimal::to_hex;
use crate::embedded::sums::state_from;
use crate::embedded::verifying::heads;
use crate::embedded::{chains, keys, schema};
use crate::{AuditPublicKey, JournalError, State};

/// Database pages copied in one step.
const PAGES: i32 = 4_096;
/// Page cache of a connection to a copy, in KiB.
const CACHE_KIB: i64 = 8 * 1024;
/// Findings of `SQLite` about one database that are listed.
const MAX_FINDINGS: u32 = 10;

/// Copies the database as it is at this moment to a new, empty file. Others go on writing: the copy is
/// of one read transaction, during which the write-ahead log grows by what they write.
pub(super) fn copy(source: &Connection, target: &Path) -> Result<(), BackupError> {
    let failed = BackupError::database(target);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(target, flags).map_err(&failed)?;
    // It is synced once, as a whole, and is nothing before that.
    for (name, value) in [("journal_mode", "OFF"), ("synchronous", "OFF")] {
        copy.pragma_update(None, name, value).map_err(&failed)?;
    }
    copy.pragma_update(None, "cache_size", -CACHE_KIB).map_err(&failed)?;
    // Held open, so that no step finds that the source has changed and begins anew.
    let moment = source.unchecked_transaction().map_err(JournalError::from)?;
    let _: i64 = moment
        .query_row("SELECT count(*) FROM segment", [], |row| row.get(0))
        .map_err(JournalError::from)?;
    let backup = Backup::new(&moment, &mut copy).map_err(&failed)?;
    loop {
        match backup.step(PAGES).map_err(&failed)? {
            StepResult::Done => break,
            StepResult::More => {}
            // Not while the source's transaction is only read in.
            _ => return Err(JournalError::Busy.into()),
        }
    }
    drop(backup);
    moment.finish().map_err(JournalError::from)?;
    copy.close().map_err(|(_, error)| failed(error))
}

/// Opens a copy for reading, without making files beside it or changing it.
pub(super) fn open(path: &Path) -> Result<Connection, BackupError> {
    let failed = BackupError::database(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let name = path.as_os_str().as_encoded_bytes().iter();
    let name: String = name.map(|octet| format!("%{octet:02X}")).collect();
    let connection =
        Connection::open_with_flags(format!("file:{name}?immutable=1"), flags).map_err(&failed)?;
    for name in ["trusted_schema", "mmap_size"] {
        connection.pragma_update(None, name, 0).map_err(&failed)?;
    }
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(&failed)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB).map_err(&failed)?;
    Ok(connection)
}

/// What a database says that a manifest repeats.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) schema: u32,
    pub(super) public: AuditPublicKey,
    pub(super) messages: Counts,
    pub(super) audit_records: u64,
    pub(super) chains: Vec<ChainHead>,
    /// Number and committed length of each segment, by number.
    pub(super) segments: Vec<(u64, u64)>,
}

/// Refuses a schema that this program does not know.
pub(super) fn require_known(connection: &Connection) -> Result<u32, JournalError> {
    let (found, known) = (schema::version(connection)?, schema::newest());
    if found > known {
        return Err(JournalError::NewerSchema { found, known });
    }
    Ok(found)
}

/// Reads what a database says.
pub(super) fn read(connection: &Connection) -> Result<Said, JournalError> {
    let schema = require_known(connection)?;
    let public = keys::stored_public(connection)?
        .ok_or(JournalError::Misuse("a journal without audit chains"))?;
    let chains = heads(connection)?.into_iter().map(|(name, head, _)| ChainHead {
        organisation: name.map(|name| {
            std::str::from_utf8(&name)
                .map_or_else(|_| name.escape_ascii().to_string(), str::to_owned)
        }),
        number: head.number,
        sequence: head.sequence,
        hash: to_hex(&head.hash),
    });
    Ok(Said {
        schema,
        public,
        messages: messages(connection)?,
        audit_records: chains::newest_sequence(connection)?,
        chains: chains.collect(),
        segments: segments(connection)?,
    })
}

fn messages(connection: &Connection) -> Result<Counts, JournalError> {
    let mut numbers = [0; State::ALL.len()];
    let mut statement =
        connection.prepare("SELECT state, count(*) FROM message GROUP BY state ORDER BY state")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let state = state_from(row.get(0)?)?;
        if let Some(number) = numbers.get_mut(state as usize) {
            *number = row.get::<_, i64>(1)?.cast_unsigned();
        }
    }
    Ok(Counts::from_numbers(numbers))
}

fn segments(connection: &Connection) -> Result<Vec<(u64, u64)>, JournalError> {
    let mut statement =
        connection.prepare("SELECT number, committed FROM segment ORDER BY number")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The segments of a copy with their committed lengths, those first that compaction would take first.
pub(super) fn segments_to_copy(connection: &Connection) -> Result<Vec<(u64, u64)>, JournalError> {
    let mut statement = connection.prepare(
        "SELECT number, committed FROM segment
         ORDER BY number = (SELECT max(number) FROM segment), live, number",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What `SQLite` finds inconsistent in a database.
pub(super) fn check(connection: &Connection, problems: &mut Problems) -> Result<(), JournalError> {
    let mut statement = connection.prepare(&format!("PRAGMA quick_check({MAX_FINDINGS})"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let finding: String = row.get(0)?;
        if finding != "ok" {
            problems.add(Problem::Database(finding));
        }
    }
    Ok(())
}
