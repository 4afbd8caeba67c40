//! Text that may cross: a body, and a single line for names and subjects.

use std::fmt;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

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
        if text.chars().all(|c| is_plain(c) || c == '\n' || c == '\t') {
            return (Self(text.to_owned()), losses);
        }
        let text = bounded_marks(normalized(kept(text, Form::Body, &mut losses)), &mut losses);
        (Self(text), losses)
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
            bounded_marks(normalized(kept(text, Form::Line, &mut losses)), &mut losses)
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

/// The characters that stay, with stand-ins for those that become something else.
fn kept(text: &str, form: Form, losses: &mut Losses) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let kept = match treatment(c) {
            Treatment::Keep => Some(c),
            Treatment::LineEnd => {
                let is_crlf = c == '\r' && characters.next_if_eq(&'\n').is_some();
                losses.line_ends += u64::from(c != '\n' && !is_crlf);
                Some(if form == Form::Body { '\n' } else { ' ' })
            }
            Treatment::Tab => Some(if form == Form::Body { '\t' } else { ' ' }),
            Treatment::Space => Some(' '),
            Treatment::PrivateUse => {
                losses.private_use += 1;
                Some(GETA)
            }
            Treatment::EmojiSelector => before.is_some_and(is_emoji_base).then_some(c),
            Treatment::IdeographicSelector => before.is_some_and(is_ideograph).then_some(c),
            Treatment::Drop => None,
        };
        if let Some(kept) = kept {
            out.push(kept);
            before = Some(kept);
        } else {
            losses.removed += 1;
        }
    }
    out
}

fn normalized(text: String) -> String {
    if is_nfc(&text) {
        text
    } else {
        text.nfc().collect()
    }
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
