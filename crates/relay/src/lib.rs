//! Receive and deliver: the tokio drivers that join the crates below into the running relay.
//!
//! The way of a message: [`receive`](self) takes it from a peer, intake turns it into text on a
//! converting thread, has the text verified and makes everything durable, and only then answers 250;
//! deliver hands the text to the next hop and records what became of it.
//!
//! Invariants:
//! - A 250 to the end of data is written only after the journal's commit has answered.
//! - What is handed to a next hop has passed [`sekimori_profile::verify`], and comes from nowhere but
//!   [`sekimori_journal::Journal::text`] or the same octets kept in memory. There is no way from an
//!   original to a next hop.
//! - Reports for senders go by their own lane to a hop of the Internet segment.
//! - An approved original leaves by `hand_over` alone, to a mail server of the Internet segment.
//!
//! Bounds: connections, octets in flight, converting threads, parcels waiting in memory
//! ([`deliver::LANE_PARCELS`]), connections to each hop; every wait on a peer has a time-out.
//!
//! Layout: `receive/` listeners and sessions; `convert` threads; `intake` one message to one commit;
//! `deliver/` lanes, connections, results, reports; `hand_over` originals to the Internet side; `digest/` what
//! reviewers are told;
//! `housekeeping` retention; `exceptions` those in force; `crossing` stops; `gate` the other half; `audit/` checkpoints of the audit record and copies of it elsewhere;
//! `relay` start, reload and stop.
#![forbid(unsafe_code)]

mod audit;
mod canary;
mod certificates;
#[cfg(feature = "internet")]
mod conversion;
pub mod convert;
pub mod counters;
mod crossing;
pub mod deliver;
#[cfg(feature = "internet")]
mod digest;
mod error;
#[cfg(feature = "internet")]
mod exceptions;
mod gate;
#[cfg(feature = "internet")]
mod hand_over;
mod housekeeping;
#[cfg(feature = "internet")]
mod intake;
mod receive;
mod relay;
pub mod settings;
mod shared;
#[cfg(feature = "internet")]
pub mod stand_in;
mod stop;
#[cfg(feature = "internet")]
pub mod workers;

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

#[cfg(feature = "internet")]
pub use conversion::{Conversion, convert_one};
pub use convert::{ConvertFailure, MAX_WORKERS};
pub use counters::Counters;
pub use deliver::{HopState, HopStatus};
pub use error::RelayError;

pub use relay::Relay;

/// The one TLS provider of the process. Named at every use, since a build with two and no default
/// would panic when it runs.
fn tls_provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The time now, as Japanese time.
fn now() -> sekimori_policy::Timestamp {
    let since_epoch =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
    sekimori_policy::Timestamp::japanese_time(millis)
}
