//! Whether 7-bit octets that no escape introduces are two-byte Japanese all the same.

use crate::effort;

/// How some pairs read as JIS X 0208.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Weight {
    pairs: usize,
    kana: usize,
    /// The kanji that everybody uses (rows 16 to 47).
    kanji: usize,
    /// Pairs that no character has.
    unassigned: usize,
}

impl Weight {
    fn of(pairs: &[[u8; 2]]) -> Self {
        let mut weight = Self { pairs: pairs.len(), ..Self::default() };
        for [lead, trail] in pairs {
            match (lead - 0x20, trail - 0x20) {
                (4, 1..=83) | (5, 1..=86) => weight.kana += 1,
                (16..=47, _) => weight.kanji += 1,
                (3, cell) if !matches!(cell, 16..=25 | 33..=58 | 65..=90) => weight.unassigned += 1,
                (4 | 5 | 9..=12 | 14 | 15 | 85..=88 | 93.., _) | (8, 33..) => {
                    weight.unassigned += 1;
                }
                _ => {}
            }
        }
        weight
    }

    /// Every pair is a character, and two in three are kana or common kanji.
    fn is_japanese(self) -> bool {
        self.pairs > 0 && self.unassigned == 0 && (self.kana + self.kanji) * 3 >= self.pairs * 2
    }
}

/// What follows a `$B` or `$@` that has no ESC before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Framed {
    /// Octets of two-byte text, then of the closing `(B` or `(J` (0 when the line ends instead).
    pub(super) text: usize,
    pub(super) close: usize,
}

/// Judges the octets after a bare `$B`, up to the end of their run.
///
/// # Errors
///
/// When they are not Japanese beyond doubt: the number of octets that were looked at.
pub(super) fn framed(after: &[u8]) -> Result<Framed, usize> {
    let all = after.as_chunks::<2>().0;
    let stop = |pair: &[u8; 2]| is_close(*pair) || !pair.iter().all(u8::is_ascii_graphic);
    let text = all.get(..all.iter().position(stop).unwrap_or(all.len())).unwrap_or_default();
    effort::spend(text.len() * 2);
    let close = all.get(text.len()).is_some_and(|pair| is_close(*pair));
    let end = text.len() * 2;
    let weight = Weight::of(text);
    let sure = match close {
        // `$B$C(B` is a program.
        true if text.iter().all(|[lead, trail]| *lead == b'$' && trail.is_ascii_alphabetic()) => {
            false
        }
        true if weight.pairs < 3 => weight.kana + weight.kanji == weight.pairs,
        true => true,
        // `$B$C$D` is three variables; kana and kanji together are no program.
        false => {
            weight.pairs >= 3
                && weight.kanji > 0
                && weight.kana * 4 >= weight.pairs
                && end == after.len()
        }
    };
    if sure && weight.is_japanese() {
        Ok(Framed { text: end, close: if close { 2 } else { 0 } })
    } else {
        Err(end)
    }
}

/// `(B` or `(J`, where JIS X 0208 has no character.
pub(super) fn is_close(pair: [u8; 2]) -> bool {
    matches!(&pair, b"(B" | b"(J")
}

/// Judges the line after one that ended in two-byte text without an escape: whether the sender went
/// on in two-byte text (most go back to ASCII). `closed` tells that an escape to ASCII ends it, which
/// would have no purpose in ASCII.
pub(super) fn continues(line: &[u8], closed: bool) -> bool {
    let (pairs, odd) = line.as_chunks::<2>();
    if !odd.is_empty() || !line.iter().all(u8::is_ascii_graphic) {
        return false;
    }
    let weight = Weight::of(pairs);
    weight.is_japanese() && (closed || (weight.pairs >= 2 && weight.kana * 4 >= weight.pairs))
}
