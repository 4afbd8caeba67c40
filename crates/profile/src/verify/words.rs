//! Header text: plain ASCII, or encoded-words of UTF-8 (RFC 2047) and nothing else.

use super::Fault;
use super::body::base64_octets;
use super::characters;
use super::mailbox::is_atext;

/// Longest encoded-word in octets.
const MAX_WORD: usize = 75;

/// The text of an unstructured field.
pub(super) fn unstructured(value: &str) -> Result<String, Fault> {
    if value.contains("=?") { encoded(value) } else { Ok(value.to_owned()) }
}

/// Checks a display name of atoms or encoded-words.
pub(super) fn phrase(value: &str) -> Result<(), Fault> {
    if value.contains("=?") {
        encoded(value).map(|_| ())
    } else if value.split(' ').all(|word| !word.is_empty() && word.bytes().all(is_atext)) {
        Ok(())
    } else {
        Err(Fault::Value)
    }
}

/// Encoded-words with single spaces between them, decoded and joined.
fn encoded(value: &str) -> Result<String, Fault> {
    let mut text = String::new();
    for word in value.split(' ') {
        let inner = word
            .strip_prefix("=?UTF-8?")
            .and_then(|w| w.strip_suffix("?="))
            .filter(|_| word.len() <= MAX_WORD)
            .ok_or(Fault::EncodedWord)?;
        let octets = match inner.split_once('?') {
            Some(("B", symbols)) => base64_octets(symbols.as_bytes()),
            Some(("Q", symbols)) => q_octets(symbols.as_bytes()),
            _ => None,
        };
        let here =
            octets.filter(|octets| !octets.is_empty()).and_then(|o| String::from_utf8(o).ok());
        text.push_str(&here.ok_or(Fault::EncodedWord)?);
    }
    characters::check_line(&text)?;
    Ok(text)
}

fn q_octets(mut symbols: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(symbols.len());
    loop {
        let (octet, rest) = match symbols {
            [] => return Some(octets),
            [b'_', rest @ ..] => (b' ', rest),
            [b'=', high, low, rest @ ..] => {
                let octet = super::body::hex_octet(*high, *low)?;
                // What needs no escape has none, so that a text has one spelling.
                if octet == b' ' || is_q_literal(octet) {
                    return None;
                }
                (octet, rest)
            }
            [literal, rest @ ..] if is_q_literal(*literal) => (*literal, rest),
            _ => return None,
        };
        octets.push(octet);
        symbols = rest;
    }
}

fn is_q_literal(b: u8) -> bool {
    matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'*' | b'+' | b'-' | b'/')
}
