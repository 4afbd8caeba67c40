//! Which messages are in a lane, so that none is there twice.
//!
//! The feeder reads pages of due messages while workers finish others: a message on a page may be
//! finished before the feeder comes to it. So what finished since the page was begun is remembered
//! and not begun again.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use sekimori_policy::QueueId;

/// The messages in the lanes.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    active: HashSet<QueueId>,
    finished: HashSet<QueueId>,
}

impl Ledger {
    fn entries(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message goes into a lane. False when it is in one already.
    pub(crate) fn begin(&self, id: QueueId) -> bool {
        self.entries().active.insert(id)
    }

    /// The feeder begins to read a page.
    pub(super) fn begin_page(&self) {
        self.entries().finished.clear();
    }

    /// A message on the feeder's page goes into a lane. False when it is in one already, or was
    /// finished since the page was begun.
    pub(super) fn begin_from_page(&self, id: QueueId) -> bool {
        let mut entries = self.entries();
        !entries.finished.contains(&id) && entries.active.insert(id)
    }

    /// What became of the message is durable.
    pub(super) fn finish(&self, id: QueueId) {
        let mut entries = self.entries();
        entries.active.remove(&id);
        entries.finished.insert(id);
    }

    /// The message did not get into a lane after all.
    pub(crate) fn forget(&self, id: QueueId) {
        self.entries().active.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_in_a_lane_once() {
        let ledger = Ledger::default();
        assert!(ledger.begin(QueueId(1)));
        assert!(!ledger.begin(QueueId(1)));
        assert!(!ledger.begin_from_page(QueueId(1)));
    }

    #[test]
    fn a_message_finished_while_its_page_is_read_is_not_begun_again() {
        let ledger = Ledger::default();
        assert!(ledger.begin(QueueId(1)));
        ledger.begin_page();
        ledger.finish(QueueId(1));
        assert!(!ledger.begin_from_page(QueueId(1)));
        ledger.begin_page();
        assert!(ledger.begin_from_page(QueueId(1)));
    }
}
