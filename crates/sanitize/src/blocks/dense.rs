//! Lines of nothing but the characters of base64, base64url, base32 or hexadecimal: in one piece, in
//! groups with blanks between, in cells, in quotes, numbered or double-spaced.

use super::evidence::{self, SHORTEST, hexadecimal_decodes};
use super::{Block, Found, decode, unquoted};

/// Shortest word of a line that begins a block, in characters; a line of groups begins one too.
const WORD: usize = 12;
/// Shortest line of which a long block is data whatever it mixes.
const LONG_LINE: usize = 40;
/// Blank lines between two lines of one block.
const BLANK_LINES: usize = 3;
/// Fewest groups of one length in a line that begins a block with marks between them.
const GROUPS: usize = 8;
/// Lines of a block from each of which the block is judged once.
const STARTS: usize = 4;
/// Longest line of a column, and fewest symbols of one that is judged.
const COLUMN: usize = 8;
const COLUMN_SYMBOLS: usize = 24;
/// Symbols of a block that are weighed.
const WEIGHED: usize = 8_192;
/// Hexadecimal digits of the hash values in use: MD5 to SHA-512.
const DIGESTS: [usize; 6] = [32, 40, 56, 64, 96, 128];

/// What comes of looking for a block.
pub(super) enum Dense {
    Found(Found),
    /// None begins within so many lines.
    NotWithin(usize),
}

pub(super) fn find(lines: &[&str]) -> Dense {
    let in_column = match column(lines) {
        Dense::Found(found) => return Dense::Found(found),
        Dense::NotWithin(count) => count,
    };
    let mut symbols: Vec<Solid> = Vec::new();
    let (mut count, mut blank) = (0, 0);
    let mut is_digests = true;
    for (at, line) in lines.iter().map(|line| unquoted(line)).enumerate() {
        if line.is_empty() {
            blank += 1;
            if blank > BLANK_LINES || symbols.is_empty() {
                break;
            }
            continue;
        }
        let Some(solid) = solid(line, symbols.is_empty()) else { break };
        is_digests &= is_digest(line);
        symbols.push(solid);
        count = at + 1;
        blank = 0;
    }
    if is_digests
        || !symbols
            .iter()
            .enumerate()
            .take(STARTS)
            .any(|(at, _)| is_data(symbols.get(at..).unwrap_or_default()))
    {
        return Dense::NotWithin(count.max(in_column).max(1));
    }
    let joined: String = symbols.iter().map(|line| line.symbols.as_str()).collect();
    let is_hexadecimal = joined.bytes().all(|b| b.is_ascii_hexdigit());
    let octets =
        if is_hexadecimal { decode::hexadecimal(&joined) } else { decode::base64(&joined) };
    Dense::Found(Found {
        lines: count,
        block: Block { name: None, form: "application/x-base64", octets },
    })
}

/// Data in lines of a few symbols each, all of one length but the last.
fn column(lines: &[&str]) -> Dense {
    let length = lines.first().map_or(0, |line| unquoted(line).len());
    if !(1..=COLUMN).contains(&length) {
        return Dense::NotWithin(0);
    }
    let mut symbols = String::new();
    let (mut count, mut blank) = (0, 0);
    for (at, line) in lines.iter().map(|line| unquoted(line)).enumerate() {
        let is_last = line.len() < length;
        if line.is_empty() && blank < BLANK_LINES {
            blank += 1;
            continue;
        }
        if line.is_empty() || line.len() > length || !line.bytes().all(is_symbol) {
            break;
        }
        symbols.push_str(line);
        count = at + 1;
        blank = 0;
        if is_last {
            break;
        }
    }
    let weighed = symbols.get(..WEIGHED).unwrap_or(&symbols);
    if symbols.len() < COLUMN_SYMBOLS || !evidence::is_data_in_short_lines(weighed) {
        return Dense::NotWithin(count);
    }
    let octets = decode::base64(&symbols);
    Dense::Found(Found {
        lines: count,
        block: Block { name: None, form: "application/x-base64", octets },
    })
}

