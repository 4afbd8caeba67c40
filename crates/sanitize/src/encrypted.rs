//! Whether a file is an encrypted message: S/MIME (RFC 8551 section 3.3) or PGP (RFC 4880).

use crate::detect;

/// Whether a part of that name and content is encrypted for a person's key, whatever type it declares.
/// Archives and documents with a password are none.
pub(crate) fn is_encrypted(name: Option<&str>, octets: &[u8]) -> bool {
    let ending = name.and_then(|name| name.trim().rsplit_once('.')).map(|(_, ending)| ending);
    let is_named = |endings: &[&str]| {
        ending.is_some_and(|given| endings.iter().any(|e| e.eq_ignore_ascii_case(given)))
    };
    let is_wrapped = detect::is_signed_data(octets);
    (is_named(&["p7m"]) && !is_wrapped)
        || detect::is_enveloped_data(octets)
        || octets.trim_ascii_start().starts_with(b"-----BEGIN PGP MESSAGE-----")
        || (is_named(&["pgp", "gpg"]) && begins_with_session_key(octets))
}

/// Whether the octets begin with a packet that holds a session key, or encrypted data (RFC 4880
/// sections 4.2 and 4.3).
fn begins_with_session_key(octets: &[u8]) -> bool {
    let tag = match octets.first() {
        Some(&first @ 0x80..0xC0) => first >> 2 & 0x0F,
        Some(&first @ 0xC0..) => first & 0x3F,
        _ => return false,
    };
    matches!(tag, 1 | 3 | 9 | 18)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encrypted_messages_are_known_by_name_and_content() {
        let enveloped = b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03\xA0\x80";
        let signed = b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80";
        for (name, octets, is) in [
            (Some("smime.p7m"), &enveloped[..], true),
            (None, enveloped, true),
            (Some("SMIME.P7M"), b"\x30\x80\x06\x0B", true),
            (Some("smime.p7m"), signed, false),
            (Some("message.asc"), b"\n-----BEGIN PGP MESSAGE-----\n", true),
            (Some("key.asc"), b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", false),
            (Some("a.pdf.gpg"), b"\x85\x01\x0C\x03", true),
            (Some("a.pgp"), b"\xC3\x0D", true),
            (Some("a.pdf.gpg"), b"\x99\x01\x0D\x04", false),
            (Some("a.pdf"), b"\x85\x01\x0C\x03", false),
            (None, b"", false),
        ] {
            assert_eq!(is_encrypted(name, octets), is, "{name:?}");
        }
    }
}
