//! Columns lined up without html2text, for tables whose cells each have a place of their own.
//!
//! Most tables of mails are such, and html2text takes some twenty times as long for them. It stays
//! the reference: a law in the tests has both give the same lines. A table with cells across columns,
//! rows of different lengths or a column of nothing is left to it.

use unicode_width::UnicodeWidthStr;

use crate::grid::{Cell, Grid, height};

/// The lines of a table, or `None` where html2text is to lay it out.
pub(crate) fn lay_out(grid: &Grid) -> Option<Vec<String>> {
    let widths = widths(grid)?;
    let mut lines = grid.caption.clone();
    for (number, row) in grid.rows.iter().enumerate() {
        for line in 0..height(row) {
            lines.push(line_of(row, line, &widths));
        }
        if number == 0 && grid.has_header() {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            lines.push(rules.join("+"));
        }
    }
    Some(lines)
}

/// The width of each column with the blanks around its texts.
fn widths(grid: &Grid) -> Option<Vec<usize>> {
    let mut widths = vec![0; grid.rows.first()?.len()];
    for row in &grid.rows {
        let is_plain = row.len() == widths.len() && row.iter().all(|cell| cell.columns == 1);
        if !is_plain {
            return None;
        }
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    if widths.contains(&0) {
        return None;
    }
    let last = widths.len() - 1;
    for (at, width) in widths.iter_mut().enumerate() {
        *width += usize::from(at > 0) + usize::from(at < last);
    }
    Some(widths)
}

fn line_of(row: &[Cell], line: usize, widths: &[usize]) -> String {
    let mut out = String::new();
    for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
        let text = cell.lines.get(line).map_or("", String::as_str);
        let mut taken = text.width_cjk();
        if at > 0 {
            out.push_str("| ");
            taken += 1;
        }
        out.extend(text.chars().map(|c| if c.is_control() || is_space(c) { ' ' } else { c }));
        out.extend(std::iter::repeat_n(' ', width.saturating_sub(taken)));
    }
    out.truncate(out.trim_end().len());
    out
}

/// Blanks that are all shown as one; the ideographic one is a character of its own.
fn is_space(c: char) -> bool {
    c != '\u{3000}' && c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::markup;

    fn grids() -> impl Strategy<Value = Grid> {
        let line = "[a-z漢あｱ①…─│§α é\u{3000}\u{301}\u{a0}<&|]{0,4}[a-z漢①─]";
        let cell = (prop::collection::vec(line, 0..3), any::<bool>())
            .prop_map(|(lines, header)| Cell { lines, header, columns: 1 });
        let row = move |columns| prop::collection::vec(cell.clone(), columns);
        let rows =
            (1_usize..5).prop_flat_map(move |columns| prop::collection::vec(row(columns), 1..6));
        (rows, prop::collection::vec("[a-z漢]{1,8}", 0..2)).prop_map(|(mut rows, caption)| {
            rows.retain(|row| row.iter().any(|cell| !cell.lines.is_empty()));
            Grid { caption, rows }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_lines_are_those_of_html2text(grid in grids()) {
            if let Some(lines) = lay_out(&grid) {
                prop_assert_eq!(lines, markup::lay_out(&grid).unwrap());
            }
        }
    }
}
