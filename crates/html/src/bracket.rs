//! Marks around text that would say something else without them: readings of characters, and text
//! that its author has struck through.

use crate::reduce::Reducer;
use crate::style::Style;
use crate::tag::Tag;

/// What stands before and after a piece of text.
#[derive(Debug)]
pub(crate) struct Bracket {
    before: &'static str,
    after: &'static str,
    /// The step that its text begins at, once there is some.
    from: Option<usize>,
    closed: bool,
}

impl Reducer<'_> {
    /// Begins a bracket around an element's text, if it is one that gets it; gives its place.
    pub(crate) fn open_bracket(&mut self, tag: Tag, style: &Style) -> Option<usize> {
        let struck = style.struck.unwrap_or(matches!(tag, Tag::S | Tag::Strike | Tag::Del));
        let (before, after) = match tag {
            Tag::Rt => ("(", ")"),
            _ if struck && !self.is_struck() => self.words.struck,
            _ => return None,
        };
        self.brackets.push(Bracket { before, after, from: None, closed: false });
        Some(self.brackets.len() - 1)
    }

    /// Text comes: writes what stands before it and is not written yet.
    pub(crate) fn begin_brackets(&mut self) {
        let Some(brackets) = self.brackets.get_mut(self.brackets_begun..) else {
            return;
        };
        for bracket in brackets.iter_mut().filter(|bracket| !bracket.closed) {
            if bracket.before == "(" {
                // A reading stands right after its characters.
                self.writer.literal(bracket.before);
            } else {
                self.writer.text(bracket.before, false);
            }
            bracket.from = Some(self.writer.document.ops.len().saturating_sub(1));
        }
        self.brackets_begun = self.brackets.len();
    }

    /// Ends a bracket: nothing is written if it had no text.
    pub(crate) fn close_bracket(&mut self, at: usize) {
        let Some(bracket) = self.brackets.get_mut(at) else {
            return;
        };
        bracket.closed = true;
        if let Some(from) = bracket.from {
            self.writer.literal_after_text(from, bracket.after);
        }
    }

    fn is_struck(&self) -> bool {
        self.brackets.iter().rev().take_while(|bracket| !bracket.closed).any(|b| b.before != "(")
    }
}
