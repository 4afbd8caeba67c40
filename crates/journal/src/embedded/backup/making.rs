//! Making a backup.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use rusqlite::Connection;
use sekimori_policy::Timestamp;
use sha2::{Digest, Sha256};

use super::error::{BackupError, Problem, Problems};
use super::files::{Folder, digest, require_room};
use super::manifest::{self, Contents, FileEntry, Manifest, SegmentEntry};
use super::{AUDIT_KEY, snapshot};
use crate::chain::hexadecimal::to_hex;
use crate::embedded::connection::{DATABASE, Purpose, connect};
use crate::embedded::{keys, schema, segment};
use crate::{JournalError, Settings};

/// How often the database is copied anew because compaction removed a segment.
const ROUNDS: u32 = 10;

/// What goes into a backup beside the messages and the audit record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BackupOptions {
    /// The audit key too. Whoever gets at the backup can then write audit records that fit.
    pub with_audit_key: bool,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What is in it.
    pub manifest: Manifest,
    /// Octets written.
    pub written_octets: u64,
    /// Segments that were kept as the earlier backup had them.
    pub kept_segments: u64,
}

/// Makes a backup of the journal in `journal` in the folder `target`, where one made earlier is
/// replaced. The relay may be running. Everything acknowledged before the call is in the backup.
///
/// # Errors
/// [`BackupError::Foreign`] and [`BackupError::AnotherJournal`] when the folder holds something else;
/// [`BackupError::InUse`]; [`BackupError::NoRoom`]; [`BackupError::KeepsChanging`];
/// [`BackupError::Damaged`] when the journal's own database or segments are; [`JournalError::NoJournal`],
/// [`JournalError::NewerSchema`] and [`JournalError::OlderSchema`] inside of
/// [`BackupError::Journal`]; [`BackupError::Io`] and [`BackupError::Database`]. An earlier backup is
/// left as it was in each case.
pub fn back_up(
    journal: &Path,
    settings: &Settings,
    target: &Path,
    options: BackupOptions,
    now: Timestamp,
) -> Result<Made, BackupError> {
    let source = open_source(journal)?;
    let folder = Folder::take(target)?;
    let earlier = earlier(&folder, &source)?;
    require_room(folder.path(), needed(&source, earlier.as_ref())?)?;
    let mut run =
        Run { journal, folder: &folder, earlier, done: BTreeMap::new(), written: 0, kept: 0 };
    let mut rounds = 0;
    let (database, said) = loop {
        rounds += 1;
        let (database, copy) = run.copy_database(&source)?;
        if run.copy_segments(&copy)? {
            break (database, snapshot::read(&copy)?);
        }
        if rounds >= ROUNDS {
            return Err(BackupError::KeepsChanging { rounds });
        }
    };
    let audit_key = options.with_audit_key.then(|| run.copy_key(settings)).transpose()?;
    let mut segments = Vec::with_capacity(said.segments.len());
    for (number, _) in said.segments {
        let copy = run.done.remove(&number);
        segments.extend(copy.map(|copy| SegmentEntry { number, copy }));
    }
    let (written_octets, kept_segments) = (run.written, run.kept);
    let manifest = Manifest::new(Contents {
        begun_at: now,
        schema: said.schema,
        public: said.public,
        messages: said.messages,
        audit_records: said.audit_records,
        chains: said.chains,
        database,
        segments,
        audit_key,
    });
    folder.sync()?;
    folder.write(manifest::NAME, manifest.to_json().as_bytes())?;
    folder.tidy(&manifest.files().collect::<Vec<_>>())?;
    Ok(Made { manifest, written_octets, kept_segments })
}

fn open_source(journal: &Path) -> Result<Connection, BackupError> {
    if !journal.join(DATABASE).is_file() {
        return Err(JournalError::NoJournal { path: journal.to_owned() }.into());
    }
    let source = connect(journal, Purpose::Reading)?;
    let (found, known) = (snapshot::require_known(&source)?, schema::newest());
    if found < known {
        return Err(JournalError::OlderSchema { found, known }.into());
    }
    Ok(source)
}

/// The backup that the folder holds, which must be of the same journal.
fn earlier(folder: &Folder, source: &Connection) -> Result<Option<Manifest>, BackupError> {
    let earlier = match Manifest::read(folder.path()) {
        Ok(earlier) => earlier,
        // What it names cannot be relied on, so everything is copied.
        Err(error @ BackupError::ManifestDamaged { .. }) => {
            tracing::warn!(%error, "the earlier backup in this folder is of no use");
            None
        }
        Err(error) => return Err(error),
    };
    let Some(earlier) = earlier else { return Ok(None) };
    let ours = keys::stored_public(source)?.map(|key| key.to_string()).unwrap_or_default();
    if earlier.audit_public_key != ours {
        return Err(BackupError::AnotherJournal {
            path: folder.path().to_owned(),
            theirs: earlier.audit_public_key,
            ours,
        });
    }
    Ok(Some(earlier))
}

