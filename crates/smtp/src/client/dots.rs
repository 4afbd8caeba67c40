//! Dot-stuffing (RFC 5321 section 4.5.2).

/// `message` (strict CRLF) as written after 354, with the final CRLF.CRLF.
pub fn dot_stuff(message: &[u8]) -> Vec<u8> {
    message.to_vec()
}
