//! What a server session is configured with, and who its peer is.

use std::net::IpAddr;
use std::sync::Arc;

use crate::RecipientDomains;

/// What becomes of a message that holds a CR or LF that is not part of CRLF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BareLineEnds {
    /// The message is read to its true end and refused with 550 5.6.11.
    #[default]
    Refuse,
    /// Each bare CR and each bare LF becomes CRLF, after the end of data was found on the octets as
    /// they came.
    Normalise,
}

/// The settings of a server session. Shared by all sessions behind an [`Arc`].
#[derive(Debug, Clone)]
pub struct SessionSettings {
    /// The name in the greeting and in replies. Printable ASCII without spaces.
    pub hostname: String,
    /// The domains that may be recipients.
    pub domains: Arc<RecipientDomains>,
    /// Largest message in octets, dots unstuffed. Default 50 MiB.
    pub max_message_octets: usize,
    /// Octets of one message on the wire, kept or not, after which the connection is given up with
    /// 421: a refused message is read to its end, but not for ever. Default 256 MiB; never taken
    /// for less than twice `max_message_octets`, since dots are stuffed on the wire.
    pub max_wire_octets: u64,
    /// Recipients of one transaction; further ones get 452 4.5.3. Default 1000, at least 100 by
    /// RFC 5321 section 4.5.3.1.8.
    pub max_recipients: usize,
    /// Commands of one session; at the next one it ends with 421. Default 10,000.
    pub max_commands: u32,
    /// Errors, refused recipients among them, without a message being accepted in between; at this
    /// many the session ends with 421. Default 20.
    pub max_errors: u32,
    /// Longest command line in octets with its CRLF. Default 2048 (RFC 5321 section 4.5.3.1.4 asks
    /// for 512 and what the extensions add).
    pub max_command_line: usize,
    /// What becomes of bare CR and LF in data.
    pub bare_line_ends: BareLineEnds,
    /// Whether STARTTLS is offered.
    pub starttls_offered: bool,
    /// Whether mail is taken under TLS only (530 5.7.0 before).
    pub require_tls: bool,
    /// Whether XSTATUS is offered: a client may ask what became of a message ([`crate::status`]).
    pub status_offered: bool,
}

impl SessionSettings {
    /// Settings with every bound at its default and STARTTLS not offered.
    pub fn new(hostname: impl Into<String>, domains: Arc<RecipientDomains>) -> Self {
        Self {
            hostname: hostname.into(),
            domains,
            max_message_octets: 50 * 1024 * 1024,
            max_wire_octets: 256 * 1024 * 1024,
            max_recipients: 1_000,
            max_commands: 10_000,
            max_errors: 20,
            max_command_line: 2_048,
            bare_line_ends: BareLineEnds::default(),
            starttls_offered: false,
            require_tls: false,
            status_offered: false,
        }
    }

    /// The bound on the octets of one message on the wire.
    pub(crate) fn wire_limit(&self) -> u64 {
        let least = self.max_message_octets.saturating_mul(2).saturating_add(1_024);
        self.max_wire_octets.max(u64::try_from(least).unwrap_or(u64::MAX))
    }
}

/// The other end of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address (from the socket, or from a PROXY header).
    pub address: IpAddr,
    /// Whether XFORWARD is offered to it and taken from it.
    pub xforward_allowed: bool,
}
