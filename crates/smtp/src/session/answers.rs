//! What the driver answers to events: TLS has started, a message is taken or not, and what became
//! of it. Each answer spends the right that came with its event, so it can neither be given twice
//! nor without one.

use super::{Announced, Blame, Chunks, OpenChunk, Session, State};
use crate::content::{Content, Fault};
use crate::data::DataScanner;
use crate::event::{DataRequest, MessageTurn, StatusTurn, TlsRequest};
use crate::{Reply, ReplyClass, ReplyCode, TlsInfo};

impl Session {
    /// Answers [`crate::Event::StartTls`] once the handshake is done. Everything the client said
    /// before is forgotten (RFC 3207 section 4.2): it has to say EHLO again.
    pub fn tls_started(&mut self, request: TlsRequest, info: TlsInfo) {
        request.spend();
        if !matches!(self.state, State::AwaitingTls) {
            return;
        }
        self.state = State::Command;
        self.output.clear();
        self.greeted = None;
        self.client.helo.clear();
        self.client.tls = Some(info);
        self.end_transaction();
    }

    /// Answers [`crate::Event::DataRequested`]: the message is taken in. For DATA, 354 is in the
    /// output then.
    pub fn accept_data(&mut self, request: DataRequest) {
        let declared_size = request.spend();
        let State::AwaitingData(announced) = &self.state else {
            return;
        };
        let announced = *announced;
        let content = Content::new(
            self.settings.max_message_octets,
            self.settings.bare_line_ends,
            declared_size,
        );
        match announced {
            Announced::Data => {
                let text = "End data with <CR><LF>.<CR><LF>";
                Reply::plain(ReplyCode::START_DATA, vec![text.into()]).write_to(&mut self.output);
                self.state = State::Data(DataScanner::for_data(), content, 0);
            }
            Announced::Bdat(chunk) => {
                if let Some(transaction) = &mut self.transaction {
                    transaction.chunks = Chunks::Open(DataScanner::for_chunks(), content);
                }
                self.state = State::Chunk(OpenChunk::of_message(chunk));
            }
        }
    }

    /// Answers [`crate::Event::DataRequested`]: the message is not taken in (452 when memory is
    /// short). After DATA `reply` is in the output at once; after BDAT it follows the octets of the
    /// chunk.
    pub fn refuse_data(&mut self, request: DataRequest, reply: Reply) {
        request.spend();
        let State::AwaitingData(announced) = &self.state else {
            return;
        };
        match *announced {
            Announced::Data => {
                self.state = State::Command;
                self.reply(&reply, Blame::Nobody);
            }
            Announced::Bdat(chunk) => {
                if let Some(transaction) = &mut self.transaction {
                    transaction.chunks = Chunks::Failed;
                }
                self.state = State::Chunk(OpenChunk::refused(chunk, reply, Blame::Nobody));
            }
        }
    }

    /// Answers [`crate::Event::Message`] with a 2yz, 4yz or 5yz reply, which ends the transaction.
    /// A 421 ends the session.
    pub fn answer(&mut self, turn: MessageTurn, reply: &Reply) {
        turn.spend();
        if !matches!(self.state, State::AwaitingAnswer) {
            return;
        }
        self.state = State::Command;
        self.end_transaction();
        if reply.code().class() == ReplyClass::Positive {
            self.errors = 0;
        }
        self.reply(reply, Blame::Nobody);
    }

    /// Answers [`crate::Event::Status`] with the status of each recipient, or that there is none.
    pub fn answer_status(&mut self, turn: StatusTurn, reply: &Reply) {
        turn.spend();
        if matches!(self.state, State::AwaitingAnswer) {
            self.state = State::Command;
            self.reply(reply, Blame::Nobody);
        }
    }

    /// Frees what was received of the current message, reads it to its end and answers it with
    /// `reply` there (452 4.3.1 when memory is short). False, and nothing done, when no message is
    /// being received.
    pub fn discard_data(&mut self, reply: Reply) -> bool {
        let chunks = self.transaction.as_mut().map(|t| &mut t.chunks);
        let ((State::Data(_, content, _), _) | (_, Some(Chunks::Open(_, content)))) =
            (&mut self.state, chunks)
        else {
            return false;
        };
        // What is refused for good already stays so.
        if !content.has_failed() {
            content.fail(Fault::Discarded(reply));
        }
        true
    }
}
