//! Which charset octets are in that no label, or a wrong one, came with.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{EUC_JP, EUC_KR, Encoding, SHIFT_JIS, UTF_8};

use crate::japanese::{self, Score};
use crate::survey::sample;
use crate::utf8::{Utf8, japanese_and_other};

/// Valid sequences for each invalid one at which unlabelled octets are damaged UTF-8.
const UNLABELLED_UTF8_RATIO: usize = 8;
/// The same where the label says UTF-8.
const LABELLED_UTF8_RATIO: usize = 1;

/// Sequences of UTF-8 at which a one-octet charset of another script is not believed.
const UTF8_SEQUENCES: usize = 3;

/// Pairs of Hangul, and pairs in a word, that are Korean.
const HANGUL_PAIRS: usize = 16;
const HANGUL_WORD: usize = 4;

/// Characters at which valid UTF-8 in Japanese outweighs a Japanese label that also fits.
const UTF8_JAPANESE: usize = 2;

/// Text as one charset reads it, with U+FFFD for what it cannot.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) text: String,
    pub(crate) encoding: &'static Encoding,
}

/// Reads octets (some above 0x7F) that nothing is known of.
pub(crate) fn unlabelled(bytes: &[u8]) -> Candidate {
    if Utf8::read(sample(bytes).0).is_mostly_valid(UNLABELLED_UTF8_RATIO) {
        let utf8 = Utf8::read(bytes);
        if utf8.is_mostly_valid(UNLABELLED_UTF8_RATIO) {
            return Candidate { text: utf8.text, encoding: UTF_8 };
        }
    }
    let best = japanese::best(bytes);
    let japanese = best.is_plausible() || best.is_half_width();
    let encoding = if is_hangul(sample(bytes).0) {
        EUC_KR
    } else if japanese {
        best.encoding
    } else {
        general(bytes)
    };
    read(bytes, encoding)
}

/// Reads octets (some above 0x7F) that are labelled as `declared`, unless they contradict it.
pub(crate) fn labelled(bytes: &[u8], declared: &'static Encoding) -> Candidate {
    if declared == UTF_8 {
        return labelled_utf8(bytes);
    }
    let (text, errors) = declared.decode_without_bom_handling(bytes);
    let refuted = errors || (is_western(declared) && has_controls(&text));
    let other = if refuted {
        let east_asian = !declared.is_single_byte() && declared != SHIFT_JIS && declared != EUC_JP;
        let enough = if east_asian { Score::is_credible_with_kana } else { Score::is_credible };
        valid_utf8(bytes).or_else(|| sound_japanese(bytes, declared, enough))
    } else {
        contradiction(bytes, declared)
    };
    other.unwrap_or_else(|| Candidate { text: text.into_owned(), encoding: declared })
}

fn labelled_utf8(bytes: &[u8]) -> Candidate {
    let utf8 = Utf8::read(bytes);
    let sound = utf8.errors == 0 || utf8.is_mostly_valid(LABELLED_UTF8_RATIO);
    let japanese = (!sound).then(|| sound_japanese(bytes, UTF_8, Score::is_credible)).flatten();
    // Any valid sequence at all is hardly ever an accident of another script.
    let other = || (utf8.sequences == 0 && !sound).then(|| sound_general(bytes)).flatten();
    japanese.or_else(other).unwrap_or(Candidate { text: utf8.text, encoding: UTF_8 })
}

/// What octets that `declared` decodes without an error are in evidently, if it is something else.
fn contradiction(bytes: &[u8], declared: &'static Encoding) -> Option<Candidate> {
    if declared == SHIFT_JIS || declared == EUC_JP {
        if !japanese::score(bytes, declared).is_doubtful() {
            return None;
        }
        return valid_utf8(bytes)
            .filter(|utf8| {
                let (japanese, other) = japanese_and_other(&utf8.text);
                japanese >= UTF8_JAPANESE && other == 0
            })
            .or_else(|| sound_japanese(bytes, declared, Score::is_evident));
    }
    if !declared.is_single_byte() {
        // Chinese and Korean charsets have hardly a character where Shift_JIS has its kana.
        let is_shift_jis = |best: &Candidate| best.encoding == SHIFT_JIS;
        let enough = |score: &Score| score.is_evident() && score.is_credible_with_kana();
        return sound_japanese(bytes, declared, enough).filter(is_shift_jis);
    }
    if is_western(declared) {
        return valid_utf8(bytes).or_else(|| sound_japanese(bytes, declared, Score::is_evident));
    }
    core::str::from_utf8(bytes).ok()?;
    let utf8 = Utf8::read(bytes);
    (utf8.sequences >= UTF8_SEQUENCES).then_some(Candidate { text: utf8.text, encoding: UTF_8 })
}

/// Labels that programs write without knowing, by far more often than they mean them.
fn is_western(encoding: &'static Encoding) -> bool {
    matches!(encoding.name(), "windows-1252" | "ISO-8859-15" | "macintosh")
}

fn valid_utf8(bytes: &[u8]) -> Option<Candidate> {
    let text = core::str::from_utf8(bytes).ok()?;
    Some(Candidate { text: text.to_owned(), encoding: UTF_8 })
}

/// Japanese, by the measure of `enough`, that decodes without an error as something else than
/// `declared`.
fn sound_japanese(
    bytes: &[u8],
    declared: &'static Encoding,
    enough: impl Fn(&Score) -> bool,
) -> Option<Candidate> {
    let best = japanese::best(bytes);
    if best.encoding == declared || !enough(&best) {
        return None;
    }
    sound(bytes, best.encoding)
}

/// C1 controls, which Western charsets have where `Shift_JIS` has its lead octets and no text has any.
fn has_controls(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{80}'..='\u{9F}'))
}

/// Whether all 8-bit octets are pairs of Hangul of KS X 1001 (lead octets 0xB0 to 0xC8), with ASCII
/// between them as words of Korean have it. Chinese in GBK and Japanese in EUC-JP have leads outside
/// of these as well, kana above all, so that so many pairs are no accident.
fn is_hangul(sample: &[u8]) -> bool {
    let (mut pairs, mut words) = (0_usize, 0_usize);
    for word in sample.split(u8::is_ascii).filter(|word| !word.is_empty()) {
        // The sample may end inside a pair.
        let (whole, _) = word.as_chunks::<2>();
        if !whole.iter().all(|[lead, trail]| (0xB0..=0xC8).contains(lead) && *trail >= 0xA1) {
            return false;
        }
        pairs += whole.len();
        words += 1;
    }
    pairs >= HANGUL_PAIRS && pairs <= words * HANGUL_WORD
}

fn sound_general(bytes: &[u8]) -> Option<Candidate> {
    sound(bytes, general(bytes))
}

fn sound(bytes: &[u8], encoding: &'static Encoding) -> Option<Candidate> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some(Candidate { text: text.into_owned(), encoding })
}

/// Reads octets as `encoding`, whatever they look like.
pub(crate) fn read(bytes: &[u8], encoding: &'static Encoding) -> Candidate {
    let text = if encoding == UTF_8 {
        Utf8::read(bytes).text
    } else {
        encoding.decode_without_bom_handling(bytes).0.into_owned()
    };
    Candidate { text, encoding }
}

/// What `chardetng` makes of a sample that is not plainly Japanese. With the hint `jp` it takes
/// nearly anything for Japanese, so it gets none.
fn general(bytes: &[u8]) -> &'static Encoding {
    let (sample, cut) = sample(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, !cut);
    detector.guess(None, Utf8Detection::Deny)
}
