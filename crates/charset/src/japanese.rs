//! How much some octets look like Japanese in `Shift_JIS` or EUC-JP, told without decoding them.
//!
//! Both are readings of the same grid of 94 by 94 characters (JIS X 0208), so one table of what each
//! row of it is worth serves both. Japanese text is kana, punctuation and the common kanji of rows 16
//! to 47; other scripts misread as Japanese fall on the rare kanji, on rows that nobody uses, on
//! half-width kana, or stand alone between Latin letters.

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS};

use crate::survey::sample;

/// Octets of a run of half-width kana from which on it is taken for a word.
const KANA_WORD: u32 = 3;

/// What a sample is worth as one of the two charsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Score {
    pub(crate) encoding: &'static Encoding,
    points: i64,
    octets: i64,
    /// Characters of two octets and more.
    pub(crate) pairs: u32,
    kana: u32,
    /// Kanji of rows 16 to 47.
    kanji: u32,
    half_kana: u32,
    pub(crate) errors: u32,
}

/// Points for each octet at which text is taken for Japanese. Running text reaches 15 to 20.
const PLAUSIBLE: i64 = 8;

/// Points for each octet that rare kanji leave of plausible text, as in lists of names.
const CREDIBLE: i64 = 4;

/// One character in so many, at least, is a kana or a common kanji. EUC-JP read as `Shift_JIS` has
/// next to none.
const COMMON_SHARE: u32 = 8;

/// Pairs that are no accident even if many of them are rare kanji.
const EVIDENT_PAIRS: u32 = 6;

/// Pairs above which Japanese without a single kana is not believed.
const PAIRS_WITHOUT_KANA: u32 = 24;

impl Score {
    /// Points for each 8-bit octet.
    pub(crate) fn average(&self) -> i64 {
        self.points / self.octets.max(1)
    }

    /// Reads as Japanese, a damaged character now and then allowed.
    pub(crate) fn is_plausible(&self) -> bool {
        self.pairs > 0
            && self.average() >= PLAUSIBLE
            && (self.kana > 0 || self.pairs <= PAIRS_WITHOUT_KANA)
    }

    /// Free of errors, and nothing but words in half-width kana. Text in other scripts has octets above
    /// those of kana in it.
    pub(crate) fn is_half_width(&self) -> bool {
        self.pairs == 0 && self.errors == 0 && self.average() >= PLAUSIBLE
    }

    /// Free of errors and more like Japanese than not: enough where the label has been refuted.
    pub(crate) fn is_credible(&self) -> bool {
        let characters = self.pairs + self.half_kana;
        self.pairs >= 2
            && self.errors == 0
            && self.average() >= CREDIBLE
            && (self.kana + self.kanji) * COMMON_SHARE >= characters
    }

    /// The same, and kana in it, which tell Japanese from Chinese and Korean.
    pub(crate) fn is_credible_with_kana(&self) -> bool {
        self.is_credible() && self.kana > 0
    }

    /// More unlike Japanese than like it. Kana of EUC-JP read as `Shift_JIS` are half-width kana with a
    /// comma before each.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.points < 0
    }

    /// So plainly Japanese, and free of errors, that a label which says otherwise is wrong.
    pub(crate) fn is_evident(&self) -> bool {
        self.is_credible() && (self.pairs >= EVIDENT_PAIRS || self.average() >= PLAUSIBLE)
    }
}

/// The better of the two readings of `bytes`.
pub(crate) fn best(bytes: &[u8]) -> Score {
    let (sjis, euc) = (score(bytes, SHIFT_JIS), score(bytes, EUC_JP));
    if euc.average() > sjis.average() { euc } else { sjis }
}

/// Scores the reading of `bytes` as `encoding`, `Shift_JIS` or EUC-JP.
pub(crate) fn score(bytes: &[u8], encoding: &'static Encoding) -> Score {
    let (mut rest, cut) = sample(bytes);
    let unit = if encoding == EUC_JP { euc_unit } else { sjis_unit };
    let mut score = Score {
        encoding,
        points: 0,
        octets: 0,
        pairs: 0,
        kana: 0,
        kanji: 0,
        half_kana: 0,
        errors: 0,
    };
    let mut run = Run::default();
    while let [first, after @ ..] = rest {
        if first.is_ascii() {
            run = Run::default();
            rest = after;
            continue;
        }
        let (kind, length) = unit(rest);
        if cut && length >= rest.len() {
            break;
        }
        score.add(kind, length, &mut run);
        rest = rest.get(length..).unwrap_or_default();
    }
    score
}

/// One character of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Row and cell of JIS X 0208, from 1.
    Pair(u8, u8),
    /// JIS X 0212, user-defined and vendor characters: valid and rare.
    Rare,
    /// The octet in 0xA1 to 0xDF that JIS X 0201 gives the character.
    HalfKana(u8),
    Invalid,
}

/// What stands directly before a character.
#[derive(Debug, Default)]
struct Run {
    half_kana: u32,
    last_half_kana: u8,
    adjacent: bool,
    /// What the first character earns if a second follows it.
    owed: i64,
}

