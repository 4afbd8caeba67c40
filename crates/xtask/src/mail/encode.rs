//! Encodings of RFC 2045 and RFC 2047 for what we generate.

use std::fmt::Write as _;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Octets that one line of base64 holds.
pub(super) const LINE: usize = 57;

/// Base64 in one line.
pub(crate) fn base64(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len() / 3 * 4 + 4);
    for group in octets.chunks(3) {
        let mut bits = [0; 3];
        for (bit, &octet) in bits.iter_mut().zip(group) {
            *bit = octet;
        }
        let [a, b, c] = bits.map(u32::from);
        let number = (a << 16) | (b << 8) | c;
        for (position, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let symbol = (number >> shift) & 63;
            if position <= group.len() {
                let octet = BASE64.get(symbol as usize).copied().unwrap_or(b'=');
                text.push(char::from(octet));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// Base64 in lines of 76 characters.
pub(super) fn base64_lines(octets: &[u8]) -> String {
    let mut text = String::new();
    for line in octets.chunks(LINE) {
        text.push_str(&base64(line));
        text.push_str("\r\n");
    }
    text
}

/// Quoted-printable of text whose lines end in LF.
pub(super) fn quoted_printable(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for line in text.lines() {
        let mut column = 0;
        let mut characters = line.bytes().peekable();
        while let Some(octet) = characters.next() {
            let last = characters.peek().is_none();
            let literal = matches!(octet, b'!'..=b'<' | b'>'..=b'~') || (octet == b' ' && !last);
            let width = if literal { 1 } else { 3 };
            if column + width > 75 {
                encoded.push_str("=\r\n");
                column = 0;
            }
            if literal {
                encoded.push(char::from(octet));
            } else {
                let _ = write!(encoded, "={octet:02X}");
            }
            column += width;
        }
        encoded.push_str("\r\n");
    }
    encoded
}

/// Text in ISO-2022-JP, as octets. Lines end in CRLF and begin in ASCII.
pub(super) fn iso_2022_jp(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    for line in text.lines() {
        octets.extend_from_slice(&encoding_rs::ISO_2022_JP.encode(line).0);
        octets.extend_from_slice(b"\r\n");
    }
    octets
}

/// Encoded-words (RFC 2047) in UTF-8, folded.
pub(super) fn encoded_words(text: &str) -> String {
    words(text, 13, |chunk| format!("=?UTF-8?B?{}?=", base64(chunk.as_bytes())))
}

/// Encoded-words (RFC 2047) in ISO-2022-JP, folded.
pub(super) fn encoded_words_iso_2022_jp(text: &str) -> String {
    words(text, 15, |chunk| {
        let octets = encoding_rs::ISO_2022_JP.encode(chunk).0;
        format!("=?ISO-2022-JP?B?{}?=", base64(&octets))
    })
}

fn words(text: &str, characters: usize, word: impl Fn(&str) -> String) -> String {
    let all: Vec<char> = text.chars().collect();
    let words: Vec<String> =
        all.chunks(characters).map(|chunk| word(&chunk.iter().collect::<String>())).collect();
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn quoted_printable_keeps_lines_short_and_ends_no_line_in_a_space() {
        let encoded = quoted_printable(&format!("{} \n=x", "あ".repeat(40)));
        assert!(encoded.lines().all(|l| l.len() <= 76 && !l.ends_with(' ')));
        assert!(encoded.ends_with("=3Dx\r\n"));
    }

    #[test]
    fn encoded_words_stay_under_75_characters() {
        let text = "山北町からのお知らせ（令和８年度第３回町民向け防災訓練の実施について）";
        for words in [encoded_words(text), encoded_words_iso_2022_jp(text)] {
            assert!(words.lines().all(|l| l.trim().len() <= 75), "{words}");
        }
    }
}
