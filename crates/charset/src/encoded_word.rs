//! Encoded-words (RFC 2047), as strictly as needed and as leniently as mail asks for.

use crate::base64::sextet;
use crate::body;
use crate::decoded::Reading;
use crate::effort;
use crate::label::Charset;

/// Octets of the charset (and language) of an encoded-word; more and it is none. RFC 2047 allows
/// the whole word 75.
pub(crate) const MAX_CHARSET: usize = 75;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Base64,
    Quoted,
}

#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    charset: Option<Charset>,
    encoding: Encoding,
    text: &'a [u8],
}

/// What encoded-words stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Octets as they came.
    Octets,
    /// Text that was decoded before. What is not ASCII in a word of it was put there raw, and is not
    /// decoded again.
    Text,
}

/// Where the first thing that looks like an encoded-word begins.
pub(crate) fn position(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|octet| *octet == b'=')?;
        if bytes.get(at + 1) == Some(&b'?') {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Decodes the run of encoded-words that `bytes` begin with: words with only white space between
/// them, which goes. Gives the text and the length of the run.
///
/// The octets of neighbours in one charset are joined before they are decoded, so that a character
/// split between two words is whole again, and shift states last.
pub(crate) fn run(bytes: &[u8], source: Source) -> Option<(Reading, usize)> {
    let (first, mut end) = parse(bytes)?;
    let mut reading = Reading::ascii(String::new());
    let mut group = vec![first];
    loop {
        let rest = bytes.get(end..).unwrap_or_default();
        let space = rest.iter().take_while(|octet| is_space(**octet)).count();
        let next = rest.get(space..).and_then(parse);
        let joins = next.is_some_and(|(word, _)| {
            group.first().is_some_and(|first| first.charset == word.charset)
        });
        if !joins {
            flush(&group, source, &mut reading);
            group.clear();
        }
        let Some((word, length)) = next else {
            return Some((reading, end));
        };
        group.push(word);
        end += space + length;
    }
}

fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

fn flush(group: &[Word<'_>], source: Source, reading: &mut Reading) {
    let Some(first) = group.first() else {
        return;
    };
    if source == Source::Text && !group.iter().all(|word| word.text.is_ascii()) {
        for word in group {
            flush_decoded(*word, reading);
        }
        return;
    }
    let piece = body::read(&octets(group), first.charset);
    reading.account(&piece);
    reading.text.push_str(&piece.text);
}

/// One word of decoded text, of which what is not ASCII stays as it is.
fn flush_decoded(word: Word<'_>, reading: &mut Reading) {
    for chunk in word.text.chunk_by(|before, after| before.is_ascii() == after.is_ascii()) {
        if let (false, Ok(text)) = (chunk.is_ascii(), core::str::from_utf8(chunk)) {
            reading.text.push_str(text);
        } else {
            flush(&[Word { text: chunk, ..word }], Source::Octets, reading);
        }
    }
}

/// The encoded-word that `bytes` begin with, and its length.
///
/// Scans to the end of the word or to whatever cannot be in one, the beginning of another among it:
/// so however many words are left open, every octet is looked at a bounded number of times.
fn parse(bytes: &[u8]) -> Option<(Word<'_>, usize)> {
    let inner = bytes.strip_prefix(b"=?")?;
    let charset_end =
        inner.iter().take(MAX_CHARSET + 1).position(|octet| !is_charset_octet(*octet))?;
    let (label, rest) = inner.split_at(charset_end);
    let (encoding, text) = match rest {
        [b'?', b'B' | b'b', b'?', text @ ..] => (Encoding::Base64, text),
        [b'?', b'Q' | b'q', b'?', text @ ..] => (Encoding::Quoted, text),
        _ => return None,
    };
    let end = text_end(text, encoding)?;
    // RFC 2231 section 5: a language after an asterisk.
    let name = label.split(|octet| *octet == b'*').next().unwrap_or_default();
    let charset = core::str::from_utf8(name).ok().and_then(Charset::from_label);
    let text = text.get(..end).unwrap_or_default();
    Some((Word { charset, encoding, text }, 2 + charset_end + 3 + end + 2))
}

fn is_charset_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-_.:+*/'\"".contains(&octet)
}

/// The length of the text of a word up to its `?=`.
fn text_end(text: &[u8], encoding: Encoding) -> Option<usize> {
    for (at, octet) in text.iter().enumerate() {
        effort::spend(1);
        let next = text.get(at + 1);
        let ends = match octet {
            b'?' if next == Some(&b'=') => return Some(at),
            // The next word begins and this one never ended; but padding may stand before the end.
            b'=' => next == Some(&b'?') && text.get(at + 2) != Some(&b'='),
            _ if encoding == Encoding::Quoted => false,
            octet => !(digit(*octet).is_some() || is_space(*octet)),
        };
        if ends {
            return None;
        }
    }
    None
}

/// A base64 digit, of the alphabet for URLs as well.
fn digit(octet: u8) -> Option<u8> {
    match octet {
        b'-' => Some(62),
        b'_' => Some(63),
        octet => sextet(octet),
    }
}

/// The octets that neighbours in one charset stand for.
fn octets(group: &[Word<'_>]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(group.iter().map(|word| word.text.len()).sum());
    let mut quantum = Quantum::default();
    for (at, word) in group.iter().enumerate() {
        if word.encoding == Encoding::Quoted {
            quantum = Quantum::default();
            quoted(word.text, &mut octets);
            continue;
        }
        quantum.read(word.text, &mut octets);
        let next = group.get(at + 1).filter(|next| next.encoding == Encoding::Base64);
        if !next.is_some_and(|next| quantum.goes_on_in(next.text)) {
            quantum = Quantum::default();
        }
    }
    octets
}

/// Bits of base64 that do not make an octet yet.
#[derive(Debug, Default)]
struct Quantum {
    bits: u32,
    count: u32,
}

impl Quantum {
    fn read(&mut self, text: &[u8], octets: &mut Vec<u8>) {
        for octet in text {
            if let Some(value) = digit(*octet) {
                self.bits = (self.bits << 6) | u32::from(value);
                self.count += 6;
                if self.count >= 8 {
                    self.count -= 8;
                    octets.push(u8::try_from((self.bits >> self.count) & 0xFF).unwrap_or_default());
                    self.bits &= (1 << self.count) - 1;
                }
            } else if *octet == b'=' {
                *self = Self::default();
            }
        }
    }

    /// Whether a sender cut one base64 text in two here, rather than leaving out the padding: the
    /// bits left over mean something, or the next word is no whole text by itself.
    fn goes_on_in(&self, next: &[u8]) -> bool {
        let whole = next.iter().filter(|octet| !is_space(**octet)).count().is_multiple_of(4);
        self.count == 6 || self.bits != 0 || !whole
    }
}

/// The Q encoding (RFC 2047 section 4.2), with raw spaces and stray equals signs let through.
fn quoted(text: &[u8], octets: &mut Vec<u8>) {
    let mut rest = text;
    let mut after_hex = false;
    while let [first, after @ ..] = rest {
        let hex = match rest {
            [b'=', high, low, ..] => hex_octet(*high, *low),
            _ => None,
        };
        rest = after;
        match (*first, hex) {
            (_, Some(octet)) => {
                octets.push(octet);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'_', _) => octets.push(b' '),
            (b'\r' | b'\n', _) => {
                let fold = after.iter().take_while(|octet| is_space(**octet)).count();
                let (fold, behind) = after.split_at(fold);
                rest = behind;
                // A fold between two encoded octets was put there by a program that cuts long lines
                // anywhere; elsewhere it stands where a space was.
                let cut = after_hex && behind.first() == Some(&b'=');
                octets.extend((!cut && !fold.is_empty()).then_some(b' '));
            }
            (octet, _) => octets.push(octet),
        }
        after_hex = hex.is_some();
    }
}

/// The octet that two hexadecimal digits of either case stand for.
pub(crate) fn hex_octet(high: u8, low: u8) -> Option<u8> {
    let nibble = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(nibble(high)? * 16 + nibble(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effort::spent_by;
    use crate::{decode_field, unfold_structured};

    /// Look-ahead goes over each octet a few times at most, whatever is put together.
    fn assert_linear(unit: &str, tail: &str) {
        let raw = unit.repeat(20_000) + tail;
        let spent = spent_by(|| drop(decode_field(raw.as_bytes())));
        assert!(spent <= 4 * raw.len(), "{unit}…{tail}: {spent} of {}", raw.len());
        let spent = spent_by(|| drop(unfold_structured(raw.as_bytes())));
        assert!(spent <= 6 * raw.len(), "{unit}…{tail}: {spent} of {}", raw.len());
    }

    #[test]
    fn any_number_of_words_or_what_looks_like_them_takes_linear_effort() {
        for (unit, tail) in [
            ("=?utf-8?B?44GC?= ", ""),
            ("=?utf-8?B?44GC?= ", "@x"),
            ("=?utf-8?Q?=E3?= =?euc-jp?B?pA==?= ", ""),
            ("=?utf-8?B?44GC", ""),
            ("=?utf-8?Q?x", ""),
            ("=?utf-8?Q?x ", "?="),
            ("=?", ""),
            ("=?x", "?="),
            ("\"", "x"),
            ("\\\"", ""),
            ("(", ""),
            ("(a)\\(", ""),
            ("\"a\" (b) <", ""),
        ] {
            assert_linear(unit, tail);
        }
    }

    #[test]
    fn many_words_of_alternating_charsets_all_come_out() {
        let raw = "=?utf-8?B?44GC?= =?euc-jp?B?pKQ=?= ".repeat(50_000);
        assert_eq!(decode_field(raw.as_bytes()).characters, 100_000);
    }

    #[test]
    fn a_charset_longer_than_any_makes_no_word() {
        let name = "x".repeat(MAX_CHARSET);
        assert!(parse(format!("=?{name}?Q?a?=").as_bytes()).is_some());
        assert!(parse(format!("=?{name}x?Q?a?=").as_bytes()).is_none());
    }
}
