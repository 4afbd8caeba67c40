//! A message as received, and who it came from.

use std::net::IpAddr;

use sekimori_policy::Envelope;

/// What a TLS handshake agreed on, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsInfo {
    /// Such as `TLSv1.3`.
    pub version: String,
    /// Such as `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
}

/// The protocol name for `Received` (RFC 3848, RFC 6531 section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// HELO.
    Smtp,
    /// EHLO.
    Esmtp,
    /// EHLO under TLS.
    Esmtps,
    /// SMTPUTF8 was used.
    Utf8Smtp,
    /// SMTPUTF8 was used under TLS.
    Utf8Smtps,
}

impl Protocol {
    /// The name as registered.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smtp => "SMTP",
            Self::Esmtp => "ESMTP",
            Self::Esmtps => "ESMTPS",
            Self::Utf8Smtp => "UTF8SMTP",
            Self::Utf8Smtps => "UTF8SMTPS",
        }
    }
}

/// Where the peer got a message from (`SOURCE` of XFORWARD).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// From its own network.
    Local,
    /// From elsewhere.
    Remote,
}

/// What XFORWARD said of the true client. `None`: not said, or said to be unavailable.
///
/// Texts are decoded, not empty, up to 255 octets of UTF-8 without controls, and otherwise
/// unchecked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// `ADDR`.
    pub address: Option<IpAddr>,
    /// `NAME`.
    pub name: Option<String>,
    /// `PORT`.
    pub port: Option<u16>,
    /// `PROTO`.
    pub protocol: Option<String>,
    /// `HELO`.
    pub helo: Option<String>,
    /// `IDENT`: the peer's own queue id.
    pub ident: Option<String>,
    /// `SOURCE`.
    pub source: Option<Source>,
}

/// Who is at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientInfo {
    /// The address of the connection.
    pub peer: IpAddr,
    /// What the peer called itself in EHLO or HELO, unchecked: up to 255 printable ASCII characters
    /// without a space, punctuation included. Empty before.
    pub helo: String,
    /// The TLS of the connection.
    pub tls: Option<TlsInfo>,
    /// The true client, where a listed peer told it.
    pub forwarded: Forwarded,
}

impl ClientInfo {
    /// The true client's address: the forwarded one, or else the peer's.
    pub fn address(&self) -> IpAddr {
        self.forwarded.address.unwrap_or(self.peer)
    }
}

/// A message as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// Sender and recipients; at least one recipient.
    pub envelope: Envelope,
    /// The message: dots unstuffed, CRLF the only CR and LF in it, ends with CRLF unless empty.
    pub data: Vec<u8>,
    /// Whether SMTPUTF8 was asked for.
    pub smtputf8: bool,
    /// Whether BODY=8BITMIME was said.
    pub body_8bit: bool,
    /// Who it came from.
    pub client: ClientInfo,
    /// How it came.
    pub protocol: Protocol,
}
