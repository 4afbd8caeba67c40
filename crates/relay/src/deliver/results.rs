//! What becomes of a message after an attempt: recorded, reported, tried again or held.

use std::time::Duration;

use sekimori_journal::{
    AttemptRecord, AttemptResult, DueRecipient, Relayed, Route, StopCause, Submission,
};
use sekimori_policy::Timestamp;
use sekimori_smtp::ReplyCode;
use sekimori_smtp::client::{Cause, PeerReply, RecipientResult, TransactionOutcome};

use super::connection::Connection;
use super::health::LONGEST_PAUSE;
use super::parcel::Parcel;
use super::report::{self, Kind, Reported};
use super::waiting::{add_delay_report, delay_passed};
use super::words::{cause_words, words};
use super::{Office, backoff, relayed};
use crate::canary::{self, Found};
use crate::now;
use crate::settings::Half;

/// Whether the connection broke before the hop had the whole message, for every recipient, so that
/// beginning again cannot make a duplicate.
pub(super) fn nothing_answered(outcome: &TransactionOutcome) -> bool {
    outcome
        .recipients
        .iter()
        .all(|(_, result)| matches!(result, RecipientResult::Deferred(Cause::Lost)))
}

/// What an attempt came to for one recipient, in words.
pub(super) struct Attempt {
    pub(super) recipient: DueRecipient,
    pub(super) verdict: Verdict,
    pub(super) reply: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Delivered,
    /// A gate has taken it.
    Relayed(Relayed),
    TryAgain,
    Failed,
    /// What became of it cannot be known, or nobody can be told: a person must look.
    Unknown,
}

/// Sees to the outcome of a transaction.
pub(super) async fn settle(
    office: &Office,
    parcel: Parcel,
    outcome: TransactionOutcome,
    from: &Connection,
) {
    let mut position = 0;
    let attempts = parcel
        .recipients
        .iter()
        .zip(outcome.recipients)
        .map(|(recipient, (_, result))| {
            let (verdict, reply) = match result {
                RecipientResult::Delivered(reply) if from.is_gate() => {
                    (taken_by_gate(&reply, &mut position), words(&reply))
                }
                RecipientResult::Delivered(reply) => (Verdict::Delivered, words(&reply)),
                RecipientResult::Deferred(cause) => (Verdict::TryAgain, cause_words(&cause)),
                RecipientResult::Failed(cause) if from.is_gate() && is_violation(&cause) => {
                    let reason = cause_words(&cause);
                    office.crossing.stop_all(StopCause::Violation, &reason);
                    (Verdict::Unknown, reason)
                }
                RecipientResult::Failed(cause) => (Verdict::Failed, cause_words(&cause)),
            };
            Attempt { recipient: recipient.clone(), verdict, reply }
        })
        .collect();
    conclude(office, &parcel, attempts, from.hop(), None).await;
}

/// Whether a gate refused a message because it is not text alone: then something is badly wrong here,
/// and it is no fault of the sender's.
fn is_violation(cause: &Cause) -> bool {
    matches!(cause, Cause::Reply(reply) if reply.code == ReplyCode::FAILED
        && reply.enhanced_status() == Some("5.6.0"))
}

/// A gate's 250 is a promise to deliver; the gate has to be asked what came of it.
fn taken_by_gate(reply: &PeerReply, position: &mut u32) -> Verdict {
    let taken = relayed::queued_as(reply)
        .map_or(Verdict::Unknown, |id| Verdict::Relayed(Relayed { id, position: *position }));
    *position = position.saturating_add(1);
    taken
}

/// Sees to a message for which no hop could be reached.
pub(super) async fn unreached(office: &Office, parcel: &Parcel, reason: &str) {
    let attempts = parcel
        .recipients
        .iter()
        .map(|recipient| Attempt {
            recipient: recipient.clone(),
            verdict: Verdict::TryAgain,
            reply: reason.to_owned(),
        })
        .collect();
    conclude(office, parcel, attempts, "", Some(LONGEST_PAUSE)).await;
}

