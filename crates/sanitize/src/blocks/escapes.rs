//! Octets that are written out one by one: quoted-printable, percent, references of HTML, escapes of
//! programs, and pairs of hexadecimal digits with marks between.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Block;
use super::evidence::is_text;
use super::inline::Links;
use crate::ascii;
use crate::detect::is_signature;

/// Fewest octets that are looked at.
const OCTETS: usize = 10;
/// Fewest escaped octets that are data whatever they spell, but for a table of one value.
const ESCAPED: usize = 256;
/// Fewest octets of quoted-printable that are: no text but that has them.
const QUOTED: usize = 32;
/// Different values of a table that is data.
const VALUES: usize = 16;
/// Fewest pairs of digits that are data whatever they spell: more than SHA-512 has.
const PAIRS: usize = 65;
/// Characters between two octets.
const BETWEEN: usize = 4;

/// How one octet is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `=41`
    QuotedPrintable,
    /// `%41`
    Percent,
    /// `\x41`, `0x41`, `\u0041`
    Escape,
    /// `&#65;`, `&#x41;`
    Reference,
    /// `41`
    Pair,
}

/// The text without octets written out; `None` when there are none.
pub(super) fn cut(text: &str, stand_in: &mut impl FnMut(Block) -> String) -> Option<String> {
    let octets = text.as_bytes();
    let mut out = String::new();
    let mut links = Links::of(text);
    let (mut copied, mut at) = (0, 0);
    let begins = |b: u8| matches!(b, b'=' | b'%' | b'\\' | b'&') || b.is_ascii_hexdigit();
    // Within a word, octets are written only as `0x41`.
    let ends_word = |b: u8| !b.is_ascii_alphanumeric() || b == b'0';
    while let Some(skipped) = octets.get(at..).and_then(|rest| ascii::position(rest, begins)) {
        at += skipped;
        let Some((range, found)) = series(octets, at) else {
            let is_word = octets.get(at).is_some_and(u8::is_ascii_alphanumeric);
            at += 1;
            if is_word {
                let rest = octets.get(at..).unwrap_or_default();
                at += rest.iter().position(|&b| ends_word(b)).unwrap_or(rest.len());
            }
            continue;
        };
        at = range.end;
        if is_cut(&found, range.start, &mut links) {
            out.push_str(text.get(copied..range.start).unwrap_or_default());
            let block = Block { name: None, form: "application/x-escaped", octets: found.octets };
            out.push_str(&stand_in(block));
            copied = range.end;
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Some(out)
}

/// Octets written after each other in one form.
struct Series {
    form: Form,
    octets: Vec<u8>,
    /// How many of them have a letter among their digits.
    lettered: usize,
}

fn is_cut(found: &Series, start: usize, links: &mut Links<'_>) -> bool {
    let count = found.octets.len();
    if count < OCTETS || (found.form == Form::Percent && links.hold(start)) {
        return false;
    }
    let spells = found.octets.iter().all(|b| matches!(b, b' '..=b'~' | b'\r' | b'\n'))
        || is_text(&found.octets);
    match found.form {
        // A table of numbers is one of pairs too.
        Form::Pair => {
            (spells && found.lettered * 16 >= count)
                || (count >= PAIRS && found.lettered * 4 >= count)
        }
        Form::QuotedPrintable => spells || count >= QUOTED,
        Form::Percent | Form::Escape | Form::Reference => {
            spells || is_signature(&found.octets) || (count >= ESCAPED && has_values(&found.octets))
        }
    }
}

/// Whether octets have more than a few values.
fn has_values(octets: &[u8]) -> bool {
    octets.iter().collect::<BTreeSet<_>>().len() >= VALUES
}

/// The series that begins at a place; a pair of digits begins one only after something else.
fn series(text: &[u8], start: usize) -> Option<(Range<usize>, Series)> {
    let (form, first, mut end) = one(text, start)?;
    let before = || start.checked_sub(1).and_then(|at| text.get(at));
    if form == Form::Pair && before().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let is_lettered = |range: Range<usize>| {
        text.get(range)
            .unwrap_or_default()
            .iter()
            .any(|b| matches!(b.to_ascii_lowercase(), b'a'..=b'f'))
    };
    let mut found =
        Series { form, octets: Vec::new(), lettered: usize::from(is_lettered(start..end)) };
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let is_between = |b: &&u8| {
            matches!(b, b' ' | b',' | b':' | b';' | b'\n' | b'"' | b'+' | b'>' | b'\\')
                || (found.form == Form::QuotedPrintable && **b == b'=')
        };
        let mut next = None;
        for skipped in 0..=BETWEEN {
            if found.form == Form::Pair && skipped == 0 {
                // Digits without a mark between are a run of hexadecimal.
                if rest.first().is_some_and(u8::is_ascii_alphanumeric) {
                    break;
                }
            } else {
                next = one(text, end + skipped).filter(|(form, ..)| *form == found.form);
            }
            if next.is_some() || !rest.get(skipped).as_ref().is_some_and(is_between) {
                break;
            }
        }
        let Some((_, octet, after)) = next else { break };
        let begin = if found.form == Form::Pair { after - 2 } else { after };
        found.lettered += usize::from(is_lettered(begin..after));
        if found.octets.is_empty() {
            found.octets.push(first);
        }
        found.octets.push(octet);
        end = after;
    }
    // Most are by themselves, and no series.
    (!found.octets.is_empty()).then_some((start..end, found))
}

/// One octet at a place: how it is written, its value, and where it ends.
fn one(text: &[u8], at: usize) -> Option<(Form, u8, usize)> {
    let rest = text.get(at..)?;
    let pair = |from: usize| {
        let high = digit(*rest.get(from)?)?;
        let low = digit(*rest.get(from + 1)?)?;
        Some(high << 4 | low)
    };
    match rest {
        [b'=', ..] => Some((Form::QuotedPrintable, pair(1)?, at + 3)),
        [b'%', ..] => Some((Form::Percent, pair(1)?, at + 3)),
        [b'\\' | b'0', b'x' | b'X', ..] => Some((Form::Escape, pair(2)?, at + 4)),
        [b'\\', b'u' | b'U', b'0', b'0', ..] => Some((Form::Escape, pair(4)?, at + 6)),
        [b'&', b'#', ..] => {
            reference(rest).map(|(octet, length)| (Form::Reference, octet, at + length))
        }
        _ => {
            let octet = pair(0)?;
            let is_longer = rest.get(2).is_some_and(u8::is_ascii_alphanumeric);
            (!is_longer).then_some((Form::Pair, octet, at + 2))
        }
    }
}

fn reference(rest: &[u8]) -> Option<(u8, usize)> {
    let is_hexadecimal = rest.get(2).is_some_and(|b| b.eq_ignore_ascii_case(&b'x'));
    let start = if is_hexadecimal { 3 } else { 2 };
    let digits = rest.get(start..)?.iter().take(7).take_while(|b| b.is_ascii_hexdigit()).count();
    let number = str::from_utf8(rest.get(start..start + digits)?).ok()?;
    let number = u32::from_str_radix(number, if is_hexadecimal { 16 } else { 10 }).ok()?;
    let has_end = rest.get(start + digits) == Some(&b';');
    Some((u8::try_from(number).ok()?, start + digits + usize::from(has_end)))
}

fn digit(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> String {
        cut(text, &mut |_| "#".to_owned()).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn octets_written_out_are_cut_in_every_form() {
        for each in ["={}", "%{}", "\\x{}", "0x{}, ", "&#x{};", "\\u00{}", "{} ", "{}:"] {
            let data: String = b"Some file of text."
                .iter()
                .map(|b| each.replace("{}", &format!("{b:02X}")))
                .collect();
            let left = left(&format!("前 {data}\n後"));
            assert!(left.starts_with("前 #") && left.ends_with("\n後"), "{each}: {left}");
        }
        let data: String = b"Some file".repeat(2).iter().map(|b| format!("&#{b};")).collect();
        assert_eq!(left(&data), "#");
    }

    #[test]
    fn tables_addresses_and_links_stay() {
        for text in [
            "65 72 68 71 66 70 74 69 73 67 65 72 68 71 66 70 74 69 73 67",
            "2001:0db8:85a3:0000:0000:8a2e:0370:7334 と 52:54:00:12:34:56",
            "E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55",
            "https://example.jp/?q=%E5%B1%B1%E5%8C%97%E7%94%BA%E5%BD%B9%E5%A0%B4%E7%B7%8F%E5%8B%99%E8%AA%B2",
            "10:00 12:30 14:15 = 3件、50% 60% 70%",
            "A1 B2 C3 D4 E5 F6 の各席",
            "=====================\n=20\n",
        ] {
            assert_eq!(left(text), text);
        }
    }
}
