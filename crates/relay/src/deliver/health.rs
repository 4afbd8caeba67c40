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
    pub(super) async fn may_connect(&self) {
        loop {
            let changed = self.changed.notified();
            let wait = self.with(|down| match down {
                None => Some(None),
                Some(down) if down.probing => None,
                Some(down) => {
                    let until = down.until.filter(|&until| until > Instant::now());
                    down.probing = until.is_none();
                    Some(until)
                }
            });
            match wait {
                Some(None) => return,
                Some(Some(until)) => {
                    tokio::select! {
                        () = changed => {}
                        () = tokio::time::sleep_until(until) => {}
                    }
                }
                None => changed.await,
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

    /// No hop could be reached.
    pub(super) fn is_down(&self, reason: String) {
        self.with(|down| {
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

    /// What a status page shows.
    pub(super) fn state(&self) -> HopState {
        self.with(|down| down.as_ref().map_or(HopState::Up, |d| HopState::Down(d.reason.clone())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn while_down_one_worker_tries_at_a_time_after_growing_pauses() {
        let health = Arc::new(Health::default());
        health.may_connect().await;
        health.is_down("refused".to_owned());
        assert_eq!(health.state(), HopState::Down("refused".to_owned()));
        let begun = Instant::now();
        health.may_connect().await;
        assert_eq!(begun.elapsed(), FIRST_PAUSE);
        let other = Arc::clone(&health);
        let second = tokio::spawn(async move { other.may_connect().await });
        health.is_down("refused".to_owned());
        let begun = Instant::now();
        second.await.unwrap();
        assert_eq!(begun.elapsed(), FIRST_PAUSE * 2);
        health.is_up();
        assert_eq!(health.state(), HopState::Up);
        health.may_connect().await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_has_a_longest() {
        let health = Health::default();
        for _ in 0..40 {
            health.is_down("refused".to_owned());
        }
        let begun = Instant::now();
        health.may_connect().await;
        assert_eq!(begun.elapsed(), LONGEST_PAUSE);
    }
}
