//! Tables: which of them hold data, and how those are laid out.

use crate::HtmlError;
use crate::document::{Block, Document, Op};
use crate::layout;
use crate::markup::escape;

/// Columns of text that a table may take.
const WIDTH: usize = 100;
/// Tables of data in one document; further ones are laid out as lines.
const MAX_TABLES: usize = 500;
/// Cells of a table of data; a larger one is laid out as lines.
const MAX_CELLS: usize = 20_000;
/// Steps of a row that are looked at to see whether it fits on a line.
const ROW_STEPS: usize = 64;
/// Octets of text of a row that fits on a line.
const LINE_OCTETS: usize = 160;
/// Octets of a cell, in a table that does not say what it is for, up to which it looks like data.
const DATA_OCTETS: usize = 120;

/// What is known of the tables at hand.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// For each open row, whether its cells stand on one line.
    rows: Vec<bool>,
    laid_out: usize,
}

impl Tables {
    /// The step after a table that begins at step `at`, if it holds data.
    pub(crate) fn data_end(
        &mut self,
        document: &Document,
        table: usize,
        at: usize,
    ) -> Option<usize> {
        let facts = document.tables.get(table)?;
        if facts.presentation || facts.nested || facts.complex || self.laid_out >= MAX_TABLES {
            return None;
        }
        let ops = document.ops.get(at..facts.end)?;
        let mut shape = Shape::default();
        for op in ops {
            shape.add(*op);
        }
        if !shape.is_data(facts.declared) {
            return None;
        }
        self.laid_out += 1;
        Some(facts.end)
    }

    /// A row begins at step `at`: looks whether its cells fit on one line.
    pub(crate) fn begin_row(&mut self, document: &Document, at: usize) {
        let mut octets = 0;
        let mut fits = false;
        for op in document.ops.get(at + 1..).unwrap_or_default().iter().take(ROW_STEPS) {
            match op {
                Op::Text { start, end } => octets += end - start,
                Op::Open(Block::Cell(_)) | Op::Close(Block::Cell(_)) => {}
                Op::Close(Block::Row) => {
                    fits = octets <= LINE_OCTETS;
                    break;
                }
                _ => break,
            }
        }
        self.rows.push(fits);
    }

    /// The innermost row ends.
    pub(crate) fn end_row(&mut self) {
        self.rows.pop();
    }

    /// Whether the cells of the innermost row stand on one line.
    pub(crate) fn row_is_line(&self) -> bool {
        self.rows.last().copied().unwrap_or(false)
    }
}

/// The shape of a table without tables inside.
#[derive(Debug, Default)]
struct Shape {
    rows: usize,
    cells: usize,
    cells_in_row: usize,
    narrowest: Option<usize>,
    widest: usize,
    octets_in_cell: usize,
    longest_cell: usize,
}

impl Shape {
    fn add(&mut self, op: Op) {
        match op {
            Op::Open(Block::Row) => {
                self.rows += 1;
                self.cells_in_row = 0;
            }
            Op::Open(Block::Cell(span)) => {
                self.cells += 1;
                self.cells_in_row += usize::from(span.columns);
                self.octets_in_cell = 0;
            }
            Op::Text { start, end } => {
                self.octets_in_cell += end - start;
                self.longest_cell = self.longest_cell.max(self.octets_in_cell);
            }
            Op::Close(Block::Row) => {
                let cells = self.cells_in_row;
                self.narrowest = Some(self.narrowest.map_or(cells, |least| least.min(cells)));
                self.widest = self.widest.max(cells);
            }
            _ => {}
        }
    }

    fn is_data(&self, declared: bool) -> bool {
        if self.cells == 0 || self.cells > MAX_CELLS || self.widest < 2 {
            return false;
        }
        let looks_like_data = self.rows >= 2
            && self.narrowest == Some(self.widest)
            && self.longest_cell <= DATA_OCTETS;
        declared || looks_like_data
    }
}

/// Lays out the table of data between two steps, in columns of text.
pub(crate) fn lay_out(document: &Document, from: usize, to: usize) -> Result<String, HtmlError> {
    let mut html = String::from("<table>");
    for op in document.ops.get(from..to).unwrap_or_default() {
        match op {
            Op::Text { start, end } => escape(document.text(*start, *end), false, &mut html),
            Op::Break => html.push_str("<br>"),
            Op::Rule | Op::Open(Block::Table(_)) | Op::Close(Block::Table(_)) => {}
            Op::Open(Block::Row) => html.push_str("<tr>"),
            Op::Close(Block::Row) => html.push_str("</tr>"),
            Op::Open(Block::Cell(span)) => {
                html.push_str(&format!("<td colspan={} rowspan={}>", span.columns, span.rows));
            }
            Op::Close(Block::Cell(_)) => html.push_str("</td>"),
            Op::Open(Block::Caption) => html.push_str("<caption>"),
            Op::Close(Block::Caption) => html.push_str("</caption>"),
            Op::Open(_) => html.push_str("<div>"),
            Op::Close(_) => html.push_str("</div>"),
        }
    }
    html.push_str("</table>");
    layout::by_library(&html, WIDTH)
}