/// Sees to a message that ends with us: a canary, or what else came for their recipient.
pub(super) async fn sunk(office: &Office, parcel: &Parcel, text: &[u8]) {
    let (verdict, reply) = match canary::sink(office, parcel, text) {
        Found::Passed => (Verdict::Delivered, "250 2.0.0 the canary passed"),
        Found::None => (Verdict::Delivered, "250 2.0.0 no canary; it ends here"),
        Found::Failed => (Verdict::Failed, "554 5.6.0 the canary failed"),
    };
    let attempts = parcel
        .recipients
        .iter()
        .map(|recipient| Attempt { recipient: recipient.clone(), verdict, reply: reply.to_owned() })
        .collect();
    conclude(office, parcel, attempts, "", None).await;
}

/// Sees to a message whose text cannot be read: a person must look.
pub(super) async fn unreadable(office: &Office, parcel: Parcel, reason: &str) {
    let at = now();
    let records = parcel
        .recipients
        .iter()
        .map(|recipient| AttemptRecord {
            queue_id: parcel.queue_id,
            recipient: recipient.index,
            at,
            result: AttemptResult::Held,
            reply: reason.to_owned(),
            hop: String::new(),
        })
        .collect();
    let submission = Submission { attempts: records, ..Submission::default() };
    office.recorder.record(parcel.queue_id, submission).await;
}

/// Records an attempt, with a report to the sender where one is due, and lets go of the parcel.
pub(super) async fn conclude(
    office: &Office,
    parcel: &Parcel,
    attempts: Vec<Attempt>,
    hop: &str,
    longest_pause: Option<Duration>,
) {
    let at = now();
    let retry = &office.settings.deliver.retry;
    let since = office.crossing.tried_since(parcel.received_at);
    let is_stopped =
        || office.crossing.is_stopped(parcel.route, &parcel.organisation, &parcel.sender);
    let given_up = age(since, at) >= retry.give_up && !is_stopped();
    let mut failed = Vec::new();
    let mut records = Vec::new();
    for Attempt { recipient, verdict, reply } in attempts {
        let is_relayed = recipient.relayed.is_some();
        let verdict = match verdict {
            Verdict::TryAgain if given_up && !is_relayed => Verdict::Failed,
            other => other,
        };
        let result = match verdict {
            Verdict::Delivered => {
                office.counters.recipients_delivered.increment();
                AttemptResult::Delivered
            }
            Verdict::Relayed(to) => {
                office.counters.recipients_relayed.increment();
                AttemptResult::Relayed { to, next_attempt: after(at, relayed::FIRST) }
            }
            Verdict::TryAgain if is_relayed => {
                let pause = relayed::pause(age(parcel.received_at, at));
                AttemptResult::Outstanding { next_attempt: after(at, pause) }
            }
            Verdict::Unknown => AttemptResult::Held,
            Verdict::TryAgain => {
                office.counters.recipients_deferred.increment();
                let tries = recipient.attempts.saturating_add(1);
                let pause = backoff::pause(retry, tries, random());
                let pause = longest_pause.map_or(pause, |longest| pause.min(longest));
                AttemptResult::Deferred { next_attempt: after(at, pause) }
            }
            Verdict::Failed => {
                office.counters.recipients_failed.increment();
                failed.push(Reported { address: recipient.address.clone(), reply: reply.clone() });
                AttemptResult::Failed
            }
        };
        records.push(AttemptRecord {
            queue_id: parcel.queue_id,
            recipient: recipient.index,
            at,
            result,
            reply,
            hop: hop.to_owned(),
        });
    }
    log(&records, hop);
    let mut submission = Submission { attempts: records, ..Submission::default() };
    // The gate's failures are told to the other half, which asks for them.
    let reports_itself = office.settings.half == Half::Internet;
    if !failed.is_empty()
        && reports_itself
        && !add_report(office, parcel, Kind::Failed { given_up }, &failed, at, &mut submission)
    {
        // Nobody can be told, so a person must see it.
        tracing::warn!("a message that failed cannot be reported to its sender; it is held");
        for record in &mut submission.attempts {
            if record.result == AttemptResult::Failed {
                record.result = AttemptResult::Held;
            }
        }
    } else if failed.is_empty()
        && has_deferred(&submission)
        && delay_passed(office, parcel.received_at, at)
    {
        add_delay_report(office, parcel, at, &mut submission).await;
    }
    office.recorder.record(parcel.queue_id, submission).await;
}

