//! quoted-printable (RFC 2045 section 6.7), decoded whatever stands in it.
//!
//! mail-parser 0.11.9 gives up at the first bad escape, so this is our own. Exactly: white space at
//! the end of a line is dropped; `=` at the end of a line, or at the end of all, joins it with the
//! next; `=` and two hexadecimal digits of either case are an octet; any other `=` stays and is
//! counted. Line ends stay as they are; CR alone is no line end.

use memchr::memchr;

use super::EncodingFaults;

/// Decodes `encoded`.
pub(crate) fn decode(encoded: &[u8]) -> (Vec<u8>, EncodingFaults) {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut faults = EncodingFaults::default();
    let mut rest = encoded;
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        rest = after;
        let (text, ending) = split_ending(line);
        let text = trim_blanks(text);
        if let Some(joined) = text.strip_suffix(b"=") {
            decode_line(joined, &mut decoded, &mut faults);
        } else {
            decode_line(text, &mut decoded, &mut faults);
            decoded.extend_from_slice(ending);
        }
    }
    (decoded, faults)
}

fn split_ending(line: &[u8]) -> (&[u8], &[u8]) {
    let text = line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).unwrap_or(line);
    line.split_at_checked(text.len()).unwrap_or((line, &[]))
}

fn trim_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|b| matches!(b, b' ' | b'\t'));
    text.get(..text.len() - blanks.count()).unwrap_or_default()
}

fn decode_line(text: &[u8], decoded: &mut Vec<u8>, faults: &mut EncodingFaults) {
    let mut rest = decode_characters(text, decoded);
    while let Some(at) = memchr(b'=', rest) {
        let (plain, escape) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        decoded.extend_from_slice(plain);
        rest = match escape {
            [_, high, low, tail @ ..] if let Some(octet) = hexadecimal(*high, *low) => {
                decoded.push(octet);
                tail
            }
            _ => {
                decoded.push(b'=');
                faults.bad_escapes += 1;
                escape.get(1..).unwrap_or_default()
            }
        };
        rest = decode_characters(rest, decoded);
    }
    decoded.extend_from_slice(rest);
}

/// Decodes three escapes at a time as long as there are so many: Japanese text is one escape after
/// another, three for each character.
fn decode_characters<'e>(encoded: &'e [u8], decoded: &mut Vec<u8>) -> &'e [u8] {
    let mut rest = encoded;
    while let [b'=', a, b, b'=', c, d, b'=', e, f, tail @ ..] = rest {
        let octets = [(a, b), (c, d), (e, f)].map(|(high, low)| pair(*high, *low));
        let [first, second, third] = octets;
        if (first | second | third) > 0xFF {
            break;
        }
        decoded.extend_from_slice(&octets.map(|octet| {
            let [_, octet] = octet.to_be_bytes();
            octet
        }));
        rest = tail;
    }
    rest
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let [over, octet] = pair(high, low).to_be_bytes();
    (over == 0).then_some(octet)
}

/// Marks an octet that is no hexadecimal digit. In a pair it is above the octet that two digits make.
const NO_DIGIT: u8 = 0xF0;

static DIGITS: [u8; 256] = digits();

const fn digits() -> [u8; 256] {
    let mut table = [NO_DIGIT; 256];
    let mut value = 0_u8;
    while value < 16 {
        #[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
        {
            table[b"0123456789ABCDEF"[value as usize] as usize] = value;
            table[b"0123456789abcdef"[value as usize] as usize] = value;
        }
        value += 1;
    }
    table
}

/// The octet that two digits make; more than an octet if one is none.
fn pair(high: u8, low: u8) -> u16 {
    #[expect(clippy::indexing_slicing, reason = "an octet is below 256")]
    let digit = |octet: u8| u16::from(DIGITS[usize::from(octet)]);
    digit(high) << 4 | digit(low) << 4 & 0xF00 | digit(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_escapes_stay_and_the_rest_is_decoded() {
        for (encoded, decoded, bad_escapes) in [
            ("", "", 0),
            ("a=3Db=3db", "a=b=b", 0),
            ("=41=XZ=42", "A=XZB", 1),
            ("a==41", "a=A", 1),
            ("==", "=", 1),
            ("a=4", "a=4", 1),
            ("soft =\r\nbreak", "soft break", 0),
            ("soft= \t\r\nbreak", "softbreak", 0),
            ("soft=\nbreak=", "softbreak", 0),
            ("trailing \t\r\nkept=20 \r\n", "trailing\r\nkept \r\n", 0),
            ("a\rb\nc\r\n", "a\rb\nc\r\n", 0),
        ] {
            let faults = EncodingFaults { bad_escapes, ..EncodingFaults::default() };
            assert_eq!(decode(encoded.as_bytes()), (decoded.into(), faults), "{encoded:?}");
        }
    }

    #[test]
    fn octets_above_ascii_stay_as_they_are() {
        assert_eq!(decode(b"\xe5\xb1\xb1=E5=B1=B1").0, "山山".as_bytes());
    }
}
