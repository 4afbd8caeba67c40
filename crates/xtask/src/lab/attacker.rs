//! The Internet half replaced by an attacker who has its machine, its address and its certificate.
//!
//! Each trick is to be refused by the gate in a session of its own, and nothing of any is to arrive.

use anyhow::{Context as _, Result, bail, ensure};
use sekimori_xtask::certificate::Issued;
use sekimori_xtask::mail::TEXT_ONLY as TEXT;

use super::client::{Client, Reply, Secure};
use super::half::{DOMAIN, Half};
use super::mail::{Servers, fixture_mails, wait_for};
use super::network::{Machine, Network};

/// The attacker's means.
pub(crate) struct Attacker<'a> {
    pub(crate) network: &'a Network,
    pub(crate) gate: &'a Half,
    pub(crate) gate_certificate: &'a Issued,
    pub(crate) stolen: &'a Issued,
}

/// Something that the gate is not to fall for; the error says how it did.
type Trick<'a> = fn(&Attacker<'a>) -> Result<()>;

/// What was tried.
#[derive(Debug)]
pub(crate) struct Tried {
    /// Texts, which anybody with the certificate can send: shows that the way is open.
    pub(crate) texts: usize,
    /// Messages that are no text, refused by the verifier.
    pub(crate) messages: usize,
    /// Tricks with the protocol.
    pub(crate) tricks: usize,
}

/// Changes that each make something else of [`TEXT`]: what is replaced, and by what.
const CHANGES: [(&str, &str); 30] = [
    ("text/plain; charset=utf-8", "text/html; charset=utf-8"),
    ("text/plain; charset=utf-8", "text/plain; charset=utf-7"),
    ("text/plain; charset=utf-8", "text/plain; charset=iso-2022-jp"),
    ("text/plain; charset=utf-8", "text/plain; charset=utf-8; name=a.exe"),
    ("text/plain; charset=utf-8", "multipart/mixed; boundary=b"),
    ("text/plain; charset=utf-8", "message/rfc822"),
    ("text/plain; charset=utf-8", "application/octet-stream"),
    ("text/plain; charset=utf-8", "text/calendar; charset=utf-8"),
    ("Content-Type: text/plain; charset=utf-8\r\n", ""),
    ("MIME-Version: 1.0\r\n", ""),
    ("MIME-Version: 1.0\r\n", "MIME-Version: 1.0\r\nMIME-Version: 1.0\r\n"),
    ("MIME-Version", "Content-Type: text/html\r\nMIME-Version"),
    ("MIME-Version", "Content-Disposition: attachment; filename=a.exe\r\nMIME-Version"),
    ("MIME-Version", "X-Anything: at all\r\nMIME-Version"),
    ("MIME-Version", "Return-Receipt-To: a@example.jp\r\nMIME-Version"),
    ("MIME-Version", "Subject: =?utf-8?B?AA==?=\r\nMIME-Version"),
    ("MIME-Version", "Subject: =?utf-8?Q?=E2=80=AE?=\r\nMIME-Version"),
    ("MIME-Version", "Subject : a\r\nMIME-Version"),
    ("7bit", "base64"),
    ("7bit", "quoted-printable\r\nContent-Transfer-Encoding: 7bit"),
    ("7bit", "x-uuencode"),
    ("7bit", "8bit"),
    ("Sekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0\r\n", ""),
    ("Hello.", "H\u{0}ello."),
    ("Hello.", "H\u{1b}[2Jello."),
    ("Hello.", "こんにちは"),
    (
        "7bit\r\nSekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0\r\n\r\nHello.",
        "8bit\r\nSekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0\r\n\r\n\u{202e}Hello.",
    ),
    (
        "7bit\r\nSekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0\r\n\r\nHello.",
        "8bit\r\nSekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0\r\n\r\n\u{200b}Hello.",
    ),
    (
        "7bit\r\nSekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0\r\n\r\nHello.",
        "8bit\r\nSekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0\r\n\r\n\u{e000}Hello.",
    ),
    (
        "7bit\r\nSekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0\r\n\r\nHello.",
        "base64\r\nSekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0\r\n\r\nTVqQAAMAAAAEAAAA",
    ),
];

