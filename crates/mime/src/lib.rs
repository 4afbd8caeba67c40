//! Structure of a message: a linear, bounded scan, then header fields and leaf decoding.
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
pub use classify::MAX_BOUNDARY;
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
