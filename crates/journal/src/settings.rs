//! Bounds of the embedded journal. Each has a default.

use std::path::{Path, PathBuf};

/// Bounds of the embedded journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Octets after which a new segment file is begun. Each file may be longer by one batch.
    pub segment_octets: u64,
    /// Octets of disk space kept free: under it nothing new is taken.
    pub reserve_octets: u64,
    /// Most octets of one body before compression.
    pub max_body_octets: u64,
    /// Most calls that wait for the writer; one more is answered with Busy.
    pub queue_calls: usize,
    /// Most octets that wait for the writer: compressed bodies, decisions, records. A larger call is
    /// taken when nothing else waits.
    pub queue_octets: u64,
    /// Most calls committed together.
    pub batch_calls: usize,
    /// Octets of bodies after which a batch takes no further call.
    pub batch_octets: u64,
    /// Most audit records waiting that belong to no message; further ones are counted and dropped.
    pub audit_records: usize,
    /// The file of the audit key; `audit.key` in the journal's folder when `None`. It is made with
    /// the store.
    pub audit_key: Option<PathBuf>,
}

impl Settings {
    /// Name of the audit key's file in the journal's folder.
    pub const AUDIT_KEY: &str = "audit.key";

    /// Where the audit key of the journal in `folder` is.
    pub fn audit_key_of(&self, folder: &Path) -> PathBuf {
        self.audit_key.clone().unwrap_or_else(|| folder.join(Self::AUDIT_KEY))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            segment_octets: 256 * 1024 * 1024,
            reserve_octets: 256 * 1024 * 1024,
            max_body_octets: 256 * 1024 * 1024,
            queue_calls: 4_096,
            queue_octets: 64 * 1024 * 1024,
            batch_calls: 256,
            batch_octets: 16 * 1024 * 1024,
            audit_records: 4_096,
            audit_key: None,
        }
    }
}
