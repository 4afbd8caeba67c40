//! Structure of a message: a linear, bounded scan, then header fields and leaf decoding.
//!
//! [`scan`] takes any octets for a message and finds its parts by a scan of its own, because
//! readers disagree about structure and attackers live on that. It takes the reading that hides most
//! in parts (so that a part is removed that another reader would have opened) and notes, for each
//! part, what two readers could disagree about ([`Faults`]). An ambiguous part must not be shown.
//!
//! Invariants:
//! - Every octet is in exactly one [`Span`]; spans tile the message.
//! - A child stands after its parent in the order of ids and inside its body.
//! - No recursion over structure: containers are on a stack of ours, parts in a flat arena. Time is
//!   linear in the message, for lines that begin with `--` times the nesting.
//! - Nothing is lost without a trace: malformed lines, unusable mailboxes, cut lists are counted.
//! - No text of a display name becomes an address.
//!
//! Bounds: `depth`, `parts`, `header_fields` and `header_octets` of
//! [`Limits`](sekimori_policy::Limits) end the scan with a [`ScanError`], and `addresses` cuts a list;
//! [`MAX_BOUNDARY`], [`MAX_PARAMETERS`], [`MAX_OTHER_TYPES`], [`MAX_MAILBOX`], [`MAX_DATE`], [`MAX_MESSAGE_ID`],
//! [`FIRST_MESSAGE_IDS`] and [`LAST_MESSAGE_IDS`] bound what is read of one value.
//!
//! Layout: `line`, `header_section`, `delimiter` and `scan` find the structure, `classify` tells
//! from a header how a body is read (`lexer`, `parameter`, `content_type`, `disposition`,
//! `file_name`, `transfer_encoding`); `message`, `part`, `section`, `span` and `fault` are what comes
//! of it. `header` gives access to fields, with `address` and `mailbox_list`, `date`, `message_id`
//! for typed ones and `rfc5322` as the only file that knows mail-parser. `leaf` undoes transfer
//! encodings.
#![forbid(unsafe_code)]

mod address;
mod classify;
mod content_type;
mod date;
mod delimiter;
mod disposition;
mod error;
mod fault;
mod file_name;
mod header;
mod header_section;
mod leaf;
mod lexer;
mod line;
mod mailbox_list;
mod message;
mod message_id;
mod parameter;
mod part;
mod rfc5322;
mod scan;
mod section;
mod span;
mod transfer_encoding;

pub use address::{Addresses, MAX_MAILBOX, Mailbox, Unusable};
pub use classify::{MAX_BOUNDARY, MAX_OTHER_TYPES};
pub use content_type::ContentType;
pub use date::MAX_DATE;
pub use disposition::Disposition;
pub use error::ScanError;
pub use fault::{Fault, Faults};
pub use header::{Field, Header};
pub use leaf::EncodingFaults;
pub use message::Message;
pub use message_id::{FIRST_MESSAGE_IDS, LAST_MESSAGE_IDS, MAX_MESSAGE_ID};
pub use parameter::{MAX_PARAMETERS, Parameter};
pub use part::{Part, PartId, PartKind};
pub use scan::scan;
pub use span::{Span, SpanKind};
pub use transfer_encoding::TransferEncoding;
