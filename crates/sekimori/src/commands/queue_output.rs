//! Messages as the commands print them: a line or a page for people, the HTTP API's JSON for machines.

use std::io::{self, Write};

use sekimori_journal::StoredMessage;
pub(super) use sekimori_journal::shapes::message as printed;

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
