//! Submissions: whole or not at all.

use std::collections::HashSet;

use sekimori_journal::attempt::MAX_ATTEMPTS;
use sekimori_journal::audit::{MAX_AUDIT_OCTETS, MAX_AUDIT_RECORDS};
use sekimori_journal::message::{MAX_MESSAGES, MAX_RECIPIENTS, MAX_SUMMARY_OCTETS};
use sekimori_journal::{
    AttemptResult, AuditKind, AuditRecord, Body, JournalError, Key, Route, State, Submission,
};
use sekimori_policy::{Envelope, Outcome, QueueId, ReversePath};
use serde_json::json;

use super::Open;
use crate::fixtures::{
    address, at, attempt, audit, audit_of, message, original_of, store, stored, submission, submit,
    text_of,
};

pub(crate) fn what_is_acknowledged_is_there_after_opening_again(open: Open<'_>) {
    let journal = open();
    let given = message(&*journal);
    let id = store(&*journal, given.clone());
    drop(journal);
    let journal = open();
    let kept = stored(&*journal, id);
    assert_eq!(kept.reference, given.reference);
    assert_eq!(kept.route, given.route);
    assert_eq!(kept.state, State::Queued);
    assert_eq!(kept.organisation, given.organisation);
    assert_eq!(kept.envelope, given.envelope);
    assert_eq!(kept.received_at, given.received_at);
    assert_eq!(kept.keep_until, given.keep_until);
    assert_eq!(kept.done_at, None);
    assert_eq!(kept.client, given.client);
    assert_eq!(kept.outcome, given.outcome);
    assert_eq!(kept.summary, given.summary);
    assert_eq!(kept.size, given.size);
    assert_eq!(kept.text_size, text_of(id).len() as u64);
    assert_eq!(kept.decisions, given.decisions);
    assert_eq!(kept.removed, given.removed);
    assert!(kept.has_original);
    assert_eq!(journal.text(id).unwrap(), text_of(id));
    assert_eq!(journal.original(id).unwrap(), original_of(id));
}

pub(crate) fn messages_of_one_submission_share_their_original(open: Open<'_>) {
    let journal = open();
    let messages: Vec<_> = ["山北町", "大井町", "松田町"]
        .into_iter()
        .map(|name| {
            let mut message = message(&*journal);
            message.organisation = name.to_owned();
            message
        })
        .collect();
    let ids: Vec<QueueId> = messages.iter().map(|m| m.queue_id).collect();
    let before = journal.statistics().unwrap().live_octets;
    let texts: u64 = messages.iter().map(|m| m.text.stored_octets()).sum();
    let whole = submission(messages);
    let original = whole.original.as_ref().unwrap().stored_octets();
    submit(&*journal, whole).unwrap();
    for &id in &ids {
        assert_eq!(journal.original(id).unwrap(), original_of(ids[0]));
        assert_eq!(journal.text(id).unwrap(), text_of(id));
    }
    let grown = journal.statistics().unwrap().live_octets - before;
    assert!(
        grown < texts + 2 * original,
        "{grown} octets for texts of {texts} and one original of {original}"
    );
}

pub(crate) fn a_report_has_no_original(open: Open<'_>) {
    let journal = open();
    let mut report = message(&*journal);
    report.route = Route::Return;
    report.envelope.sender = ReversePath::NULL;
    let id = report.queue_id;
    submit(&*journal, Submission { messages: vec![report], ..Submission::default() }).unwrap();
    let kept = stored(&*journal, id);
    assert!(!kept.has_original);
    assert!(kept.envelope.sender.is_null());
    assert_eq!(journal.original(id), Err(JournalError::NoOriginal(id)));
    assert_eq!(journal.text(id).unwrap(), text_of(id));
}

pub(crate) fn ids_are_never_given_out_twice(open: Open<'_>) {
    let mut ids = HashSet::new();
    let mut references = HashSet::new();
    let mut last = None;
    for _ in 0..3 {
        let journal = open();
        for _ in 0..10 {
            let (id, reference) = journal.allocate().unwrap();
            assert!(ids.insert(id) && references.insert(reference));
            assert!(Some(id) > last, "ids grow");
            last = Some(id);
        }
    }
}

pub(crate) fn an_id_used_twice_is_refused_and_changes_nothing(open: Open<'_>) {
    let journal = open();
    let first = message(&*journal);
    let id = store(&*journal, first.clone());
    let other = message(&*journal);
    let other_id = other.queue_id;
    let before = journal.statistics().unwrap();
    let refused = submit(&*journal, submission(vec![other, first]));
    assert_eq!(refused, Err(JournalError::Duplicate(id)));
    assert_eq!(journal.message(Key::QueueId(other_id)).unwrap(), None);
    assert_eq!(journal.text(other_id), Err(JournalError::UnknownMessage(other_id)));
    assert_eq!(journal.statistics().unwrap().states, before.states);
    assert_eq!(journal.statistics().unwrap().live_octets, before.live_octets);
    assert_eq!(audit_of(&*journal, other_id), []);
}

