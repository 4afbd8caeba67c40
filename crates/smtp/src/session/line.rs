//! Command lines: gathering them under a bound, and who sees to each command.

use super::transaction::too_large;
use super::{Blame, Greeted, LongLine, OpenChunk, Progress, Service, Session, State};
use crate::command::{self, Command, CommandError};
use crate::{Reply, ReplyCode};

/// Octets of one over-long line that are skipped, before the session is given up with 421.
pub(super) const MAX_SKIPPED_LINE: usize = 1024 * 1024;

impl Session {
    /// Looks for the end of a command line.
    pub(super) fn read_line(&mut self, input: &[u8]) -> Progress {
        let Some(index) = input.iter().position(|&octet| octet == b'\n') else {
            if self.line.len() + input.len() >= self.settings.max_command_line {
                return self.begin_long_line(input);
            }
            self.line.extend_from_slice(input);
            return Progress::Starved;
        };
        let used = index + 1;
        if self.line.len() + used > self.settings.max_command_line {
            return self.begin_long_line(input);
        }
        let end = input.get(..used).unwrap_or_default();
        if self.line.is_empty() {
            self.command_line(end, used)
        } else {
            let mut line = std::mem::take(&mut self.line);
            line.extend_from_slice(end);
            let progress = self.command_line(&line, used);
            line.clear();
            self.line = line;
            progress
        }
    }

    fn begin_long_line(&mut self, input: &[u8]) -> Progress {
        let start: Vec<u8> = self.line.iter().chain(input).take(4).copied().collect();
        self.state = State::LongLine(LongLine {
            skipped: self.line.len(),
            announces_chunk: command::announces_chunk(&start),
        });
        self.line = Vec::new();
        Progress::Go(0)
    }

    /// Drops input up to the end of an over-long line, then refuses it.
    pub(super) fn skip_line(&mut self, input: &[u8]) -> Progress {
        let State::LongLine(line) = &mut self.state else {
            return Progress::Go(0);
        };
        let allowed = MAX_SKIPPED_LINE.saturating_sub(line.skipped);
        let window = input.get(..allowed).unwrap_or(input);
        if let Some(index) = window.iter().position(|&octet| octet == b'\n') {
            let announces_chunk = line.announces_chunk;
            self.state = State::Command;
            if self.count_command() {
                self.spoilt_line("Line too long", announces_chunk);
            }
            return Progress::Go(index + 1);
        }
        line.skipped += window.len();
        if line.skipped < MAX_SKIPPED_LINE {
            return Progress::Starved;
        }
        let reply = Reply::new(ReplyCode::UNAVAILABLE, 5, 2, "Line too long");
        self.reply(&reply, Blame::Client);
        Progress::Go(window.len())
    }

    /// Refuses a line that is none: 500 5.5.2. Where octets that are no commands may follow, the
    /// session ends, lest octets of a message be taken for commands.
    fn spoilt_line(&mut self, text: &'static str, announces_chunk: bool) {
        let reply = Reply::new(ReplyCode::UNRECOGNISED, 5, 2, text);
        if announces_chunk {
            self.close_with(&reply);
        } else {
            self.reply(&reply, Blame::Client);
        }
    }

    /// Counts a command; one too many ends the session.
    fn count_command(&mut self) -> bool {
        self.commands = self.commands.saturating_add(1);
        let within = self.commands <= self.settings.max_commands;
        if !within {
            let reply = Reply::new(ReplyCode::UNAVAILABLE, 7, 0, "Too many commands");
            self.reply(&reply, Blame::Nobody);
        }
        within
    }

    /// Sees to one line, its line end included, of which `used` octets were in this input.
    fn command_line(&mut self, line: &[u8], used: usize) -> Progress {
        if !self.count_command() {
            return Progress::Go(used);
        }
        let Some(text) = line.strip_suffix(b"\r\n") else {
            // RFC 5321 section 2.3.8: only CRLF ends a line. Servers that differ on that can be
            // made to see different commands.
            self.spoilt_line("Lines end with CRLF", command::announces_chunk(line));
            return Progress::Go(used);
        };
        match command::parse(text) {
            Ok(command) => self.dispatch(&command, used),
            Err(error) => {
                self.reply_to_no_command(error);
                Progress::Go(used)
            }
        }
    }

