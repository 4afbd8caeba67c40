//! How much of one text is said by another.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

/// Characters of a text that are compared.
const MAX_CHARACTERS: usize = 200_000;

/// Octets of a text for each word that room is made for: texts repeat some of theirs.
const OCTETS_OF_A_WORD: usize = 4;

/// The words of a text with how often each stands: runs of letters and digits, and for scripts
/// without spaces each pair of neighbours. URLs are left out: one form of a text writes them where
/// another has a link.
#[derive(Debug, Default)]
pub(crate) struct Wording {
    words: HashMap<u64, Word, Keyed>,
    length: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Word {
    count: u32,
    length: u32,
}

impl Wording {
    /// Reads a text. Takes linear time.
    pub(crate) fn of(text: &str) -> Self {
        let mut text = text;
        if text.len() > MAX_CHARACTERS {
            let end = text.char_indices().nth(MAX_CHARACTERS).map_or(text.len(), |(end, _)| end);
            text = text.get(..end).unwrap_or_default();
        }
        let mut wording = Self::default();
        wording.words.reserve(text.len() / OCTETS_OF_A_WORD);
        let mut rest = text;
        while let Some(at) = memchr::memmem::find(rest.as_bytes(), b"://") {
            // Other scripts may stand before a URL without a space between.
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            wording.read(before.trim_end_matches(|c: char| c.is_ascii_alphanumeric()));
            let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>');
            rest = from.find(ends).and_then(|end| from.get(end..)).unwrap_or_default();
        }
        wording.read(rest);
        wording
    }

    /// How many characters the words have.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// How many characters of words both texts have.
    pub(crate) fn shared_with(&self, other: &Self) -> usize {
        let shared = self.words.iter().filter_map(|(word, own)| {
            let count = own.count.min(other.words.get(word)?.count);
            Some(u64::from(count) * u64::from(own.length))
        });
        usize::try_from(shared.sum::<u64>()).unwrap_or(usize::MAX)
    }

    fn read(&mut self, stretch: &str) {
        let mut run = Run::default();
        let mut neighbour = None;
        for c in stretch.chars() {
            let stands_alone = u32::from(c) >= 0x2E80;
            let is_word = is_word(c);
            if !is_word || stands_alone {
                self.add(&std::mem::take(&mut run));
            }
            if !is_word {
                neighbour = None;
            } else if stands_alone {
                let mut pair = Run::default();
                pair.push(neighbour.unwrap_or(' '));
                pair.push(c);
                self.add(&Run { length: 1, ..pair });
                neighbour = Some(c);
            } else if c.is_ascii() {
                run.push(c.to_ascii_lowercase());
            } else {
                c.to_lowercase().for_each(|c| run.push(c));
            }
        }
        self.add(&run);
    }

    fn add(&mut self, run: &Run) {
        if run.length == 0 {
            return;
        }
        let word = self.words.entry(run.hash).or_default();
        word.count += 1;
        word.length = run.length;
        self.length += usize::try_from(run.length).unwrap_or_default();
    }
}

/// Whether `c` is a letter or digit, those of Japanese told without a table.
fn is_word(c: char) -> bool {
    match c {
        '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{4E00}'..='\u{9FFF}' => true,
        '\u{2190}'..='\u{245F}'
        | '\u{2500}'..='\u{2775}'
        | '\u{3000}'..='\u{3004}'
        | '\u{3008}'..='\u{3020}'
        | '\u{FF01}'..='\u{FF0F}'
        | '\u{FF1A}'..='\u{FF20}' => false,
        _ => c.is_alphanumeric(),
    }
}

/// A word that is being read, by its hash (FNV-1a): words that collide only make two texts a little
/// more alike.
#[derive(Debug)]
struct Run {
    hash: u64,
    length: u32,
}

impl Default for Run {
    fn default() -> Self {
        Self { hash: 0xCBF2_9CE4_8422_2325, length: 0 }
    }
}

impl Run {
    fn push(&mut self, c: char) {
        self.hash = (self.hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01B3);
        self.length += 1;
    }
}

/// Spreads words over a map by their hash and a key of its own: words have been hashed already, but
/// by a function that a sender knows.
#[derive(Debug, Clone, Copy)]
struct Keyed(u64);

impl Default for Keyed {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0_u64) | 1)
    }
}

impl BuildHasher for Keyed {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded { key: self.0, folded: 0 }
    }
}

/// Multiplies what it is given with the key, and folds both halves of the product together.
#[derive(Debug)]
struct Folded {
    key: u64,
    folded: u64,
}

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        self.folded
    }

    fn write_u64(&mut self, word: u64) {
        let product =
            u128::from(word ^ self.folded ^ self.key) * u128::from(self.key.rotate_left(32));
        let [low, high] = [product, product >> 64].map(|half| half & u128::from(u64::MAX));
        self.folded = u64::try_from(low ^ high).unwrap_or_default();
    }

    fn write(&mut self, octets: &[u8]) {
        for &octet in octets {
            self.write_u64(u64::from(octet));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(one: &str, other: &str) -> (usize, usize) {
        let (one, other) = (Wording::of(one), Wording::of(other));
        (one.shared_with(&other), one.length())
    }

    #[test]
    fn the_shortcut_to_japanese_letters_agrees_with_unicode() {
        assert!(('\0'..=char::MAX).all(|c| is_word(c) == c.is_alphanumeric()));
    }

    #[test]
    fn the_same_words_in_another_layout_are_the_same() {
        assert_eq!(shared("Hello, World!\n\nHello", "| hello | world | HELLO |"), (15, 15));
        assert_eq!(shared("水道料金の\nお知らせ", "水道料金の お知らせ"), (9, 9));
    }

    #[test]
    fn other_words_are_not_shared() {
        assert_eq!(shared("one two", "three four"), (0, 6));
        assert_eq!(shared("水道", "道水"), (0, 2));
        assert_eq!(shared("a a a", "a"), (1, 3));
    }

    #[test]
    fn urls_are_left_out() {
        assert_eq!(Wording::of("https://example.jp/very/long").length(), 0);
        assert_eq!(Wording::of("詳細はhttps://example.jp/").length(), 3);
        assert_eq!(Wording::of("資料 <https://example.jp/>").length(), 2);
    }

    #[test]
    fn what_is_too_long_is_compared_by_its_beginning() {
        assert_eq!(Wording::of(&"あ".repeat(MAX_CHARACTERS * 2)).length(), MAX_CHARACTERS);
    }
}
