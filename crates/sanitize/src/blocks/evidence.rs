//! What speaks for a run of symbols being encoded data and not a word, a number or a hash value.
//!
//! Short runs are judged by what they decode to: the start of a known file, or text. Only what was
//! encoded decodes to text; of random symbols one run in some ten thousand does. Longer ones are
//! judged by their mixture as well: base64 changes between capitals, small letters and digits at two
//! of three characters, a name of several words at one of four.

use super::decode;
use crate::detect::{detect, is_signature};

/// Symbols at the start of a run that are decoded and weighed.
const WEIGHED: usize = 4_096;
/// Fewest symbols that are judged at all.
pub(super) const SHORTEST: usize = 16;
/// Fewest octets that are called text when all of a run decodes to it.
const WHOLE_TEXT: usize = 12;
/// Fewest octets of text in a row inside other octets.
const TEXT_WITHIN: usize = 16;
/// Fewest symbols that are judged by their mixture.
const NOISE: usize = 40;
/// Fewest characters with capitals and small letters that are data whatever they mix.
const MIXED: usize = 240;
/// Fewest characters of one case, as hexadecimal and base32 are: more than any hash value has.
const ONE_CASE: usize = 1_024;

/// Which kinds of characters some text has, and how often one kind follows another.
#[derive(Debug, Default)]
struct Mixture {
    length: usize,
    capitals: usize,
    small: usize,
    digits: usize,
    marks: usize,
    changes: usize,
    /// Changes between a digit and something else.
    digit_changes: usize,
}

impl Mixture {
    fn of(symbols: &[u8]) -> Self {
        let mut mixture = Self { length: symbols.len(), ..Self::default() };
        let mut before = None;
        for b in symbols {
            let (kind, count) = match b {
                b'A'..=b'Z' => (0, &mut mixture.capitals),
                b'a'..=b'z' => (1, &mut mixture.small),
                b'0'..=b'9' => (2, &mut mixture.digits),
                _ => (3, &mut mixture.marks),
            };
            *count += 1;
            let changed_from = before.filter(|before| *before != kind);
            mixture.changes += usize::from(changed_from.is_some());
            mixture.digit_changes +=
                usize::from(changed_from.is_some_and(|before| before == 2 || kind == 2));
            before = Some(kind);
        }
        mixture
    }

    fn is_mixed(&self) -> bool {
        self.capitals > 0 && self.small > 0
    }

    /// Whether the characters change as those of base64 do. Paths and names have more marks or fewer
    /// changes, and serial numbers one case.
    fn is_noise(&self) -> bool {
        self.length >= NOISE
            && self.capitals * 8 >= self.length
            && self.small * 8 >= self.length
            && self.digits * 20 >= self.length
            && self.marks * 10 <= self.length + 10
            && self.changes * 100 >= 42 * self.length
            && self.digit_changes * 10 >= self.length
    }

    fn is_long(&self) -> bool {
        let has_letters = self.capitals + self.small > 0;
        (self.is_mixed() && self.length >= MIXED) || (has_letters && self.length >= ONE_CASE)
    }
}

/// Whether symbols are encoded data, by what they decode to, their mixture or their number.
pub(super) fn is_data(symbols: &str) -> bool {
    let mixture = Mixture::of(symbols.as_bytes());
    mixture.is_noise() || mixture.is_long() || decodes(symbols)
}

/// The same of short lines joined, of which a list of names or numbers could be made up.
pub(super) fn is_data_in_short_lines(symbols: &str) -> bool {
    Mixture::of(symbols.as_bytes()).is_noise() || decodes(symbols)
}

/// Whether symbols decode to text or to the start of a file: what can be told of few of them, and of
/// those that words stand between.
pub(super) fn decodes(symbols: &str) -> bool {
    let symbols = symbols.trim_end_matches('=');
    let symbols = symbols.get(..WEIGHED.min(symbols.len())).unwrap_or_default();
    if symbols.len() < SHORTEST {
        return false;
    }
    let mixture = Mixture::of(symbols.as_bytes());
    if mixture.is_mixed() {
        // Other words before the data shift it.
        for shift in 0..4 {
            let octets = decode::base64(symbols.get(shift..).unwrap_or_default());
            if is_text(&octets) || (shift == 0 && is_file(&octets)) {
                return true;
            }
        }
    }
    if symbols.bytes().all(|b| b.is_ascii_hexdigit()) {
        return hexadecimal_decodes(symbols);
    }
    let is_base32 = |b: u8| matches!(b.to_ascii_uppercase(), b'A'..=b'Z' | b'2'..=b'7');
    !mixture.is_mixed() && symbols.bytes().all(is_base32) && is_text(&decode::base32(symbols))
}

