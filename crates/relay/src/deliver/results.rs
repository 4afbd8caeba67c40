//! What becomes of a message after an attempt: recorded, reported, tried again or held.

use std::sync::Arc;
use std::time::Duration;

use sekimori_journal::{
    AttemptRecord, AttemptResult, DueRecipient, Filter, Journal, JournalError, RecipientState,
    Route, State, StoredMessage, Submission,
};
use sekimori_policy::{QueueId, Timestamp};
use sekimori_smtp::client::{Cause, PeerReply, RecipientResult, TransactionOutcome};
use tokio::sync::oneshot;

use super::health::LONGEST_PAUSE;
use super::parcel::Parcel;
use super::report::{self, Kind, Reported};
use super::{Office, backoff};
use crate::now;

/// Queued messages looked at in one page of a sweep.
const SWEEP_PAGE: usize = 500;
/// Pause before results are recorded again when the journal did not take them.
const RECORD_PAUSE: Duration = Duration::from_secs(1);

/// Whether the connection broke before the hop had the whole message, for every recipient, so that
/// beginning again cannot make a duplicate.
pub(super) fn nothing_answered(outcome: &TransactionOutcome) -> bool {
    outcome
        .recipients
        .iter()
        .all(|(_, result)| matches!(result, RecipientResult::Deferred(Cause::Lost)))
}

/// What an attempt came to for one recipient, in words.
struct Attempt {
    recipient: DueRecipient,
    verdict: Verdict,
    reply: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Delivered,
    TryAgain,
    Failed,
}

/// Sees to the outcome of a transaction.
pub(super) async fn settle(
    office: &Office,
    parcel: Parcel,
    outcome: TransactionOutcome,
    hop: &str,
) {
    let attempts = parcel
        .recipients
        .iter()
        .zip(outcome.recipients)
        .map(|(recipient, (_, result))| {
            let (verdict, reply) = match result {
                RecipientResult::Delivered(reply) => (Verdict::Delivered, words(&reply)),
                RecipientResult::Deferred(cause) => (Verdict::TryAgain, cause_words(&cause)),
                RecipientResult::Failed(cause) => (Verdict::Failed, cause_words(&cause)),
            };
            Attempt {
                recipient: recipient.clone(),
                verdict,
                reply,
            }
        })
        .collect();
    conclude(office, &parcel, attempts, hop, None).await;
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
    write(
        office,
        Submission {
            attempts: records,
            ..Submission::default()
        },
    )
    .await;
    office.ledger.finish(parcel.queue_id);
}

