//! ISO-2022-JP as mail has it: RFC 1468 and 1554, the Microsoft code pages 50220 to 50222, half-width
//! kana by escape, shift-out or the eighth bit, JIS X 0212 and 0213, and the damage that gateways do.
//!
//! Two-byte runs are handed to the EUC-JP table of `encoding_rs` with the eighth bit set, which
//! brings NEC's row 13 and IBM's kanji along. JIS X 0213 is read through the same table as far as the
//! two agree (rows up to 84); what it has beyond is undecodable.

mod escape;
mod evidence;

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, ISO_8859_7, SHIFT_JIS, UTF_8};

use escape::{Double, ESC, Escape, HighPart, Set};
pub(crate) use escape::{designates, may_be_bare};

use crate::decoded::UNDECODABLE;
use crate::{effort, japanese};

const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;

/// Text out of ISO-2022-JP.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Iso2022Jp {
    pub(crate) text: String,
    /// An escape that was missing or damaged has been put right.
    pub(crate) repaired: bool,
}

pub(crate) fn decode(bytes: &[u8]) -> Iso2022Jp {
    let mut decoder = Decoder {
        text: String::with_capacity(bytes.len() + bytes.len() / 2),
        set: Set::Ascii,
        shifted: false,
        high: HighPart::Latin1,
        repaired: false,
        scratch: Vec::new(),
        foreign: None,
        no_repair_before: 0,
        whole: bytes,
    };
    decoder.run();
    Iso2022Jp { text: decoder.text, repaired: decoder.repaired }
}

struct Decoder<'a> {
    text: String,
    set: Set,
    /// Between SO and SI: 7-bit octets are kana.
    shifted: bool,
    high: HighPart,
    repaired: bool,
    scratch: Vec<u8>,
    /// What 8-bit octets outside two-byte text are; told from all of them at the first.
    foreign: Option<Foreign>,
    /// Octets before this position have been judged not to be two-byte text that lost its escape, so
    /// that none is judged twice.
    no_repair_before: usize,
    whole: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Foreign {
    /// JIS X 0201 kana with the eighth bit set.
    Kana,
    /// A line in another charset, as mailing lists append.
    Text(&'static Encoding),
}

impl<'a> Decoder<'a> {
    fn run(&mut self) {
        let mut rest = self.whole;
        while let Some(first) = rest.first() {
            rest = match *first {
                ESC => self.escape(rest),
                SHIFT_OUT | SHIFT_IN => {
                    self.shifted = *first == SHIFT_OUT;
                    rest.get(1..).unwrap_or_default()
                }
                b'\r' | b'\n' => self.line_end(rest),
                0x80.. => self.eight_bit(rest),
                _ => {
                    let (run, after) = split_run(rest);
                    self.seven_bit(run, after)
                }
            };
        }
        self.repaired |= self.set != Set::Ascii;
    }

    fn escape(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let Some((escape, length)) = escape::parse(rest) else {
            self.text.push(char::from(ESC));
            return rest.get(1..).unwrap_or_default();
        };
        match escape {
            Escape::Designate(set) => self.set = set,
            Escape::DesignateHigh(high) => self.high = high,
            Escape::SingleShift(octet) => match self.high {
                HighPart::Latin1 => self.text.push(char::from(octet | 0x80)),
                HighPart::Greek => self.table(ISO_8859_7, &[octet | 0x80]),
            },
            Escape::Nothing => {}
        }
        rest.get(length..).unwrap_or_default()
    }

    /// RFC 1468 has every line end in ASCII; who forgets the escape mostly means it all the same.
    fn line_end(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let length = rest.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
        let (ends, after) = rest.split_at(length);
        self.text.extend(ends.iter().copied().map(char::from));
        self.shifted = false;
        if self.set != Set::Ascii {
            let (line, next) = split_run(after);
            let closed = matches!(escape::parse(next), Some((Escape::Designate(Set::Ascii), _)));
            if self.set == Set::Kana || !evidence::continues(line, closed) {
                self.set = Set::Ascii;
            }
            // An escape at the head of the next line comes late, and nothing is read otherwise for it.
            self.repaired |= !line.is_empty() || after.is_empty();
        }
        after
    }

    fn eight_bit(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let whole = self.whole;
        let foreign = *self.foreign.get_or_insert_with(|| Foreign::of(whole));
        if let (Set::Ascii, Foreign::Text(encoding)) = (self.set, foreign) {
            let end = rest.iter().position(|octet| matches!(*octet, ESC | b'\r' | b'\n'));
            let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
            self.table(encoding, line);
            return after;
        }
        let length = rest.iter().take_while(|octet| !octet.is_ascii()).count();
        let (kana, after) = rest.split_at(length);
        self.text.extend(kana.iter().map(|octet| half_width_kana(*octet & 0x7F)));
        after
    }

    /// Reads a run of 7-bit octets without ESC, shifts and line ends; gives what is to be read next.
    fn seven_bit(&mut self, run: &'a [u8], after: &'a [u8]) -> &'a [u8] {
        match self.set {
            Set::Kana => self.kana(run),
            _ if self.shifted => self.kana(run),
            Set::Ascii => self.ascii(run, after.len()),
            Set::Double(double) => return self.double(double, run, after),
        }
        after
    }

    fn kana(&mut self, run: &[u8]) {
        self.text.extend(run.iter().map(|octet| match octet {
            0..=0x20 => char::from(*octet),
            _ => half_width_kana(*octet),
        }));
    }

    /// ASCII, in which `$B…(B` may be two-byte text whose ESC a gateway removed. `behind` octets
    /// follow the run.
    fn ascii(&mut self, run: &[u8], behind: usize) {
        let start = self.whole.len() - behind - run.len();
        let mut done = 0;
        let mut at = 0;
        while let Some(found) = run.get(at..).and_then(|rest| rest.iter().position(|o| *o == b'$'))
        {
            at += found + 1;
            let bare =
                matches!(run.get(at), Some(b'B' | b'@')) && start + at >= self.no_repair_before;
            let Some(after) = run.get(at + 1..).filter(|_| bare) else {
                continue;
            };
            match evidence::framed(after) {
                Ok(framed) => {
                    self.push_ascii(run.get(done..at - 1).unwrap_or_default());
                    let text = after.get(..framed.text).unwrap_or_default();
                    self.pairs(Double::Jis0208, text.as_chunks::<2>().0);
                    at += 1 + framed.text + framed.close;
                    done = at;
                    self.repaired = true;
                }
                Err(looked_at) => self.no_repair_before = start + at + 1 + looked_at,
            }
        }
        self.push_ascii(run.get(done..).unwrap_or_default());
    }

    /// Two-byte text up to the end of the run, or to a `(B` that lost its ESC.
    fn double(&mut self, double: Double, run: &'a [u8], after: &'a [u8]) -> &'a [u8] {
        let mut rest = run;
        while !rest.is_empty() {
            let length = rest.iter().take_while(|octet| octet.is_ascii_graphic()).count();
            let (text, behind) = rest.split_at(length);
            let (pairs, odd) = text.as_chunks::<2>();
            let close = pairs.iter().position(|pair| evidence::is_close(*pair));
            if let Some(close) = close.filter(|_| double == Double::Jis0208) {
                self.pairs(double, pairs.get(..close).unwrap_or_default());
                self.set = Set::Ascii;
                self.repaired = true;
                let left = rest.len() - close * 2 - 2 + after.len();
                return self.whole.get(self.whole.len() - left..).unwrap_or_default();
            }
            self.pairs(double, pairs);
            if !odd.is_empty() {
                self.text.push(UNDECODABLE);
            }
            let length = behind.iter().take_while(|octet| !octet.is_ascii_graphic()).count();
            let (between, next) = behind.split_at(length);
            self.push_ascii(between);
            rest = next;
        }
        after
    }

    fn pairs(&mut self, double: Double, pairs: &[[u8; 2]]) {
        let mut scratch = core::mem::take(&mut self.scratch);
        scratch.clear();
        let prefix = (double == Double::Jis0212).then_some(0x8F);
        let table = match double {
            Double::Gb2312 => GBK,
            Double::Ksc5601 => EUC_KR,
            _ => EUC_JP,
        };
        for [lead, trail] in pairs {
            let known = match double {
                Double::Jis0213Plane1 => *lead <= 0x20 + 84,
                Double::Jis0213Plane2 => false,
                _ => true,
            };
            scratch.extend(prefix);
            // EUC-JP has nothing at row 94, cell 94: an undecodable pair.
            scratch.extend(if known { [lead | 0x80, trail | 0x80] } else { [0xFE, 0xFE] });
        }
        self.table(table, &scratch);
        self.scratch = scratch;
    }

    fn table(&mut self, encoding: &'static Encoding, bytes: &[u8]) {
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let room = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or_default();
        // Into a string of its own: `decode_to_string` clears all the room that its target has left,
        // so that many short runs into one long text would take quadratic time.
        let mut run = String::with_capacity(room);
        let _all_read = decoder.decode_to_string(bytes, &mut run, true);
        self.text.push_str(&run);
    }

    fn push_ascii(&mut self, run: &[u8]) {
        self.text.push_str(core::str::from_utf8(run).unwrap_or_default());
    }
}

