//! From the octets of DATA and BDAT to a message: end of data, dots, line ends.
//!
//! The end of data is CRLF.CRLF in the octets as they came, and nothing else (RFC 5321
//! section 4.1.1.4); the CRLF of the DATA command line counts as the first. All variants that some
//! server takes for an end (LF.LF, CR.CR, LF.CRLF, CRLF.LF, with NUL between) are data.
//!
//! Dots are removed from lines of the octets as they came, that is after CRLF only (section 4.5.2).
//! Where bare line ends are normalised, a dot after one of them is therefore data and stays: the
//! message then may hold a line of a lone dot, which [`crate::client::dot_stuff`] doubles like any
//! other. So nothing that is written onward can end before its end.
//!
//! Lines may be of any length up to the message's bound; who reads the message sees to that.

#[cfg(test)]
mod tests;

use crate::content::Content;

/// Where in a line the next octet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// After CRLF, or at the very beginning.
    LineStart,
    /// After a dot at the start of a line. It is held back.
    Dot,
    /// After a dot and CR at the start of a line. Both are held back.
    DotCr,
    /// Elsewhere in a line.
    Within,
    /// After a CR elsewhere in a line. It is held back.
    Cr,
}

/// What a scan came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scanned {
    /// Octets used.
    pub(crate) consumed: usize,
    /// Whether the end of data was among them.
    pub(crate) ended: bool,
}

/// Reads the octets of one message in any pieces.
#[derive(Debug)]
pub(crate) struct DataScanner {
    position: Position,
    /// Whether dots are stuffed and end the data: in DATA, not in BDAT.
    dots: bool,
}

impl DataScanner {
    /// For the octets after 354.
    pub(crate) fn for_data() -> Self {
        Self { position: Position::LineStart, dots: true }
    }

    /// For the octets of BDAT chunks, which are counted and have no end mark (RFC 3030).
    pub(crate) fn for_chunks() -> Self {
        Self { position: Position::LineStart, dots: false }
    }

    /// Moves `input` into `content`, up to the end of data.
    pub(crate) fn scan(&mut self, input: &[u8], content: &mut Content) -> Scanned {
        let mut run = Run { input, start: 0, next: 0 };
        while let Some(octet) = run.peek() {
            match self.position {
                Position::LineStart if self.dots && octet == b'.' => {
                    run.skip(content);
                    self.position = Position::Dot;
                }
                Position::Dot if octet == b'\r' => {
                    run.skip(content);
                    self.position = Position::DotCr;
                }
                Position::DotCr if octet == b'\n' => {
                    return Scanned { consumed: run.next + 1, ended: true };
                }
                Position::Within => self.position = run.line_rest(content),
                Position::Cr if octet == b'\n' => {
                    run.skip(content);
                    content.push(b"\r\n");
                    self.position = Position::LineStart;
                }
                // A dot that is not alone on its line was stuffed: it stays out (section 4.5.2).
                Position::LineStart | Position::Dot => self.position = Position::Within,
                Position::DotCr | Position::Cr => {
                    content.bare_line_end();
                    self.position = Position::Within;
                }
            }
        }
        run.flush(content);
        Scanned { consumed: input.len(), ended: false }
    }

    /// Says that no more octets come: a CR held back was bare.
    pub(crate) fn finish(self, content: &mut Content) {
        if self.position == Position::Cr {
            content.bare_line_end();
        }
    }
}

/// A run of input that goes into the message as it is: `input[start..next]`, over as many lines as
/// need no change, so that a block is copied once.
struct Run<'a> {
    input: &'a [u8],
    start: usize,
    next: usize,
}

impl Run<'_> {
    fn peek(&self) -> Option<u8> {
        self.input.get(self.next).copied()
    }

    fn flush(&mut self, content: &mut Content) {
        if let Some(run) = self.input.get(self.start..self.next).filter(|r| !r.is_empty()) {
            content.push(run);
        }
        self.start = self.next;
    }

    /// Moves the run to the message and leaves out the next octet.
    fn skip(&mut self, content: &mut Content) {
        self.flush(content);
        self.next += 1;
        self.start = self.next;
    }

    /// Goes on past the next line end, or past the end of the input.
    fn line_rest(&mut self, content: &mut Content) -> Position {
        let rest = self.input.get(self.next..).unwrap_or_default();
        let Some(index) = find_line_end(rest) else {
            self.next = self.input.len();
            return Position::Within;
        };
        self.next += index;
        match (rest.get(index), rest.get(index + 1)) {
            (Some(b'\r'), Some(b'\n')) => {
                self.next += 2;
                Position::LineStart
            }
            (Some(b'\r'), None) => {
                self.skip(content);
                Position::Cr
            }
            _ => {
                self.skip(content);
                content.bare_line_end();
                Position::Within
            }
        }
    }
}

/// The first CR or LF. Blocks are tested as a whole, which the compiler turns into vector code;
/// only the block that has one is looked at octet by octet.
pub(crate) fn find_line_end(octets: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let ends_line = |&octet: &u8| octet == b'\r' || octet == b'\n';
    let (blocks, _) = octets.as_chunks::<BLOCK>();
    let clean = blocks
        .iter()
        .take_while(|block| !block.iter().fold(false, |hit, octet| hit | ends_line(octet)))
        .count();
    let start = clean * BLOCK;
    octets.get(start..)?.iter().position(ends_line).map(|index| start + index)
}
