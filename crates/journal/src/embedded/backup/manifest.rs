//! What a backup says of itself.
//!
//! The manifest is written last and by one rename: a folder without one holds no backup, and a folder
//! with one holds every file that it names.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sekimori_policy::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::BackupError;
use crate::chain::hexadecimal::{from_hex, to_hex};
use crate::{AuditPublicKey, State};

/// Name of the manifest in a backup's folder.
pub(super) const NAME: &str = "manifest.json";
/// Folder of the copied segments within the backup's.
pub(super) const SEGMENTS: &str = "segments";
/// What the file is, and the version of its members.
const FORMAT: &str = "sekimori backup 1";
/// Longest manifest that is read, in octets: some 300,000 segments, 75 TB of mail.
const MAX_OCTETS: u64 = 64 * 1024 * 1024;
/// Octets of a digest that a copy's name carries.
const NAMED_OCTETS: usize = 8;

/// Everything that a backup says of itself. Its file is one JSON object with these members, to which
/// others may be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: String,
    /// When the backup was begun, as RFC 3339 writes it: whatever was acknowledged before is in it.
    pub begun_at: String,
    /// The version of sekimori that made it.
    pub version: String,
    /// The version of the database's schema.
    pub schema: u32,
    /// The public audit key, in hexadecimal: which journal this is of.
    pub audit_public_key: String,
    /// Messages by state.
    pub messages: Counts,
    /// Audit records.
    pub audit_records: u64,
    /// The newest record of each audit chain.
    pub chains: Vec<ChainHead>,
    /// The database.
    pub database: FileEntry,
    /// The segments, by number.
    pub segments: Vec<SegmentEntry>,
    /// The audit key, when it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_key: Option<FileEntry>,
    /// SHA-256 of the manifest as written, with this member empty.
    digest: String,
}

/// Messages by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Waiting to be delivered.
    pub queued: u64,
    /// Waiting for a person.
    pub held: u64,
    /// Delivered.
    pub delivered: u64,
    /// Refused by the next hop, or given up.
    pub failed: u64,
    /// Taken out by a person.
    pub deleted: u64,
}

impl Counts {
    /// From the numbers in the order of [`State::ALL`].
    pub(super) fn from_numbers(numbers: [u64; State::ALL.len()]) -> Self {
        let mut counts = Self::default();
        for (state, number) in State::ALL.into_iter().zip(numbers) {
            match state {
                State::Queued => counts.queued = number,
                State::Held => counts.held = number,
                State::Delivered => counts.delivered = number,
                State::Failed => counts.failed = number,
                State::Deleted => counts.deleted = number,
            }
        }
        counts
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        [self.queued, self.held, self.delivered, self.failed, self.deleted]
            .into_iter()
            .fold(0, u64::saturating_add)
    }
}

/// The newest record of an audit chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The organisation; `None` for the gateway's own chain.
    pub organisation: Option<String>,
    /// Number of the record in its chain.
    pub number: u64,
    /// Its place in the store.
    pub sequence: u64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name within the backup's folder.
    pub file: String,
    /// Its size.
    pub octets: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// The copy of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentEntry {
    /// The segment's number.
    pub number: u64,
    /// The copy of what was committed to it.
    #[serde(flatten)]
    pub copy: FileEntry,
}

/// What a manifest is made of but its form and digest.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) begun_at: Timestamp,
    pub(super) schema: u32,
    pub(super) public: AuditPublicKey,
    pub(super) messages: Counts,
    pub(super) audit_records: u64,
    pub(super) chains: Vec<ChainHead>,
    pub(super) database: FileEntry,
    pub(super) segments: Vec<SegmentEntry>,
    pub(super) audit_key: Option<FileEntry>,
}

impl Manifest {
    /// The manifest of these contents.
    pub(super) fn new(contents: Contents) -> Self {
        let Contents {
            begun_at,
            schema,
            public,
            messages,
            audit_records,
            chains,
            database,
            segments,
            audit_key,
        } = contents;
        let mut manifest = Self {
            format: FORMAT.to_owned(),
            begun_at: begun_at.rfc3339(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema,
            audit_public_key: public.to_string(),
            messages,
            audit_records,
            chains,
            database,
            segments,
            audit_key,
            digest: String::new(),
        };
        manifest.digest = manifest.own_digest();
        manifest
    }

    /// Reads the manifest of a backup's folder. `None` when there is none.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, BackupError> {
        let path = folder.join(NAME);
        let mut text = String::new();
        let read = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.and_then(|file| file.take(MAX_OCTETS).read_to_string(&mut text)),
        };
        let damaged = |reason: String| BackupError::ManifestDamaged { path: path.clone(), reason };
        match read {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(damaged("it is no text".to_owned()));
            }
            read => read.map_err(BackupError::io("reading", &path))?,
        };
        let manifest: Self =
            serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(damaged(format!("it is of the form {:?}", manifest.format)));
        }
        if manifest.own_digest() != manifest.digest {
            return Err(damaged("its digest does not fit".to_owned()));
        }
        if let Some(name) = manifest.files().map(|entry| &entry.file).find(|name| !is_plain(name)) {
            return Err(damaged(format!("it names the file {name:?}")));
        }
        if manifest.public_key().is_none() {
            return Err(damaged("its public key is none".to_owned()));
        }
        Ok(Some(manifest))
    }

    /// Its text.
    pub(super) fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Every file that it names.
    pub(super) fn files(&self) -> impl Iterator<Item = &FileEntry> {
        let segments = self.segments.iter().map(|segment| &segment.copy);
        [&self.database].into_iter().chain(segments).chain(&self.audit_key)
    }

    /// Octets of all files.
    pub fn octets(&self) -> u64 {
        self.files().map(|entry| entry.octets).fold(0, u64::saturating_add)
    }

    /// The key that its journal's audit record is signed by.
    pub(super) fn public_key(&self) -> Option<AuditPublicKey> {
        AuditPublicKey::from_octets(&from_hex(&self.audit_public_key)?)
    }

    fn own_digest(&self) -> String {
        let unsigned = Self { digest: String::new(), ..self.clone() };
        to_hex(&Sha256::digest(serde_json::to_vec(&unsigned).unwrap_or_default()))
    }
}

impl FileEntry {
    /// The file within a backup's folder.
    pub(super) fn path(&self, folder: &Path) -> PathBuf {
        folder.join(&self.file)
    }
}

/// The name of a copied database, which tells its content.
pub(super) fn database_name(sha256: &str) -> String {
    format!("journal-{}.db", named(sha256))
}

/// The name of a copied segment, which tells its content.
pub(super) fn segment_name(number: u64, sha256: &str) -> String {
    format!("{SEGMENTS}/{number:010}-{}.seg", named(sha256))
}

fn named(sha256: &str) -> &str {
    sha256.get(..NAMED_OCTETS * 2).unwrap_or(sha256)
}

/// Whether a name stays within the backup's folder.
fn is_plain(name: &str) -> bool {
    let rest = name.strip_prefix(SEGMENTS).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
    !rest.is_empty() && !rest.contains(['/', '\0']) && !rest.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for good in ["journal-0011.db", "segments/0000000001-ab.seg", "audit.key"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "..", "../x", "/etc/passwd", "segments/../x", "segments/", "a/b", ".x"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
