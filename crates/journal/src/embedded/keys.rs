//! The files of the audit key.
//!
//! The key is made with the store's first chain and never again: a store that has one is not opened
//! for writing without it, since a new key would make a break in every chain look like a beginning.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::chains::KeyResult;
use super::database::Database;
use super::disk::Disk;
use crate::chain::key::{AuditKey, AuditPublicKey, MAX_KEY_OCTETS};
use crate::{JournalError, Settings};

/// Name of the file with the public key, always in the journal's folder.
pub(super) const PUBLIC: &str = "audit.pub";

/// Reads the key of a store, or makes it when the store has none yet.
pub(super) fn open_or_make(
    folder: &Path,
    settings: &Settings,
    database: &Database,
    disk: &dyn Disk,
) -> KeyResult {
    let path = settings.audit_key_of(folder);
    let known = stored_public(database.connection())?;
    let key = match (read(&path)?, &known) {
        (Some(key), _) => key,
        (None, Some(_)) => return Err(JournalError::AuditKeyMissing { path }),
        (None, None) => make(&path, disk)?,
    };
    let public = key.public();
    match known {
        Some(known) if known != public => return Err(not_this_store_s(path)),
        Some(_) => {}
        // Only now: a key that is on the disk without its row is taken up at the next opening.
        None => database.transaction(|connection| {
            connection
                .execute("INSERT INTO audit_key (id, public) VALUES (1, ?1)", [public.octets()])?;
            Ok(())
        })?,
    }
    let public_file = folder.join(PUBLIC);
    if !public_file.exists() {
        write(&public_file, &public.to_text(), disk)?;
    }
    Ok(Arc::new(key))
}

/// Reads the key of a store for a process that acts on it. What is wrong shows when it is needed.
pub(super) fn read_for_actions(
    folder: &Path,
    settings: &Settings,
    connection: &Connection,
) -> KeyResult {
    let path = settings.audit_key_of(folder);
    let Some(key) = read(&path)? else {
        return Err(JournalError::AuditKeyMissing { path });
    };
    if stored_public(connection)?.is_some_and(|known| known != key.public()) {
        return Err(not_this_store_s(path));
    }
    Ok(Arc::new(key))
}

/// The public key that the store's chains were begun with.
pub(super) fn stored_public(
    connection: &Connection,
) -> Result<Option<AuditPublicKey>, JournalError> {
    let octets: Option<Vec<u8>> =
        connection.query_row("SELECT public FROM audit_key", [], |row| row.get(0)).optional()?;
    octets
        .map(|octets| {
            <[u8; 32]>::try_from(octets)
                .ok()
                .and_then(|octets| AuditPublicKey::from_octets(&octets))
                .ok_or_else(|| JournalError::damaged("the public audit key".to_owned()))
        })
        .transpose()
}

fn not_this_store_s(path: PathBuf) -> JournalError {
    JournalError::AuditKeyWrong { path, reason: "is the audit key of another journal" }
}

/// The key in a file; `None` when there is no such file.
fn read(path: &Path) -> Result<Option<AuditKey>, JournalError> {
    let mut text = String::new();
    let opened = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.and_then(|file| {
            if file.metadata()?.permissions().mode() & 0o077 != 0 {
                tracing::warn!(file = %path.display(), "others than its owner may read the audit key");
            }
            file.take(MAX_KEY_OCTETS).read_to_string(&mut text)
        }),
    };
    opened.map_err(|error| JournalError::io("reading the audit key", &error))?;
    let wrong = || JournalError::AuditKeyWrong { path: path.to_owned(), reason: "is no audit key" };
    AuditKey::from_text(&text).map(Some).ok_or_else(wrong)
}

fn make(path: &Path, disk: &dyn Disk) -> Result<AuditKey, JournalError> {
    let mut octets = [0; 64];
    getrandom::fill(&mut octets).map_err(|error| JournalError::Io {
        what: "asking for random octets",
        kind: io::ErrorKind::Other,
        message: error.to_string(),
    })?;
    let key = AuditKey::from_random(&octets);
    write(path, &key.to_text(), disk)?;
    tracing::info!(file = %path.display(), "made the audit key: keep a copy apart from this machine");
    Ok(key)
}

/// Writes a new file, whole or not at all.
fn write(path: &Path, text: &str, disk: &dyn Disk) -> Result<(), JournalError> {
    let written = || -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        disk.sync_folder(folder.unwrap_or(Path::new(".")))
    };
    written().map_err(|error| JournalError::io("writing the audit key", &error))
}