impl Score {
    fn add(&mut self, kind: Unit, length: usize, run: &mut Run) {
        self.octets += i64::try_from(length).unwrap_or(i64::MAX);
        let half_kana = run.half_kana;
        run.half_kana = 0;
        match kind {
            Unit::Pair(row, cell) => {
                self.pairs += 1;
                let worth = self.worth(row, cell);
                if run.adjacent || row <= 8 || worth < 0 {
                    self.points += worth + core::mem::take(&mut run.owed);
                } else {
                    run.owed = worth;
                }
            }
            Unit::Rare => {
                self.pairs += 1;
                self.points -= 40;
            }
            Unit::HalfKana(octet) => {
                self.half_kana += 1;
                run.half_kana = half_kana + 1;
                self.points += match octet {
                    // EUC-JP has a prefix for them, so they are hardly an accident.
                    _ if length == 2 => 18,
                    0xA1..=0xA5 => -15,
                    0xDE | 0xDF if !takes_voicing(run.last_half_kana) || half_kana == 0 => -10,
                    _ if run.half_kana >= KANA_WORD => 12,
                    _ => 2,
                };
                run.last_half_kana = octet;
            }
            Unit::Invalid => self.points += self.error_worth(),
        }
        run.adjacent = true;
    }

    /// A kanji alone between Latin letters is what typographic quotes and accents misread as one
    /// look like; it earns this only once another character follows it.
    fn worth(&mut self, row: u8, cell: u8) -> i64 {
        match row {
            1 | 2 | 89..=92 | 115..=119 => 20,
            3 if matches!(cell, 16..=25 | 33..=58 | 65..=90) => 20,
            4 if cell <= 83 => self.kana_worth(),
            5 if cell <= 86 => self.kana_worth(),
            8 if cell > 32 => self.error_worth(),
            13 => 15,
            16..=47 => {
                self.kanji += 1;
                30
            }
            6..=8 | 93 | 94 | 120.. => 0,
            48..=84 => -20,
            95..=114 => -40,
            _ => self.error_worth(),
        }
    }

    fn error_worth(&mut self) -> i64 {
        self.errors += 1;
        -200
    }

    fn kana_worth(&mut self) -> i64 {
        self.kana += 1;
        40
    }
}

/// か to と and は to ほ, and ｳ (for ヴ), in half-width kana.
fn takes_voicing(octet: u8) -> bool {
    matches!(octet, 0xB3 | 0xB6..=0xC4 | 0xCA..=0xCE)
}

fn sjis_unit(rest: &[u8]) -> (Unit, usize) {
    match rest {
        [kana @ 0xA1..=0xDF, ..] => (Unit::HalfKana(*kana), 1),
        [lead @ (0x81..=0x9F | 0xE0..=0xFC), trail @ (0x40..=0x7E | 0x80..=0xFC), ..] => {
            let lead = if *lead < 0xA0 { lead - 0x81 } else { lead - 0xC1 };
            let trail = if *trail > 0x7F { trail - 0x41 } else { trail - 0x40 };
            (Unit::Pair(lead * 2 + trail / 94 + 1, trail % 94 + 1), 2)
        }
        _ => (Unit::Invalid, 1),
    }
}

fn euc_unit(rest: &[u8]) -> (Unit, usize) {
    match rest {
        [0x8E, kana @ 0xA1..=0xDF, ..] => (Unit::HalfKana(*kana), 2),
        [0x8F, 0xA1..=0xFE, 0xA1..=0xFE, ..] => (Unit::Rare, 3),
        [lead @ 0xA1..=0xFE, trail @ 0xA1..=0xFE, ..] => (Unit::Pair(lead - 0xA0, trail - 0xA0), 2),
        _ => (Unit::Invalid, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::SAMPLE;

    fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn running_japanese_text_is_plain_in_either_charset() {
        for text in [
            "令和八年度 山北町議会の資料について",
            "ﾔﾏｷﾀﾏﾁ役場からのお知らせ",
            "会議資料",
            "①㈱髙﨑様",
        ] {
            for encoding in [SHIFT_JIS, EUC_JP] {
                let best = best(&encoded(text, encoding));
                assert_eq!(best.encoding, encoding, "{text}");
                assert!(best.is_evident(), "{text} {best:?}");
            }
        }
    }

    #[test]
    fn western_text_is_not_taken_for_japanese() {
        for bytes in [
            &b"it\x92s, don\x92t, we\x92ve \x93quoted\x94 \x96 dashes"[..],
            b"caf\xE9 M\xFCller na\xEFve \xC5ngstr\xF6m",
            b"\xC4\xD6\xDC",
        ] {
            assert!(!best(bytes).is_evident(), "{:?}", best(bytes));
        }
    }

    #[test]
    fn the_sample_is_bounded_and_may_end_inside_a_character() {
        let mut bytes = encoded("あ", SHIFT_JIS).repeat(SAMPLE);
        bytes.insert(0, 0xB1);
        let score = score(&bytes, SHIFT_JIS);
        assert_eq!(score.errors, 0);
        assert!(usize::try_from(score.octets).unwrap() <= SAMPLE);
    }
}
