//! Octets and line ends: the first thing looked at, line by line.

use super::{Fault, MAX_LINE, Violation};

/// The lines of a message, each checked before it is given out.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets, number: 1 }
    }

    /// The number of the line that comes next, from 1.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// The next line without its CRLF; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<&'a [u8]>, Violation> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let line =
            self.take().map_err(|fault| Violation { fault, line: self.number, field: None })?;
        self.number += 1;
        Ok(Some(line))
    }

    fn take(&mut self) -> Result<&'a [u8], Fault> {
        // One more than a line and its CRLF is looked at, so that a long line costs no more.
        let within = self.rest.get(..MAX_LINE + 2).unwrap_or(self.rest);
        let Some(end) = text_end(within) else {
            return Err(if within.len() < self.rest.len() {
                Fault::LineTooLong
            } else {
                Fault::LineEnd
            });
        };
        let (line, after) = within.split_at_checked(end).ok_or(Fault::LineEnd)?;
        match after {
            [b'\r', b'\n', ..] => {
                self.rest = self.rest.get(end + 2..).unwrap_or_default();
                Ok(line)
            }
            [b'\r' | b'\n', ..] if end > MAX_LINE => Err(Fault::LineTooLong),
            [b'\r' | b'\n', ..] => Err(Fault::LineEnd),
            [octet, ..] if !octet.is_ascii() => Err(Fault::NotAscii),
            _ => Err(Fault::Control),
        }
    }
}

/// Where the first octet stands that is no text. Whole chunks are passed over without an early end,
/// so that many octets are checked at once.
fn text_end(octets: &[u8]) -> Option<usize> {
    let is_text_chunk = |chunk: &&[u8]| chunk.iter().fold(true, |all, &b| all & is_text(b));
    let passed = octets.chunks_exact(CHUNK).take_while(is_text_chunk).count() * CHUNK;
    let rest = octets.get(passed..)?;
    rest.iter().position(|&b| !is_text(b)).map(|at| passed + at)
}

const CHUNK: usize = 16;

fn is_text(b: u8) -> bool {
    matches!(b, b' '..=b'~' | b'\t')
}