fn has_deferred(submission: &Submission) -> bool {
    let is_deferred = |result| {
        matches!(result, AttemptResult::Deferred { .. } | AttemptResult::Outstanding { .. })
    };
    submission.attempts.iter().any(|record| is_deferred(record.result))
}

/// One line for each result in the log, without addresses.
fn log(records: &[AttemptRecord], hop: &str) {
    for record in records {
        match record.result {
            AttemptResult::Delivered => {
                tracing::info!(recipient = record.recipient, %hop, reply = %record.reply, "delivered");
            }
            AttemptResult::Relayed { to, .. } => {
                tracing::info!(recipient = record.recipient, %hop, gate_id = %to.id, "relayed");
            }
            AttemptResult::Outstanding { next_attempt } => {
                tracing::debug!(recipient = record.recipient, %hop, reply = %record.reply, %next_attempt, "asked");
            }
            AttemptResult::Deferred { next_attempt } => {
                tracing::warn!(recipient = record.recipient, %hop, reply = %record.reply, %next_attempt, "deferred");
            }
            AttemptResult::Failed | AttemptResult::Held => {
                tracing::warn!(recipient = record.recipient, %hop, reply = %record.reply, "failed");
            }
        }
    }
}

/// Adds a report for the sender to a submission. False when none can be sent: there is no hop for
/// reports, the sender is null (RFC 5321 section 4.5.5), or the message is a report itself.
pub(super) fn add_report(
    office: &Office,
    parcel: &Parcel,
    kind: Kind,
    recipients: &[Reported],
    at: Timestamp,
    submission: &mut Submission,
) -> bool {
    let Some(reports) = &office.settings.reports else {
        return false;
    };
    let Some(sender) = parcel.sender.0.clone().filter(|_| parcel.route == Route::Forward) else {
        return false;
    };
    let ids = match office.journal.allocate() {
        Ok(ids) => ids,
        Err(error) => {
            tracing::error!(%error, "no queue id for a report can be had");
            return false;
        }
    };
    let about = report::About {
        queue_id: parcel.queue_id,
        organisation: &parcel.organisation,
        received_at: parcel.received_at,
        give_up: office.settings.deliver.retry.give_up,
    };
    let message = report::message(
        &office.settings.hostname,
        &reports.from,
        &sender,
        kind,
        recipients,
        &about,
        at,
        ids,
    );
    submission.messages.push(message);
    office.counters.reports.increment();
    office.hungry.notify_one();
    true
}

/// Time from one moment to another, none when it is negative.
pub(super) fn age(since: Timestamp, at: Timestamp) -> Duration {
    let millis = at.unix_millis().saturating_sub(since.unix_millis());
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// A moment later.
pub(super) fn after(at: Timestamp, pause: Duration) -> Timestamp {
    let millis = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
    Timestamp::japanese_time(at.unix_millis().saturating_add(millis))
}

/// A number for jitter. Should the system have none to give, messages are tried without.
fn random() -> u64 {
    getrandom::u64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_later_stays_in_range() {
        let at = now();
        assert_eq!(age(at, after(at, Duration::from_secs(5))), Duration::from_secs(5));
        assert_eq!(age(after(at, Duration::from_secs(5)), at), Duration::ZERO);
        assert_eq!(after(at, Duration::MAX).rfc3339().get(..4), Some("9999"));
    }
}
