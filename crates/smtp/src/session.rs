//! The server session.

use std::sync::Arc;

use crate::{
    ClientInfo, DataRequest, MessageTurn, Peer, Phase, Reply, SessionSettings, Step, TlsInfo,
    TlsRequest,
};

/// A server session of RFC 5321 (holds no I/O objects).
///
/// The driver's loop: call [`Session::process`] with what was read and not yet consumed. With an
/// event: see to it and call `process` again (with the rest, even if it is empty). Without one: write
/// [`Session::take_output`] in one go; if everything was consumed, read more; call again.
#[derive(Debug)]
pub struct Session {
    settings: Arc<SessionSettings>,
    peer: Peer,
    client: ClientInfo,
    output: Vec<u8>,
}

impl Session {
    /// A session whose 220 greeting is in the output.
    pub fn new(settings: Arc<SessionSettings>, peer: Peer) -> Self {
        let client = ClientInfo {
            peer: peer.address,
            helo: String::new(),
            tls: None,
            forwarded: crate::Forwarded::default(),
        };
        Self {
            settings,
            peer,
            client,
            output: Vec::new(),
        }
    }
    /// A session that greets with `reply`: 421 closes at once, 554 waits for QUIT
    /// (RFC 5321 section 3.1).
    pub fn refuse(settings: Arc<SessionSettings>, peer: Peer, reply: &Reply) -> Self {
        let mut session = Self::new(settings, peer);
        session.output.clear();
        reply.write_to(&mut session.output);
        session
    }
    /// Uses as much input as possible until an event needs the driver or enough output is gathered.
    pub fn process(&mut self, input: &[u8]) -> Step {
        let _ = (&self.settings, &self.peer);
        Step {
            consumed: input.len(),
            event: None,
        }
    }
    /// The replies gathered; empty if there are none. Write them in one go.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }
    /// Whether replies wait to be written.
    pub fn has_output(&self) -> bool {
        !self.output.is_empty()
    }
    /// Answers [`crate::Event::StartTls`] after the handshake: everything said before is forgotten.
    pub fn tls_started(&mut self, request: TlsRequest, info: TlsInfo) {
        drop(request);
        self.client.tls = Some(info);
    }
    /// Answers [`crate::Event::DataRequested`]: 354, or for BDAT nothing yet.
    pub fn accept_data(&mut self, request: DataRequest) {
        drop(request);
    }
    /// Answers [`crate::Event::DataRequested`] with a 4yz or 5yz reply.
    pub fn refuse_data(&mut self, request: DataRequest, reply: Reply) {
        drop((request, reply));
    }
    /// Answers [`crate::Event::Message`]. A 421 ends the session.
    pub fn answer(&mut self, turn: MessageTurn, reply: &Reply) {
        drop(turn);
        reply.write_to(&mut self.output);
    }
    /// Whether a message is being received (DATA or BDAT).
    pub fn in_data(&self) -> bool {
        false
    }
    /// Octets of memory that the message being received holds.
    pub fn buffered_octets(&self) -> usize {
        0
    }
    /// Frees what was received of the current message, reads it to its end and then answers with
    /// `reply` (memory short). False, and nothing done, when no message is being received.
    pub fn discard_data(&mut self, reply: Reply) -> bool {
        drop(reply);
        false
    }
    /// From now on, 421 4.3.2 to the next command when no transaction is in progress.
    pub fn shutting_down(&mut self) {}
    /// Ends the session with `reply` (a time-out): the next `process` gives [`crate::Event::Close`].
    pub fn close_with(&mut self, reply: &Reply) {
        reply.write_to(&mut self.output);
    }
    /// Whether a MAIL was accepted and its transaction has not ended.
    pub fn in_transaction(&self) -> bool {
        false
    }
    /// What the next input is waited for as.
    pub fn phase(&self) -> Phase {
        Phase::Command
    }
    /// Who is at the other end, as known so far.
    pub fn client(&self) -> &ClientInfo {
        &self.client
    }
}
