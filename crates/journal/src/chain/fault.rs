//! What can be wrong with a chain, and where.

use std::fmt;

use sekimori_policy::Timestamp;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// A record's hash does not fit its fields and the record before it.
    Changed,
    /// A record's keyed hash does not fit: whoever wrote it had no key.
    Forged,
    /// Records between others are not there.
    Missing,
    /// A record stands where none of its number belongs: it was put in or moved.
    OutOfPlace,
    /// A record without a number and a hash among such that have them.
    Unchained,
    /// Records at the end are not there, though the store's head of the chain names them.
    CutBelowHead,
    /// Records at the end are not there, though a checkpoint of this time names them.
    CutBelowCheckpoint {
        /// When the newest such checkpoint was made.
        at: Timestamp,
    },
    /// The head of the chain is not what the store wrote.
    HeadChanged,
    /// The store has no head of a chain that has records, or one that is behind them.
    HeadBehind,
    /// A checkpoint names another hash than the record has that it is about.
    CheckpointDiffers {
        /// When the checkpoint was made.
        at: Timestamp,
    },
    /// A checkpoint names a number that the chain had passed by then.
    CheckpointOutOfPlace {
        /// When the checkpoint says it was made.
        at: Timestamp,
    },
    /// A checkpoint's signature is not by the key.
    CheckpointUnsigned {
        /// When the checkpoint says it was made.
        at: Timestamp,
    },
    /// A line of a file is not what an export or a file of checkpoints has.
    UnreadableLine,
}

impl Problem {
    /// The name in output for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Forged => "forged",
            Self::Missing => "missing",
            Self::OutOfPlace => "out-of-place",
            Self::Unchained => "unchained",
            Self::CutBelowHead => "cut-below-head",
            Self::CutBelowCheckpoint { .. } => "cut-below-checkpoint",
            Self::HeadChanged => "head-changed",
            Self::HeadBehind => "head-behind",
            Self::CheckpointDiffers { .. } => "checkpoint-differs",
            Self::CheckpointOutOfPlace { .. } => "checkpoint-out-of-place",
            Self::CheckpointUnsigned { .. } => "checkpoint-unsigned",
            Self::UnreadableLine => "unreadable-line",
        }
    }
}

/// A place where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub problem: Problem,
    /// The chain; `None` for the gateway's own.
    pub chain: Option<String>,
    /// The first record concerned, by its number in the chain; the line's number for
    /// [`Problem::UnreadableLine`].
    pub first: u64,
    /// The last record concerned.
    pub last: u64,
    /// Place in the store of the first record concerned, or of the one before those missing.
    pub sequence: Option<u64>,
}

/// Name of a chain for people.
pub fn chain_name(chain: Option<&str>) -> &str {
    chain.unwrap_or("(gateway)")
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, .. } = self;
        if self.problem == Problem::UnreadableLine {
            return write!(f, "line {first} is not what was exported");
        }
        write!(f, "{}: ", chain_name(self.chain.as_deref()))?;
        let records = if first == last {
            format!("record {first}")
        } else {
            format!("records {first} to {last}")
        };
        let is = if first == last { "is" } else { "are" };
        let was = if first == last { "was" } else { "were" };
        match self.problem {
            Problem::Changed => write!(
                f,
                "{records} {was} changed, or the record before was and its hash made anew"
            ),
            Problem::Forged => {
                write!(f, "{records} {was} changed or put in by somebody without the key")
            }
            Problem::Missing => write!(f, "{records} {is} missing"),
            Problem::OutOfPlace => write!(f, "{records} {was} put in or moved"),
            Problem::Unchained => write!(f, "a record without number and hash was put in"),
            Problem::CutBelowHead => {
                write!(
                    f,
                    "the end was cut: the head names record {last}, the last is {}",
                    first - 1
                )
            }
            Problem::CutBelowCheckpoint { at } => write!(
                f,
                "the end was cut: the checkpoint of {} names record {last}, the last is {}",
                at.rfc3339(),
                first - 1
            ),
            Problem::HeadChanged => write!(f, "the head at record {first} was changed or set back"),
            Problem::HeadBehind => {
                write!(f, "the head was set back or removed: {records} {is} past it")
            }
            Problem::CheckpointDiffers { at } => write!(
                f,
                "the checkpoint of {} has another hash for record {last}: something of {records} was \
                 changed and all hashes after it made anew",
                at.rfc3339()
            ),
            Problem::CheckpointOutOfPlace { at } => write!(
                f,
                "the checkpoint of {} names record {first}, which the chain had passed by then",
                at.rfc3339()
            ),
            Problem::CheckpointUnsigned { at } => write!(
                f,
                "the checkpoint of {} for record {first} is not signed by this key",
                at.rfc3339()
            ),
            Problem::UnreadableLine => Ok(()),
        }?;
        match self.sequence {
            Some(sequence) => write!(f, " (sequence {sequence})"),
            None => Ok(()),
        }
    }
}
