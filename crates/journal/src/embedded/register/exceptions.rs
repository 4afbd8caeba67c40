//! Exceptions (例外措置).

use rusqlite::{Connection, Params, Row};
use sekimori_policy::Timestamp;
use serde_json::json;

use super::accounts::record;
use super::{account_of, column, from_column, known_organisations, moment, named};
use crate::embedded::actions::{CHANGES, append};
use crate::embedded::prepared::within;
use crate::embedded::sums::{Sums, add_to_meta, organisation_number};
use crate::message::MAX_ORGANISATION_OCTETS;
use crate::register::exception::{MAX_CONDITIONS_OCTETS, MAX_EXCEPTION_DAYS, MAX_EXCEPTIONS};
use crate::register::request::MAX_REASON_OCTETS;
use crate::register::{
    AccountId, Decided, ExceptionId, ExceptionState, NewException, RequestState, StoredException,
};
use crate::{Actor, AuditKind, JournalError};

const STATES: [ExceptionState; 5] = [
    ExceptionState::Open,
    ExceptionState::Approved,
    ExceptionState::Rejected,
    ExceptionState::Ended,
    ExceptionState::Lapsed,
];

const COLUMNS: &str = "exception.id, organisation.name, conditions, requester, requester_name,
    reason, state, created_at, begins_at, ends_at, decided_by, decided_by_name, decided_at
    FROM exception JOIN organisation ON organisation.id = exception.organisation";

/// Files an exception.
pub(super) fn add(
    connection: &Connection,
    sums: &mut Sums,
    exception: &NewException,
    actor: &Actor,
    now: Timestamp,
) -> Result<ExceptionId, JournalError> {
    let requester = account_of(actor)?;
    let conditions = column(&exception.conditions)?;
    within("length of an exception's conditions", conditions.len(), MAX_CONDITIONS_OCTETS)?;
    within("length of a reason", exception.reason.len(), MAX_REASON_OCTETS)?;
    within(
        "length of an organisation's name",
        exception.organisation.len(),
        MAX_ORGANISATION_OCTETS,
    )?;
    let (begins, ends) = (exception.begins_at.unix_millis(), exception.ends_at.unix_millis());
    if ends <= begins || ends <= now.unix_millis() {
        return Err(JournalError::Misuse("an exception that ends before it begins"));
    }
    let latest = exception.begins_at.plus_days(MAX_EXCEPTION_DAYS).unix_millis();
    if ends > latest {
        return Err(JournalError::Misuse("an exception of more than a year"));
    }
    let organisation = organisation_number(connection, &exception.organisation)?;
    let number: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM exception
             WHERE organisation = ?1 AND state IN ('open', 'approved')",
        )?
        .query_row([organisation], |row| row.get(0))?;
    let number = usize::try_from(number).unwrap_or(usize::MAX).saturating_add(1);
    within("number of exceptions", number, MAX_EXCEPTIONS)?;
    connection
        .prepare_cached(
            "INSERT INTO exception (organisation, conditions, requester, requester_name, reason,
                state, created_at, begins_at, ends_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, ?7, ?8)",
        )?
        .execute((
            organisation,
            conditions,
            requester.0,
            &actor.name,
            &exception.reason,
            now.unix_millis(),
            begins,
            ends,
        ))?;
    let id = ExceptionId(connection.last_insert_rowid());
    let details = json!({
        "exception": id, "conditions": exception.conditions, "reason": exception.reason,
        "begins_at": exception.begins_at, "ends_at": exception.ends_at,
    });
    let organisation = Some(exception.organisation.clone());
    append(
        connection,
        sums,
        record(now, organisation, AuditKind::ExceptionRequested),
        details,
        actor,
    )?;
    Ok(id)
}

/// The exceptions of organisations, or all, newest first.
pub(super) fn list(
    connection: &Connection,
    organisations: Option<&[String]>,
) -> Result<Vec<StoredException>, JournalError> {
    let order = "ORDER BY exception.id DESC";
    let Some(names) = organisations else { return many(connection, order, []) };
    let numbers = known_organisations(connection, names)?;
    let which =
        format!("WHERE exception.organisation IN (SELECT value FROM json_each(?1)) {order}");
    many(connection, &which, [column(&numbers)?])
}