    fn reply_to_no_command(&mut self, error: CommandError) {
        let (code, detail, text) = match error {
            CommandError::Octets => {
                (ReplyCode::UNRECOGNISED, 2, "Octets that no command has".into())
            }
            CommandError::Unrecognised => {
                (ReplyCode::UNRECOGNISED, 1, "Command not recognised".into())
            }
            CommandError::Arguments(usage) => {
                (ReplyCode::BAD_ARGUMENT, 4, format!("Syntax: {usage}"))
            }
            CommandError::ChunkSize => {
                // Where the chunk ends is unknown.
                let reply = Reply::new(ReplyCode::BAD_ARGUMENT, 5, 4, "Syntax: BDAT size [LAST]");
                self.close_with(&reply);
                return;
            }
        };
        self.reply(&Reply::new(code, 5, detail, text), Blame::Client);
    }

    fn dispatch(&mut self, command: &Command<'_>, used: usize) -> Progress {
        if let Command::Bdat(chunk) = command
            && chunk.octets > self.settings.wire_limit()
        {
            self.close_with(&too_large());
            return Progress::Go(used);
        }
        if let Some((reply, blame)) = self.gate(command) {
            match command {
                Command::Bdat(chunk) if reply.code() != ReplyCode::UNAVAILABLE => {
                    self.state = State::Chunk(OpenChunk::refused(*chunk, reply, blame));
                }
                _ => self.reply(&reply, blame),
            }
            return Progress::Go(used);
        }
        match command {
            Command::Ehlo(name) => self.hello(Greeted::Ehlo, name),
            Command::Helo(name) => self.hello(Greeted::Helo, name),
            Command::Mail(path) => return self.mail(*path, used),
            Command::Rcpt(path) => return self.rcpt(*path, used),
            Command::Data => return self.data(used),
            Command::Bdat(chunk) => return self.bdat(*chunk, used),
            Command::StartTls => return self.start_tls(used),
            Command::Xforward(attributes) => self.xforward(attributes),
            Command::Xstatus(id) => return self.status(id, used),
            Command::Rset => {
                self.end_transaction();
                self.done("Ok");
            }
            Command::Noop => self.done("Ok"),
            Command::Help => {
                let text = "RFC 5321: EHLO MAIL RCPT DATA BDAT RSET NOOP QUIT";
                self.reply(&Reply::new(ReplyCode::HELP, 0, 0, text), Blame::Nobody);
            }
            Command::Vrfy => {
                // RFC 5321 section 7.3: who is here is nobody's business.
                let text = "Send some mail, it will be tried";
                let reply = Reply::new(ReplyCode::CANNOT_VERIFY, 5, 0, text);
                self.reply(&reply, Blame::Nobody);
            }
            Command::Quit => {
                self.close_with(&Reply::new(ReplyCode::CLOSING, 0, 0, "Bye"));
            }
            Command::NotOffered => {
                let reply = Reply::new(ReplyCode::NOT_IMPLEMENTED, 5, 1, "Command not implemented");
                self.reply(&reply, Blame::Client);
            }
            Command::OtherProtocol => {
                let reply = Reply::new(ReplyCode::UNAVAILABLE, 7, 0, "This is a mail server");
                self.reply(&reply, Blame::Client);
            }
        }
        Progress::Go(used)
    }

