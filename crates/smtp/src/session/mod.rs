//! The server session: what a driver sees of it, and the loop over its states.
//!
//! Layout: [`answers`] what a driver says to events; [`line`] gathers command lines and dispatches
//! them; [`greeting`] EHLO, STARTTLS, XFORWARD; [`transaction`] MAIL, RCPT, DATA, BDAT; [`body`]
//! the octets of messages.

mod answers;
mod body;
mod greeting;
mod line;
mod transaction;

#[cfg(test)]
mod harness;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::transaction::{Chunks, Transaction};
use crate::command::Chunk;
use crate::content::Content;
use crate::data::DataScanner;
use crate::event::{Event, Refusal, Step};
use crate::{ClientInfo, Forwarded, Peer, Phase, Reply, ReplyClass, ReplyCode, SessionSettings};

/// Octets of replies gathered before `process` stops and waits for them to be written.
pub const MAX_OUTPUT: usize = 16 * 1024;

/// A server session of RFC 5321. Holds no I/O objects, no clock and no message but the one that is
/// being received.
///
/// The driver's loop: call [`Session::process`] with the octets read and not yet consumed.
/// - It gave an event: see to it, then call `process` again with the rest, even if that is empty.
/// - It gave none: write [`Session::take_output`] in one go; if everything was consumed, read more;
///   call `process` again.
///
/// So replies gather while input is at hand, and leave together (RFC 2920). With
/// [`Event::StartTls`] and [`Event::Close`] the output has to be written as well.
///
/// Bounds: one partial command line (`max_command_line`), one message (`max_message_octets`), and
/// [`MAX_OUTPUT`] of replies plus those of one command.
#[derive(Debug)]
pub struct Session {
    settings: Arc<SessionSettings>,
    xforward_allowed: bool,
    client: ClientInfo,
    greeted: Option<Greeted>,
    transaction: Option<Transaction>,
    /// MAIL was refused, so that what was pipelined behind it is no fault of its own.
    mail_refused: bool,
    state: State,
    line: Vec<u8>,
    output: Vec<u8>,
    commands: u32,
    errors: u32,
    service: Service,
}

/// What the session is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Open,
    /// No further transaction is begun.
    ShuttingDown,
    /// The greeting was a 5yz: nothing but QUIT is answered.
    Barred,
}

/// How the client said hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Greeted {
    Helo,
    Ehlo,
}

/// What the next octets of input are.
#[derive(Debug)]
enum State {
    /// A command line.
    Command,
    /// The rest of a command line that is too long.
    LongLine(LongLine),
    /// Nothing: what comes before the handshake is dropped (CVE-2011-0411).
    AwaitingTls,
    /// Nothing yet: the driver has to take or refuse the message.
    AwaitingData(Announced),
    /// The octets after 354, of which this many came.
    Data(DataScanner, Content, u64),
    /// The octets of a chunk.
    Chunk(OpenChunk),
    /// Nothing yet: the driver has to answer the message.
    AwaitingAnswer,
    /// Nothing more.
    Closed,
}

/// A command line that is too long.
#[derive(Debug, Clone, Copy)]
struct LongLine {
    /// Octets that came of it.
    skipped: usize,
    /// It begins as a BDAT does, so that what follows it may be no commands.
    announces_chunk: bool,
}

/// Which command announced a message.
#[derive(Debug, Clone, Copy)]
enum Announced {
    Data,
    Bdat(Chunk),
}

/// A chunk of which octets are still to come.
#[derive(Debug)]
struct OpenChunk {
    remaining: u64,
    octets: u64,
    last: bool,
    /// The chunk is not part of a message: its octets are dropped, then this is answered.
    refused: Option<(Reply, Blame)>,
}

/// Whether a reply counts towards `max_errors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blame {
    Client,
    Nobody,
}

/// How far one state came with the input.
enum Progress {
    /// This many octets were used; go on.
    Go(usize),
    /// All was used and more is needed.
    Starved,
    /// This many octets were used; the driver is needed.
    Driver(usize, Event),
}

impl Session {
    /// A session whose 220 greeting is in the output.
    pub fn new(settings: Arc<SessionSettings>, peer: Peer) -> Self {
        let greeting = Reply::plain(
            ReplyCode::READY,
            vec![format!("{} ESMTP sekimori", settings.hostname).into()],
        );
        Self::greeting_with(settings, peer, &greeting)
    }

    /// A session that greets with a refusal. After a 4yz it closes; after a 5yz it answers 503 to
    /// everything but QUIT (RFC 5321 section 3.1).
    pub fn refuse(settings: Arc<SessionSettings>, peer: Peer, reply: &Reply) -> Self {
        let mut session = Self::greeting_with(settings, peer, reply);
        if reply.code().class() == ReplyClass::Permanent {
            session.service = Service::Barred;
        } else {
            session.state = State::Closed;
        }
        session
    }

