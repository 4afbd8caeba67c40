//! Giving space back.
//!
//! A segment of which less than half is alive is read record by record. What is alive is handed to
//! the writer, which appends it to the newest segment and points its messages there, in batches like
//! any other. Then the old segment's row is removed, and after that its file. A crash before the row
//! is removed leaves a segment with nothing alive, for the next call; a crash after it leaves a file
//! without a row, which recovery removes. The newest segment is never touched, so a number is never
//! used twice.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use rusqlite::Connection;
use sekimori_policy::QueueId;

use super::record::{Position, SEGMENT_HEADER};
use super::relocate::{LiveRecord, refers};
use super::segment;
use super::store::Store;
use super::waiting::Work;
use super::writer::WriterHandle;
use crate::{Compacted, JournalError};

/// Octets of live bodies moved in one batch.
const AT_ONCE: u64 = 4 * 1024 * 1024;
/// Records moved in one batch.
const RECORDS_AT_ONCE: usize = 500;
/// Unused database pages that are kept for what comes next.
const SPARE_PAGES: i64 = 16 * 1024;
/// Most unused pages given back to the file system in one call.
const PAGES_AT_ONCE: i64 = 2 * 1024;

/// A segment worth emptying.
struct Victim {
    number: u64,
    committed: u64,
    live: u64,
}

/// Empties and removes segments, those with least alive first, while no more than `budget` octets
/// have to be copied; at least one, if there is one.
pub(super) fn compact(
    store: &Store,
    writer: &WriterHandle,
    budget: u64,
) -> Result<Compacted, JournalError> {
    let mut done = Compacted::default();
    let mut damaged = None;
    for victim in store.readers.read(victims)? {
        let copied = done.copied_octets.saturating_add(victim.live);
        if copied > budget && done.segments > 0 {
            break;
        }
        match empty(store, writer, &victim).and_then(|()| remove(store, &victim)) {
            Ok(()) => {}
            // Kept as it is, for a person to look at; the others need not wait for that.
            Err(error @ (JournalError::Damaged { .. } | JournalError::SegmentMissing { .. })) => {
                tracing::error!(segment = victim.number, %error, "a segment cannot be compacted");
                damaged = Some(error);
                continue;
            }
            Err(error) => return Err(error),
        }
        done.segments += 1;
        done.copied_octets = copied;
        done.freed_octets += victim.committed.saturating_sub(victim.live);
    }
    shrink_database(store)?;
    match damaged {
        Some(error) if done.segments == 0 => Err(error),
        _ => Ok(done),
    }
}

fn victims(connection: &Connection) -> Result<Vec<Victim>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, committed, live FROM segment
         WHERE number < (SELECT max(number) FROM segment) AND live * 2 < committed
         ORDER BY live, number",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Victim {
            number: row.get::<_, i64>(0)?.cast_unsigned(),
            committed: row.get::<_, i64>(1)?.cast_unsigned(),
            live: row.get::<_, i64>(2)?.max(0).cast_unsigned(),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Moves every live record out of a segment. All of its records are looked at even when the sums
/// say that nothing is alive: what is about to be removed is removed for good.
fn empty(store: &Store, writer: &WriterHandle, victim: &Victim) -> Result<(), JournalError> {
    let mut offset = SEGMENT_HEADER;
    let mut records = Vec::new();
    let mut octets = 0;
    while offset < victim.committed {
        let header = store.segments.header(victim.number, offset)?;
        let from = Position { segment: victim.number, offset, length: header.record_octets() };
        offset = offset.saturating_add(from.length);
        let owners = store.readers.read(|connection| {
            let mut live = Vec::new();
            for &owner in &header.owners {
                if refers(connection, owner, header.kind, from)? {
                    live.push(owner);
                }
            }
            Ok::<Vec<QueueId>, JournalError>(live)
        })?;
        if owners.is_empty() {
            continue;
        }
        octets += from.length;
        records.push(LiveRecord {
            from,
            kind: header.kind,
            owners,
            body: store.segments.stored(from, &header)?,
        });
        if octets >= AT_ONCE || records.len() >= RECORDS_AT_ONCE {
            relocate(writer, std::mem::take(&mut records), octets)?;
            octets = 0;
        }
    }
    if records.is_empty() {
        return Ok(());
    }
    relocate(writer, records, octets)
}

fn relocate(
    writer: &WriterHandle,
    records: Vec<LiveRecord>,
    octets: u64,
) -> Result<(), JournalError> {
    let (answer, answered) = sync_channel(1);
    let done = Box::new(move |result| {
        // Fails only when nobody waits any more.
        let _ = answer.send(result);
    });
    writer.send(Work::Relocate(records), octets, Duration::ZERO, done);
    answered.recv().unwrap_or(Err(JournalError::NotWriting))
}

fn remove(store: &Store, victim: &Victim) -> Result<(), JournalError> {
    store.upkeep(|connection| {
        let removed = connection
            .prepare_cached("DELETE FROM segment WHERE number = ?1 AND live = 0")?
            .execute([victim.number.cast_signed()])?;
        if removed == 1 {
            return Ok(());
        }
        Err(JournalError::damaged(format!(
            "{} is empty, but by the sums it is not",
            segment::path(&store.folder, victim.number).display()
        )))
    })?;
    store
        .disk
        .remove(&segment::path(&store.folder, victim.number))
        .map_err(|error| JournalError::io("removing a segment file", &error))?;
    store.segments.forget(victim.number);
    Ok(())
}

/// Gives some of the database's unused pages back, when there are many.
fn shrink_database(store: &Store) -> Result<(), JournalError> {
    let unused: i64 = store.readers.read(|connection| {
        Ok(connection.query_row("PRAGMA freelist_count", [], |row| row.get(0))?)
    })?;
    let pages = (unused - SPARE_PAGES).min(PAGES_AT_ONCE);
    if pages <= 0 {
        return Ok(());
    }
    store.upkeep(|connection| {
        Ok(connection.execute_batch(&format!("PRAGMA incremental_vacuum({pages})"))?)
    })
}
