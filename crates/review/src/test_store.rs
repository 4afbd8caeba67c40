//! Messages of the tests, in a real store.

use std::sync::mpsc::sync_channel;

use sekimori_journal::{
    Body, ClientRecord, EmbeddedJournal, Journal, NewMessage, Route, Submission, Summary,
};
use sekimori_policy::{Address, Envelope, Limits, Organisation, QueueId, ReversePath};
use sekimori_sanitize::{Context, sanitize};

use crate::pages::clock::now;

/// Stores a message as it came, converted by the settings of its organisation.
pub(crate) fn store_message(
    store: &EmbeddedJournal,
    organisation: &Organisation,
    recipient: &str,
    raw: &str,
) -> QueueId {
    let (queue_id, reference) = store.allocate().unwrap();
    let now = now();
    let envelope = Envelope {
        sender: ReversePath(Some(Address::parse("sender@example.com").unwrap())),
        recipients: vec![Address::parse(recipient).unwrap()],
    };
    let raw = raw.replace('\n', "\r\n").into_bytes();
    let sanitized = sanitize(
        &raw,
        &Context {
            queue_id,
            reference,
            received_at: now,
            keep_until: now.plus_days(30),
            envelope: &envelope,
            host: "gw.example.jp",
            protocol: "ESMTP",
            organisation,
            exceptions: &[],
            may_refuse: true,
            limits: &Limits::default(),
            stop: &|| false,
        },
    );
    let message = NewMessage {
        queue_id,
        reference,
        route: Route::Forward,
        organisation: organisation.name.clone(),
        envelope,
        received_at: now,
        keep_until: now.plus_days(30),
        client: ClientRecord { address: "192.0.2.25".to_owned(), ..ClientRecord::default() },
        outcome: sanitized.outcome,
        summary: Summary {
            from: sanitized.summary.from,
            subject: sanitized.summary.subject,
            message_id: sanitized.summary.message_id,
            date: sanitized.summary.date,
        },
        size: u64::try_from(raw.len()).unwrap(),
        text: Body::compress(&sanitized.message),
        decisions: sanitized.decisions,
        removed: sanitized.removed,
    };
    let submission = Submission {
        original: Some(Body::compress(&raw)),
        messages: vec![message],
        ..Submission::default()
    };
    let (answer, answered) = sync_channel(1);
    store.submit(submission, Box::new(move |result| drop(answer.send(result))));
    answered.recv().unwrap().unwrap();
    queue_id
}
