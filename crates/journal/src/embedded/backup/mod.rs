//! Backups: a folder that a journal can be put back from, made while the relay runs.
//!
//! # What is in a backup
//! ```text
//! backup.lock                        marks the folder, locked while it is written or read
//! manifest.json                      what belongs to the backup, with sizes and SHA-256 (manifest.rs)
//! journal-8f1c….db                   the database, as it was at one moment
//! segments/0000000007-03ab….seg      what was committed to each segment at that moment
//! audit.key                          the key of the audit chains, only when asked for
//! ```
//! The search index is not: it is made anew from the database. Nor is the audit key by default: whoever
//! has it can write records that fit, so it is to be kept apart from what it proves.
//!
//! # Consistent while others write
//! The database is copied first, in one read transaction (snapshot.rs). It names segments, of which
//! the first `committed` octets never change again: the writer appends behind them, and nothing cuts
//! below them. So each can be copied at leisure, unless compaction removes it meanwhile: its messages
//! then are elsewhere, and the database is copied again, and after it only those segments that
//! were not copied yet. Segments that compaction would take first are copied first, so that this
//! comes to an end; after `ROUNDS` it is given up.
//!
//! # Whole or not at all
//! A file's name tells its content, so a new backup never writes over a file of the one before. Everything
//! is synced before the manifest takes the place of the earlier one by a rename. Only then are files
//! removed that it does not name. A backup that was cut off at any step leaves the earlier one.
//!
//! A segment that the earlier backup has with the same length and SHA-256, and whose copy still has
//! that SHA-256, is not written again. Nor is it trusted unread: both are read.
//!
//! # Bounds
//! Memory does not grow with the journal but for the list of its segments and of its chains.

mod checking;
mod error;
mod files;
mod making;
mod manifest;
mod restoring;
mod snapshot;

pub use self::checking::{Checked, verify_backup};
pub use self::error::{BackupError, MAX_PROBLEMS, Problem};
pub use self::making::{BackupOptions, Made, back_up};
pub use self::manifest::{ChainHead, Counts, FileEntry, Manifest, SegmentEntry};
pub use self::restoring::{Restored, restore};

/// Name of the audit key in a backup's folder.
const AUDIT_KEY: &str = "audit.key";
