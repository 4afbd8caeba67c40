//! One session of a load: a connection that sends one message after the other.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use memchr::memchr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{OnTrouble, Shared, Tally};
use crate::mail::Marker;

/// Pause before a session that retries connects again.
const PAUSE: Duration = Duration::from_millis(20);

/// Longest reply taken, in octets.
const MAX_REPLY: usize = 64 * 1024;

/// An open connection, greeted and past EHLO.
#[derive(Debug)]
pub(super) struct Session {
    stream: TcpStream,
    input: Vec<u8>,
}

/// What became of one message.
enum Sent {
    /// Answered 250, so long after the dot.
    Accepted(Duration),
    /// Answered with something else.
    Refused,
}

impl Session {
    /// Opens a connection.
    pub(super) async fn connect(target: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(target).await?;
        stream.set_nodelay(true)?;
        let mut session = Self { stream, input: Vec::with_capacity(1024) };
        session.expect(220).await?;
        session.stream.write_all(b"EHLO load.example.jp\r\n").await?;
        session.expect(250).await?;
        Ok(session)
    }

    async fn expect(&mut self, code: u16) -> io::Result<()> {
        match self.reply().await? {
            found if found == code => Ok(()),
            found => Err(io::Error::other(format!("{found} instead of {code}"))),
        }
    }

    /// Reads one reply, all its lines, and returns its code.
    async fn reply(&mut self) -> io::Result<u16> {
        loop {
            while let Some(end) = memchr(b'\n', &self.input) {
                let line: Vec<u8> = self.input.drain(..=end).collect();
                if line.get(3) != Some(&b'-') {
                    return line
                        .get(..3)
                        .and_then(|digits| str::from_utf8(digits).ok()?.parse().ok())
                        .ok_or_else(|| io::Error::other("a reply without a code"));
                }
            }
            if self.input.len() > MAX_REPLY {
                return Err(io::Error::other("a reply without an end"));
            }
            if self.stream.read_buf(&mut self.input).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn send(
        &mut self,
        message: &[u8],
        shared: &Shared,
        tally: &mut Tally,
    ) -> io::Result<Sent> {
        self.stream.write_all(&shared.commands).await?;
        let mut fine = true;
        for _ in 0..=shared.settings.recipients.len() {
            let code = self.reply().await?;
            tally.answer(code);
            fine &= code == 250;
        }
        let go_on = self.reply().await?;
        tally.answer(go_on);
        if go_on != 354 {
            self.stream.write_all(b"RSET\r\n").await?;
            self.reply().await?;
            return Ok(Sent::Refused);
        }
        self.stream.write_all(message).await?;
        self.stream.write_all(shared.settings.template.tail()).await?;
        let handed_over = Instant::now();
        let code = self.reply().await?;
        let latency = handed_over.elapsed();
        tally.answer(code);
        Ok(if code == 250 && fine { Sent::Accepted(latency) } else { Sent::Refused })
    }
}

impl Tally {
    fn answer(&mut self, code: u16) {
        *self.replies.entry(code).or_default() += 1;
        self.last_answer = Some(Instant::now());
    }
}

/// Sends messages until there are no more to send.
pub(super) async fn work(connected: io::Result<Session>, shared: &Shared) -> Tally {
    let mut tally = Tally::default();
    let mut session = tally.note(connected);
    let mut buffer = Vec::new();
    while let Some(marker) = shared.next_marker() {
        shared.settings.template.fill(&mut buffer, marker);
        match shared.settings.on_trouble {
            OnTrouble::GiveUp => {
                let Some(open) = session.as_mut() else {
                    break;
                };
                let sent = open.send(&buffer, shared, &mut tally).await;
                match tally.note(sent) {
                    Some(sent) => tally.sent(marker, &sent),
                    None => session = None,
                }
            }
            OnTrouble::Retry { patience } => {
                if !insist(&mut session, &buffer, marker, patience, shared, &mut tally).await {
                    tally.trouble("patience ended");
                    break;
                }
            }
        }
    }
    if let Some(mut session) = session {
        // The work is done whether or not the server hears of it.
        let _ = session.stream.write_all(b"QUIT\r\n").await;
    }
    tally
}

/// Sends one message until it is accepted. `false`: no answer for longer than `patience`.
async fn insist(
    session: &mut Option<Session>,
    message: &[u8],
    marker: Marker,
    patience: Duration,
    shared: &Shared,
    tally: &mut Tally,
) -> bool {
    let mut last_answer = Instant::now();
    while last_answer.elapsed() < patience {
        let remaining = patience.saturating_sub(last_answer.elapsed());
        let attempt = async {
            let open = match session {
                Some(open) => open,
                None => session.insert(Session::connect(shared.settings.target).await?),
            };
            open.send(message, shared, tally).await
        };
        let attempt = tokio::time::timeout(remaining, attempt)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        match tally.note(attempt) {
            Some(Sent::Accepted(latency)) => {
                tally.sent(marker, &Sent::Accepted(latency));
                return true;
            }
            Some(Sent::Refused) => last_answer = Instant::now(),
            None => *session = None,
        }
        tokio::time::sleep(PAUSE).await;
    }
    false
}

impl Tally {
    /// Records an error as trouble.
    fn note<T>(&mut self, result: io::Result<T>) -> Option<T> {
        result.map_err(|error| self.trouble(&error.to_string())).ok()
    }

    fn sent(&mut self, marker: Marker, sent: &Sent) {
        if let Sent::Accepted(latency) = sent {
            self.accepted.push(marker);
            self.latencies.push(*latency);
        }
    }
}
