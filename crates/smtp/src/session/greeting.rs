//! EHLO, HELO, STARTTLS and XFORWARD: who the client is and what is offered to it.

use std::borrow::Cow;

use super::{Blame, Greeted, Progress, Session, State};
use crate::event::{Event, StatusTurn, TlsRequest};
use crate::xforward::{self, XforwardError};
use crate::{Reply, ReplyCode, status};

impl Session {
    /// EHLO and HELO end a transaction in progress as RSET does (RFC 5321 section 4.1.4).
    pub(super) fn hello(&mut self, how: Greeted, name: &str) {
        self.end_transaction();
        self.greeted = Some(how);
        name.clone_into(&mut self.client.helo);
        let hostname = &self.settings.hostname;
        let lines = match how {
            Greeted::Helo => vec![hostname.clone().into()],
            Greeted::Ehlo => self.extensions(),
        };
        self.reply(&Reply::plain(ReplyCode::OK, lines), Blame::Nobody);
    }

    fn extensions(&self) -> Vec<Cow<'static, str>> {
        let mut lines: Vec<Cow<'static, str>> = vec![
            self.settings.hostname.clone().into(),
            "PIPELINING".into(),
            format!("SIZE {}", self.settings.max_message_octets).into(),
            "8BITMIME".into(),
            "SMTPUTF8".into(),
            "ENHANCEDSTATUSCODES".into(),
            "CHUNKING".into(),
        ];
        // RFC 3207 section 4.2: not offered again under TLS.
        if self.settings.starttls_offered && self.client.tls.is_none() {
            lines.push("STARTTLS".into());
        }
        if self.settings.status_offered {
            lines.push(status::KEYWORD.into());
        }
        if self.xforward_allowed {
            lines.push(xforward::KEYWORD.into());
        }
        lines
    }

    /// STARTTLS (RFC 3207).
    pub(super) fn start_tls(&mut self, used: usize) -> Progress {
        if self.client.tls.is_some() {
            self.out_of_sequence("TLS has started already", Blame::Client);
            return Progress::Go(used);
        }
        if !self.settings.starttls_offered {
            let reply = Reply::new(ReplyCode::NOT_IMPLEMENTED, 5, 1, "STARTTLS is not offered");
            self.reply(&reply, Blame::Client);
            return Progress::Go(used);
        }
        self.reply(&Reply::new(ReplyCode::READY, 0, 0, "Ready to start TLS"), Blame::Nobody);
        self.state = State::AwaitingTls;
        Progress::Driver(used, Event::StartTls(TlsRequest(())))
    }

    /// XSTATUS, outside a transaction.
    pub(super) fn status(&mut self, argument: &str, used: usize) -> Progress {
        if !self.settings.status_offered {
            let reply = Reply::new(ReplyCode::NOT_IMPLEMENTED, 5, 1, "Command not implemented");
            self.reply(&reply, Blame::Client);
            return Progress::Go(used);
        }
        if self.transaction.is_some() {
            self.out_of_sequence("Mail transaction in progress", Blame::Client);
            return Progress::Go(used);
        }
        let Ok(id) = argument.parse() else {
            let reply = Reply::new(ReplyCode::BAD_ARGUMENT, 5, 4, "Syntax: XSTATUS queue-id");
            self.reply(&reply, Blame::Client);
            return Progress::Go(used);
        };
        self.state = State::AwaitingAnswer;
        Progress::Driver(used, Event::Status(id, StatusTurn(())))
    }

    /// XFORWARD, from listed peers, outside a transaction.
    pub(super) fn xforward(&mut self, attributes: &str) {
        if !self.xforward_allowed {
            let reply = Reply::new(ReplyCode::REFUSED, 7, 0, "Not allowed to forward for others");
            self.reply(&reply, Blame::Client);
            return;
        }
        if self.transaction.is_some() {
            self.out_of_sequence("Mail transaction in progress", Blame::Client);
            return;
        }
        match xforward::parse(attributes, &self.client.forwarded) {
            Ok(forwarded) => {
                self.client.forwarded = forwarded;
                self.done("Ok");
            }
            Err(error) => {
                let text = match error {
                    XforwardError::Syntax => "Syntax: XFORWARD attribute=value...",
                    XforwardError::Name => "Unknown XFORWARD attribute",
                    XforwardError::Value => "Bad XFORWARD attribute value",
                };
                let reply = Reply::new(ReplyCode::BAD_ARGUMENT, 5, 4, text);
                self.reply(&reply, Blame::Client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::session::harness::{Driven, peer, settings};
    use crate::{Event, Protocol, Session, SessionSettings, Source, TlsInfo};

    const MESSAGE: &str =
        "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@town.example.lg.jp>\r\nDATA\r\nx\r\n.\r\n";

    #[test]
    fn rfc5321_4_1_1_1_ehlo_lists_what_is_offered() {
        let mut client = Driven::new();
        let output = client.say("EHLO client.example\r\n");
        assert_eq!(
            output,
            "220 mx.example.jp ESMTP sekimori\r\n\
             250-mx.example.jp\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n\
             250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-STARTTLS\r\n\
             250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n"
        );
        assert_eq!(client.say("HELO client.example\r\n"), "250 mx.example.jp\r\n");
    }

    #[test]
    fn a_gate_is_asked_under_tls_and_outside_a_transaction() {
        let plain = Driven::new().greeted().codes("XSTATUS 1A3\r\n");
        assert_eq!(plain, "502 5.5.1");
        let gate = SessionSettings { status_offered: true, require_tls: true, ..settings() };
        let mut client = Driven::with(gate).greeted();
        assert_eq!(client.codes("XSTATUS 1A3\r\n"), "530 5.7.0");
        client.codes("STARTTLS\r\n");
        assert!(client.say("EHLO client.example\r\n").contains("250-XSTATUS\r\n"));
        assert_eq!(client.say("XSTATUS 00000001A3\r\n"), "250 2.0.0 0 delivered\r\n");
        assert_eq!(client.codes("XSTATUS 1A4\r\nXSTATUS\r\n"), "554 5.3.0, 501 5.5.4");
        client.codes("MAIL FROM:<a@b.example>\r\n");
        assert_eq!(client.codes("XSTATUS 1A3\r\n"), "503 5.5.1");
    }

    #[test]
    fn rfc3207_4_2_everything_said_before_tls_is_forgotten() {
        let mut client = Driven::new().greeted();
        client.say("XFORWARD NAME=evil.example\r\nMAIL FROM:<a@b.example>\r\n");
        assert_eq!(client.codes("STARTTLS\r\n"), "220 2.0.0");
        assert!(!client.session.in_transaction());
        assert_eq!(client.session.client().helo, "");
        assert_eq!(client.session.client().forwarded.name, None);
        assert_eq!(client.codes("MAIL FROM:<a@b.example>\r\n"), "503 5.5.1");
        let offered = client.say("EHLO client.example\r\n");
        assert!(!offered.contains("STARTTLS"), "{offered}");
        assert_eq!(client.codes("STARTTLS\r\n"), "503 5.5.1");
        client.say(MESSAGE);
        assert_eq!(client.record.messages[0].protocol, Protocol::Esmtps);
        assert!(client.record.messages[0].client.tls.is_some());
    }

    /// CVE-2011-0411 and its kin, in whatever pieces the injected octets come.
    #[test]
    fn what_is_injected_behind_starttls_has_no_effect_and_no_reply() {
        for (first, second) in [
            ("STARTTLS\r\nEHLO evil\r\nMAIL FROM:<e@e.example>\r\n", ""),
            ("STARTTLS\r\nEHLO ev", "il\r\nMAIL FROM:<e@e.example>\r\n"),
            ("STARTTLS\r\n", "EHLO evil\r\nMAIL FROM:<e@e.example>\r\nRCP"),
        ] {
            let mut session = Session::new(Arc::new(settings()), peer(false));
            session.take_output();
            let step = session.process(first.as_bytes());
            let Some(Event::StartTls(request)) = step.event else {
                panic!("{step:?}");
            };
            assert_eq!(step.consumed, first.len());
            assert_eq!(session.take_output(), b"220 2.0.0 Ready to start TLS\r\n");
            // A driver that feeds the rest all the same.
            for rest in [&first[10..], second] {
                let step = session.process(rest.as_bytes());
                assert_eq!(step.consumed, rest.len());
                assert!(step.event.is_none());
                assert!(!session.has_output());
            }
            let info = TlsInfo { version: "TLSv1.3".into(), cipher: "X".into() };
            session.tls_started(request, info);
            assert!(!session.has_output());
            session.process(b"MAIL FROM:<a@b.example>\r\n");
            assert!(session.take_output().starts_with(b"503 "), "{first:?} {second:?}");
            assert_eq!(session.client().helo, "");
        }
    }

    #[test]
    fn starttls_that_is_not_offered_is_not_implemented() {
        let mut client = Driven::with(SessionSettings { starttls_offered: false, ..settings() });
        assert!(!client.say("EHLO a\r\n").contains("STARTTLS"));
        assert_eq!(client.codes("STARTTLS\r\n"), "502 5.5.1");
    }

    #[test]
    fn rfc3207_4_mail_is_taken_under_tls_only_where_that_is_required() {
        let mut client =
            Driven::with(SessionSettings { require_tls: true, ..settings() }).greeted();
        for command in
            ["MAIL FROM:<a@b.example>", "RCPT TO:<c@town.example.lg.jp>", "DATA", "BDAT 0 LAST"]
        {
            assert_eq!(client.codes(&format!("{command}\r\n")), "530 5.7.0", "{command}");
        }
        // The octets of a refused chunk are no commands.
        assert_eq!(client.codes("BDAT 6\r\nQUIT\r\nNOOP\r\n"), "530 5.7.0, 250 2.0.0");
        client.say("STARTTLS\r\n");
        client.say("EHLO client.example\r\n");
        assert_eq!(client.codes("MAIL FROM:<a@b.example>\r\n"), "250 2.1.0");
    }

    #[test]
    fn xforward_of_a_listed_peer_names_the_true_client_of_one_transaction() {
        let mut client = Driven::new().greeted();
        assert_eq!(
            client.codes("XFORWARD NAME=spike.example ADDR=198.51.100.9 PORT=4567\r\n"),
            "250 2.0.0"
        );
        assert_eq!(
            client.codes("XFORWARD PROTO=ESMTP HELO=spike+2E IDENT=4X SOURCE=REMOTE\r\n"),
            "250 2.0.0"
        );
        client.say(MESSAGE);
        client.say(MESSAGE);
        let [first, second] = client.record.messages.as_slice() else { panic!() };
        assert_eq!(first.client.address().to_string(), "198.51.100.9");
        assert_eq!(first.client.forwarded.helo.as_deref(), Some("spike."));
        assert_eq!(first.client.forwarded.source, Some(Source::Remote));
        assert_eq!(first.client.helo, "client.example");
        assert_eq!(second.client.address().to_string(), "192.0.2.1");
    }

    #[test]
    fn xforward_is_refused_from_others_within_a_transaction_and_when_malformed() {
        let mut stranger = Driven::new();
        stranger.session = Session::new(Arc::new(settings()), peer(false));
        assert!(!stranger.say("EHLO a\r\n").contains("XFORWARD"));
        assert_eq!(stranger.codes("XFORWARD ADDR=198.51.100.9\r\n"), "550 5.7.0");
        assert_eq!(stranger.session.client().address().to_string(), "192.0.2.1");
        let mut client = Driven::new().greeted();
        assert_eq!(client.codes("XFORWARD ADDR=198.51.100.9 FOO=1\r\n"), "501 5.5.4");
        assert_eq!(client.session.client().forwarded.address, None);
        client.say("MAIL FROM:<a@b.example>\r\n");
        assert_eq!(client.codes("XFORWARD ADDR=198.51.100.9\r\n"), "503 5.5.1");
    }

    #[test]
    fn rfc3848_the_protocol_says_how_the_message_came() {
        for (hello, protocol) in [("HELO a\r\n", Protocol::Smtp), ("EHLO a\r\n", Protocol::Esmtp)] {
            let mut client = Driven::new();
            client.say(hello);
            client.say(MESSAGE);
            assert_eq!(client.record.messages[0].protocol, protocol);
        }
        let mut client = Driven::new().greeted();
        client.say(&MESSAGE.replace(".example>\r\nR", ".example> SMTPUTF8\r\nR"));
        assert_eq!(client.record.messages[0].protocol.as_str(), "UTF8SMTP");
        client.say("STARTTLS\r\n");
        client.say("EHLO a\r\n");
        client.say(&MESSAGE.replace(".example>\r\nR", ".example> SMTPUTF8\r\nR"));
        assert_eq!(client.record.messages[1].protocol.as_str(), "UTF8SMTPS");
    }
}
