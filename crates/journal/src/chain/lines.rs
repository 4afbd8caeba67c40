//! Lines of a file that may be anything, of bounded length.

use std::io::{self, BufRead};

/// Reads lines one by one, in memory for one line.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    longest: usize,
    number: u64,
    line: Vec<u8>,
}

/// A line with its number, from 1.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number.
    pub number: u64,
    /// Its text without the line end; `None` when it is no UTF-8 or too long.
    pub text: Option<&'a str>,
}

impl<R: BufRead> Lines<R> {
    /// Reads lines of at most `longest` octets; of longer ones nothing is kept.
    pub fn new(reader: R, longest: usize) -> Self {
        Self { reader, longest, number: 0, line: Vec::new() }
    }

    /// The next line, or `None` at the end.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut too_long = false;
        let mut any = false;
        loop {
            let some = self.reader.fill_buf()?;
            if some.is_empty() {
                break;
            }
            any = true;
            let end = some.iter().position(|&octet| octet == b'\n');
            let part = some.get(..end.unwrap_or(some.len())).unwrap_or_default();
            let taken = part.len() + usize::from(end.is_some());
            too_long = too_long || self.line.len() + part.len() > self.longest;
            if !too_long {
                self.line.extend_from_slice(part);
            }
            self.reader.consume(taken);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        let text = std::str::from_utf8(&self.line).ok().filter(|_| !too_long);
        Ok(Some(Line { number: self.number, text: text.map(|t| t.trim_end_matches('\r')) }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn lines_come_with_their_numbers_and_overlong_ones_without_text() {
        let text = b"one\r\n\ntoolong\n\xFF\nlast!";
        for buffer in [1, 2, 5, 100] {
            let mut lines = Lines::new(BufReader::with_capacity(buffer, &text[..]), 5);
            let mut found = Vec::new();
            while let Some(line) = lines.next_line().unwrap() {
                found.push((line.number, line.text.map(str::to_owned)));
            }
            let expected =
                [(1, Some("one")), (2, Some("")), (3, None), (4, None), (5, Some("last!"))];
            let expected: Vec<_> = expected.map(|(n, t)| (n, t.map(str::to_owned))).into();
            assert_eq!(found, expected, "buffer of {buffer}");
        }
    }
}
