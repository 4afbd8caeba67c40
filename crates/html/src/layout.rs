//! From the reduced document to lines of text, by html2text.

use html2text::config;
use html2text::render::TextDecorator;

use crate::document::Document;
use crate::{HtmlError, MAX_OUTPUT, markup};

/// Columns of a document. Paragraphs are not wrapped: the reader's program does that, and knows
/// where Japanese lines may end.
const UNWRAPPED: usize = 1_000_000;
/// Blank lines in a row that are kept.
const MAX_BLANK_LINES: usize = 1;

/// Lays a document out.
pub(crate) fn lay_out(document: &Document) -> Result<String, HtmlError> {
    if document.ops.is_empty() {
        return Ok(String::new());
    }
    let html = markup::write(document)?;
    let text = by_library(&html, UNWRAPPED)?;
    Ok(tidy(&text))
}

/// Has html2text lay out HTML of our own.
pub(crate) fn by_library(html: &str, width: usize) -> Result<String, HtmlError> {
    let text = config::with_decorator(Marks)
        .allow_width_overflow()
        .string_from_read(html.as_bytes(), width)
        .map_err(|_| HtmlError::Layout)?;
    if text.len() > MAX_OUTPUT {
        return Err(HtmlError::OutputTooLarge { limit: MAX_OUTPUT });
    }
    Ok(text)
}

/// No blanks at the ends of lines, no lines of blanks, no-break spaces as spaces.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank_lines = 0;
    for line in text.split('\n') {
        let line = line.trim_end_matches([' ', '\u{a0}', '\t', '\r']);
        if line.is_empty() {
            blank_lines += 1;
            continue;
        }
        if !out.is_empty() {
            for _ in 0..blank_lines.min(MAX_BLANK_LINES) {
                out.push('\n');
            }
        }
        blank_lines = 0;
        out.extend(line.chars().map(|c| if c == '\u{a0}' { ' ' } else { c }));
        out.push('\n');
    }
    out
}

/// The marks of headings, quotes and lists.
#[derive(Debug, Clone, Copy)]
struct Marks;

impl TextDecorator for Marks {
    type Annotation = ();

    fn decorate_link_start(&mut self, _: &str) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        String::new()
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _: &str, _: &str) -> (String, ()) {
        (String::new(), ())
    }

    fn header_prefix(&self, level: usize) -> String {
        let mark = match level {
            1 | 2 => "■ ",
            3 => "● ",
            _ => "○ ",
        };
        mark.to_owned()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "・".to_owned()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        *self
    }
}