    fn greeting_with(settings: Arc<SessionSettings>, peer: Peer, greeting: &Reply) -> Self {
        let mut output = Vec::new();
        greeting.write_to(&mut output);
        Self {
            settings,
            xforward_allowed: peer.xforward_allowed,
            client: ClientInfo {
                peer: peer.address,
                helo: String::new(),
                tls: None,
                forwarded: Forwarded::default(),
            },
            greeted: None,
            transaction: None,
            mail_refused: false,
            state: State::Command,
            line: Vec::new(),
            output,
            commands: 0,
            errors: 0,
            service: Service::Open,
        }
    }

    /// Uses as much of `input` as it can until an event needs the driver, or the output should be
    /// written first.
    ///
    /// While an event waits for its answer nothing is consumed, save with and after
    /// [`Event::StartTls`]: what comes in before [`Session::tls_started`] is dropped. After
    /// [`Event::Close`] everything is dropped and `Close` is given again.
    pub fn process(&mut self, input: &[u8]) -> Step {
        let mut consumed = 0;
        loop {
            let rest = input.get(consumed..).unwrap_or_default();
            let progress = match &self.state {
                State::Closed => Progress::Driver(rest.len(), Event::Close),
                State::AwaitingTls => Progress::Starved,
                State::AwaitingData(_) | State::AwaitingAnswer => break,
                _ if self.output.len() >= MAX_OUTPUT => break,
                State::Command => self.read_line(rest),
                State::LongLine(_) => self.skip_line(rest),
                State::Data(..) => self.read_data(rest),
                State::Chunk(_) => self.read_chunk(rest),
            };
            match progress {
                Progress::Go(used) => consumed += used,
                Progress::Starved => {
                    consumed = input.len();
                    break;
                }
                Progress::Driver(used, event) => {
                    // Whatever was pipelined behind STARTTLS came in the clear, from anyone on the
                    // way: it is used up here, so that no driver can carry it over (CVE-2011-0411).
                    let dropped = matches!(self.state, State::AwaitingTls);
                    let consumed = if dropped { input.len() } else { consumed + used };
                    return Step { consumed, event: Some(event) };
                }
            }
        }
        Step { consumed, event: None }
    }

    /// The replies gathered, which are empty when there is nothing to write.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Whether replies wait to be written.
    pub fn has_output(&self) -> bool {
        !self.output.is_empty()
    }

    /// Whether a message is being received: after its DATA or first BDAT was accepted, until it is
    /// whole or given up.
    pub fn in_data(&self) -> bool {
        matches!(self.state, State::Data(..)) || self.open_chunks().is_some()
    }

    /// Octets of memory that the message being received holds, for in-flight accounting. At most
    /// `max_message_octets`; 0 once the message will be refused.
    pub fn buffered_octets(&self) -> usize {
        match &self.state {
            State::Data(_, content, _) => content.memory(),
            _ => self.open_chunks().map_or(0, Content::memory),
        }
    }

    fn open_chunks(&self) -> Option<&Content> {
        match &self.transaction.as_ref()?.chunks {
            Chunks::Open(_, content) => Some(content),
            Chunks::None | Chunks::Failed => None,
        }
    }

    /// From now on answers 421 4.3.2 to the next command outside a transaction, and closes. A
    /// transaction in progress goes on to its end; QUIT is answered as ever.
    pub fn shutting_down(&mut self) {
        if self.service == Service::Open {
            self.service = Service::ShuttingDown;
        }
    }

    /// Ends the session with `reply` (a time-out, say): write the output and close. The next
    /// `process` gives [`Event::Close`].
    pub fn close_with(&mut self, reply: &Reply) {
        reply.write_to(&mut self.output);
        self.close();
    }

    /// Whether a MAIL was accepted and its transaction has not ended.
    pub fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// Which time-out applies to the next input.
    pub fn phase(&self) -> Phase {
        match self.state {
            State::Data(..) | State::Chunk(_) => Phase::DataBlock,
            _ => Phase::Command,
        }
    }

    /// Who is at the other end, as known so far.
    pub fn client(&self) -> &ClientInfo {
        &self.client
    }

    fn close(&mut self) {
        self.state = State::Closed;
        self.transaction = None;
        self.line = Vec::new();
    }

    /// Postfix's peers say XFORWARD again before each MAIL; what was forwarded ends with its
    /// transaction.
    fn end_transaction(&mut self) {
        self.transaction = None;
        self.mail_refused = false;
        self.client.forwarded = Forwarded::default();
    }

    /// Writes `reply`. A 421 ends the session, and so does one error too many.
    fn reply(&mut self, reply: &Reply, blame: Blame) {
        reply.write_to(&mut self.output);
        if reply.code() == ReplyCode::UNAVAILABLE {
            self.close();
            return;
        }
        if blame == Blame::Client {
            self.errors = self.errors.saturating_add(1);
            if self.errors >= self.settings.max_errors {
                let reply = Reply::new(ReplyCode::UNAVAILABLE, 7, 0, "Too many errors");
                self.close_with(&reply);
            }
        }
    }

    /// Writes `reply` and makes it an event for the record.
    fn refusal(&mut self, used: usize, refusal: Refusal, blame: Blame) -> Progress {
        self.reply(&refusal.reply, blame);
        Progress::Driver(used, Event::Refused(Box::new(refusal)))
    }
}
