//! A next hop with manners that a test prescribes: TLS, a login, its own answer for each recipient
//! and each message.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio::net::TcpSocket;

use super::wait_for;

/// How a next hop behaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manners {
    /// STARTTLS is offered with this.
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// AUTH PLAIN is offered, and mail taken only after this was given: NUL, user, NUL, password in
    /// Base64.
    pub(crate) login: Option<String>,
    /// What is answered to these recipients; 250 to others.
    pub(crate) recipients: BTreeMap<String, String>,
    /// What is answered to the next messages, one each; 250 when none is left.
    pub(crate) messages: VecDeque<String>,
}

/// A message that was answered, whatever the answer.
#[derive(Debug, Clone)]
pub(crate) struct Handed {
    /// The path of MAIL, without brackets.
    pub(crate) sender: String,
    /// Those answered 250, without brackets.
    pub(crate) recipients: Vec<String>,
    /// The message, dots unstuffed.
    pub(crate) data: Vec<u8>,
    /// Whether it came under TLS.
    pub(crate) encrypted: bool,
    /// What it was answered.
    pub(crate) answer: String,
}

impl Handed {
    /// Whether it was taken.
    pub(crate) fn is_taken(&self) -> bool {
        self.answer.starts_with("250")
    }

    /// The message as text.
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.data).unwrap()
    }
}

#[derive(Debug, Default)]
struct Shared {
    manners: Mutex<Manners>,
    handed: Mutex<Vec<Handed>>,
    connections: Mutex<usize>,
}

/// A running next hop, for as long as the test's process lives.
#[derive(Debug)]
pub(crate) struct NextHop {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// An address at which nobody answers yet, and that nobody else can take.
#[derive(Debug)]
pub(crate) struct Reserved(TcpSocket);

impl Reserved {
    /// A free port of 127.0.0.1. Connections to it are refused.
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self(socket)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// Begins to answer.
    pub(crate) fn open(self, manners: Manners) -> NextHop {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let listener = runtime.block_on(async { self.0.listen(64).unwrap().into_std().unwrap() });
        listener.set_nonblocking(false).unwrap();
        NextHop::on(listener, manners)
    }
}

impl NextHop {
    /// One on a free port.
    pub(crate) fn start(manners: Manners) -> Self {
        Self::on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), manners)
    }

    fn on(listener: TcpListener, manners: Manners) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { manners: Mutex::new(manners), ..Shared::default() });
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                *served.connections.lock().unwrap() += 1;
                let served = Arc::clone(&served);
                // A client that breaks off is its own affair.
                std::thread::spawn(move || drop(converse(stream, &served)));
            }
        });
        Self { address, shared }
    }

    /// Where it takes mail.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has it behave in another way from the next connection on.
    pub(crate) fn change(&self, manners: Manners) {
        *self.shared.manners.lock().unwrap() = manners;
    }

    /// Connections so far.
    pub(crate) fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }

    /// Every message so far, those refused too.
    pub(crate) fn handed(&self) -> Vec<Handed> {
        self.shared.handed.lock().unwrap().clone()
    }

    /// Those that were taken.
    pub(crate) fn taken(&self) -> Vec<Handed> {
        self.handed().into_iter().filter(Handed::is_taken).collect()
    }

    /// Waits until at least so many were taken.
    pub(crate) fn wait_for_taken(&self, count: usize) -> Vec<Handed> {
        wait_for("the next hop takes the mail", || {
            Some(self.taken()).filter(|taken| taken.len() >= count)
        })
    }
}

trait Channel: Read + Write {}

impl<T: Read + Write> Channel for T {}

fn converse(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut tcp = Some(stream.try_clone()?);
    let mut lines: BufReader<Box<dyn Channel>> = BufReader::new(Box::new(stream));
    let manners = shared.manners.lock().unwrap().clone();
    let (mut encrypted, mut known) = (false, manners.login.is_none());
    let (mut sender, mut recipients) = (String::new(), Vec::new());
    say(&mut lines, "220 next-hop.example ESMTP")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => {
                let mut offer = "250-next-hop.example\r\n250-PIPELINING\r\n".to_owned();
                if manners.tls.is_some() && !encrypted {
                    offer.push_str("250-STARTTLS\r\n");
                }
                if manners.login.is_some() {
                    offer.push_str("250-AUTH PLAIN\r\n");
                }
                offer + "250 ENHANCEDSTATUSCODES"
            }
            "STARTTLS" => {
                say(&mut lines, "220 2.0.0 go on")?;
                let (Some(tls), Some(stream)) = (&manners.tls, tcp.take()) else { return Ok(()) };
                let connection =
                    ServerConnection::new(Arc::clone(tls)).map_err(io::Error::other)?;
                lines = BufReader::new(Box::new(StreamOwned::new(connection, stream)));
                encrypted = true;
                continue;
            }
            "AUTH" => {
                known = manners.login.as_ref().is_some_and(|login| {
                    encrypted && line.strip_prefix("AUTH PLAIN ") == Some(login)
                });
                if known { "235 2.7.0 welcome" } else { "535 5.7.8 who is it" }.to_owned()
            }
            "MAIL" if !known => "530 5.7.0 log in first".to_owned(),
            "MAIL" => {
                sender = path(line);
                recipients.clear();
                "250 2.1.0 fine".to_owned()
            }
            "RCPT" => {
                let recipient = path(line);
                let answer = manners.recipients.get(&recipient).cloned();
                answer.unwrap_or_else(|| {
                    recipients.push(recipient);
                    "250 2.1.5 fine".to_owned()
                })
            }
            "DATA" if recipients.is_empty() => "554 5.5.1 no recipient".to_owned(),
            "DATA" => {
                say(&mut lines, "354 go on")?;
                let data = message(&mut lines)?;
                let prescribed = shared.manners.lock().unwrap().messages.pop_front();
                let answer = prescribed.unwrap_or_else(|| "250 2.0.0 taken".to_owned());
                shared.handed.lock().unwrap().push(Handed {
                    sender: sender.clone(),
                    recipients: std::mem::take(&mut recipients),
                    data,
                    encrypted,
                    answer: answer.clone(),
                });
                answer
            }
            "QUIT" => return say(&mut lines, "221 2.0.0 bye"),
            "RSET" | "NOOP" => "250 2.0.0 fine".to_owned(),
            _ => "500 5.5.1 what".to_owned(),
        };
        say(&mut lines, &answer)?;
    }
}

fn say(lines: &mut BufReader<Box<dyn Channel>>, answer: &str) -> io::Result<()> {
    let stream = lines.get_mut();
    stream.write_all(format!("{answer}\r\n").as_bytes())?;
    stream.flush()
}

fn path(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(String::new(), |(path, _)| path.to_owned())
}

fn message(lines: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(data);
        }
        data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
