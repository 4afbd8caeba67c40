//! Which octet of a message belongs to what.

use std::ops::Range;

use crate::PartId;

/// What a stretch of a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// The `From …` line of an mbox file before the header of this part.
    MboxFrom(PartId),
    /// The header section of this part, its closing blank line included.
    Header(PartId),
    /// Text before the first delimiter of this multipart.
    Preamble(PartId),
    /// A delimiter line of this multipart, with the line end before it (RFC 2046 section 5.1.1).
    Delimiter(PartId),
    /// Text after the closing delimiter of this multipart.
    Epilogue(PartId),
    /// The body of this leaf, still in its transfer encoding.
    Body(PartId),
}

/// A stretch of a message. The spans of a message follow each other without gap or overlap, none is
/// empty, and together they are the whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Where it stands, in octets from the beginning of the message.
    pub range: Range<usize>,
    /// What it is.
    pub what: SpanKind,
}
