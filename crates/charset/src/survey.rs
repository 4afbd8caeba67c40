//! What octets tell of which readings need to be tried at all.

use memchr::{memchr, memchr2};

const ESC: u8 = 0x1B;
const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;

const EIGHT_BIT: u8 = 0x80;
const ESCAPE: u8 = 1;
const SHIFT: u8 = 2;
const DOLLAR: u8 = 4;

/// What kinds of octet occur in some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Survey(u8);

impl Survey {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        // Searches that end where they find something cost less than one look at each octet.
        let mut seen = if bytes.is_ascii() { 0 } else { EIGHT_BIT };
        if memchr(ESC, bytes).is_some() {
            seen |= ESCAPE;
        }
        if memchr2(SHIFT_OUT, SHIFT_IN, bytes).is_some() {
            seen |= SHIFT;
        }
        if memchr(b'$', bytes).is_some() {
            seen |= DOLLAR;
        }
        Self(seen)
    }

    /// An octet above 0x7F.
    pub(crate) fn eight_bit(self) -> bool {
        self.0 & EIGHT_BIT != 0
    }

    /// ESC: perhaps ISO-2022-JP.
    pub(crate) fn escape(self) -> bool {
        self.0 & ESCAPE != 0
    }

    /// SO or SI: perhaps 7-bit kana.
    pub(crate) fn shift(self) -> bool {
        self.0 & SHIFT != 0
    }

    /// `$`: perhaps an ISO-2022-JP escape that lost its ESC.
    pub(crate) fn dollar(self) -> bool {
        self.0 & DOLLAR != 0
    }
}

/// Octets that statistics look at. Japanese text shows what it is within a line or two.
pub(crate) const SAMPLE: usize = 8 * 1024;

/// The first [`SAMPLE`] octets of `bytes` from the first 8-bit one on, and whether more follow.
pub(crate) fn sample(bytes: &[u8]) -> (&[u8], bool) {
    let start = bytes.iter().position(|octet| !octet.is_ascii()).unwrap_or(bytes.len());
    let text = bytes.get(start..).unwrap_or_default();
    let sample = text.get(..SAMPLE).unwrap_or(text);
    (sample, sample.len() < text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_begins_where_text_needs_a_charset_and_is_bounded() {
        let mut bytes = vec![b'a'; 100_000];
        assert_eq!(sample(&bytes), (&b""[..], false));
        bytes[50_000] = 0xE3;
        let (found, more) = sample(&bytes);
        assert_eq!((found.first(), found.len(), more), (Some(&0xE3), SAMPLE, true));
        assert_eq!(sample(&bytes[..50_010]), (&b"\xE3aaaaaaaaa"[..], false));
    }

    #[test]
    fn each_kind_of_octet_is_seen_wherever_it_stands() {
        assert_eq!(Survey::of(b"plain text\r\n\t~"), Survey(0));
        for at in 0..100 {
            let seen = |octet: u8| {
                let mut bytes = [b'a'; 100];
                bytes[at] = octet;
                let survey = Survey::of(&bytes);
                [survey.eight_bit(), survey.escape(), survey.shift(), survey.dollar()]
            };
            assert_eq!(seen(0x80), [true, false, false, false]);
            assert_eq!(seen(ESC), [false, true, false, false]);
            assert_eq!(seen(SHIFT_OUT), [false, false, true, false]);
            assert_eq!(seen(SHIFT_IN), [false, false, true, false]);
            assert_eq!(seen(b'$'), [false, false, false, true]);
        }
    }
}
