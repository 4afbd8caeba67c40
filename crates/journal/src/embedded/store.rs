//! What every call shares but the writing of messages: the folder, the connections, the segments.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior};
use sekimori_policy::{QueueId, ReferenceNumber};

use super::chains::KeyResult;
use super::connection::Readers;
use super::database::Database;
use super::disk::Disk;
use super::record::{Kind, Position};
use super::segment::Segments;
use super::sums::{Sums, add_to_meta, read_meta};
use super::{actions, expiry, listing, reading, search};
use crate::{JournalError, State, Statistics, Tally};

/// Queue ids reserved in one transaction. A restart leaves out those of the last block that were not
/// given out.
const BLOCK: u64 = 4_096;
/// Attempts to read a body. Compaction may move it between looking up its place and reading there.
const READ_ATTEMPTS: usize = 4;

/// The queue ids reserved and not given out yet.
#[derive(Debug, Default)]
struct Block {
    next: u64,
    end: u64,
}

/// A journal's folder, opened.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) folder: PathBuf,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) readers: Readers,
    pub(super) segments: Segments,
    /// For what people ask for, and for reserving ids.
    actions: Mutex<Database>,
    /// For expiry and compaction, which may take long in all, though never in one transaction.
    upkeep: Mutex<Database>,
    /// For the search index.
    index: Mutex<Connection>,
    block: Mutex<Block>,
    reference_key: u64,
    /// The key of the audit chains.
    pub(super) key: KeyResult,
}

impl Store {
    /// Puts together what opening made. `owns` when no other process has the journal open for writing
    /// messages.
    pub(super) fn new(
        folder: PathBuf,
        disk: Arc<dyn Disk>,
        [actions, upkeep]: [Database; 2],
        reference_key: u64,
        key: KeyResult,
        owns: bool,
    ) -> Result<Self, JournalError> {
        let index = search::open(&folder, actions.connection(), reference_key, owns)?;
        Ok(Self {
            index: Mutex::new(index),
            readers: Readers::open(&folder)?,
            segments: Segments::new(&folder),
            folder,
            disk,
            actions: Mutex::new(actions),
            upkeep: Mutex::new(upkeep),
            block: Mutex::default(),
            reference_key,
            key,
        })
    }

    /// What a transaction begins with.
    pub(super) fn sums(&self) -> Sums {
        Sums::new(self.key.clone())
    }

    /// The queue id that a reference number was made for.
    pub(super) fn queue_id(&self, reference: ReferenceNumber) -> QueueId {
        reference.queue_id(self.reference_key)
    }

    /// A transaction for what a person asked for.
    pub(super) fn act<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        self.actions.lock().unwrap_or_else(PoisonError::into_inner).transaction(work)
    }

    /// A transaction of expiry or compaction.
    pub(super) fn upkeep<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        self.upkeep.lock().unwrap_or_else(PoisonError::into_inner).transaction(work)
    }

    /// A transaction of the search index.
    pub(super) fn index<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = index.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    /// The next queue id and its reference number.
    pub(super) fn allocate(&self) -> Result<(QueueId, ReferenceNumber), JournalError> {
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        if block.next == block.end {
            let reserved = self
                .act(|connection| add_to_meta(connection, "reserved_ids", BLOCK.cast_signed()))?;
            let end = reserved.cast_unsigned() + 1;
            *block = Block { next: end - BLOCK, end };
        }
        let id = QueueId(block.next);
        block.next += 1;
        Ok((id, ReferenceNumber::for_queue_id(id, self.reference_key)))
    }

    /// Reads a body of a message.
    pub(super) fn body(&self, id: QueueId, kind: Kind) -> Result<Vec<u8>, JournalError> {
        let place = || -> Result<Position, JournalError> {
            self.readers.read(|connection| reading::place(connection, id, kind))
        };
        let mut position = place()?;
        for _ in 1..READ_ATTEMPTS {
            match self.segments.body(position, kind, id) {
                Ok(octets) => return Ok(octets),
                Err(error) => {
                    self.segments.forget(position.segment);
                    let now = place()?;
                    if now == position {
                        return Err(error);
                    }
                    position = now;
                }
            }
        }
        self.segments.body(position, kind, id)
    }

    /// The number of actions so far.
    pub(super) fn change_count(&self) -> Result<u64, JournalError> {
        self.readers.read(|connection| {
            Ok(read_meta(connection, actions::CHANGES)?.unwrap_or(0).cast_unsigned())
        })
    }

    /// The journal at a glance, the writer's own figures left at 0.
    pub(super) fn statistics(&self) -> Result<Statistics, JournalError> {
        let free_octets = self.free_octets()?;
        self.readers.read(|connection| {
            let number = |sql: &str| -> Result<u64, JournalError> {
                let number: i64 = connection.prepare_cached(sql)?.query_row([], |r| r.get(0))?;
                Ok(number.max(0).cast_unsigned())
            };
            Ok(Statistics {
                states: tallies(connection)?,
                live_octets: expiry::live_octets(connection)?,
                segment_octets: number("SELECT coalesce(sum(committed), 0) FROM segment")?,
                database_octets: number("PRAGMA page_count")? * number("PRAGMA page_size")?,
                free_octets,
                oldest_queued: listing::oldest_queued(connection)?,
                commits: 0,
                audit_lost: 0,
            })
        })
    }

    /// Octets free on the disk.
    pub(super) fn free_octets(&self) -> Result<u64, JournalError> {
        self.disk
            .free_octets(&self.folder)
            .map_err(|error| JournalError::io("asking for free disk space", &error))
    }
}

fn tallies(connection: &Connection) -> Result<[Tally; State::ALL.len()], JournalError> {
    let mut tallies = [Tally::default(); State::ALL.len()];
    let mut statement =
        connection.prepare_cached("SELECT messages, octets FROM tally ORDER BY state")?;
    let mut rows = statement.query([])?;
    for tally in &mut tallies {
        if let Some(row) = rows.next()? {
            *tally = Tally {
                messages: row.get::<_, i64>(0)?.max(0).cast_unsigned(),
                octets: row.get::<_, i64>(1)?.max(0).cast_unsigned(),
            };
        }
    }
    Ok(tallies)
}
