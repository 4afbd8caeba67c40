//! What becomes of a part without children: shown as text, or removed and listed.

use sekimori_mime::{Fault, Part};
use sekimori_policy::Code;

/// What the containers around a part make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It stands by itself.
    Shown,
    /// It is another form of a body that is shown.
    OtherForm,
    /// It belongs to a body that is shown, such as an image in HTML.
    Inline,
    /// It is part of an encrypted container.
    Encrypted,
    /// It signs what is shown.
    Signature,
}

/// What a part is shown as, or why it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// text/plain.
    Plain,
    /// text/html.
    Html,
    /// A calendar.
    Calendar,
    /// Fields of a report, as they stand.
    Report,
    /// The header of a message that a report gives back.
    ReturnedHeader,
    /// Another form of text that is shown.
    LeftOut,
    /// Removed and listed, for this reason.
    Removed(Code),
}

impl Form {
    /// Tells the form of a leaf by its role, its type and whether it calls itself a file. What two
    /// readers could see differently is never shown.
    pub(crate) fn of(part: &Part<'_>, role: Role) -> Self {
        match role {
            Role::Encrypted => return Self::Removed(Code::EncryptedRemoved),
            Role::Signature => return Self::Removed(Code::SignatureRemoved),
            Role::Inline => return Self::Removed(Code::InlineRemoved),
            Role::Shown | Role::OtherForm => {}
        }
        if part.is_ambiguous() {
            return Self::Removed(Code::StructureAmbiguous);
        }
        let content_type = &part.content_type;
        let subtype = content_type.subtype.as_str();
        let is_attached = is_attached(part);
        let is_file = part.file_name.is_some() || is_attached;
        match (content_type.kind.as_str(), subtype) {
            ("text", "calendar") => Self::Calendar,
            ("text", _) if role == Role::OtherForm && !is_file => Self::LeftOut,
            (
                "message",
                "delivery-status"
                | "disposition-notification"
                | "feedback-report"
                | "global-delivery-status"
                | "global-disposition-notification",
            ) if !is_attached => Self::Report,
            ("text", "rfc822-headers") | ("message", "global-headers") if !is_attached => {
                Self::ReturnedHeader
            }
            ("application", "pkcs7-signature" | "x-pkcs7-signature" | "pgp-signature") => {
                Self::Removed(Code::SignatureRemoved)
            }
            ("application", "pkcs7-mime" | "x-pkcs7-mime" | "pgp-encrypted") => {
                Self::Removed(Code::EncryptedRemoved)
            }
            ("text", "plain") if !is_file => Self::Plain,
            ("text", "html") if !is_file => Self::Html,
            _ if is_embedded(part, is_attached) => Self::Removed(Code::InlineRemoved),
            _ => Self::Removed(Code::AttachmentRemoved),
        }
    }
}

impl Form {
    /// The form of a leaf that something around it leaves in doubt: text that is nothing else to any
    /// reader. `None` for all that one could take for a file.
    pub(crate) fn in_doubt(part: &Part<'_>) -> Option<Self> {
        let is_certain = |fault: Fault| {
            !fault.is_ambiguous()
                || matches!(
                    fault,
                    Fault::InsideAmbiguous
                        | Fault::EncodingsDiffer
                        | Fault::EncodingGarbled
                        | Fault::BoundaryPrefix
                        | Fault::BareCrStructure
                )
                // What is wrong with a header's end is wrong with what follows it, and that is text.
                || (part.is_message_root()
                    && matches!(fault, Fault::HeaderEmpty | Fault::HeaderUnendedInside))
        };
        let is_file = part.file_name.is_some() || is_attached(part);
        if is_file || !part.faults.iter().all(is_certain) {
            return None;
        }
        match (part.content_type.kind.as_str(), part.content_type.subtype.as_str()) {
            // The fields of a report are text, as far as nothing else follows.
            ("text", "plain") | ("message", "delivery-status" | "disposition-notification") => {
                Some(Self::Plain)
            }
            ("text", "html") => Some(Self::Html),
            _ => None,
        }
    }
}

/// Whether a part has a disposition other than `inline`.
pub(crate) fn is_attached(part: &Part<'_>) -> bool {
    part.disposition.as_ref().is_some_and(|d| !d.is_inline())
}

/// Whether a part is there for a body to refer to, and not to be opened for itself.
fn is_embedded(part: &Part<'_>, is_attached: bool) -> bool {
    !is_attached && part.content_type.kind == "image" && part.header.field("Content-ID").is_some()
}
