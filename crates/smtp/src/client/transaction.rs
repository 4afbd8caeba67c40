//! One mail transaction as a state machine (RFC 5321 section 3.3, RFC 2920).

use std::collections::VecDeque;

use sekimori_policy::{Address, Envelope, ReversePath};

use super::{Cause, Connection, PeerExtensions, PeerReply, RecipientResult, TransactionOutcome};
use crate::{Phase, ReplyClass, ReplyCode};

/// Octets of commands written before their replies are read. Both sides writing without reading
/// would wait for each other for ever (RFC 2920 section 3.1); so much fits into any socket's
/// buffer.
const MAX_GROUP: usize = 8 * 1024;

/// What a transaction needs to know of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageInfo {
    /// Octets, not dot-stuffed.
    pub octets: u64,
    /// Whether it has octets over 127.
    pub eight_bit: bool,
}

/// What the driver has to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Write these octets in one go.
    Write(Vec<u8>),
    /// Read one reply within the phase's time-out and hand it to [`Transaction::reply`].
    Read(Phase),
    /// Write the message with dots stuffed and its CRLF.CRLF ([`super::dot_stuff`]), each block
    /// within [`Phase::DataBlock`]. Calling [`Transaction::next_action`] again says that all of it
    /// is written.
    WriteMessage,
    /// The transaction is over.
    Done(TransactionOutcome),
}

/// One mail transaction on a connection on which EHLO was answered. Holds no I/O objects.
///
/// The driver's loop: do what [`Transaction::next_action`] says until it says [`Action::Done`].
/// When the connection breaks, a time-out fires or octets come that are no reply:
/// [`Transaction::connection_lost`].
///
/// The transaction leaves the connection with none open: it says RSET where one would be left.
#[derive(Debug)]
pub struct Transaction {
    recipients: Vec<(Address, Standing)>,
    commands: VecDeque<(Command, Vec<u8>)>,
    /// Commands written whose replies are still to come.
    awaited: VecDeque<Command>,
    stage: Stage,
    pipelining: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// MAIL, RCPT and DATA.
    Envelope,
    /// After 354, with recipients.
    Message,
    /// The message is being written.
    WritingMessage,
    /// After 354, though no recipient was accepted.
    LoneDot,
    /// A transaction without a message is to be left.
    Reset,
    /// The last reply is awaited.
    LastReply,
    Over(Connection),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Mail,
    /// The recipient at this place.
    Rcpt(usize),
    Data,
    /// The end of the message.
    End,
    /// The end of the empty message after a 354 that should not have come.
    EmptyEnd,
    Rset,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Waiting,
    Accepted,
    Settled(RecipientResult),
}

impl Transaction {
    /// A transaction for `envelope`. Recipients that cannot be written to this server are settled
    /// without asking it.
    pub fn new(envelope: Envelope, message: MessageInfo, extensions: PeerExtensions) -> Self {
        let mut transaction = Self {
            recipients: envelope.recipients.into_iter().map(|a| (a, Standing::Waiting)).collect(),
            commands: VecDeque::new(),
            awaited: VecDeque::new(),
            stage: Stage::Envelope,
            pipelining: extensions.pipelining,
        };
        transaction.settle_beforehand(&envelope.sender, message, extensions);
        transaction.write_commands(&envelope.sender, message, extensions);
        transaction
    }

    fn settle_beforehand(
        &mut self,
        sender: &ReversePath,
        message: MessageInfo,
        peer: PeerExtensions,
    ) {
        let for_all = if peer.max_size.is_some_and(|max| message.octets > max) {
            Some(Cause::TooLarge)
        } else if message.eight_bit && !peer.eight_bit_mime {
            Some(Cause::EightBitNeeded)
        } else if !sender.as_str().is_ascii() && !peer.smtputf8 {
            Some(Cause::Smtputf8Needed)
        } else {
            None
        };
        for (address, standing) in &mut self.recipients {
            let own = (!address.is_ascii() && !peer.smtputf8).then_some(Cause::Smtputf8Needed);
            if let Some(cause) = for_all.clone().or(own) {
                *standing = Standing::Settled(RecipientResult::Failed(cause));
            }
        }
    }

