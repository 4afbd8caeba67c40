//! Tables that were meant as tables, as rows of cells of lines, and the form in which they read
//! best.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::document::{Block, Document, Op, Span, TableFacts};

/// Widest table whose columns are lined up, in columns of a monospaced font. A wider one would be
/// wrapped by the reader's program and be harder to read than rows of text.
pub(crate) const MAX_WIDTH: usize = 78;
/// Columns of a table that is lined up.
const MAX_COLUMNS: usize = 24;
/// Lines of cells that are lined up in one document; further tables have a line for each row. A
/// table of up to [`TABLE_COST`] cells costs as much as one of so many.
pub(crate) const MAX_ALIGNED: usize = 20_000;
const TABLE_COST: usize = 8;
/// Lines of one cell in a table; what has more is text, not data.
const MAX_CELL_LINES: usize = 6;
/// Widest cell of a table that nothing but its shape makes one.
const MAX_UNDECLARED_WIDTH: usize = 40;
/// Columns between the texts of two cells.
const GAP: usize = 3;

/// One cell: its lines, without blank ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) lines: Vec<String>,
    pub(crate) header: bool,
    pub(crate) columns: usize,
}

/// The rows of a table, spans of rows already filled in with empty cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) caption: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// How a table is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// Columns lined up.
    Aligned(Grid),
    /// A line for each row.
    Rows(Grid),
    /// Not a table: its cells are blocks, one after the other.
    Blocks,
}

impl Form {
    /// Decides on the table whose steps are `ops`, from its opening to its end. What lining it up
    /// costs is taken from `budget`.
    pub(crate) fn of(
        document: &Document,
        facts: &TableFacts,
        ops: &[Op],
        budget: &mut usize,
    ) -> Self {
        if facts.nested || facts.complex || facts.presentation {
            return Self::Blocks;
        }
        let grid = Grid::read(document, ops);
        let columns = grid.columns();
        let lines = |cell: &Cell| cell.lines.len();
        let most_lines = grid.cells().map(lines).max().unwrap_or(0);
        let widest = grid.cells().map(Cell::width).max().unwrap_or(0);
        if columns < 2 || most_lines > MAX_CELL_LINES {
            return Self::Blocks;
        }
        if !facts.declared && widest > MAX_UNDECLARED_WIDTH {
            return Self::Blocks;
        }
        let worth_aligning = grid.rows.len() > 1 && columns <= MAX_COLUMNS;
        if worth_aligning && grid.width(columns) <= MAX_WIDTH {
            let cost = grid.cost();
            if cost <= *budget {
                *budget -= cost;
                return Self::Aligned(grid);
            }
        }
        if most_lines > 1 {
            return Self::Blocks;
        }
        Self::Rows(grid)
    }
}

impl Grid {
    fn read(document: &Document, ops: &[Op]) -> Self {
        let mut reader = GridReader::default();
        for op in ops {
            match *op {
                Op::Text { start, end } => reader.text(document.text(start, end)),
                Op::Open(Block::Row) => reader.row(),
                Op::Open(Block::Cell(span)) => reader.cell(span),
                Op::Open(Block::Caption) => reader.caption(),
                Op::Close(Block::Cell(_) | Block::Caption) => reader.end(),
                Op::Open(_) | Op::Close(_) | Op::Break | Op::Rule => reader.line_end(),
            }
        }
        reader.finish()
    }

    /// Whether the first row names the columns.
    pub(crate) fn has_header(&self) -> bool {
        let is_header = |cell: &Cell| cell.header || cell.lines.is_empty();
        self.rows.first().is_some_and(|row| row.iter().all(is_header))
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows.iter().flatten()
    }

    /// Lines of cells when every line of a row is a row of its own.
    fn cost(&self) -> usize {
        let lines_of = |row: &Vec<Cell>| row.len() * height(row);
        self.rows.iter().map(lines_of).sum::<usize>().max(TABLE_COST)
    }

