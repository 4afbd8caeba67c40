//! Whether a backup, or a journal that was put back from one, holds what it should.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use rusqlite::Connection;
use sekimori_policy::QueueId;

use super::error::{BackupError, Problem, Problems};
use super::files::{Folder, digest};
use super::manifest::{FileEntry, Manifest};
use super::snapshot::{self, Said};
use crate::chain::key::AuditKey;
use crate::embedded::record::{Kind, Position};
use crate::embedded::segment::Segments;
use crate::embedded::verifying;
use crate::{AuditPublicKey, JournalError, Verification};

/// Messages looked up at once.
const AT_ONCE: usize = 1_000;

/// A backup, or a journal put back from one, that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What the backup says of itself, all of which was found to be so.
    pub manifest: Manifest,
    /// Originals that were read and unpacked, one for each message that has one.
    pub originals: u64,
    /// Texts that were read and unpacked, one for each message.
    pub texts: u64,
    /// How the audit chains were found: without faults.
    pub audit: Verification,
}

/// Checks the backup in a folder by itself: the size and SHA-256 of each file, that the database is
/// consistent and says what the manifest says, that every message's text and original can be read,
/// and that the audit chains hold by their public key. Nothing is written.
///
/// # Errors
/// [`BackupError::NoBackup`], [`BackupError::ManifestDamaged`], [`BackupError::Damaged`] with all
/// that was found, [`BackupError::InUse`] while a backup is being made in the folder.
pub fn verify_backup(folder: &Path) -> Result<Checked, BackupError> {
    let _taken = Folder::read(folder)?;
    let manifest = read_manifest(folder)?;
    let mut problems = Problems::default();
    for entry in manifest.files() {
        if let Some(problem) = check_file(folder, entry)? {
            problems.add(problem);
        }
    }
    problems.into_result(folder)?;
    let database = snapshot::open(&manifest.database.path(folder))?;
    let names = manifest.segments.iter().map(|s| (s.number, s.copy.path(folder)));
    let segments = Segments::with_names(folder, names.collect::<BTreeMap<_, _>>());
    check_contents(folder, manifest, &database, &segments, None)
}

/// The manifest that a folder must have, of a version that this program knows.
pub(super) fn read_manifest(folder: &Path) -> Result<Manifest, BackupError> {
    Manifest::read(folder)?.ok_or_else(|| BackupError::NoBackup { path: folder.to_owned() })
}

/// Compares a file with its entry.
fn check_file(folder: &Path, entry: &FileEntry) -> Result<Option<Problem>, BackupError> {
    let path = entry.path(folder);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Some(Problem::Missing(path)));
        }
        Err(error) => return Err(BackupError::io("opening", &path)(error)),
    };
    let found = file.metadata().map_err(BackupError::io("looking at", &path))?.len();
    if found != entry.octets {
        return Ok(Some(Problem::Size { file: path, found, expected: entry.octets }));
    }
    let (_, sha256) = digest(&path, &file, u64::MAX, None)?;
    Ok((sha256 != entry.sha256).then_some(Problem::Content(path)))
}

/// Checks what the files hold. `path` is named in errors.
pub(super) fn check_contents(
    path: &Path,
    manifest: Manifest,
    database: &Connection,
    segments: &Segments,
    key: Option<&AuditKey>,
) -> Result<Checked, BackupError> {
    let mut problems = Problems::default();
    snapshot::check(database, &mut problems)?;
    let said = snapshot::read(database)?;
    let public = said.public.clone();
    compare(&manifest, &said, &mut problems);
    let read = read_bodies(database, segments, &mut problems)?;
    let audit = check_audit(database, key, public, &mut problems)?;
    problems.into_result(path)?;
    Ok(Checked { manifest, originals: read.originals, texts: read.texts, audit })
}

fn compare(manifest: &Manifest, said: &Said, problems: &mut Problems) {
    let segments = manifest.segments.iter().map(|s| (s.number, s.copy.octets));
    let same = [
        ("the version of the schema", manifest.schema == said.schema),
        ("the public audit key", manifest.public_key().as_ref() == Some(&said.public)),
        ("the number of messages", manifest.messages == said.messages),
        ("the number of audit records", manifest.audit_records == said.audit_records),
        ("the heads of the audit chains", manifest.chains == said.chains),
        ("the segments", segments.eq(said.segments.iter().copied())),
    ];
    for (what, _) in same.into_iter().filter(|(_, same)| !same) {
        problems.add(Problem::Differs(what));
    }
}

fn check_audit(
    database: &Connection,
    key: Option<&AuditKey>,
    public: AuditPublicKey,
    problems: &mut Problems,
) -> Result<Verification, JournalError> {
    let audit = verifying::verify_on(database, key, public, &mut std::iter::empty())?;
    for fault in &audit.faults {
        problems.add(Problem::Chain(fault.clone()));
    }
    Ok(audit)
}

#[derive(Debug, Default)]
struct Read {
    originals: u64,
    texts: u64,
}

/// Where a message's bodies are.
struct Places {
    id: QueueId,
    original: Option<Position>,
    text: Position,
}

fn read_bodies(
    database: &Connection,
    segments: &Segments,
    problems: &mut Problems,
) -> Result<Read, JournalError> {
    let mut read = Read::default();
    let mut after = -1;
    loop {
        let page = places(database, after)?;
        let Some(last) = page.last() else { return Ok(read) };
        after = last.id.0.cast_signed();
        for Places { id, original, text } in page {
            match segments.body(text, Kind::Text, id) {
                Ok(_) => read.texts += 1,
                Err(error) => problems.add(Problem::Body { queue_id: id, body: "text", error }),
            }
            let Some(original) = original else { continue };
            match segments.body(original, Kind::Original, id) {
                Ok(_) => read.originals += 1,
                Err(error) => problems.add(Problem::Body { queue_id: id, body: "original", error }),
            }
        }
    }
}

fn places(database: &Connection, after: i64) -> Result<Vec<Places>, JournalError> {
    let mut statement = database.prepare_cached(
        "SELECT id, text_segment, text_offset, text_length,
            original_segment, original_offset, original_length
         FROM message WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let number = |number: Option<i64>| number.map(i64::cast_unsigned);
    let rows = statement.query_map((after, i64::try_from(AT_ONCE).unwrap_or(i64::MAX)), |row| {
        let position = |column: usize| -> rusqlite::Result<Option<Position>> {
            let parts = (
                number(row.get(column)?),
                number(row.get(column + 1)?),
                number(row.get(column + 2)?),
            );
            Ok(match parts {
                (Some(segment), Some(offset), Some(length)) => {
                    Some(Position { segment, offset, length })
                }
                _ => None,
            })
        };
        let id = QueueId(row.get::<_, i64>(0)?.cast_unsigned());
        let nowhere = Position { segment: 0, offset: 0, length: 0 };
        Ok(Places { id, text: position(1)?.unwrap_or(nowhere), original: position(4)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
