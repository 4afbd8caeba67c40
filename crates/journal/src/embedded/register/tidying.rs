//! What ends by itself: sessions, tokens, exceptions, requests whose message is gone.

use rusqlite::Connection;
use sekimori_policy::Timestamp;
use serde_json::json;

use super::accounts::record;
use super::requests::{OPEN, state_number};
use super::using::LOOK_MILLIS;
use crate::embedded::actions::CHANGES;
use crate::embedded::insert::insert_audit;
use crate::embedded::prepared::PreparedAudit;
use crate::embedded::store::Store;
use crate::embedded::sums::{Sums, add_to_meta};
use crate::register::RequestState;
use crate::{AuditKind, JournalError};

/// Rows of a kind that one call removes at most, so that the writer never waits long for its turn.
const AT_ONCE: i64 = 500;

/// Ends what is over.
pub(super) fn tidy(store: &Store, now: Timestamp) -> Result<u64, JournalError> {
    let due = store.readers.read(|connection| is_anything_over(connection, now))?;
    if !due {
        return Ok(0);
    }
    store.upkeep(|connection| {
        let mut sums = store.sums();
        let millis = now.unix_millis();
        let mut ended = 0;
        for sql in [
            "DELETE FROM session WHERE key IN (
                SELECT key FROM session WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            "DELETE FROM token WHERE id IN (
                SELECT id FROM token WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
        ] {
            ended += connection.prepare_cached(sql)?.execute((millis, AT_ONCE))?;
        }
        connection
            .prepare_cached("DELETE FROM look WHERE at <= ?1")?
            .execute([millis.saturating_sub(LOOK_MILLIS)])?;
        ended += lapse_exceptions(connection, &mut sums, now)?;
        sums.write(connection)?;
        Ok(u64::try_from(ended).unwrap_or(u64::MAX))
    })
}

fn is_anything_over(connection: &Connection, now: Timestamp) -> Result<bool, JournalError> {
    let millis = now.unix_millis();
    for sql in [
        "SELECT 1 FROM session WHERE expires_at <= ?1",
        "SELECT 1 FROM token WHERE expires_at <= ?1",
        "SELECT 1 FROM exception WHERE ends_at <= ?1 AND state IN ('open', 'approved')",
    ] {
        if connection.prepare_cached(sql)?.exists([millis])? {
            return Ok(true);
        }
    }
    let looked = millis.saturating_sub(LOOK_MILLIS);
    Ok(connection.prepare_cached("SELECT 1 FROM look WHERE at <= ?1")?.exists([looked])?)
}

/// Lets exceptions lapse, each with its record.
fn lapse_exceptions(
    connection: &Connection,
    sums: &mut Sums,
    now: Timestamp,
) -> Result<usize, JournalError> {
    let over: Vec<(i64, String)> = connection
        .prepare_cached(
            "SELECT exception.id, organisation.name FROM exception
             JOIN organisation ON organisation.id = exception.organisation
             WHERE ends_at <= ?1 AND state IN ('open', 'approved') LIMIT ?2",
        )?
        .query_map((now.unix_millis(), AT_ONCE), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, organisation) in &over {
        connection
            .prepare_cached("UPDATE exception SET state = 'lapsed' WHERE id = ?1")?
            .execute([id])?;
        let record = record(now, Some(organisation.clone()), AuditKind::ExceptionEnded);
        let details = json!({ "exception": id, "cause": "time" }).to_string();
        insert_audit(connection, sums, &PreparedAudit { record, details })?;
    }
    if !over.is_empty() {
        add_to_meta(connection, CHANGES, 1)?;
    }
    Ok(over.len())
}

/// Lets the open and returned requests of a message lapse that retention removes. The record of its
/// removal tells of it.
pub(in crate::embedded) fn lapse_requests(
    connection: &Connection,
    message: i64,
) -> Result<(), JournalError> {
    connection
        .prepare_cached("UPDATE request SET state = ?2 WHERE message = ?1 AND state IN (?3, ?4)")?
        .execute((
            message,
            state_number(RequestState::Lapsed),
            OPEN,
            state_number(RequestState::Returned),
        ))?;
    Ok(())
}
