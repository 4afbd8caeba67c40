//! The value of an unstructured header field (RFC 5322 section 2.2.1).

use encoding_rs::{Encoding, UTF_8};

use crate::decoded::{Decoded, Reading};
use crate::encoded_word::Source;
use crate::label::Charset;
use crate::survey::Survey;
use crate::{body, detect, encoded_word, iso2022jp};

/// Decodes the raw value of an unstructured field: unfolds it, decodes its encoded-words (RFC 2047)
/// and whatever raw 8-bit text or ISO-2022-JP it holds besides.
///
/// White space around the value goes, and the white space between two encoded-words. Raw 8-bit text
/// is read as one charset in all of the field, by evidence. An encoded-word may stand anywhere, within
/// quotes and other text too; what is not one after all is left as it is. The result holds no CR and no
/// LF: those of a fold go, others become a space. Other controls are left in it.
pub fn decode_field(raw: &[u8]) -> Decoded {
    read(raw).finish()
}

pub(crate) fn read(raw: &[u8]) -> Reading {
    let pieces = split(raw.trim_ascii(), Source::Octets);
    let raw_text = RawText::of(&pieces);
    join(pieces, |raw| raw_text.read(raw))
}

/// Decodes the encoded-words in text that is UTF-8 already.
pub(crate) fn read_words(text: &str) -> Reading {
    join(split(text.as_bytes(), Source::Text), |raw| {
        Reading::ascii(core::str::from_utf8(raw).unwrap_or_default().to_owned())
    })
}

fn join(pieces: Vec<Piece<'_>>, read_raw: impl Fn(&[u8]) -> Reading) -> Reading {
    let mut reading = Reading::ascii(String::new());
    for piece in pieces {
        let piece = match piece {
            Piece::Raw(bytes) => read_raw(bytes),
            Piece::Words(words) => words,
        };
        reading.account(&piece);
        push_line(&mut reading.text, &piece.text);
    }
    reading
}

/// Appends `text` as part of one line: the line ends of folds go, others become a space.
pub(crate) fn push_line(line: &mut String, text: &str) {
    let mut rest = text;
    while let Some(end) = rest.find(['\r', '\n']) {
        let (before, after) = rest.split_at(end);
        line.push_str(before);
        rest = after.trim_start_matches(['\r', '\n']);
        if !rest.starts_with([' ', '\t']) {
            line.push(' ');
        }
    }
    line.push_str(rest);
}

enum Piece<'a> {
    Raw(&'a [u8]),
    Words(Reading),
}

fn split(raw: &[u8], source: Source) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some(found) = raw.get(from..).and_then(encoded_word::position) {
        let at = from + found;
        let Some((words, length)) = raw.get(at..).and_then(|rest| encoded_word::run(rest, source))
        else {
            from = at + 2;
            continue;
        };
        if at > start {
            pieces.push(Piece::Raw(raw.get(start..at).unwrap_or_default()));
        }
        pieces.push(Piece::Words(words));
        from = at + length;
        start = from;
    }
    if start < raw.len() {
        pieces.push(Piece::Raw(raw.get(start..).unwrap_or_default()));
    }
    pieces
}

/// How the text of a field outside of its encoded-words is to be read.
struct RawText {
    /// `None` while all of it has seven bits.
    eight_bit: Option<&'static Encoding>,
}

impl RawText {
    fn of(pieces: &[Piece<'_>]) -> Self {
        let raw = pieces.iter().filter_map(|piece| match piece {
            Piece::Raw(bytes) if !bytes.is_ascii() => Some(*bytes),
            _ => None,
        });
        let all: Vec<&[u8]> = raw.collect();
        let eight_bit = (!all.is_empty()).then(|| detect::unlabelled(&all.join(&b'\n')).encoding);
        Self { eight_bit }
    }

    fn read(&self, bytes: &[u8]) -> Reading {
        let survey = Survey::of(bytes);
        match self.eight_bit {
            Some(encoding)
                if survey.eight_bit() && !(survey.escape() && iso2022jp::designates(bytes)) =>
            {
                let text = detect::read(bytes, encoding).text;
                // RFC 6532: raw UTF-8 is what a header may hold.
                Reading::new(text, Charset::Table(encoding).name()).guessed_if(encoding != UTF_8)
            }
            _ => body::read_narrow(bytes, None),
        }
    }
}
