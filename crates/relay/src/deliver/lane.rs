//! One lane: a bounded line of parcels and the workers that hand them over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sekimori_journal::{Route, State};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::connection::{ConnectError, Connection, Dialer, is_usable};
use super::health::{Health, HopStatus};
use super::parcel::Parcel;
use super::{LANE_PARCELS, Office, relayed, results};
use crate::canary;
use crate::settings::Hop;
use crate::stop::Stop;

/// How long a parcel counts as queued without asking the journal again. What a person does to a
/// message takes effect on its delivery after this time at the latest.
const FRESH: Duration = Duration::from_secs(1);

/// The way into a lane.
#[derive(Debug, Clone)]
pub(super) struct Entrance {
    route: Route,
    health: Arc<Health>,
    parcels: mpsc::Sender<Parcel>,
}

impl Entrance {
    pub(super) fn route(&self) -> Route {
        self.route
    }

    /// Puts a parcel into the line, or gives it back when the line is full.
    #[expect(clippy::result_large_err, reason = "the parcel itself goes back to its owner")]
    pub(super) fn offer(&self, parcel: Parcel) -> Result<(), Parcel> {
        self.parcels.try_send(parcel).map_err(|error| match error {
            mpsc::error::TrySendError::Full(parcel) | mpsc::error::TrySendError::Closed(parcel) => {
                parcel
            }
        })
    }

    /// Has the lane's hops tried at once, if they are down.
    pub(super) fn try_now(&self) {
        self.health.try_now();
    }

    /// Places free in the line.
    pub(super) fn places(&self) -> usize {
        self.parcels.capacity()
    }
}

/// A running lane.
#[derive(Debug)]
pub(super) struct Lane {
    entrance: Entrance,
    health: Arc<Health>,
    hops: Vec<String>,
}

/// What the workers of one lane share.
struct Crew {
    hops: Vec<Hop>,
    dialer: Dialer,
    line: Mutex<mpsc::Receiver<Parcel>>,
    health: Arc<Health>,
    office: Office,
}

impl Lane {
    /// Starts `workers` workers for a lane.
    pub(super) fn start(
        route: Route,
        hops: Vec<Hop>,
        dialer: Dialer,
        workers: usize,
        office: &Office,
        tasks: &mut JoinSet<()>,
    ) -> Self {
        let (parcels, line) = mpsc::channel(LANE_PARCELS);
        let health = Arc::new(Health::default());
        let names = hops.iter().map(Hop::name).collect();
        let crew = Arc::new(Crew {
            hops,
            dialer,
            line: Mutex::new(line),
            health: Arc::clone(&health),
            office: office.clone(),
        });
        for _ in 0..workers {
            tasks.spawn(Arc::clone(&crew).work());
        }
        Self {
            entrance: Entrance { route, health: Arc::clone(&health), parcels },
            health,
            hops: names,
        }
    }

    pub(super) fn entrance(&self) -> Entrance {
        self.entrance.clone()
    }

    pub(super) fn status(&self) -> HopStatus {
        HopStatus { hops: self.hops.clone(), state: self.health.state() }
    }
}

/// A worker's connection, with the number of messages it has carried.
struct Kept {
    connection: Connection,
    carried: usize,
    _open: crate::counters::GaugeGuard,
}

impl Crew {
    async fn work(self: Arc<Self>) {
        let mut kept: Option<Kept> = None;
        let mut stopping = self.office.stopping.clone();
        loop {
            let idle = self.office.settings.deliver.idle;
            let next = tokio::select! {
                biased;
                () = stopping.given() => break,
                next = self.next(kept.is_some().then_some(idle)) => next,
            };
            match next {
                Next::Parcel(parcel) => {
                    let span = parcel.span.clone();
                    kept = self.hand_over(*parcel, kept, &mut stopping).instrument(span).await;
                }
                Next::Idle => {
                    if let Some(idle) = kept.take() {
                        idle.connection.quit().await;
                    }
                }
                Next::Closed => break,
            }
        }
        if let Some(last) = kept {
            last.connection.quit().await;
        }
    }

    /// The next parcel, or nothing when none comes within `idle`.
    async fn next(&self, idle: Option<Duration>) -> Next {
        let receive = async {
            let mut line = self.line.lock().await;
            line.recv().await
        };
        let received = match idle {
            Some(idle) => match tokio::time::timeout(idle, receive).await {
                Ok(received) => received,
                Err(_) => return Next::Idle,
            },
            None => receive.await,
        };
        self.office.hungry.notify_one();
        received.map_or(Next::Closed, |parcel| Next::Parcel(Box::new(parcel)))
    }

