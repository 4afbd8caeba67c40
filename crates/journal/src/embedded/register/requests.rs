//! Requests as they are read back.

use rusqlite::{Connection, Row, named_params};
use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};

use super::{column, from_column, known_organisations, moment};
use crate::JournalError;
use crate::query::MAX_PAGE;
use crate::register::{AccountId, Request, RequestFilter, RequestId, RequestState};

/// [`RequestState::Open`] as stored.
pub(in crate::embedded) const OPEN: i64 = 0;

const COLUMNS: &str = "request.id, message, reference, organisation.name, subject, wanted,
    recipients, way, requester, requester_name, reason, state, created_at, decided_by,
    decided_by_name, decided_at, decision_reason, granted_recipients, granted_sections,
    usable_until, downloads";

/// One request.
pub(super) fn find(
    connection: &Connection,
    id: RequestId,
) -> Result<Option<Request>, JournalError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM request
         JOIN organisation ON organisation.id = request.organisation WHERE request.id = ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(read).transpose()
}

/// A page of requests, newest first.
pub(super) fn list(
    connection: &Connection,
    filter: &RequestFilter,
    before: Option<RequestId>,
    limit: usize,
) -> Result<Vec<Request>, JournalError> {
    let organisations = known_organisations(connection, &filter.organisations)?;
    let states: Vec<i64> = filter.states.iter().map(|&state| state_number(state)).collect();
    // One of the indexes narrows; the rest of the conditions is looked at row by row.
    let index = match (filter.queue_id, filter.requester) {
        (Some(_), _) => "INDEXED BY request_message",
        (None, Some(_)) => "INDEXED BY request_requester",
        (None, None) if !states.is_empty() => "INDEXED BY request_listed",
        (None, None) => "NOT INDEXED",
    };
    let narrowed = match (filter.queue_id, filter.requester) {
        (Some(_), _) => "message = :message",
        (None, Some(_)) => "requester = :requester",
        (None, None) => "request.organisation IN (SELECT value FROM json_each(:organisations))",
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM request {index}
         JOIN organisation ON organisation.id = request.organisation
         WHERE {narrowed}
           AND request.organisation IN (SELECT value FROM json_each(:organisations))
           AND (:any_state OR state IN (SELECT value FROM json_each(:states)))
           AND (:requester IS NULL OR requester = :requester)
           AND (:message IS NULL OR message = :message)
           AND (:since IS NULL OR created_at >= :since)
           AND (:until IS NULL OR created_at < :until)
           AND request.id < :before
         ORDER BY request.id DESC LIMIT :limit"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {
        ":organisations": column(&organisations)?,
        ":any_state": states.is_empty(),
        ":states": column(&states)?,
        ":requester": filter.requester.map(|id| id.0),
        ":message": filter.queue_id.map(|id| id.0.cast_signed()),
        ":since": filter.since.map(Timestamp::unix_millis),
        ":until": filter.until.map(Timestamp::unix_millis),
        ":before": before.map_or(i64::MAX, |id| id.0),
        ":limit": i64::try_from(limit.min(MAX_PAGE)).unwrap_or(i64::MAX),
    })?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        page.push(read(row)?);
    }
    Ok(page)
}

/// A state as stored.
pub(super) fn state_number(state: RequestState) -> i64 {
    RequestState::ALL.iter().position(|&s| s == state).map_or(-1, |n| n.try_into().unwrap_or(-1))
}

fn state_from(number: i64) -> Result<RequestState, JournalError> {
    usize::try_from(number)
        .ok()
        .and_then(|n| RequestState::ALL.get(n))
        .copied()
        .ok_or_else(|| JournalError::damaged(format!("no request state has the number {number}")))
}

fn read(row: &Row<'_>) -> Result<Request, JournalError> {
    let text = |n: usize| row.get::<_, String>(n);
    let listed = |what, n: usize| -> Result<_, JournalError> {
        row.get::<_, Option<String>>(n)?.map(|text| from_column(what, &text)).transpose()
    };
    let sections: Option<String> = row.get(18)?;
    Ok(Request {
        id: RequestId(row.get(0)?),
        queue_id: QueueId(row.get::<_, i64>(1)?.cast_unsigned()),
        reference: ReferenceNumber::from_bits(row.get::<_, i64>(2)?.cast_unsigned()),
        organisation: row.get(3)?,
        subject: row.get(4)?,
        wanted: from_column("what a request wants", &text(5)?)?,
        recipients: from_column("a request's recipients", &text(6)?)?,
        way: from_column("a request's way", &text(7)?)?,
        requester: AccountId(row.get(8)?),
        requester_name: row.get(9)?,
        reason: row.get(10)?,
        state: state_from(row.get(11)?)?,
        created_at: Timestamp::japanese_time(row.get(12)?),
        decided_by: row.get::<_, Option<i64>>(13)?.map(AccountId),
        decided_by_name: row.get(14)?,
        decided_at: moment(row.get(15)?),
        decision_reason: row.get(16)?,
        granted_recipients: listed("the recipients granted", 17)?,
        granted_sections: sections
            .map(|text| from_column("the sections granted", &text))
            .transpose()?,
        usable_until: moment(row.get(19)?),
        downloads: row.get(20)?,
    })
}
