//! Text that may cross: a body, and a single line for names and subjects.

use std::fmt;

use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc, is_nfc_quick};

use crate::characters::{
    GETA, MAX_COMBINING_MARKS, Treatment, is_emoji_base, is_ideograph, is_plain, treatment,
};

/// What a text lost when it was made safe. Counts of characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Losses {
    /// Controls, invisible and bidirectional-control characters and noncharacters, dropped.
    pub removed: u64,
    /// Private-use characters, shown as 〓.
    pub private_use: u64,
    /// Combining marks over [`MAX_COMBINING_MARKS`], dropped.
    pub combining: u64,
    /// Line ends other than LF and CRLF, made LF (a space in a line).
    pub line_ends: u64,
    /// Characters after [`SafeLine::MAX_CHARACTERS`], cut off.
    pub cut: u64,
}

impl Losses {
    /// Adds the counts of `other`.
    pub fn add(&mut self, other: Self) {
        self.removed += other.removed;
        self.private_use += other.private_use;
        self.combining += other.combining;
        self.line_ends += other.line_ends;
        self.cut += other.cut;
    }

    /// Whether nothing was lost.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A body: NFC text whose only controls are LF and TAB, without anything invisible.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeText(String);

impl SafeText {
    /// Makes any text safe. CRLF, CR, NEL, VT, FF, U+2028 and U+2029 become LF; other spaces than
    /// U+3000 become a space; private-use characters become 〓; what may not cross is dropped.
    pub fn clean(text: &str) -> (Self, Losses) {
        let mut losses = Losses::default();
        if let Some(text) = plain_ascii(text) {
            return (Self(text), losses);
        }
        (Self(made_safe(text, Form::Body, &mut losses)), losses)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, for the caller to keep.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// One line: as [`SafeText`], but without LF and TAB, and without spaces at its ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeLine(String);

impl SafeLine {
    /// Longest line in characters.
    pub const MAX_CHARACTERS: usize = 1_000;

    /// Makes any text a safe line. A line end or TAB becomes a space; everything else as
    /// [`SafeText::clean`]. What is longer than [`SafeLine::MAX_CHARACTERS`] is cut.
    pub fn clean(text: &str) -> (Self, Losses) {
        let mut losses = Losses::default();
        let mut line = if text.chars().all(is_plain) {
            text.to_owned()
        } else {
            made_safe(text, Form::Line, &mut losses)
        };
        line.drain(..line.len() - line.trim_start_matches(' ').len());
        if let Some((at, _)) = line.char_indices().nth(Self::MAX_CHARACTERS) {
            losses.cut = line.chars().skip(Self::MAX_CHARACTERS).map(|_| 1).sum();
            line.truncate(at);
        }
        line.truncate(line.trim_end_matches(' ').len());
        (Self(line), losses)
    }

    /// The line.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SafeLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Body,
    Line,
}

/// ASCII that needs nothing but LF for its CRLF; `None` for any other text.
fn plain_ascii(text: &str) -> Option<String> {
    let is_plain_octet = |b: u8| matches!(b, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    // Whole chunks without an early end, so that many octets are checked at once.
    let is_plain_chunk = |chunk: &[u8]| chunk.iter().fold(true, |all, &b| all & is_plain_octet(b));
    if !text.as_bytes().chunks(256).all(is_plain_chunk) {
        return None;
    }
    let lines = text.replace("\r\n", "\n");
    (!lines.contains('\r')).then_some(lines)
}

/// Octets that are looked at together for being ASCII that stays as it is.
const ASCII_RUN: usize = 16;

/// Octets at the start of `text` that [`is_plain`] holds for.
fn plain_length(text: &str) -> usize {
    let is_plain_octet = |b: u8| matches!(b, b' '..=b'~');
    let mut rest = text;
    loop {
        let octets = rest.as_bytes();
        if octets.first().is_some_and(|&b| is_plain_octet(b)) {
            // Whole chunks without an early end, so that many octets are checked at once.
            let chunks = octets.chunks_exact(ASCII_RUN);
            let is_plain_chunk =
                |chunk: &&[u8]| chunk.iter().fold(true, |all, &b| all & is_plain_octet(b));
            let run = chunks.take_while(is_plain_chunk).count() * ASCII_RUN;
            let tail = octets.get(run..).unwrap_or_default();
            let tail = tail.iter().position(|&b| !is_plain_octet(b)).unwrap_or(tail.len());
            rest = rest.get(run + tail..).unwrap_or_default();
        }
        let mut characters = rest.chars();
        loop {
            rest = characters.as_str();
            match characters.next() {
                Some(c) if !is_plain(c) => return text.len() - rest.len(),
                Some(c) if c.is_ascii() => break,
                Some(_) => {}
                None => return text.len(),
            }
        }
    }
}

/// The characters that stay, with stand-ins for those that become something else, in NFC and with
/// marks in bounded rows.
fn made_safe(text: &str, form: Form, losses: &mut Losses) -> String {
    let mut out = String::with_capacity(text.len());
    // Whether what is kept could be otherwise than in NFC, and whether it has marks at all.
    let (mut is_nfc, mut has_marks) = (true, false);
    let mut rest = text;
    loop {
        let (plain, odd) = rest.split_at_checked(plain_length(rest)).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut characters = odd.chars();
        let Some(c) = characters.next() else { break };
        let kept = match treatment(c) {
            Treatment::Keep => Some(c),
            Treatment::LineEnd => {
                let is_crlf = c == '\r' && characters.as_str().starts_with('\n');
                if is_crlf {
                    characters.next();
                }
                losses.line_ends += u64::from(c != '\n' && !is_crlf);
                Some(if form == Form::Body { '\n' } else { ' ' })
            }
            Treatment::Tab => Some(if form == Form::Body { '\t' } else { ' ' }),
            Treatment::Space => Some(' '),
            Treatment::PrivateUse => {
                losses.private_use += 1;
                Some(GETA)
            }
            Treatment::EmojiSelector => last(&out).is_some_and(is_emoji_base).then_some(c),
            Treatment::IdeographicSelector => last(&out).is_some_and(is_ideograph).then_some(c),
            Treatment::Drop => None,
        };
        rest = characters.as_str();
        let Some(kept) = kept else {
            losses.removed += 1;
            continue;
        };
        out.push(kept);
        if !kept.is_ascii() {
            is_nfc &= is_stable(kept);
            has_marks |= is_combining_mark(kept);
        }
    }
    if !is_nfc {
        out = normalized(out);
    }
    // What was to be normalized may hold other marks now than those that were kept.
    if is_nfc && !has_marks { out } else { bounded_marks(out, losses) }
}

fn last(text: &str) -> Option<char> {
    text.chars().next_back()
}

/// Whether `c` is in NFC whatever such characters stand beside it: it neither decomposes nor
/// composes with one before, and has no place of its own in an order of marks.
fn is_stable(c: char) -> bool {
    canonical_combining_class(c) == 0 && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
}

fn normalized(text: String) -> String {
    if is_nfc(&text) { text } else { text.nfc().collect() }
}

/// Drops the marks that are too many. NFC text stays NFC by it: at least one mark is left between
/// the base and what follows the row, which keeps the two from composing.
fn bounded_marks(text: String, losses: &mut Losses) -> String {
    let over = MarkRow::default().over_in(&text);
    if over == 0 {
        return text;
    }
    losses.combining += over;
    let mut row = MarkRow::default();
    text.chars().filter(|&c| row.has_room_for(c)).collect()
}

/// How many combining marks stand in a row before a character.
#[derive(Default)]
struct MarkRow(usize);

impl MarkRow {
    fn has_room_for(&mut self, c: char) -> bool {
        let is_mark = !c.is_ascii() && is_combining_mark(c);
        self.0 = if is_mark { self.0 + 1 } else { 0 };
        self.0 <= MAX_COMBINING_MARKS
    }

    fn over_in(mut self, text: &str) -> u64 {
        text.chars().map(|c| u64::from(!self.has_room_for(c))).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn body(text: &str) -> (String, Losses) {
        let (safe, losses) = SafeText::clean(text);
        (safe.into_string(), losses)
    }

    #[test]
    fn japanese_text_stays_as_it_is() {
        let text = "令和８年度　町民税のお知らせ①㈱ﾊﾝｶｸ〜～－ー\n\t髙橋・𠮷田\n";
        assert_eq!(body(text), (text.to_owned(), Losses::default()));
    }

    #[test]
    fn every_kind_of_line_end_becomes_lf() {
        let (text, losses) = body("a\r\nb\rc\nd\u{85}e\u{B}f\u{C}g\u{2028}h\u{2029}i");
        assert_eq!(text, "a\nb\nc\nd\ne\nf\ng\nh\ni");
        assert_eq!(losses.line_ends, 6);
        assert_eq!(losses.removed, 0);
    }

    #[test]
    fn what_nobody_sees_is_dropped_and_counted() {
        let (text, losses) =
            body("a\u{202E}b\u{200B}c\u{0}d\u{1B}e\u{FEFF}f\u{E0041}g\u{34F}h\u{FFFE}i");
        assert_eq!(text, "abcdefghi");
        assert_eq!(losses.removed, 8);
    }

    #[test]
    fn private_use_is_shown_as_geta() {
        let (text, losses) = body("斎\u{E000}藤\u{F0000}\u{10FFFD}");
        assert_eq!(text, "斎〓藤〓〓");
        assert_eq!(losses.private_use, 3);
    }

    #[test]
    fn spaces_of_other_widths_become_spaces_but_the_ideographic_one_stays() {
        assert_eq!(body("a\u{A0}b\u{2003}c\u{3000}d").0, "a b c\u{3000}d");
    }

    #[test]
    fn selectors_stay_where_they_belong() {
        for kept in ["❤\u{FE0F}", "☎\u{FE0E}", "葛\u{E0100}", "🈁\u{FE0F}"] {
            assert_eq!(body(kept).0, kept);
        }
        for (given, left) in [
            ("a\u{FE0F}", "a"),
            ("1\u{FE0F}\u{20E3}", "1\u{20E3}"),
            ("❤\u{FE0F}\u{FE0F}", "❤\u{FE0F}"),
            ("あ\u{E0100}", "あ"),
            ("葛\u{E0100}\u{E0101}", "葛\u{E0100}"),
            ("葛\u{FE00}", "葛"),
            ("\u{FE0F}", ""),
        ] {
            assert_eq!(body(given).0, left, "{given:?}");
        }
    }

    #[test]
    fn text_is_composed_but_not_made_compatible() {
        assert_eq!(body("か\u{3099}ぱ① ㍻ ｶﾞ").0, "がぱ① ㍻ ｶﾞ");
    }

    #[test]
    fn towers_of_marks_are_cut_to_the_bound() {
        let tower = format!("a{}b", "\u{300}\u{327}".repeat(500));
        let (text, losses) = body(&tower);
        assert!(text.chars().count() <= MAX_COMBINING_MARKS + 2, "{text:?}");
        assert!(losses.combining > 900);
        assert!(is_nfc(&text));
    }

    #[test]
    fn a_line_has_no_line_ends_tabs_or_outer_spaces() {
        let (line, losses) = SafeLine::clean(" a\r\nb\tc\u{2028}\n ");
        assert_eq!(line.as_str(), "a b c");
        assert_eq!(losses.line_ends, 1);
    }

    #[test]
    fn a_line_over_the_bound_is_cut() {
        let (line, losses) = SafeLine::clean(&"件".repeat(SafeLine::MAX_CHARACTERS + 7));
        assert_eq!(line.as_str().chars().count(), SafeLine::MAX_CHARACTERS);
        assert_eq!(losses.cut, 7);
    }

    #[test]
    fn plain_characters_are_safe_whatever_stands_around_them() {
        for c in ('\0'..=char::MAX).filter(|&c| is_plain(c)) {
            assert_eq!(treatment(c), Treatment::Keep, "{c:?}");
            assert!(!is_combining_mark(c), "{c:?}");
            let quick = is_nfc_quick(std::iter::once(c));
            assert_eq!(quick, unicode_normalization::IsNormalized::Yes, "{c:?}");
        }
    }

    /// Strings rich in what cleaning looks at.
    fn troubled() -> impl Strategy<Value = String> {
        let atom = prop_oneof![
            4 => any::<char>(),
            4 => proptest::sample::select(vec![
                'a', ' ', '\t', '\r', '\n', '\u{85}', '\u{2028}', '❤', '\u{FE0F}', '葛', '\u{F900}',
                '\u{E0100}', '\u{300}', '\u{327}', '\u{344}', '\u{9C7}', '\u{9BE}', '\u{1100}',
                '\u{1161}', '\u{11A8}', 'か', '\u{3099}', '\u{200D}', '\u{E000}', '\u{2000}',
                '\u{FB2C}', '\u{1D15E}', '\u{958}', '\u{2329}', '\u{3000}',
            ]),
            1 => (0x300_u32..0x315).prop_filter_map("a scalar", char::from_u32),
        ];
        proptest::collection::vec(atom, 0..60).prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn cleaning_twice_is_cleaning_once(text in troubled()) {
            let (once, _) = SafeText::clean(&text);
            prop_assert_eq!(SafeText::clean(once.as_str()), (once, Losses::default()));
            let (once, _) = SafeLine::clean(&text);
            prop_assert_eq!(SafeLine::clean(once.as_str()), (once, Losses::default()));
        }
    }
}
