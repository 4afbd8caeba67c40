//! Whether a text says already what is about to be shown: nothing is said twice.

use crate::walk::Walk;

/// Longest text in octets in which something is looked for.
const COMPARED_TEXT: usize = 256 * 1024;
/// How often something is looked for in the text of one message: that keeps many parts beside a large
/// text linear.
const MAX_COMPARED: usize = 8;

impl Walk<'_, '_> {
    /// The text so far, to be looked through; empty once that has been done too often.
    pub(crate) fn known(&mut self) -> &str {
        self.record.compared += 1;
        let is_compared = self.record.compared <= MAX_COMPARED && self.text.len() <= COMPARED_TEXT;
        if is_compared { &self.text } else { "" }
    }
}

/// Whether `known` says `text` already: all of its letters and figures, in a row. White space,
/// punctuation and ruled lines differ between forms of the same text.
pub(crate) fn is_within(text: &str, known: &str) -> bool {
    let squeeze = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    squeeze(known).contains(&squeeze(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_in_another_layout_are_the_same() {
        let known = "山北町の\r\n皆様へ\n\n・会議は 10:30 から。\n";
        for text in ["皆様へ 会議は10:30から", "* 会議は\n10:30 から", "――\n"] {
            assert!(is_within(text, known), "{text}");
        }
        for text in ["皆様へ 会議は10:31から", "会議は10:30からです"] {
            assert!(!is_within(text, known), "{text}");
        }
        assert!(!is_within("a", ""));
    }
}
