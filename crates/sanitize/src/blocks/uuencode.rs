//! uuencode (POSIX.1), whole or in pieces.

use super::{Block, Found, decode, evidence, unquoted};
use crate::detect::is_signature;

/// Length of a full line: its length letter `M` and 45 octets as 60 characters.
const FULL_LINE: usize = 61;
/// Shortest line that is taken for data without `begin`, if it decodes to something.
pub(super) const SHORT_LINE: usize = 21;
/// Lines of such data that are taken at once.
pub(super) const SHORT_LINES: usize = 8;
/// Marks that may follow a line of data which stands as a word.
const MARKS_AFTER: usize = 3;
/// Longest full line whose characters were escaped.
const MAX_DAMAGED: usize = 3 * FULL_LINE;
/// Blank lines between two lines of data.
const BLANK_LINES: usize = 2;
/// Fewest full lines in a row that are a block without `begin`.
const HEADLESS_LINES: usize = 4;

/// A block from `begin 644 name` on, to its `end` or the first line that is no data.
pub(super) fn find(lines: &[&str]) -> Option<Found> {
    let first = lines.first()?;
    let begin = unquoted(first);
    let quote = first.strip_suffix(begin).unwrap_or_default();
    if let Some(rest) = begin.strip_prefix("begin-base64 ") {
        return Some(base64(lines, rest));
    }
    let word = begin.get(..6).filter(|word| word.eq_ignore_ascii_case("begin "))?;
    let rest = begin.strip_prefix(word)?.trim_start();
    let (mode, name) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_mode = (3..=7).contains(&mode.len()) && mode.bytes().all(|b| matches!(b, b'0'..=b'7'));
    if !is_mode {
        return None;
    }
    let mut octets = Vec::new();
    let mut count = 1;
    let mut blank = 0;
    let data = lines.iter().map(|line| unindented(line, quote));
    for (at, line) in data.enumerate().skip(1) {
        if line.trim_end() == "end" {
            count = at + 1;
            break;
        }
        if line.trim().is_empty() && blank < BLANK_LINES {
            blank += 1;
            continue;
        }
        blank = 0;
        // Without a name it may be a date or a number: then the first line must be data for sure.
        let is_sure = count > 1 || !name.trim().is_empty() || is_exact(line);
        let is_damaged = || !name.trim().is_empty() && is_damaged(line);
        if !is_sure || !(decode::uuencoded_line(line, &mut octets) || is_damaged()) {
            break;
        }
        count = at + 1;
    }
    let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    (count > 1).then_some(Found {
        lines: count,
        block: Block { name, form: "application/x-uuencode", octets },
    })
}

/// A line without the quote mark of the lines before it, or the blanks that some add.
fn unindented<'a>(line: &'a str, quote: &str) -> &'a str {
    match line.strip_prefix(quote) {
        Some(rest) => rest,
        // A mark is trimmed where nothing follows it.
        None if quote.trim_end() == line => "",
        None => line,
    }
}

/// Whether a line is a full one that grew by another encoding of it.
fn is_damaged(line: &str) -> bool {
    line.starts_with('M')
        && (FULL_LINE..=MAX_DAMAGED).contains(&line.len())
        && line.bytes().all(|b| matches!(b, b' '..=b'`'))
}

/// Whether a line is as long as its first character says, and has more than that.
fn is_exact(line: &str) -> bool {
    let Some((&first, data)) = line.as_bytes().split_first() else { return false };
    let length = usize::from(first.wrapping_sub(b' ') & 63);
    length > 0
        && data.len() == length.div_ceil(3) * 4
        && line.bytes().all(|b| matches!(b, b' '..=b'`'))
}

/// A few lines of data whose `begin` is elsewhere, which decode to text or to the start of a file.
pub(super) fn find_short(lines: &[&str]) -> Option<Found> {
    let first = lines.first()?;
    let begin = unquoted(first);
    if begin.len() < SHORT_LINE || !is_exact(begin) {
        return None;
    }
    let quote = first.strip_suffix(begin).unwrap_or_default();
    let mut octets = Vec::new();
    let data = lines.iter().map(|line| unindented(line, quote).trim_end());
    let count = data
        .take(SHORT_LINES)
        .take_while(|line| is_exact(line) && decode::uuencoded_line(line, &mut octets))
        .count();
    let is_data = evidence::is_text(&octets) || is_signature(&octets);
    let block = Block { name: None, form: "application/x-uuencode", octets };
    is_data.then_some(Found { lines: count, block })
}

/// The octets of a word that is a line of data, if they are text or begin like a file: lines that were
/// set as one paragraph.
pub(super) fn word(word: &str) -> Option<Vec<u8>> {
    // A bracket or a full stop of the text around may follow.
    let length = usize::from(word.as_bytes().first()?.wrapping_sub(b' ') & 63).div_ceil(3) * 4 + 1;
    let is_near = word.len() <= length + MARKS_AFTER;
    let word = word.get(..length).filter(|_| is_near)?;
    let mut octets = Vec::new();
    let is_line =
        word.len() >= SHORT_LINE && is_exact(word) && decode::uuencoded_line(word, &mut octets);
    let is_data = is_line && (evidence::is_text(&octets) || is_signature(&octets));
    is_data.then_some(octets)
}

/// `begin-base64` has base64 lines and ends in `====`.
fn base64(lines: &[&str], begin: &str) -> Found {
    let is_data = |line: &&str| unquoted(line).bytes().all(super::dense::is_symbol);
    let data: Vec<&str> = lines.iter().skip(1).copied().take_while(is_data).map(unquoted).collect();
    let name = begin.split_once(' ').map(|(_, name)| name.trim().to_owned());
    Found {
        lines: data.len() + 1,
        block: Block {
            name,
            form: "application/x-uuencode",
            octets: decode::base64(&data.concat()),
        },
    }
}

/// Full lines of data whose `begin` is elsewhere.
pub(super) fn find_headless(lines: &[&str]) -> Option<Found> {
    let first = lines.first()?;
    let quote = first.strip_suffix(unquoted(first)).unwrap_or_default();
    let mut octets = Vec::new();
    let mut count = 0;
    for line in lines.iter().map(|line| line.strip_prefix(quote).unwrap_or(line)) {
        let is_full = line.len() == FULL_LINE && line.starts_with('M');
        if !is_full || !decode::uuencoded_line(line, &mut octets) {
            break;
        }
        count += 1;
    }
    if count < HEADLESS_LINES {
        return None;
    }
    let last = lines.get(count).map(|line| line.strip_prefix(quote).unwrap_or(line));
    if last.is_some_and(|line| {
        !line.contains(|c: char| c.is_ascii_lowercase())
            && decode::uuencoded_line(line, &mut octets)
    }) {
        count += 1;
    }
    let block = Block { name: None, form: "application/x-uuencode", octets };
    Some(Found { lines: count, block })
}
