//! Text of the source: seen, hidden, or kept for what it says about the document.

use sekimori_policy::Code;

use crate::MAX_TAGS;
use crate::document::is_invisible;
use crate::host::first_octets;
use crate::reduce::Reducer;
use crate::tag::Tag;

/// Longest title kept, in octets.
const MAX_TITLE: usize = 2_048;

impl Reducer<'_> {
    /// A run of text, entities decoded.
    pub(crate) fn text(&mut self, text: &str) {
        if self.tags > MAX_TAGS || self.is_captured(text) {
            return;
        }
        if self.overflow.is_hiding() {
            self.count_hidden(text);
            return;
        }
        let blank = text.trim_ascii().is_empty();
        if !blank {
            self.stack.wake();
        }
        let in_cell = self.stack.in_cell();
        let seen = if in_cell { self.stack.seen() } else { self.stack.seen_before_table() };
        if !seen.is_shown() {
            if !seen.dropped {
                self.count_hidden(text);
            }
            return;
        }
        if !blank {
            self.in_hidden_text = false;
            if !in_cell {
                self.mark_table(|facts| facts.complex = true);
            }
            self.begin_brackets();
        }
        if seen.superscript && !blank && text.trim_ascii().bytes().all(|b| b.is_ascii_digit()) {
            let raised: String = text.trim_ascii().chars().map(superscript).collect();
            self.writer.literal(&raised);
            return;
        }
        // Blanks between cells are not text, wherever they would be seen.
        if in_cell || !blank {
            self.writer.text(text, seen.preformatted);
        }
    }

    /// Keeps what is not text but needed: titles and style sheets.
    fn is_captured(&mut self, text: &str) -> bool {
        if self.is_in_drawing() {
            return false;
        }
        match self.stack.top().map(|frame| frame.name.tag) {
            Some(Tag::Title) => {
                let title = self.title.get_or_insert_default();
                if title.len() < MAX_TITLE {
                    title.push_str(first_octets(text, MAX_TITLE));
                }
                true
            }
            Some(Tag::Style) => {
                self.css.push_str(text);
                true
            }
            _ => false,
        }
    }

    fn count_hidden(&mut self, text: &str) {
        let seen = text.chars().any(|c| !c.is_whitespace() && !is_invisible(c));
        if seen && !std::mem::replace(&mut self.in_hidden_text, true) {
            self.decisions.add(Code::HtmlHiddenDropped);
        }
    }
}

fn superscript(digit: char) -> char {
    match digit {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' | '4'..='9' => {
            char::from_u32(0x2070 + u32::from(digit) - u32::from('0')).unwrap_or(digit)
        }
        other => other,
    }
}
