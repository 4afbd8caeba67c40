//! One mail transaction as a state machine.

use sekimori_policy::Envelope;

use super::{PeerExtensions, PeerReply, TransactionOutcome};
use crate::Phase;

/// What a transaction needs to know of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageInfo {
    /// Octets, not dot-stuffed.
    pub octets: u64,
    /// Whether it has octets over 127.
    pub eight_bit: bool,
}

/// What to do next.
#[derive(Debug)]
pub enum Action {
    /// Write these octets in one go, then call `next_action` again.
    Write(Vec<u8>),
    /// Read one reply within the phase's time-out and hand it to [`Transaction::reply`].
    Read(Phase),
    /// Write the dot-stuffed message with its CRLF.CRLF; calling `next_action` again says that all of it was
    /// written.
    WriteMessage,
    /// The transaction is over.
    Done(TransactionOutcome),
}

/// One mail transaction (holds no I/O objects).
///
/// The driver's loop: do what [`Transaction::next_action`] says until it says `Done`. When the connection
/// breaks or a time-out fires, [`Transaction::connection_lost`].
#[derive(Debug)]
pub struct Transaction {
    envelope: Envelope,
}

impl Transaction {
    /// A transaction on a connection on which EHLO was answered.
    pub fn new(envelope: Envelope, message: MessageInfo, extensions: PeerExtensions) -> Self {
        let _ = (message, extensions);
        Self { envelope }
    }
    /// What to do next.
    pub fn next_action(&mut self) -> Action {
        let _ = &self.envelope;
        Action::Read(Phase::Command)
    }
    /// Takes the reply that [`Action::Read`] asked for.
    pub fn reply(&mut self, reply: PeerReply) {
        drop(reply);
    }
    /// Ends the transaction: the connection is gone or no longer to be trusted.
    pub fn connection_lost(self) -> TransactionOutcome {
        TransactionOutcome {
            recipients: Vec::new(),
            connection: super::Connection::Unusable,
        }
    }
}
