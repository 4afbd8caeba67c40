//! Words of a text: runs of letters and digits, and for scripts without blanks between words the
//! pairs of neighbouring characters.

use std::collections::HashMap;

/// Where a block or a line of the page ends.
const APART: char = '\u{1}';
/// Where it is not known whether two words stand apart.
const UNSURE: char = '\u{2}';

/// How often each word occurs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words(pub(super) HashMap<String, usize>);

impl Words {
    /// The words of a text of ours, in which each line end parts words.
    pub(super) fn of_text(text: &str) -> Self {
        Self::read(&text.replace('\n', "\u{1}"))
    }

    /// The words of what the page gives, in which line ends of the source part no Japanese.
    pub(super) fn of_page(text: &str) -> Self {
        Self::read(text)
    }

    pub(super) fn count(&self, word: &str) -> usize {
        self.0.get(word).copied().unwrap_or(0)
    }

    fn read(text: &str) -> Self {
        let mut reader = Reader::default();
        for c in text.chars().filter(|&c| !is_invisible(c)) {
            for c in c.to_lowercase() {
                reader.take(folded(c));
            }
        }
        reader.end(false);
        reader.words
    }

    fn add(&mut self, word: String) {
        *self.0.entry(word).or_default() += 1;
    }
}

#[derive(Debug, Default)]
struct Reader {
    words: Words,
    run: Vec<char>,
    kind: Option<Kind>,
    /// A line end of the source came after the run.
    line_end: bool,
    /// The run begins where it is not known whether words stand apart.
    unsure: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Spaced,
    Unspaced,
}

impl Reader {
    fn take(&mut self, c: char) {
        if c == UNSURE {
            let unspaced = self.kind == Some(Kind::Unspaced);
            // Pairs of characters are sure even where words are not.
            self.end(!unspaced);
            self.unsure = true;
            return;
        }
        if matches!(c, '\n' | '\r') {
            self.line_end = true;
            return;
        }
        let kind = if is_unspaced(c) {
            Some(Kind::Unspaced)
        } else {
            c.is_alphanumeric().then_some(Kind::Spaced)
        };
        let continues =
            kind.is_some() && kind == self.kind && (!self.line_end || kind == Some(Kind::Unspaced));
        if self.line_end && c == ' ' {
            return;
        }
        let line_end = std::mem::take(&mut self.line_end);
        if !continues {
            self.end(false);
            if kind.is_none() || line_end {
                self.unsure = false;
            }
        }
        self.kind = kind;
        if kind.is_some() {
            self.run.push(c);
        }
    }

    /// Ends the run; `unsure` if its last word may go on.
    fn end(&mut self, unsure: bool) {
        if self.run.is_empty() {
            self.kind = None;
            return;
        }
        let run = std::mem::take(&mut self.run);
        let begins_unsure = std::mem::take(&mut self.unsure);
        match self.kind.take() {
            Some(Kind::Spaced) if !(unsure || begins_unsure) => {
                self.words.add(run.into_iter().collect());
            }
            Some(Kind::Unspaced) => match run.as_slice() {
                [one] if !(unsure || begins_unsure) => self.words.add(one.to_string()),
                pairs => pairs.windows(2).for_each(|pair| self.words.add(pair.iter().collect())),
            },
            _ => {}
        }
    }
}

/// Characters of scripts that put no blanks between words.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x3005..=0x3007 | 0x3041..=0x3096 | 0x309d..=0x309f | 0x30a1..=0x30fa | 0x30fc..=0x30ff
        | 0x3400..=0x9fff | 0xf900..=0xfaff | 0xff66..=0xff9f | 0x2_0000..=0x3_ffff)
}

/// Characters that take no room.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Raised digits are digits.
fn folded(c: char) -> char {
    match c {
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁰' => '0',
        '⁴'..='⁹' => char::from_u32(u32::from(c) - 0x2070 + u32::from('0')).unwrap_or(c),
        APART => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words: Vec<String> = Words::of_page(text).0.into_keys().collect();
        words.sort();
        words
    }

    #[test]
    fn words_are_runs_of_letters_and_pairs_of_ideographs() {
        assert_eq!(words("Two words, ２ﾂ"), ["two", "words", "２", "ﾂ"]);
        assert_eq!(words("町役場です"), ["です", "場で", "役場", "町役"]);
        assert_eq!(words("sa\u{ad}lt\u{200b}ed"), ["salted"]);
        assert_eq!(words("m²"), ["m2"]);
    }

    #[test]
    fn line_ends_of_the_source_part_latin_words_alone() {
        assert_eq!(words("a\nb"), ["a", "b"]);
        assert_eq!(words("町\n  役"), ["町役"]);
        assert_eq!(words("町\u{1}役"), ["役", "町"]);
        assert_eq!(Words::of_text("町\n役").count("町役"), 0);
    }

    #[test]
    fn what_may_be_one_word_or_two_is_neither() {
        assert_eq!(words("one tw\u{2}o three"), ["one", "three"]);
        assert_eq!(words("町役\u{2}場"), ["町役"]);
    }
}