    fn write_commands(&mut self, sender: &ReversePath, message: MessageInfo, peer: PeerExtensions) {
        let wanted = |(_, standing): &&(Address, Standing)| *standing == Standing::Waiting;
        if !self.recipients.iter().any(|recipient| wanted(&recipient)) {
            self.stage = Stage::Over(Connection::Usable);
            return;
        }
        let beyond_ascii = !sender.as_str().is_ascii()
            || self.recipients.iter().filter(wanted).any(|(address, _)| !address.is_ascii());
        let size = if peer.size { format!(" SIZE={}", message.octets) } else { String::new() };
        let body = if message.eight_bit { " BODY=8BITMIME" } else { "" };
        let utf8 = if beyond_ascii { " SMTPUTF8" } else { "" };
        let mail = format!("MAIL FROM:<{}>{size}{body}{utf8}\r\n", sender.as_str());
        self.commands.push_back((Command::Mail, mail.into_bytes()));
        for (place, (address, standing)) in self.recipients.iter().enumerate() {
            if *standing == Standing::Waiting {
                let line = format!("RCPT TO:<{address}>\r\n").into_bytes();
                self.commands.push_back((Command::Rcpt(place), line));
            }
        }
        self.commands.push_back((Command::Data, b"DATA\r\n".to_vec()));
    }

    /// What to do next. To call it again says that the last action was done.
    pub fn next_action(&mut self) -> Action {
        if let Some(command) = self.awaited.front() {
            return Action::Read(match command {
                Command::Mail | Command::Rcpt(_) | Command::Rset => Phase::Command,
                Command::Data => Phase::DataInitiation,
                Command::End | Command::EmptyEnd => Phase::DataTermination,
            });
        }
        match self.stage {
            Stage::Envelope => match self.next_group() {
                Some(group) => Action::Write(group),
                None => self.say(Command::Rset, b"RSET\r\n"),
            },
            Stage::Message => {
                self.stage = Stage::WritingMessage;
                Action::WriteMessage
            }
            Stage::WritingMessage => {
                self.stage = Stage::LastReply;
                self.awaited.push_back(Command::End);
                Action::Read(Phase::DataTermination)
            }
            // RFC 2920 section 3.1: the server waits for a message that nobody would receive.
            Stage::LoneDot => self.say(Command::EmptyEnd, b".\r\n"),
            Stage::Reset => self.say(Command::Rset, b"RSET\r\n"),
            Stage::LastReply => Action::Done(self.outcome(Connection::Unusable)),
            Stage::Over(connection) => Action::Done(self.outcome(connection)),
        }
    }

    /// The next commands that go out together; `None` when none is worth writing.
    fn next_group(&mut self) -> Option<Vec<u8>> {
        // DATA alone is only said when someone is there to receive.
        let data_is_next = matches!(self.commands.front(), Some((Command::Data, _)));
        if data_is_next && !self.has_accepted() {
            return None;
        }
        let (command, mut group) = self.commands.pop_front()?;
        self.awaited.push_back(command);
        while self.pipelining
            && let Some((_, line)) = self.commands.front()
            && group.len() + line.len() <= MAX_GROUP
            && let Some((command, line)) = self.commands.pop_front()
        {
            group.extend_from_slice(&line);
            self.awaited.push_back(command);
        }
        Some(group)
    }

    fn say(&mut self, command: Command, octets: &[u8]) -> Action {
        self.stage = Stage::LastReply;
        self.awaited.push_back(command);
        Action::Write(octets.to_vec())
    }

