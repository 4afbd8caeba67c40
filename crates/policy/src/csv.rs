//! Lines of CSV (RFC 4180) that spreadsheets open as what they are.
//!
//! A file begins with [`BYTE_ORDER_MARK`], without which Excel reads UTF-8 as `Shift_JIS`; lines
//! end with CRLF. A cell has no line breaks, since half of the programs in use take one for the end of
//! the row. A cell that a spreadsheet would take for a formula gets an apostrophe in front, which
//! is how a spreadsheet itself marks text.

use crate::Timestamp;

/// What a CSV file begins with.
pub const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// One line. Cells are added from the left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CsvLine {
    text: String,
    cells: usize,
}

impl CsvLine {
    /// A line without cells.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a cell. Line breaks and control characters but TAB become spaces.
    #[must_use]
    pub fn cell(mut self, value: &str) -> Self {
        self.begin_cell();
        let quoted = value.contains([',', ';', '"', '\t', '\'']) || value.trim() != value;
        let guarded = is_formula(value);
        if quoted {
            self.text.push('"');
        }
        if guarded {
            self.text.push('\'');
        }
        let mut after_return = false;
        for c in value.chars() {
            match c {
                // Of CRLF one space is left.
                '\n' if after_return => {}
                '"' => self.text.push_str("\"\""),
                c if is_break(c) => self.text.push(' '),
                c => self.text.push(c),
            }
            after_return = c == '\r';
        }
        if quoted {
            self.text.push('"');
        }
        self
    }

    /// Adds a cell with a whole number.
    #[must_use]
    pub fn number(mut self, value: u64) -> Self {
        self.begin_cell();
        self.text.push_str(&value.to_string());
        self
    }

    /// Adds two cells with a moment: as RFC 3339 for machines, and as Japanese offices write it.
    /// Both are empty for `None`.
    #[must_use]
    pub fn moment(self, value: Option<Timestamp>) -> Self {
        let western = value.map(Timestamp::rfc3339).unwrap_or_default();
        let japanese = value.map(Timestamp::japanese).unwrap_or_default();
        self.cell(&western).cell(&japanese)
    }

    /// The line with its end.
    pub fn finish(mut self) -> String {
        self.text.push_str("\r\n");
        self.text
    }

    fn begin_cell(&mut self) {
        if self.cells > 0 {
            self.text.push(',');
        }
        self.cells = self.cells.saturating_add(1);
    }
}

/// A line of these cells, with its end.
pub fn csv_row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    cells.into_iter().fold(CsvLine::new(), CsvLine::cell).finish()
}

/// Whether a spreadsheet could take a cell for a formula. Spaces before it do not help, nor do the
/// full-width forms, which Japanese spreadsheets read as the narrow ones.
fn is_formula(value: &str) -> bool {
    let first = value.trim_start_matches(|c: char| c == ' ' || c == '\u{3000}' || is_break(c));
    first.starts_with(['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠'])
}

/// What a program could take for the end of a line, or could not show.
fn is_break(c: char) -> bool {
    (c.is_control() && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_cells_stay_as_they_are() {
        assert_eq!(csv_row(["山北町", "", "a b", "12"]), "山北町,,a b,12\r\n");
        assert_eq!(csv_row([]), "\r\n");
        assert_eq!(CsvLine::new().number(7).cell("x").finish(), "7,x\r\n");
    }

    #[test]
    fn separators_and_quotes_are_quoted() {
        assert_eq!(csv_row(["a,b", "a;b", "say \"hi\""]), "\"a,b\",\"a;b\",\"say \"\"hi\"\"\"\r\n");
        assert_eq!(csv_row([" a"]), "\" a\"\r\n");
    }

    #[test]
    fn a_cell_has_no_line_breaks() {
        let row = csv_row(["a\r\nb\nc\rd\u{2028}e\u{85}f\u{0}g", "x"]);
        assert_eq!(row, "a b c d e f g,x\r\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for start in ["=", "+", "-", "@", "\t", " =", "\n=", "　＝", "＝", "＋", "－", "＠"] {
            let row = csv_row([format!("{start}cmd").as_str()]);
            let first = row.trim_start_matches('"');
            assert!(first.starts_with('\''), "{row}");
        }
        assert_eq!(csv_row(["a=b", "1-2"]), "a=b,1-2\r\n");
    }

    #[test]
    fn a_moment_has_a_western_and_a_japanese_date() {
        let moment = Timestamp::japanese_time(1_789_977_600_000);
        let line = CsvLine::new().moment(Some(moment)).moment(None).finish();
        assert_eq!(line, "2026-09-21T17:00:00.000+09:00,令和8（2026）年9月21日（月）17:00,,\r\n");
    }
}
