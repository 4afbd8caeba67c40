//! The lines of a message.

use memchr::memchr2;

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Crlf,
    Lf,
    Cr,
    /// The end of the message.
    None,
}

/// One line: `start..text_end` is its text, `text_end..end` its ending.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) start: usize,
    pub(crate) text_end: usize,
    pub(crate) end: usize,
    pub(crate) ending: Ending,
}

/// Cuts octets into lines at CRLF, and at LF or CR alone. The lines follow each other without a
/// gap and none is without octets.
pub(crate) struct Lines<'a> {
    raw: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(raw: &'a [u8]) -> Self {
        Self { raw, at: 0 }
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let start = self.at;
        let rest = self.raw.get(start..).filter(|rest| !rest.is_empty())?;
        let (text, length, ending) = match memchr2(b'\r', b'\n', rest) {
            None => (rest.len(), 0, Ending::None),
            Some(at) => match rest.get(at..at + 2) {
                Some(b"\r\n") => (at, 2, Ending::Crlf),
                _ if rest.get(at) == Some(&b'\n') => (at, 1, Ending::Lf),
                _ => (at, 1, Ending::Cr),
            },
        };
        self.at = start + text + length;
        Some(Line { start, text_end: start + text, end: self.at, ending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_kinds_of_line_end_are_told_apart() {
        let lines: Vec<_> =
            Lines::new(b"a\r\n\nb\r\rc\n\r\nd").map(|l| (l.start..l.text_end, l.ending)).collect();
        assert_eq!(
            lines,
            [
                (0..1, Ending::Crlf),
                (3..3, Ending::Lf),
                (4..5, Ending::Cr),
                (6..6, Ending::Cr),
                (7..8, Ending::Lf),
                (9..9, Ending::Crlf),
                (11..12, Ending::None),
            ]
        );
    }
}