    /// Takes the reply that [`Action::Read`] asked for. One that was not asked for makes the
    /// connection unusable.
    pub fn reply(&mut self, reply: PeerReply) {
        let Some(command) = self.awaited.pop_front() else {
            self.give_up(&Cause::Violation(reply));
            return;
        };
        if reply.code == ReplyCode::UNAVAILABLE {
            self.give_up(&Cause::Reply(reply));
            return;
        }
        match (command, reply.code.class()) {
            (Command::Data, ReplyClass::Intermediate) if self.has_accepted() => {
                self.stage = Stage::Message;
            }
            (Command::Data, ReplyClass::Intermediate) => self.stage = Stage::LoneDot,
            (Command::Data, ReplyClass::Positive) | (_, ReplyClass::Intermediate) => {
                self.give_up(&Cause::Violation(reply));
            }
            (Command::Mail, ReplyClass::Positive) => {}
            (Command::Mail, _) => {
                // What was not written stays unwritten; the replies to what was are read and
                // ignored.
                self.commands.clear();
                self.settle(&Standing::Waiting, &RecipientResult::refused(&reply));
            }
            (Command::Rcpt(place), class) => self.recipient_reply(place, class, &reply),
            (Command::Data, _) => {
                self.settle(&Standing::Accepted, &RecipientResult::refused(&reply));
                self.stage = Stage::Reset;
            }
            (Command::End, class) => {
                let result = match class {
                    ReplyClass::Positive => RecipientResult::Delivered(reply),
                    _ => RecipientResult::refused(&reply),
                };
                self.settle(&Standing::Accepted, &result);
                self.stage = Stage::Over(Connection::Usable);
            }
            (Command::EmptyEnd, _) | (Command::Rset, ReplyClass::Positive) => {
                self.stage = Stage::Over(Connection::Usable);
            }
            (Command::Rset, _) => self.stage = Stage::Over(Connection::Unusable),
        }
    }

    fn recipient_reply(&mut self, place: usize, class: ReplyClass, reply: &PeerReply) {
        let Some((_, standing)) = self.recipients.get_mut(place) else {
            return;
        };
        if *standing != Standing::Waiting {
            return;
        }
        *standing = if class == ReplyClass::Positive {
            Standing::Accepted
        } else if says_too_many_recipients(reply) {
            Standing::Settled(RecipientResult::Deferred(Cause::Reply(reply.clone())))
        } else {
            Standing::Settled(RecipientResult::refused(reply))
        };
    }

    /// Ends the transaction: the connection is gone, or is no longer to be trusted (a time-out,
    /// octets that are no reply). Whoever has no result yet is deferred.
    #[must_use]
    pub fn connection_lost(mut self) -> TransactionOutcome {
        let cause = match self.awaited.front() {
            Some(Command::End) => Cause::LostAfterMessage,
            _ => Cause::Lost,
        };
        self.give_up(&cause);
        self.outcome(Connection::Unusable)
    }

    fn give_up(&mut self, cause: &Cause) {
        let result = RecipientResult::Deferred(cause.clone());
        self.settle(&Standing::Waiting, &result);
        self.settle(&Standing::Accepted, &result);
        self.awaited.clear();
        self.stage = Stage::Over(Connection::Unusable);
    }

    fn settle(&mut self, which: &Standing, result: &RecipientResult) {
        for (_, standing) in &mut self.recipients {
            if standing == which {
                *standing = Standing::Settled(result.clone());
            }
        }
    }

    fn has_accepted(&self) -> bool {
        self.recipients.iter().any(|(_, standing)| *standing == Standing::Accepted)
    }

    fn outcome(&self, connection: Connection) -> TransactionOutcome {
        let result = |standing: &Standing| match standing {
            Standing::Settled(result) => result.clone(),
            Standing::Waiting | Standing::Accepted => RecipientResult::Deferred(Cause::Lost),
        };
        TransactionOutcome {
            recipients: self.recipients.iter().map(|(a, s)| (a.clone(), result(s))).collect(),
            connection,
        }
    }
}

/// RFC 5321 section 4.5.3.1.10: an old server says 552 where 452 is meant. One that adds another
/// enhanced code means what it says.
fn says_too_many_recipients(reply: &PeerReply) -> bool {
    reply.code == ReplyCode::TOO_LARGE
        && reply.enhanced_status().is_none_or(|status| status == "5.5.3")
}
