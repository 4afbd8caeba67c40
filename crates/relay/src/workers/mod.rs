//! Sanitizing in processes of their own, which have no file, no network and nothing of the relay's.
//!
//! ```text
//!  relay ──"spawn", "kill"──▶ spawner ──starts──▶ worker, worker, …
//!    └───────── a socket to each: a message in, its text and decisions out ─────┘
//! ```
//!
//! A worker is this program once more, with its input and output on a socket. It confines itself before
//! it reads the first octet, sanitizes one message after the other, and ends after [`MESSAGES`], so that
//! what one message may have done to it does not last. Relays that are confined start no programs, so a
//! *spawner* does that, which is started before and sees no mail.
//!
//! What comes back is hostile input like any other: it is read with bounds, and the text is verified
//! by the relay. A worker that somebody has taken over can say something else than its mail did, in text.
//!
//! A worker that dies, or does not answer in time, is ended and replaced. What it died over is given to
//! another once, and held if that dies as well; what was not answered in time is held.

mod frame;
mod pool;
mod serving;
mod spawner;

use std::borrow::Cow;

use sekimori_policy::{
    Decisions, Envelope, Exception, Limits, Organisation, Outcome, QueueId, ReferenceNumber,
    RemovedPart, Timestamp,
};
use sekimori_sanitize::{Context, Sanitized, Summary};
use serde::{Deserialize, Serialize};

pub(crate) use pool::Failed;
pub use pool::Pool;
pub use serving::serve;
pub use spawner::spawn;

/// Messages that a worker sanitizes before another takes its place.
pub const MESSAGES: u32 = 1_000;

/// What a worker is told beside the message.
#[derive(Serialize, Deserialize)]
struct Request<'a> {
    queue_id: QueueId,
    reference: ReferenceNumber,
    received_at: Timestamp,
    keep_until: Timestamp,
    envelope: Cow<'a, Envelope>,
    host: Cow<'a, str>,
    protocol: Cow<'a, str>,
    organisation: Cow<'a, Organisation>,
    exceptions: Cow<'a, [Exception]>,
    may_refuse: bool,
    limits: Cow<'a, Limits>,
    /// Time that is left.
    millis: u64,
}

impl<'a> Request<'a> {
    fn new(context: &Context<'a>, millis: u64) -> Self {
        Self {
            queue_id: context.queue_id,
            reference: context.reference,
            received_at: context.received_at,
            keep_until: context.keep_until,
            envelope: Cow::Borrowed(context.envelope),
            host: Cow::Borrowed(context.host),
            protocol: Cow::Borrowed(context.protocol),
            organisation: Cow::Borrowed(context.organisation),
            exceptions: Cow::Borrowed(context.exceptions),
            may_refuse: context.may_refuse,
            limits: Cow::Borrowed(context.limits),
            millis,
        }
    }
}

/// What a worker answers beside the text message.
#[derive(Serialize, Deserialize)]
struct Answer {
    outcome: Outcome,
    decisions: Decisions,
    removed: Vec<RemovedPart>,
    notify: Vec<String>,
    summary: Summary,
}

impl Answer {
    /// With the message that came with it. What the relay does not ask for is left empty: the text
    /// decoded, and the account of the octets.
    fn sanitized(self, message: Vec<u8>) -> Sanitized {
        let Self { outcome, decisions, removed, notify, summary } = self;
        Sanitized {
            message,
            outcome,
            decisions,
            removed,
            notify,
            summary,
            text: String::new(),
            account: sekimori_sanitize::Account::default(),
            html: sekimori_sanitize::SourceOctets::default(),
        }
    }
}
