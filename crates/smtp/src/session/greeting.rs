//! EHLO, HELO, STARTTLS and XFORWARD: who the client is and what is offered to it.

use std::borrow::Cow;

use super::{Blame, Greeted, Progress, Session, State};
use crate::event::{Event, TlsRequest};
use crate::xforward::{self, XforwardError};
use crate::{Reply, ReplyCode};

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
        if self.xforward_allowed {
            lines.push(xforward::KEYWORD.into());
        }
        lines
    }

    /// STARTTLS. Whatever the client pipelined behind it is dropped unread: it came in the clear, from
    /// anyone on the way (CVE-2011-0411).
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
        self.reply(
            &Reply::new(ReplyCode::READY, 0, 0, "Ready to start TLS"),
            Blame::Nobody,
        );
        self.state = State::AwaitingTls;
        Progress::Driver(used, Event::StartTls(TlsRequest(())))
    }

    /// XFORWARD, from listed peers, outside a transaction.
    pub(super) fn xforward(&mut self, attributes: &str) {
        if !self.xforward_allowed {
            let reply = Reply::new(
                ReplyCode::REFUSED,
                7,
                0,
                "Not allowed to forward for others",
            );
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
