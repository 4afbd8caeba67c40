//! MAIL, RCPT, DATA and BDAT: a mail transaction up to its message.

use sekimori_policy::{Address, Code, ReversePath};

use super::{Announced, Blame, Greeted, OpenChunk, Progress, Session, State};
use crate::command::Chunk;
use crate::content::Content;
use crate::data::DataScanner;
use crate::event::{DataRequest, Event, Refusal};
use crate::parameters::{self, MailParameters, ParameterError};
use crate::path::{self, BracketedPath, RecipientError};
use crate::{Reply, ReplyCode};

/// A transaction that MAIL began.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) sender: ReversePath,
    pub(super) parameters: MailParameters,
    /// Each recipient once, in the order given.
    pub(super) recipients: Vec<Address>,
    pub(super) chunks: Chunks,
    /// A RCPT was refused.
    refused: bool,
    /// The limit on recipients was met, which is recorded once.
    over_limit: bool,
}

/// A message coming in by BDAT.
#[derive(Debug)]
pub(super) enum Chunks {
    None,
    Open(DataScanner, Content),
    /// A chunk was refused: so are all that follow, until the last one or RSET (RFC 3030 section
    /// 2).
    Failed,
}

impl Session {
    /// MAIL (RFC 5321 section 4.1.1.2).
    pub(super) fn mail(&mut self, argument: BracketedPath<'_>, used: usize) -> Progress {
        let Some(greeted) = self.greeted else {
            self.out_of_sequence("Say EHLO first", Blame::Client);
            return Progress::Go(used);
        };
        if self.transaction.is_some() {
            self.out_of_sequence("A transaction is in progress", Blame::Client);
            return Progress::Go(used);
        }
        let (reply, refusal) = match self.begin(argument, greeted) {
            Ok(transaction) => {
                self.transaction = Some(transaction);
                let reply = Reply::new(ReplyCode::OK, 1, 0, "Sender ok");
                self.reply(&reply, Blame::Nobody);
                return Progress::Go(used);
            }
            Err(refused) => refused,
        };
        self.mail_refused = true;
        let Some(code) = refusal else {
            self.reply(&reply, Blame::Client);
            return Progress::Go(used);
        };
        let refusal =
            Refusal { code, reply, sender: path::reverse_path(argument.inner), recipient: None };
        self.refusal(used, refusal, Blame::Client)
    }

    fn begin(
        &self,
        argument: BracketedPath<'_>,
        greeted: Greeted,
    ) -> Result<Transaction, (Reply, Option<Code>)> {
        let sender = path::reverse_path(argument.inner).ok_or_else(|| {
            (Reply::new(ReplyCode::BAD_ARGUMENT, 1, 7, "Bad sender address"), None)
        })?;
        // RFC 5321 section 4.1.1.1: without EHLO no extension is in use.
        let parameters = match parameters::parse(argument.parameters) {
            Ok(read) if greeted == Greeted::Ehlo || read == MailParameters::default() => read,
            Ok(_) | Err(ParameterError::Unknown) => return Err((unknown_parameter(), None)),
            Err(ParameterError::Malformed) => {
                let reply = Reply::new(ReplyCode::BAD_ARGUMENT, 5, 4, "Bad MAIL parameter");
                return Err((reply, None));
            }
        };
        if !parameters.smtputf8 && !argument.inner.is_ascii() {
            return Err((needs_smtputf8(), None));
        }
        let limit = u64::try_from(self.settings.max_message_octets).unwrap_or(u64::MAX);
        if parameters.size.is_some_and(|size| size > limit) {
            return Err((too_large(), Some(Code::RejectSize)));
        }
        Ok(Transaction {
            sender,
            parameters,
            recipients: Vec::new(),
            chunks: Chunks::None,
            refused: false,
            over_limit: false,
        })
    }

    /// RCPT (RFC 5321 section 4.1.1.3).
    pub(super) fn rcpt(&mut self, argument: BracketedPath<'_>, used: usize) -> Progress {
        let blame = self.blame_without_mail();
        let Some(transaction) = &mut self.transaction else {
            self.out_of_sequence("Say MAIL first", blame);
            return Progress::Go(used);
        };
        if !matches!(transaction.chunks, Chunks::None) {
            self.out_of_sequence("The message has begun", Blame::Client);
            return Progress::Go(used);
        }
        let verdict = transaction.take(argument, &self.settings);
        match verdict {
            Ok(()) => {
                let reply = Reply::new(ReplyCode::OK, 1, 5, "Recipient ok");
                self.reply(&reply, Blame::Nobody);
                Progress::Go(used)
            }
            Err(RcptRefused::Plain(reply, blame)) => {
                transaction.refused = true;
                self.reply(&reply, blame);
                Progress::Go(used)
            }
            Err(RcptRefused::Recorded(reply, code, blame)) => {
                transaction.refused = true;
                let refusal = Refusal {
                    code,
                    reply,
                    sender: Some(transaction.sender.clone()),
                    recipient: Some(argument.inner.to_owned()),
                };
                self.refusal(used, refusal, blame)
            }
        }
    }

    /// DATA (RFC 5321 section 4.1.1.4).
    pub(super) fn data(&mut self, used: usize) -> Progress {
        if let Err((reply, blame)) = self.ready_for_message() {
            self.reply(&reply, blame);
            return Progress::Go(used);
        }
        let transaction = self.transaction.as_ref();
        if transaction.is_some_and(|t| !matches!(t.chunks, Chunks::None)) {
            self.out_of_sequence("The message has begun with BDAT", Blame::Client);
            return Progress::Go(used);
        }
        self.state = State::AwaitingData(Announced::Data);
        let declared_size = transaction.and_then(|t| t.parameters.size);
        Progress::Driver(used, Event::DataRequested(DataRequest { declared_size }))
    }

