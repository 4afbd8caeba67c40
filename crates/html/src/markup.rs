//! What html2text is given, and what is made of its answer.
//!
//! It gets a table whose every cell is one short line, written by us with everything escaped: five
//! elements deep, of bounded width, without attributes of the sender's. Characters that it would
//! measure or collapse otherwise than a Japanese mail program does are stood in for on the way.

use html2text::config;
use html2text::render::TrivialDecorator;

use crate::HtmlError;
use crate::grid::{Grid, height, is_ambiguous};

/// Far wider than any table that is lined up, so that no cell is ever wrapped.
const LAYOUT_WIDTH: usize = 1_000;
/// Stands after a character that is shown wider than html2text measures it.
const FILLER: char = '\u{fdd0}';
/// Stands for the ideographic space, which html2text would collapse; as wide as it.
const IDEOGRAPHIC_SPACE: char = '\u{3fffd}';
/// The first of what stands for line-drawing characters of the text, as wide as they are shown.
const DRAWING: u32 = 0x3_ff00;

/// Lays out a table with its columns lined up, as lines without an end.
pub(crate) fn lay_out(grid: &Grid) -> Result<Vec<String>, HtmlError> {
    let laid_out = config::with_decorator(TrivialDecorator::new())
        .allow_width_overflow()
        .string_from_read(write(grid).as_bytes(), LAYOUT_WIDTH)
        .map_err(|_| HtmlError::Layout)?;
    let with_header = grid.has_header();
    let mut lines: Vec<String> = grid.caption.clone();
    let mut borders = 0;
    let header_height = grid.rows.first().map_or(0, |row| height(row));
    for line in laid_out.lines() {
        if is_border(line) {
            // The first stands above the table.
            borders += 1;
            if with_header && borders == header_height + 1 {
                lines.push(ascii_border(line));
            }
        } else if !line.trim().is_empty() {
            lines.push(text_line(line));
        }
    }
    Ok(lines)
}

/// Each line of a row becomes a row of its own, so that every cell is one line.
fn write(grid: &Grid) -> String {
    let mut out = String::from("<table>");
    for row in &grid.rows {
        for line in 0..height(row) {
            out.push_str("<tr>");
            for (at, cell) in row.iter().enumerate() {
                if cell.columns > 1 {
                    out.push_str("<td colspan=");
                    out.push_str(&cell.columns.to_string());
                    out.push('>');
                } else {
                    out.push_str("<td>");
                }
                let text = cell.lines.get(line).map_or("", String::as_str);
                // No-break spaces around each text set it off from the lines between columns.
                if at > 0 {
                    out.push('\u{a0}');
                }
                text.chars().for_each(|c| stand_in(c, &mut out));
                if at + 1 < row.len() {
                    out.push('\u{a0}');
                }
                out.push_str("</td>");
            }
            out.push_str("</tr>");
        }
    }
    out.push_str("</table>");
    out
}

fn stand_in(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        ' ' => out.push('\u{a0}'),
        '\u{3000}' => out.push(IDEOGRAPHIC_SPACE),
        '\u{2500}'..='\u{257f}' => {
            out.extend(char::from_u32(u32::from(c) - 0x2500 + DRAWING));
        }
        // Never characters of a language: no text is lost by it, and none is taken for ours.
        FILLER | IDEOGRAPHIC_SPACE | '\u{3ff00}'..='\u{3ff7f}' => out.push('\u{fffd}'),
        c if c.is_whitespace() || c.is_control() => out.push('\u{a0}'),
        c => {
            out.push(c);
            if is_ambiguous(c) {
                out.push(FILLER);
            }
        }
    }
}

fn is_border(line: &str) -> bool {
    !line.is_empty() && line.chars().all(|c| matches!(c, '─' | '┬' | '┴' | '┼'))
}

fn ascii_border(line: &str) -> String {
    line.chars().map(|c| if c == '─' { '-' } else { '+' }).collect()
}

fn text_line(line: &str) -> String {
    let mut out: String = line
        .chars()
        .filter(|&c| c != FILLER)
        .map(|c| match c {
            '│' => '|',
            '\u{a0}' => ' ',
            IDEOGRAPHIC_SPACE => '\u{3000}',
            '\u{3ff00}'..='\u{3ff7f}' => {
                char::from_u32(u32::from(c) - DRAWING + 0x2500).unwrap_or(c)
            }
            c => c,
        })
        .collect();
    out.truncate(out.trim_end().len());
    out
}
