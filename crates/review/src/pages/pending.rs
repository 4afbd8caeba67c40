//! Sign-ins that wait for their second factor: in memory only, for a few minutes, and few of them. The
//! password waits here rather than in a page or in the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a sign-in may wait for its second factor.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// Sign-ins that may wait; the oldest gives way.
const MAX_PENDING: usize = 1_000;

/// A login and its password that were right.
#[derive(Clone)]
pub(crate) struct Pending {
    /// The login.
    pub(crate) login: String,
    /// The password.
    pub(crate) password: String,
    /// Where to go afterwards.
    pub(crate) back: String,
}

/// What waits, by a key that the session knows.
#[derive(Clone, Default)]
pub(crate) struct PendingSignIns(Arc<Mutex<HashMap<u128, (Instant, Pending)>>>);

impl PendingSignIns {
    /// Keeps a sign-in and gives its key.
    pub(crate) fn keep(&self, key: u128, pending: Pending) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (since, _)| since.elapsed() < LONGEST);
        if all.len() >= MAX_PENDING
            && let Some(oldest) = all.iter().min_by_key(|(_, (since, _))| *since).map(|(k, _)| *k)
        {
            all.remove(&oldest);
        }
        all.insert(key, (Instant::now(), pending));
    }

    /// The sign-in of a key, unless its time is over.
    pub(crate) fn get(&self, key: u128) -> Option<Pending> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, pending) = all.get(&key)?;
        (since.elapsed() < LONGEST).then(|| pending.clone())
    }

    /// Forgets a sign-in.
    pub(crate) fn forget(&self, key: u128) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way() {
        let all = PendingSignIns::default();
        let pending =
            Pending { login: "a".to_owned(), password: "b".to_owned(), back: String::new() };
        for key in 0..=u128::try_from(MAX_PENDING).unwrap() {
            all.keep(key, pending.clone());
        }
        assert!(all.get(0).is_none());
        assert!(all.get(1).is_some());
        all.forget(1);
        assert!(all.get(1).is_none());
    }
}
