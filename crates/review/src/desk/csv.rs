//! Cells of a CSV file (RFC 4180), as spreadsheets write them.

/// Most octets of a file.
pub const MAX_CSV_OCTETS: usize = 8 * 1024 * 1024;
/// Most rows of a file.
pub(super) const MAX_ROWS: usize = 50_000;
/// Most cells of a row.
pub(super) const MAX_CELLS: usize = 100;

/// One row, and the line of the file that it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) cells: Vec<String>,
}

/// Why a file is no CSV, and where: the line, and the cell in its row, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) is_too_much: bool,
}

/// The rows of a text, without those that are blank. A byte order mark is skipped; lines may end in
/// LF as well; a quoted cell may have line ends.
pub(super) fn rows(text: &str) -> Result<Vec<Row>, Broken> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut rows = Vec::new();
    let mut row = Row { line: 1, cells: Vec::new() };
    let mut cell = String::new();
    let mut line = 1;
    let mut state = State::Start;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let place = Broken { line, column: row.cells.len().saturating_add(1), is_too_much: false };
        let too_much = Broken { is_too_much: true, ..place };
        match (state, c) {
            (State::Quoted, '"') if characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            (State::Quoted, '"') => state = State::Closed,
            (State::Quoted, c) => {
                line += usize::from(c == '\n');
                cell.push(c);
            }
            (State::Start, '"') => state = State::Quoted,
            (_, ',') => {
                if row.cells.len() + 1 >= MAX_CELLS {
                    return Err(too_much);
                }
                row.cells.push(std::mem::take(&mut cell));
                state = State::Start;
            }
            (_, '\r') if characters.peek() == Some(&'\n') => {}
            (_, '\n' | '\r') => {
                row.cells.push(std::mem::take(&mut cell));
                line += 1;
                finish(&mut rows, &mut row, line).map_err(|()| too_much)?;
                state = State::Start;
            }
            (State::Closed, _) | (State::Plain, '"') => return Err(place),
            (State::Start | State::Plain, c) => {
                cell.push(c);
                state = State::Plain;
            }
        }
    }
    let column = row.cells.len().saturating_add(1);
    if state == State::Quoted {
        return Err(Broken { line: row.line, column, is_too_much: false });
    }
    row.cells.push(cell);
    finish(&mut rows, &mut row, line).map_err(|()| Broken { line, column, is_too_much: true })?;
    Ok(rows)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first character of a cell.
    Start,
    /// In a cell without quotes.
    Plain,
    /// Within quotes.
    Quoted,
    /// After the closing quote.
    Closed,
}

/// Takes a row that is over, unless it is blank, and begins the next on `line`.
fn finish(rows: &mut Vec<Row>, row: &mut Row, line: usize) -> Result<(), ()> {
    let finished = std::mem::replace(row, Row { line, cells: Vec::new() });
    if finished.cells.iter().any(|cell| !cell.trim().is_empty()) {
        if rows.len() >= MAX_ROWS {
            return Err(());
        }
        rows.push(finished);
    }
    Ok(())
}

/// A cell without the apostrophe that marks text which a spreadsheet would take for a formula.
pub(super) fn unguarded(cell: &str) -> &str {
    let is_guarded =
        |rest: &&str| rest.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    cell.strip_prefix('\'').filter(is_guarded).unwrap_or(cell).trim()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        rows(text).unwrap().into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn spreadsheets_are_read_as_they_write() {
        assert_eq!(
            cells("\u{FEFF}login,name\r\nsato,\"佐藤, \"\"花子\"\"\"\r\n\r\n,,\n"),
            [["login", "name"], ["sato", "佐藤, \"花子\""]]
        );
        assert_eq!(cells("a,\"b\nc\"\rd,"), [["a", "b\nc"], ["d", ""]]);
        let read = rows("\n\"a\nb\"\nc").unwrap();
        assert_eq!(read.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(unguarded("'=1+1"), "=1+1");
        assert_eq!(unguarded("'tis"), "'tis");
    }

    #[test]
    fn what_is_broken_is_told_with_its_place() {
        let broken = |line, column| Err(Broken { line, column, is_too_much: false });
        assert_eq!(rows("a,b\nc,d\"e"), broken(2, 2));
        assert_eq!(rows("a\n\"b\"c"), broken(2, 1));
        assert_eq!(rows("a\n,,\"b\nc"), broken(2, 3));
    }

    #[test]
    fn rows_and_cells_are_bounded() {
        assert!(rows(&"a\n".repeat(MAX_ROWS)).is_ok());
        assert!(rows(&"a\n".repeat(MAX_ROWS + 1)).is_err_and(|broken| broken.is_too_much));
        assert!(rows(&",".repeat(MAX_CELLS - 1)).is_ok());
        assert!(rows(&",".repeat(MAX_CELLS)).is_err_and(|broken| broken.is_too_much));
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_again(
            table in prop::collection::vec(prop::collection::vec("[a-z,\"= \u{3000}佐-]{1,8}x", 1..5), 1..5)
        ) {
            let text: String = table
                .iter()
                .map(|row| sekimori_policy::csv::csv_row(row.iter().map(String::as_str)))
                .collect();
            let read: Vec<Vec<String>> = rows(&text)
                .unwrap()
                .into_iter()
                .map(|row| row.cells.iter().map(|cell| unguarded(cell).to_owned()).collect())
                .collect();
            let trimmed: Vec<Vec<String>> =
                table.iter().map(|row| row.iter().map(|c| c.trim().to_owned()).collect()).collect();
            prop_assert_eq!(read, trimmed);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[a,\"\r\n'=\u{FEFF}佐]{0,60}") {
            let _ = rows(&text);
        }
    }
}
