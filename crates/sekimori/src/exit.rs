//! How a command ends: the exit codes of sysexits.h, and what a person is told.

use std::fmt::Display;
use std::process::ExitCode;

use sekimori_journal::JournalError;
use sekimori_journal::backup::BackupError;

/// An exit code of sysexits.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The command line is wrong.
    Usage = 64,
    /// The input is not what it should be.
    Data = 65,
    /// The input is not there or cannot be opened.
    NoInput = 66,
    /// Something that is needed does not answer.
    Unavailable = 69,
    /// A fault of the program itself.
    Software = 70,
    /// Reading or writing failed.
    Io = 74,
    /// It may work later.
    TryAgain = 75,
    /// The system does not permit it.
    NotPermitted = 77,
    /// The configuration is wrong.
    Configuration = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        // The discriminants are the codes.
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// What happened and what to do, a line each.
    pub(crate) lines: Vec<String>,
}

impl Failure {
    /// A failure with one line for people.
    pub(crate) fn new(exit: Exit, line: impl Display) -> Self {
        Self { exit, lines: vec![line.to_string()] }
    }

    /// Tells it on standard error.
    pub(crate) fn say(&self) {
        for line in &self.lines {
            eprintln!("sekimori: {line}");
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let exit = match error.kind() {
            ErrorKind::NotFound => Exit::NoInput,
            ErrorKind::PermissionDenied => Exit::NotPermitted,
            _ => Exit::Io,
        };
        Self::new(exit, error)
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let exit = match &error {
            JournalError::DiskLow { .. } | JournalError::DiskFull | JournalError::Busy => {
                Exit::TryAgain
            }
            JournalError::InUse { .. } => Exit::Unavailable,
            JournalError::NoJournal { .. } => Exit::NoInput,
            JournalError::AuditKeyMissing { .. } | JournalError::AuditKeyWrong { .. } => {
                Exit::Configuration
            }
            JournalError::UnknownMessage(_) | JournalError::ChainBroken { .. } => Exit::Data,
            _ => Exit::Io,
        };
        Self::new(exit, error)
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        let exit = match error {
            BackupError::Journal(error) => return error.into(),
            BackupError::NoBackup { .. } => Exit::NoInput,
            BackupError::NoRoom { .. }
            | BackupError::InUse { .. }
            | BackupError::KeepsChanging { .. } => Exit::TryAgain,
            BackupError::Foreign { .. }
            | BackupError::AnotherJournal { .. }
            | BackupError::NotEmpty { .. } => Exit::Usage,
            BackupError::ManifestDamaged { .. }
            | BackupError::Damaged { .. }
            | BackupError::Database { .. } => Exit::Data,
            BackupError::Io { .. } => Exit::Io,
        };
        Self::new(exit, error)
    }
}
