//! UTF-8 (RFC 3629), and how much of some octets is it.

use crate::decoded::UNDECODABLE;

/// A lenient reading of octets as UTF-8.
#[derive(Debug)]
pub(crate) struct Utf8 {
    pub(crate) text: String,
    /// Sequences of two octets and more that are valid.
    pub(crate) sequences: usize,
    /// Units that are not: a lead octet with the continuation octets it asked for is one.
    pub(crate) errors: usize,
    /// The only error is a sequence cut off by the end.
    pub(crate) cut_off: bool,
}

impl Utf8 {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut read = Self {
            text: String::with_capacity(bytes.len()),
            sequences: 0,
            errors: 0,
            cut_off: false,
        };
        // Continuation octets that still belong to the undecodable unit before them: overlong forms,
        // encoded surrogates and code points past the end are one unit each.
        let mut owed = 0;
        for chunk in bytes.utf8_chunks() {
            if !chunk.valid().is_empty() {
                owed = 0;
                read.text.push_str(chunk.valid());
                read.sequences += chunk.valid().bytes().filter(|octet| *octet >= 0xC0).count();
            }
            let Some(first) = chunk.invalid().first() else {
                continue;
            };
            if owed > 0 && (0x80..0xC0).contains(first) {
                owed -= 1;
                continue;
            }
            read.text.push(UNDECODABLE);
            read.errors += 1;
            let length = chunk.invalid().len();
            owed = continuation_octets(*first).saturating_sub(length.saturating_sub(1));
            read.cut_off = read.errors == 1 && owed > 0 && bytes.ends_with(chunk.invalid());
        }
        read
    }

    /// Damaged UTF-8 rather than anything else: at least `ratio` valid sequences for each error, or
    /// nothing wrong but a cut at the end.
    pub(crate) fn is_mostly_valid(&self, ratio: usize) -> bool {
        self.sequences > 0 && (self.cut_off || self.sequences / ratio >= self.errors)
    }
}

fn continuation_octets(lead: u8) -> usize {
    match lead {
        0xC0..=0xDF => 1,
        0xE0..=0xEF => 2,
        0xF0..=0xF7 => 3,
        0xF8..=0xFB => 4,
        0xFC..=0xFD => 5,
        _ => 0,
    }
}

/// How many characters of `text` are kana, kanji or the punctuation and full-width forms that go
/// with them, and how many others are not ASCII.
pub(crate) fn japanese_and_other(text: &str) -> (usize, usize) {
    let mut japanese = 0;
    let mut other = 0;
    for c in text.chars() {
        match c {
            '\0'..='\x7F' => {}
            '\u{3000}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}' | '\u{FF01}'..='\u{FF5E}' => {
                japanese += 1;
            }
            _ => other += 1,
        }
    }
    (japanese, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undecodable_unit_is_one_mark_however_many_octets_it_has() {
        for (bytes, text) in [
            (&b"a\xC0\x80b"[..], "a\u{FFFD}b"),
            (b"a\xED\xA0\x80b", "a\u{FFFD}b"),
            (b"a\xF8\x88\x80\x80\x80b", "a\u{FFFD}b"),
            (b"a\xE3\x81b", "a\u{FFFD}b"),
            (b"\xE3\x81", "\u{FFFD}"),
            (b"\x80\x80", "\u{FFFD}\u{FFFD}"),
            (b"\xFF\xFE", "\u{FFFD}\u{FFFD}"),
            (b"\xE3\x81\xE3\x81\x82", "\u{FFFD}\u{3042}"),
        ] {
            assert_eq!(Utf8::read(bytes).text, text, "{bytes:x?}");
        }
    }

    #[test]
    fn text_cut_inside_its_last_character_is_still_utf8() {
        assert!(Utf8::read(b"\xE3\x81\x82\xE3\x81").is_mostly_valid(100));
        assert!(!Utf8::read(b"\xE3\x81\x82\xE3\x81.").is_mostly_valid(100));
        assert!(!Utf8::read(b"\xE3\x81").is_mostly_valid(1), "nothing valid at all");
    }
}