fn is_data(symbols: &[Solid]) -> bool {
    let mut joined = String::new();
    for piece in symbols {
        joined.push_str(&piece.symbols);
        if joined.len() >= WEIGHED {
            break;
        }
    }
    let Some((last, whole)) = symbols.split_last() else { return false };
    let lengths = || whole.iter().map(|line| line.symbols.len());
    let shortest = lengths().min().unwrap_or(last.symbols.len());
    // Encoded data is wrapped at one width, and names are of any.
    let is_wrapped = lengths().all(|length| length == shortest) && last.symbols.len() <= shortest;
    if !symbols.iter().all(|line| line.is_even) {
        return evidence::decodes(&joined);
    }
    match shortest {
        LONG_LINE.. => evidence::is_data(&joined),
        SHORTEST.. if is_wrapped => evidence::is_data_in_short_lines(&joined),
        _ => evidence::decodes(&joined),
    }
}

/// A line of symbols.
struct Solid {
    symbols: String,
    /// Whether its groups have one length.
    is_even: bool,
}

/// Whether a character belongs to one of the alphabets.
pub(super) fn is_symbol(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// The symbols of a line that has nothing else but what sets groups of them apart. `None` for a line
/// of words, and for one that no block begins with if it is the `first`.
fn solid(line: &str, first: bool) -> Option<Solid> {
    // Decoders pass over every other character; words of one length are no text with marks.
    let is_separator =
        |b: u8| matches!(b, b' ' | b'\t' | b'|' | b',' | b'"' | b'\'' | b';' | b'\\' | b'*');
    let is_mark = |b: u8| is_separator(b) || (b.is_ascii_punctuation() && !is_symbol(b));
    if !line.bytes().all(|b| is_symbol(b) || is_mark(b)) {
        return None;
    }
    let is_marked = !line.bytes().all(|b| is_symbol(b) || is_separator(b));
    let words: Vec<&str> = line
        .split(|c: char| u8::try_from(c).is_ok_and(is_mark))
        .filter(|word| word.bytes().any(|b| b.is_ascii_alphanumeric()))
        .collect();
    let longest = words.iter().map(|word| word.len()).max()?;
    let plain = words.iter().filter(|word| is_plain(word)).count();
    let (last, groups) = words.split_last()?;
    let is_even = groups.iter().all(|word| word.len() == longest) && last.len() <= longest;
    let has = |kind: fn(&u8) -> bool| words.iter().any(|word| word.as_bytes().iter().any(kind));
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let is_row = is_even && is_mixed && groups.len() >= GROUPS && longest <= COLUMN;
    let is_group = is_row || (is_even && longest == 4);
    if is_marked && !is_group {
        return None;
    }
    // Words beside one long word are looked at within the line.
    let has_words = longest >= SHORTEST && words.iter().any(|word| is_plain(word));
    if has_words || (plain * 2 > words.len() && longest < WORD && !is_row) {
        return None;
    }
    if first && longest < WORD && !is_group {
        return None;
    }
    // Names between commas are no groups of one piece: groups have one length.
    Some(Solid { symbols: words.concat(), is_even })
}

/// Whether a word is one of a language, or a number.
pub(super) fn is_plain(word: &str) -> bool {
    let rest = word.get(1..).unwrap_or_default();
    let is_number = word.bytes().all(|b| b.is_ascii_digit());
    let is_word = word.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && rest.bytes().all(|b| b.is_ascii_lowercase());
    is_number || is_word
}

/// Whether a line is a hash value, with or without the name of its file, or an identifier of RFC
/// 9562. A line of zeros or of text is none.
fn is_digest(line: &str) -> bool {
    let value = line.split([' ', '\t']).next().unwrap_or_default();
    let digits = value.bytes().filter(u8::is_ascii_hexdigit).count();
    let is_hash = digits == value.len() && DIGESTS.contains(&digits);
    let is_uuid =
        value.len() == 36 && value.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && digits == 32;
    (is_hash || is_uuid) && !value.contains("00000000") && !hexadecimal_decodes(value)
}