    /// What the session as a whole says against a command, whatever its own conditions are.
    fn gate(&self, command: &Command<'_>) -> Option<(Reply, Blame)> {
        if matches!(command, Command::Quit) {
            return None;
        }
        if self.service == Service::Barred {
            let reply = Reply::new(ReplyCode::BAD_SEQUENCE, 5, 1, "No service here, say QUIT");
            return Some((reply, Blame::Client));
        }
        if self.service == Service::ShuttingDown && self.transaction.is_none() {
            return Some((Reply::service_unavailable(), Blame::Nobody));
        }
        // RFC 3207 section 4: these are answered in the clear. So is what is refused anyway.
        let in_the_clear = !matches!(
            command,
            Command::Mail(_)
                | Command::Rcpt(_)
                | Command::Data
                | Command::Bdat(_)
                | Command::Xforward(_)
                | Command::Xstatus(_)
                | Command::Vrfy
        );
        if self.settings.require_tls && self.client.tls.is_none() && !in_the_clear {
            let reply = Reply::new(ReplyCode::REQUIRED_FIRST, 7, 0, "Say STARTTLS first");
            return Some((reply, Blame::Client));
        }
        None
    }

    /// 250 2.0.0.
    pub(super) fn done(&mut self, text: &'static str) {
        self.reply(&Reply::new(ReplyCode::OK, 0, 0, text), Blame::Nobody);
    }

    /// A command out of its turn: 503 5.5.1.
    pub(super) fn out_of_sequence(&mut self, text: &'static str, blame: Blame) {
        self.reply(&Reply::new(ReplyCode::BAD_SEQUENCE, 5, 1, text), blame);
    }
}

#[cfg(test)]
mod tests {
    use super::MAX_SKIPPED_LINE;
    use crate::session::harness::{Driven, peer, settings};
    use crate::{Event, Reply, Session, SessionSettings};
    use std::sync::Arc;

    #[test]
    fn rfc5321_2_3_8_a_command_line_that_ends_with_lf_alone_is_refused() {
        let mut client = Driven::new().greeted();
        assert_eq!(client.codes("NOOP\n"), "500 5.5.2");
        assert_eq!(client.codes("NOOP\r\r\n"), "500 5.5.2");
        assert_eq!(client.codes("NO\rOP\r\n"), "500 5.5.2");
        assert_eq!(client.codes("NOOP\0\r\n"), "500 5.5.2");
        assert_eq!(client.codes("NOOP\r\n"), "250 2.0.0");
    }

    #[test]
    fn rfc5321_4_5_3_1_4_a_command_line_may_be_as_long_as_the_bound_and_no_longer() {
        let line = |length: usize| format!("NOOP {}\r\n", "x".repeat(length - 7));
        let mut client = Driven::new().greeted();
        let bound = settings().max_command_line;
        assert_eq!(client.codes(&line(bound)), "250 2.0.0");
        assert_eq!(client.codes(&line(bound + 1)), "500 5.5.2");
        assert_eq!(client.codes(&line(100 * bound)), "500 5.5.2");
        assert_eq!(client.codes("NOOP\r\n"), "250 2.0.0");
    }

    #[test]
    fn a_line_that_never_ends_is_not_kept_and_ends_the_session() {
        let mut client = Driven::new().greeted();
        let block = "x".repeat(10_000);
        for _ in 0..MAX_SKIPPED_LINE / block.len() {
            assert_eq!(client.say(&block), "");
        }
        assert_eq!(client.codes(&block), "421 4.5.2");
        assert!(client.record.closed);
    }

    #[test]
    fn commands_that_are_not_offered_or_not_known_have_their_own_codes() {
        let mut client = Driven::new().greeted();
        for command in ["EXPN staff", "ETRN a.example", "TURN", "AUTH PLAIN x", "SAML FROM:<a@b>"] {
            assert_eq!(client.codes(&format!("{command}\r\n")), "502 5.5.1", "{command}");
        }
        for (command, codes) in [
            ("HELO a b", "501 5.5.4"),
            ("FROB", "500 5.5.1"),
            ("VRFY a@town.example.lg.jp", "252 2.5.0"),
            ("VRFY", "501 5.5.4"),
            ("HELP", "214 2.0.0"),
            ("NOOP x", "250 2.0.0"),
            ("RSET", "250 2.0.0"),
            ("NOOP 関", "250 2.0.0"),
        ] {
            assert_eq!(client.codes(&format!("{command}\r\n")), codes, "{command}");
        }
        assert_eq!(client.codes("QUIT\r\n"), "221 2.0.0");
        assert!(client.record.closed);
    }

