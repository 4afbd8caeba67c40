//! Version 2 of the PROXY protocol.

use std::net::SocketAddr;

/// What was read of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoded {
    /// The header is whole.
    Complete {
        /// Its octets; what follows is SMTP.
        consumed: usize,
        /// The true client, or `None` where the connection is the proxy's own or of another family:
        /// then the socket's address stands.
        source: Option<SocketAddr>,
    },
    /// More is needed.
    Incomplete {
        /// At least this many more octets.
        needed: usize,
    },
}

/// Why octets are no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// They do not begin with the signature.
    #[error("no PROXY protocol v2 signature")]
    Signature,
    /// A version, command or family that version 2 does not have.
    #[error("PROXY protocol header of an unknown version, command or family")]
    Unknown,
    /// The header is shorter than its addresses or longer than the bound.
    #[error("PROXY protocol header of an impossible length")]
    Length,
}

/// Reads a header at the start of `input`.
pub fn decode(input: &[u8]) -> Result<Decoded, ProxyError> {
    let _ = input;
    Err(ProxyError::Signature)
}
