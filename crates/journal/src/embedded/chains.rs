//! Appending to the audit chains.
//!
//! A transaction reads the head of each chain that it appends to once, and writes it once at its
//! end: another process may have appended in between.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use sekimori_policy::Timestamp;

use super::prepared::PreparedAudit;
use super::sums::organisation_number;
use crate::chain::fault::chain_name;
use crate::chain::key::{AuditKey, Head};
use crate::chain::record::RawRecord;
use crate::chain::{Hash, START};
use crate::{Checkpoint, JournalError};

/// Records of a chain after which a checkpoint is made, however little time has passed.
pub(super) const CHECKPOINT_RECORDS: u64 = 1_000;
/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;
/// The chain of no organisation, where a number is needed.
pub(super) const GATEWAY: i64 = 0;

/// The key, or why there is none: then nothing can be chained.
pub(super) type KeyResult = Result<Arc<AuditKey>, JournalError>;

/// What one transaction appends.
#[derive(Debug)]
pub(super) struct Chains {
    key: KeyResult,
    heads: BTreeMap<Option<String>, OpenHead>,
    /// The newest sequence in the store, once it was read.
    sequence: Option<u64>,
    /// First and last sequence for each day.
    days: BTreeMap<i64, (u64, u64)>,
}

/// The head of a chain that is appended to.
#[derive(Debug)]
struct OpenHead {
    organisation: i64,
    head: Head,
    checkpointed: u64,
    /// When the newest record happened.
    at: Timestamp,
}

impl Chains {
    /// Appends under this key.
    pub(super) fn new(key: KeyResult) -> Self {
        Self { key, heads: BTreeMap::new(), sequence: None, days: BTreeMap::new() }
    }

    /// Appends a record.
    pub(super) fn append(
        &mut self,
        connection: &Connection,
        prepared: &PreparedAudit,
    ) -> Result<(), JournalError> {
        let key = self.key.clone()?;
        let record = &prepared.record;
        let sequence = match self.sequence {
            Some(sequence) => sequence,
            None => newest_sequence(connection)?,
        } + 1;
        let open = match self.heads.entry(record.organisation.clone()) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(place) => {
                let open = OpenHead::read(connection, &key, place.key().as_deref(), record.at)?;
                place.insert(open)
            }
        };
        let at = record.at.unix_millis();
        let raw = RawRecord {
            chain: record.organisation.as_deref().map(str::as_bytes),
            number: open.head.number + 1,
            sequence,
            at,
            kind: record.kind.as_str().as_bytes(),
            queue_id: record.queue_id.map(|id| id.0.cast_signed()),
            reference: record.reference.map(|number| number.bits().cast_signed()),
            actor: record.actor.as_deref().map(str::as_bytes),
            details: prepared.details.as_bytes(),
        };
        let hash = raw.hash(&open.head.hash);
        connection
            .prepare_cached(
                "INSERT INTO audit (sequence, at, kind, organisation, queue_id, reference, actor,
                    details, number, hash, mac)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(rusqlite::params![
                sequence.cast_signed(),
                at,
                record.kind.as_str(),
                (open.organisation != GATEWAY).then_some(open.organisation),
                raw.queue_id,
                raw.reference,
                record.actor,
                prepared.details,
                raw.number.cast_signed(),
                hash,
                key.mac(&hash),
            ])?;
        open.head = Head { number: raw.number, sequence, hash };
        open.at = record.at;
        self.sequence = Some(sequence);
        self.days.entry(at / DAY).or_insert((sequence, sequence)).1 = sequence;
        Ok(())
    }

    /// Writes the heads, and a checkpoint of each chain that has grown by much.
    pub(super) fn write(&self, connection: &Connection) -> Result<(), JournalError> {
        if self.heads.is_empty() {
            return Ok(());
        }
        let key = self.key.clone()?;
        let mut due = Vec::new();
        for (name, open) in &self.heads {
            let mut checkpointed = open.checkpointed;
            if open.head.number.saturating_sub(checkpointed) >= CHECKPOINT_RECORDS {
                checkpointed = open.head.number;
                due.push((name, open));
            }
            let mac = key.head_mac(name.as_deref().map(str::as_bytes), &open.head);
            connection
                .prepare_cached(
                    "INSERT INTO chain (organisation, number, sequence, hash, mac, checkpointed)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (organisation) DO UPDATE SET number = ?2, sequence = ?3,
                        hash = ?4, mac = ?5, checkpointed = ?6",
                )?
                .execute((
                    open.organisation,
                    open.head.number.cast_signed(),
                    open.head.sequence.cast_signed(),
                    open.head.hash,
                    mac,
                    checkpointed.cast_signed(),
                ))?;
        }
        // In the order of their sequence, which is what checking relies on.
        due.sort_by_key(|(_, open)| open.head.sequence);
        for (name, open) in due {
            let made = Checkpoint::sign(&key, name.clone(), &open.head, open.at);
            insert_checkpoint(connection, open.organisation, &made)?;
        }
        for (day, (first, last)) in &self.days {
            connection
                .prepare_cached(
                    "INSERT INTO audit_day (day, first, last) VALUES (?1, ?2, ?3)
                     ON CONFLICT (day) DO UPDATE SET first = min(first, excluded.first),
                        last = max(last, excluded.last)",
                )?
                .execute((day, first.cast_signed(), last.cast_signed()))?;
        }
        Ok(())
    }
}

