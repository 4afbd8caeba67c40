//! A driver for tests: takes every message, starts every TLS, and writes down what happened.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use sekimori_policy::Domain;

use super::Session;
use crate::{
    BareLineEnds, Event, Peer, ReceivedMessage, RecipientDomains, Refusal, Reply, SessionSettings,
    TlsInfo, status,
};

pub(crate) fn settings() -> SessionSettings {
    let domains = ["town.example.lg.jp", "例え.jp"].map(|d| Domain::parse(d).unwrap());
    let domains = Arc::new(RecipientDomains::new(domains.to_vec()));
    SessionSettings { starttls_offered: true, ..SessionSettings::new("mx.example.jp", domains) }
}

pub(crate) fn peer(xforward_allowed: bool) -> Peer {
    Peer { address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), xforward_allowed }
}

/// What a session did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) output: String,
    pub(crate) messages: Vec<ReceivedMessage>,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) closed: bool,
}

/// A session and its driver.
pub(crate) struct Driven {
    pub(crate) session: Session,
    pub(crate) record: Record,
    /// How messages are answered.
    pub(crate) answer: Reply,
    /// How messages are refused when they are announced, if they are.
    pub(crate) refuse: Option<Reply>,
    bound: usize,
}

impl Driven {
    pub(crate) fn with(settings: SessionSettings) -> Self {
        let bound = settings.max_message_octets + settings.max_command_line;
        Self {
            session: Session::new(Arc::new(settings), peer(true)),
            record: Record::default(),
            answer: Reply::queued("1A3"),
            refuse: None,
            bound,
        }
    }

    pub(crate) fn new() -> Self {
        Self::with(settings())
    }

    pub(crate) fn normalising() -> Self {
        Self::with(SessionSettings { bare_line_ends: BareLineEnds::Normalise, ..settings() })
    }

    /// A session that has said EHLO, with what was written so far forgotten.
    pub(crate) fn greeted(mut self) -> Self {
        self.feed(b"EHLO client.example\r\n");
        self.record.output.clear();
        self
    }

    /// Feeds input in one piece, as a driver does.
    pub(crate) fn feed(&mut self, input: &[u8]) {
        let mut rest = input;
        loop {
            let step = self.session.process(rest);
            assert!(step.consumed <= rest.len());
            rest = &rest[step.consumed..];
            assert!(
                self.session.buffered_octets() + self.session.line.capacity()
                    <= 2 * self.bound + 64
            );
            match step.event {
                None => {
                    let output = self.session.take_output();
                    let written = !output.is_empty();
                    self.record.output.push_str(str::from_utf8(&output).unwrap());
                    if rest.is_empty() {
                        return;
                    }
                    assert!(written || step.consumed > 0, "the session is stuck");
                }
                Some(Event::StartTls(request)) => {
                    self.write();
                    rest = &[];
                    let info = TlsInfo { version: "TLSv1.3".into(), cipher: "X".into() };
                    self.session.tls_started(request, info);
                }
                Some(Event::DataRequested(request)) => match self.refuse.clone() {
                    None => self.session.accept_data(request),
                    Some(reply) => self.session.refuse_data(request, reply),
                },
                Some(Event::Message(message, turn)) => {
                    self.record.messages.push(*message);
                    self.session.answer(turn, &self.answer);
                }
                Some(Event::Status(id, turn)) => {
                    let known = (id.0 == 0x1A3).then_some(status::RecipientStatus::Delivered);
                    let reply = known.map_or_else(status::unknown, |one| status::reply(&[one]));
                    self.session.answer_status(turn, &reply);
                }
                Some(Event::Refused(refusal)) => self.record.refusals.push(*refusal),
                Some(Event::Close) => {
                    self.write();
                    self.record.closed = true;
                    return;
                }
            }
        }
    }

    fn write(&mut self) {
        let output = self.session.take_output();
        self.record.output.push_str(str::from_utf8(&output).unwrap());
    }

    /// Feeds one piece and gives the replies to it.
    pub(crate) fn say(&mut self, input: &str) -> String {
        self.record.output.clear();
        self.feed(input.as_bytes());
        std::mem::take(&mut self.record.output)
    }

    /// Feeds one piece and gives code and enhanced code of each reply line, joined by a comma.
    pub(crate) fn codes(&mut self, input: &str) -> String {
        let output = self.say(input);
        let code = |line: &str| {
            let mut words = line.split(' ');
            let first = words.next().unwrap_or_default().to_owned();
            match words.next() {
                Some(word)
                    if word.split('.').count() == 3 && word.as_bytes()[0].is_ascii_digit() =>
                {
                    format!("{first} {word}")
                }
                _ => first,
            }
        };
        output.lines().map(code).collect::<Vec<_>>().join(", ")
    }
}
