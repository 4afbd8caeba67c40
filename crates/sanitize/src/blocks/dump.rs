//! Dumps of a file, as `hexdump`, `xxd` and `od` write them: lines of an offset, octets in hexadecimal or
//! octal, and the characters that they are. The characters alone would tell a text.

use super::{Block, Found, decode, unquoted};

/// Fewest digits of an offset.
const OFFSET: usize = 6;
/// Most octets in a line.
const WIDTH: usize = 64;
/// Fewest octets in each line but the last.
const NARROW: usize = 8;
/// Fewest lines.
const LINES: usize = 2;

/// Lines of a dump whose offsets grow by what the line before holds.
pub(super) fn find(lines: &[&str]) -> Option<Found> {
    let mut octets = Vec::new();
    let mut count = 0;
    let mut last: Option<Line> = None;
    for (at, line) in lines.iter().map(|line| unquoted(line)).enumerate() {
        if line == "*" && count > 0 {
            // Lines like the one before are left out; what comes next begins further on.
            count = at + 1;
            last = None;
            continue;
        }
        let Some(read) = read(line) else { break };
        if let Some(before) = last.filter(|_| !read.octets.is_empty())
            && (before.octets.len() < NARROW || !follows(&before, &read))
        {
            break;
        }
        octets.extend_from_slice(&read.octets);
        count = at + 1;
        let is_end = read.octets.is_empty();
        last = Some(read);
        if is_end {
            break;
        }
    }
    let block = Block { name: None, form: "application/x-dump", octets };
    let is_dump = count >= LINES && block.octets.len() > NARROW;
    is_dump.then_some(Found { lines: count, block })
}

/// A line of a dump.
struct Line {
    /// The offset as it is written, which is decimal, octal or hexadecimal.
    offset: String,
    octets: Vec<u8>,
}

/// Whether the offset of a line is that of the one before and its length, in some base.
fn follows(before: &Line, line: &Line) -> bool {
    [16, 10, 8].into_iter().any(|base| {
        let number = |offset: &str| u64::from_str_radix(offset, base).ok();
        let length = u64::try_from(before.octets.len()).unwrap_or_default();
        number(&before.offset).and_then(|start| start.checked_add(length)) == number(&line.offset)
            && number(&line.offset).is_some()
    })
}

/// Reads an offset, then groups of digits up to two blanks or a bar, where the characters begin.
fn read(line: &str) -> Option<Line> {
    let is_digit = |b: u8| b.is_ascii_hexdigit();
    let offset = line.get(..line.bytes().take_while(|&b| is_digit(b)).count())?;
    if offset.len() < OFFSET || offset.len() > 16 {
        return None;
    }
    let rest = line.get(offset.len()..)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let mut octets = Vec::new();
    let mut digits = 0;
    for group in rest.split([' ', '\t', '-']) {
        if group.is_empty() {
            continue;
        }
        let is_group = group.bytes().all(is_digit)
            && (matches!(group.len(), 2 | 4 | 8)
                || (is_octal(group) && matches!(group.len(), 3 | 6)));
        if !is_group || (digits != 0 && digits != group.len()) || octets.len() >= WIDTH {
            break;
        }
        digits = group.len();
        match group.len() {
            3 => octets.extend(u8::from_str_radix(group, 8).ok()),
            6 => {
                let word = u16::from_str_radix(group, 8).ok()?;
                octets.extend_from_slice(&word.to_le_bytes());
            }
            _ => octets.extend_from_slice(&decode::hexadecimal(group)),
        }
    }
    // The last line of some has its offset alone.
    (!octets.is_empty() || rest.trim().is_empty())
        .then(|| Line { offset: offset.to_owned(), octets })
}

fn is_octal(group: &str) -> bool {
    group.bytes().all(|b| matches!(b, b'0'..=b'7'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(usize, Vec<u8>)> {
        let lines: Vec<&str> = text.split('\n').collect();
        find(&lines).map(|found| (found.lines, found.block.octets))
    }

    #[test]
    fn dumps_of_three_programs_are_found_whole() {
        let canonical = "00000000  4d 5a 90 00 53 45 4b 49  4d 4f 52 49 2d 4d 41 52  |MZ..SEKIMORI-MAR|\n\
                         00000010  4b 45 52                                          |KER|\n00000013\n以上";
        let xxd = "00000000: 4d5a 9000 5345 4b49 4d4f 5249 2d4d 4152  MZ..SEKIMORI-MAR\n\
                   00000010: 4b45 52                                  KER\n以上";
        let octal = "0000000 055115 000220 042523 044513 047515 044522 046455 051101\n\
                     0000020 042513 000122\n0000023\n以上";
        assert_eq!(found(canonical), Some((3, b"MZ\x90\0SEKIMORI-MARKER".to_vec())));
        assert_eq!(found(xxd), Some((2, b"MZ\x90\0SEKIMORI-MARKE".to_vec())));
        assert_eq!(found(octal), Some((3, b"MZ\x90\0SEKIMORI-MARKER\0".to_vec())));
    }

    #[test]
    fn lists_that_begin_with_numbers_stay() {
        for text in [
            "20260921 10 20 30 40 50 60 70 80 90\n20260922 11 21 31 41 51 61 71 81 91",
            "000001 山田 太郎\n000002 佐藤 花子",
            "00000001\n00000002\n00000003",
            "123456 12 34\n123458 12 34",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
