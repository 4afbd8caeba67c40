//! What a session tells its driver.

use sekimori_policy::{Code, QueueId, ReversePath};

use crate::{ReceivedMessage, Reply};

/// What [`crate::Session::process`] did.
#[derive(Debug)]
pub struct Step {
    /// Octets of the input that were used. `0 <= consumed <= input.len()`.
    pub consumed: usize,
    /// What the driver has to see to, if anything.
    pub event: Option<Event>,
}

/// Something that needs the driver.
#[derive(Debug)]
pub enum Event {
    /// Write the output, do the handshake, then [`crate::Session::tls_started`]. On a failed
    /// handshake drop the connection. All of the input is consumed with this event: give none of
    /// it, nor anything else read before the handshake, to TLS or to the session again.
    StartTls(TlsRequest),
    /// A message is about to come: [`crate::Session::accept_data`] or
    /// [`crate::Session::refuse_data`].
    DataRequested(DataRequest),
    /// A message is whole: see to it, then [`crate::Session::answer`].
    Message(Box<ReceivedMessage>, MessageTurn),
    /// What became of a message is asked: [`crate::Session::answer_status`].
    Status(QueueId, StatusTurn),
    /// Something was refused, for the audit record. The reply is in the output already.
    Refused(Box<Refusal>),
    /// Write the output and close the connection.
    Close,
}

/// The right to say once that TLS has started.
#[derive(Debug)]
pub struct TlsRequest(pub(crate) ());

impl TlsRequest {
    pub(crate) fn spend(self) {
        let Self(()) = self;
    }
}

/// The right to answer DATA or a first BDAT once.
#[derive(Debug)]
pub struct DataRequest {
    pub(crate) declared_size: Option<u64>,
}

impl DataRequest {
    /// The octets that the client announced (SIZE of MAIL, or the chunk of BDAT if larger). At most
    /// the session's `max_message_octets`.
    pub fn declared_size(&self) -> Option<u64> {
        self.declared_size
    }

    pub(crate) fn spend(self) -> Option<u64> {
        self.declared_size
    }
}

/// The right to answer a message once.
#[derive(Debug)]
pub struct MessageTurn(pub(crate) ());

impl MessageTurn {
    pub(crate) fn spend(self) {
        let Self(()) = self;
    }
}

/// The right to answer XSTATUS once.
#[derive(Debug)]
pub struct StatusTurn(pub(crate) ());

impl StatusTurn {
    pub(crate) fn spend(self) {
        let Self(()) = self;
    }
}

/// Something that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why, as a code of the catalogue.
    pub code: Code,
    /// What the client was told.
    pub reply: Reply,
    /// The sender, where MAIL was accepted or refused for its size.
    pub sender: Option<ReversePath>,
    /// The recipient as spelled, without controls, for a refused RCPT.
    pub recipient: Option<String>,
}
