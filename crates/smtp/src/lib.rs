//! The SMTP wire without I/O: server session, client transaction, reply codes.
#![forbid(unsafe_code)]

pub mod client;
mod domains;
mod event;
mod phase;
pub mod proxy;
mod received;
mod reply;
mod session;
mod settings;

pub use domains::RecipientDomains;
pub use event::{DataRequest, Event, MessageTurn, Refusal, Step, TlsRequest};
pub use phase::Phase;
pub use received::{ClientInfo, Forwarded, Protocol, ReceivedMessage, Source, TlsInfo};
pub use reply::{EnhancedCode, Reply, ReplyClass, ReplyCode};
pub use session::Session;
pub use settings::{BareLineEnds, Peer, SessionSettings};
