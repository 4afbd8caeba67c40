//! Moving live records out of an old segment, as part of a batch.

use rusqlite::{Connection, OptionalExtension};
use sekimori_policy::QueueId;

use super::insert::shares;
use super::record::{Kind, Position};
use super::sums::Sums;
use crate::{Body, JournalError};

/// A record of an old segment that messages still refer to.
#[derive(Debug)]
pub(super) struct LiveRecord {
    pub(super) from: Position,
    pub(super) kind: Kind,
    /// The messages that still refer to it.
    pub(super) owners: Vec<QueueId>,
    pub(super) body: Body,
}

/// Points the rows of a record's owners to its new place. An owner that was removed meanwhile is
/// passed over.
pub(super) fn repoint(
    connection: &Connection,
    sums: &mut Sums,
    record: &LiveRecord,
    to: Position,
) -> Result<(), JournalError> {
    let from = record.from;
    match record.kind {
        Kind::Text => {
            for owner in &record.owners {
                let changed = connection
                    .prepare_cached(
                        "UPDATE message SET text_segment = ?4, text_offset = ?5, text_length = ?6
                         WHERE id = ?1 AND text_segment = ?2 AND text_offset = ?3",
                    )?
                    .execute(places(*owner, from, to))?;
                if changed > 0 {
                    sums.refer(from.segment, -from.length.cast_signed());
                    sums.refer(to.segment, to.length.cast_signed());
                }
            }
        }
        Kind::Original => {
            let mut still = Vec::with_capacity(record.owners.len());
            for owner in &record.owners {
                if let Some(share) = original_share(connection, *owner, from)? {
                    still.push((*owner, share));
                }
            }
            for ((owner, old), new) in still.iter().zip(shares(Some(to), still.len())) {
                connection
                    .prepare_cached(
                        "UPDATE message SET original_segment = ?4, original_offset = ?5,
                            original_length = ?6
                         WHERE id = ?1 AND original_segment = ?2 AND original_offset = ?3",
                    )?
                    .execute(places(*owner, from, to))?;
                connection
                    .prepare_cached("UPDATE message SET original_share = ?2 WHERE id = ?1")?
                    .execute((owner.0.cast_signed(), new))?;
                sums.refer(from.segment, -old);
                sums.refer(to.segment, new);
            }
        }
    }
    Ok(())
}

/// Whether a message refers to a record.
pub(super) fn refers(
    connection: &Connection,
    owner: QueueId,
    kind: Kind,
    place: Position,
) -> Result<bool, JournalError> {
    match kind {
        Kind::Original => Ok(original_share(connection, owner, place)?.is_some()),
        Kind::Text => Ok(connection
            .prepare_cached(
                "SELECT 1 FROM message
                 WHERE id = ?1 AND text_segment = ?2 AND text_offset = ?3",
            )?
            .exists((
                owner.0.cast_signed(),
                place.segment.cast_signed(),
                place.offset.cast_signed(),
            ))?),
    }
}

fn original_share(
    connection: &Connection,
    owner: QueueId,
    place: Position,
) -> Result<Option<i64>, JournalError> {
    Ok(connection
        .prepare_cached(
            "SELECT original_share FROM message
             WHERE id = ?1 AND original_segment = ?2 AND original_offset = ?3",
        )?
        .query_row(
            (owner.0.cast_signed(), place.segment.cast_signed(), place.offset.cast_signed()),
            |row| row.get(0),
        )
        .optional()?)
}

fn places(owner: QueueId, from: Position, to: Position) -> (i64, i64, i64, i64, i64, i64) {
    (
        owner.0.cast_signed(),
        from.segment.cast_signed(),
        from.offset.cast_signed(),
        to.segment.cast_signed(),
        to.offset.cast_signed(),
        to.length.cast_signed(),
    )
}
