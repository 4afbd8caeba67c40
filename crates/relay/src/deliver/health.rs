//! Whether a lane's hops can be reached.
//!
//! While none can, messages stay in the journal untouched, however many there are; one worker at a
//! time tries again, after pauses that double from [`FIRST_PAUSE`] to [`LONGEST_PAUSE`].

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Pause after the first failed connection.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Whether a hop answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HopState {
    /// As far as is known.
    Up,
    /// Not at the last try, for this reason.
    Down(String),
}

/// How a lane's hops are, for status and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopStatus {
    /// The hops in order of preference, `host:port`.
    pub hops: Vec<String>,
    /// Whether any of them answers.
    pub state: HopState,
}

#[derive(Debug, Default)]
struct Down {
    reason: String,
    failures: u32,
    until: Option<Instant>,
    probing: bool,
}

/// Leave to try a connection, given by [`Health::may_connect`].
#[derive(Debug)]
pub(super) struct Turn {
    /// Whether the hops were down when it was given, so that it was given to one caller alone.
    probing: bool,
}

/// The health of a lane's hops.
#[derive(Debug, Default)]
pub(super) struct Health {
    down: Mutex<Option<Down>>,
    changed: Notify,
}

impl Health {
    fn with<T>(&self, work: impl FnOnce(&mut Option<Down>) -> T) -> T {
        work(&mut self.down.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns when a connection may be tried. While the hops are down, for one caller at a time.
    pub(super) async fn may_connect(&self) -> Turn {
        loop {
            let changed = self.changed.notified();
            let wait = self.with(|down| match down {
                None => Wait::Over { probing: false },
                Some(down) if down.probing => Wait::ForOther,
                Some(down) => {
                    let until = down.until.filter(|&until| until > Instant::now());
                    down.probing = until.is_none();
                    until.map_or(Wait::Over { probing: true }, Wait::Until)
                }
            });
            match wait {
                Wait::Over { probing } => return Turn { probing },
                Wait::Until(until) => {
                    tokio::select! {
                        () = changed => {}
                        () = tokio::time::sleep_until(until) => {}
                    }
                }
                Wait::ForOther => changed.await,
            }
        }
    }

    /// A connection was made.
    pub(super) fn is_up(&self) {
        if self.with(Option::take).is_some() {
            tracing::info!("the next hop answers again");
        }
        self.changed.notify_waiters();
    }

    /// No hop could be reached. Of callers that tried side by side before the hops were known to be
    /// down, the first counts alone.
    pub(super) fn is_down(&self, turn: &Turn, reason: String) {
        self.with(|down| {
            if down.is_some() && !turn.probing {
                return;
            }
            let failures = down.as_ref().map_or(0, |d| d.failures).saturating_add(1);
            let doubled = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures.min(16) - 1));
            *down = Some(Down {
                reason,
                failures,
                until: Some(Instant::now() + doubled.min(LONGEST_PAUSE)),
                probing: false,
            });
        });
        self.changed.notify_waiters();
    }

    /// Has the next try made at once, because a person asks for it.
    pub(super) fn try_now(&self) {
        self.with(|down| {
            if let Some(down) = down {
                down.until = None;
            }
        });
        self.changed.notify_waiters();
    }

    /// What a status page shows.
    pub(super) fn state(&self) -> HopState {
        self.with(|down| down.as_ref().map_or(HopState::Up, |d| HopState::Down(d.reason.clone())))
    }
}

/// What [`Health::may_connect`] has to wait for.
enum Wait {
    /// Nothing.
    Over {
        /// Whether the hops are down, and the caller is the one to try them.
        probing: bool,
    },
    /// This moment.
    Until(Instant),
    /// Another caller's try.
    ForOther,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn refused() -> String {
        "refused".to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn while_down_one_worker_tries_at_a_time_after_growing_pauses() {
        let health = Arc::new(Health::default());
        let turn = health.may_connect().await;
        health.is_down(&turn, refused());
        assert_eq!(health.state(), HopState::Down(refused()));
        let begun = Instant::now();
        let turn = health.may_connect().await;
        assert_eq!(begun.elapsed(), FIRST_PAUSE);
        let other = Arc::clone(&health);
        let second = tokio::spawn(async move { other.may_connect().await });
        health.is_down(&turn, refused());
        let begun = Instant::now();
        second.await.unwrap();
        assert_eq!(begun.elapsed(), FIRST_PAUSE * 2);
        health.is_up();
        assert_eq!(health.state(), HopState::Up);
        health.may_connect().await;
    }

    #[tokio::test(start_paused = true)]
    async fn workers_that_fail_side_by_side_count_once() {
        let health = Health::default();
        let mut turns = Vec::new();
        for _ in 0..20 {
            turns.push(health.may_connect().await);
        }
        for turn in &turns {
            health.is_down(turn, refused());
        }
        let begun = Instant::now();
        let probe = health.may_connect().await;
        assert_eq!(begun.elapsed(), FIRST_PAUSE);
        health.is_down(&turns[0], refused());
        assert!(probe.probing, "a late word of an earlier try does not end this one");
        health.is_down(&probe, refused());
        let begun = Instant::now();
        health.may_connect().await;
        assert_eq!(begun.elapsed(), FIRST_PAUSE * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_person_can_have_the_next_try_made_at_once() {
        let health = Arc::new(Health::default());
        for _ in 0..10 {
            let turn = health.may_connect().await;
            health.is_down(&turn, refused());
        }
        let waiting = Arc::clone(&health);
        let waiting = tokio::spawn(async move { waiting.may_connect().await });
        tokio::task::yield_now().await;
        let begun = Instant::now();
        health.try_now();
        let turn = waiting.await.unwrap();
        assert_eq!(begun.elapsed(), Duration::ZERO);
        health.is_down(&turn, refused());
        health.may_connect().await;
        assert_eq!(begun.elapsed(), LONGEST_PAUSE, "it is one try");
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_has_a_longest() {
        let health = Health::default();
        for _ in 0..40 {
            let turn = health.may_connect().await;
            health.is_down(&turn, refused());
        }
        let begun = Instant::now();
        health.may_connect().await;
        assert_eq!(begun.elapsed(), LONGEST_PAUSE);
    }
}
