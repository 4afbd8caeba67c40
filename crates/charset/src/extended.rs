//! Parameter values by RFC 2231.

use crate::{Decoded, decode, decode_field};

/// Decodes the value of one parameter, whose `pieces` (the continuations of RFC 2231 section 3, in
/// order) are each an octet string and whether it is percent-encoded (its name ended in `*`).
///
/// `charset` is the one that the caller has already taken off the value. With `None`, a first piece
/// that is percent-encoded begins with `charset'language'`, and a value of which no piece is
/// percent-encoded is read as [`decode_field`] reads a field. The result holds no CR and no LF.
pub fn decode_extended_value(pieces: &[(&[u8], bool)], charset: Option<&str>) -> Decoded {
    let bytes: Vec<u8> = pieces
        .iter()
        .flat_map(|(bytes, _)| bytes.iter().copied())
        .collect();
    match charset {
        Some(label) => decode(&bytes, Some(label)),
        None => decode_field(&bytes),
    }
}
