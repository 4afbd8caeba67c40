//! The form in which records leave the store and can be checked without it: JSON Lines.
//!
//! The first line says what the export holds. Then come records in the order of their sequence, and
//! checkpoints among them, each after the record that it is about. Details are exactly the stored
//! text, since the hash is over that.

use std::io::BufRead;

use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};
use serde::{Deserialize, Serialize};

use super::checkpoint::Checkpoint;
use super::hexadecimal::{from_hex, to_hex};
use super::key::AuditPublicKey;
use super::lines::Lines;
use super::merge::{CheckpointSource, Checkpoints};
use super::record::RawRecord;
use super::verifier::{Link, Verification, Verifier};
use crate::{AuditEntry, JournalError};

/// Longest line of an export, in octets: the longest details, every character of which may need
/// two octets in JSON, and some more.
pub const MAX_LINE_OCTETS: usize = 3 * crate::message::MAX_DETAIL_OCTETS;

/// Version of the format.
const VERSION: u32 = 1;

/// The first line: what the export holds. Members are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportHeader {
    sekimori_audit_export: u32,
    /// The one organisation whose records it holds; `None` for every chain.
    pub organisation: Option<String>,
    /// The moment it begins with, as asked for.
    pub since: Option<String>,
    /// The moment it ends before, as asked for.
    pub until: Option<String>,
}

/// A line with a record.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordLine {
    sequence: u64,
    at: String,
    at_millis: i64,
    kind: String,
    organisation: Option<String>,
    queue_id: Option<String>,
    reference: Option<String>,
    actor: Option<String>,
    details: String,
    number: Option<u64>,
    hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
}

/// What stands around a checkpoint on its line.
const CHECKPOINT_MEMBER: (&str, &str) = ("{\"checkpoint\":", "}");

/// What a line of an export holds.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportLine {
    /// What the export holds.
    Header(ExportHeader),
    /// A record.
    Record(Box<AuditEntry>),
    /// A checkpoint.
    Checkpoint(Checkpoint),
}

impl ExportHeader {
    /// An export of these records.
    pub fn new(
        organisation: Option<String>,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Self {
        Self {
            sekimori_audit_export: VERSION,
            organisation,
            since: since.map(Timestamp::rfc3339),
            until: until.map(Timestamp::rfc3339),
        }
    }

    /// Whether the export holds only some of what there was.
    pub fn is_partial(&self) -> bool {
        self.organisation.is_some() || self.since.is_some() || self.until.is_some()
    }
}

impl ExportLine {
    /// As one line of JSON, without its end.
    pub fn to_json(&self) -> String {
        // Texts and numbers always have a JSON form.
        match self {
            Self::Header(header) => serde_json::to_string(header).unwrap_or_default(),
            Self::Record(entry) => {
                serde_json::to_string(&RecordLine::from(&**entry)).unwrap_or_default()
            }
            Self::Checkpoint(checkpoint) => {
                let (before, after) = CHECKPOINT_MEMBER;
                format!("{before}{}{after}", checkpoint.to_json())
            }
        }
    }

