//! Section numbers (RFC 3501 section 6.4.5).

use crate::part::PartKind;

const TEXT: &str = "TEXT";

/// The section of the `ordinal`th child (from 1) of a container, given as its kind and section.
/// `multipart` says whether the child is a multipart: one that is the whole body of a message has no
/// number, and its children are numbered as if they were the message's.
pub(crate) fn section_number(
    around: Option<&(PartKind, String)>,
    ordinal: usize,
    multipart: bool,
) -> String {
    let (message_body, prefix) = match around {
        None => (true, ""),
        Some((kind, section)) => {
            (*kind == PartKind::Message, section.strip_suffix(TEXT).unwrap_or(section))
        }
    };
    let prefix = prefix.strip_suffix('.').unwrap_or(prefix);
    let dot = if prefix.is_empty() { "" } else { "." };
    if message_body && multipart {
        format!("{prefix}{dot}{TEXT}")
    } else {
        format!("{prefix}{dot}{ordinal}")
    }
}
