//! The 7-bit forms of Korean and Chinese: ISO-2022-KR (RFC 1557) and HZ (RFC 1843), by label only.
//!
//! Both shift into two-octet text, which is EUC-KR or GBK without the eighth bit.

use encoding_rs::{EUC_KR, GBK};

use crate::decoded::UNDECODABLE;

const HEADER: &[u8] = b"\x1B$)C";
const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;

/// Decodes ISO-2022-KR.
pub(crate) fn iso_2022_kr(bytes: &[u8]) -> String {
    let mut octets = Vec::with_capacity(bytes.len());
    let mut shifted = false;
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        match *first {
            SHIFT_OUT => shifted = true,
            SHIFT_IN => shifted = false,
            0x1B if after.starts_with(HEADER.get(1..).unwrap_or_default()) => {
                rest = after.get(HEADER.len() - 1..).unwrap_or_default();
            }
            b'\n' => {
                shifted = false;
                octets.push(b'\n');
            }
            octet => octets.push(if shifted { raised(octet) } else { octet }),
        }
    }
    EUC_KR.decode_without_bom_handling(&octets).0.into_owned()
}

/// Decodes HZ. A tilde that begins none of its escapes is one undecodable unit.
pub(crate) fn hz(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut octets = Vec::new();
    let mut shifted = false;
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        let length = match rest {
            [b'~', b'{', ..] => {
                shifted = true;
                2
            }
            [b'~', b'}', ..] if shifted => {
                shifted = false;
                2
            }
            [b'~', b'~', ..] if !shifted => {
                octets.push(b'~');
                2
            }
            [b'~', b'\n', ..] if !shifted => 2,
            [b'~', b'\r', b'\n', ..] if !shifted => 3,
            [b'~', ..] if !shifted => {
                flush(&mut octets, &mut text);
                text.push(UNDECODABLE);
                1
            }
            _ => {
                shifted &= *first != b'\n';
                octets.push(if shifted { raised(*first) } else { *first });
                1
            }
        };
        rest = after.get(length - 1..).unwrap_or_default();
    }
    flush(&mut octets, &mut text);
    text
}

fn flush(octets: &mut Vec<u8>, text: &mut String) {
    text.push_str(&GBK.decode_without_bom_handling(octets).0);
    octets.clear();
}

/// Controls and space are themselves within two-octet text.
fn raised(octet: u8) -> u8 {
    if octet.is_ascii_graphic() { octet | 0x80 } else { octet }
}

#[cfg(test)]
mod tests {
    use crate::decode;

    #[test]
    fn korean_and_chinese_in_seven_bits_are_read_by_their_labels() {
        for (label, bytes, text) in [
            ("ISO-2022-KR", &b"\x1B$)C\r\n\x0EH8GQ\x0F ok\r\n"[..], "\r\n회한 ok\r\n"),
            ("csISO2022KR", b"\x1B$)C\x0EH8GQ\nok", "회한\nok"),
            ("hz-gb-2312", b"~{<:Ky2;S{#,NpJ)l6HK!#~} a~~b~\r\nc", "己所不欲，勿施於人。 a~bc"),
            ("HZ", b"a~x", "a〓x"),
        ] {
            let decoded = decode(bytes, Some(label));
            assert_eq!(decoded.text, text);
            assert!(!decoded.guessed);
        }
        assert_eq!(decode(b"plain", Some("hz-gb-2312")).charset, "us-ascii");
    }
}
