//! Messages and records as JSON, for the HTTP API and the command line. Members are only ever added.

use crate::{Listed, RecipientState, State, StoredAudit, StoredMessage};
use sekimori_policy::{Decision, Timestamp};
use serde_json::{Value, json};

/// A message in a list, with postqueue's members where they fit.
pub fn listed(listed: &Listed) -> Value {
    json!({
        "queue_id": listed.queue_id,
        "reference": listed.reference,
        "state": listed.state,
        "organisation": listed.organisation,
        "arrival_time": listed.received_at.unix_millis() / 1000,
        "message_size": listed.size,
        "sender": listed.sender,
        "recipients": listed.recipients,
        "recipient_count": listed.recipient_count,
        "from": listed.from,
        "subject": listed.subject,
        "keep_until": listed.keep_until.rfc3339(),
        "removed_count": listed.removed_count,
        "codes": listed.codes,
        "requested": listed.requested,
    })
}

/// One message, with postqueue's members where they fit.
pub fn message(message: &StoredMessage) -> Value {
    let recipients: Vec<_> = message
        .recipients
        .iter()
        .map(|recipient| {
            let mut value = json!({
                "address": recipient.address,
                "state": recipient.state,
                "attempts": recipient.attempts,
                "next_attempt": recipient.next_attempt_at.map(Timestamp::rfc3339),
                "hop": recipient.hop,
            });
            if let (Some(reply), RecipientState::Waiting, Some(members)) =
                (&recipient.last_reply, recipient.state, value.as_object_mut())
            {
                members.insert("delay_reason".to_owned(), json!(reply));
            }
            if let (Some(relayed), Some(members)) = (recipient.relayed, value.as_object_mut()) {
                members.insert("relayed_as".to_owned(), json!(relayed.id));
            }
            if let (Some(reply), Some(members)) = (&recipient.last_reply, value.as_object_mut()) {
                members.insert("last_reply".to_owned(), json!(reply));
            }
            value
        })
        .collect();
    json!({
        "queue_name": queue_name(message),
        "queue_id": message.queue_id,
        "reference": message.reference,
        "arrival_time": message.received_at.unix_millis() / 1000,
        "message_size": message.size,
        "text_size": message.text_size,
        "sender": message.envelope.sender.as_str(),
        "recipients": recipients,
        "state": message.state,
        "route": message.route,
        "organisation": message.organisation,
        "outcome": message.outcome,
        "from": message.summary.from,
        "subject": message.summary.subject,
        "message_id": message.summary.message_id,
        "keep_until": message.keep_until.rfc3339(),
        "decisions": message.decisions.iter().map(decision).collect::<Vec<_>>(),
        "removed": message.removed,
        "client": message.client,
    })
}

/// A record of the audit log, with the members of `audit list --json`.
pub fn record(stored: &StoredAudit) -> Value {
    let record = &stored.record;
    json!({
        "sequence": stored.sequence,
        "number": stored.number,
        "at": record.at.rfc3339(),
        "kind": record.kind,
        "organisation": record.organisation,
        "queue_id": record.queue_id,
        "reference": record.reference,
        "actor": record.actor,
        "details": record.details,
    })
}

/// The same with each moment as RFC 3339 writes it, instead of the store's own form.
pub fn plain(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(plain).collect(),
        Value::Object(members) => {
            if members.len() == 2
                && let Some(millis) = members.get("unix_millis").and_then(Value::as_i64)
                && members.contains_key("offset_minutes")
            {
                return json!(Timestamp::japanese_time(millis).rfc3339());
            }
            members.into_iter().map(|(name, value)| (name, plain(value))).collect()
        }
        other => other,
    }
}

/// A decision with what it does to a message.
fn decision(decision: &Decision) -> Value {
    let mut value = json!(decision);
    if let Some(members) = value.as_object_mut() {
        members.insert("effect".to_owned(), json!(decision.code.effect()));
    }
    value
}

/// The queue that postqueue would name: a message that was tried is deferred.
fn queue_name(message: &StoredMessage) -> &'static str {
    match message.state {
        State::Held => "hold",
        State::Queued if message.recipients.iter().any(|r| r.attempts > 0) => "deferred",
        State::Queued => "active",
        State::Delivered | State::Failed | State::Deleted => "done",
    }
}
