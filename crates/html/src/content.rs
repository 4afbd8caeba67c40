//! Text of the source: seen, hidden, or kept for what it says about the document.

use sekimori_policy::Code;

use crate::MAX_TAGS;
use crate::document::is_invisible;
use crate::elements::dropped_by;
use crate::host::first_octets;
use crate::reduce::Reducer;
use crate::tag::Tag;

/// Longest title kept, in octets.
const MAX_TITLE: usize = 2_048;

impl Reducer<'_> {
    /// A run of text, entities decoded. Gives the decision by which it is left out, if it is.
    pub(crate) fn text(&mut self, text: &str) -> Option<Code> {
        if self.tags > MAX_TAGS {
            return Some(Code::HtmlToText);
        }
        if let Some(code) = self.captured(text) {
            return Some(code);
        }
        if self.overflow.is_hiding() {
            return Some(self.hidden(text));
        }
        let blank = text.trim_ascii().is_empty();
        if !blank {
            self.stack.wake();
        }
        let in_cell = self.stack.in_cell();
        let seen = if in_cell { self.stack.seen() } else { self.stack.seen_before_table() };
        if seen.dropped {
            let by_element = || self.stack.dropping().and_then(dropped_by);
            let code = self.is_in_drawing().then_some(Code::HtmlObjectDropped);
            return code.or_else(by_element).or(Some(Code::HtmlToText));
        }
        if !seen.is_shown() {
            return Some(self.hidden(text));
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
            return None;
        }
        // Blanks between cells are not text, wherever they would be seen.
        if in_cell || !blank {
            self.writer.text(text, seen.preformatted);
        }
        blank.then_some(Code::HtmlToText)
    }

    /// Keeps what is not text but needed: titles and style sheets.
    fn captured(&mut self, text: &str) -> Option<Code> {
        if self.is_in_drawing() {
            return None;
        }
        match self.stack.top().map(|frame| frame.name.tag) {
            Some(Tag::Title) => {
                let title = self.title.get_or_insert_default();
                if title.len() < MAX_TITLE {
                    title.push_str(first_octets(text, MAX_TITLE));
                }
                Some(Code::HtmlToText)
            }
            Some(Tag::Style) => {
                self.css.push_str(text);
                Some(Code::HtmlStyleDropped)
            }
            _ => None,
        }
    }

    /// Counts hidden text, a run of it as one. Blanks are no text.
    fn hidden(&mut self, text: &str) -> Code {
        if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
            return Code::HtmlToText;
        }
        if !std::mem::replace(&mut self.in_hidden_text, true) {
            self.decisions.add(Code::HtmlHiddenDropped);
        }
        Code::HtmlHiddenDropped
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
