//! Stops of the crossing.

use rusqlite::{Connection, OptionalExtension, Row};
use sekimori_policy::Timestamp;
use serde_json::json;

use super::accounts::record;
use super::named;
use crate::embedded::actions::{CHANGES, append};
use crate::embedded::prepared::within;
use crate::embedded::sums::{Sums, add_to_meta};
use crate::register::AccountId;
use crate::register::stop::{
    MAX_SCOPE_OCTETS, MAX_STOPS, Resumed, StopCause, StopId, StopScope, StoredStop,
};
use crate::{Actor, AuditKind, JournalError};

/// The table: a step of the schema.
pub(in crate::embedded) const SCHEMA: &str = "
CREATE TABLE stop (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    cause TEXT NOT NULL,
    stopped_by TEXT NOT NULL,
    account INTEGER,
    reason TEXT NOT NULL,
    stopped_at INTEGER NOT NULL,
    asked_by TEXT,
    asked_account INTEGER,
    resumed_at INTEGER
) STRICT;
CREATE INDEX stop_in_force ON stop (id) WHERE resumed_at IS NULL;
CREATE INDEX stop_resumed ON stop (resumed_at);
";

const COLUMNS: &str =
    "id, scope, name, cause, stopped_by, account, reason, stopped_at, asked_by, asked_account";

/// Stops. One of the same scope and cause that is in force already stays the one.
pub(super) fn add(
    connection: &Connection,
    sums: &mut Sums,
    scope: &StopScope,
    cause: StopCause,
    actor: &Actor,
    now: Timestamp,
) -> Result<StopId, JournalError> {
    let (kind, name) = columns(scope);
    within("length of a stop's scope", name.len(), MAX_SCOPE_OCTETS)?;
    let known = connection
        .prepare_cached(
            "SELECT id FROM stop
             WHERE resumed_at IS NULL AND scope = ?1 AND name = ?2 AND cause = ?3",
        )?
        .query_row((kind, &name, cause.as_str()), |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(StopId(known));
    }
    let number: i64 = connection
        .prepare_cached("SELECT count(*) FROM stop WHERE resumed_at IS NULL")?
        .query_row([], |row| row.get(0))?;
    let number = usize::try_from(number).unwrap_or(usize::MAX).saturating_add(1);
    within("number of stops", number, MAX_STOPS)?;
    connection
        .prepare_cached(
            "INSERT INTO stop (scope, name, cause, stopped_by, account, reason, stopped_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            kind,
            &name,
            cause.as_str(),
            &actor.name,
            actor.account.map(|account| account.0),
            &actor.reason,
            now.unix_millis(),
        ))?;
    let id = StopId(connection.last_insert_rowid());
    let details = json!({ "stop": id, "scope": scope, "cause": cause });
    append(connection, sums, record(now, organisation(scope), AuditKind::Stopped), details, actor)?;
    add_to_meta(connection, CHANGES, 1)?;
    Ok(id)
}

/// The stops in force, the oldest first.
pub(super) fn in_force(connection: &Connection) -> Result<Vec<StoredStop>, JournalError> {
    let sql = format!("SELECT {COLUMNS} FROM stop WHERE resumed_at IS NULL ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// When a stop ended last.
pub(super) fn last_resumed(connection: &Connection) -> Result<Option<Timestamp>, JournalError> {
    let at: Option<i64> = connection
        .prepare_cached("SELECT max(resumed_at) FROM stop")?
        .query_row([], |row| row.get(0))?;
    Ok(at.map(Timestamp::japanese_time))
}

/// Ends a stop, or asks for it.
pub(super) fn resume(
    connection: &Connection,
    sums: &mut Sums,
    id: StopId,
    actor: &Actor,
    now: Timestamp,
) -> Result<Resumed, JournalError> {
    let Some(stop) = in_force(connection)?.into_iter().find(|stop| stop.id == id) else {
        return Ok(Resumed::Unknown);
    };
    let first = match stop.cause {
        StopCause::Person => Some((stop.stopped_by, stop.account)),
        _ => stop.asked_by.map(|name| (name, stop.asked_account)),
    };
    let (kind, done) = match first {
        None => (AuditKind::ResumeAsked, Resumed::Asked),
        Some((name, account)) if is_same(&name, account, actor) => return Ok(Resumed::SamePerson),
        Some(_) => (AuditKind::Resumed, Resumed::Done),
    };
    if done == Resumed::Asked {
        connection
            .prepare_cached("UPDATE stop SET asked_by = ?2, asked_account = ?3 WHERE id = ?1")?
            .execute((id.0, &actor.name, actor.account.map(|account| account.0)))?;
    } else {
        connection
            .prepare_cached("UPDATE stop SET resumed_at = ?2 WHERE id = ?1")?
            .execute((id.0, now.unix_millis()))?;
    }
    let details = json!({ "stop": id, "scope": stop.scope, "cause": stop.cause });
    append(connection, sums, record(now, organisation(&stop.scope), kind), details, actor)?;
    add_to_meta(connection, CHANGES, 1)?;
    Ok(done)
}

/// Whether an actor is a person known by a name and perhaps an account. One who has an account and one
/// who has none are never taken for two people when they have the same name.
fn is_same(name: &str, account: Option<AccountId>, actor: &Actor) -> bool {
    match (account, actor.account) {
        (Some(one), Some(other)) => one == other,
        _ => name == actor.name,
    }
}

fn columns(scope: &StopScope) -> (&'static str, String) {
    match scope {
        StopScope::All => ("all", String::new()),
        StopScope::Organisation(name) => ("organisation", name.clone()),
        StopScope::SenderDomain(domain) => ("sender-domain", domain.to_lowercase()),
    }
}

fn organisation(scope: &StopScope) -> Option<String> {
    match scope {
        StopScope::Organisation(name) => Some(name.clone()),
        StopScope::All | StopScope::SenderDomain(_) => None,
    }
}

fn read(row: &Row<'_>) -> Result<StoredStop, JournalError> {
    let name: String = row.get(2)?;
    let scope = match row.get::<_, String>(1)?.as_str() {
        "all" => StopScope::All,
        "organisation" => StopScope::Organisation(name),
        "sender-domain" => StopScope::SenderDomain(name),
        other => return Err(JournalError::damaged(format!("a stop's scope {other:?}"))),
    };
    Ok(StoredStop {
        id: StopId(row.get(0)?),
        scope,
        cause: named(
            "a stop's cause",
            &StopCause::ALL,
            StopCause::as_str,
            &row.get::<_, String>(3)?,
        )?,
        stopped_by: row.get(4)?,
        account: row.get::<_, Option<i64>>(5)?.map(AccountId),
        reason: row.get(6)?,
        stopped_at: Timestamp::japanese_time(row.get(7)?),
        asked_by: row.get(8)?,
        asked_account: row.get::<_, Option<i64>>(9)?.map(AccountId),
    })
}
