//! The rows of delivery results.

use rusqlite::{Connection, OptionalExtension};
use sekimori_policy::{Code, QueueId, ReferenceNumber, Timestamp};
use serde::Serialize;

use super::insert::insert_audit;
use super::prepared::{Detail, PreparedAudit, json as to_json};
use super::sums::{Sums, state_from, state_number};
use crate::{
    AttemptRecord, AttemptResult, AuditKind, AuditRecord, JournalError, RecipientState, State,
};

/// What a change of state needs to know of a message.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) id: i64,
    pub(super) state: State,
    pub(super) organisation: String,
    pub(super) reference: ReferenceNumber,
    pub(super) size: i64,
}

impl Known {
    /// Looks a message up.
    pub(super) fn find(connection: &Connection, id: i64) -> Result<Option<Self>, JournalError> {
        let row = connection
            .prepare_cached(
                "SELECT state, organisation.name, reference, size
                 FROM message JOIN organisation ON organisation.id = message.organisation
                 WHERE message.id = ?1",
            )?
            .query_row([id], |row| {
                Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, i64>(2)?, row.get(3)?))
            })
            .optional()?;
        row.map(|(state, organisation, reference, size)| {
            Ok(Self {
                id,
                state: state_from(state)?,
                organisation,
                reference: ReferenceNumber::from_bits(reference.cast_unsigned()),
                size,
            })
        })
        .transpose()
    }

    /// An audit record about this message, without details.
    pub(super) fn audit(&self, at: Timestamp, kind: AuditKind) -> AuditRecord {
        AuditRecord {
            at,
            kind,
            organisation: Some(self.organisation.clone()),
            queue_id: Some(QueueId(self.id.cast_unsigned())),
            reference: Some(self.reference),
            actor: None,
            details: serde_json::Value::Null,
        }
    }
}

/// The details of the audit record of a result. Members are only ever added.
#[derive(Serialize)]
struct ResultDetails<'a> {
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<i64>,
    reply: &'a str,
    hop: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
}

/// Writes results, in order, and what follows from them for their messages.
pub(super) fn record_attempts(
    connection: &Connection,
    sums: &mut Sums,
    attempts: &[AttemptRecord],
) -> Result<(), JournalError> {
    for group in attempts.chunk_by(|a, b| a.queue_id == b.queue_id) {
        let Some(last) = group.last() else { continue };
        let known = Known::find(connection, last.queue_id.0.cast_signed())?;
        for attempt in group {
            record_one(connection, sums, known.as_ref(), attempt)?;
        }
        if let Some(known) = known {
            let held = group.iter().any(|attempt| attempt.result == AttemptResult::Held);
            settle(connection, sums, &known, held, last.at)?;
        }
    }
    Ok(())
}

