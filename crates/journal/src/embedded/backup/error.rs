//! Why a backup was not made, does not hold, or was not put back.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use sekimori_policy::QueueId;

use crate::{Fault, JournalError};

/// Why a backup was not made, does not hold, or was not put back.
///
/// When making one failed, what the folder held before is untouched. When putting one back failed,
/// the journal's folder is as empty as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The journal itself refused.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Reading or writing a file failed.
    #[error("{what} {} failed: {error}", path.display())]
    Io {
        /// What was being done.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The database could not be copied to, or read in, a backup.
    #[error("the database {}: {message}", path.display())]
    Database {
        /// The copy of the database.
        path: PathBuf,
        /// What `SQLite` said.
        message: String,
    },
    /// The disk has no room for what has to be copied.
    #[error(
        "{} has {free} octets free and {needed} are needed: make room or choose another folder",
        path.display()
    )]
    NoRoom {
        /// The folder that is written to.
        path: PathBuf,
        /// Octets free to this process.
        free: u64,
        /// Octets to be written.
        needed: u64,
    },
    /// The folder holds something else than backups.
    #[error(
        "{} holds files that are no backup of sekimori: give a folder of its own, new or empty",
        path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds the backup of another journal.
    #[error(
        "{} holds the backup of another journal (audit key {theirs}; this one's is {ours}): give \
         each journal a folder of its own", path.display()
    )]
    AnotherJournal {
        /// The folder.
        path: PathBuf,
        /// The public audit key of the journal that the folder's backup is of.
        theirs: String,
        /// That of the journal to be backed up.
        ours: String,
    },
    /// Another backup into this folder, or a check of it, is running.
    #[error("{} is in use by another sekimori backup: wait for its end", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// There is no finished backup in the folder.
    #[error("{} holds no finished backup (no manifest.json)", path.display())]
    NoBackup {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest cannot be what was written.
    #[error("{} is damaged ({reason}): use another backup", path.display())]
    ManifestDamaged {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Compaction removed segments again and again while they were being copied.
    #[error(
        "segments were compacted away during each of {rounds} attempts to copy them: try again \
         when less mail expires"
    )]
    KeepsChanging {
        /// How often the database was copied anew.
        rounds: u32,
    },
    /// Something of the backup is not what the manifest says.
    #[error("{} does not hold: {}", path.display(), listed(problems, *further))]
    Damaged {
        /// The backup's or the journal's folder.
        path: PathBuf,
        /// What is wrong, at most [`MAX_PROBLEMS`].
        problems: Vec<Problem>,
        /// Problems beyond those.
        further: u64,
    },
    /// The folder that the journal is to be put back into has something in it.
    #[error(
        "{} is not empty (there is {found:?}): move it away first; nothing was changed",
        path.display()
    )]
    NotEmpty {
        /// The journal's folder.
        path: PathBuf,
        /// A name that should not be there.
        found: String,
    },
}

/// Most problems that are listed; further ones are counted.
pub const MAX_PROBLEMS: usize = 100;

/// Something of a backup that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A file is not there.
    Missing(PathBuf),
    /// A file has another size.
    Size {
        /// The file.
        file: PathBuf,
        /// Octets found.
        found: u64,
        /// Octets in the manifest.
        expected: u64,
    },
    /// A file has the right size and another content.
    Content(PathBuf),
    /// `SQLite` finds the database inconsistent.
    Database(String),
    /// The database does not say what the manifest says.
    Differs(&'static str),
    /// A body cannot be read.
    Body {
        /// Its message.
        queue_id: QueueId,
        /// Which of the message's bodies.
        body: &'static str,
        /// What the journal said.
        error: JournalError,
    },
    /// An audit chain is broken.
    Chain(Fault),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(file) => write!(f, "{} is missing", file.display()),
            Self::Size { file, found, expected } => {
                write!(f, "{} has {found} octets instead of {expected}", file.display())
            }
            Self::Content(file) => {
                write!(f, "{} was changed: its SHA-256 is another", file.display())
            }
            Self::Database(what) => write!(f, "the database is inconsistent: {what}"),
            Self::Differs(what) => {
                write!(f, "the database and the manifest differ in {what}")
            }
            Self::Body { queue_id, body, error } => {
                write!(f, "the {body} of message {queue_id} cannot be read: {error}")
            }
            Self::Chain(fault) => write!(f, "the audit record: {fault}"),
        }
    }
}

/// The problems found so far, within their bound.
#[derive(Debug, Default)]
pub(super) struct Problems {
    listed: Vec<Problem>,
    further: u64,
}

impl Problems {
    pub(super) fn add(&mut self, problem: Problem) {
        if self.listed.len() < MAX_PROBLEMS {
            self.listed.push(problem);
        } else {
            self.further = self.further.saturating_add(1);
        }
    }

    /// An error about `path` when there are any.
    pub(super) fn into_result(self, path: &Path) -> Result<(), BackupError> {
        if self.listed.is_empty() {
            return Ok(());
        }
        Err(BackupError::Damaged {
            path: path.to_owned(),
            problems: self.listed,
            further: self.further,
        })
    }
}

impl BackupError {
    /// Makes an error of what the system said about a path.
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { what, path: path.to_owned(), error }
    }

    /// Makes an error of what `SQLite` said about a copy.
    pub(super) fn database(path: &Path) -> impl Fn(rusqlite::Error) -> Self {
        move |error| Self::Database { path: path.to_owned(), message: error.to_string() }
    }
}

fn listed(problems: &[Problem], further: u64) -> String {
    let mut lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    if further > 0 {
        lines.push(format!("and {further} more"));
    }
    lines.join("; ")
}