/// About how much will be written.
fn needed(source: &Connection, earlier: Option<&Manifest>) -> Result<u64, JournalError> {
    let number = |sql: &str| source.query_row(sql, [], |row| row.get::<_, i64>(0));
    let database = number("PRAGMA page_count")?.saturating_mul(number("PRAGMA page_size")?);
    let segments = snapshot::segments_to_copy(source)?;
    let new = segments.into_iter().filter(|&(number, committed)| {
        !earlier.is_some_and(|earlier| {
            earlier.segments.iter().any(|s| s.number == number && s.copy.octets == committed)
        })
    });
    Ok(new.map(|(_, committed)| committed).fold(database.cast_unsigned(), u64::saturating_add))
}

/// A backup in the making.
struct Run<'a> {
    journal: &'a Path,
    folder: &'a Folder,
    earlier: Option<Manifest>,
    /// The segments that are there, copied or kept, synced and named.
    done: BTreeMap<u64, FileEntry>,
    written: u64,
    kept: u64,
}

impl Run<'_> {
    /// Copies the database, checks it and gives it its name. The connection is to the copy.
    fn copy_database(
        &mut self,
        source: &Connection,
    ) -> Result<(FileEntry, Connection), BackupError> {
        let (unfinished, file) = self.folder.unfinished()?;
        snapshot::copy(source, &unfinished)?;
        file.sync_all().map_err(BackupError::io("syncing", &unfinished))?;
        let mut problems = Problems::default();
        snapshot::check(&snapshot::open(&unfinished)?, &mut problems)?;
        problems.into_result(&self.journal.join(DATABASE))?;
        let (octets, sha256) = digest(&unfinished, &file, u64::MAX, None)?;
        self.written = self.written.saturating_add(octets);
        let entry = FileEntry { file: manifest::database_name(&sha256), octets, sha256 };
        self.folder.finish(&unfinished, &entry.file)?;
        let copy = snapshot::open(&entry.path(self.folder.path()))?;
        Ok((entry, copy))
    }

    /// Copies the segments that the copied database names. False when one of them is there no more.
    fn copy_segments(&mut self, copy: &Connection) -> Result<bool, BackupError> {
        for (number, committed) in snapshot::segments_to_copy(copy)? {
            if self.done.get(&number).is_some_and(|entry| entry.octets == committed) {
                continue;
            }
            let path = segment::path(self.journal, number);
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    if is_named(self.journal, number)? {
                        return Err(JournalError::SegmentMissing { file: path }.into());
                    }
                    return Ok(false);
                }
                Err(error) => return Err(BackupError::io("opening", &path)(error)),
            };
            let entry = match self.kept(number, committed, &path, &file)? {
                Some(entry) => entry,
                None => self.copy_segment(number, committed, &path)?,
            };
            self.done.insert(number, entry);
        }
        Ok(true)
    }

    /// The earlier backup's copy of a segment, if it still is what the segment is.
    fn kept(
        &mut self,
        number: u64,
        committed: u64,
        path: &Path,
        file: &File,
    ) -> Result<Option<FileEntry>, BackupError> {
        let Some(earlier) = &self.earlier else { return Ok(None) };
        let found = earlier.segments.binary_search_by_key(&number, |segment| segment.number);
        let Some(entry) = found.ok().and_then(|place| earlier.segments.get(place)) else {
            return Ok(None);
        };
        let entry = &entry.copy;
        let target = entry.path(self.folder.path());
        let Ok(kept) = File::open(&target) else { return Ok(None) };
        let is_same = entry.octets == committed
            && digest(&target, &kept, u64::MAX, None)? == (committed, entry.sha256.clone())
            && digest(path, file, committed, None)?.1 == entry.sha256;
        if !is_same {
            return Ok(None);
        }
        self.kept = self.kept.saturating_add(1);
        Ok(Some(entry.clone()))
    }

    fn copy_segment(
        &mut self,
        number: u64,
        committed: u64,
        path: &Path,
    ) -> Result<FileEntry, BackupError> {
        let source = File::open(path).map_err(BackupError::io("opening", path))?;
        let (unfinished, file) = self.folder.unfinished()?;
        let (octets, sha256) = digest(path, &source, committed, Some((&unfinished, &file)))?;
        if octets < committed {
            let problem =
                Problem::Size { file: path.to_owned(), found: octets, expected: committed };
            let mut problems = Problems::default();
            problems.add(problem);
            problems.into_result(self.journal)?;
        }
        file.sync_all().map_err(BackupError::io("syncing", &unfinished))?;
        self.written = self.written.saturating_add(octets);
        let entry = FileEntry { file: manifest::segment_name(number, &sha256), octets, sha256 };
        self.folder.finish(&unfinished, &entry.file)?;
        Ok(entry)
    }

    /// Copies the audit key.
    fn copy_key(&mut self, settings: &Settings) -> Result<FileEntry, BackupError> {
        let key = keys::read_for_actions(self.journal, settings, &open_source(self.journal)?)?;
        let text = key.to_text();
        self.folder.write(AUDIT_KEY, text.as_bytes())?;
        Ok(FileEntry {
            file: AUDIT_KEY.to_owned(),
            octets: text.len() as u64,
            sha256: to_hex(&Sha256::digest(text.as_bytes())),
        })
    }
}

/// Whether the database, as it is now, has a row for a segment.
fn is_named(journal: &Path, number: u64) -> Result<bool, JournalError> {
    let connection = connect(journal, Purpose::Reading)?;
    Ok(snapshot::segments_to_copy(&connection)?.iter().any(|&(known, _)| known == number))
}
