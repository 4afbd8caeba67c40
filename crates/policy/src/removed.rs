//! A part of a message that did not cross, as it is listed, logged and found again.

use serde::{Deserialize, Serialize};

use crate::Code;

/// One removed part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedPart {
    /// Where the part is in the original: the section number of RFC 3501 section 6.4.5, such as
    /// `2` or `1.3`; for a block inside a text, the section of that text and `#` and its number; for
    /// what is inside a part that wraps it (a signature, winmail.dat), the section of that part, `/`
    /// and the section or number in there, such as `1/2`.
    pub section: String,
    /// The file name, made safe for display; a made-up one (`添付1`, `part1`) where there was none.
    pub name: String,
    /// The media type that the part declares, such as `application/vnd.ms-excel`, made safe.
    pub declared_type: String,
    /// The media type that the content shows, or `application/octet-stream` where it shows none.
    pub detected_type: String,
    /// Octets after the transfer encoding is undone.
    pub size: u64,
    /// SHA-256 of those octets, in lower-case hexadecimal.
    pub sha256: String,
    /// Why it was removed.
    pub reason: Code,
}
