//! The body of a leaf with its transfer encoding undone (RFC 2045 section 6).

pub(crate) mod base64;
pub(crate) mod quoted_printable;
pub(crate) mod uuencode;

use std::borrow::Cow;

use crate::part::Part;
use crate::transfer_encoding::TransferEncoding;

/// What was wrong with a transfer encoding. Decoding goes on past each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EncodingFaults {
    /// Octets outside the encoding's alphabet that were passed over.
    pub junk: u64,
    /// How often base64 went on after padding: several blocks in one body, each decoded.
    pub after_padding: u64,
    /// `=` in quoted-printable that begins no escape and no soft line break; kept as it is.
    pub bad_escapes: u64,
    /// The encoding ends inside a group, or a line or the end of uuencoded data is missing.
    pub truncated: bool,
}

impl EncodingFaults {
    /// Whether there was nothing wrong.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl<'a> Part<'a> {
    /// The body with its transfer encoding undone, and what was wrong with the encoding. Borrowed
    /// where the encoding is an identity, unknown, or the part is a container.
    pub fn decoded_body(&self) -> (Cow<'a, [u8]>, EncodingFaults) {
        let (octets, faults) = match self.transfer_encoding {
            TransferEncoding::Base64 => base64::decode(self.raw_body),
            TransferEncoding::QuotedPrintable => quoted_printable::decode(self.raw_body),
            TransferEncoding::Uuencode => uuencode::decode(self.raw_body),
            TransferEncoding::SevenBit
            | TransferEncoding::EightBit
            | TransferEncoding::Binary
            | TransferEncoding::Unknown => {
                return (Cow::Borrowed(self.raw_body), EncodingFaults::default());
            }
        };
        (Cow::Owned(octets), faults)
    }
}
