//! Delivering: from the journal to the next hop, and reports back to senders.
//!
//! Each direction is a *lane*: forward to the LGWAN segment, return to the Internet segment. A lane
//! has a bounded line of *parcels* (messages ready to be handed over), workers that each keep one
//! connection, and a view of the health of its hops. A message that was just made durable is offered
//! to its lane directly, text and all; when the line is full it is left in the journal, from where
//! the *feeder* fetches whatever is due. A message is in a lane at most once.
//!
//! What became of each recipient is durable before the message leaves the lane, so that a restart at
//! any moment repeats at most what the next hop took in the moment of the crash.

mod backoff;
mod connection;
mod feeder;
mod health;
mod lane;
mod ledger;
mod parcel;
mod recorder;
mod relayed;
mod report;
mod results;
mod stream;
mod tls;
mod waiting;
mod words;

use std::sync::{Arc, Mutex, PoisonError};

use sekimori_journal::{Journal, Route};
use sekimori_policy::Segment;
use tokio::sync::Notify;
use tokio::task::JoinSet;

#[cfg(feature = "internet")]
pub(crate) use backoff::pause;
pub(crate) use connection::Dialer;
pub use health::{HopState, HopStatus};
use lane::Lane;
use ledger::Ledger;
pub(crate) use parcel::Parcel;
use recorder::Recorder;
pub(crate) use tls::client_config;

use crate::counters::Counters;
use crate::crossing::Crossing;
use crate::settings::{Reports, Settings};
use crate::stop::Stop;

/// Parcels that wait in memory in each lane. What is more waits in the journal.
pub const LANE_PARCELS: usize = 512;
/// Largest text that a waiting parcel holds in memory; larger ones are read again when their turn
/// comes. With [`LANE_PARCELS`] this bounds what a lane holds.
pub const PARCEL_TEXT_OCTETS: usize = 64 * 1024;

/// Both lanes and what feeds them.
pub(crate) struct Delivery {
    forward: Lane,
    back: Option<Lane>,
    ledger: Arc<Ledger>,
    recorder: Recorder,
    crossing: Arc<Crossing>,
    hungry: Arc<Notify>,
    tasks: Mutex<JoinSet<()>>,
}

/// What workers need to record results and make reports.
#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) settings: Settings,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) recorder: Recorder,
    pub(crate) crossing: Arc<Crossing>,
    pub(crate) hungry: Arc<Notify>,
    pub(crate) stopping: Stop,
}

impl Delivery {
    /// Starts the lanes and the feeder. They run until told to stop.
    pub(crate) fn start(
        settings: &Settings,
        journal: Arc<dyn Journal>,
        counters: Arc<Counters>,
        crossing: Arc<Crossing>,
        stopping: Stop,
    ) -> Self {
        let ledger = Arc::new(Ledger::default());
        let hungry = Arc::new(Notify::new());
        let recorder = Recorder::new(Arc::clone(&journal), Arc::clone(&ledger), stopping.clone());
        let office = Office {
            journal,
            counters,
            settings: settings.clone(),
            ledger: Arc::clone(&ledger),
            recorder: recorder.clone(),
            crossing: Arc::clone(&crossing),
            hungry: Arc::clone(&hungry),
            stopping,
        };
        let mut tasks = JoinSet::new();
        let dialer = |side| Dialer {
            hostname: settings.hostname.clone(),
            segments: settings.segments.clone(),
            side,
            timeouts: settings.deliver.timeouts,
        };
        let hops = settings.deliver.hops.clone();
        let concurrency = settings.deliver.concurrency;
        let forward = Lane::start(
            Route::Forward,
            hops,
            dialer(Segment::Lgwan),
            concurrency,
            &office,
            &mut tasks,
        );
        let back = settings.reports.as_ref().map(|Reports { hop, .. }| {
            let hops = vec![hop.clone()];
            Lane::start(
                Route::Return,
                hops,
                dialer(Segment::Internet),
                concurrency,
                &office,
                &mut tasks,
            )
        });
        let lanes = std::iter::once(&forward).chain(&back).map(Lane::entrance).collect();
        tasks.spawn(feeder::feed(office, lanes));
        Self { forward, back, ledger, recorder, crossing, hungry, tasks: Mutex::new(tasks) }
    }

    /// Offers a message that was just made durable. When its lane is full, or the crossing is stopped
    /// for it, it waits in the journal.
    pub(crate) fn offer(&self, parcel: Parcel) {
        let lane = match parcel.route {
            Route::Forward => Some(&self.forward),
            Route::Return => self.back.as_ref(),
        };
        let Some(lane) = lane else { return };
        if self.crossing.is_stopped(parcel.route, &parcel.organisation, &parcel.sender) {
            return;
        }
        if self.ledger.begin(parcel.queue_id)
            && let Err(parcel) = lane.entrance().offer(parcel)
        {
            self.ledger.forget(parcel.queue_id);
            self.hungry.notify_one();
        }
    }

    /// How the next hops are, the first the one toward LGWAN.
    pub(crate) fn hops(&self) -> Vec<HopStatus> {
        std::iter::once(&self.forward).chain(&self.back).map(Lane::status).collect()
    }

    /// Waits until every worker has finished what it had in hand. They must have been told to stop.
    pub(crate) async fn finish(&self) {
        let mut tasks =
            std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while tasks.join_next().await.is_some() {}
        self.recorder.finish().await;
    }
}