fn record_one(
    connection: &Connection,
    sums: &mut Sums,
    known: Option<&Known>,
    attempt: &AttemptRecord,
) -> Result<(), JournalError> {
    if let AttemptResult::Outstanding { next_attempt } = attempt.result {
        return put_off(connection, attempt, next_attempt);
    }
    let mut relayed = None;
    let (state, next) = match attempt.result {
        AttemptResult::Delivered => (RecipientState::Delivered, None),
        AttemptResult::Failed => (RecipientState::Failed, None),
        AttemptResult::Deferred { next_attempt } | AttemptResult::Outstanding { next_attempt } => {
            (RecipientState::Waiting, Some(next_attempt.unix_millis()))
        }
        AttemptResult::Relayed { to, next_attempt } => {
            relayed = Some(to);
            (RecipientState::Waiting, Some(next_attempt.unix_millis()))
        }
        AttemptResult::Held => (RecipientState::Waiting, Some(attempt.at.unix_millis())),
    };
    let AttemptRecord { reply, hop, .. } = attempt;
    // A recipient that has no next attempt was not released (any more) and stays so, whatever an
    // attempt under way came to. A settled recipient stays settled; only word that the message did arrive overrules a refusal.
    let row: Option<(String, i64)> = connection
        .prepare_cached(
            "UPDATE recipient SET
                next_attempt_at = CASE WHEN state = 0 AND next_attempt_at IS NOT NULL THEN ?4 END,
                state = CASE WHEN state = 0 OR ?3 = 1 THEN ?3 ELSE state END,
                attempts = attempts + 1, last_attempt_at = ?5, last_reply = ?6, hop = ?7,
                relayed_id = ?8, relayed_position = ?9
             WHERE message = ?1 AND position = ?2 RETURNING address, attempts",
        )?
        .query_row(
            (
                attempt.queue_id.0.cast_signed(),
                attempt.recipient,
                recipient_number(state),
                next,
                attempt.at.unix_millis(),
                reply,
                hop,
                relayed.map(|to| to.id.0.cast_signed()),
                relayed.map(|to| to.position),
            ),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let kind = match attempt.result {
        AttemptResult::Delivered => AuditKind::Delivered,
        AttemptResult::Relayed { .. } => AuditKind::Relayed,
        AttemptResult::Deferred { .. } | AttemptResult::Outstanding { .. } => AuditKind::Deferred,
        AttemptResult::Failed => AuditKind::Failed,
        AttemptResult::Held => AuditKind::Held,
    };
    let (address, attempts) = row.unzip();
    let details = to_json(&ResultDetails {
        index: attempt.recipient,
        recipient: address,
        attempts,
        reply,
        hop,
        next_attempt: match attempt.result {
            AttemptResult::Deferred { next_attempt } => Some(next_attempt.rfc3339()),
            _ => None,
        },
        code: (attempt.result == AttemptResult::Held).then_some(Code::HoldUndeliverable),
    })?;
    let record = match known {
        Some(known) => known.audit(attempt.at, kind),
        None => AuditRecord {
            at: attempt.at,
            kind,
            organisation: None,
            queue_id: Some(attempt.queue_id),
            reference: None,
            actor: None,
            details: serde_json::Value::Null,
        },
    };
    insert_audit(connection, sums, &PreparedAudit { record, details })
}

/// Notes when to ask a gate again.
fn put_off(
    connection: &Connection,
    attempt: &AttemptRecord,
    next_attempt: Timestamp,
) -> Result<(), JournalError> {
    connection
        .prepare_cached(
            "UPDATE recipient SET next_attempt_at = ?3, last_attempt_at = ?4
             WHERE message = ?1 AND position = ?2 AND state = 0 AND next_attempt_at IS NOT NULL",
        )?
        .execute((
            attempt.queue_id.0.cast_signed(),
            attempt.recipient,
            next_attempt.unix_millis(),
            attempt.at.unix_millis(),
        ))?;
    Ok(())
}

/// Brings a message's own row in line with its recipients'.
fn settle(
    connection: &Connection,
    sums: &mut Sums,
    known: &Known,
    held: bool,
    at: Timestamp,
) -> Result<(), JournalError> {
    let (waiting, failed, next): (i64, i64, Option<i64>) = connection
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 2),
                min(next_attempt_at) FILTER (WHERE state = 0)
             FROM recipient WHERE message = ?1",
        )?
        .query_row([known.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    // Those that still wait were not released, when none of them has a next attempt.
    let unreleased = waiting > 0 && next.is_none();
    let state = match (waiting, failed, known.state) {
        (0, 0, _) => State::Delivered,
        (0, _, _) => State::Failed,
        (_, _, State::Queued) if held || unreleased => State::Held,
        (_, _, unchanged) => unchanged,
    };
    if held && state == State::Held && known.state == State::Queued {
        add_decision(connection, known.id, Code::HoldUndeliverable)?;
    }
    change_state(connection, sums, known, state, next, at)
}

/// Writes a message's state and when it is due.
pub(super) fn change_state(
    connection: &Connection,
    sums: &mut Sums,
    known: &Known,
    state: State,
    next_attempt: Option<i64>,
    at: Timestamp,
) -> Result<(), JournalError> {
    connection
        .prepare_cached(
            "UPDATE message SET state = ?2, next_attempt_at = ?3,
                done_at = CASE WHEN ?4 THEN coalesce(done_at, ?5) END
             WHERE id = ?1",
        )?
        .execute((
            known.id,
            state_number(state),
            next_attempt,
            state.is_done(),
            at.unix_millis(),
        ))?;
    if state != known.state {
        sums.leave(known.state, known.size);
        sums.enter(state, known.size);
    }
    Ok(())
}

/// Adds a decision to those of a stored message.
pub(super) fn add_decision(
    connection: &Connection,
    id: i64,
    code: Code,
) -> Result<(), JournalError> {
    let json: String = connection
        .prepare_cached("SELECT json FROM detail WHERE message = ?1")?
        .query_row([id], |row| row.get(0))?;
    let mut detail: Detail = read_detail(id, &json)?;
    detail.decisions.add(code);
    connection
        .prepare_cached("UPDATE detail SET json = ?2 WHERE message = ?1")?
        .execute((id, to_json(&detail)?))?;
    Ok(())
}

/// Reads the details of a message.
pub(super) fn read_detail(id: i64, json: &str) -> Result<Detail, JournalError> {
    serde_json::from_str(json).map_err(|error| {
        JournalError::damaged(format!("the details of {}: {error}", QueueId(id.cast_unsigned())))
    })
}

/// A recipient's state as stored.
fn recipient_number(state: RecipientState) -> i64 {
    match state {
        RecipientState::Waiting => 0,
        RecipientState::Delivered => 1,
        RecipientState::Failed => 2,
    }
}

/// A recipient's state as read.
pub(super) fn recipient_from(number: i64) -> Result<RecipientState, JournalError> {
    match number {
        0 => Ok(RecipientState::Waiting),
        1 => Ok(RecipientState::Delivered),
        2 => Ok(RecipientState::Failed),
        _ => Err(JournalError::damaged(format!("no recipient state has the number {number}"))),
    }
}