impl OpenHead {
    /// Reads the head of a chain. One that does not fit the key is not appended to: what follows it
    /// would look as if it were good.
    fn read(
        connection: &Connection,
        key: &AuditKey,
        name: Option<&str>,
        at: Timestamp,
    ) -> Result<Self, JournalError> {
        let organisation = match name {
            Some(name) => organisation_number(connection, name)?,
            None => GATEWAY,
        };
        let stored = connection
            .prepare_cached(
                "SELECT number, sequence, hash, mac, checkpointed FROM chain
                 WHERE organisation = ?1",
            )?
            .query_row([organisation], |row| {
                let head = head_from(row, 0)?;
                Ok((head, row.get::<_, Vec<u8>>(3)?, row.get::<_, i64>(4)?.cast_unsigned()))
            })
            .optional()?;
        let broken = || JournalError::ChainBroken { chain: chain_name(name).to_owned() };
        let (head, checkpointed) = match stored {
            Some((head, mac, checkpointed)) => {
                if !key.head_fits(name.map(str::as_bytes), &head, &mac) {
                    return Err(broken());
                }
                (head, checkpointed)
            }
            None if has_records(connection, organisation)? => return Err(broken()),
            None => (Head { number: 0, sequence: 0, hash: START }, 0),
        };
        Ok(Self { organisation, head, checkpointed, at })
    }
}

/// Signs a checkpoint of every chain that has grown since its last. Gives their number.
pub(super) fn make_checkpoints(
    connection: &Connection,
    key: &AuditKey,
    now: Timestamp,
) -> Result<u64, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, sequence, hash, mac, chain.organisation, organisation.name
         FROM chain LEFT JOIN organisation ON organisation.id = chain.organisation
         WHERE number > checkpointed ORDER BY sequence",
    )?;
    let grown = statement
        .query_map([], |row| {
            Ok((
                head_from(row, 0)?,
                row.get::<_, Vec<u8>>(3)?,
                row.get::<_, i64>(4)?,
                row.get::<_, Option<String>>(5)?,
            ))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut made = 0;
    for (head, mac, organisation, name) in grown {
        if !key.head_fits(name.as_deref().map(str::as_bytes), &head, &mac) {
            // Nothing is signed that this program did not write.
            tracing::error!(organisation, "an audit chain is broken at its head: no checkpoint");
            continue;
        }
        let checkpoint = Checkpoint::sign(key, name, &head, now);
        insert_checkpoint(connection, organisation, &checkpoint)?;
        connection
            .prepare_cached("UPDATE chain SET checkpointed = number WHERE organisation = ?1")?
            .execute([organisation])?;
        made += 1;
    }
    Ok(made)
}

fn insert_checkpoint(
    connection: &Connection,
    organisation: i64,
    checkpoint: &Checkpoint,
) -> Result<(), JournalError> {
    connection
        .prepare_cached(
            "INSERT INTO checkpoint (organisation, number, sequence, hash, at, signature)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            organisation,
            checkpoint.number.cast_signed(),
            checkpoint.sequence.cast_signed(),
            checkpoint.hash,
            checkpoint.at.unix_millis(),
            checkpoint.signature,
        ))?;
    Ok(())
}

/// Number, sequence and hash of a head, from `column` on. A hash of another length than ours fits
/// no key.
pub(super) fn head_from(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Head> {
    let hash: Vec<u8> = row.get(column + 2)?;
    Ok(Head {
        number: row.get::<_, i64>(column)?.cast_unsigned(),
        sequence: row.get::<_, i64>(column + 1)?.cast_unsigned(),
        hash: Hash::try_from(hash).unwrap_or(START),
    })
}

/// The newest sequence of the record; 0 when it is empty.
pub(super) fn newest_sequence(connection: &Connection) -> Result<u64, JournalError> {
    let newest: i64 = connection
        .prepare_cached("SELECT coalesce(max(sequence), 0) FROM audit")?
        .query_row([], |row| row.get(0))?;
    Ok(newest.cast_unsigned())
}

/// Whether a chain has records, though it may have no head.
fn has_records(connection: &Connection, organisation: i64) -> Result<bool, JournalError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM audit WHERE organisation IS nullif(?1, 0) AND number > 0")?
        .exists([organisation])?)
}
