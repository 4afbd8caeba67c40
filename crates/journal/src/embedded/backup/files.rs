//! The files of a backup's folder: marked, locked, written whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::BackupError;
use super::manifest::{FileEntry, SEGMENTS};
use crate::chain::hexadecimal::to_hex;
use crate::embedded::disk::{Disk, RealDisk};

/// Octets copied at once.
const BUFFER: usize = 256 * 1024;
/// Marks a folder as one for backups, and is locked by whoever writes to it.
const MARK: &str = "backup.lock";
/// What the mark says.
const MARK_TEXT: &str = "sekimori backup\n";
/// Name of a file that is being written.
const UNFINISHED: &str = "unfinished";

/// A backup's folder, locked until dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

/// How a folder is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Write,
    Read,
}

impl Folder {
    /// Takes a folder for a backup to be made in. One that is not there is made; one that holds
    /// anything must have held backups before.
    pub(super) fn take(path: &Path) -> Result<Self, BackupError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(BackupError::io("making the folder", path))?;
        let mark = path.join(MARK);
        if !is_marked(&mark) {
            // A first backup that was cut off here has made nothing but an empty mark.
            let is_empty = names(path)?.iter().all(|name| name == MARK)
                && fs::metadata(&mark).map_or(true, |mark| mark.len() == 0);
            if !is_empty {
                return Err(BackupError::Foreign { path: path.to_owned() });
            }
            fs::write(&mark, MARK_TEXT).map_err(BackupError::io("writing", &mark))?;
        }
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path.join(SEGMENTS))
            .map_err(BackupError::io("making a folder in", path))?;
        Self::lock(path, Use::Write)
    }

    /// Takes a folder to read its backup: nobody writes to it meanwhile. A folder on a medium that
    /// cannot be written needs no lock, and one without a mark was copied from where it had one.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, BackupError> {
        match Self::lock(path, Use::Read) {
            Ok(folder) => Ok(Some(folder)),
            Err(error @ BackupError::InUse { .. }) => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn lock(path: &Path, how: Use) -> Result<Self, BackupError> {
        let mark = path.join(MARK);
        let opened = OpenOptions::new().read(true).write(how == Use::Write).open(&mark);
        let lock = opened.map_err(BackupError::io("opening", &mark))?;
        let locked = match how {
            Use::Write => lock.try_lock(),
            Use::Read => lock.try_lock_shared(),
        };
        match locked {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(BackupError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(BackupError::io("locking", &mark)(error)),
        }
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A file to be written, which replaces whatever an earlier attempt left.
    pub(super) fn unfinished(&self) -> Result<(PathBuf, File), BackupError> {
        let path = self.path.join(UNFINISHED);
        for end in ["", "-journal", "-wal", "-shm"] {
            remove_if_there(&self.path.join(format!("{UNFINISHED}{end}")))?;
        }
        let file = create(&path)?;
        Ok((path, file))
    }

    /// Gives the unfinished file, which is synced, its name.
    pub(super) fn finish(&self, unfinished: &Path, name: &str) -> Result<(), BackupError> {
        let path = self.path.join(name);
        fs::rename(unfinished, &path).map_err(BackupError::io("naming", &path))
    }

    /// Waits until the names in the folder survive a power cut.
    pub(super) fn sync(&self) -> Result<(), BackupError> {
        for folder in [&self.path.join(SEGMENTS), &self.path] {
            sync_folder(folder)?;
        }
        Ok(())
    }

    /// Writes a small file whole or not at all, and waits until it survives a power cut.
    pub(super) fn write(&self, name: &str, octets: &[u8]) -> Result<(), BackupError> {
        let (path, mut file) = self.unfinished()?;
        file.write_all(octets)
            .and_then(|()| file.sync_all())
            .map_err(BackupError::io("writing", &path))?;
        self.finish(&path, name)?;
        sync_folder(&self.path)
    }

    /// Removes files of earlier backups that this one does not name. Others are left alone.
    pub(super) fn tidy(&self, kept: &[&FileEntry]) -> Result<(), BackupError> {
        for name in names(&self.path)? {
            let is_ours = name.starts_with("journal-") && ends_as(&name, "db")
                || name.starts_with(UNFINISHED)
                || name == super::AUDIT_KEY;
            if is_ours && !kept.iter().any(|entry| entry.file == name) {
                remove_if_there(&self.path.join(name))?;
            }
        }
        for name in names(&self.path.join(SEGMENTS))? {
            let name = format!("{SEGMENTS}/{name}");
            if ends_as(&name, "seg") && !kept.iter().any(|entry| entry.file == name) {
                remove_if_there(&self.path.join(name))?;
            }
        }
        Ok(())
    }
}

fn ends_as(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

fn is_marked(mark: &Path) -> bool {
    let mut text = String::new();
    File::open(mark)
        .and_then(|file| file.take(64).read_to_string(&mut text))
        .is_ok_and(|_| text == MARK_TEXT)
}

/// The names in a folder. One that is no UTF-8 is none of ours and given escaped.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, BackupError> {
    let listing = BackupError::io("listing", folder);
    let read = || -> io::Result<Vec<String>> {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.file_name().as_encoded_bytes().escape_ascii().to_string()))
            .collect()
    };
    read().map_err(listing)
}

/// Makes a new file for its owner only.
pub(super) fn create(path: &Path) -> Result<File, BackupError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(BackupError::io("making", path))
}

/// Waits until the names in a folder survive a power cut.
pub(super) fn sync_folder(folder: &Path) -> Result<(), BackupError> {
    RealDisk.sync_folder(folder).map_err(BackupError::io("syncing the folder", folder))
}

/// Removes a file if it is there.
pub(super) fn remove_if_there(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(BackupError::io("removing", path)(error))
        }
        _ => Ok(()),
    }
}

/// Refuses to begin what would fill the disk.
pub(super) fn require_room(folder: &Path, needed: u64) -> Result<(), BackupError> {
    let free = RealDisk
        .free_octets(folder)
        .map_err(BackupError::io("asking for the free space of", folder))?;
    if free < needed {
        return Err(BackupError::NoRoom { path: folder.to_owned(), free, needed });
    }
    Ok(())
}

/// The first octets of a file: how many there were, at most `octets`, and their SHA-256 in
/// hexadecimal. They are written to `copy` too, if there is one.
pub(super) fn digest(
    path: &Path,
    mut source: &File,
    octets: u64,
    mut copy: Option<(&Path, &File)>,
) -> Result<(u64, String), BackupError> {
    let mut hash = Sha256::new();
    let mut done = 0_u64;
    let mut buffer = vec![0; BUFFER];
    while done < octets {
        let wanted = usize::try_from(octets - done).unwrap_or(BUFFER).min(BUFFER);
        let space = buffer.get_mut(..wanted).unwrap_or_default();
        let read = match source.read(space) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(BackupError::io("reading", path)(error)),
        };
        let taken = space.get(..read).unwrap_or_default();
        hash.update(taken);
        if let Some((target, file)) = &mut copy {
            file.write_all(taken).map_err(BackupError::io("writing", target))?;
        }
        done = done.saturating_add(read as u64);
    }
    Ok((done, to_hex(&hash.finalize())))
}
