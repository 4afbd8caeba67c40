//! One part of a message.

use std::ops::Range;

use crate::content_type::ContentType;
use crate::disposition::Disposition;
use crate::fault::Faults;
use crate::header::Header;
use crate::transfer_encoding::TransferEncoding;

/// Which part of a message. Ids grow in document order from 0, the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartId(u32);

impl PartId {
    /// The outermost part.
    pub const ROOT: Self = Self(0);

    /// The place in document order, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The id after the last of `count` parts.
    pub(crate) fn next(count: usize) -> Option<Self> {
        u32::try_from(count).ok().map(Self)
    }
}

/// How a part's body is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartKind {
    /// Content of one type. Also a multipart or message that could not be opened with certainty:
    /// its content type still says what it claims to be.
    Leaf,
    /// Parts between delimiters.
    Multipart {
        /// The subtype in lower case, such as `alternative`.
        subtype: String,
    },
    /// A whole message (message/rfc822, message/global, message/news): its single child is the
    /// inner root.
    Message,
}

impl PartKind {
    /// Whether this is a multipart of that subtype (lower case).
    pub fn is_multipart(&self, of: &str) -> bool {
        matches!(self, Self::Multipart { subtype } if subtype == of)
    }
}

/// One part: its header, how it is read, and where it stands.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// Which part it is.
    pub id: PartId,
    /// The container it stands in; none for the root.
    pub parent: Option<PartId>,
    /// What it contains, in document order. Empty for a leaf, one for a message.
    pub children: Vec<PartId>,
    /// Containers around it: 0 for the root, at most `Limits::depth`.
    pub depth: usize,
    /// The section number of RFC 3501 section 6.4.5 (`1`, `2.1`). A multipart that is the whole body
    /// of a message has `TEXT` or `2.TEXT`. No two parts have the same.
    pub section: String,
    /// Its header fields.
    pub header: Header<'a>,
    /// How its body is read.
    pub kind: PartKind,
    /// Its type; where several fields differ, the one that the body is read by.
    pub content_type: ContentType,
    /// The types of further Content-Type fields that differ from it, in no order that matters; at
    /// most [`MAX_OTHER_TYPES`](crate::MAX_OTHER_TYPES).
    pub other_content_types: Vec<ContentType>,
    /// Its disposition, if it states one.
    pub disposition: Option<Disposition>,
    /// Its file name, decoded, with whatever characters it holds. Of several that differ, the one
    /// with the most suspicious extension.
    pub file_name: Option<String>,
    /// Its transfer encoding.
    pub transfer_encoding: TransferEncoding,
    /// Its body, still in its transfer encoding. Of a container: everything in it.
    pub raw_body: &'a [u8],
    /// Where the header section stands, its closing blank line included.
    pub header_range: Range<usize>,
    /// Where the body stands.
    pub body_range: Range<usize>,
    /// Of a multipart, what stands before the first delimiter; else empty.
    pub preamble: Range<usize>,
    /// Of a multipart, what stands after the closing delimiter; else empty.
    pub epilogue: Range<usize>,
    /// What is wrong with its form.
    pub faults: Faults,
    pub(crate) message_root: bool,
}

impl Part<'_> {
    /// Whether two readers could see this part differently (see [`Faults::is_ambiguous`]).
    pub fn is_ambiguous(&self) -> bool {
        self.faults.is_ambiguous()
    }

    /// Whether this is the root of the message or of a message inside it.
    pub fn is_message_root(&self) -> bool {
        self.message_root
    }
}