impl Foreign {
    fn of(whole: &[u8]) -> Self {
        if core::str::from_utf8(whole).is_ok() {
            return Self::Text(UTF_8);
        }
        let best = japanese::best(whole);
        if best.is_plausible() {
            Self::Text(best.encoding)
        } else if japanese::score(whole, SHIFT_JIS).pairs > 0 {
            Self::Text(SHIFT_JIS)
        } else {
            Self::Kana
        }
    }
}

/// The octets up to an ESC, a shift, a line end or an 8-bit octet, and those after.
fn split_run(rest: &[u8]) -> (&[u8], &[u8]) {
    let end = rest
        .iter()
        .position(|o| matches!(*o, ESC | SHIFT_OUT | SHIFT_IN | b'\r' | b'\n' | 0x80..))
        .unwrap_or(rest.len());
    effort::spend(end);
    rest.split_at(end)
}

/// JIS X 0201 kana by its 7-bit octet.
fn half_width_kana(octet: u8) -> char {
    match octet {
        0x21..=0x5F => char::from_u32(0xFF40 + u32::from(octet)).unwrap_or(UNDECODABLE),
        _ => UNDECODABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effort::spent_by;

    #[test]
    fn a_text_that_changes_its_charset_at_every_character_is_read_in_time() {
        let bytes = b"\x1b$B$\x22\x1b(B".repeat(300_000);
        let begun = std::time::Instant::now();
        assert_eq!(decode(&bytes).text.chars().filter(|&c| c == 'あ').count(), 300_000);
        // It takes well under a second; what grows with the square of the length takes minutes.
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    }

    #[test]
    fn whatever_is_repeated_takes_linear_effort() {
        for unit in [
            "$B",
            "$Bpp",
            "$B;3(B",
            "$B;3KLD.",
            "\x1B$B;3(B",
            "\x1B$B;3\n",
            "\x1B$B$*CN\r\n$*CN",
            "\x1B",
            "\x0E\x0F",
            "\n",
            "$Bx y",
        ] {
            let text = unit.repeat(50_000);
            let spent = spent_by(|| drop(decode(text.as_bytes())));
            assert!(spent <= 4 * text.len(), "{unit:?}: {spent} of {}", text.len());
        }
    }
}
