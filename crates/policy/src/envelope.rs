//! Who a message is from and for, as the SMTP dialogue said.

use serde::{Deserialize, Serialize};

use crate::Address;

/// The reverse path of `MAIL FROM` (RFC 5321 section 4.1.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReversePath(pub Option<Address>);

impl ReversePath {
    /// The null path `<>` of reports, to which no report may ever be sent.
    pub const NULL: Self = Self(None);

    /// Whether this is the null path.
    pub fn is_null(&self) -> bool {
        self.0.is_none()
    }

    /// The address, or the empty string for the null path.
    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or("", Address::as_str)
    }
}

/// Sender and recipients of one transaction. Recipients are in the order given, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The envelope sender (送信元).
    pub sender: ReversePath,
    /// The envelope recipients (宛先).
    pub recipients: Vec<Address>,
}
