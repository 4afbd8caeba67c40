//! The SMTP wire without I/O: a server session, a client transaction, and what they are made of.
//!
//! Nothing here holds a socket, a clock or randomness. A driver feeds octets to a [`Session`] and
//! writes what it gives back; it asks a [`client::Transaction`] what to write and hands it the
//! replies.
//!
//! # Invariants
//! - Only CRLF.CRLF in the octets as they came ends the data of a message. A message that comes out
//!   holds CR and LF only as CRLF, whatever went in.
//! - The same octets in any pieces give the same replies and events; only how much a client
//!   pipelined behind STARTTLS, all of which is dropped, depends on what was read with it.
//! - A recipient comes out only if it is a plain mailbox of a configured domain.
//! - Nothing said in the clear has any effect after STARTTLS.
//! - No reply holds an octet that is not printable ASCII.
//!
//! # Bounds
//! A session holds one command line ([`SessionSettings::max_command_line`]), the recipients of one
//! transaction ([`SessionSettings::max_recipients`]), one message
//! ([`SessionSettings::max_message_octets`]) and its unwritten replies ([`MAX_OUTPUT`]). It ends by
//! itself after [`SessionSettings::max_commands`], [`SessionSettings::max_errors`], a line over 1
//! MiB or a message over [`SessionSettings::max_wire_octets`] on the wire. Lines of a message may
//! be of any length. Time-outs are the driver's; [`Phase`] tells which one applies.
//!
//! # What it does not do
//! No AUTH, DSN, BINARYMIME or ETRN. Internationalised domains are compared as they are written:
//! one that is to be taken both in letters and as `xn--` is to be configured in both. Pipelining
//! where RFC 2920 forbids it (behind EHLO or DATA) is borne, save behind STARTTLS.
//!
//! # Layout
//! [`session`](Session) the server session, with `command`, `path`, `parameters` and `xforward` for
//! what is said, `data` and `content` for messages; [`reply`](Reply) what is answered;
//! [`settings`](SessionSettings), [`domains`](RecipientDomains); `event` and `received` what the
//! driver is given; [`status`] what became of a message; [`proxy`] the header of a load balancer; [`client`] the other side.
#![forbid(unsafe_code)]

pub mod client;
mod command;
mod content;
mod data;
mod domains;
mod event;
mod parameters;
mod path;
mod phase;
pub mod proxy;
mod received;
mod reply;
mod session;
mod settings;
pub mod status;
mod xforward;

pub use domains::RecipientDomains;
pub use event::{DataRequest, Event, MessageTurn, Refusal, StatusTurn, Step, TlsRequest};
pub use phase::Phase;
pub use received::{ClientInfo, Forwarded, Protocol, ReceivedMessage, Source, TlsInfo};
pub use reply::{EnhancedCode, MAX_REPLY_TEXT, Reply, ReplyClass, ReplyCode};
pub use session::{MAX_OUTPUT, Session};
pub use settings::{BareLineEnds, Peer, SessionSettings};
