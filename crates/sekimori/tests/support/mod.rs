//! What the tests of the whole program share: they run the real binary over real sockets.
//!
//! Layout: [`gateway`] a `sekimori serve` process with a folder and configuration of its own;
//! [`client`] an SMTP client that says exactly what it is told to; [`tls`] certificates and STARTTLS;
//! [`next_hop`] a next hop with prescribed manners; [`run`] one run of the command line; [`stored`]
//! messages that were received some time ago; [`village`] quarantine review and its people; [`halves`] a gateway of
//! two halves.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking and says what it saw"
)]

pub(crate) mod client;
pub(crate) mod gateway;
pub(crate) mod halves;
pub(crate) mod next_hop;
pub(crate) mod run;
pub(crate) mod stored;
pub(crate) mod tls;
pub(crate) mod village;

use std::time::{Duration, Instant};

/// How long anything may take that a test waits for, on a machine under load.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Pause between two looks at a condition.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks again and again until `found` has something to give, and panics with `what` when that takes
/// longer than [`PATIENCE`].
pub(crate) fn wait_for<T>(what: &str, found: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, found).unwrap_or_else(|| panic!("not within {PATIENCE:?}: {what}"))
}

/// Looks again and again until `found` has something to give, at most for `time`.
pub(crate) fn within<T>(time: Duration, mut found: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + time;
    loop {
        if let Some(found) = found() {
            return Some(found);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(PAUSE);
    }
}
