//! uuencode (POSIX.1), whole or in pieces.

use super::{Block, Found, decode, unquoted};

/// Length of a full line: its length letter `M` and 45 octets as 60 characters.
const FULL_LINE: usize = 61;
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
    let (mode, name) = begin.strip_prefix("begin ")?.split_once(' ')?;
    let is_mode = (3..=4).contains(&mode.len()) && mode.bytes().all(|b| matches!(b, b'0'..=b'7'));
    if !is_mode || name.trim().is_empty() {
        return None;
    }
    let mut octets = Vec::new();
    let mut count = 1;
    for line in lines.iter().skip(1).map(|line| line.strip_prefix(quote).unwrap_or(line)) {
        if line.trim_end() == "end" {
            count += 1;
            break;
        }
        if !decode::uuencoded_line(line, &mut octets) {
            break;
        }
        count += 1;
    }
    (count > 1).then(|| Found {
        lines: count,
        block: Block { name: Some(name.trim().to_owned()), form: "application/x-uuencode", octets },
    })
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
