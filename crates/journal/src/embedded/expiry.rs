//! Removing what has been kept long enough.

use rusqlite::Connection;
use sekimori_policy::Timestamp;
use serde_json::json;

use super::attempts::Known;
use super::insert::insert_audit;
use super::prepared::PreparedAudit;
use super::register::lapse_requests;
use super::store::Store;
use super::sums::Sums;
use crate::{AuditKind, Expired, JournalError, Retention};

/// Messages removed in one transaction, so that the writer never waits long for its turn.
const AT_ONCE: i64 = 100;

/// Removes what `retention` has no place for.
pub(super) fn expire(
    store: &Store,
    now: Timestamp,
    retention: &Retention,
) -> Result<Expired, JournalError> {
    let mut expired = Expired::default();
    loop {
        let (removed, octets) = store.upkeep(|connection| {
            let mut sums = store.sums();
            let ids = over_age(connection, now)?;
            for &id in &ids {
                remove(connection, &mut sums, id, now, "age")?;
            }
            sums.write(connection)?;
            Ok((ids.len() as u64, sums.referred().unsigned_abs()))
        })?;
        if removed == 0 {
            break;
        }
        expired.by_age += removed;
        expired.octets += octets;
    }
    let Some(limit) = retention.max_total_octets else {
        return Ok(expired);
    };
    let mut after = -1;
    loop {
        let (removed, octets) = store.upkeep(|connection| {
            remove_over_size(connection, store.sums(), limit, &mut after, now)
        })?;
        if removed == 0 {
            return Ok(expired);
        }
        expired.by_size += removed;
        expired.octets += octets;
    }
}

/// Octets of bodies that messages refer to.
pub(super) fn live_octets(connection: &Connection) -> Result<u64, JournalError> {
    let octets: i64 =
        connection.query_row("SELECT coalesce(sum(live), 0) FROM segment", [], |row| row.get(0))?;
    Ok(octets.max(0).cast_unsigned())
}

fn over_age(connection: &Connection, now: Timestamp) -> Result<Vec<i64>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM message INDEXED BY message_kept
         WHERE state >= 2 AND keep_until <= ?1 ORDER BY keep_until LIMIT ?2",
    )?;
    let rows = statement.query_map((now.unix_millis(), AT_ONCE), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Removes the oldest messages that are done until the rest is within `limit`, some at a time.
fn remove_over_size(
    connection: &Connection,
    mut sums: Sums,
    limit: u64,
    after: &mut i64,
    now: Timestamp,
) -> Result<(u64, u64), JournalError> {
    let live = live_octets(connection)?;
    let ids: Vec<i64> = connection
        .prepare_cached("SELECT id FROM message WHERE state >= 2 AND id > ?1 ORDER BY id LIMIT ?2")?
        .query_map((*after, AT_ONCE), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut removed = 0;
    for id in ids {
        if live.saturating_sub(sums.referred().unsigned_abs()) <= limit {
            break;
        }
        remove(connection, &mut sums, id, now, "size")?;
        *after = id;
        removed += 1;
    }
    sums.write(connection)?;
    Ok((removed, sums.referred().unsigned_abs()))
}

fn remove(
    connection: &Connection,
    sums: &mut Sums,
    id: i64,
    now: Timestamp,
    cause: &str,
) -> Result<(), JournalError> {
    let Some(known) = Known::find(connection, id)? else {
        return Ok(());
    };
    let places: (Option<i64>, i64, i64, i64) = connection
        .prepare_cached(
            "DELETE FROM message WHERE id = ?1
             RETURNING original_segment, original_share, text_segment, text_length",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let (original, share, text, length) = places;
    connection.prepare_cached("DELETE FROM recipient WHERE message = ?1")?.execute([id])?;
    connection.prepare_cached("DELETE FROM detail WHERE message = ?1")?.execute([id])?;
    lapse_requests(connection, id)?;
    sums.leave(known.state, known.size);
    sums.refer(text.cast_unsigned(), -length);
    if let Some(original) = original {
        sums.refer(original.cast_unsigned(), -share);
    }
    let mut record = known.audit(now, AuditKind::Expired);
    record.details = json!({ "cause": cause, "state": known.state.as_str() });
    insert_audit(connection, sums, &PreparedAudit::new(record))
}
