//! BinHex 4.0 (RFC 1741 appendix A).

use std::ops::Range;

use super::{Block, Found, unquoted};

const MARK: &str = "(This file must be converted with BinHex";
const ALPHABET: &[u8] = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
/// Lines of BinHex have 64 characters; a block without its mark is known by two full ones.
const FULL_LINE: usize = 60;
/// Octets from the beginning of the mark to the colon after it.
const MARK_BEFORE: usize = 100;
/// Longest file name of BinHex.
const MAX_NAME: usize = 63;

/// Whether a text has the mark somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Present,
    Absent,
}

impl Mark {
    pub(super) fn of(text: &str) -> Self {
        match memchr::memmem::find(text.as_bytes(), MARK.as_bytes()) {
            Some(_) => Self::Present,
            None => Self::Absent,
        }
    }
}

pub(super) fn find(lines: &[&str]) -> Option<Found> {
    let first = unquoted(lines.first()?);
    let has_mark = first.starts_with(MARK);
    let is_full = |line: Option<&&str>| {
        line.map(|line| unquoted(line))
            .is_some_and(|line| line.len() >= FULL_LINE && is_binhex(line))
    };
    let is_headless = is_full(lines.first()) && is_full(lines.get(1));
    if has_mark && first.contains(':') {
        // All of it in one line.
        return None;
    }
    if !has_mark && !is_headless && named(first).is_none() {
        return None;
    }
    let mut count = 1;
    let mut is_open = !has_mark;
    let is_whole = is_open && first.len() > 1 && first.ends_with(':');
    for line in lines.iter().skip(1).map(|line| unquoted(line)) {
        let ends = is_open && line.ends_with(':');
        if is_whole || !(is_binhex(line) || (line.is_empty() && !is_open)) {
            break;
        }
        is_open |= line.starts_with(':');
        count += 1;
        if ends || (line.len() > 1 && line.starts_with(':') && line.ends_with(':')) {
            break;
        }
    }
    let taken = lines.get(..count)?;
    Some(Found {
        lines: count,
        block: Block {
            name: taken.iter().find_map(|line| named(unquoted(line))),
            form: "application/mac-binhex40",
            octets: taken.join("\n").into_bytes(),
        },
    })
}

/// The first block inside a line from `from` on, as HTML sets its lines: from the mark, or else the colon
/// before the file's name, to the closing colon; and the name. Looks at each colon once.
pub(super) fn in_line(
    line: &str,
    from: usize,
    mark: Mark,
) -> Option<(Range<usize>, Option<String>)> {
    let mut colons = memchr::memchr_iter(b':', line.as_bytes().get(from..)?).map(|at| from + at);
    let (colon, start, name) = colons.find_map(|colon| {
        let name = line.get(colon..).and_then(named);
        let near = line.as_bytes().get(colon.saturating_sub(MARK_BEFORE).max(from)..colon)?;
        let marked = (mark == Mark::Present)
            .then(|| memchr::memmem::rfind(near, MARK.as_bytes()))
            .flatten()
            .map(|at| colon - near.len() + at);
        let start = marked.or(name.is_some().then_some(colon))?;
        Some((colon, start, name))
    })?;
    let data = line.get(colon + 1..)?;
    let closed = data.bytes().position(|b| b == b':' || !(b == b' ' || ALPHABET.contains(&b)));
    Some((start..closed.map_or(line.len(), |at| colon + at + 2), name))
}

/// The name of the file whose data begins with a line: a colon, then the length and the characters of
/// the name, then zero.
fn named(line: &str) -> Option<String> {
    let data = line.strip_prefix(':')?;
    let mut octets = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for symbol in data.bytes().take(2 + (MAX_NAME + 2) * 8 / 6) {
        let Some(value) = ALPHABET.iter().position(|known| *known == symbol) else { break };
        bits = (bits << 6 | u32::try_from(value).ok()?) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            let [.., octet] = (bits >> count).to_be_bytes();
            octets.push(octet);
        }
    }
    let (&length, rest) = octets.split_first()?;
    let length = usize::from(length);
    let (name, rest) = rest.split_at_checked(length)?;
    let is_name = (1..=MAX_NAME).contains(&length) && name.iter().all(|b| matches!(b, b' '..=b'~'));
    let name = String::from_utf8(name.to_vec()).ok()?;
    (is_name && rest.first() == Some(&0)).then_some(name)
}

fn is_binhex(line: &str) -> bool {
    !line.is_empty() && line.bytes().all(|b| b == b':' || ALPHABET.contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = ":#feTER9dCA-ZCAKP!%&38%`r2cmr!!!!!!!a!!!!!!!!8d9,58e28NNY68&55d9";

    #[test]
    fn data_without_its_mark_is_known_by_the_name_in_it() {
        let found = find(&[DATA, "5,A%h@RJJB5\"cE@&XE#:", "以上"]).map(|f| (f.lines, f.block.name));
        assert_eq!(found, Some((2, Some("minutes.exe".to_owned()))));
        assert!(find(&[":-) and so on", ":"]).is_none());
    }

    #[test]
    fn a_block_set_as_one_line_is_found_in_it() {
        let line = format!("前 {MARK} 4.0) {DATA} 5,A%h: 後");
        let data = |line: &str| {
            in_line(line, 0, Mark::of(line))
                .and_then(|(range, _)| line.get(range).map(str::to_owned))
        };
        let found = data(&line);
        assert!(found.is_some_and(|data| data.starts_with(MARK) && data.ends_with("5,A%h:")));
        let line = format!("前: {DATA}");
        assert_eq!(data(&line).as_deref(), Some(DATA));
        assert_eq!(
            in_line(&line, 0, Mark::of(&line)).and_then(|(_, name)| name).as_deref(),
            Some("minutes.exe")
        );
        assert_eq!(in_line("会議 10:30 から 12:00 まで: 3階", 0, Mark::Absent), None);
    }
}
