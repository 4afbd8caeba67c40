//! What can keep a relay from starting or reloading.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use sekimori_journal::JournalError;

/// Why the relay does not start, or keeps its old configuration.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Certificate or key cannot be used.
    #[error("{}: the certificate or key cannot be used: {reason}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate authorities for a hop cannot be used.
    #[error("the certificate authorities cannot be used: {reason}")]
    Authorities {
        /// What is wrong with them.
        reason: String,
    },
    /// TLS cannot be set up at all.
    #[error("TLS cannot be set up: {0}")]
    Tls(rustls::Error),
    /// A thread cannot be started.
    #[error("a thread cannot be started: {0}")]
    Thread(io::Error),
    /// The settings are those of the half in the Internet segment, and this build is the gate alone.
    #[error("this build is the gate: it cannot make text of mail, only take text")]
    GateAlone,
    /// The journal cannot be used.
    #[error("the journal cannot be used: {0}")]
    Journal(#[from] JournalError),
}
