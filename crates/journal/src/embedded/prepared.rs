//! Submissions checked against every bound and made ready to be written, on the caller's thread, so
//! that the one writer has as little to do as can be.

use sekimori_policy::{Address, Decisions, Outcome, RemovedPart, Timestamp};
use serde::{Deserialize, Serialize};

use crate::attempt::{MAX_ATTEMPTS, MAX_REPLY_OCTETS};
use crate::audit::{MAX_AUDIT_OCTETS, MAX_AUDIT_RECORDS};
use crate::message::{
    MAX_DETAIL_OCTETS, MAX_MESSAGES, MAX_ORGANISATION_OCTETS, MAX_RECIPIENTS, MAX_SUMMARY_OCTETS,
};
use crate::{
    AttemptRecord, AuditRecord, Body, ClientRecord, JournalError, NewMessage, Route, Settings,
    Submission,
};

/// What only one message's page needs: the `detail` table's JSON. Members are only ever added.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Detail {
    pub(super) outcome: Outcome,
    pub(super) client: ClientRecord,
    pub(super) date: Option<Timestamp>,
    pub(super) decisions: Decisions,
    pub(super) removed: Vec<RemovedPart>,
}

/// The details of the audit record of receipt. Members are only ever added.
#[derive(Debug, Serialize)]
struct Receipt<'a> {
    outcome: Outcome,
    route: Route,
    sender: &'a str,
    recipients: Vec<&'a str>,
    client: &'a ClientRecord,
    from: &'a str,
    subject: &'a str,
    message_id: Option<&'a str>,
    size: u64,
    keep_until: Timestamp,
    decisions: &'a Decisions,
    removed: &'a [RemovedPart],
}

/// A submission ready to be written.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) original: Option<Body>,
    pub(super) messages: Vec<PreparedMessage>,
    pub(super) audit: Vec<PreparedAudit>,
    pub(super) attempts: Attempts,
}

/// Delivery results checked and cut.
#[derive(Debug, Default)]
pub(super) struct Attempts(Vec<AttemptRecord>);

/// A message ready to be written.
#[derive(Debug)]
pub(super) struct PreparedMessage {
    pub(super) message: NewMessage,
    pub(super) detail: String,
    pub(super) receipt: PreparedAudit,
}

/// An audit record ready to be written: its details are text.
#[derive(Debug)]
pub(super) struct PreparedAudit {
    pub(super) record: AuditRecord,
    pub(super) details: String,
}

impl Prepared {
    /// Checks a submission.
    pub(super) fn new(submission: Submission, settings: &Settings) -> Result<Self, JournalError> {
        let Submission { original, messages, audit, attempts, others_follow: _ } = submission;
        if original.is_some() && messages.is_empty() {
            return Err(JournalError::Misuse("an original without a message"));
        }
        within("number of messages", messages.len(), MAX_MESSAGES)?;
        within("number of audit records", audit.len(), MAX_AUDIT_RECORDS)?;
        let attempts = Attempts::new(attempts)?;
        for body in original.iter().chain(messages.iter().map(|m| &m.text)) {
            if body.plain_octets() > settings.max_body_octets {
                return Err(JournalError::BodyTooLarge {
                    octets: body.plain_octets(),
                    limit: settings.max_body_octets,
                });
            }
        }
        Ok(Self {
            original,
            messages: messages.into_iter().map(PreparedMessage::new).collect::<Result<_, _>>()?,
            audit: audit.into_iter().map(PreparedAudit::new).collect(),
            attempts,
        })
    }

    /// Octets that the submission takes in memory, and about as many on the disk.
    pub(super) fn octets(&self) -> u64 {
        let bodies: u64 = self
            .original
            .iter()
            .chain(self.messages.iter().map(|m| &m.message.text))
            .map(Body::stored_octets)
            .sum();
        let receipts = self.messages.iter().map(|m| m.detail.len() + m.receipt.details.len());
        let records = self.audit.iter().map(|record| record.details.len());
        let details: usize = receipts.chain(records).sum();
        bodies + details as u64 + self.attempts.octets()
    }
}

impl Attempts {
    /// Checks the number of results and cuts their texts.
    pub(super) fn new(mut attempts: Vec<AttemptRecord>) -> Result<Self, JournalError> {
        within("number of results", attempts.len(), MAX_ATTEMPTS)?;
        for attempt in &mut attempts {
            cut(&mut attempt.reply, MAX_REPLY_OCTETS);
            cut(&mut attempt.hop, MAX_REPLY_OCTETS);
        }
        Ok(Self(attempts))
    }

