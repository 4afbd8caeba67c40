//! Putting a journal back from a backup.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sekimori_policy::Timestamp;
use serde_json::json;

use super::checking::{Checked, check_contents, read_manifest};
use super::error::{BackupError, Problem, Problems};
use super::files::{Folder, create, digest, names, remove_if_there, require_room, sync_folder};
use super::manifest::{FileEntry, Manifest};
use super::snapshot;
use crate::embedded::connection::{DATABASE, Purpose, connect};
use crate::embedded::opening::LOCK;
use crate::embedded::segment::{self, Segments};
use crate::embedded::sums::add_to_meta;
use crate::embedded::{keys, opening, schema};
use crate::{AuditKind, AuditRecord, Journal, JournalError, Settings};

/// Queue ids left out after a restore, so that none is given again that was given after the backup:
/// people hold the reference numbers made of them. More messages than this between two backups would
/// have to come at 12 a second for a day.
const IDS_LEFT_OUT: i64 = 1 << 20;
/// Names that may be in the folder that a journal is put back into.
const HARMLESS: [&str; 5] =
    [Settings::AUDIT_KEY, keys::PUBLIC, LOCK, segment::FOLDER, "lost+found"];

/// A journal that was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What was checked of it, as it is now.
    pub checked: Checked,
    /// Where the audit key has to be put before the relay can be started; `None` when it is there.
    pub missing_key: Option<PathBuf>,
}

/// Puts the journal back into the folder `journal`, which must be empty but for an audit key, from
/// the backup in the folder `backup`. Every file is compared with the manifest while it is copied. Then the journal
/// is opened as the relay would, which brings an older schema up to date and makes the search index anew,
/// and each message's text and original and the audit chains are checked. `actor` goes on the audit
/// record.
///
/// Without the audit key (neither in the backup nor where `settings` say) everything is put back and
/// checked by the public key, and [`Restored::missing_key`] says where the key is needed.
///
/// # Errors
/// [`BackupError::NotEmpty`]; [`JournalError::InUse`], [`JournalError::NewerSchema`] and
/// [`JournalError::AuditKeyWrong`] inside of [`BackupError::Journal`]; [`BackupError::NoBackup`],
/// [`BackupError::ManifestDamaged`], [`BackupError::Damaged`], [`BackupError::NoRoom`],
/// [`BackupError::Io`]. What was copied is removed again in each case.
pub fn restore(
    backup: &Path,
    journal: &Path,
    settings: &Settings,
    actor: &str,
    now: Timestamp,
) -> Result<Restored, BackupError> {
    let _taken = Folder::read(backup)?;
    let manifest = read_manifest(backup)?;
    let (found, known) = (manifest.schema, schema::newest());
    if found > known {
        return Err(JournalError::NewerSchema { found, known }.into());
    }
    require_empty(journal)?;
    let segments = journal.join(segment::FOLDER);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&segments)
        .map_err(BackupError::io("making the folder", &segments))?;
    let lock = lock(journal)?;
    // Nobody came in between.
    require_empty(journal)?;
    require_room(journal, manifest.octets())?;
    let key_place = settings.audit_key_of(journal);
    let mut made = MadeFiles::default();
    copy_all(backup, journal, &manifest, &key_place, &mut made)?;
    // The journal's own opening takes it.
    drop(lock);
    let restored = open_and_check(journal, settings, manifest, key_place, actor, now)?;
    made.keep();
    Ok(restored)
}

fn open_and_check(
    journal: &Path,
    settings: &Settings,
    manifest: Manifest,
    key_place: PathBuf,
    actor: &str,
    now: Timestamp,
) -> Result<Restored, BackupError> {
    let connection = connect(journal, Purpose::Writing)?;
    let key = keys::read_for_actions(journal, settings, &connection);
    let missing_key = match &key {
        Ok(_) => None,
        Err(JournalError::AuditKeyMissing { .. }) => Some(key_place),
        Err(error) => return Err(error.clone().into()),
    };
    let segments = Segments::new(journal);
    let key = key.ok();
    let begun_at = manifest.begun_at.clone();
    let checked = check_contents(journal, manifest, &connection, &segments, key.as_deref())?;
    // Only now, since the manifest says nothing of it.
    add_to_meta(&connection, "reserved_ids", IDS_LEFT_OUT)?;
    drop(connection);
    if missing_key.is_none() {
        let opened = opening::open(journal, settings)?;
        opened.append_audit(AuditRecord {
            at: now,
            kind: AuditKind::BackupRestored,
            organisation: None,
            queue_id: None,
            reference: None,
            actor: Some(actor.to_owned()),
            details: json!({ "backup_begun_at": begun_at }),
        });
    }
    Ok(Restored { checked, missing_key })
}