pub(crate) fn what_makes_no_sense_is_refused(open: Open<'_>) {
    let journal = open();
    let mut nobody = message(&*journal);
    nobody.envelope.recipients.clear();
    let mut refused = message(&*journal);
    refused.outcome = Outcome::Reject;
    let mut huge_id = message(&*journal);
    huge_id.queue_id = QueueId(u64::MAX);
    let orphan = Submission { original: Some(Body::compress(b"x")), ..Submission::default() };
    for wrong in
        [submission(vec![nobody]), submission(vec![refused]), submission(vec![huge_id]), orphan]
    {
        let answer = submit(&*journal, wrong);
        assert!(matches!(answer, Err(JournalError::Misuse(_))), "{answer:?}");
    }
    assert_eq!(audit(&*journal), []);
}

pub(crate) fn what_is_over_a_bound_is_refused(open: Open<'_>) {
    let journal = open();
    let sample = message(&*journal);
    let mut crowded = sample.clone();
    crowded.envelope = Envelope {
        sender: ReversePath::NULL,
        recipients: vec![address("a@town.example.lg.jp"); MAX_RECIPIENTS + 1],
    };
    let mut named = sample.clone();
    named.organisation = "町".repeat(200);
    let mut detailed = sample.clone();
    let part = detailed.removed[0].clone();
    detailed.removed = vec![part; 40_000];
    let mut noted = submission(vec![sample.clone()]);
    noted.audit = vec![refusal(1); MAX_AUDIT_RECORDS + 1];
    let mut tried = submission(vec![sample.clone()]);
    let result = attempt(sample.queue_id, 0, 1, AttemptResult::Delivered);
    tried.attempts = vec![result; MAX_ATTEMPTS + 1];
    let many = submission(vec![sample; MAX_MESSAGES + 1]);
    for wrong in
        [submission(vec![crowded]), submission(vec![named]), submission(vec![detailed]), many]
    {
        let answer = submit(&*journal, wrong);
        assert!(matches!(answer, Err(JournalError::OverBound { .. })), "{answer:?}");
    }
    assert_eq!(audit(&*journal), []);
}

pub(crate) fn long_summaries_are_cut_between_characters(open: Open<'_>) {
    let journal = open();
    let mut long = message(&*journal);
    long.summary.subject = "件".repeat(MAX_SUMMARY_OCTETS);
    let id = store(&*journal, long);
    let subject = stored(&*journal, id).summary.subject;
    assert_eq!(subject, "件".repeat(MAX_SUMMARY_OCTETS / "件".len()));
}

pub(crate) fn the_receipt_is_on_the_audit_record(open: Open<'_>) {
    let journal = open();
    let given = message(&*journal);
    let id = store(&*journal, given.clone());
    let [receipt] = &audit_of(&*journal, id)[..] else {
        panic!("not one record");
    };
    assert_eq!(receipt.kind, AuditKind::Received);
    assert_eq!(receipt.at, given.received_at);
    assert_eq!(receipt.organisation.as_deref(), Some(given.organisation.as_str()));
    assert_eq!(receipt.reference, Some(given.reference));
    let details = &receipt.details;
    assert_eq!(details["outcome"], "deliver");
    assert_eq!(details["sender"], "info@pref.example.jp");
    assert_eq!(details["recipients"], json!(["soumu@town.example.lg.jp"]));
    assert_eq!(details["subject"], "会議の件");
    assert_eq!(details["client"]["address"], "192.0.2.1");
    assert_eq!(details["decisions"][0]["code"], "charset-guessed");
    assert_eq!(details["removed"][0]["reason"], "attachment-removed");
}

fn refusal(n: i64) -> AuditRecord {
    AuditRecord {
        at: at(n),
        kind: AuditKind::Refused,
        organisation: None,
        queue_id: None,
        reference: None,
        actor: None,
        details: json!({ "code": "reject-relay", "n": n }),
    }
}

pub(crate) fn refusals_are_on_the_audit_record(open: Open<'_>) {
    let journal = open();
    journal.append_audit(refusal(1));
    journal.append_audit(refusal(2));
    let mut with_message = submission(vec![message(&*journal)]);
    with_message.audit.push(refusal(3));
    submit(&*journal, with_message).unwrap();
    journal.append_audit(refusal(4));
    drop(journal);
    let journal = open();
    let mut refusals = audit(&*journal);
    refusals.retain(|record| record.kind == AuditKind::Refused);
    refusals.sort_by_key(|record| record.at);
    assert_eq!(refusals, (1..=4).map(refusal).collect::<Vec<_>>());
}

pub(crate) fn overlong_audit_details_are_replaced_by_their_size(open: Open<'_>) {
    let journal = open();
    let mut long = refusal(1);
    long.details = json!({ "reply": "x".repeat(MAX_AUDIT_OCTETS) });
    journal.append_audit(long);
    drop(journal);
    let journal = open();
    let kept = &audit(&*journal)[0];
    assert_eq!(
        kept.details,
        json!({ "omitted_octets": MAX_AUDIT_OCTETS + r#"{"reply":""}"#.len() })
    );
}
