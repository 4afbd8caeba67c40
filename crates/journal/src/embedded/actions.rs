//! What people do to messages, each with its audit record in the same transaction.

use std::collections::HashSet;

use rusqlite::Connection;
use sekimori_policy::{Address, Code, QueueId, Timestamp};
use serde_json::{Value, json};

use super::attempts::{Known, add_decision, change_state};
use super::insert::insert_audit;
use super::prepared::{PreparedAudit, within};
use super::store::Store;
use super::sums::{Sums, add_to_meta};
use crate::action::{MAX_ACTION_IDS, MAX_ACTOR_OCTETS, MAX_ORIGIN_OCTETS};
use crate::message::MAX_RECIPIENTS;
use crate::{
    Action, ActionOutcome, ActionResult, Actor, AuditKind, AuditRecord, JournalError, State,
};

/// Name of the number that grows with every action.
pub(super) const CHANGES: &str = "changes";
/// Messages changed in one transaction, so that the writer never waits long for its turn.
const AT_ONCE: usize = 100;

/// Does `action` to each message.
pub(super) fn act(
    store: &Store,
    ids: &[QueueId],
    action: &Action,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<ActionResult>, JournalError> {
    within("number of messages", ids.len(), MAX_ACTION_IDS)?;
    bound(actor, MAX_ACTOR_OCTETS)?;
    if let Action::Release { recipients: Some(named) } = action {
        within("number of recipients", named.len(), MAX_RECIPIENTS)?;
    }
    let mut results = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let outcomes = store.act(|connection| {
            let mut sums = store.sums();
            let mut outcomes = Vec::with_capacity(some.len());
            for &queue_id in some {
                let outcome = act_on_one(connection, &mut sums, queue_id, action, actor, now)?;
                outcomes.push(ActionResult { queue_id, outcome });
            }
            sums.write(connection)?;
            add_to_meta(connection, CHANGES, 1)?;
            Ok(outcomes)
        })?;
        results.extend(outcomes);
    }
    Ok(results)
}

/// Refuses an actor whose texts are over their bounds.
pub(super) fn bound(actor: &Actor, longest_reason: usize) -> Result<(), JournalError> {
    within("length of an actor's name", actor.name.len(), MAX_ACTOR_OCTETS)?;
    within("length of a reason", actor.reason.len(), longest_reason)?;
    let origin = actor.origin.as_ref().map_or(0, String::len);
    within("length of an actor's origin", origin, MAX_ORIGIN_OCTETS)
}

/// Writes who did it, from where and why into a record, and appends it. `details` must be an object;
/// it is kept whole, however long, since those who call this bound what goes into it.
pub(super) fn append(
    connection: &Connection,
    sums: &mut Sums,
    mut record: AuditRecord,
    mut details: Value,
    actor: &Actor,
) -> Result<(), JournalError> {
    if let Value::Object(members) = &mut details {
        if !actor.reason.is_empty() {
            members.entry("reason").or_insert_with(|| json!(actor.reason));
        }
        if let Some(account) = actor.account {
            members.insert("account".to_owned(), json!(account));
        }
        if let Some(origin) = &actor.origin {
            members.insert("origin".to_owned(), json!(origin));
        }
    }
    record.actor = Some(actor.name.clone());
    insert_audit(connection, sums, &PreparedAudit { record, details: details.to_string() })
}

/// Does `action` to one message, in a transaction of the caller's.
pub(super) fn act_on_one(
    connection: &Connection,
    sums: &mut Sums,
    queue_id: QueueId,
    action: &Action,
    actor: &Actor,
    now: Timestamp,
) -> Result<ActionOutcome, JournalError> {
    let Some(known) = Known::find(connection, queue_id.0.cast_signed())? else {
        return Ok(ActionOutcome::Unknown);
    };
    let due = Some(now.unix_millis());
    let mut details = json!({});
    let kind = match (action, known.state) {
        (Action::Hold, State::Queued) => {
            add_decision(connection, known.id, Code::HoldOperator)?;
            change_state(connection, sums, &known, State::Held, None, now)?;
            AuditKind::Held
        }
        (Action::Release { recipients }, State::Held | State::Queued) => {
            let released = release(connection, &known, recipients.as_deref(), now)?;
            if released.is_empty() {
                return Ok(ActionOutcome::WrongState(known.state));
            }
            if recipients.is_some() {
                details = json!({ "recipients": released });
            }
            change_state(connection, sums, &known, State::Queued, due, now)?;
            AuditKind::Released
        }
        (Action::Delete, State::Queued | State::Held) => {
            change_state(connection, sums, &known, State::Deleted, None, now)?;
            AuditKind::Deleted
        }
        (Action::Flush, State::Queued) => {
            make_due(connection, &known, now)?;
            change_state(connection, sums, &known, State::Queued, due, now)?;
            AuditKind::Flushed
        }
        (Action::Restore, State::Deleted) => {
            change_state(connection, sums, &known, State::Held, None, now)?;
            AuditKind::Restored
        }
        (Action::Extend { until }, _) => {
            if !extend(connection, known.id, *until)? {
                return Ok(ActionOutcome::Done);
            }
            details = json!({ "keep_until": until });
            AuditKind::Extended
        }
        (_, state) => return Ok(ActionOutcome::WrongState(state)),
    };
    append(connection, sums, known.audit(now, kind), details, actor)?;
    Ok(ActionOutcome::Done)
}

/// Makes the recipients named due, or all that wait, and gives those that were not due before. The
/// others that wait have no next attempt from then on: they wait for a release of their own.
fn release(
    connection: &Connection,
    known: &Known,
    named: Option<&[Address]>,
    now: Timestamp,
) -> Result<Vec<String>, JournalError> {
    let named: Option<HashSet<String>> =
        named.map(|named| named.iter().map(|a| a.as_str().to_ascii_lowercase()).collect());
    let held = known.state == State::Held;
    let waiting: Vec<(i64, String, bool)> = connection
        .prepare_cached(
            "SELECT position, address, next_attempt_at IS NOT NULL FROM recipient
             WHERE message = ?1 AND state = 0",
        )?
        .query_map([known.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let wanted = |address: &str| {
        named.as_ref().is_none_or(|named| named.contains(&address.to_ascii_lowercase()))
    };
    if !waiting.iter().any(|(_, address, due)| wanted(address) && (held || !due)) {
        return Ok(Vec::new());
    }
    let mut set = connection.prepare_cached(
        "UPDATE recipient SET next_attempt_at = ?3 WHERE message = ?1 AND position = ?2",
    )?;
    let mut released = Vec::new();
    for (position, address, due) in waiting {
        if wanted(&address) {
            if held || !due {
                set.execute((known.id, position, Some(now.unix_millis())))?;
                released.push(address);
            }
        } else if held {
            set.execute((known.id, position, None::<i64>))?;
        }
    }
    Ok(released)
}

/// Has a message kept until a moment. `false` when it is kept as long anyway.
pub(super) fn extend(
    connection: &Connection,
    id: i64,
    until: Timestamp,
) -> Result<bool, JournalError> {
    let changed = connection
        .prepare_cached("UPDATE message SET keep_until = ?2 WHERE id = ?1 AND keep_until < ?2")?
        .execute((id, until.unix_millis()))?;
    Ok(changed > 0)
}

fn make_due(connection: &Connection, known: &Known, now: Timestamp) -> Result<(), JournalError> {
    connection
        .prepare_cached(
            "UPDATE recipient SET next_attempt_at = ?2
             WHERE message = ?1 AND state = 0 AND next_attempt_at IS NOT NULL",
        )?
        .execute((known.id, now.unix_millis()))?;
    Ok(())
}
