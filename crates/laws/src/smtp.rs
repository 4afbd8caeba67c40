//! What holds for every octet that a client or a load balancer sends.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use sekimori_policy::Domain;
use sekimori_smtp::proxy::{self, Decoded, MAX_HEADER};
use sekimori_smtp::{
    BareLineEnds, Event, MAX_OUTPUT, Peer, ReceivedMessage, RecipientDomains, Refusal, Reply,
    Session, SessionSettings, TlsInfo, status,
};

/// Settings with small bounds, so that short inputs go over them.
const MAX_MESSAGE: usize = 4_000;
const MAX_RECIPIENTS: usize = 5;
const MAX_LINE: usize = 600;

/// The first octet chooses the settings, the rest is what a client sends. In one piece or in many, it
/// gives the same replies and messages; replies are lines of printable ASCII; messages hold CR and LF
/// as CRLF alone, are within their bounds and for recipients of the configured domains only; and what
/// a session holds in memory is bounded.
pub fn smtp_session(data: &[u8]) {
    let Some((&choice, sent)) = data.split_first() else {
        return;
    };
    let whole = Record::of(choice, std::iter::once(sent));
    whole.check();
    for size in [1, 2, 7, 600] {
        let pieces = Record::of(choice, sent.chunks(size));
        if whole.tls || pieces.tls {
            // How much stood behind STARTTLS in the same read, and was dropped, differs.
            pieces.check();
        } else {
            assert_eq!(pieces, whole, "pieces of {size} octets are as good as one");
        }
    }
}

