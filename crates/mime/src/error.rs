//! Why a message is not scanned.

use sekimori_policy::Code;

/// A bound of [`Limits`](sekimori_policy::Limits) that the message goes over. The message is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// Multiparts and messages are nested deeper than `limit`.
    #[error("parts are nested deeper than {limit}")]
    Depth {
        /// The bound, in containers around a part.
        limit: usize,
    },
    /// There are more parts than `limit`.
    #[error("there are more than {limit} parts")]
    Parts {
        /// The bound, in parts of any kind.
        limit: usize,
    },
    /// A header section has more lines that begin a field than `limit`.
    #[error("a header has more than {limit} fields")]
    HeaderFields {
        /// The bound, in fields, malformed lines included.
        limit: usize,
    },
    /// A header section is longer than `limit`.
    #[error("a header is longer than {limit} octets")]
    HeaderOctets {
        /// The bound, in octets.
        limit: usize,
    },
}

impl ScanError {
    /// The decision code under which the message is held.
    pub fn code(self) -> Code {
        match self {
            Self::Depth { .. } => Code::HoldDepth,
            Self::Parts { .. } => Code::HoldParts,
            Self::HeaderFields { .. } | Self::HeaderOctets { .. } => Code::HoldHeader,
        }
    }
}
