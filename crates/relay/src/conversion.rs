//! One message into text for each of its organisations, verified: the work of a converting thread.

use std::sync::Arc;
use std::time::Instant;

use sekimori_journal::Body;
use sekimori_policy::{
    Code, Effect, Envelope, Exception, Limits, Organisation, Outcome, QueueId, ReferenceNumber,
    Timestamp,
};
use sekimori_profile::verify;
use sekimori_sanitize::{Context, Sanitized, Summary, held, hold_notice, sanitize};

use crate::convert::Deadline;
use crate::counters::Counters;
use crate::workers::{Failed, Pool};

/// What one message becomes for one organisation, verified.
#[derive(Debug, Clone)]
pub struct Conversion {
    /// What sanitizing made of it.
    pub sanitized: Sanitized,
    /// The text that tells the recipients that their message is held, when a fault holds it.
    pub notice: Option<Vec<u8>>,
}

/// Sanitizes a message and has the result verified. A result that the verifier refuses is replaced
/// by a text that says that the message is held. `None` when even that one is refused: then nothing
/// may cross, and the message must be answered 4yz.
pub fn convert_one(raw: &[u8], context: &Context<'_>) -> Option<Conversion> {
    checked(sanitize(raw, context), raw.len(), context)
}

/// Has what became of a message of so many octets verified, wherever it was sanitized.
fn checked(sanitized: Sanitized, octets: usize, context: &Context<'_>) -> Option<Conversion> {
    if let Err(violation) = verify::verify(&sanitized.message, context.limits.text_octets) {
        tracing::error!(?violation, "the verifier refused a text; the message is held");
        return conversion_of_fault(context, octets, Code::HoldVerifier, Some(sanitized.summary));
    }
    accompany(context, sanitized)
}

/// What a message of so many octets becomes that could not be read at all.
fn conversion_of_fault(
    context: &Context<'_>,
    octets: usize,
    code: Code,
    summary: Option<Summary>,
) -> Option<Conversion> {
    let sanitized = held(context, octets, code, summary);
    verify::verify(&sanitized.message, context.limits.text_octets).ok()?;
    accompany(context, sanitized)
}

/// Adds the notice for recipients when a fault holds the message, or where the organisation has them
/// told of every hold.
fn accompany(context: &Context<'_>, sanitized: Sanitized) -> Option<Conversion> {
    let by_fault = sanitized.outcome == Outcome::Hold
        && sanitized
            .decisions
            .iter()
            .any(|d| d.code.effect() == Effect::Hold && d.code != Code::HoldReview);
    // What comes from nobody is answered by nothing, so that no notice makes another.
    let for_review = sanitized.outcome == Outcome::Hold
        && context.organisation.hold_notice
        && !context.envelope.sender.is_null();
    let notice = if by_fault || for_review {
        let notice = hold_notice(context, &sanitized.decisions, &sanitized.summary);
        verify::verify(&notice, context.limits.text_octets).ok()?;
        Some(notice)
    } else {
        None
    };
    Some(Conversion { sanitized, notice })
}

/// One organisation's part of a transaction.
pub(crate) struct Share {
    pub(crate) organisation: Arc<Organisation>,
    /// The organisation's approved exceptions.
    pub(crate) exceptions: Arc<[Exception]>,
    pub(crate) envelope: Envelope,
    pub(crate) queue_id: QueueId,
    pub(crate) reference: ReferenceNumber,
    pub(crate) notice_id: (QueueId, ReferenceNumber),
}

impl Share {
    fn context<'a>(&'a self, job: &'a Job, stop: &'a dyn Fn() -> bool) -> Context<'a> {
        Context {
            queue_id: self.queue_id,
            reference: self.reference,
            received_at: job.received_at,
            keep_until: job.received_at.plus_days(self.organisation.retention_days),
            envelope: &self.envelope,
            host: &job.host,
            protocol: job.protocol,
            organisation: &self.organisation,
            exceptions: &self.exceptions,
            may_refuse: job.shares.len() == 1,
            limits: &job.limits,
            stop,
        }
    }
}

/// Everything a converting thread needs, owned.
pub(crate) struct Job {
    pub(crate) data: Vec<u8>,
    pub(crate) shares: Vec<Share>,
    pub(crate) received_at: Timestamp,
    pub(crate) host: String,
    pub(crate) protocol: &'static str,
    pub(crate) limits: Limits,
    pub(crate) counters: Arc<Counters>,
}

/// What a converting thread made of a job.
pub(crate) struct Converted {
    pub(crate) original: Body,
    pub(crate) messages: Vec<Prepared>,
    pub(crate) micros: u64,
}

impl Job {
    /// Converts for each organisation, in worker processes where there is a pool of them. `None` when
    /// nothing may cross, not even a notice.
    pub(crate) fn convert(&self, deadline: Deadline, workers: Option<&Pool>) -> Option<Converted> {
        let begun = Instant::now();
        let stop = move || deadline.passed();
        let messages = self
            .shares
            .iter()
            .map(|share| {
                let context = share.context(self, &stop);
                let conversion = match workers {
                    None => convert_one(&self.data, &context),
                    Some(workers) => self.convert_apart(&context, deadline, workers),
                };
                conversion.map(compress)
            })
            .collect::<Option<_>>()?;
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        Some(Converted { original: Body::compress(&self.data), messages, micros })
    }

    fn convert_apart(
        &self,
        context: &Context<'_>,
        deadline: Deadline,
        workers: &Pool,
    ) -> Option<Conversion> {
        let octets = self.data.len();
        let code = match workers.sanitize(&self.data, context, deadline.at()) {
            Ok(sanitized) => return checked(sanitized, octets, context),
            Err(Failed::TimedOut) => Code::HoldTime,
            Err(Failed::Died) => Code::HoldError,
            // No fault of the message's: it is to be tried again.
            Err(Failed::Unavailable) => return None,
        };
        self.counters.conversions_failed.increment();
        tracing::error!(%code, "the conversion failed; the message is held");
        conversion_of_fault(context, octets, code, None)
    }

    /// What becomes of the message when its conversion failed.
    pub(crate) fn hold(&self, code: Code) -> Option<Converted> {
        let messages = self
            .shares
            .iter()
            .map(|share| {
                let context = share.context(self, &|| false);
                conversion_of_fault(&context, self.data.len(), code, None).map(compress)
            })
            .collect::<Option<_>>()?;
        Some(Converted { original: Body::compress(&self.data), messages, micros: 0 })
    }
}

/// What a message becomes for one organisation, with its bodies compressed for the journal.
pub(crate) struct Prepared {
    pub(crate) sanitized: Sanitized,
    pub(crate) text: Body,
    /// The notice that the message is held, when there is one.
    pub(crate) notice: Option<(Vec<u8>, Body)>,
}

fn compress(conversion: Conversion) -> Prepared {
    let Conversion { sanitized, notice } = conversion;
    let text = Body::compress(&sanitized.message);
    let notice = notice.map(|notice| {
        let body = Body::compress(&notice);
        (notice, body)
    });
    Prepared { sanitized, text, notice }
}
