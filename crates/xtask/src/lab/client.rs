//! An SMTP client that does as it is told, in the clear or under TLS.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sekimori_smtp::client::dot_stuff;
use sekimori_xtask::certificate::Issued;

/// How long a reply may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Under TLS.
pub(crate) type Secure = StreamOwned<ClientConnection, TcpStream>;

/// A session.
#[derive(Debug)]
pub(crate) struct Client<S: Read + Write> {
    stream: BufReader<S>,
}

/// A reply: its code, and its text with the lines one below the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) text: String,
}

impl Client<TcpStream> {
    /// Connects, takes the greeting and says EHLO.
    pub(crate) fn connect(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut client = Self { stream: BufReader::new(stream) };
        let greeting = client.reply()?;
        ensure!(greeting.code == 220, "greeted with {greeting:?}");
        client.command("EHLO client.example.jp")?;
        Ok(client)
    }

    /// Says STARTTLS with more right behind it in the clear, and does the handshake: the server has to
    /// show `server`'s certificate, `own` is shown to it. Says no EHLO.
    pub(crate) fn secure(
        mut self,
        behind: &str,
        server: &Issued,
        name: &str,
        own: Option<&Issued>,
    ) -> Result<Client<Secure>> {
        let reply = self.command(&format!("STARTTLS{behind}"))?;
        ensure!(reply.code == 220, "STARTTLS was answered {reply:?}");
        let mut authorities = RootCertStore::empty();
        authorities.add(CertificateDer::from_pem_slice(server.authority_pem.as_bytes())?)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(authorities);
        let config = match own {
            None => config.with_no_client_auth(),
            Some(own) => config.with_client_auth_cert(
                vec![CertificateDer::from_pem_slice(own.certificate_pem.as_bytes())?],
                PrivateKeyDer::from_pem_slice(own.key_pem.as_bytes())?,
            )?,
        };
        let name = ServerName::try_from(name.to_owned())?;
        let connection = ClientConnection::new(Arc::new(config), name)?;
        let mut stream = StreamOwned::new(connection, self.stream.into_inner());
        stream.conn.complete_io(&mut stream.sock)?;
        Ok(Client { stream: BufReader::new(stream) })
    }
}

impl<S: Read + Write> Client<S> {
    /// Sends a command and takes its reply.
    pub(crate) fn command(&mut self, line: &str) -> Result<Reply> {
        self.send(format!("{line}\r\n").as_bytes())?;
        self.reply()
    }

    /// Sends octets as they are.
    pub(crate) fn send(&mut self, octets: &[u8]) -> Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(octets)?;
        Ok(stream.flush()?)
    }

    /// Takes a reply.
    pub(crate) fn reply(&mut self) -> Result<Reply> {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            ensure!(self.stream.read_line(&mut line)? > 0, "the server ended the session");
            let (code, rest) = line.trim_end().split_at_checked(3).context("no reply")?;
            text.push_str(rest.get(1..).unwrap_or_default());
            if !rest.starts_with('-') {
                return Ok(Reply { code: code.parse()?, text });
            }
            text.push('\n');
        }
    }

    /// Begins a mail transaction up to DATA. The reply is the one to DATA, or the first refusal.
    pub(crate) fn begin(&mut self, sender: &str, recipient: &str) -> Result<Reply> {
        for command in [format!("MAIL FROM:<{sender}>"), format!("RCPT TO:<{recipient}>")] {
            let reply = self.command(&command)?;
            if reply.code != 250 {
                return Ok(reply);
            }
        }
        self.command("DATA")
    }

    /// Hands a message over: lines end as they are made to, dots are stuffed, the final dot is added.
    /// The reply is the one to the dot, or the first refusal.
    pub(crate) fn hand_over(
        &mut self,
        sender: &str,
        recipient: &str,
        message: &[u8],
    ) -> Result<Reply> {
        let reply = self.begin(sender, recipient)?;
        if reply.code != 354 {
            return Ok(reply);
        }
        self.send(&dot_stuff(message))?;
        self.reply()
    }
}