    /// BDAT (RFC 3030 section 2). Whatever is wrong, the octets that it announces are no commands.
    /// A refused chunk is always an error of the client, since it costs as much as one that is
    /// taken.
    pub(super) fn bdat(&mut self, chunk: Chunk, used: usize) -> Progress {
        if let Err((reply, _)) = self.ready_for_message() {
            self.state = State::Chunk(OpenChunk::refused(chunk, reply, Blame::Client));
            return Progress::Go(used);
        }
        let transaction = self.transaction.as_ref();
        match transaction.map(|t| &t.chunks) {
            Some(Chunks::Open(..)) => {
                self.state = State::Chunk(OpenChunk::of_message(chunk));
                Progress::Go(used)
            }
            Some(Chunks::Failed) => {
                let reply =
                    Reply::new(ReplyCode::BAD_SEQUENCE, 5, 1, "An earlier chunk was refused");
                self.state = State::Chunk(OpenChunk::refused(chunk, reply, Blame::Client));
                Progress::Go(used)
            }
            Some(Chunks::None) | None => {
                self.state = State::AwaitingData(Announced::Bdat(chunk));
                let declared = transaction.and_then(|t| t.parameters.size);
                let limit = u64::try_from(self.settings.max_message_octets).unwrap_or(u64::MAX);
                let declared_size = Some(declared.unwrap_or(0).max(chunk.octets).min(limit));
                Progress::Driver(used, Event::DataRequested(DataRequest { declared_size }))
            }
        }
    }

    /// Whether there is someone to receive a message.
    fn ready_for_message(&self) -> Result<(), (Reply, Blame)> {
        let bad_sequence = |text| Reply::new(ReplyCode::BAD_SEQUENCE, 5, 1, text);
        let Some(transaction) = &self.transaction else {
            return Err((bad_sequence("Say MAIL first"), self.blame_without_mail()));
        };
        match (transaction.recipients.is_empty(), transaction.refused) {
            (false, _) => Ok(()),
            // RFC 2920 section 3.1: pipelined behind recipients that were all refused.
            (true, true) => {
                let reply = Reply::new(ReplyCode::FAILED, 5, 1, "No valid recipients");
                Err((reply, Blame::Nobody))
            }
            (true, false) => Err((bad_sequence("Say RCPT first"), Blame::Client)),
        }
    }

    /// What was pipelined behind a refused MAIL is no further fault.
    fn blame_without_mail(&self) -> Blame {
        if self.mail_refused { Blame::Nobody } else { Blame::Client }
    }
}

/// How a RCPT is refused.
enum RcptRefused {
    Plain(Reply, Blame),
    /// With a refusal for the record.
    Recorded(Reply, Code, Blame),
}

impl Transaction {
    fn take(
        &mut self,
        argument: BracketedPath<'_>,
        settings: &crate::SessionSettings,
    ) -> Result<(), RcptRefused> {
        if !argument.parameters.is_empty() {
            return Err(RcptRefused::Plain(unknown_parameter(), Blame::Client));
        }
        let address = path::recipient(argument.inner, &settings.domains).map_err(|error| {
            RcptRefused::Recorded(recipient_reply(error), Code::RejectRelay, Blame::Client)
        })?;
        if !self.parameters.smtputf8 && !address.is_ascii() {
            return Err(RcptRefused::Plain(needs_smtputf8(), Blame::Client));
        }
        if self.recipients.contains(&address) {
            return Ok(());
        }
        if self.recipients.len() >= settings.max_recipients {
            // RFC 5321 section 4.5.3.1.10: the client sends the rest later, so it is not blamed.
            let reply = Reply::new(ReplyCode::STORAGE_SHORT, 5, 3, "Too many recipients");
            return Err(if std::mem::replace(&mut self.over_limit, true) {
                RcptRefused::Plain(reply, Blame::Nobody)
            } else {
                RcptRefused::Recorded(reply, Code::RejectRecipients, Blame::Nobody)
            });
        }
        self.recipients.push(address);
        Ok(())
    }
}

fn recipient_reply(error: RecipientError) -> Reply {
    let (subject, detail, text) = match error {
        RecipientError::Relay => (7, 1, "Relaying is not done here"),
        RecipientError::SourceRoute => (1, 3, "Source routes are not followed"),
        RecipientError::Null => (1, 3, "The null path is no recipient"),
        RecipientError::NoDomain => (1, 3, "The recipient has no domain"),
        RecipientError::LocalPart => (1, 3, "Bad recipient address"),
    };
    Reply::new(ReplyCode::REFUSED, subject, detail, text)
}

fn unknown_parameter() -> Reply {
    Reply::new(ReplyCode::UNKNOWN_PARAMETER, 5, 4, "Parameter not recognised")
}

/// RFC 6531 section 3.5.
fn needs_smtputf8() -> Reply {
    let text = "An address outside ASCII needs SMTPUTF8";
    Reply::new(ReplyCode::NAME_NOT_ALLOWED, 6, 7, text)
}

pub(super) fn too_large() -> Reply {
    Reply::new(ReplyCode::TOO_LARGE, 3, 4, "Message larger than the limit")
}