    /// Hands one parcel over, and keeps the connection if it can serve another.
    async fn hand_over(
        &self,
        mut parcel: Parcel,
        kept: Option<Kept>,
        stopping: &mut Stop,
    ) -> Option<Kept> {
        if parcel.is_relayed() {
            return self.ask(parcel, kept, stopping).await;
        }
        let text = match self.text(&mut parcel).await {
            Ok(text) => text,
            Err(reason) => {
                tracing::error!(%reason, "the text of a message cannot be read");
                results::unreadable(&self.office, parcel, &reason).await;
                return kept;
            }
        };
        if canary::is_for_sink(&self.office.settings, &parcel) {
            if self.may_go(&mut parcel).await {
                results::sunk(&self.office, &parcel, &text).await;
            }
            return kept;
        }
        let reused = kept.is_some();
        let mut current = match kept {
            Some(kept) => kept,
            None => self.connect(&parcel, stopping).await?,
        };
        if !self.may_go(&mut parcel).await {
            return Some(current);
        }
        let mut outcome = current.connection.send(parcel.envelope(), &text).await;
        // A connection that was idle may have been closed by the hop meanwhile. Nothing was said in
        // this transaction then, so that it can be begun again on a new one.
        if reused && results::nothing_answered(&outcome) {
            drop(current);
            current = self.connect(&parcel, stopping).await?;
            if !self.may_go(&mut parcel).await {
                return Some(current);
            }
            outcome = current.connection.send(parcel.envelope(), &text).await;
        }
        current.carried += 1;
        let usable = is_usable(&outcome);
        results::settle(&self.office, parcel, outcome, &current.connection).await;
        if usable && current.carried < self.office.settings.deliver.messages_per_connection {
            return Some(current);
        }
        if usable {
            current.connection.quit().await;
        }
        None
    }

    /// Asks the gate what became of a message that it has, and keeps the connection if it answered.
    async fn ask(&self, parcel: Parcel, kept: Option<Kept>, stopping: &mut Stop) -> Option<Kept> {
        let reused = kept.is_some();
        let mut current = match kept {
            Some(kept) => kept,
            None => self.connect(&parcel, stopping).await?,
        };
        let mut known = relayed::ask(&mut current.connection, &parcel).await;
        // An idle connection may have been closed by the gate meanwhile.
        if reused && known.is_none() {
            drop(current);
            current = self.connect(&parcel, stopping).await?;
            known = relayed::ask(&mut current.connection, &parcel).await;
        }
        let answered = known.is_some();
        let hop = current.connection.hop().to_owned();
        relayed::settle(&self.office, parcel, &known.unwrap_or_default(), &hop).await;
        answered.then_some(current)
    }

    /// Whether a parcel is still to be delivered: a person may have held or deleted its message while
    /// it waited here. One that is not, or of which the journal cannot tell, leaves the lane.
    async fn may_go(&self, parcel: &mut Parcel) -> bool {
        if self.office.crossing.is_stopped(parcel.route, &parcel.organisation, &parcel.sender) {
            self.office.ledger.forget(parcel.queue_id);
            return false;
        }
        if parcel.queued_as_of.elapsed() < FRESH {
            return true;
        }
        let asked = Instant::now();
        let journal = Arc::clone(&self.office.journal);
        let id = parcel.queue_id;
        let stored = tokio::task::spawn_blocking(move || journal.message(id.into())).await;
        match stored {
            Ok(Ok(Some(stored))) if stored.state == State::Queued => {
                parcel.queued_as_of = asked;
                return true;
            }
            Ok(Ok(_)) => tracing::info!("the message was taken out of the queue meanwhile"),
            Ok(Err(error)) => tracing::error!(%error, "the journal cannot say what is queued"),
            Err(error) => tracing::error!(%error, "the journal cannot say what is queued"),
        }
        self.office.ledger.forget(id);
        false
    }

    async fn text(&self, parcel: &mut Parcel) -> Result<Vec<u8>, String> {
        if let Some(text) = parcel.text.take() {
            return Ok(text);
        }
        let journal = Arc::clone(&self.office.journal);
        let id = parcel.queue_id;
        match tokio::task::spawn_blocking(move || journal.text(id)).await {
            Ok(text) => text.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// A connection to the first hop that answers. Without one the parcel is put back for later.
    async fn connect(&self, parcel: &Parcel, stopping: &mut Stop) -> Option<Kept> {
        let turn = tokio::select! {
            turn = self.health.may_connect() => turn,
            () = stopping.given() => {
                self.office.ledger.forget(parcel.queue_id);
                return None;
            }
        };
        let mut reasons = Vec::new();
        for hop in &self.hops {
            match self.dial(hop).await {
                Ok(connection) => {
                    self.health.is_up();
                    let open = self.office.counters.hop_connections.enter();
                    return Some(Kept { connection, carried: 0, _open: open });
                }
                Err(error) => {
                    self.office.counters.hop_failures.increment();
                    tracing::warn!(%error, "a next hop cannot be reached");
                    reasons.push(error.to_string());
                }
            }
        }
        let reason = reasons.join("; ");
        results::unreached(&self.office, parcel, &reason).await;
        self.health.is_down(&turn, reason);
        None
    }

    /// Connects on a task of its own, so that a fault in the client library is no fault of the lane.
    async fn dial(&self, hop: &Hop) -> Result<Connection, ConnectError> {
        let dialer = self.dialer.clone();
        let to = hop.clone();
        match tokio::spawn(async move { dialer.connect(&to).await }.in_current_span()).await {
            Ok(result) => result,
            Err(error) => Err(ConnectError::Failed { hop: hop.name(), reason: error.to_string() }),
        }
    }
}

/// What a worker does next.
enum Next {
    Parcel(Box<Parcel>),
    Idle,
    Closed,
}
