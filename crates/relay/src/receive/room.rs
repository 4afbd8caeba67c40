//! Room for messages in flight: octets of memory over all sessions.
//!
//! A session takes room before it reads more of a message, so what all sessions hold together never
//! exceeds the setting. A session that finds none stops reading, which is the peer's back-pressure;
//! when none comes free in time, its message is answered 452 (RFC 5321 section 4.2.3).
//!
//! Those who wait are served in turn, so a giant that waits for much would keep all after it waiting
//! for little. Therefore messages of up to [`SMALL_OCTETS`] have a part of the room to themselves, as
//! far as the largest message leaves some.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Octets that one permit of a semaphore stands for. Messages are counted in this grain, so that the
/// setting may exceed what a semaphore counts on any machine.
const GRAIN: usize = 4 * 1024;
/// Largest message that has its room in the part for small ones.
const SMALL_OCTETS: usize = 256 * 1024;
/// Most octets set aside for small messages.
const SMALL_ROOM: usize = 32 * 1024 * 1024;

/// A part of the room.
#[derive(Debug, Clone)]
struct Part {
    grains: Arc<Semaphore>,
    all: usize,
}

/// All the room there is.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    small: Part,
    large: Part,
    wait: Duration,
}

/// The room that one message has. Given back when dropped.
#[derive(Debug, Default)]
pub(crate) struct Share {
    small: Option<OwnedSemaphorePermit>,
    large: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// A share of nothing.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    fn grains(&self) -> usize {
        let grains = |part: &Option<_>| part.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        grains(&self.small) + grains(&self.large)
    }
}

impl Part {
    fn new(octets: usize) -> Self {
        let all = (octets / GRAIN).min(Semaphore::MAX_PERMITS);
        Self { grains: Arc::new(Semaphore::new(all)), all }
    }

    /// Adds `missing` grains to what a message has of this part. False when they did not come free
    /// in time, or are more than there are.
    async fn take(
        &self,
        held: &mut Option<OwnedSemaphorePermit>,
        missing: usize,
        wait: Duration,
    ) -> bool {
        let Some(missing) = u32::try_from(missing).ok().filter(|_| missing <= self.all) else {
            return false;
        };
        let acquired = timeout(wait, Arc::clone(&self.grains).acquire_many_owned(missing)).await;
        let Ok(Ok(permit)) = acquired else {
            return false;
        };
        match held {
            Some(held) => held.merge(permit),
            empty => *empty = Some(permit),
        }
        true
    }

    fn taken(&self) -> usize {
        self.all.saturating_sub(self.grains.available_permits()).saturating_mul(GRAIN)
    }
}

impl Room {
    /// Room for `octets`, of which a message may have `largest`, with `wait` as the longest time a
    /// session waits for some of it.
    pub(crate) fn new(octets: usize, largest: usize, wait: Duration) -> Self {
        let spare = octets.saturating_sub(largest) / 4;
        let small = if spare < SMALL_OCTETS { 0 } else { spare.min(SMALL_ROOM) };
        let large = octets.saturating_sub(small).max(GRAIN);
        Self { small: Part::new(small), large: Part::new(large), wait }
    }

    /// Grows a share to at least `octets`. False when no room came free in time.
    pub(crate) async fn grow(&self, share: &mut Share, octets: usize) -> bool {
        let Some(missing) = octets.div_ceil(GRAIN).checked_sub(share.grains()).filter(|&m| m > 0)
        else {
            return true;
        };
        let is_small = octets <= SMALL_OCTETS && share.large.is_none() && self.small.all > 0;
        if is_small {
            self.small.take(&mut share.small, missing, self.wait).await
        } else {
            self.large.take(&mut share.large, missing, self.wait).await
        }
    }

    /// Octets in flight now.
    pub(crate) fn taken(&self) -> usize {
        self.small.taken().saturating_add(self.large.taken())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(60);

    /// Room without a part for small messages.
    fn undivided(grains: usize) -> Room {
        Room::new(grains * GRAIN, grains * GRAIN, WAIT)
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_room_is_taken_a_session_waits_and_then_gets_no() {
        let room = undivided(10);
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
        let room = undivided(10);
        let mut share = Share::none();
        assert!(room.grow(&mut share, 5 * GRAIN).await);
        assert!(room.grow(&mut share, GRAIN).await);
        assert_eq!(room.taken(), 5 * GRAIN);
    }

    #[tokio::test]
    async fn more_than_all_there_is_gets_no_at_once() {
        assert!(!undivided(10).grow(&mut Share::none(), 11 * GRAIN).await);
    }

    #[tokio::test(start_paused = true)]
    async fn small_messages_do_not_wait_behind_a_giant_that_waits() {
        let giant = 8 * SMALL_OCTETS;
        let room = Room::new(giant + 4 * SMALL_OCTETS, giant, WAIT);
        let mut first = Share::none();
        assert!(room.grow(&mut first, giant).await);
        let waiting = room.clone();
        let second = tokio::spawn(async move {
            let mut share = Share::none();
            waiting.grow(&mut share, giant).await
        });
        tokio::task::yield_now().await;
        let begun = tokio::time::Instant::now();
        assert!(room.grow(&mut Share::none(), SMALL_OCTETS).await);
        assert_eq!(begun.elapsed(), Duration::ZERO);
        drop(first);
        assert!(second.await.unwrap());
    }

    #[tokio::test]
    async fn a_message_that_turns_out_large_goes_on_in_the_other_part() {
        let giant = 8 * SMALL_OCTETS;
        let room = Room::new(giant + 4 * SMALL_OCTETS, giant, WAIT);
        let mut share = Share::none();
        assert!(room.grow(&mut share, GRAIN).await);
        assert!(room.grow(&mut share, giant).await);
        assert_eq!(room.taken(), giant);
        drop(share);
        assert_eq!(room.taken(), 0);
    }
}
