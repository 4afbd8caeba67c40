//! The second pass: lines of text out of a reduced document.
//!
//! Paragraphs, headings, lists, quotes and preformatted text flow; nothing is wrapped, since the
//! reader's program does that. A table is laid out in one of the forms of [`Form`].

use crate::document::{Block, Document, Op};
use crate::grid::{Form, Grid, MAX_ALIGNED};
use crate::{HtmlError, MAX_TEXT_OCTETS, columns, markup};

/// Nested lists and quotes that are still indented further.
const MAX_INDENTS: usize = 10;
/// Most line ends between two lines: two blank lines.
const MAX_LINE_ENDS: usize = 3;
/// What stands for a horizontal rule.
const RULE: &str = "----------------------------------------";
/// Marks before a heading; a heading that begins with one of its own gets none.
const MARKS: &str = "■□●○◆◇★☆▼▲▽△【≪《＜◎※▶♦・-*#";

/// Lays a document out.
pub(crate) fn lay_out(document: &Document) -> Result<String, HtmlError> {
    let mut flow = Flow {
        document,
        out: String::with_capacity(document.text.len() + document.text.len() / 8),
        in_line: false,
        line_ends: 0,
        indents: Vec::new(),
        counters: Vec::new(),
        heading: None,
        quotes: 0,
        quotes_throughout: 0,
        alignable: MAX_ALIGNED,
    };
    let mut at = 0;
    while let Some(&op) = document.ops.get(at) {
        at = flow.step(op, at)?;
        if flow.out.len() > MAX_TEXT_OCTETS {
            return Err(HtmlError::OutputTooLarge { limit: MAX_TEXT_OCTETS });
        }
    }
    flow.trim_line_end();
    let mut out = flow.out;
    if !out.is_empty() {
        out.push('\n');
    }
    Ok(out)
}

/// What stands before the lines of a block.
#[derive(Debug)]
struct Indent {
    /// Before its first line, once.
    first: Option<String>,
    /// Before each further line.
    rest: &'static str,
    /// Blanks instead of `rest`: how many.
    blanks: usize,
}

#[derive(Debug)]
struct Flow<'d> {
    document: &'d Document,
    out: String,
    /// The line has text in it.
    in_line: bool,
    /// Line ends due before the next text.
    line_ends: usize,
    indents: Vec<Indent>,
    /// The next number of each open list, nothing for one that does not count.
    counters: Vec<Option<i64>>,
    heading: Option<u8>,
    /// Open quotes, and the fewest that were open since the last line.
    quotes: usize,
    quotes_throughout: usize,
    /// Lines of cells that may still be lined up.
    alignable: usize,
}

