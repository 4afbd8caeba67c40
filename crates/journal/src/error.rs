//! What can go wrong, and what an SMTP peer hears of it.

use std::io;
use std::path::PathBuf;

use sekimori_policy::{Address, QueueId};

use crate::State;
use crate::register::{AccountId, HandOverId, RequestId};

/// Why the journal did not do what it was asked.
///
/// Each variant says what an SMTP peer whose message waits on the answer will hear
/// ([`JournalError::reply_code`]). Whatever the variant: nothing of a refused call was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Free disk space is under the reserve, so nothing was written. The peer hears 452 4.3.1 and
    /// tries again.
    #[error("only {free} octets are free on the journal's disk; {reserve} are kept in reserve")]
    DiskLow {
        /// Octets free to this process.
        free: u64,
        /// Octets that the settings keep in reserve.
        reserve: u64,
    },
    /// The disk filled up while writing; what was begun was undone. The peer hears 452 4.3.1.
    #[error("the journal's disk is full")]
    DiskFull,
    /// More is waiting for the writer than the settings allow. The peer hears 452 4.3.2.
    #[error("the journal has too much in progress")]
    Busy,
    /// A body is longer than the settings allow. The peer hears 552 5.3.4.
    #[error("a body of {octets} octets is over the limit of {limit}")]
    BodyTooLarge {
        /// Octets of the body before compression.
        octets: u64,
        /// The limit in octets.
        limit: u64,
    },
    /// A count or a text that goes with a message is over its bound: a fault of the caller, since
    /// whoever reads mail bounds these before. The peer hears 451 4.3.0.
    #[error("{what} is {found}, over the limit of {limit}")]
    OverBound {
        /// What is over its bound.
        what: &'static str,
        /// Its size or number.
        found: u64,
        /// The bound.
        limit: u64,
    },
    /// The caller asked for what makes no sense, such as a message without recipients. The peer
    /// hears 451 4.3.0.
    #[error("misuse of the journal: {0}")]
    Misuse(&'static str),
    /// A queue id or reference number that is in the store already. The peer hears 451 4.3.0.
    #[error("queue id {0} or its reference number is in the journal already")]
    Duplicate(QueueId),
    /// No message has this queue id (any more).
    #[error("no message has the queue id {0}")]
    UnknownMessage(QueueId),
    /// The message has no original: it was made here, as a report is.
    #[error("message {0} was made here and has no original")]
    NoOriginal(QueueId),
    /// This process opened the journal for actions only, or its writer has stopped. The peer hears
    /// 451 4.3.0.
    #[error("this process cannot write messages to the journal")]
    NotWriting,
    /// Another process has the journal open for writing.
    #[error("{} is in use by another sekimori process", path.display())]
    InUse {
        /// The journal's folder.
        path: PathBuf,
    },
    /// There is no journal in this folder, and the call does not make one.
    #[error("{} holds no journal", path.display())]
    NoJournal {
        /// The folder.
        path: PathBuf,
    },
    /// The store was written by a newer version of sekimori.
    #[error("the journal has schema version {found}; this program knows up to {known}")]
    NewerSchema {
        /// Version found in the store.
        found: u32,
        /// Newest version that this program knows.
        known: u32,
    },
    /// The store is of an older version and this call may not bring it up to date: start the relay.
    #[error("the journal has schema version {found}; start the relay once to bring it to {known}")]
    OlderSchema {
        /// Version found in the store.
        found: u32,
        /// Version that this program needs.
        known: u32,
    },
    /// A segment file that messages are in is not there.
    #[error("segment file {} is missing", file.display())]
    SegmentMissing {
        /// The file.
        file: PathBuf,
    },
    /// A segment file is shorter than what was committed to it.
    #[error("segment file {} has {found} octets of the {committed} committed", file.display())]
    SegmentShort {
        /// The file.
        file: PathBuf,
        /// Octets in the file.
        found: u64,
        /// Octets that were committed.
        committed: u64,
    },
    /// What is stored cannot be what was written. The peer hears 451 4.3.0.
    #[error("the journal is damaged: {what}")]
    Damaged {
        /// What does not fit, and where.
        what: String,
    },
    /// The key of the audit chains is not there, though the store has chains. The peer hears
    /// 451 4.3.0.
    #[error(
        "the audit key {} is missing: put it back from the backup (journal.audit_key says where), \
         or move the journal's folder away to begin a new one", path.display()
    )]
    AuditKeyMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file is no audit key, or not the one of this store. The peer hears 451 4.3.0.
    #[error(
        "{} {reason}: put the journal's own audit key there (journal.audit_key says where)",
        path.display()
    )]
    AuditKeyWrong {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The head of an audit chain is not what this program wrote, so nothing is appended to it. The
    /// peer hears 451 4.3.0.
    #[error("the audit chain {chain} is broken at its head; \"audit verify\" says where")]
    ChainBroken {
        /// Name of the chain.
        chain: String,
    },
    /// The operating system refused an operation. The peer hears 451 4.3.0.
    #[error("{what}: {message}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// The kind of error.
        kind: io::ErrorKind,
        /// The operating system's words.
        message: String,
    },
    /// `SQLite` refused an operation. The peer hears 451 4.3.0.
    #[error("the journal's database: {message}")]
    Database {
        /// Its words.
        message: String,
    },
    /// An action that a message's state does not allow, in the words for
    /// [`ActionOutcome::WrongState`](crate::ActionOutcome::WrongState).
    #[error("a message that is {0} does not allow this action")]
    WrongState(State),
    /// Another account signs in with this login.
    #[error("the login {0:?} is in use")]
    LoginTaken(String),
    /// Another account is bound to this subject of an identity provider.
    #[error("another account is bound to this person of the identity provider")]
    SubjectTaken,
    /// The person has the same request open already.
    #[error("request {} asks for the same and is open", .0.0)]
    AlreadyRequested(RequestId),
    /// No account has this number.
    #[error("no account has the number {}", .0.0)]
    UnknownAccount(AccountId),
    /// No hand-over has this number.
    #[error("no hand-over has the number {}", .0.0)]
    UnknownHandOver(HandOverId),
    /// The call asks for a person's account, and the actor has none.
    #[error("only a person with an account may do this")]
    NoAccount,
    /// A recipient that is none of the message's, or is settled already.
    #[error("{0} is no recipient that still waits for the message")]
    NotARecipient(Address),
    /// A section that is no removed part of the message.
    #[error("the message has no removed part {0:?}")]
    NoSuchPart(String),
}

impl JournalError {
    /// The reply code and enhanced status code (RFC 3463) for a peer whose message this befell.
    pub fn reply_code(&self) -> (u16, &'static str) {
        match self {
            Self::DiskLow { .. } | Self::DiskFull => (452, "4.3.1"),
            Self::Busy => (452, "4.3.2"),
            Self::BodyTooLarge { .. } => (552, "5.3.4"),
            _ => (451, "4.3.0"),
        }
    }

    pub(crate) fn io(what: &'static str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            kind => Self::Io { what, kind, message: error.to_string() },
        }
    }

    pub(crate) fn damaged(what: String) -> Self {
        Self::Damaged { what }
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::damaged(format!("the database: {error}"))
            }
            _ => Self::Database { message: error.to_string() },
        }
    }
}
