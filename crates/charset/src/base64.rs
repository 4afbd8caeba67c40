//! Base64 digits (RFC 4648 section 4), as encoded-words and UTF-7 use them.

/// The six bits that a digit stands for.
pub(crate) fn sextet(octet: u8) -> Option<u8> {
    Some(match octet {
        b'A'..=b'Z' => octet - b'A',
        b'a'..=b'z' => octet - b'a' + 26,
        b'0'..=b'9' => octet - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}