impl Flow<'_> {
    /// Takes one step; gives the place of the next.
    fn step(&mut self, op: Op, at: usize) -> Result<usize, HtmlError> {
        match op {
            Op::Text { start, end } => self.text(self.document.text(start, end)),
            Op::Break => self.line_break(),
            Op::Rule => {
                self.end_line(2);
                self.text(RULE);
                self.end_line(2);
            }
            Op::Open(Block::Table(table)) => return self.table(table, at),
            Op::Open(block) => self.open(block),
            Op::Close(block) => self.close(block),
        }
        Ok(at + 1)
    }

    fn table(&mut self, table: usize, at: usize) -> Result<usize, HtmlError> {
        self.end_line(1);
        let facts = self.document.tables.get(table).copied().unwrap_or_default();
        let form = match self.document.ops.get(at..facts.end) {
            Some(ops) => Form::of(self.document, &facts, ops, &mut self.alignable),
            None => Form::Blocks,
        };
        let lines = match form {
            Form::Blocks => return Ok(at + 1),
            Form::Aligned(grid) => match columns::lay_out(&grid) {
                Some(lines) => lines,
                None => markup::lay_out(&grid)?,
            },
            Form::Rows(grid) => rows(&grid),
        };
        // A single line, such as a row of links, is no block of its own.
        let margin = if lines.len() > 1 { 2 } else { 1 };
        self.end_line(margin);
        for line in &lines {
            self.text(line);
            self.end_line(1);
        }
        self.end_line(margin);
        Ok(facts.end.max(at + 1))
    }

    fn open(&mut self, block: Block) {
        match block {
            Block::Division | Block::Row | Block::Cell(_) | Block::Caption | Block::Table(_) => {
                self.end_line(1);
            }
            Block::Paragraph | Block::Preformatted => self.end_line(2),
            Block::Heading(level) => {
                self.end_line(2);
                self.heading = Some(level);
            }
            Block::Quote => {
                self.end_line(2);
                self.indent(None, "> ", 0);
                self.quotes += 1;
            }
            Block::List(start) => {
                self.end_line(if self.counters.is_empty() { 2 } else { 1 });
                self.counters.push(start);
            }
            Block::Item(number) => self.item(number),
            Block::Description => {
                self.end_line(1);
                self.indent(None, "  ", 0);
            }
        }
    }

    fn close(&mut self, block: Block) {
        match block {
            Block::Division | Block::Row | Block::Cell(_) | Block::Caption | Block::Table(_) => {
                self.end_line(1);
            }
            Block::Paragraph | Block::Preformatted => self.end_line(2),
            Block::Heading(_) => {
                self.end_line(2);
                self.heading = None;
            }
            Block::Quote => {
                self.end_line(2);
                self.indents.pop();
                self.quotes = self.quotes.saturating_sub(1);
                self.quotes_throughout = self.quotes_throughout.min(self.quotes);
            }
            Block::List(_) => {
                self.counters.pop();
                self.end_line(if self.counters.is_empty() { 2 } else { 1 });
            }
            Block::Item(_) | Block::Description => {
                self.end_line(1);
                self.indents.pop();
            }
        }
    }

    fn item(&mut self, number: Option<i64>) {
        self.end_line(1);
        // An item outside of any list is one of a list that does not count.
        let counter = self.counters.last_mut().and_then(Option::as_mut);
        match counter {
            Some(next) => {
                let number = number.unwrap_or(*next);
                *next = number.saturating_add(1);
                let mark = format!("{number}. ");
                let blanks = mark.len();
                self.indent(Some(mark), "", blanks);
            }
            None => self.indent(Some("・".to_owned()), "  ", 0),
        }
    }

    fn indent(&mut self, first: Option<String>, rest: &'static str, blanks: usize) {
        let shown = self.indents.len() < MAX_INDENTS;
        self.indents.push(if shown {
            Indent { first, rest, blanks }
        } else {
            Indent { first: None, rest: "", blanks: 0 }
        });
    }

    fn line_break(&mut self) {
        if self.in_line {
            self.end_line(1);
        } else {
            self.line_ends = (self.line_ends + 1).min(MAX_LINE_ENDS);
        }
    }

    /// Ends the line if there is one, with at least so many line ends before what comes.
    fn end_line(&mut self, line_ends: usize) {
        self.trim_line_end();
        self.in_line = false;
        self.line_ends = self.line_ends.max(line_ends);
    }

    fn trim_line_end(&mut self) {
        if self.in_line {
            let kept = self.out.trim_end_matches([' ', '\t']).len();
            self.out.truncate(kept);
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_line {
            self.out.push_str(text);
            return;
        }
        // A line of blanks alone is a blank line.
        if text.trim_matches([' ', '\t']).is_empty() {
            return;
        }
        if !self.out.is_empty() {
            self.out.push('\n');
            for _ in 1..self.line_ends {
                // A blank line inside of a quote belongs to it.
                let quotes = self.quotes_throughout.min(MAX_INDENTS);
                (0..quotes).for_each(|_| self.out.push('>'));
                self.out.push('\n');
            }
        }
        self.quotes_throughout = self.quotes;
        self.line_ends = 0;
        self.in_line = true;
        for indent in &mut self.indents {
            match indent.first.take() {
                Some(first) => self.out.push_str(&first),
                None if indent.blanks > 0 => {
                    self.out.extend(std::iter::repeat_n(' ', indent.blanks));
                }
                None => self.out.push_str(indent.rest),
            }
        }
        if let Some(level) = self.heading.take()
            && !text.trim_start().starts_with(|c| MARKS.contains(c))
        {
            self.out.push_str(if level <= 2 { "■ " } else { "● " });
        }
        self.out.push_str(text);
    }
}

fn rows(grid: &Grid) -> Vec<String> {
    let mut lines = grid.caption.clone();
    for row in &grid.rows {
        let cells: Vec<&str> =
            row.iter().filter_map(|cell| cell.lines.first()).map(String::as_str).collect();
        lines.push(cells.join(" | "));
    }
    lines
}
