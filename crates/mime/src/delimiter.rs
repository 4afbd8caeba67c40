//! Which line is a boundary delimiter of which multipart (RFC 2046 section 5.1.1).

use crate::part::PartId;

/// A container whose end has not come yet, in the order of nesting.
pub(crate) struct Open {
    pub(crate) part: PartId,
    /// The boundary of a multipart; none for a message.
    pub(crate) boundary: Option<Vec<u8>>,
    /// Whether the closing delimiter has come: its epilogue is being read.
    pub(crate) closed: bool,
}

impl Open {
    pub(crate) fn new(part: PartId, boundary: Option<Vec<u8>>) -> Self {
        Self { part, boundary, closed: false }
    }
}

/// What a line that begins with `--` is to the open containers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Match {
    /// The level whose delimiter it is, and whether it is the closing one.
    pub(crate) hit: Option<(usize, bool)>,
    /// A level outside `hit` whose delimiter it is too.
    pub(crate) overlap: Option<usize>,
    /// The innermost level inside `hit`, not closed, whose boundary the line only begins with.
    pub(crate) prefix: Option<usize>,
    /// A closed level whose delimiter it is.
    pub(crate) after_close: Option<usize>,
}

/// Compares a line (without the leading `--`) with every open boundary, innermost first. Takes
/// time in proportion to nesting (at most `Limits::depth`) times the length of the line.
pub(crate) fn compare(open: &[Open], line: &[u8]) -> Match {
    let mut found = Match::default();
    for (level, container) in open.iter().enumerate().rev() {
        let boundary = container.boundary.as_deref();
        let Some(tail) = boundary.and_then(|b| line.strip_prefix(b)) else {
            continue;
        };
        let close = tail.strip_prefix(b"--").is_some_and(is_blank);
        match (close || is_blank(tail), found.hit) {
            (true, _) if container.closed => found.after_close = Some(level),
            (true, None) => found.hit = Some((level, close)),
            (true, Some(_)) => found.overlap = Some(level),
            (false, None) if !container.closed => {
                found.prefix = found.prefix.or(Some(level));
            }
            (false, _) => {}
        }
    }
    found
}

/// Only the padding that transports add (`transport-padding`, linear white space).
fn is_blank(tail: &[u8]) -> bool {
    tail.iter().all(|b| matches!(b, b' ' | b'\t'))
}