impl<'a> Attacker<'a> {
    /// Tries everything. Fails at the first thing that the gate does not refuse, and when anything but
    /// the texts arrives.
    pub(crate) fn attack(&self, servers: &Servers) -> Result<Tried> {
        let before = servers.arrived()?.len();
        let texts = self.texts()?;
        wait_for("the attacker's text arrives", || Ok(servers.arrived()?.len() == before + texts))?;
        let received = self.metric("sekimori_messages_received_total")?;
        let messages = self.messages()?;
        let violations = self.metric("sekimori_gate_violations_total")?;
        ensure!(
            violations == messages as u64,
            "{messages} messages were no text, {violations} are counted"
        );
        let tricks = self.tricks()?;
        ensure!(
            self.metric("sekimori_messages_received_total")? == received,
            "the gate took something that was no text"
        );
        ensure!(servers.arrived()?.len() == before + texts, "something else arrived");
        Ok(Tried { texts, messages, tricks })
    }

    fn metric(&self, name: &str) -> Result<u64> {
        self.gate.metric(self.network, name)
    }

    /// A session with the stolen certificate, EHLO said.
    fn session(&self) -> Result<Client<Secure>> {
        let mut client = self.secured("", Some(self.stolen))?;
        let reply = client.command("EHLO internet-half.town.example.lg.jp")?;
        ensure!(reply.code == 250, "EHLO was answered {reply:?}");
        Ok(client)
    }

    fn secured(&self, behind: &str, own: Option<&Issued>) -> Result<Client<Secure>> {
        let name = Machine::Gate.address().to_string();
        self.plain()?.secure(behind, self.gate_certificate, &name, own)
    }

    fn plain(&self) -> Result<Client<std::net::TcpStream>> {
        let address = self.gate.address();
        self.network.of(Machine::InternetHalf).enter(|| Client::connect(address))
    }

    fn hand_over(&self, message: &[u8]) -> Result<Reply> {
        self.session()?.hand_over(SENDER, &clerk(), message)
    }

    /// What crosses, since it is text. That this can be a lie is not for the gate to see.
    fn texts(&self) -> Result<usize> {
        let reply = self.hand_over(TEXT.as_bytes())?;
        ensure!(reply.code == 250, "a text was answered {reply:?}");
        Ok(1)
    }

    /// Every fixture as it was before any conversion, and texts with one change.
    fn messages(&self) -> Result<usize> {
        let mut messages: Vec<Vec<u8>> = Vec::new();
        for mail in fixture_mails()? {
            // Bare line ends are a trick of the protocol, and have their place there.
            messages.push(with_line_ends(&mail));
        }
        for (old, new) in CHANGES {
            let changed = TEXT.replacen(old, new, 1);
            ensure!(changed != TEXT, "{old:?} is not in the text");
            messages.push(changed.into_bytes());
        }
        messages.push(TEXT.replace("Hello.", &"a".repeat(999)).into_bytes());
        for message in &messages {
            let reply = self.hand_over(message)?;
            let is_refused = reply.code == 554 && reply.text.contains("Not text-only");
            ensure!(is_refused, "answered {reply:?}: {}", message.escape_ascii());
        }
        Ok(messages.len())
    }

