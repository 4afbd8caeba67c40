//! The text-only profile: what may cross, as values that can only hold it, the writer, and the
//! verifier that shares nothing with them.
//!
//! A message of the profile is one RFC 5322 message in ASCII with CRLF line ends, header fields
//! from a closed list and one `text/plain; charset=utf-8` body of NFC text without control,
//! invisible, bidirectional-control, private-use or noncharacter code points.
//!
//! Invariants: [`SafeText`] and [`SafeLine`] hold allowed text only, whatever string they were made
//! of, and cleaning twice is cleaning once; [`write()`] never fails, and what it writes passes
//! [`verify::verify`] as long as it is within the bounds named there. Nothing is copied from an
//! input message: every octet written comes from a value of this crate. Cleaning, writing and
//! verifying take linear time.
//!
//! Bounds: [`SafeLine::MAX_CHARACTERS`], [`MAX_COMBINING_MARKS`], [`MessageId::MAX_OCTETS`],
//! [`ListId::MAX_OCTETS`], and those of [`verify`].
//!
//! Layout: `characters` what each character becomes; `safe_text` the two text types; `address`,
//! `fields`, `received`, `result` typed header values; `message` the whole message and its writer,
//! on `folding` and `encoded_word` for header lines and `transfer` for the body; `verify/` the
//! verifier.
#![forbid(unsafe_code)]

mod address;
mod characters;
mod encoded_word;
mod fields;
mod folding;
mod message;
mod received;
mod result;
mod safe_text;
#[cfg(test)]
mod tests;
mod transfer;
pub mod verify;

pub use address::{AsciiAddress, Mailbox, Mailboxes};
pub use characters::MAX_COMBINING_MARKS;
pub use fields::{AutoSubmitted, ListId, MessageId};
pub use message::{TextMessage, write};
pub use received::{HostName, Protocol, Received};
pub use result::ResultField;
pub use safe_text::{Losses, SafeLine, SafeText};
pub use verify::{Fault, Verified, Violation};

/// Why a value cannot stand in a message of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// An address or host name with characters beyond ASCII (it would need SMTPUTF8, RFC 6531).
    #[error("not written in ASCII")]
    NotAscii,
    /// A structured value that a reader could take for an RFC 2047 encoded-word.
    #[error("looks like an encoded-word")]
    LooksEncoded,
    /// A list of mailboxes with nothing in it.
    #[error("no mailbox in the list")]
    NoMailbox,
    /// Not a message identifier, or longer than [`MessageId::MAX_OCTETS`].
    #[error("not a message identifier")]
    MessageId,
    /// Not a list identifier, or longer than [`ListId::MAX_OCTETS`].
    #[error("not a list identifier")]
    ListId,
    /// Not a host name or address literal.
    #[error("not a host name")]
    HostName,
    /// Not a protocol of the `with` clause.
    #[error("not a mail protocol's name")]
    Protocol,
    /// Not a value of `Auto-Submitted`.
    #[error("not a value of Auto-Submitted")]
    AutoSubmitted,
}
