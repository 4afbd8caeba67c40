//! BinHex 4.0 (RFC 1741 appendix A).

use super::{Block, Found, unquoted};

const MARK: &str = "(This file must be converted with BinHex";
const ALPHABET: &[u8] = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
/// Lines of BinHex have 64 characters; a block without its mark is known by two full ones.
const FULL_LINE: usize = 60;

pub(super) fn find(lines: &[&str]) -> Option<Found> {
    let first = unquoted(lines.first()?);
    let has_mark = first.starts_with(MARK);
    let is_full = |line: Option<&&str>| {
        line.map(|line| unquoted(line))
            .is_some_and(|line| line.len() >= FULL_LINE && is_binhex(line))
    };
    let is_headless = is_full(lines.first()) && is_full(lines.get(1));
    if !has_mark && !is_headless {
        return None;
    }
    let mut count = 1;
    let mut is_open = !has_mark;
    for line in lines.iter().skip(1).map(|line| unquoted(line)) {
        let ends = is_open && line.ends_with(':');
        if !(is_binhex(line) || (line.is_empty() && !is_open)) {
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
            name: None,
            form: "application/mac-binhex40",
            octets: taken.join("\n").into_bytes(),
        },
    })
}

fn is_binhex(line: &str) -> bool {
    !line.is_empty() && line.bytes().all(|b| b == b':' || ALPHABET.contains(&b))
}