    /// Reads what [`ExportLine::to_json`] wrote, members in any order. `None` when it is anything
    /// else: also when two members say the same differently.
    pub fn from_json(line: &str) -> Option<Self> {
        let (before, after) = CHECKPOINT_MEMBER;
        if let Some(member) = line.strip_prefix(before) {
            return Checkpoint::from_json(member.strip_suffix(after)?).map(Self::Checkpoint);
        }
        if let Ok(record) = serde_json::from_str::<RecordLine>(line) {
            return record.entry().map(|entry| Self::Record(Box::new(entry)));
        }
        let header: ExportHeader = serde_json::from_str(line).ok()?;
        (header.sekimori_audit_export == VERSION).then_some(Self::Header(header))
    }
}

impl From<&AuditEntry> for RecordLine {
    fn from(entry: &AuditEntry) -> Self {
        Self {
            sequence: entry.sequence,
            at: entry.at.rfc3339(),
            at_millis: entry.at.unix_millis(),
            kind: entry.kind.clone(),
            organisation: entry.organisation.clone(),
            queue_id: entry.queue_id.map(String::from),
            reference: entry.reference.map(String::from),
            actor: entry.actor.clone(),
            details: entry.details.clone(),
            number: entry.number,
            hash: entry.hash.map(|hash| to_hex(&hash)),
            previous: entry.previous.map(|hash| to_hex(&hash)),
        }
    }
}

impl RecordLine {
    /// The record, if the line is exactly what that record is written as.
    fn entry(self) -> Option<AuditEntry> {
        let at = Timestamp::japanese_time(self.at_millis);
        // What does not parse is none, and so not as it was written.
        let queue_id: Option<QueueId> = self.queue_id.as_deref().and_then(|t| t.parse().ok());
        let reference: Option<ReferenceNumber> =
            self.reference.as_deref().and_then(|t| t.parse().ok());
        let as_written = at.unix_millis() == self.at_millis
            && at.rfc3339() == self.at
            && queue_id.map(String::from) == self.queue_id
            && reference.map(String::from) == self.reference
            && self.number.is_some() == self.hash.is_some();
        if !as_written {
            return None;
        }
        let hash = |text: Option<String>| match text {
            Some(text) => from_hex(&text).map(Some),
            None => Some(None),
        };
        Some(AuditEntry {
            sequence: self.sequence,
            at,
            kind: self.kind,
            organisation: self.organisation,
            queue_id,
            reference,
            actor: self.actor,
            details: self.details,
            number: self.number,
            hash: hash(self.hash)?,
            previous: hash(self.previous)?,
        })
    }
}

/// The record as its hash sees it. `None` when it has no number.
pub(crate) fn raw(entry: &AuditEntry) -> Option<RawRecord<'_>> {
    Some(RawRecord {
        chain: entry.organisation.as_deref().map(str::as_bytes),
        number: entry.number?,
        sequence: entry.sequence,
        at: entry.at.unix_millis(),
        kind: entry.kind.as_bytes(),
        queue_id: entry.queue_id.map(|id| id.0.cast_signed()),
        reference: entry.reference.map(|number| number.bits().cast_signed()),
        actor: entry.actor.as_deref().map(str::as_bytes),
        details: entry.details.as_bytes(),
    })
}

/// Checks an export with the public key alone, against its own checkpoints and those of another
/// source. Gives what was found and what the export says that it holds. Memory grows with the
/// number of chains, not with the export.
pub fn verify_export(
    reader: impl BufRead,
    public: AuditPublicKey,
    checkpoints: &mut CheckpointSource<'_>,
) -> Result<(Verification, Option<ExportHeader>), JournalError> {
    let mut verifier = Verifier::new(public, None);
    let mut checkpoints = Checkpoints::new(checkpoints);
    let mut lines = Lines::new(reader, MAX_LINE_OCTETS);
    let mut header = None;
    let io = |error: std::io::Error| JournalError::io("reading the export", &error);
    while let Some(line) = lines.next_line().map_err(io)? {
        match line.text.and_then(ExportLine::from_json) {
            Some(ExportLine::Header(first)) if line.number == 1 => {
                if first.is_partial() {
                    verifier.expect_a_part();
                }
                header = Some(first);
            }
            Some(ExportLine::Record(entry)) => {
                // Before it come the checkpoints about what came before it.
                checkpoints.feed(&mut verifier, entry.sequence.saturating_sub(1))?;
                if let (Some(record), Some(hash)) = (raw(&entry), &entry.hash) {
                    let previous = entry.previous;
                    verifier.record(&record, &Link { hash, mac: None, previous });
                } else {
                    let name = entry.organisation.as_deref().map(str::as_bytes);
                    verifier.unchained(name, entry.sequence);
                }
            }
            Some(ExportLine::Checkpoint(checkpoint)) => verifier.checkpoint(&checkpoint),
            Some(ExportLine::Header(_)) | None => verifier.unreadable(line.number),
        }
    }
    checkpoints.feed(&mut verifier, u64::MAX)?;
    Ok((verifier.finish(), header))
}
