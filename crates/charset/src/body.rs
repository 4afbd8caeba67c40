//! A body: octets with the charset its Content-Type names.

use encoding_rs::UTF_8;

use crate::decoded::{Decoded, Reading};
use crate::detect::{self, Candidate};
use crate::label::Charset;
use crate::survey::Survey;
use crate::{iso2022jp, shifted, utf7, wide};

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Decodes `bytes`, which `label` (a MIME charset name, as it stands in the message) says how to read.
///
/// Never fails: what cannot be decoded is shown as [`GETA`](crate::GETA) and counted. A label that
/// the octets contradict gives way to what they evidently are. A byte order mark is dropped. Line ends
/// and control characters stay as they are; the escape sequences, shifts and byte order marks of a
/// charset are no text and go.
pub fn decode(bytes: &[u8], label: Option<&str>) -> Decoded {
    read(bytes, label.and_then(Charset::from_label)).finish()
}

/// Reads octets that may be wide (UTF-16, UTF-32) by a byte order mark.
pub(crate) fn read(bytes: &[u8], declared: Option<Charset>) -> Reading {
    if let Some(reading) = wide::read(bytes, declared) {
        return reading;
    }
    read_narrow(bytes, declared)
}

/// Reads octets of which every ASCII octet is, outside escapes and multi-octet characters, itself.
pub(crate) fn read_narrow(bytes: &[u8], declared: Option<Charset>) -> Reading {
    let marked = bytes.strip_prefix(UTF8_MARK);
    if let Some(after) =
        marked.filter(|after| declared == UTF8 || core::str::from_utf8(after).is_ok())
    {
        return read_surveyed(after, UTF8).guessed_if(declared != UTF8);
    }
    read_surveyed(bytes, declared)
}

const UTF8: Option<Charset> = Some(Charset::Table(UTF_8));

fn read_surveyed(bytes: &[u8], declared: Option<Charset>) -> Reading {
    let survey = Survey::of(bytes);
    if let Some(reading) = iso_2022_jp(bytes, declared, survey) {
        return reading;
    }
    match (survey.eight_bit(), declared) {
        (false, _) => seven_bit(bytes, declared),
        (true, Some(Charset::Table(encoding))) => {
            let candidate = match (encoding == UTF_8).then(|| core::str::from_utf8(bytes)) {
                Some(Ok(text)) => Candidate { text: text.to_owned(), encoding },
                _ => detect::labelled(bytes, encoding),
            };
            let contradicted = candidate.encoding != encoding;
            table(candidate).guessed_if(contradicted)
        }
        (true, Some(charset @ Charset::Dos(page))) if core::str::from_utf8(bytes).is_err() => {
            Reading::new(page.decode(bytes), charset.name())
        }
        (true, _) => table(detect::unlabelled(bytes)).guessed_if(true),
    }
}

/// ISO-2022-JP is what the label or escape sequences say, or what reads as it although the escapes
/// lost their ESC.
fn iso_2022_jp(bytes: &[u8], declared: Option<Charset>, survey: Survey) -> Option<Reading> {
    let named = declared == Some(Charset::Iso2022Jp);
    if survey.eight_bit() {
        if !survey.escape() || !iso2022jp::designates(bytes) {
            return None;
        }
        // An escape sequence that is quoted in sound UTF-8 is a quotation.
        if declared == UTF8 && core::str::from_utf8(bytes).is_ok() {
            return None;
        }
    } else {
        let named_only = named && (survey.escape() || survey.shift());
        let coded = named_only || (survey.escape() && iso2022jp::designates(bytes));
        let nothing_better = matches!(declared, None | Some(Charset::Ascii | Charset::Iso2022Jp));
        let perhaps_damaged = survey.dollar() && nothing_better && iso2022jp::may_be_bare(bytes);
        if !coded && !perhaps_damaged {
            return None;
        }
    }
    let decoded = iso2022jp::decode(bytes);
    if !survey.escape() && !survey.shift() && !decoded.repaired {
        return None;
    }
    let mut reading = Reading::new(decoded.text, Charset::Iso2022Jp.name()).guessed_if(!named);
    reading.repaired = decoded.repaired;
    Some(reading)
}

/// Charsets that write everything in seven bits; what they leave as it was is plain ASCII.
fn seven_bit(bytes: &[u8], declared: Option<Charset>) -> Reading {
    let (text, charset) = match declared {
        Some(charset @ Charset::Utf7) => (utf7::decode(bytes), charset),
        Some(charset @ Charset::Iso2022Kr) => (shifted::iso_2022_kr(bytes), charset),
        Some(charset @ Charset::Hz) => (shifted::hz(bytes), charset),
        _ => return Reading::ascii(valid(bytes)),
    };
    if text.as_bytes() == bytes {
        return Reading::ascii(text);
    }
    Reading::new(text, charset.name())
}

fn table(candidate: Candidate) -> Reading {
    Reading::new(candidate.text, Charset::Table(candidate.encoding).name())
}

/// Octets that are known to be ASCII.
fn valid(bytes: &[u8]) -> String {
    core::str::from_utf8(bytes).unwrap_or_default().to_owned()
}
