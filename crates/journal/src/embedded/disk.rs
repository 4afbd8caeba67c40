//! What the engine does to the disk, one step at a time, so that tests can stop it at each.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rusqlite::Connection;

/// Every step that changes the disk. The provided methods are the real thing; tests override them to
/// fail, or to look at the disk as a power cut at that moment would leave it.
pub(crate) trait Disk: Debug + Send + Sync {
    /// Makes a file that must not exist yet, for its owner only.
    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
    }

    /// Writes all of `octets` at `offset`.
    fn write(&self, file: &File, offset: u64, octets: &[u8]) -> io::Result<()> {
        file.write_all_at(octets, offset)
    }

    /// Waits until what was written to a file survives a power cut.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    /// Cuts a file.
    fn cut(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Waits until the names in a folder survive a power cut.
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    /// Commits the open transaction of a connection.
    fn commit(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch("COMMIT")
    }

    /// Octets that this process may still write in a folder.
    fn free_octets(&self, folder: &Path) -> io::Result<u64> {
        let space = rustix::fs::statvfs(folder)?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }
}

/// The machine's disk.
#[derive(Debug)]
pub(crate) struct RealDisk;

impl Disk for RealDisk {}
