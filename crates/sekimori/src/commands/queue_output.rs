//! Messages as the queue commands print them: a line or a page for people, JSON for machines.

use std::io::{self, Write};

use sekimori_journal::{RecipientState, State, StoredMessage};
use serde_json::{Value, json};

use super::offline;

/// The object of `--json`, with postqueue's members where they fit. Members are only ever added.
pub(super) fn printed(message: &StoredMessage) -> Value {
    let recipients: Vec<_> = message
        .recipients
        .iter()
        .map(|recipient| {
            let mut value = json!({
                "address": recipient.address,
                "state": recipient.state,
                "attempts": recipient.attempts,
                "next_attempt": recipient.next_attempt_at.map(sekimori_policy::Timestamp::rfc3339),
                "hop": recipient.hop,
            });
            if let (Some(reply), RecipientState::Waiting, Some(members)) =
                (&recipient.last_reply, recipient.state, value.as_object_mut())
            {
                members.insert("delay_reason".to_owned(), json!(reply));
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
        "decisions": offline::printed(&message.decisions),
        "removed": message.removed,
        "client": message.client,
    })
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

/// One line of a list.
pub(super) fn person_line(message: &StoredMessage) -> String {
    let first = message.envelope.recipients.first().map(ToString::to_string).unwrap_or_default();
    let more = message.envelope.recipients.len().saturating_sub(1);
    let more = if more > 0 { format!(" +{more}") } else { String::new() };
    format!(
        "{}  {}  {:<9}  {}  {:>9}  <{}> -> <{first}>{more}",
        message.queue_id,
        message.reference,
        message.state.as_str(),
        message.received_at.rfc3339(),
        message.size,
        message.envelope.sender.as_str(),
    )
}

/// One message on a page.
pub(super) fn show(out: &mut impl Write, message: &StoredMessage) -> io::Result<()> {
    let mut row = |name: &str, value: &str| writeln!(out, "{name:<14}{value}");
    row("queue id", &message.queue_id.to_string())?;
    row("reference", &message.reference.to_string())?;
    row("state", message.state.as_str())?;
    row("organisation", &message.organisation)?;
    row("received", &message.received_at.rfc3339())?;
    row("kept until", &message.keep_until.rfc3339())?;
    row("size", &format!("{} octets, text {} octets", message.size, message.text_size))?;
    row("client", &format!("{} ({})", message.client.address, message.client.protocol))?;
    row("sender", &format!("<{}>", message.envelope.sender.as_str()))?;
    row("from", &message.summary.from)?;
    row("subject", &message.summary.subject)?;
    for recipient in &message.recipients {
        let reply = recipient.last_reply.as_deref().unwrap_or("not tried yet");
        row("recipient", &format!("<{}> {:?}: {reply}", recipient.address, recipient.state))?;
    }
    for decision in &message.decisions {
        let detail = decision.detail.as_deref().map(|d| format!(" [{d}]")).unwrap_or_default();
        row(
            "decision",
            &format!("{} x{}: {}{detail}", decision.code, decision.count, decision.code.english()),
        )?;
    }
    for part in &message.removed {
        row(
            "removed",
            &format!(
                "{} {} ({}, {} octets, {}) sha256 {}",
                part.section, part.name, part.detected_type, part.size, part.reason, part.sha256
            ),
        )?;
    }
    Ok(())
}
