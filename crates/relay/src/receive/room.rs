//! Room for messages in flight: octets of memory over all sessions.
//!
//! A session takes room before it reads more of a message, so what all sessions hold together never
//! exceeds the setting. A session that finds none stops reading, which is the peer's back-pressure;
//! when none comes free in time, its message is answered 452 (RFC 5321 section 4.2.3).
//!
//! Those who wait are served in turn, so a giant that waits for much would keep all after it waiting
//! for little. Therefore messages of up to [`SMALL_OCTETS`] have a part of the room to themselves.
//!
//! Messages that grow bit by bit could come to hold all the room together, each waiting for more, and
//! none would ever be whole. Therefore a message that outgrows what it has, which one that declares
//! its size does not, takes room for the largest message at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Octets that one permit of a semaphore stands for. Messages are counted in this grain, so that the
/// setting may exceed what a semaphore counts on any machine.
const GRAIN: usize = 4 * 1024;
/// Largest message that has its room in the part for small ones.
const SMALL_OCTETS: usize = 256 * 1024;
/// Least octets set aside for small messages.
const LEAST_SMALL_ROOM: usize = 8 * SMALL_OCTETS;
/// Most octets set aside for small messages.
const MOST_SMALL_ROOM: usize = 128 * SMALL_OCTETS;

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
    /// Grains of the largest message.
    largest: usize,
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
        grains(self.small.as_ref()) + grains(self.large.as_ref())
    }
}

fn grains(permit: Option<&OwnedSemaphorePermit>) -> usize {
    permit.map_or(0, OwnedSemaphorePermit::num_permits)
}

impl Part {
    fn new(octets: usize) -> Self {
        let all = octets.div_ceil(GRAIN).min(Semaphore::MAX_PERMITS);
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
    /// Room for `octets`, or for one message of `largest` and some small ones where that is more, with
    /// `wait` as the longest time a session waits for some of it.
    pub(crate) fn new(octets: usize, largest: usize, wait: Duration) -> Self {
        let spare = octets.saturating_sub(largest) / 4;
        let small = Part::new(spare.clamp(LEAST_SMALL_ROOM, MOST_SMALL_ROOM));
        let large = Part::new(octets.saturating_sub(small.all * GRAIN).max(largest));
        Self { largest: largest.div_ceil(GRAIN).min(large.all), small, large, wait }
    }

    /// Grows a share to at least `octets`. False when no room came free in time.
    pub(crate) async fn grow(&self, share: &mut Share, octets: usize) -> bool {
        let wanted = octets.div_ceil(GRAIN);
        let held = share.grains();
        if wanted <= held {
            return true;
        }
        if octets <= SMALL_OCTETS && share.large.is_none() {
            return self.small.take(&mut share.small, wanted - held, self.wait).await;
        }
        let whole = if held == 0 { wanted } else { wanted.max(self.largest) };
        let missing = whole.saturating_sub(grains(share.large.as_ref()));
        let is_taken = self.large.take(&mut share.large, missing, self.wait).await;
        if is_taken {
            share.small = None;
        }
        is_taken
    }

    /// Room for so many octets, or as for the largest message where they are more. `None` when none
    /// came free in time.
    pub(crate) async fn enter(&self, octets: usize) -> Option<Share> {
        let mut share = Share::none();
        let octets = octets.min(self.largest.saturating_mul(GRAIN));
        self.grow(&mut share, octets).await.then_some(share)
    }

    /// Octets in flight now.
    pub(crate) fn taken(&self) -> usize {
        self.small.taken().saturating_add(self.large.taken())
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const WAIT: Duration = Duration::from_secs(60);

    const GIANT: usize = 8 * SMALL_OCTETS;

    /// Room for `giants` of the largest messages beside small ones.
    fn room_for(giants: usize) -> Room {
        Room::new(giants * GIANT + LEAST_SMALL_ROOM, GIANT, WAIT)
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_room_is_taken_a_session_waits_and_then_gets_no() {
        let room = room_for(1);
        let mut first = Share::none();
        assert!(room.grow(&mut first, GIANT - GRAIN).await);
        let mut second = Share::none();
        let begun = Instant::now();
        assert!(!room.grow(&mut second, GIANT).await);
        assert_eq!(begun.elapsed(), WAIT);
        drop(first);
        assert!(room.grow(&mut second, GIANT).await);
        assert_eq!(room.taken(), GIANT);
        drop(second);
        assert_eq!(room.taken(), 0);
    }

    #[tokio::test]
    async fn a_share_that_is_large_enough_grows_no_further() {
        let room = room_for(1);
        let mut share = Share::none();
        assert!(room.grow(&mut share, 5 * GRAIN).await);
        assert!(room.grow(&mut share, GRAIN).await);
        assert_eq!(room.taken(), 5 * GRAIN);
    }

    #[tokio::test]
    async fn more_than_all_there_is_gets_no_at_once() {
        assert!(!room_for(1).grow(&mut Share::none(), GIANT + GRAIN).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_larger_than_the_largest_enters_as_the_largest() {
        let room = room_for(1);
        let share = room.enter(100 * GIANT).await.unwrap();
        assert_eq!(room.taken(), GIANT);
        assert!(room.enter(GIANT).await.is_none());
        drop(share);
        assert!(room.enter(GIANT).await.is_some());
    }

    #[tokio::test]
    async fn one_message_of_the_largest_size_always_finds_room() {
        let room = Room::new(GIANT, GIANT, WAIT);
        let mut small = Share::none();
        assert!(room.grow(&mut small, SMALL_OCTETS).await);
        assert!(room.grow(&mut Share::none(), GIANT).await);
    }

    #[tokio::test(start_paused = true)]
    async fn small_messages_do_not_wait_behind_a_giant_that_waits() {
        let room = room_for(1);
        let mut first = Share::none();
        assert!(room.grow(&mut first, GIANT).await);
        let waiting = room.clone();
        let second = tokio::spawn(async move {
            let mut share = Share::none();
            waiting.grow(&mut share, GIANT).await
        });
        tokio::task::yield_now().await;
        let begun = Instant::now();
        assert!(room.grow(&mut Share::none(), SMALL_OCTETS).await);
        assert_eq!(begun.elapsed(), Duration::ZERO);
        drop(first);
        assert!(second.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn giants_that_grow_bit_by_bit_do_not_stop_each_other() {
        let room = room_for(2);
        let growing = (0..5).map(|_| {
            let room = room.clone();
            tokio::spawn(async move {
                let mut share = Share::none();
                for octets in (GRAIN..=GIANT).step_by(GRAIN) {
                    if !room.grow(&mut share, octets).await {
                        return false;
                    }
                    tokio::task::yield_now().await;
                }
                true
            })
        });
        for giant in growing.collect::<Vec<_>>() {
            assert!(giant.await.unwrap());
        }
        assert_eq!(room.taken(), 0);
    }
}
