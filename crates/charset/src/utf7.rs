//! UTF-7 (RFC 2152), by label only: nothing unlabelled is ever taken for it.

use crate::decoded::UNDECODABLE;

/// Decodes UTF-7 strictly: a shifted run holds well-formed UTF-16 and fewer than six bits of zero
/// padding; what does not is one undecodable unit for each lost code unit or tail.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(plus) = rest.iter().position(|octet| *octet == b'+') {
        let (direct, shifted) = rest.split_at(plus);
        push_direct(&mut text, direct);
        let shifted = shifted.get(1..).unwrap_or_default();
        let length = shifted.iter().take_while(|octet| sextet(**octet).is_some()).count();
        let (run, after) = shifted.split_at(length);
        if run.is_empty() {
            // `+-` is a plus sign; a lone plus before anything else is an error that reads as one.
            text.push('+');
        } else {
            push_run(&mut text, run);
        }
        rest = after.strip_prefix(b"-").unwrap_or(after);
    }
    push_direct(&mut text, rest);
    text
}

fn push_direct(text: &mut String, direct: &[u8]) {
    text.extend(direct.iter().map(
        |octet| {
            if octet.is_ascii() { char::from(*octet) } else { UNDECODABLE }
        },
    ));
}

fn push_run(text: &mut String, run: &[u8]) {
    let mut bits = 0u32;
    let mut count = 0;
    let mut units = Vec::with_capacity(run.len() * 3 / 8);
    for value in run.iter().filter_map(|octet| sextet(*octet)) {
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push(u16::try_from((bits >> count) & 0xFFFF).unwrap_or_default());
            bits &= (1 << count) - 1;
        }
    }
    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(UNDECODABLE)));
    if count >= 6 || bits != 0 {
        text.push(UNDECODABLE);
    }
}

fn sextet(octet: u8) -> Option<u8> {
    crate::base64::sextet(octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_2152_decode() {
        assert_eq!(decode(b"A+ImIDkQ."), "A\u{2262}\u{391}.");
        assert_eq!(decode(b"Hi Mom -+Jjo--!"), "Hi Mom -\u{263A}-!");
        assert_eq!(decode(b"+ZeVnLIqe-"), "\u{65E5}\u{672C}\u{8A9E}");
        assert_eq!(decode(b"Item 3 is +AKM-1."), "Item 3 is \u{A3}1.");
        assert_eq!(decode(b"1 +- 1"), "1 + 1");
    }

    #[test]
    fn what_is_not_well_formed_is_marked_and_never_guessed_at() {
        assert_eq!(decode(b"+2D0-x"), "\u{FFFD}x", "half of a surrogate pair");
        assert_eq!(decode(b"+2D3eAA-"), "\u{1F600}", "a whole one");
        assert_eq!(decode(b"+ZeV-x"), "\u{65E5}\u{FFFD}x", "a tail that is not zero");
        assert_eq!(decode(b"+ZeU-x"), "\u{65E5}x");
        assert_eq!(decode(b"+A-"), "\u{FFFD}");
        assert_eq!(decode(b"+"), "+");
        assert_eq!(decode(b"\xE9"), "\u{FFFD}");
    }
}
