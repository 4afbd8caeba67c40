//! When a deferred message is tried again.

use std::time::Duration;

use crate::settings::Retry;

/// The pause after the `attempts`-th failure (counted from 1): doubling from `first` to `longest`,
/// then moved by up to a quarter either way, so that messages deferred together do not return
/// together. `random` decides the move; any value is fine.
pub(crate) fn pause(retry: &Retry, attempts: u32, random: u64) -> Duration {
    let doublings = attempts.saturating_sub(1).min(32);
    let pause = retry.first.saturating_mul(2_u32.saturating_pow(doublings)).min(retry.longest);
    let quarter = pause / 4;
    let span = u64::try_from(quarter.as_millis()).unwrap_or(u64::MAX).saturating_mul(2);
    if span == 0 {
        return pause;
    }
    pause.saturating_sub(quarter).saturating_add(Duration::from_millis(random % span))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry() -> Retry {
        Retry {
            first: Duration::from_secs(60),
            longest: Duration::from_secs(3_600),
            give_up: Duration::from_secs(432_000),
            delay_report: Duration::ZERO,
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        for (attempts, seconds) in [(1, 60), (2, 120), (3, 240), (7, 3_600), (u32::MAX, 3_600)] {
            for random in [0, 1, u64::MAX / 2, u64::MAX] {
                let pause = pause(&retry(), attempts, random).as_secs_f64();
                let whole = f64::from(seconds);
                assert!((whole * 0.75..=whole * 1.25).contains(&pause), "{attempts}: {pause}");
            }
        }
    }

    #[test]
    fn two_messages_deferred_together_return_apart() {
        assert_ne!(pause(&retry(), 1, 1), pause(&retry(), 1, 10_000));
    }
}
