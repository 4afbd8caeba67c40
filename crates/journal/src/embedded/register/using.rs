//! Using what was decided: downloads; and looks at content.

use rusqlite::{Connection, OptionalExtension};
use sekimori_policy::{QueueId, Timestamp};
use serde_json::json;

use super::{account_of, deciding, requests};
use crate::embedded::actions::append;
use crate::embedded::attempts::Known;
use crate::embedded::sums::Sums;
use crate::register::{Request, RequestId, RequestState, Wanted, Way};
use crate::{Actor, AuditKind, JournalError};

/// Milliseconds within which a further look of the same person is not put on record again.
pub(super) const LOOK_MILLIS: i64 = 60 * 60 * 1_000;

/// Counts a download, if the request allows it.
pub(super) fn note_download(
    connection: &Connection,
    sums: &mut Sums,
    id: RequestId,
    what: &Wanted,
    actor: &Actor,
    now: Timestamp,
) -> Result<bool, JournalError> {
    let account = account_of(actor)?;
    let Some(request) = requests::find(connection, id)? else { return Ok(false) };
    let in_time = request.usable_until.is_some_and(|until| now.unix_millis() < until.unix_millis());
    let allowed = request.requester == account
        && request.state == RequestState::Approved
        && request.way == Way::Download
        && in_time
        && covers(&request, what);
    if !allowed {
        return Ok(false);
    }
    connection
        .prepare_cached("UPDATE request SET downloads = downloads + 1 WHERE id = ?1")?
        .execute([id.0])?;
    let record = deciding::about(&request, now, AuditKind::Downloaded);
    append(connection, sums, record, json!({ "request": id, "wanted": what }), actor)?;
    Ok(true)
}

/// Whether what was approved has all of what is asked for.
fn covers(request: &Request, what: &Wanted) -> bool {
    match (&request.wanted, what) {
        (Wanted::Original, Wanted::Original | Wanted::Parts(_)) => true,
        (Wanted::Parts(asked), Wanted::Parts(sections)) => {
            let granted = request.granted_sections.as_ref().unwrap_or(asked);
            sections.iter().all(|section| granted.contains(section))
        }
        _ => false,
    }
}

/// Puts a look at a message's content on record, unless one of the last hour is there.
pub(super) fn note_look(
    connection: &Connection,
    sums: &mut Sums,
    id: QueueId,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), JournalError> {
    let known =
        Known::find(connection, id.0.cast_signed())?.ok_or(JournalError::UnknownMessage(id))?;
    let person = actor.account.map_or_else(|| actor.name.clone(), |account| account.0.to_string());
    let last: Option<i64> = connection
        .prepare_cached("SELECT at FROM look WHERE person = ?1 AND message = ?2")?
        .query_row((&person, known.id), |row| row.get(0))
        .optional()?;
    if last.is_some_and(|at| (0..LOOK_MILLIS).contains(&(now.unix_millis() - at))) {
        return Ok(());
    }
    connection
        .prepare_cached("INSERT OR REPLACE INTO look (person, message, at) VALUES (?1, ?2, ?3)")?
        .execute((&person, known.id, now.unix_millis()))?;
    append(connection, sums, known.audit(now, AuditKind::Looked), json!({}), actor)
}
