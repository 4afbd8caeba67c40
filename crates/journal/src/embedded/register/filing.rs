//! Filing requests, filing them again, and taking them back.

use rusqlite::{Connection, OptionalExtension};
use sekimori_policy::{QueueId, Timestamp};
use serde_json::json;

use super::requests::{self, OPEN, state_number};
use super::{account_of, column};
use crate::embedded::actions::append;
use crate::embedded::attempts::{Known, read_detail};
use crate::embedded::prepared::within;
use crate::embedded::sums::{Sums, organisation_number};
use crate::register::request::{MAX_NAMED, MAX_OPEN_REQUESTS, MAX_REASON_OCTETS};
use crate::register::{Decided, NewRequest, RequestId, RequestState, Wanted, Way};
use crate::{Actor, AuditKind, JournalError, State};

/// Files a request.
pub(super) fn add(
    connection: &Connection,
    sums: &mut Sums,
    request: &NewRequest,
    actor: &Actor,
    now: Timestamp,
) -> Result<RequestId, JournalError> {
    let requester = account_of(actor)?;
    within("length of a reason", request.reason.len(), MAX_REASON_OCTETS)?;
    within("number of recipients", request.recipients.len(), MAX_NAMED)?;
    let message = request.queue_id.0.cast_signed();
    let known =
        Known::find(connection, message)?.ok_or(JournalError::UnknownMessage(request.queue_id))?;
    check(connection, &known, request)?;
    let wanted = column(&request.wanted)?;
    let same: Option<i64> = connection
        .prepare_cached(
            "SELECT id FROM request INDEXED BY request_message
             WHERE message = ?1 AND requester = ?2 AND state = ?3 AND wanted = ?4",
        )?
        .query_row((message, requester.0, OPEN, &wanted), |row| row.get(0))
        .optional()?;
    if let Some(same) = same {
        return Err(JournalError::AlreadyRequested(RequestId(same)));
    }
    let open: i64 = connection
        .prepare_cached("SELECT count(*) FROM request WHERE requester = ?1 AND state = ?2")?
        .query_row((requester.0, OPEN), |row| row.get(0))?;
    let open = usize::try_from(open).unwrap_or(usize::MAX);
    within("number of open requests", open.saturating_add(1), MAX_OPEN_REQUESTS)?;
    let organisation = organisation_number(connection, &known.organisation)?;
    connection
        .prepare_cached(
            "INSERT INTO request (message, reference, organisation, subject, wanted, recipients,
                way, requester, requester_name, reason, state, created_at, downloads)
             SELECT ?1, reference, ?2, subject, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0
             FROM message WHERE id = ?1",
        )?
        .execute((
            message,
            organisation,
            wanted,
            column(&request.recipients)?,
            column(&request.way)?,
            requester.0,
            &actor.name,
            &request.reason,
            OPEN,
            now.unix_millis(),
        ))?;
    let id = RequestId(connection.last_insert_rowid());
    let details = json!({
        "request": id, "wanted": request.wanted, "way": request.way,
        "recipients": request.recipients, "reason": request.reason,
    });
    append(connection, sums, known.audit(now, AuditKind::Requested), details, actor)?;
    Ok(id)
}

/// Refuses what the message has no use for.
fn check(connection: &Connection, known: &Known, request: &NewRequest) -> Result<(), JournalError> {
    match &request.wanted {
        Wanted::Text => {
            if known.state != State::Held {
                return Err(JournalError::WrongState(known.state));
            }
            let mut waiting = connection.prepare_cached(
                "SELECT 1 FROM recipient
                 WHERE message = ?1 AND state = 0 AND address = ?2 COLLATE NOCASE",
            )?;
            if request.recipients.is_empty() {
                return Err(JournalError::Misuse("a request for a text that is for nobody"));
            }
            for recipient in &request.recipients {
                if !waiting.exists((known.id, recipient.as_str()))? {
                    return Err(JournalError::NotARecipient(recipient.clone()));
                }
            }
            return Ok(());
        }
        Wanted::Original => {}
        Wanted::Parts(sections) => {
            within("number of parts", sections.len(), MAX_NAMED)?;
            if sections.is_empty() {
                return Err(JournalError::Misuse("a request for no parts"));
            }
            let json: String = connection
                .prepare_cached("SELECT json FROM detail WHERE message = ?1")?
                .query_row([known.id], |row| row.get(0))?;
            let detail = read_detail(known.id, &json)?;
            for section in sections {
                if !detail.removed.iter().any(|part| part.section == *section) {
                    return Err(JournalError::NoSuchPart(section.clone()));
                }
            }
        }
    }
    let has_original: bool = connection
        .prepare_cached("SELECT original_segment IS NOT NULL FROM message WHERE id = ?1")?
        .query_row([known.id], |row| row.get(0))?;
    if !has_original {
        return Err(JournalError::NoOriginal(QueueId(known.id.cast_unsigned())));
    }
    if request.way == Way::Mail && request.recipients.is_empty() {
        return Err(JournalError::Misuse("a request for a hand-over to nobody"));
    }
    Ok(())
}

/// Files a returned request again, or takes an open or returned one back.
pub(super) fn amend(
    connection: &Connection,
    sums: &mut Sums,
    id: RequestId,
    reason: Option<&str>,
    actor: &Actor,
    now: Timestamp,
) -> Result<Decided, JournalError> {
    let requester = account_of(actor)?;
    let Some(request) = requests::find(connection, id)? else { return Ok(Decided::Unknown) };
    if request.requester != requester {
        return Ok(Decided::NotOwnRequest);
    }
    let (state, kind) = match (reason, request.state) {
        (Some(_), RequestState::Returned) => (RequestState::Open, AuditKind::Requested),
        (None, RequestState::Open | RequestState::Returned) => {
            (RequestState::Withdrawn, AuditKind::Withdrawn)
        }
        (_, other) => return Ok(Decided::WrongState(other)),
    };
    within("length of a reason", reason.map_or(0, str::len), MAX_REASON_OCTETS)?;
    connection
        .prepare_cached(
            "UPDATE request SET state = ?2, reason = coalesce(?3, reason), decided_by = NULL,
                decided_by_name = NULL, decided_at = NULL WHERE id = ?1",
        )?
        .execute((id.0, state_number(state), reason))?;
    let record = super::deciding::about(&request, now, kind);
    let details = match reason {
        Some(reason) => json!({ "request": id, "reason": reason }),
        None => json!({ "request": id }),
    };
    append(connection, sums, record, details, actor)?;
    Ok(Decided::Done)
}
