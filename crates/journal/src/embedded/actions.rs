//! What people do to messages, each with its audit record in the same transaction.

use rusqlite::Connection;
use sekimori_policy::{Code, QueueId, Timestamp};
use serde_json::json;

use super::attempts::{Known, add_decision, change_state};
use super::insert::insert_audit;
use super::prepared::{PreparedAudit, within};
use super::store::Store;
use super::sums::{Sums, add_to_meta};
use crate::action::{MAX_ACTION_IDS, MAX_ACTOR_OCTETS};
use crate::{Action, ActionOutcome, ActionResult, Actor, AuditKind, JournalError, State};

/// Name of the number that grows with every action.
pub(super) const CHANGES: &str = "changes";
/// Messages changed in one transaction, so that the writer never waits long for its turn.
const AT_ONCE: usize = 100;

/// Does `action` to each message.
pub(super) fn act(
    store: &Store,
    ids: &[QueueId],
    action: Action,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<ActionResult>, JournalError> {
    within("number of messages", ids.len(), MAX_ACTION_IDS)?;
    within("length of an actor's name", actor.name.len(), MAX_ACTOR_OCTETS)?;
    within("length of a reason", actor.reason.len(), MAX_ACTOR_OCTETS)?;
    let mut results = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let outcomes = store.act(|connection| {
            let mut sums = Sums::default();
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

fn act_on_one(
    connection: &Connection,
    sums: &mut Sums,
    queue_id: QueueId,
    action: Action,
    actor: &Actor,
    now: Timestamp,
) -> Result<ActionOutcome, JournalError> {
    let Some(known) = Known::find(connection, queue_id.0.cast_signed())? else {
        return Ok(ActionOutcome::Unknown);
    };
    let due = Some(now.unix_millis());
    let kind = match (action, known.state) {
        (Action::Hold, State::Queued) => {
            add_decision(connection, known.id, Code::HoldOperator)?;
            change_state(connection, sums, &known, State::Held, None, now)?;
            AuditKind::Held
        }
        (Action::Release, State::Held) => {
            make_due(connection, &known, now)?;
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
        (_, state) => return Ok(ActionOutcome::WrongState(state)),
    };
    let mut record = known.audit(now, kind);
    record.details = json!({ "reason": actor.reason });
    record.actor = Some(actor.name.clone());
    insert_audit(connection, &PreparedAudit::new(record))?;
    Ok(ActionOutcome::Done)
}

fn make_due(connection: &Connection, known: &Known, now: Timestamp) -> Result<(), JournalError> {
    connection
        .prepare_cached(
            "UPDATE recipient SET next_attempt_at = ?2 WHERE message = ?1 AND state = 0",
        )?
        .execute((known.id, now.unix_millis()))?;
    Ok(())
}