/// Records an attempt, with a report to the sender where one is due, and lets go of the parcel.
async fn conclude(
    office: &Office,
    parcel: &Parcel,
    attempts: Vec<Attempt>,
    hop: &str,
    longest_pause: Option<Duration>,
) {
    let at = now();
    let retry = &office.settings.deliver.retry;
    let given_up = age(parcel.received_at, at) >= retry.give_up;
    let mut failed = Vec::new();
    let mut records = Vec::new();
    for Attempt {
        recipient,
        verdict,
        reply,
    } in attempts
    {
        let verdict = if verdict == Verdict::TryAgain && given_up {
            Verdict::Failed
        } else {
            verdict
        };
        let result = match verdict {
            Verdict::Delivered => {
                office.counters.recipients_delivered.increment();
                AttemptResult::Delivered
            }
            Verdict::TryAgain => {
                office.counters.recipients_deferred.increment();
                let tries = recipient.attempts.saturating_add(1);
                let pause = backoff::pause(retry, tries, random());
                let pause = longest_pause.map_or(pause, |longest| pause.min(longest));
                AttemptResult::Deferred {
                    next_attempt: after(at, pause),
                }
            }
            Verdict::Failed => {
                office.counters.recipients_failed.increment();
                failed.push(Reported {
                    address: recipient.address.clone(),
                    reply: reply.clone(),
                });
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
    let mut submission = Submission {
        attempts: records,
        ..Submission::default()
    };
    if !failed.is_empty()
        && !add_report(
            office,
            parcel,
            Kind::Failed { given_up },
            &failed,
            at,
            &mut submission,
        )
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
    write(office, submission).await;
    office.ledger.finish(parcel.queue_id);
}

fn has_deferred(submission: &Submission) -> bool {
    submission
        .attempts
        .iter()
        .any(|r| matches!(r.result, AttemptResult::Deferred { .. }))
}

/// One line for each result in the log, without addresses.
fn log(records: &[AttemptRecord], hop: &str) {
    for record in records {
        match record.result {
            AttemptResult::Delivered => {
                tracing::info!(recipient = record.recipient, %hop, reply = %record.reply, "delivered");
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
fn add_report(
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
    let Some(sender) = parcel
        .sender
        .0
        .clone()
        .filter(|_| parcel.route == Route::Forward)
    else {
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

/// Whether the moment has passed at which the sender is told of a delay.
fn delay_passed(office: &Office, received_at: Timestamp, at: Timestamp) -> bool {
    let delay = office.settings.deliver.retry.delay_report;
    !delay.is_zero() && age(received_at, at) >= delay
}

/// Tells the sender of the delay at the first attempt after the moment for it: earlier attempts were
/// before that moment, so that a message is reported once, across restarts too.
async fn add_delay_report(
    office: &Office,
    parcel: &Parcel,
    at: Timestamp,
    submission: &mut Submission,
) {
    let journal = Arc::clone(&office.journal);
    let id = parcel.queue_id;
    let stored = tokio::task::spawn_blocking(move || journal.message(id.into())).await;
    let Ok(Ok(Some(stored))) = stored else { return };
    if let Some(waiting) = waiting_since_before_delay(office, &stored) {
        add_report(office, parcel, Kind::Delayed, &waiting, at, submission);
    }
}

/// The recipients to name in a delay report, if none was made yet.
fn waiting_since_before_delay(office: &Office, stored: &StoredMessage) -> Option<Vec<Reported>> {
    let moment = after(
        stored.received_at,
        office.settings.deliver.retry.delay_report,
    );
    let waiting: Vec<_> = stored
        .recipients
        .iter()
        .filter(|r| r.state == RecipientState::Waiting)
        .collect();
    let tried_since = |r: &&sekimori_journal::StoredRecipient| {
        r.last_attempt_at
            .is_some_and(|last| last.unix_millis() >= moment.unix_millis())
    };
    if waiting.is_empty() || waiting.iter().any(tried_since) {
        return None;
    }
    Some(
        waiting
            .into_iter()
            .map(|r| Reported {
                address: r.address.clone(),
                reply: r.last_reply.clone().unwrap_or_default(),
            })
            .collect(),
    )
}

/// How far a sweep for delays has come: messages up to this one need no further look.
#[derive(Debug, Default)]
pub(super) struct Swept {
    delayed: Option<QueueId>,
}

/// Looks for messages that wait untried because their hop is down: those over the time for giving
/// up fail, and the senders of those over the time for a delay report are told.
pub(super) async fn sweep(office: &Office, swept: &mut Swept) {
    let retry = office.settings.deliver.retry;
    // Those given up leave the queue, so that each sweep begins with the oldest.
    visit_older_than(office, retry.give_up, None, |stored| {
        Sweep::GiveUp(Box::new(stored))
    })
    .await;
    if !retry.delay_report.is_zero() {
        let last = visit_older_than(office, retry.delay_report, swept.delayed, |stored| {
            Sweep::Delayed(Box::new(stored))
        })
        .await;
        swept.delayed = last.or(swept.delayed);
    }
}

enum Sweep {
    GiveUp(Box<StoredMessage>),
    Delayed(Box<StoredMessage>),
}

/// Visits queued messages older than `age_over`, oldest first, after one. The last one visited.
async fn visit_older_than(
    office: &Office,
    age_over: Duration,
    from: Option<QueueId>,
    as_what: impl Fn(StoredMessage) -> Sweep,
) -> Option<QueueId> {
    let mut cursor = from;
    let mut last = None;
    loop {
        let journal = Arc::clone(&office.journal);
        let filter = Filter {
            states: vec![State::Queued],
            ..Filter::default()
        };
        let page =
            tokio::task::spawn_blocking(move || journal.list(&filter, cursor, SWEEP_PAGE)).await;
        let Ok(Ok(page)) = page else { return last };
        let whole = page.len() >= SWEEP_PAGE;
        for stored in page {
            if age(stored.received_at, now()) < age_over || office.stopping.is_given() {
                return last;
            }
            last = Some(stored.queue_id);
            cursor = last;
            attend(office, as_what(stored)).await;
        }
        if !whole {
            return last;
        }
    }
}

/// Records an attempt that was not made, on a message that no lane has.
async fn attend(office: &Office, sweep: Sweep) {
    let (stored, give_up) = match sweep {
        Sweep::GiveUp(stored) => (stored, true),
        Sweep::Delayed(stored) if waiting_since_before_delay(office, &stored).is_some() => {
            (stored, false)
        }
        Sweep::Delayed(_) => return,
    };
    if !office.ledger.begin(stored.queue_id) {
        return;
    }
    let recipients: Vec<DueRecipient> = stored
        .recipients
        .iter()
        .filter(|r| r.state == RecipientState::Waiting)
        .map(|r| DueRecipient {
            index: r.index,
            address: r.address.clone(),
            attempts: r.attempts,
        })
        .collect();
    let mut parcel = Parcel::new(
        stored.queue_id,
        stored.route,
        &stored.organisation,
        &stored.envelope,
        stored.received_at,
    );
    parcel.recipients.clone_from(&recipients);
    let attempts = recipients
        .into_iter()
        .zip(
            stored
                .recipients
                .iter()
                .filter(|r| r.state == RecipientState::Waiting),
        )
        .map(|(recipient, stored)| Attempt {
            recipient,
            verdict: if give_up {
                Verdict::Failed
            } else {
                Verdict::TryAgain
            },
            reply: stored
                .last_reply
                .clone()
                .unwrap_or_else(|| "the next hop does not answer".to_owned()),
        })
        .collect();
    conclude(office, &parcel, attempts, "", Some(Duration::ZERO)).await;
}

/// Makes results and reports durable. The journal may be short of space for a while: until it takes
/// them, the message stays in its lane and is not tried again.
async fn write(office: &Office, submission: Submission) {
    loop {
        let result = submit(office.journal.as_ref(), submission.clone()).await;
        match result {
            Ok(()) => return,
            Err(error) => {
                tracing::error!(%error, "the results of a delivery cannot be recorded yet");
                if office.stopping.is_given() {
                    return;
                }
                tokio::time::sleep(RECORD_PAUSE).await;
            }
        }
    }
}

async fn submit(journal: &dyn Journal, submission: Submission) -> Result<(), JournalError> {
    let (done, answer) = oneshot::channel();
    let completion = Box::new(move |result| {
        let _ = done.send(result);
    });
    if submission.messages.is_empty() {
        journal.record(submission.attempts, completion);
    } else {
        journal.submit(submission, completion);
    }
    answer.await.unwrap_or(Err(JournalError::NotWriting))
}

fn age(since: Timestamp, at: Timestamp) -> Duration {
    let millis = at.unix_millis().saturating_sub(since.unix_millis());
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

fn after(at: Timestamp, pause: Duration) -> Timestamp {
    let millis = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
    Timestamp::japanese_time(at.unix_millis().saturating_add(millis))
}

/// A number for jitter. Should the system have none to give, messages are tried without.
fn random() -> u64 {
    getrandom::u64().unwrap_or(0)
}

fn words(reply: &PeerReply) -> String {
    format!("{} {}", reply.code.get(), reply.lines.join(" "))
}

fn cause_words(cause: &Cause) -> String {
    match cause {
        Cause::Reply(reply) => words(reply),
        Cause::Violation(reply) => format!("unexpected reply: {}", words(reply)),
        Cause::Lost => "the connection was lost".to_owned(),
        Cause::LostAfterMessage => {
            "the connection was lost after the message; it may arrive twice".to_owned()
        }
        Cause::Smtputf8Needed => {
            "5.6.7 an address needs SMTPUTF8, which the hop does not offer".to_owned()
        }
        Cause::TooLarge => "5.3.4 the message is larger than the hop takes".to_owned(),
        Cause::EightBitNeeded => "5.6.3 the hop does not take 8-bit text".to_owned(),
    }
}

/// The status code of RFC 3463 in a reply, for a report.
pub(super) fn status_of(reply: &str, otherwise: &'static str) -> String {
    reply
        .split_whitespace()
        .take(3)
        .find(|word| {
            let mut numbers = word.split('.');
            let class = numbers.next().is_some_and(|n| matches!(n, "2" | "4" | "5"));
            let rest: Vec<_> = numbers.collect();
            class
                && rest.len() == 2
                && rest
                    .iter()
                    .all(|n| (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
        })
        .map_or_else(|| otherwise.to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_code_of_a_reply_is_found() {
        assert_eq!(status_of("550 5.1.1 no such user", "5.0.0"), "5.1.1");
        assert_eq!(status_of("550 no such user", "5.0.0"), "5.0.0");
        assert_eq!(
            status_of("5.6.7 an address needs SMTPUTF8", "5.0.0"),
            "5.6.7"
        );
        assert_eq!(status_of("550 192.0.2.1 says no 5.1.1", "5.0.0"), "5.0.0");
    }

    #[test]
    fn a_moment_later_stays_in_range() {
        let at = now();
        assert_eq!(
            age(at, after(at, Duration::from_secs(5))),
            Duration::from_secs(5)
        );
        assert_eq!(age(after(at, Duration::from_secs(5)), at), Duration::ZERO);
        assert_eq!(after(at, Duration::MAX).rfc3339().get(..4), Some("9999"));
    }
}
