//! Hand-overs by mail.

use rusqlite::{Connection, OptionalExtension, Params, Row};
use sekimori_policy::{Address, QueueId, ReferenceNumber, Timestamp};
use serde_json::json;

use super::{column, from_column, named};
use crate::attempt::MAX_REPLY_OCTETS;
use crate::embedded::insert::insert_audit;
use crate::embedded::prepared::{PreparedAudit, cut};
use crate::embedded::sums::{Sums, organisation_number};
use crate::query::MAX_PAGE;
use crate::register::{
    HandOver, HandOverId, HandOverResult, HandOverState, Request, RequestId, Wanted,
};
use crate::{AuditKind, AuditRecord, JournalError};

const COLUMNS: &str = "hand_over.id, request, message, reference, organisation.name, wanted,
    recipient, state, attempts, last_reply
    FROM hand_over JOIN organisation ON organisation.id = hand_over.organisation";

const STATES: [HandOverState; 3] =
    [HandOverState::Waiting, HandOverState::Done, HandOverState::Failed];

/// Adds one hand-over for each recipient, due at once.
pub(super) fn add(
    connection: &Connection,
    request: &Request,
    wanted: &Wanted,
    recipients: &[Address],
    now: Timestamp,
) -> Result<(), JournalError> {
    let organisation = organisation_number(connection, &request.organisation)?;
    let wanted = column(wanted)?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO hand_over (request, message, reference, organisation, wanted, recipient,
            state, attempts, next_attempt_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', 0, ?7)",
    )?;
    for recipient in recipients {
        statement.execute((
            request.id.0,
            request.queue_id.0.cast_signed(),
            request.reference.bits().cast_signed(),
            organisation,
            &wanted,
            recipient.as_str(),
            now.unix_millis(),
        ))?;
    }
    Ok(())
}

/// Those whose time has come, oldest first.
pub(super) fn due(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<HandOver>, JournalError> {
    let limit = i64::try_from(limit.min(MAX_PAGE)).unwrap_or(i64::MAX);
    let which = "WHERE state = 'waiting' AND next_attempt_at <= ?1
         ORDER BY next_attempt_at, hand_over.id LIMIT ?2";
    many(connection, which, (now.unix_millis(), limit))
}

/// Those of a request.
pub(super) fn of(
    connection: &Connection,
    request: RequestId,
) -> Result<Vec<HandOver>, JournalError> {
    many(connection, "WHERE request = ?1 ORDER BY hand_over.id", [request.0])
}

fn many(
    connection: &Connection,
    which: &str,
    parameters: impl Params,
) -> Result<Vec<HandOver>, JournalError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} {which}"))?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Records what came of an attempt.
pub(super) fn record(
    connection: &Connection,
    sums: &mut Sums,
    id: HandOverId,
    result: &HandOverResult,
    now: Timestamp,
) -> Result<(), JournalError> {
    let (state, reply, next) = match result {
        HandOverResult::Done { reply } => (HandOverState::Done, reply, None),
        HandOverResult::Failed { reply } => (HandOverState::Failed, reply, None),
        HandOverResult::Deferred { reply, next_attempt } => {
            (HandOverState::Waiting, reply, Some(next_attempt.unix_millis()))
        }
    };
    let mut reply = reply.clone();
    cut(&mut reply, MAX_REPLY_OCTETS);
    let changed = connection
        .prepare_cached(
            "UPDATE hand_over SET state = ?2, last_reply = ?3, next_attempt_at = ?4,
                last_attempt_at = ?5, attempts = attempts + 1
             WHERE id = ?1 AND state = 'waiting'",
        )?
        .execute((id.0, state_name(state), &reply, next, now.unix_millis()))?;
    if changed == 0 {
        return Err(JournalError::UnknownHandOver(id));
    }
    let sql = format!("SELECT {COLUMNS} WHERE hand_over.id = ?1");
    let one = connection
        .prepare_cached(&sql)?
        .query_row([id.0], |row| Ok(read(row)))
        .optional()?
        .ok_or(JournalError::UnknownHandOver(id))??;
    let kind = match state {
        HandOverState::Done => AuditKind::HandedOver,
        HandOverState::Waiting => AuditKind::Deferred,
        HandOverState::Failed => AuditKind::Failed,
    };
    let details = json!({
        "hand_over": id, "request": one.request, "wanted": one.wanted,
        "recipient": one.recipient, "attempts": one.attempts, "reply": reply,
    });
    let record = AuditRecord {
        at: now,
        kind,
        organisation: Some(one.organisation),
        queue_id: Some(one.queue_id),
        reference: Some(one.reference),
        actor: None,
        details: serde_json::Value::Null,
    };
    insert_audit(connection, sums, &PreparedAudit { record, details: details.to_string() })
}

fn state_name(state: HandOverState) -> &'static str {
    match state {
        HandOverState::Waiting => "waiting",
        HandOverState::Done => "done",
        HandOverState::Failed => "failed",
    }
}

fn read(row: &Row<'_>) -> Result<HandOver, JournalError> {
    let recipient: String = row.get(6)?;
    Ok(HandOver {
        id: HandOverId(row.get(0)?),
        request: RequestId(row.get(1)?),
        queue_id: QueueId(row.get::<_, i64>(2)?.cast_unsigned()),
        reference: ReferenceNumber::from_bits(row.get::<_, i64>(3)?.cast_unsigned()),
        organisation: row.get(4)?,
        wanted: from_column("what is handed over", &row.get::<_, String>(5)?)?,
        recipient: crate::embedded::reading::address(&recipient)?,
        state: named("the hand-over's state", &STATES, state_name, &row.get::<_, String>(7)?)?,
        attempts: row.get(8)?,
        last_reply: row.get(9)?,
    })
}