    /// The results, in the order given.
    pub(super) fn as_slice(&self) -> &[AttemptRecord] {
        &self.0
    }

    /// Octets that the results take in memory.
    pub(super) fn octets(&self) -> u64 {
        let texts = self.0.iter().map(|attempt| attempt.reply.len() + attempt.hop.len());
        (texts.sum::<usize>() + self.0.len() * size_of::<AttemptRecord>()) as u64
    }
}

impl PreparedMessage {
    fn new(mut message: NewMessage) -> Result<Self, JournalError> {
        if message.outcome == Outcome::Reject {
            return Err(JournalError::Misuse("nothing is kept of a refused message"));
        }
        if message.envelope.recipients.is_empty() {
            return Err(JournalError::Misuse("a message without recipients"));
        }
        within("number of recipients", message.envelope.recipients.len(), MAX_RECIPIENTS)?;
        within(
            "length of an organisation's name",
            message.organisation.len(),
            MAX_ORGANISATION_OCTETS,
        )?;
        if message.queue_id.0 > i64::MAX.cast_unsigned() || message.size > i64::MAX.cast_unsigned()
        {
            return Err(JournalError::Misuse("a number that no store can hold"));
        }
        cut(&mut message.summary.from, MAX_SUMMARY_OCTETS);
        cut(&mut message.summary.subject, MAX_SUMMARY_OCTETS);
        if let Some(id) = &mut message.summary.message_id {
            cut(id, MAX_SUMMARY_OCTETS);
        }
        let receipt = receipt(&message)?;
        let detail = Detail {
            outcome: message.outcome,
            client: std::mem::take(&mut message.client),
            date: message.summary.date,
            decisions: std::mem::take(&mut message.decisions),
            removed: std::mem::take(&mut message.removed),
        };
        let detail = json(&detail)?;
        within("length of a message's details", detail.len(), MAX_DETAIL_OCTETS)?;
        Ok(Self { message, detail, receipt })
    }
}

fn receipt(message: &NewMessage) -> Result<PreparedAudit, JournalError> {
    let summary = &message.summary;
    let details = json(&Receipt {
        outcome: message.outcome,
        route: message.route,
        sender: message.envelope.sender.as_str(),
        recipients: message.envelope.recipients.iter().map(Address::as_str).collect(),
        client: &message.client,
        from: &summary.from,
        subject: &summary.subject,
        message_id: summary.message_id.as_deref(),
        size: message.size,
        keep_until: message.keep_until,
        decisions: &message.decisions,
        removed: &message.removed,
    })?;
    within("length of a message's details", details.len(), MAX_DETAIL_OCTETS)?;
    Ok(PreparedAudit {
        record: AuditRecord {
            at: message.received_at,
            kind: crate::AuditKind::Received,
            organisation: Some(message.organisation.clone()),
            queue_id: Some(message.queue_id),
            reference: Some(message.reference),
            actor: None,
            details: serde_json::Value::Null,
        },
        details,
    })
}

impl PreparedAudit {
    /// Writes a record's details out, or their size where they are too long.
    pub(super) fn new(mut record: AuditRecord) -> Self {
        let mut details = std::mem::take(&mut record.details).to_string();
        if details.len() > MAX_AUDIT_OCTETS {
            details = serde_json::json!({ "omitted_octets": details.len() }).to_string();
        }
        if let Some(name) = &mut record.organisation {
            cut(name, MAX_ORGANISATION_OCTETS);
        }
        if let Some(name) = &mut record.actor {
            cut(name, crate::action::MAX_ACTOR_OCTETS);
        }
        Self { record, details }
    }
}

/// Refuses what is over its bound.
pub(super) fn within(what: &'static str, found: usize, limit: usize) -> Result<(), JournalError> {
    if found <= limit {
        return Ok(());
    }
    Err(JournalError::OverBound { what, found: found as u64, limit: limit as u64 })
}

/// Cuts a text to at most `octets`, between characters.
pub(super) fn cut(text: &mut String, octets: usize) {
    text.truncate(text.floor_char_boundary(octets));
}

/// As JSON. Fails only for what has no JSON form, which nothing here is made of.
pub(super) fn json(value: &impl Serialize) -> Result<String, JournalError> {
    serde_json::to_string(value).map_err(|_| JournalError::Misuse("details that have no JSON form"))
}
