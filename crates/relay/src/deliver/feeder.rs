//! Fetches due messages from the journal into the lanes, and looks after those that wait too long.

use std::sync::Arc;
use std::time::Duration;

use sekimori_journal::{DueCursor, DueMessage};

use super::lane::Entrance;
use super::parcel::Parcel;
use super::{Office, waiting};
use crate::now;

/// How often the journal is asked when nothing else happens: for messages whose time has come, and
/// for those that another process released.
const INTERVAL: Duration = Duration::from_secs(1);
/// Messages fetched at once.
const PAGE: usize = 256;
/// Pages that one look goes through. The next look goes on where it ended.
const PAGES: usize = 8;
/// How often messages that wait too long are looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// Feeds the lanes until told to stop.
pub(super) async fn feed(office: Office, lanes: Vec<Entrance>) {
    let mut stopping = office.stopping.clone();
    let mut tick = tokio::time::interval(INTERVAL);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut sweep = tokio::time::interval(SWEEP);
    sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut swept = waiting::Swept::default();
    let mut actions = Actions::default();
    let mut lanes: Vec<Fed> = lanes.into_iter().map(Fed::new).collect();
    loop {
        tokio::select! {
            biased;
            () = stopping.given() => return,
            _ = sweep.tick() => waiting::sweep(&office, &mut swept).await,
            _ = tick.tick() => {
                let somebody_acted = actions.are_new(&office).await;
                for lane in &mut lanes {
                    if somebody_acted {
                        lane.entrance.try_now();
                    }
                    lane.look(&office).await;
                }
            }
            () = office.hungry.notified(), if lanes.iter().any(|lane| lane.left_some) => {
                for lane in lanes.iter_mut().filter(|lane| lane.is_hungry()) {
                    lane.look(&office).await;
                }
            }
        }
    }
}

/// What people do to messages, as the journal counts it. Whoever flushes or releases messages wants
/// them tried at once, however long the hop has been down.
#[derive(Default)]
struct Actions {
    seen: Option<u64>,
}

impl Actions {
    async fn are_new(&mut self, office: &Office) -> bool {
        let journal = Arc::clone(&office.journal);
        let count = tokio::task::spawn_blocking(move || journal.change_count()).await;
        let Ok(Ok(count)) = count else { return false };
        self.seen.replace(count).is_some_and(|seen| seen != count)
    }
}

/// A lane as the feeder sees it. Each looks for its own messages, since those of a lane whose hops are
/// down may stand in front of them by the thousand.
struct Fed {
    entrance: Entrance,
    /// Where the next look begins.
    cursor: DueCursor,
    /// Whether the last look left due messages in the journal for want of places.
    left_some: bool,
}

impl Fed {
    fn new(entrance: Entrance) -> Self {
        Self { entrance, cursor: DueCursor::default(), left_some: false }
    }

    fn is_hungry(&self) -> bool {
        self.left_some && self.entrance.places() >= super::LANE_PARCELS / 2
    }

    /// Fetches due messages as far as there are places: the oldest first, unless the last look came to
    /// no end.
    async fn look(&mut self, office: &Office) {
        for _ in 0..PAGES {
            if self.entrance.places() == 0 {
                self.begin_again(true);
                return;
            }
            office.ledger.begin_page();
            let journal = Arc::clone(&office.journal);
            let cursor = self.cursor;
            let page = tokio::task::spawn_blocking(move || journal.due(now(), cursor, PAGE)).await;
            let page = match page {
                Ok(Ok(page)) => page,
                Ok(Err(error)) => {
                    tracing::error!(%error, "the journal cannot say what is due");
                    return;
                }
                Err(_) => return,
            };
            let whole = page.len() >= PAGE;
            for due in page {
                let cursor = due.cursor;
                if !self.take(office, due) {
                    self.begin_again(true);
                    return;
                }
                self.cursor = cursor;
            }
            if !whole {
                self.begin_again(false);
                return;
            }
        }
    }

    fn begin_again(&mut self, left_some: bool) {
        self.cursor = DueCursor::default();
        self.left_some = left_some;
    }

    /// Takes a due message into the lane, if it belongs there and is not in it. False when there is no
    /// place for it.
    fn take(&self, office: &Office, due: DueMessage) -> bool {
        // What a gate has already is asked for all the same.
        let is_unsent = due.recipients.iter().all(|recipient| recipient.relayed.is_none());
        if is_unsent && office.crossing.is_stopped(due.route, &due.organisation, &due.sender) {
            return true;
        }
        if due.route != self.entrance.route() || !office.ledger.begin_from_page(due.queue_id) {
            return true;
        }
        let Err(parcel) = self.entrance.offer(Parcel::from(due)) else {
            return true;
        };
        office.ledger.forget(parcel.queue_id);
        false
    }
}
