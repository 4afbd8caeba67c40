//! What waits for the writer, and its bounds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sekimori_policy::Timestamp;

use super::prepared::{Attempts, Prepared, PreparedAudit};
use super::relocate::LiveRecord;
use crate::{AuditKind, AuditRecord, Completion, Settings};

/// What the writer is asked to do, and whom to tell.
pub(super) struct Command {
    pub(super) work: Work,
    /// Octets counted as waiting.
    pub(super) octets: u64,
    /// When to commit it at the latest, if the writer is free.
    pub(super) due: Instant,
    pub(super) done: Completion,
}

/// What the writer is asked to do.
#[derive(Debug)]
pub(super) enum Work {
    Submit(Box<Prepared>),
    Record(Attempts),
    Relocate(Vec<LiveRecord>),
}

/// What the callers and the writer share.
#[derive(Debug)]
pub(super) struct Waiting {
    octets: AtomicU64,
    limit: u64,
    /// Transactions committed since the journal was opened.
    pub(super) commits: AtomicU64,
    audit: Mutex<WaitingAudit>,
    audit_limit: usize,
}

/// Records of no stored message, waiting for the next batch.
#[derive(Debug, Default)]
struct WaitingAudit {
    records: Vec<PreparedAudit>,
    /// Dropped since the last record that says so, and when the last of them happened.
    dropped: u64,
    dropped_at: Option<Timestamp>,
    dropped_in_all: u64,
}

impl Waiting {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            octets: AtomicU64::new(0),
            limit: settings.queue_octets,
            commits: AtomicU64::new(0),
            audit: Mutex::default(),
            audit_limit: settings.audit_records,
        }
    }

    /// Octets waiting.
    pub(super) fn octets(&self) -> u64 {
        self.octets.load(Ordering::Relaxed)
    }

    /// Counts `octets` as waiting if there is room: always when nothing else waits.
    pub(super) fn enter(&self, octets: u64) -> bool {
        self.octets
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| {
                let sum = waiting.saturating_add(octets);
                (waiting == 0 || sum <= self.limit).then_some(sum)
            })
            .is_ok()
    }

    /// So many octets wait no longer.
    pub(super) fn leave(&self, octets: u64) {
        self.octets.fetch_sub(octets, Ordering::Relaxed);
    }

    /// Keeps a record for the next batch, or counts it.
    pub(super) fn keep_audit(&self, record: AuditRecord) {
        let mut audit = self.audit();
        if audit.records.len() < self.audit_limit {
            audit.records.push(PreparedAudit::new(record));
        } else {
            audit.drop_one(record.at);
        }
    }

    /// The records that wait, with one on those dropped.
    pub(super) fn take_audit(&self) -> Vec<PreparedAudit> {
        let mut audit = self.audit();
        let mut records = std::mem::take(&mut audit.records);
        if let Some(at) = audit.dropped_at.take() {
            records.push(PreparedAudit::new(AuditRecord {
                at,
                kind: AuditKind::Lost,
                organisation: None,
                queue_id: None,
                reference: None,
                actor: None,
                details: serde_json::json!({ "records": std::mem::take(&mut audit.dropped) }),
            }));
        }
        records
    }

    /// Puts back records whose batch failed, before those that came since.
    pub(super) fn put_back_audit(&self, mut records: Vec<PreparedAudit>) {
        let mut audit = self.audit();
        records.append(&mut audit.records);
        // The record on those dropped may make it one more than the limit.
        for record in records.drain(records.len().min(self.audit_limit + 1)..) {
            audit.drop_one(record.record.at);
        }
        audit.records = records;
    }

    /// Whether any record waits.
    pub(super) fn has_audit(&self) -> bool {
        let audit = self.audit();
        !audit.records.is_empty() || audit.dropped > 0
    }

    /// Records dropped since the journal was opened.
    pub(super) fn dropped_audit(&self) -> u64 {
        self.audit().dropped_in_all
    }

    fn audit(&self) -> MutexGuard<'_, WaitingAudit> {
        self.audit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WaitingAudit {
    fn drop_one(&mut self, at: Timestamp) {
        self.dropped += 1;
        self.dropped_in_all += 1;
        self.dropped_at = Some(at);
    }
}