    /// Tricks with the protocol.
    fn tricks(&self) -> Result<usize> {
        let tricks: [(&str, Trick<'a>); 12] = [
            ("mail in the clear", Self::in_the_clear),
            ("commands behind STARTTLS in the clear", Self::behind_starttls),
            ("no certificate", Self::without_certificate),
            ("a certificate of another authority", Self::with_another_certificate),
            ("a second mail behind a bare line feed", |a| a.smuggle(b"\n.\r\n")),
            ("a second mail behind two bare line feeds", |a| a.smuggle(b"\n.\n")),
            ("a second mail behind bare carriage returns", |a| a.smuggle(b"\r.\r")),
            ("a second mail behind a half bare end", |a| a.smuggle(b"\r\n.\n")),
            ("binary mail", Self::binary),
            ("mail in pieces", Self::in_chunks),
            ("recipients elsewhere", Self::recipients_elsewhere),
            ("an identity that is not its own", Self::another_identity),
        ];
        for (name, trick) in tricks {
            trick(self).context(name)?;
        }
        Ok(tricks.len())
    }

    fn in_the_clear(&self) -> Result<()> {
        refused(&self.plain()?.hand_over(SENDER, &clerk(), TEXT.as_bytes())?)
    }

    fn behind_starttls(&self) -> Result<()> {
        let behind = format!("\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{}>", clerk());
        match self.secured(&behind, Some(self.stolen)) {
            // The session ends: what stands behind is no handshake.
            Err(_) => Ok(()),
            // What was said in the clear counts for nothing (RFC 3207 section 4.2).
            Ok(mut client) => refused(&client.command("DATA")?),
        }
    }

    fn without_certificate(&self) -> Result<()> {
        unheard(self.secured("", None))
    }

    fn with_another_certificate(&self) -> Result<()> {
        unheard(self.secured("", Some(&Issued::for_name("internet-half.town.example.lg.jp")?)))
    }

    /// Two mails in one, with something between that another server might take for the end.
    fn smuggle(&self, end: &[u8]) -> Result<()> {
        let mut client = self.session()?;
        ensure!(client.begin(SENDER, &clerk())?.code == 354, "DATA is refused");
        let second = format!("MAIL FROM:<{SENDER}>\r\nRCPT TO:<{}>\r\nDATA\r\n<b>", clerk());
        let text = TEXT.trim_end().as_bytes();
        client.send(&[text, end, second.as_bytes(), b"\r\n.\r\n"].concat())?;
        refused(&client.reply()?)?;
        // One answer and no more: the next is to the next command.
        let reply = client.command("NOOP")?;
        ensure!(reply.code == 250, "NOOP was answered {reply:?}");
        Ok(())
    }

    fn binary(&self) -> Result<()> {
        let mut client = self.session()?;
        refused(&client.command(&format!("MAIL FROM:<{SENDER}> BODY=BINARYMIME"))?)?;
        client.send(b"BDAT 4 LAST\r\nMZ\0\0")?;
        refused(&client.reply()?)
    }

    /// Other than text in pieces (RFC 3030), one of which is text by itself.
    fn in_chunks(&self) -> Result<()> {
        let mut client = self.session()?;
        for command in [format!("MAIL FROM:<{SENDER}>"), format!("RCPT TO:<{}>", clerk())] {
            let reply = client.command(&command)?;
            ensure!(reply.code == 250, "{command} was answered {reply:?}");
        }
        client.send(format!("BDAT {}\r\n{TEXT}", TEXT.len()).as_bytes())?;
        ensure!(client.reply()?.code == 250, "a piece is refused");
        client.send(b"BDAT 4 LAST\r\nMZ\0\0")?;
        refused(&client.reply()?)
    }

    fn recipients_elsewhere(&self) -> Result<()> {
        for recipient in [
            "clerk@elsewhere.example.jp".to_owned(),
            format!("@elsewhere.example.jp:clerk@{DOMAIN}@elsewhere.example.jp"),
            format!("clerk%elsewhere.example.jp@{DOMAIN}.elsewhere.example.jp"),
            format!("clerk@[{}]", Machine::MyNumber.address()),
        ] {
            let mut client = self.session()?;
            ensure!(client.command(&format!("MAIL FROM:<{SENDER}>"))?.code == 250, "MAIL refused");
            refused(&client.command(&format!("RCPT TO:<{recipient}>"))?).context(recipient)?;
        }
        Ok(())
    }

    fn another_identity(&self) -> Result<()> {
        for command in [
            "XFORWARD ADDR=198.51.100.25",
            "XCLIENT ADDR=198.51.100.25",
            "AUTH PLAIN AGEAYg==",
            "ETRN lgwan",
            "TURN",
            "EXPN staff",
        ] {
            refused(&self.session()?.command(command)?).context(command)?;
        }
        Ok(())
    }
}

const SENDER: &str = "office@association.example.jp";

fn clerk() -> String {
    format!("clerk@{DOMAIN}")
}

fn refused(reply: &Reply) -> Result<()> {
    ensure!(reply.code >= 400, "answered {reply:?}");
    Ok(())
}

/// Whether a session ends before anything is answered: with TLS 1.3 a client hears that its certificate
/// will not do only after its own handshake is over (RFC 8446 section 4.4.2.4).
fn unheard(session: Result<Client<Secure>>) -> Result<()> {
    match session.and_then(|mut client| client.command("EHLO a.example.jp")) {
        Err(_) => Ok(()),
        Ok(reply) => bail!("answered {reply:?}"),
    }
}

fn with_line_ends(mail: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(mail.len());
    for line in mail.split(|octet| matches!(octet, b'\r' | b'\n')) {
        message.extend_from_slice(line);
        message.extend_from_slice(b"\r\n");
    }
    message
}