/// Copies every file to its place: the database last, since without it there is no journal.
fn copy_all(
    backup: &Path,
    journal: &Path,
    manifest: &Manifest,
    key_place: &Path,
    made: &mut MadeFiles,
) -> Result<(), BackupError> {
    if let Some(entry) = &manifest.audit_key
        && !key_place.exists()
    {
        copy_file(backup, entry, key_place, made)?;
        if let Some(folder) = key_place.parent().filter(|f| !f.as_os_str().is_empty()) {
            sync_folder(folder)?;
        }
    }
    for entry in &manifest.segments {
        copy_file(backup, &entry.copy, &segment::path(journal, entry.number), made)?;
    }
    let segments = journal.join(segment::FOLDER);
    sync_folder(&segments)?;
    let database = journal.join(DATABASE);
    for end in ["-wal", "-shm"] {
        made.add(journal.join(format!("{DATABASE}{end}")));
    }
    for end in ["", "-wal", "-shm"] {
        made.add(journal.join(format!("search.db{end}")));
    }
    let unnamed = journal.join(format!("{DATABASE}.new"));
    copy_file(backup, &manifest.database, &unnamed, made)?;
    let copy = snapshot::open(&unnamed)?;
    let is_its_own = keys::stored_public(&copy)? == manifest.public_key();
    drop(copy);
    if !is_its_own {
        let mut problems = Problems::default();
        problems.add(Problem::Differs("the public audit key"));
        problems.into_result(backup)?;
    }
    made.add(database.clone());
    fs::rename(&unnamed, &database).map_err(BackupError::io("naming", &database))?;
    sync_folder(journal)?;
    match journal.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => sync_folder(folder),
        None => Ok(()),
    }
}

/// Copies a file and compares it with its entry.
fn copy_file(
    backup: &Path,
    entry: &FileEntry,
    target: &Path,
    made: &mut MadeFiles,
) -> Result<(), BackupError> {
    let path = entry.path(backup);
    let mut problems = Problems::default();
    match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            problems.add(Problem::Missing(path));
        }
        Err(error) => return Err(BackupError::io("opening", &path)(error)),
        Ok(source) => {
            let file = create(target)?;
            made.add(target.to_owned());
            let (found, sha256) = digest(&path, &source, u64::MAX, Some((target, &file)))?;
            file.sync_all().map_err(BackupError::io("syncing", target))?;
            if found != entry.octets {
                problems.add(Problem::Size { file: path, found, expected: entry.octets });
            } else if sha256 != entry.sha256 {
                problems.add(Problem::Content(path));
            }
        }
    }
    problems.into_result(backup)
}

/// Refuses a folder with anything in it that a restore could spoil.
fn require_empty(journal: &Path) -> Result<(), BackupError> {
    if !journal.exists() {
        return Ok(());
    }
    let mut found = names(journal)?.into_iter().find(|name| !HARMLESS.contains(&name.as_str()));
    let segments = journal.join(segment::FOLDER);
    if found.is_none() && segments.exists() {
        found = names(&segments)?.into_iter().next();
    }
    let Some(found) = found else { return Ok(()) };
    // Of the two reasons, the one that people need to know first.
    if journal.join(LOCK).exists() {
        lock(journal)?;
    }
    Err(BackupError::NotEmpty { path: journal.to_owned(), found })
}

fn lock(journal: &Path) -> Result<File, BackupError> {
    let path = journal.join(LOCK);
    let opened =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let lock = opened.map_err(BackupError::io("opening", &path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            Err(JournalError::InUse { path: journal.to_owned() }.into())
        }
        Err(TryLockError::Error(error)) => Err(BackupError::io("locking", &path)(error)),
    }
}

/// Files that a restore has made, removed again unless it comes to its end.
#[derive(Debug, Default)]
struct MadeFiles(Vec<PathBuf>);

impl MadeFiles {
    fn add(&mut self, path: PathBuf) {
        self.0.push(path);
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for MadeFiles {
    fn drop(&mut self) {
        for path in &self.0 {
            if let Err(error) = remove_if_there(path) {
                tracing::error!(%error, "a file of a restore that failed is left");
            }
        }
    }
}
