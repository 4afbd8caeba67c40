//! Octets and line ends: the first thing looked at, line by line.

use super::{Fault, MAX_HEADER_OCTETS, MAX_LINE, Violation};

/// Longest header line with an encoded-word in octets (RFC 2047 section 2).
const MAX_WORD_LINE: usize = 76;

/// The lines of a message, each checked before it is given out.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
    taken: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets, number: 1, taken: 0 }
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
        self.taken += line.len() + 2;
        Ok(Some(line))
    }

    /// The next header field with its folds undone, or the empty line that ends the header.
    pub(super) fn next_field(&mut self) -> Result<Option<String>, Violation> {
        let Some(mut line) = self.next()? else { return Ok(None) };
        let mut field = String::new();
        loop {
            let text = str::from_utf8(line).unwrap_or_default();
            let is_long = line.len() > MAX_WORD_LINE && text.contains("=?");
            let is_blank = !line.is_empty() && text.trim_ascii().is_empty();
            let fault = match (is_long, is_blank) {
                (true, _) => Some(Fault::LineTooLong),
                (_, true) => Some(Fault::FieldSyntax),
                _ => (self.taken > MAX_HEADER_OCTETS).then_some(Fault::HeaderTooLarge),
            };
            if let Some(fault) = fault {
                return Err(Violation { fault, line: self.number - 1, field: None });
            }
            field.push_str(text);
            let is_folded = !line.is_empty() && matches!(self.rest.first(), Some(b' ' | b'\t'));
            match is_folded.then(|| self.next()).transpose()?.flatten() {
                Some(next) => line = next,
                None => return Ok(Some(field)),
            }
        }
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
