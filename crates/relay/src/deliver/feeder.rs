//! Fetches due messages from the journal into the lanes, and looks after those that wait too long.

use std::sync::Arc;
use std::time::Duration;

use sekimori_journal::DueCursor;

use super::lane::Entrance;
use super::parcel::Parcel;
use super::{Office, waiting};
use crate::now;

/// How often the journal is asked when nothing else happens: for messages whose time has come, and
/// for those that another process released.
const INTERVAL: Duration = Duration::from_secs(1);
/// Messages fetched at once.
const PAGE: usize = 256;
/// Pages looked through in one round for the sake of a lane that is not full.
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
    // Whether the last round left due messages in the journal for want of places.
    let mut more = true;
    loop {
        tokio::select! {
            biased;
            () = stopping.given() => return,
            _ = sweep.tick() => {
                waiting::sweep(&office, &mut swept).await;
                continue;
            }
            _ = tick.tick() => {}
            () = office.hungry.notified(), if more && lanes.iter().all(is_half_empty) => {}
        }
        more = round(&office, &lanes).await;
    }
}

fn is_half_empty(lane: &Entrance) -> bool {
    lane.places() >= super::LANE_PARCELS / 2
}

/// One round: due messages, oldest first, as far as there are places. True when some were left.
async fn round(office: &Office, lanes: &[Entrance]) -> bool {
    let mut cursor = DueCursor::default();
    for _ in 0..PAGES {
        office.ledger.begin_page();
        let journal = Arc::clone(&office.journal);
        let page = tokio::task::spawn_blocking(move || journal.due(now(), cursor, PAGE)).await;
        let page = match page {
            Ok(Ok(page)) => page,
            Ok(Err(error)) => {
                tracing::error!(%error, "the journal cannot say what is due");
                return true;
            }
            Err(_) => return true,
        };
        let Some(last) = page.last() else {
            return false;
        };
        cursor = last.cursor;
        let whole = page.len() >= PAGE;
        for due in page {
            let Some(lane) = lanes.iter().find(|lane| lane.route() == due.route) else {
                continue;
            };
            if lane.places() == 0 || !office.ledger.begin_from_page(due.queue_id) {
                continue;
            }
            if let Err(parcel) = lane.offer(Parcel::from(due)) {
                office.ledger.forget(parcel.queue_id);
            }
        }
        if !whole {
            return lanes.iter().any(|lane| lane.places() == 0);
        }
        if lanes.iter().all(|lane| lane.places() == 0) {
            return true;
        }
    }
    true
}
