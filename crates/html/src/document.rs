//! What is left of a document after the first pass: text, and where lines and blocks begin and end.
//!
//! Invariants: every range of [`Op::Text`] lies in [`Document::text`] on character boundaries;
//! text holds no control character (outside of preformatted runs not even TAB), none of the
//! invisible characters of [`is_invisible`], and no blank that a browser would not show.

/// A block of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    /// Begins and ends a line, no more.
    Division,
    /// Set off by a blank line on either side.
    Paragraph,
    /// A heading of level 1 to 6.
    Heading(u8),
    Quote,
    /// With the number of its first item if it counts.
    List(Option<i64>),
    /// With its own number if it has one.
    Item(Option<i64>),
    /// The definition of a term.
    Description,
    /// Blanks and line ends are the author's.
    Preformatted,
    /// With its place in [`Document::tables`].
    Table(usize),
    Row,
    Cell(Span),
    Caption,
}

/// What a cell says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) header: bool,
    pub(crate) columns: u16,
    pub(crate) rows: u16,
}

/// One step of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Text { start: usize, end: usize },
    Break,
    Rule,
    Open(Block),
    Close(Block),
}

/// What the first pass noticed about a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent findings, not states")]
pub(crate) struct TableFacts {
    /// Header cells, a caption or a border: its author meant a table.
    pub(crate) declared: bool,
    /// Its author said that it is there for layout alone.
    pub(crate) presentation: bool,
    /// Holds another table.
    pub(crate) nested: bool,
    /// Holds lists, quotes or the like, or text outside of cells.
    pub(crate) complex: bool,
    /// The step after its last.
    pub(crate) end: usize,
}

/// A reduced document.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) ops: Vec<Op>,
    pub(crate) tables: Vec<TableFacts>,
}

impl Document {
    /// The text of a range; empty for what is no range of it.
    pub(crate) fn text(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }
}

/// Characters that no reader sees and that may not cross.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Characters between which a line end of the source is no blank: ideographs, kana, full-width
/// forms and their punctuation (CSS Text 3, section 4.1.3).
fn joins_across_line_ends(c: char) -> bool {
    matches!(u32::from(c),
        0x2e80..=0x312f | 0x3190..=0x9fff | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff01..=0xffef
        | 0x1_6fe0..=0x1_8cff | 0x1_b000..=0x1_b2ff | 0x2_0000..=0x3_ffff)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Blank {
    #[default]
    None,
    Space,
    LineEnd,
}

/// Longest run of no-break spaces kept at the start of a line.
const MAX_INDENT: usize = 40;

/// Writes a [`Document`], collapsing blanks as a browser does.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) document: Document,
    /// Control and invisible characters left out.
    pub(crate) removed: u64,
    in_line: bool,
    pending: Blank,
    indent: usize,
    /// The first line end of a preformatted block is no line.
    skip_line_end: bool,
    /// For each open row, the length of the text before it.
    rows: Vec<usize>,
}

impl Writer {
    /// Adds text as it stands in the source.
    pub(crate) fn text(&mut self, text: &str, preformatted: bool) {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(is_special) {
            let (plain, special) = rest.split_at_checked(at).unwrap_or((rest, ""));
            if !plain.is_empty() {
                self.ink(plain);
            }
            let mut characters = special.chars();
            let Some(c) = characters.next() else {
                return;
            };
            rest = characters.as_str();
            if preformatted && matches!(c, '\n' | '\t' | ' ') {
                self.preformatted_blank(c);
            } else {
                self.special(c);
            }
        }
        if !rest.is_empty() {
            self.ink(rest);
        }
    }

    /// Adds words of our own right after the text, whatever blanks of the source are pending.
    pub(crate) fn literal(&mut self, text: &str) {
        if self.in_line {
            self.pending = Blank::None;
        }
        self.ink(text);
    }

    /// Adds `text` right after the last text written since step `from`, although blocks may have
    /// ended since.
    pub(crate) fn literal_after_text(&mut self, from: usize, text: &str) {
        let ops = &mut self.document.ops;
        let closes = ops.iter().rev().take_while(|op| matches!(op, Op::Close(_))).count();
        let at = ops.len() - closes;
        let follows_text =
            at > from && matches!(ops.get(at.wrapping_sub(1)), Some(Op::Text { .. }));
        if closes == 0 || !follows_text {
            self.literal(text);
            return;
        }
        let start = self.document.text.len();
        self.document.text.push_str(text);
        let end = self.document.text.len();
        ops.insert(at, Op::Text { start, end });
    }

    /// Ends the line.
    pub(crate) fn line_break(&mut self) {
        self.end_line();
        self.document.ops.push(Op::Break);
    }

    /// Adds a horizontal rule.
    pub(crate) fn rule(&mut self) {
        self.end_line();
        self.document.ops.push(Op::Rule);
    }

    /// Begins a block.
    pub(crate) fn open(&mut self, block: Block) {
        self.end_line();
        self.skip_line_end = block == Block::Preformatted;
        self.document.ops.push(Op::Open(block));
        if block == Block::Row {
            self.rows.push(self.document.text.len());
        }
    }

