//! The body: octets out of their transfer encoding, and lines out of octets.

use super::lines::Lines;
use super::{Fault, Violation};

/// Longest line of quoted-printable and base64 in octets.
const MAX_ENCODED_LINE: usize = 76;

/// The transfer encodings of the profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    #[default]
    SevenBit,
    QuotedPrintable,
    Base64,
}

impl Encoding {
    pub(super) fn named(value: &str) -> Result<Self, Fault> {
        match value {
            "7bit" => Ok(Self::SevenBit),
            "quoted-printable" => Ok(Self::QuotedPrintable),
            "base64" => Ok(Self::Base64),
            _ => Err(Fault::Value),
        }
    }
}

/// Decodes the rest of `lines` to text of at most `most` octets with LF after each line.
pub(super) fn decode(
    lines: &mut Lines<'_>,
    encoding: Encoding,
    most: usize,
) -> Result<String, Violation> {
    let start = lines.number();
    let mut octets = Vec::new();
    // In base64 a line end is still two octets here.
    let bound = if encoding == Encoding::Base64 { most.saturating_mul(2) } else { most };
    let mut state = State::LineStart;
    loop {
        let number = lines.number();
        let fail = |fault| Violation { fault, line: number, field: None };
        let Some(line) = lines.next()? else { break };
        state = match encoding {
            Encoding::SevenBit => {
                octets.extend_from_slice(line);
                octets.push(b'\n');
                Some(State::LineStart)
            }
            Encoding::QuotedPrintable => quoted_line(line, &mut octets),
            Encoding::Base64 => base64_line(line, state, &mut octets),
        }
        .ok_or(fail(Fault::BodyEncoding))?;
        if octets.len() > bound {
            return Err(fail(Fault::BodyTooLarge));
        }
    }
    let at_start = |fault| Violation { fault, line: start, field: None };
    if state == State::WithinLine {
        return Err(at_start(Fault::BodyEncoding));
    }
    let text = String::from_utf8(octets).map_err(|_| at_start(Fault::BodyNotUtf8))?;
    let text =
        if encoding == Encoding::Base64 { crlf_to_lf(&text).map_err(at_start)? } else { text };
    if text.len() > most { Err(at_start(Fault::BodyTooLarge)) } else { Ok(text) }
}

/// What the lines so far allow to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Anything.
    LineStart,
    /// The rest of a line that a soft break of quoted-printable has cut: more must come.
    WithinLine,
    /// Nothing: a short or padded line of base64 is the last.
    Ended,
}

fn quoted_line(line: &[u8], octets: &mut Vec<u8>) -> Option<State> {
    if line.len() > MAX_ENCODED_LINE || line.ends_with(b" ") || line.ends_with(b"\t") {
        return None;
    }
    let mut rest = line;
    loop {
        rest = match rest {
            [] => {
                octets.push(b'\n');
                return Some(State::LineStart);
            }
            [b'='] => return Some(State::WithinLine),
            [b'=', high, low, after @ ..] => {
                let octet = hex_octet(*high, *low)?;
                // What needs no escape has none, and line ends are written as such.
                if matches!(octet, b'!'..=b'<' | b'>'..=b'~' | b'\r' | b'\n') {
                    return None;
                }
                octets.push(octet);
                after
            }
            [b'=', ..] => return None,
            [literal, after @ ..] => {
                octets.push(*literal);
                after
            }
        };
    }
}

fn base64_line(line: &[u8], state: State, octets: &mut Vec<u8>) -> Option<State> {
    if state == State::Ended || line.is_empty() || line.len() > MAX_ENCODED_LINE {
        return None;
    }
    decode_base64(line, octets)?;
    let is_last = line.len() < MAX_ENCODED_LINE || line.ends_with(b"=");
    Some(if is_last { State::Ended } else { State::LineStart })
}

/// Canonical text has CRLF after each line (RFC 2045 section 6.8), and no CR or LF besides.
fn crlf_to_lf(text: &str) -> Result<String, Fault> {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let line = line.strip_suffix("\r\n").ok_or(Fault::BodyEncoding)?;
        out.push_str(line);
        out.push('\n');
    }
    Ok(out)
}

/// Two hexadecimal digits in upper case.
pub(super) fn hex_octet(high: u8, low: u8) -> Option<u8> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    };
    Some(nibble(high)? << 4 | nibble(low)?)
}

/// Canonical base64: whole groups, padding only in the last, no bits set that are not used.
pub(super) fn base64_octets(symbols: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    decode_base64(symbols, &mut octets)?;
    Some(octets)
}

/// Adds what canonical base64 stands for to `octets`.
fn decode_base64(symbols: &[u8], octets: &mut Vec<u8>) -> Option<()> {
    let (groups, rest) = symbols.as_chunks::<4>();
    let (last, groups) = groups.split_last()?;
    let start = octets.len();
    octets.resize(start.checked_add(groups.len().checked_mul(3)?)?, 0);
    let (places, _) = octets.get_mut(start..)?.as_chunks_mut::<3>();
    // Looked at only after them all, so that no group waits for the one before.
    let mut all = 0;
    for (&[a, b, c, d], place) in groups.iter().zip(places) {
        let (a, b, c, d) = (sextet(a), sextet(b), sextet(c), sextet(d));
        all |= a | b | c | d;
        let [_, group @ ..] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
        *place = group;
    }
    let &[a, b, c, d] = last;
    let (c, d, used) = match (c, d) {
        (b'=', b'=') => (0, 0, 1),
        (_, b'=') => (sextet(c), 0, 2),
        _ => (sextet(c), sextet(d), 3),
    };
    let (a, b) = (sextet(a), sextet(b));
    all |= a | b | c | d;
    let [_, group @ ..] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
    let (kept, unused) = group.split_at_checked(used)?;
    octets.extend_from_slice(kept);
    let is_canonical = rest.is_empty() && unused.iter().all(|&b| b == 0);
    (all & NONE == 0 && is_canonical).then_some(())
}

/// The value of a symbol, with the bits of [`NONE`] set when it is none.
fn sextet(symbol: u8) -> u32 {
    SEXTETS.get(usize::from(symbol)).copied().unwrap_or(NONE)
}

/// Bits that no value has, not even where it stands in a group.
const NONE: u32 = 0xC000_0000;
/// The value of each base64 symbol.
const SEXTETS: [u32; 256] = sextets();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses a wrong index"
)]
const fn sextets() -> [u32; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        table[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    table
}
