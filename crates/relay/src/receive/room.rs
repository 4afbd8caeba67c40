//! Room for messages in flight: octets of memory over all sessions.
//!
//! A session takes room before it reads more of a message, so what all sessions hold together never
//! exceeds the setting. A session that finds none stops reading, which is the peer's back-pressure;
//! when none comes free in time, its message is answered 452 (RFC 5321 section 4.2.3).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Octets that one permit of the semaphore stands for. Messages are counted in this grain, so that
/// the setting may exceed what a semaphore counts on any machine.
const GRAIN: usize = 4 * 1024;

/// All the room there is.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    grains: Arc<Semaphore>,
    all: usize,
    wait: Duration,
}

/// The room that one message has. Given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    permit: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// A share of nothing.
    pub(crate) fn none() -> Self {
        Self { permit: None }
    }

    fn grains(&self) -> usize {
        self.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }
}

impl Room {
    /// Room for `octets`, with `wait` as the longest time a session waits for some of it.
    pub(crate) fn new(octets: usize, wait: Duration) -> Self {
        let all = (octets / GRAIN).clamp(1, Semaphore::MAX_PERMITS);
        Self { grains: Arc::new(Semaphore::new(all)), all, wait }
    }

    /// Grows a share to at least `octets`. False when no room came free in time.
    pub(crate) async fn grow(&self, share: &mut Share, octets: usize) -> bool {
        let wanted = octets.div_ceil(GRAIN);
        let Some(missing) = wanted.checked_sub(share.grains()).filter(|&missing| missing > 0)
        else {
            return true;
        };
        let Ok(missing) = u32::try_from(missing) else {
            return false;
        };
        if usize::try_from(missing).unwrap_or(usize::MAX) > self.all {
            return false;
        }
        let acquired =
            timeout(self.wait, Arc::clone(&self.grains).acquire_many_owned(missing)).await;
        let Ok(Ok(permit)) = acquired else {
            return false;
        };
        match &mut share.permit {
            Some(held) => held.merge(permit),
            empty => *empty = Some(permit),
        }
        true
    }

    /// Octets in flight now.
    pub(crate) fn taken(&self) -> usize {
        self.all.saturating_sub(self.grains.available_permits()).saturating_mul(GRAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn when_all_room_is_taken_a_session_waits_and_then_gets_no() {
        let room = Room::new(10 * GRAIN, WAIT);
        let mut first = Share::none();
        assert!(room.grow(&mut first, 8 * GRAIN).await);
        let mut second = Share::none();
        assert!(!room.grow(&mut second, 3 * GRAIN).await);
        assert!(room.grow(&mut second, 2 * GRAIN).await);
        drop(first);
        assert!(room.grow(&mut second, 10 * GRAIN).await);
        assert_eq!(room.taken(), 10 * GRAIN);
        drop(second);
        assert_eq!(room.taken(), 0);
    }

    #[tokio::test]
    async fn a_share_that_is_large_enough_grows_no_further() {
        let room = Room::new(10 * GRAIN, WAIT);
        let mut share = Share::none();
        assert!(room.grow(&mut share, 5 * GRAIN).await);
        assert!(room.grow(&mut share, GRAIN).await);
        assert_eq!(room.taken(), 5 * GRAIN);
    }

    #[tokio::test]
    async fn more_than_all_there_is_gets_no_at_once() {
        let room = Room::new(10 * GRAIN, WAIT);
        assert!(!room.grow(&mut Share::none(), 11 * GRAIN).await);
    }
}
