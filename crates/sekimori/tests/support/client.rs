//! An SMTP client that says exactly what it is told to, one step at a time.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};

use super::PATIENCE;

/// A reply: its code and its lines without the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) text: String,
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects, and takes the greeting and the answer to EHLO.
    pub(crate) fn greeted(server: SocketAddr) -> Self {
        let mut client = Self::connected(server);
        assert_eq!(client.reply().code, 220);
        assert_eq!(client.command("EHLO client.example.jp").code, 250);
        client
    }

    /// Connects, and reads nothing yet.
    pub(crate) fn connected(server: SocketAddr) -> Self {
        Self::on(TcpStream::connect(server).unwrap())
    }

    /// Speaks on a connection made elsewhere.
    pub(crate) fn on(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    /// Sends octets as they are.
    pub(crate) fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(octets)
    }

    /// Sends a command and takes its reply.
    pub(crate) fn command(&mut self, line: &str) -> Reply {
        self.send(format!("{line}\r\n").as_bytes()).unwrap();
        self.reply()
    }

    /// Takes one reply, all its lines.
    pub(crate) fn reply(&mut self) -> Reply {
        self.try_reply().unwrap()
    }

    /// Takes one reply, unless the connection has ended.
    pub(crate) fn try_reply(&mut self) -> io::Result<Reply> {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            let (code, rest) = line.split_at_checked(3).unwrap();
            text.push_str(rest.get(1..).unwrap_or_default());
            if !rest.starts_with('-') {
                return Ok(Reply { code: code.parse().unwrap(), text });
            }
            text.push('\n');
        }
    }

    /// Whether the server has closed the connection, once everything it said is read.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.stream.fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    /// Hands a message over, dots stuffed already or none there, and takes the last reply: the one to
    /// the dot, or the first refusal before it.
    pub(crate) fn hand_over(&mut self, sender: &str, recipient: &str, message: &[u8]) -> Reply {
        for (command, fine) in [
            (format!("MAIL FROM:<{sender}>"), 250),
            (format!("RCPT TO:<{recipient}>"), 250),
            ("DATA".to_owned(), 354),
        ] {
            let reply = self.command(&command);
            if reply.code != fine {
                return reply;
            }
        }
        self.send(message).unwrap();
        self.command("\r\n.")
    }
}