    /// Columns that hold text.
    fn columns(&self) -> usize {
        let mut used = Vec::new();
        for row in &self.rows {
            let mut column = 0;
            for cell in row {
                if used.len() <= column {
                    used.resize(column + 1, false);
                }
                if let Some(used) = used.get_mut(column) {
                    *used |= !cell.lines.is_empty();
                }
                column += cell.columns;
            }
        }
        used.iter().filter(|&&used| used).count()
    }

    /// The width of the widest row when columns are lined up; at least what is needed.
    fn width(&self, columns: usize) -> usize {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            let mut column = 0;
            for cell in row {
                let share = cell.width().div_ceil(cell.columns.max(1));
                for at in column..column + cell.columns {
                    if widths.len() <= at {
                        widths.resize(at + 1, 0);
                    }
                    if let Some(width) = widths.get_mut(at) {
                        *width = (*width).max(share);
                    }
                }
                column += cell.columns;
            }
        }
        widths.iter().sum::<usize>() + columns.saturating_sub(1) * GAP
    }
}

impl Cell {
    /// Columns of a monospaced font that its longest line takes.
    pub(crate) fn width(&self) -> usize {
        let width = |line: &String| line.as_str().width_cjk();
        self.lines.iter().map(width).max().unwrap_or(0)
    }
}

/// Lines of the cell that has most.
pub(crate) fn height(row: &[Cell]) -> usize {
    row.iter().map(|cell| cell.lines.len()).max().unwrap_or(0)
}

/// Whether a terminal or a mail program of Japan shows the character wider than html2text thinks.
pub(crate) fn is_ambiguous(c: char) -> bool {
    c.width_cjk() > c.width()
}

#[derive(Debug, Default)]
struct GridReader {
    grid: Grid,
    line: String,
    in_caption: bool,
    /// Rows still covered from above: for each column the number.
    covered: Vec<u16>,
    column: usize,
}

impl GridReader {
    fn text(&mut self, text: &str) {
        self.line.push_str(text);
    }

    fn row(&mut self) {
        self.fill_covered(usize::MAX);
        self.line.clear();
        self.grid.rows.push(Vec::new());
        self.column = 0;
    }

    fn caption(&mut self) {
        self.line.clear();
        self.in_caption = true;
    }

    fn cell(&mut self, span: Span) {
        self.line.clear();
        self.in_caption = false;
        self.fill_covered(0);
        let columns = usize::from(span.columns).min(MAX_COLUMNS + 1);
        if span.rows > 1 && self.column <= MAX_COLUMNS {
            let end = self.column + columns;
            if self.covered.len() < end {
                self.covered.resize(end, 0);
            }
            for covered in self.covered.iter_mut().take(end).skip(self.column) {
                *covered = span.rows;
            }
        }
        self.column += columns;
        self.push(Cell { lines: Vec::new(), header: span.header, columns });
    }

    /// Adds empty cells where a cell above reaches down: the next ones, or up to `until`.
    fn fill_covered(&mut self, until: usize) {
        while let Some(covered) = self.covered.get_mut(self.column) {
            let is_covered = *covered > 1;
            if !is_covered && self.column >= until {
                return;
            }
            if !is_covered && until == 0 {
                return;
            }
            *covered = covered.saturating_sub(1);
            self.column += 1;
            self.push(Cell { columns: 1, ..Cell::default() });
        }
    }

    fn push(&mut self, cell: Cell) {
        if self.grid.rows.is_empty() {
            self.grid.rows.push(Vec::new());
        }
        if let Some(row) = self.grid.rows.last_mut() {
            row.push(cell);
        }
    }

    fn line_end(&mut self) {
        let line = self.line.trim();
        if !line.is_empty() {
            let line = line.to_owned();
            if self.in_caption {
                self.grid.caption.push(line);
            } else if let Some(cell) = self.grid.rows.last_mut().and_then(|row| row.last_mut()) {
                cell.lines.push(line);
            }
        }
        self.line.clear();
    }

    fn end(&mut self) {
        self.line_end();
        self.in_caption = false;
    }

    fn finish(mut self) -> Grid {
        self.grid.rows.retain(|row| row.iter().any(|cell| !cell.lines.is_empty()));
        self.grid
    }
}