    /// Ends a block. A line of nothing but no-break spaces in it stays a blank line, and a row of a
    /// table without any text sets off what is around it.
    pub(crate) fn close(&mut self, block: Block) {
        let blank_line = !self.in_line && self.indent > 0;
        let in_table = matches!(block, Block::Cell(_) | Block::Row | Block::Table(_));
        self.end_line();
        if blank_line && !in_table {
            self.document.ops.push(Op::Break);
        }
        if block == Block::Row && self.rows.pop() == Some(self.document.text.len()) {
            self.document.ops.push(Op::Open(Block::Paragraph));
            self.document.ops.push(Op::Close(Block::Paragraph));
        }
        self.document.ops.push(Op::Close(block));
    }

    fn end_line(&mut self) {
        self.in_line = false;
        self.pending = Blank::None;
        self.indent = 0;
        self.skip_line_end = false;
    }

    fn special(&mut self, c: char) {
        match c {
            '\n' => self.pending = Blank::LineEnd,
            ' ' | '\t' | '\r' | '\u{c}' => {
                if self.pending == Blank::None {
                    self.pending = Blank::Space;
                }
            }
            '\u{a0}' if !self.in_line => self.indent = (self.indent + 1).min(MAX_INDENT),
            '\u{a0}' => self.ink(" "),
            '\u{2028}' | '\u{2029}' => {
                self.removed += 1;
                self.pending = Blank::Space;
            }
            c if c.is_control() || is_invisible(c) => self.removed += 1,
            c => self.ink(c.encode_utf8(&mut [0; 4])),
        }
    }

    fn preformatted_blank(&mut self, c: char) {
        let skipped = std::mem::take(&mut self.skip_line_end);
        match c {
            '\n' if skipped => {}
            '\n' => self.line_break(),
            '\t' => self.ink("\t"),
            _ => self.ink(" "),
        }
    }

    /// Adds text that is seen, after what is pending before it.
    fn ink(&mut self, text: &str) {
        if self.in_line {
            let glued = match self.pending {
                Blank::None => true,
                Blank::Space => false,
                Blank::LineEnd => {
                    let before = self.document.text.chars().next_back();
                    before.is_some_and(joins_across_line_ends)
                        && text.starts_with(joins_across_line_ends)
                }
            };
            if !glued {
                self.push(" ");
            }
        } else {
            for _ in 0..std::mem::take(&mut self.indent) {
                self.push(" ");
            }
            self.in_line = true;
        }
        self.skip_line_end = false;
        self.pending = Blank::None;
        self.push(text);
    }

    fn push(&mut self, text: &str) {
        let start = self.document.text.len();
        self.document.text.push_str(text);
        let new_end = self.document.text.len();
        match self.document.ops.last_mut() {
            Some(Op::Text { end, .. }) if *end == start => *end = new_end,
            _ => self.document.ops.push(Op::Text { start, end: new_end }),
        }
    }
}

/// First bytes of what is not simply text: controls, blanks, and the characters that may be
/// no-break spaces or invisible.
fn is_special(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, 0x7f | 0xc2 | 0xcd | 0xd8 | 0xe2 | 0xef)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(parts: &[&str]) -> String {
        let mut writer = Writer::default();
        for part in parts {
            writer.text(part, false);
        }
        writer.document.text
    }

    #[test]
    fn line_ends_of_the_source_part_words_but_not_japanese() {
        assert_eq!(written(&["町からの\n  お知らせ"]), "町からのお知らせ");
        assert_eq!(written(&["町からの", "\n", "お知らせ"]), "町からのお知らせ");
        assert_eq!(written(&["です。\r\n（１）"]), "です。（１）");
        assert_eq!(written(&["two\nwords"]), "two words");
        assert_eq!(written(&["第3\n回"]), "第3 回");
        assert_eq!(written(&["氏名 山田"]), "氏名 山田");
        assert_eq!(written(&["안녕\n하세요"]), "안녕 하세요");
    }

    #[test]
    fn blanks_collapse_but_ideographic_and_no_break_ones_stay() {
        assert_eq!(written(&["  a \t\n b  "]), "a b");
        assert_eq!(written(&["　拝啓　日頃"]), "　拝啓　日頃");
        assert_eq!(written(&["a\u{a0}\u{a0}b"]), "a  b");
        assert_eq!(written(&["\u{a0}\u{a0}b"]), "  b");
    }

    #[test]
    fn controls_and_invisible_characters_go_and_are_counted() {
        let mut writer = Writer::default();
        writer.text("a\u{0}b\u{1b}\u{200b}c\u{202e}\u{85}d\u{feff}é※！", false);
        assert_eq!(writer.document.text, "abcdé※！");
        assert_eq!(writer.removed, 6);
    }

    #[test]
    fn preformatted_text_keeps_its_blanks_and_lines() {
        let mut writer = Writer::default();
        writer.open(Block::Preformatted);
        writer.text("\n a\t b\n\nc", true);
        let breaks = writer.document.ops.iter().filter(|op| **op == Op::Break);
        assert_eq!(breaks.count(), 2);
        assert_eq!(writer.document.text, " a\t bc");
    }
}
