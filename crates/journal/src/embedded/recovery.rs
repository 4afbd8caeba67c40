//! What is done when the journal is opened, before anything else.
//!
//! `SQLite` recovers its own log first, so what its tables say was committed. Then, segment by
//! segment: a file without a row belongs to no committed transaction (begun by a batch that never
//! was committed, or emptied by compaction) and is removed; a file longer than its row says has the
//! tail of such a batch, which is cut; a row without its file, or with a shorter one, means that the
//! disk lost what it had said to be safe, and the journal is not opened.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use rusqlite::Connection;

use super::disk::Disk;
use super::segment;
use crate::JournalError;

/// Brings the segment files in line with the database. Gives the newest segment: its number, its
/// file opened for writing, and its committed length.
pub(super) fn recover(
    connection: &Connection,
    folder: &Path,
    disk: &dyn Disk,
) -> Result<Option<(u64, File, u64)>, JournalError> {
    let rows = committed_lengths(connection)?;
    let known: BTreeSet<u64> = rows.iter().map(|(number, _)| *number).collect();
    let files = segment::numbers(folder)
        .map_err(|error| JournalError::io("listing the segment files", &error))?;
    for number in files.into_iter().filter(|number| !known.contains(number)) {
        tracing::info!(segment = number, "removing a segment that nothing refers to");
        disk.remove(&segment::path(folder, number))
            .map_err(|error| JournalError::io("removing a segment file", &error))?;
    }
    for &(number, committed) in &rows {
        let path = segment::path(folder, number);
        let found = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(JournalError::SegmentMissing { file: path });
            }
            Err(error) => return Err(JournalError::io("looking at a segment file", &error)),
        };
        if found < committed {
            return Err(JournalError::SegmentShort { file: path, found, committed });
        }
        if found > committed {
            tracing::info!(segment = number, octets = found - committed, "cutting a torn tail");
            disk.cut(&writable(&path)?, committed)
                .map_err(|error| JournalError::io("cutting a segment file", &error))?;
        }
    }
    match rows.last() {
        Some(&(number, committed)) => {
            let file = writable(&segment::path(folder, number))?;
            Ok(Some((number, file, committed)))
        }
        None => Ok(None),
    }
}

fn writable(path: &Path) -> Result<File, JournalError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(|error| JournalError::io("opening a segment file", &error))
}

/// Each segment's committed length, by number.
fn committed_lengths(connection: &Connection) -> Result<Vec<(u64, u64)>, JournalError> {
    let mut statement =
        connection.prepare("SELECT number, committed FROM segment ORDER BY number")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
