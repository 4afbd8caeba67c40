//! UTF-16 (RFC 2781) and UTF-32: by label or byte order mark.

use encoding_rs::{UTF_16BE, UTF_16LE};

use crate::decoded::{Reading, UNDECODABLE};
use crate::label::{Charset, Endian};

/// Octets looked at to tell which end comes first, and whether text is UTF-16 at all.
pub(crate) const WIDE_SAMPLE: usize = 4 * 1024;

/// Reads what is labelled UTF-16 or UTF-32, or begins with one of their byte order marks. `None`
/// when neither holds, or when the octets are plainly ASCII or UTF-8 in spite of the label.
pub(crate) fn read(bytes: &[u8], declared: Option<Charset>) -> Option<Reading> {
    let declared = declared.unwrap_or(Charset::Ascii);
    let labelled_wide = matches!(declared, Charset::Utf16(_) | Charset::Utf32(_));
    if let Some((charset, after)) = byte_order_mark(bytes, declared) {
        let text = decode(after, charset);
        // Under another label two octets are no proof: the rest has to be sound as well.
        if labelled_wide || (after.len() % 2 == 0 && !text.contains(UNDECODABLE)) {
            let contradicted =
                core::mem::discriminant(&charset) != core::mem::discriminant(&declared);
            return Some(Reading::new(text, charset.name()).guessed_if(contradicted));
        }
    }
    if !labelled_wide || bytes.is_empty() || is_plainly_ascii(bytes) || is_plainly_utf8(bytes) {
        return None;
    }
    let charset = match declared {
        Charset::Utf16(None) => Charset::Utf16(Some(utf16_order(bytes))),
        Charset::Utf32(None) => Charset::Utf32(Some(utf32_order(bytes))),
        known => known,
    };
    Some(Reading::new(decode(bytes, charset), charset.name()))
}