    #[test]
    fn a_browser_made_to_post_to_the_mail_port_is_cut_off() {
        let mut client = Driven::new();
        client.record.output.clear();
        client.feed(b"POST / HTTP/1.1\r\nHost: mx\r\n\r\nEHLO a\r\n");
        assert!(client.record.closed);
        assert!(client.record.output.contains("421 4.7.0"));
        assert!(!client.record.output.contains("250"));
    }

    #[test]
    fn errors_add_up_until_a_message_is_accepted() {
        let mut client = Driven::new().greeted();
        let most = settings().max_errors - 1;
        for _ in 0..most {
            assert_eq!(client.codes("FROB\r\n"), "500 5.5.1");
        }
        let message = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@town.example.lg.jp>\r\nDATA\r\n.\r\n";
        assert!(client.codes(message).ends_with("354, 250 2.0.0"));
        for _ in 0..most {
            assert_eq!(client.codes("FROB\r\n"), "500 5.5.1");
        }
        assert_eq!(client.codes("FROB\r\nNOOP\r\n"), "500 5.5.1, 421 4.7.0");
        assert!(client.record.closed);
    }

    #[test]
    fn commands_over_the_bound_end_the_session() {
        let mut client = Driven::with(SessionSettings { max_commands: 3, ..settings() }).greeted();
        assert_eq!(
            client.codes("NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"),
            "250 2.0.0, 250 2.0.0, 421 4.7.0"
        );
        assert!(client.record.closed);
    }

    #[test]
    fn replies_leave_in_portions_when_a_client_pipelines_without_reading() {
        let mut session = Session::new(Arc::new(settings()), peer(false));
        let flood = "NOOP\r\n".repeat(5_000);
        let step = session.process(flood.as_bytes());
        assert!(step.event.is_none());
        assert!(step.consumed < flood.len());
        let output = session.take_output();
        assert!((crate::MAX_OUTPUT..crate::MAX_OUTPUT + 1_000).contains(&output.len()));
        assert!(session.process(&flood.as_bytes()[step.consumed..]).consumed > 0);
    }

    #[test]
    fn a_session_that_shuts_down_ends_the_transaction_first() {
        let mut client = Driven::new().greeted();
        client.say("MAIL FROM:<a@b.example>\r\n");
        client.session.shutting_down();
        assert_eq!(client.codes("RCPT TO:<c@town.example.lg.jp>\r\n"), "250 2.1.5");
        assert_eq!(client.codes("DATA\r\n.\r\n"), "354, 250 2.0.0");
        assert_eq!(client.codes("MAIL FROM:<a@b.example>\r\n"), "421 4.3.2");
        assert!(client.record.closed);
        let mut leaving = Driven::new().greeted();
        leaving.session.shutting_down();
        assert_eq!(leaving.codes("QUIT\r\n"), "221 2.0.0");
    }

    #[test]
    fn a_session_that_timed_out_says_so_and_closes() {
        let mut client = Driven::new().greeted();
        client.session.close_with(&Reply::timed_out());
        assert_eq!(client.codes("NOOP\r\n"), "421 4.4.2");
        assert!(client.record.closed);
    }

    #[test]
    fn rfc5321_3_1_a_refused_peer_is_told_so_until_it_quits() {
        let refuse = |reply| Session::refuse(Arc::new(settings()), peer(true), &reply);
        let mut client = Driven::new();
        client.session = refuse(Reply::peer_refused());
        assert_eq!(client.codes("EHLO a\r\nMAIL FROM:<>\r\n"), "554 5.7.1, 503 5.5.1, 503 5.5.1");
        assert_eq!(client.codes("BDAT 6\r\nQUIT\r\nQUIT\r\n"), "503 5.5.1, 221 2.0.0");
        let mut busy = refuse(Reply::service_unavailable());
        assert!(matches!(busy.process(b"").event, Some(Event::Close)));
        assert!(busy.take_output().starts_with(b"421 4.3.2 "));
    }
}