/// Those that are approved and have not ended, newest first.
pub(super) fn approved(
    connection: &Connection,
    now: Timestamp,
) -> Result<Vec<StoredException>, JournalError> {
    let which = "WHERE state = 'approved' AND ends_at > ?1 ORDER BY exception.id DESC";
    many(connection, which, [now.unix_millis()])
}

fn many(
    connection: &Connection,
    which: &str,
    parameters: impl Params,
) -> Result<Vec<StoredException>, JournalError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} {which}"))?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Decides an open exception, or ends one.
pub(super) fn decide(
    connection: &Connection,
    sums: &mut Sums,
    id: ExceptionId,
    to: ExceptionState,
    actor: &Actor,
    now: Timestamp,
) -> Result<Decided, JournalError> {
    let account = account_of(actor)?;
    let Some(exception) = many(connection, "WHERE exception.id = ?1", [id.0])?.pop() else {
        return Ok(Decided::Unknown);
    };
    let kind = match (exception.state, to) {
        (ExceptionState::Open, ExceptionState::Approved | ExceptionState::Rejected)
            if exception.requester == account =>
        {
            return Ok(Decided::OwnRequest);
        }
        (ExceptionState::Open, ExceptionState::Approved) => AuditKind::ExceptionApproved,
        (ExceptionState::Open, ExceptionState::Rejected) => AuditKind::ExceptionRejected,
        (ExceptionState::Open | ExceptionState::Approved, ExceptionState::Ended) => {
            AuditKind::ExceptionEnded
        }
        (found, _) => return Ok(Decided::WrongState(as_request(found))),
    };
    // Whoever ends an exception has not decided on it.
    let decides = to != ExceptionState::Ended;
    connection
        .prepare_cached(
            "UPDATE exception SET state = ?2,
                decided_by = CASE WHEN ?3 THEN ?4 ELSE decided_by END,
                decided_by_name = CASE WHEN ?3 THEN ?5 ELSE decided_by_name END,
                decided_at = CASE WHEN ?3 THEN ?6 ELSE decided_at END
             WHERE id = ?1",
        )?
        .execute((id.0, to.as_str(), decides, account.0, &actor.name, now.unix_millis()))?;
    let details = json!({ "exception": id, "requester": exception.requester_name });
    append(connection, sums, record(now, Some(exception.organisation), kind), details, actor)?;
    add_to_meta(connection, CHANGES, 1)?;
    Ok(Decided::Done)
}

/// The state that a refusal names: exceptions go the way of requests.
fn as_request(state: ExceptionState) -> RequestState {
    match state {
        ExceptionState::Open => RequestState::Open,
        ExceptionState::Approved => RequestState::Approved,
        ExceptionState::Rejected => RequestState::Rejected,
        ExceptionState::Ended => RequestState::Withdrawn,
        ExceptionState::Lapsed => RequestState::Lapsed,
    }
}

fn read(row: &Row<'_>) -> Result<StoredException, JournalError> {
    Ok(StoredException {
        id: ExceptionId(row.get(0)?),
        organisation: row.get(1)?,
        conditions: from_column("an exception's conditions", &row.get::<_, String>(2)?)?,
        requester: AccountId(row.get(3)?),
        requester_name: row.get(4)?,
        reason: row.get(5)?,
        state: named(
            "the exception's state",
            &STATES,
            ExceptionState::as_str,
            &row.get::<_, String>(6)?,
        )?,
        created_at: Timestamp::japanese_time(row.get(7)?),
        begins_at: Timestamp::japanese_time(row.get(8)?),
        ends_at: Timestamp::japanese_time(row.get(9)?),
        decided_by: row.get::<_, Option<i64>>(10)?.map(AccountId),
        decided_by_name: row.get(11)?,
        decided_at: moment(row.get(12)?),
    })
}
