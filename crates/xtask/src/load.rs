//! A load generator: so many sessions, each sending one mail after the other on one connection.
//!
//! MAIL, RCPT and DATA go out in one write, the message with its dot in another, with `TCP_NODELAY`,
//! so that no side waits for the other's delayed acknowledgements. The latency recorded is from the
//! moment the socket has taken the dot to its answer.

mod session;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::mail::{Marker, Template};
use session::Session;

/// How much is sent.
#[derive(Debug, Clone, Copy)]
pub enum Amount {
    /// So many messages over all sessions.
    Messages(u64),
    /// As many as go in this time.
    Time(Duration),
}

/// What a session does when its connection breaks or a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTrouble {
    /// A broken connection ends the session; a refused message is not sent again. For measurements.
    GiveUp,
    /// As a mail server would: connect again and send the same message again, until it is accepted
    /// or this much time has gone by without any answer to this session.
    Retry {
        /// How long a session tries without any answer.
        patience: Duration,
    },
}

/// What to send, where and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server.
    pub target: SocketAddr,
    /// Connections at once. At least 1.
    pub sessions: usize,
    /// How much is sent.
    pub amount: Amount,
    /// What is sent.
    pub template: Arc<Template>,
    /// The run that the markers name.
    pub run: u32,
    /// The envelope sender.
    pub sender: String,
    /// The envelope recipients of each message.
    pub recipients: Vec<String>,
    /// What to do about broken connections and refusals.
    pub on_trouble: OnTrouble,
}

impl Settings {
    /// The envelope that the benchmarks use.
    pub fn new(target: SocketAddr, template: Arc<Template>, run: u32) -> Self {
        Self {
            target,
            sessions: 1,
            amount: Amount::Messages(1),
            template,
            run,
            sender: "office@association.example.jp".to_owned(),
            recipients: vec!["clerk@town.example.lg.jp".to_owned()],
            on_trouble: OnTrouble::GiveUp,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// When the first octet of mail was sent.
    pub started: Instant,
    /// When the last answer came.
    pub finished: Instant,
    /// The markers of the messages answered 250.
    pub accepted: Vec<Marker>,
    /// How long each 250 to a dot took, sorted.
    pub latencies: Vec<Duration>,
    /// How often each reply code came.
    pub replies: BTreeMap<u16, u64>,
    /// What went wrong with connections, each kind of trouble with its count.
    pub troubles: BTreeMap<String, u64>,
}

impl Outcome {
    /// The latency that `per_mille` of a thousand answers did not exceed. Zero when none came.
    pub fn latency(&self, per_mille: usize) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        let rank = (self.latencies.len() * per_mille).div_ceil(1000);
        self.latencies.get(rank.saturating_sub(1).min(last)).copied().unwrap_or_default()
    }

    /// Messages accepted in each second from the first octet to the last answer.
    pub fn accepted_per_second(&self) -> f64 {
        let seconds = self.finished.duration_since(self.started).as_secs_f64();
        count(self.accepted.len()) / seconds.max(f64::EPSILON)
    }
}

/// A count for arithmetic with fractions; exact below 2^52.
#[expect(clippy::cast_precision_loss, reason = "no run has so many messages that it would show")]
pub fn count(number: usize) -> f64 {
    number as f64
}

/// What the sessions of a run share.
#[derive(Debug)]
struct Shared {
    settings: Settings,
    next: AtomicU64,
    deadline: Option<Instant>,
    /// MAIL, RCPT and DATA of every message.
    commands: Vec<u8>,
}

impl Shared {
    fn new(settings: Settings) -> Self {
        let mut commands = format!("MAIL FROM:<{}>\r\n", settings.sender);
        for recipient in &settings.recipients {
            commands.extend(["RCPT TO:<", recipient, ">\r\n"]);
        }
        commands.push_str("DATA\r\n");
        let deadline = match settings.amount {
            Amount::Messages(_) => None,
            Amount::Time(time) => Some(Instant::now() + time),
        };
        Self { settings, next: AtomicU64::new(0), deadline, commands: commands.into_bytes() }
    }

    /// The marker of the next message, if there is to be one.
    fn next_marker(&self) -> Option<Marker> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let more = match self.settings.amount {
            Amount::Messages(messages) => number < messages,
            Amount::Time(_) => self.deadline.is_some_and(|d| Instant::now() < d),
        };
        more.then_some(Marker { run: self.settings.run, number })
    }
}

/// What one session did.
#[derive(Debug, Default)]
struct Tally {
    accepted: Vec<Marker>,
    latencies: Vec<Duration>,
    replies: BTreeMap<u16, u64>,
    troubles: BTreeMap<String, u64>,
    last_answer: Option<Instant>,
}

/// Sends the load and waits until every session is done.
///
/// Connections are opened and greeted before the clock starts.
pub async fn run(settings: Settings) -> Outcome {
    let mut connecting = JoinSet::new();
    for _ in 0..settings.sessions.max(1) {
        connecting.spawn(Session::connect(settings.target));
    }
    let connected = connecting.join_all().await;
    let started = Instant::now();
    let shared = Arc::new(Shared::new(settings));
    let mut tasks = JoinSet::new();
    for session in connected {
        let shared = Arc::clone(&shared);
        tasks.spawn(async move { session::work(session, &shared).await });
    }
    let mut tally = Tally::default();
    while let Some(finished) = tasks.join_next().await {
        match finished {
            Ok(one) => tally.add(one),
            Err(error) => tally.trouble(&error.to_string()),
        }
    }
    tally.latencies.sort_unstable();
    Outcome {
        started,
        finished: tally.last_answer.unwrap_or(started),
        accepted: tally.accepted,
        latencies: tally.latencies,
        replies: tally.replies,
        troubles: tally.troubles,
    }
}

impl Tally {
    fn trouble(&mut self, what: &str) {
        *self.troubles.entry(what.to_owned()).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        self.accepted.extend(other.accepted);
        self.latencies.extend(other.latencies);
        for (code, count) in other.replies {
            *self.replies.entry(code).or_default() += count;
        }
        for (what, count) in other.troubles {
            *self.troubles.entry(what).or_default() += count;
        }
        self.last_answer = self.last_answer.max(other.last_answer);
    }
}

#[cfg(test)]
mod tests;
