//! The value of an unstructured header field (RFC 5322 section 2.2.1).

use crate::{Decoded, decode};

/// Decodes the raw value of an unstructured field: unfolds it, decodes its encoded-words (RFC 2047)
/// and whatever raw 8-bit text it holds. The result holds no CR and no LF.
pub fn decode_field(raw: &[u8]) -> Decoded {
    let mut decoded = decode(raw, None);
    decoded.text.retain(|c| !matches!(c, '\r' | '\n'));
    decoded.characters = decoded.text.chars().count() as u64;
    decoded
}
