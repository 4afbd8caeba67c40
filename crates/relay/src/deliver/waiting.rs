//! Messages that wait too long: delay reports, and giving up on what was never tried.

use std::sync::Arc;
use std::time::Duration;

use sekimori_journal::{DueRecipient, Filter, RecipientState, State, StoredMessage, Submission};
use sekimori_policy::{QueueId, Timestamp};

use super::Office;
use super::parcel::Parcel;
use super::report::{Kind, Reported};
use super::results::{Attempt, Verdict, add_report, after, age, conclude};
use crate::now;

/// Queued messages looked at in one page of a sweep.
const SWEEP_PAGE: usize = 500;

/// Whether the moment has passed at which the sender is told of a delay.
pub(super) fn delay_passed(office: &Office, received_at: Timestamp, at: Timestamp) -> bool {
    let delay = office.settings.deliver.retry.delay_report;
    !delay.is_zero() && age(received_at, at) >= delay
}

/// Tells the sender of the delay at the first attempt after the moment for it: earlier attempts were
/// before that moment, so that a message is reported once, across restarts too.
pub(super) async fn add_delay_report(
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
    let moment = after(stored.received_at, office.settings.deliver.retry.delay_report);
    let waiting: Vec<_> =
        stored.recipients.iter().filter(|r| r.state == RecipientState::Waiting).collect();
    let tried_since = |r: &&sekimori_journal::StoredRecipient| {
        r.last_attempt_at.is_some_and(|last| last.unix_millis() >= moment.unix_millis())
    };
    if waiting.is_empty() || waiting.iter().any(tried_since) {
        return None;
    }
    Some(
        waiting
            .into_iter()
            .map(|r| Reported {
                address: r.address.clone(),
                reply: match r.relayed {
                    Some(_) => "4.4.1 the gate has it and has yet to deliver it".to_owned(),
                    None => r.last_reply.clone().unwrap_or_default(),
                },
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
    visit_older_than(office, retry.give_up, None, |stored| Sweep::GiveUp(Box::new(stored))).await;
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
        let filter = Filter { states: vec![State::Queued], ..Filter::default() };
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
    let route = stored.route;
    if office.crossing.is_stopped(route, &stored.organisation, &stored.envelope.sender) {
        return;
    }
    let since = office.crossing.tried_since(stored.received_at);
    if give_up && age(since, now()) < office.settings.deliver.retry.give_up {
        return;
    }
    // What a gate has is not given up here.
    let waiting: Vec<_> = stored
        .recipients
        .iter()
        .filter(|r| r.state == RecipientState::Waiting && !(give_up && r.relayed.is_some()))
        .collect();
    if waiting.is_empty() || !office.ledger.begin(stored.queue_id) {
        return;
    }
    let recipients: Vec<DueRecipient> = waiting
        .iter()
        .map(|r| DueRecipient {
            index: r.index,
            address: r.address.clone(),
            attempts: r.attempts,
            relayed: r.relayed,
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
        .zip(waiting)
        .map(|(recipient, stored)| Attempt {
            recipient,
            verdict: if give_up { Verdict::Failed } else { Verdict::TryAgain },
            reply: stored
                .last_reply
                .clone()
                .unwrap_or_else(|| "the next hop does not answer".to_owned()),
        })
        .collect();
    conclude(office, &parcel, attempts, "", Some(Duration::ZERO)).await;
}