fn decode(bytes: &[u8], charset: Charset) -> String {
    match charset {
        Charset::Utf32(Some(Endian::Little)) => utf32(bytes, u32::from_le_bytes),
        Charset::Utf32(_) => utf32(bytes, u32::from_be_bytes),
        Charset::Utf16(Some(Endian::Little)) => {
            UTF_16LE.decode_without_bom_handling(bytes).0.into_owned()
        }
        _ => UTF_16BE.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

fn utf32(bytes: &[u8], number: fn([u8; 4]) -> u32) -> String {
    let (units, tail) = bytes.as_chunks::<4>();
    let mut text: String =
        units.iter().map(|unit| char::from_u32(number(*unit)).unwrap_or(UNDECODABLE)).collect();
    if !tail.is_empty() {
        text.push(UNDECODABLE);
    }
    text
}

/// The charset that a byte order mark tells, and what comes after the mark.
fn byte_order_mark(bytes: &[u8], declared: Charset) -> Option<(Charset, &[u8])> {
    let maybe_32 = bytes.len().is_multiple_of(4) && !matches!(declared, Charset::Utf16(_));
    match bytes {
        [0xFF, 0xFE, 0, 0, rest @ ..] if maybe_32 => {
            Some((Charset::Utf32(Some(Endian::Little)), rest))
        }
        [0, 0, 0xFE, 0xFF, rest @ ..] if maybe_32 => {
            Some((Charset::Utf32(Some(Endian::Big)), rest))
        }
        [0xFF, 0xFE, rest @ ..] => Some((Charset::Utf16(Some(Endian::Little)), rest)),
        [0xFE, 0xFF, rest @ ..] => Some((Charset::Utf16(Some(Endian::Big)), rest)),
        _ => None,
    }
}

/// Programs label ASCII text UTF-16 because they hold strings so. Kana in UTF-16 are ASCII octets
/// too, but every other one of them is the digit `0`; kanji are now and then, but never many in a row.
fn is_plainly_ascii(bytes: &[u8]) -> bool {
    const CERTAIN: usize = 32;
    let sample = bytes.get(..WIDE_SAMPLE).unwrap_or(bytes);
    if sample.len() < 16 || !sample.is_ascii() || sample.contains(&0) {
        return false;
    }
    let words =
        sample.iter().filter(|o| o.is_ascii_alphabetic() || o.is_ascii_whitespace()).count();
    let is_kana = |place: usize| {
        let zeros = sample.iter().skip(place).step_by(2).filter(|o| **o == b'0').count();
        zeros * 6 >= sample.len()
    };
    let is_text = sample.iter().all(|o| matches!(o, b' '..=b'~' | b'\t' | b'\r' | b'\n'));
    words * 4 >= sample.len() * 3
        || (sample.len() >= CERTAIN && is_text && !is_kana(0) && !is_kana(1))
}

/// Whether octets that are labelled otherwise are UTF-8 with so many characters outside of ASCII that
/// it is no accident.
fn is_plainly_utf8(bytes: &[u8]) -> bool {
    const CHARACTERS: usize = 4;
    let sample = bytes.get(..WIDE_SAMPLE).unwrap_or(bytes);
    let text = sample.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    // The sample may end inside a character.
    text.len() + 3 >= sample.len() && text.chars().filter(|c| !c.is_ascii()).count() >= CHARACTERS
}

/// Without a mark the order is that in which more units look like ASCII, kana or kanji; RFC 2781 section
/// 4.3 says big-endian where nothing tells.
fn utf16_order(bytes: &[u8]) -> Endian {
    let sample = bytes.get(..WIDE_SAMPLE).unwrap_or(bytes);
    let mut big = 0usize;
    let mut little = 0usize;
    for [first, second] in sample.as_chunks::<2>().0 {
        big += likely_high_octet(*first);
        little += likely_high_octet(*second);
    }
    if little > big { Endian::Little } else { Endian::Big }
}

fn likely_high_octet(octet: u8) -> usize {
    match octet {
        0 | 0x30 => 4,
        0x4E..=0x9F | 0xFF => 2,
        _ => 0,
    }
}

fn utf32_order(bytes: &[u8]) -> Endian {
    match bytes {
        // Unicode ends at U+10FFFF, so the most significant octet is always zero.
        [first, _, _, 0, ..] if *first != 0 => Endian::Little,
        _ => Endian::Big,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode as decode_body;

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn a_byte_order_mark_tells_utf_16_and_is_dropped() {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes = utf16("\u{FEFF}令和八年度\r\n", order);
            for label in [None, Some("utf-16"), Some("utf-8"), Some("iso-8859-1")] {
                let decoded = decode_body(&bytes, label);
                assert_eq!(decoded.text, "令和八年度\r\n", "{label:?}");
                assert_eq!(decoded.guessed, label != Some("utf-16"));
            }
        }
    }

    #[test]
    fn utf_16_without_a_mark_is_read_in_the_order_that_makes_sense() {
        for text in ["山北町 総務課\r\n", "会議資料", "ひらがな", "Hello"] {
            for order in [u16::to_le_bytes, u16::to_be_bytes] {
                let decoded = decode_body(&utf16(text, order), Some("utf-16"));
                assert_eq!((decoded.text.as_str(), decoded.guessed), (text, false));
            }
        }
    }

    #[test]
    fn utf_32_is_read_with_and_without_a_mark() {
        let le: Vec<u8> = "\u{FEFF}𠮷野".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        assert_eq!(decode_body(&le, Some("utf-32")).text, "𠮷野");
        assert_eq!(decode_body(&le, None).charset, "utf-32le");
        let be: Vec<u8> = "山A".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        assert_eq!(decode_body(&be, Some("UTF-32BE")).text, "山A");
        assert_eq!(decode_body(&be, Some("UTF-32")).text, "山A");
        let torn = decode_body(&[0, 0, 0x30, 0x42, 0, 0x11, 0, 0, 1], Some("utf-32be"));
        assert_eq!((torn.text.as_str(), torn.replaced), ("あ〓〓", 2));
    }

    #[test]
    fn ascii_labelled_utf_16_is_read_as_what_it_is() {
        let decoded = decode_body(b"Dear Sir or Madam, please find", Some("utf-16"));
        assert_eq!(decoded.text, "Dear Sir or Madam, please find");
        assert_eq!(decoded.charset, "us-ascii");
        // Or a file in an encoding would cross as ideographs.
        let data = "begin 644 a.exe\r\nM35J0``,````$````4T5+24U/4DDM34%22T52+7$W6GB=PR?)";
        assert_eq!(decode_body(data.as_bytes(), Some("utf-16le")).text, data);
    }

    #[test]
    fn what_comes_after_the_sample_does_not_change_the_order() {
        let mut bytes = utf16(&"山北".repeat(WIDE_SAMPLE), u16::to_be_bytes);
        assert_eq!(decode_body(&bytes, Some("utf-16")).charset, "utf-16be");
        bytes.extend(b"0\0".repeat(WIDE_SAMPLE * 4));
        assert_eq!(decode_body(&bytes, Some("utf-16")).charset, "utf-16be");
    }

    #[test]
    fn latin_text_that_begins_like_a_mark_is_left_alone() {
        let decoded = decode_body(b"\xFF\xFE\xD8 x", Some("iso-8859-1"));
        assert_eq!(decoded.text, "ÿþØ x");
    }
}
