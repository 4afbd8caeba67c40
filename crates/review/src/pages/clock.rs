//! The time of sessions.

use std::time::{SystemTime, UNIX_EPOCH};

use sekimori_policy::Timestamp;

/// Now, in Japanese time.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::japanese_time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
