//! The file of checkpoints: JSON Lines, only ever appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sekimori_journal::chain::checkpoint::MAX_CHECKPOINT_OCTETS;
use sekimori_journal::{AuditScope, Follower, Journal, JournalError};

/// Checkpoints written and synced at once.
const AT_ONCE: usize = 100;

/// Why checkpoints are not in the file yet.
#[derive(Debug, thiserror::Error)]
pub(super) enum AppendError {
    /// The journal.
    #[error("{0}")]
    Journal(#[from] JournalError),
    /// The file.
    #[error("audit.checkpoint_file {}: {source}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Appends what the file does not have yet.
pub(super) fn append(journal: &dyn Journal, path: &Path) -> Result<(), AppendError> {
    let file_error = |source| AppendError::File { path: path.to_owned(), source };
    loop {
        let after = journal.followed(Follower::CheckpointFile)?;
        let page = journal.checkpoints(&AuditScope::All, after, AT_ONCE)?;
        let Some(newest) = page.last().map(|stored| stored.id) else {
            return Ok(());
        };
        let lines: Vec<String> = page.iter().map(|stored| stored.checkpoint.to_json()).collect();
        write(path, &lines).map_err(file_error)?;
        journal.set_followed(Follower::CheckpointFile, newest)?;
    }
}

fn write(path: &Path, lines: &[String]) -> io::Result<()> {
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    let end = end_of(&mut file)?;
    // A crash may have come between writing and keeping in mind that it was written.
    let there = lines.iter().rposition(|line| end.ends_with(format!("{line}\n").as_bytes()));
    let new = lines.get(there.map_or(0, |place| place + 1)..).unwrap_or_default();
    let mut text = String::new();
    if end.last().is_some_and(|&octet| octet != b'\n') {
        // What a crash cut stays as it is, on a line of its own: nothing is taken out of this file.
        text.push('\n');
    }
    for line in new {
        text.push_str(line);
        text.push('\n');
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The last octets of a file, at least its last line.
fn end_of(file: &mut File) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    let longest = MAX_CHECKPOINT_OCTETS as u64 + 1;
    file.seek(SeekFrom::Start(length.saturating_sub(longest)))?;
    let mut end = Vec::new();
    file.take(longest).read_to_end(&mut end)?;
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_appended_once_and_a_torn_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.jsonl");
        let lines = |all: &[&str]| all.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
        write(&path, &lines(&["one", "two"])).unwrap();
        write(&path, &lines(&["one", "two", "three"])).unwrap();
        write(&path, &lines(&["three"])).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
        std::fs::write(&path, "one\ntw").unwrap();
        write(&path, &lines(&["two"])).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntw\ntwo\n");
    }
}