/// Lines that a gate answers with, read as what became of a message's recipients: whatever is read is
/// what the same lines would be written for, so that nothing else can come back from a gate.
pub fn smtp_status(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let lines: Vec<&str> = text.split('\n').collect();
    if let Some(read) = status::parse(lines.iter().copied()) {
        assert_eq!(read.len(), lines.len());
        let mut written = Vec::new();
        status::reply(&read).write_to(&mut written);
        let said: Vec<&str> = str::from_utf8(&written)
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.get(4..))
            .collect();
        assert_eq!(said, lines, "a status has one form");
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Record {
    output: Vec<u8>,
    messages: Vec<ReceivedMessage>,
    refusals: Vec<Refusal>,
    closed: bool,
    tls: bool,
}

fn bit(choice: u8, position: u8) -> bool {
    choice & (1 << position) != 0
}

fn domains() -> Arc<RecipientDomains> {
    let names = ["town.example.lg.jp", "例え.jp"];
    Arc::new(RecipientDomains::new(names.iter().filter_map(|n| Domain::parse(n).ok()).collect()))
}

fn settings(choice: u8) -> SessionSettings {
    let normalise = bit(choice, 0);
    SessionSettings {
        max_message_octets: MAX_MESSAGE,
        max_wire_octets: 10_000,
        max_recipients: MAX_RECIPIENTS,
        max_commands: 200,
        max_errors: 10,
        max_command_line: MAX_LINE,
        bare_line_ends: if normalise { BareLineEnds::Normalise } else { BareLineEnds::Refuse },
        starttls_offered: bit(choice, 1),
        require_tls: bit(choice, 2),
        ..SessionSettings::new("mx.example.jp", domains())
    }
}

impl Record {
    /// Drives a session with what a client sends, as the relay does.
    fn of<'a>(choice: u8, reads: impl Iterator<Item = &'a [u8]>) -> Self {
        let peer = Peer {
            address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
            xforward_allowed: bit(choice, 3),
        };
        let mut session = Session::new(Arc::new(settings(choice)), peer);
        let mut record = Self::default();
        for read in std::iter::once(&b""[..]).chain(reads) {
            record.feed(&mut session, choice, read);
        }
        record
    }

    fn feed(&mut self, session: &mut Session, choice: u8, read: &[u8]) {
        let mut rest = read;
        loop {
            let step = session.process(rest);
            assert!(step.consumed <= rest.len(), "no more is used than was given");
            rest = rest.get(step.consumed..).unwrap_or_default();
            assert!(session.buffered_octets() <= 2 * MAX_MESSAGE, "memory is bounded");
            match step.event {
                None => {
                    let written = self.write(session);
                    if rest.is_empty() {
                        return;
                    }
                    assert!(written || step.consumed > 0, "the session goes on");
                }
                Some(Event::DataRequested(request)) if bit(choice, 4) => {
                    session.refuse_data(request, Reply::local_error());
                }
                Some(Event::DataRequested(request)) => session.accept_data(request),
                Some(Event::Message(message, turn)) => {
                    self.messages.push(*message);
                    session.answer(turn, &Reply::queued("00000001A3"));
                }
                Some(Event::Status(_, turn)) => {
                    session.answer_status(turn, &sekimori_smtp::status::unknown());
                }
                Some(Event::Refused(refusal)) => self.refusals.push(*refusal),
                Some(Event::StartTls(request)) => {
                    self.tls = true;
                    self.write(session);
                    rest = &[];
                    let info = TlsInfo { version: "TLSv1.3".into(), cipher: "X".into() };
                    session.tls_started(request, info);
                }
                Some(Event::Close) => {
                    self.write(session);
                    self.closed = true;
                    return;
                }
            }
        }
    }

    fn write(&mut self, session: &mut Session) -> bool {
        let output = session.take_output();
        assert!(output.len() <= 2 * MAX_OUTPUT, "unwritten replies are bounded");
        self.output.extend_from_slice(&output);
        !output.is_empty()
    }

    fn check(&self) {
        let lines = self.output.strip_suffix(b"\r\n");
        assert!(lines.is_some(), "replies end their lines");
        for line in lines.unwrap_or_default().split(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let shown = line.escape_ascii();
            assert!(line.len() <= 510, "RFC 5321 section 4.5.3.1.5: {shown}");
            assert!(line.iter().all(|b| (b' '..=b'~').contains(b)), "printable: {shown}");
            let code = matches!(line, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..]);
            assert!(code, "begins with a reply code: {shown}");
        }
        let domains = domains();
        for ReceivedMessage { envelope, data, .. } in &self.messages {
            assert!(data.len() <= MAX_MESSAGE, "messages are bounded");
            for line in data.split_inclusive(|&b| b == b'\n') {
                let text = line.strip_suffix(b"\r\n");
                assert!(text.is_some_and(|text| !text.contains(&b'\r')), "CRLF ends every line");
            }
            assert!((1..=MAX_RECIPIENTS).contains(&envelope.recipients.len()));
            for recipient in &envelope.recipients {
                assert!(domains.contains(recipient.domain()), "{recipient} is one of ours");
            }
        }
    }
}

/// A header is read the same whether it comes whole or in pieces: as long as it is not, something is
/// needed, never more than there is of it; what follows it is left, and nothing longer than
/// [`MAX_HEADER`] is waited for.
pub fn proxy_header(data: &[u8]) {
    match proxy::decode(data) {
        Err(error) => {
            let longer = [data, &[0; 64]].concat();
            assert_eq!(proxy::decode(&longer), Err(error), "what is wrong stays wrong");
        }
        Ok(Decoded::Incomplete { needed }) => {
            assert!(needed > 0, "something is needed");
            assert!(data.len() + needed <= MAX_HEADER, "headers are bounded");
        }
        Ok(Decoded::Complete { consumed, source }) => {
            assert!(consumed <= data.len().min(MAX_HEADER), "headers are bounded");
            let header = data.get(..consumed).unwrap_or_default();
            let alone = Ok(Decoded::Complete { consumed, source });
            assert_eq!(proxy::decode(header), alone, "what follows does not matter");
            for have in 0..consumed {
                match proxy::decode(header.get(..have).unwrap_or_default()) {
                    Ok(Decoded::Incomplete { needed }) => {
                        assert!(0 < needed && have + needed <= consumed, "no octet too many");
                    }
                    other => assert_eq!(other, alone, "the first {have} octets are too few"),
                }
            }
        }
    }
}
