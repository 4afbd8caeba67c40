//! The octets of a message, by DATA or by chunks, and what is said at its end.

use sekimori_policy::{Code, Envelope};

use super::transaction::{Chunks, Transaction, too_large};
use super::{Blame, Greeted, OpenChunk, Progress, Session, State};
use crate::command::Chunk;
use crate::content::Fault;
use crate::data::Scanned;
use crate::event::{Event, MessageTurn, Refusal};
use crate::{Protocol, ReceivedMessage, Reply, ReplyCode};

impl OpenChunk {
    /// A chunk of the message in progress.
    pub(super) fn of_message(chunk: Chunk) -> Self {
        Self { remaining: chunk.octets, octets: chunk.octets, last: chunk.last, refused: None }
    }

    /// A chunk that is dropped and answered with `reply`.
    pub(super) fn refused(chunk: Chunk, reply: Reply, blame: Blame) -> Self {
        Self { refused: Some((reply, blame)), ..Self::of_message(chunk) }
    }
}

impl Session {
    /// Takes octets after 354.
    pub(super) fn read_data(&mut self, input: &[u8]) -> Progress {
        let limit = self.settings.wire_limit();
        let State::Data(scanner, content, so_far) = &mut self.state else {
            return Progress::Go(0);
        };
        let allowed = usize::try_from(limit.saturating_sub(*so_far)).unwrap_or(usize::MAX);
        let window = input.get(..allowed).unwrap_or(input);
        let Scanned { consumed, ended } = scanner.scan(window, content);
        *so_far = so_far.saturating_add(u64::try_from(consumed).unwrap_or(u64::MAX));
        if ended {
            let State::Data(_, content, _) = std::mem::replace(&mut self.state, State::Command)
            else {
                return Progress::Go(consumed);
            };
            return self.message_ended(content.finish(), consumed);
        }
        if *so_far < limit {
            return Progress::Starved;
        }
        let reply = Reply::new(ReplyCode::UNAVAILABLE, 3, 4, "The message does not end");
        self.reply(&reply, Blame::Client);
        Progress::Go(consumed)
    }

    /// Takes octets of a chunk.
    pub(super) fn read_chunk(&mut self, input: &[u8]) -> Progress {
        let State::Chunk(chunk) = &mut self.state else {
            return Progress::Go(0);
        };
        let wanted = usize::try_from(chunk.remaining).unwrap_or(usize::MAX);
        let octets = input.get(..wanted).unwrap_or(input);
        if chunk.refused.is_none()
            && let Some(Transaction { chunks: Chunks::Open(scanner, content), .. }) =
                &mut self.transaction
        {
            scanner.scan(octets, content);
        }
        chunk.remaining -= u64::try_from(octets.len()).unwrap_or(chunk.remaining);
        if chunk.remaining > 0 {
            return Progress::Starved;
        }
        let used = octets.len();
        match std::mem::replace(&mut self.state, State::Command) {
            State::Chunk(chunk) => self.chunk_ended(chunk, used),
            _ => Progress::Go(used),
        }
    }

    fn chunk_ended(&mut self, chunk: OpenChunk, used: usize) -> Progress {
        if let Some((reply, blame)) = chunk.refused {
            let failed = |t: &Transaction| matches!(t.chunks, Chunks::Failed);
            if chunk.last && self.transaction.as_ref().is_some_and(failed) {
                self.end_transaction();
            }
            self.reply(&reply, blame);
            return Progress::Go(used);
        }
        let Some(transaction) = &mut self.transaction else {
            return Progress::Go(used);
        };
        match std::mem::replace(&mut transaction.chunks, Chunks::Failed) {
            Chunks::Open(scanner, mut content) => {
                if chunk.last {
                    scanner.finish(&mut content);
                    return self.message_ended(content.finish(), used);
                }
                if !content.has_failed() {
                    transaction.chunks = Chunks::Open(scanner, content);
                    let text = format!("{} octets received", chunk.octets);
                    self.reply(&Reply::new(ReplyCode::OK, 0, 0, text), Blame::Nobody);
                    return Progress::Go(used);
                }
                match content.finish() {
                    Err(fault) => self.message_failed(fault, used),
                    Ok(_) => Progress::Go(used),
                }
            }
            Chunks::None | Chunks::Failed => Progress::Go(used),
        }
    }

    fn message_ended(&mut self, message: Result<Vec<u8>, Fault>, used: usize) -> Progress {
        match message {
            Ok(data) => self.message_received(data, used),
            Err(fault) => {
                let progress = self.message_failed(fault, used);
                self.end_transaction();
                progress
            }
        }
    }

    fn message_received(&mut self, data: Vec<u8>, used: usize) -> Progress {
        let Some(transaction) = &mut self.transaction else {
            return Progress::Go(used);
        };
        transaction.chunks = Chunks::Failed;
        let parameters = transaction.parameters;
        let message = ReceivedMessage {
            envelope: Envelope {
                sender: transaction.sender.clone(),
                recipients: std::mem::take(&mut transaction.recipients),
            },
            data,
            smtputf8: parameters.smtputf8,
            body_8bit: parameters.body_8bit,
            client: self.client.clone(),
            protocol: self.protocol(parameters.smtputf8),
        };
        self.state = State::AwaitingAnswer;
        let turn = MessageTurn(());
        Progress::Driver(used, Event::Message(Box::new(message), turn))
    }

    /// Answers a message that is refused for what it is.
    fn message_failed(&mut self, fault: Fault, used: usize) -> Progress {
        let (reply, code) = match fault {
            Fault::Discarded(reply) => {
                self.reply(&reply, Blame::Nobody);
                return Progress::Go(used);
            }
            Fault::TooLarge => (too_large(), Code::RejectSize),
            Fault::BareLineEnd => {
                let reply = Reply::new(ReplyCode::REFUSED, 6, 11, "Bare CR or LF in the message");
                (reply, Code::RejectLineEnds)
            }
        };
        let refusal = Refusal {
            code,
            reply,
            sender: self.transaction.as_ref().map(|t| t.sender.clone()),
            recipient: None,
        };
        self.refusal(used, refusal, Blame::Client)
    }

    /// RFC 3848, and RFC 6531 section 4.3.
    fn protocol(&self, smtputf8: bool) -> Protocol {
        match (smtputf8, self.client.tls.is_some(), self.greeted) {
            (true, true, _) => Protocol::Utf8Smtps,
            (true, false, _) => Protocol::Utf8Smtp,
            (false, true, _) => Protocol::Esmtps,
            (false, false, Some(Greeted::Ehlo)) => Protocol::Esmtp,
            (false, false, Some(Greeted::Helo) | None) => Protocol::Smtp,
        }
    }
}
