//! An SMTP server that takes every mail and remembers it: the next hop of a relay under test.
//!
//! It can be told to behave badly ([`Faults`]), stopped in the middle of whatever it does, and
//! started again on the same port. What it accepted is kept over that. A message counts as accepted
//! only where the 250 to its dot was handed to the socket.

mod dialogue;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::sequence::Sequence;
use dialogue::{Dialogue, Message, Step};

/// How a sink misbehaves. The default is not at all.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Of a thousand messages, so many are answered 451 after the dot.
    pub refused_per_mille: u16,
    /// Of a thousand messages, so many are thrown away and the connection closed without an answer
    /// after the dot.
    pub dropped_per_mille: u16,
    /// How long the answer to each dot takes.
    pub delay: Duration,
    /// Recipients answered 550, in lower case.
    pub unknown_recipients: Vec<String>,
}

/// What to start.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where to listen. `None`: a free port of 127.0.0.1.
    pub listen: Option<SocketAddr>,
    /// Whether messages are kept as a whole. They are not for load: it would fill the memory.
    pub keep_bodies: bool,
    /// How the sink misbehaves at first.
    pub faults: Faults,
}

/// A message that was accepted.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// What the message is known by: what its `Message-ID` has between the angle brackets, or
    /// without one the first [`Marker`](crate::mail::Marker) in it.
    pub id: Option<String>,
    /// The envelope sender, empty for the null path.
    pub sender: String,
    /// The envelope recipients that were accepted.
    pub recipients: Vec<String>,
    /// When it was accepted.
    pub at: Instant,
    /// Its size in octets, dots unstuffed.
    pub size: usize,
    /// The message, CRLF line ends, if bodies are kept.
    pub body: Option<Vec<u8>>,
}

/// What a sink has seen since it was started or last told to forget.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections taken.
    pub connections: u64,
    /// Messages answered 250.
    pub accepted: u64,
    /// Messages answered 451.
    pub refused: u64,
    /// Messages thrown away with their connection.
    pub dropped: u64,
}

#[derive(Debug, Default)]
struct Record {
    faults: Faults,
    counts: Counts,
    messages: Vec<Accepted>,
    transactions: u64,
}

#[derive(Debug)]
struct Shared {
    keep_bodies: bool,
    record: Mutex<Record>,
    accepted: watch::Sender<usize>,
}

impl Shared {
    fn record(&self) -> MutexGuard<'_, Record> {
        // A record is whole between any two statements, so a panic elsewhere does no harm to it.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running sink. It stops when dropped.
#[derive(Debug)]
pub struct Sink {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: Option<JoinHandle<()>>,
}

impl Sink {
    /// Starts a sink on the current tokio runtime.
    pub async fn start(settings: Settings) -> Result<Self> {
        let wanted = settings.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
        let shared = Arc::new(Shared {
            keep_bodies: settings.keep_bodies,
            record: Mutex::new(Record { faults: settings.faults, ..Record::default() }),
            accepted: watch::Sender::new(0),
        });
        let listener = TcpListener::bind(wanted).await?;
        let address = listener.local_addr()?;
        let server = Some(tokio::spawn(serve(listener, Arc::clone(&shared))));
        Ok(Self { address, shared, server })
    }

    /// Where it takes mail.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening and breaks every connection off where it is.
    pub async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
            // The error only says that it was aborted.
            let _ = server.await;
        }
    }

    /// Starts again on the same port after [`stop`](Self::stop), with the record so far.
    pub async fn restart(&mut self) -> Result<()> {
        ensure!(self.server.is_none(), "the sink is running");
        let listener = TcpListener::bind(self.address).await?;
        self.server = Some(tokio::spawn(serve(listener, Arc::clone(&self.shared))));
        Ok(())
    }

    /// Makes it misbehave in another way from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.record().faults = faults;
    }

    /// The messages accepted, in order.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.shared.record().messages.clone()
    }

    /// What it has seen.
    pub fn counts(&self) -> Counts {
        self.shared.record().counts
    }

    /// Forgets messages and counts.
    pub fn forget(&self) {
        let mut record = self.shared.record();
        record.messages.clear();
        record.counts = Counts::default();
        self.shared.accepted.send_replace(0);
    }

    /// Waits until `count` messages are accepted, or until none was for as long as `patience`. Tells
    /// which: `true` if they are there.
    pub async fn wait_for(&self, count: usize, patience: Duration) -> bool {
        let mut accepted = self.shared.accepted.subscribe();
        loop {
            if *accepted.borrow_and_update() >= count {
                return true;
            }
            let changed = tokio::time::timeout(patience, accepted.changed()).await;
            if !matches!(changed, Ok(Ok(()))) {
                return *accepted.borrow() >= count;
            }
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    shared.record().counts.connections += 1;
                    connections.spawn(converse(stream, Arc::clone(&shared)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Octets asked of the socket at a time.
const READ_SIZE: usize = 64 * 1024;

async fn converse(mut stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let unknown = shared.record().faults.unknown_recipients.clone();
    let mut dialogue = Dialogue::new(shared.keep_bodies, unknown);
    stream.write_all(dialogue::GREETING).await?;
    let mut input = Vec::with_capacity(READ_SIZE);
    let mut output = Vec::new();
    loop {
        match dialogue.advance(&mut input, &mut output) {
            Step::NeedInput => {
                if !output.is_empty() {
                    stream.write_all(&output).await?;
                    output.clear();
                }
                input.reserve(READ_SIZE);
                if stream.read_buf(&mut input).await? == 0 {
                    return Ok(());
                }
            }
            Step::Message(message) => {
                if !answer(&mut stream, message, &mut output, &shared).await? {
                    return Ok(());
                }
            }
            Step::Quit => {
                stream.write_all(&output).await?;
                return Ok(());
            }
        }
    }
}

/// What becomes of one message.
enum Verdict {
    Accept,
    Refuse,
    Drop,
}

/// Answers the dot. `false`: the connection is to be closed.
async fn answer(
    stream: &mut TcpStream,
    message: Message,
    output: &mut Vec<u8>,
    shared: &Shared,
) -> io::Result<bool> {
    let (verdict, delay) = {
        let mut record = shared.record();
        record.transactions += 1;
        let verdict = verdict(&record.faults, record.transactions);
        match verdict {
            Verdict::Accept => {}
            Verdict::Refuse => record.counts.refused += 1,
            Verdict::Drop => record.counts.dropped += 1,
        }
        (verdict, record.faults.delay)
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match verdict {
        Verdict::Drop => return Ok(false),
        Verdict::Refuse => output.extend_from_slice(b"451 4.3.0 not now\r\n"),
        Verdict::Accept => output.extend_from_slice(b"250 2.0.0 kept\r\n"),
    }
    stream.write_all(output).await?;
    output.clear();
    if matches!(verdict, Verdict::Accept) {
        let mut record = shared.record();
        record.counts.accepted += 1;
        record.messages.push(message.accepted());
        shared.accepted.send_replace(record.messages.len());
    }
    Ok(true)
}

fn verdict(faults: &Faults, transaction: u64) -> Verdict {
    let mut sequence = Sequence::new(transaction);
    if sequence.below(1000) < u64::from(faults.dropped_per_mille) {
        Verdict::Drop
    } else if sequence.below(1000) < u64::from(faults.refused_per_mille) {
        Verdict::Refuse
    } else {
        Verdict::Accept
    }
}

#[cfg(test)]
mod tests;