/// Whether hexadecimal digits decode to text or a file.
pub(super) fn hexadecimal_decodes(digits: &str) -> bool {
    let has_letters = digits.bytes().any(|b| b.is_ascii_alphabetic());
    let enough = if has_letters { 1 } else { 2 };
    (0..2).any(|shift| {
        let octets = decode::hexadecimal(digits.get(shift..).unwrap_or_default());
        octets.len() >= TEXT_WITHIN * enough && (is_text(&octets) || is_file(&octets))
    })
}

/// Whether octets start like a file. A signature of two octets alone proves nothing.
fn is_file(octets: &[u8]) -> bool {
    is_signature(octets)
        || (octets.len() >= 30
            && octets.starts_with(b"MZ")
            && detect(octets).media_type != "application/octet-stream"
            && octets.windows(4).any(|four| four == [0; 4]))
}

/// Whether octets are text, or have some text within: ASCII, UTF-16 of ASCII, or UTF-8.
pub(super) fn is_text(octets: &[u8]) -> bool {
    let is_printable = |b: u8| matches!(b, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    let is_spoken = |text: &[u8]| {
        let letters = text.iter().filter(|b| b.is_ascii_alphabetic() || **b == b' ');
        letters.count() * 2 >= text.len()
    };
    let mut run = 0;
    for (at, b) in octets.iter().enumerate() {
        run = if is_printable(*b) { run + 1 } else { 0 };
        if run >= TEXT_WITHIN && is_spoken(octets.get(at + 1 - run..=at).unwrap_or_default()) {
            return true;
        }
    }
    if octets.len() >= WHOLE_TEXT && run == octets.len() {
        return is_spoken(octets);
    }
    for order in 0..2 {
        let pairs = octets.get(order..).unwrap_or_default().chunks_exact(2);
        let mut wide = 0;
        for pair in pairs {
            let is_wide = matches!(pair, [0, b] | [b, 0] if is_printable(*b));
            wide = if is_wide { wide + 1 } else { 0 };
            if wide >= WHOLE_TEXT {
                return true;
            }
        }
    }
    let is_utf8 = || {
        // The end may be cut inside a character.
        let whole = match str::from_utf8(octets) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => {
                octets.get(..error.valid_up_to()).and_then(|o| str::from_utf8(o).ok()).unwrap_or("")
            }
            Err(_) => "",
        };
        !whole.is_empty()
            && !whole.is_ascii()
            && whole.bytes().all(|b| b >= 0x80 || is_printable(b))
    };
    octets.len() >= TEXT_WITHIN + 2 && is_utf8()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_data_is_known_by_what_it_decodes_to() {
        for data in [
            "QSBzbWFsbCBmaWxlLg==",
            "UEsDBBQAAAAIAAAAIQ",
            "iVBORw0KGgoAAAANSUhEUgAAAAE",
            "xQSBzbWFsbCBmaWxlIHRoYXQgc2F5cw",
            "5bGx5YyX55S644Gu57eP5YuZ6Kqy",
            "44476f63756d656e74206f6620746865",
            "IEQGI33DOVWWK3TUEBXWMIDUNBSQ",
        ] {
            assert!(is_data(data), "{data}");
        }
    }

    #[test]
    fn data_without_a_sign_is_known_by_its_mixture() {
        assert!(is_data("x7Kq9Zp2LmVt4RsWn8Yb3HdJf6GcXa1QeUoPi5Tk"));
        assert!(!is_data("x7Kq9Zp2LmVt4RsWn8Yb3HdJf6GcXa1"));
    }

    #[test]
    fn names_numbers_and_hash_values_are_no_data() {
        for word in [
            "ThisIsTheNameOfSomeFunctionInALargeProgram2026",
            "AbstractSingletonProxyFactoryBeanDefinitionParserUtils",
            "Users/Taro/Documents/2026/Report/Final_v2/Minutes",
            "2026-09-21_Meeting-Minutes_Final-Version_v12_Taro-Yamada",
            "550e8400-e29b-41d4-a716-446655440000",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
            "3141592653589793238462643383279502884197169399375105820974944592",
            "XXXXX-ABCDE-12345-FGHIJ-67890-KLMNO",
            "pneumonoultramicroscopicsilicovolcanoconiosis",
            "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerk",
            "========================================================",
        ] {
            assert!(!is_data(word), "{word}");
        }
    }
}
