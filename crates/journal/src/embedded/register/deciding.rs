//! Deciding requests, and what follows from it.

use rusqlite::Connection;
use sekimori_policy::{Address, Timestamp};
use serde_json::json;

use super::requests::{self, state_number};
use super::{account_of, column, hand_overs};
use crate::embedded::actions::{CHANGES, act_on_one, append, extend};
use crate::embedded::attempts::Known;
use crate::embedded::sums::{Sums, add_to_meta};
use crate::register::{Decided, Request, RequestId, RequestState, Verdict, Wanted, Way};
use crate::{Action, ActionOutcome, Actor, AuditKind, AuditRecord, JournalError, State};

/// Days after the end of its use that the message of an approved request is kept.
const KEPT_DAYS: u32 = 1;
/// Days that a message is kept for a hand-over by mail to be tried.
const HAND_OVER_DAYS: u32 = 14;

/// Decides a request.
pub(super) fn decide(
    connection: &Connection,
    sums: &mut Sums,
    id: RequestId,
    verdict: &Verdict,
    actor: &Actor,
    now: Timestamp,
) -> Result<Decided, JournalError> {
    let account = account_of(actor)?;
    let Some(request) = requests::find(connection, id)? else { return Ok(Decided::Unknown) };
    if request.requester == account {
        return Ok(Decided::OwnRequest);
    }
    if request.state != RequestState::Open {
        return Ok(Decided::WrongState(request.state));
    }
    let (state, kind) = match verdict {
        Verdict::Approve { .. } => (RequestState::Approved, AuditKind::Approved),
        Verdict::Reject => (RequestState::Rejected, AuditKind::Rejected),
        Verdict::Return => (RequestState::Returned, AuditKind::Returned),
    };
    let granted = match verdict {
        Verdict::Approve { recipients, sections, usable_until } => {
            Some(Granted::of(&request, recipients.as_deref(), sections.as_deref(), *usable_until)?)
        }
        Verdict::Reject | Verdict::Return => None,
    };
    if let Some(granted) = &granted {
        let Some(known) = Known::find(connection, request.queue_id.0.cast_signed())? else {
            return Ok(Decided::Message(ActionOutcome::Unknown));
        };
        if granted.wanted == Wanted::Text && !is_releasable(connection, &known, granted)? {
            return Ok(Decided::Message(ActionOutcome::WrongState(known.state)));
        }
    }
    let details = match &granted {
        Some(granted) => json!({
            "request": id, "requester": request.requester_name, "wanted": granted.wanted,
            "way": request.way, "recipients": granted.recipients,
        }),
        None => json!({ "request": id, "requester": request.requester_name }),
    };
    append(connection, sums, about(&request, now, kind), details, actor)?;
    if let Some(granted) = &granted {
        follow(connection, sums, &request, granted, actor, now)?;
    }
    let sections = granted.as_ref().and_then(|granted| match &granted.wanted {
        Wanted::Parts(sections) => Some(sections),
        Wanted::Text | Wanted::Original => None,
    });
    connection
        .prepare_cached(
            "UPDATE request SET state = ?2, decided_by = ?3, decided_by_name = ?4,
                decided_at = ?5, decision_reason = ?6, granted_recipients = ?7,
                granted_sections = ?8, usable_until = ?9 WHERE id = ?1",
        )?
        .execute((
            id.0,
            state_number(state),
            account.0,
            &actor.name,
            now.unix_millis(),
            &actor.reason,
            granted.as_ref().map(|granted| column(&granted.recipients)).transpose()?,
            sections.map(column).transpose()?,
            granted.as_ref().map(|granted| granted.usable_until.unix_millis()),
        ))?;
    add_to_meta(connection, CHANGES, 1)?;
    Ok(Decided::Done)
}

/// An audit record about a request's message, which may be gone.
pub(super) fn about(request: &Request, at: Timestamp, kind: AuditKind) -> AuditRecord {
    AuditRecord {
        at,
        kind,
        organisation: Some(request.organisation.clone()),
        queue_id: Some(request.queue_id),
        reference: Some(request.reference),
        actor: None,
        details: serde_json::Value::Null,
    }
}

/// What is approved: at most what was asked for.
struct Granted {
    wanted: Wanted,
    recipients: Vec<Address>,
    usable_until: Timestamp,
}

impl Granted {
    fn of(
        request: &Request,
        recipients: Option<&[Address]>,
        sections: Option<&[String]>,
        usable_until: Timestamp,
    ) -> Result<Self, JournalError> {
        let recipients = recipients.unwrap_or(&request.recipients);
        let asked = |address: &Address| {
            request.recipients.iter().any(|r| r.as_str().eq_ignore_ascii_case(address.as_str()))
        };
        if let Some(other) = recipients.iter().find(|address| !asked(address)) {
            return Err(JournalError::NotARecipient(other.clone()));
        }
        if recipients.is_empty() && !request.recipients.is_empty() {
            return Err(JournalError::Misuse("an approval for nobody"));
        }
        let wanted = match (&request.wanted, sections) {
            (Wanted::Parts(asked), Some(granted)) => {
                if let Some(other) = granted.iter().find(|section| !asked.contains(section)) {
                    return Err(JournalError::NoSuchPart(other.clone()));
                }
                if granted.is_empty() {
                    return Err(JournalError::Misuse("an approval of no parts"));
                }
                Wanted::Parts(granted.to_vec())
            }
            (wanted, _) => wanted.clone(),
        };
        Ok(Self { wanted, recipients: recipients.to_vec(), usable_until })
    }
}

/// Whether one of the recipients granted waits for a release.
fn is_releasable(
    connection: &Connection,
    known: &Known,
    granted: &Granted,
) -> Result<bool, JournalError> {
    let mut waiting = connection.prepare_cached(
        "SELECT 1 FROM recipient WHERE message = ?1 AND state = 0
         AND address = ?2 COLLATE NOCASE AND (?3 OR next_attempt_at IS NULL)",
    )?;
    if !matches!(known.state, State::Held | State::Queued) {
        return Ok(false);
    }
    for recipient in &granted.recipients {
        if waiting.exists((known.id, recipient.as_str(), known.state == State::Held))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What an approval has done: a release, hand-overs, or a time for downloads.
fn follow(
    connection: &Connection,
    sums: &mut Sums,
    request: &Request,
    granted: &Granted,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), JournalError> {
    let message = request.queue_id.0.cast_signed();
    match (&granted.wanted, request.way) {
        (Wanted::Text, _) => {
            let release = Action::Release { recipients: Some(granted.recipients.clone()) };
            match act_on_one(connection, sums, request.queue_id, &release, actor, now)? {
                ActionOutcome::Done => Ok(()),
                _ => Err(JournalError::Misuse("a release of what cannot be released")),
            }
        }
        (_, Way::Download) => {
            extend(connection, message, granted.usable_until.plus_days(KEPT_DAYS))?;
            Ok(())
        }
        (wanted, Way::Mail) => {
            extend(connection, message, now.plus_days(HAND_OVER_DAYS))?;
            hand_overs::add(connection, request, wanted, &granted.recipients, now)
        }
    }
}
