//! Delivery: what is due, and what becomes of it.

use sekimori_journal::attempt::MAX_REPLY_OCTETS;
use sekimori_journal::{
    Action, AttemptResult, AuditKind, DueCursor, RecipientState, Relayed, Retention, Route, State,
    Submission,
};
use sekimori_policy::{Code, Outcome, QueueId, ReversePath};

use super::Open;
use crate::fixtures::{
    actor, address, at, attempt, audit_of, due, due_ids, message, record, state, store,
    store_delivered, stored, submit,
};

pub(crate) fn a_message_is_due_when_it_is_received(open: Open<'_>) {
    let journal = open();
    let given = message(&*journal);
    let id = store(&*journal, given.clone());
    assert_eq!(due(&*journal, -1), []);
    let [message] = &due(&*journal, 0)[..] else {
        panic!("not one message");
    };
    assert_eq!(message.queue_id, id);
    assert_eq!(message.reference, given.reference);
    assert_eq!(message.route, Route::Forward);
    assert_eq!(message.organisation, given.organisation);
    assert_eq!(message.sender, given.envelope.sender);
    assert_eq!(message.received_at, given.received_at);
    assert_eq!(message.text_size, given.text.plain_octets());
    assert_eq!(message.recipients.len(), 1);
    assert_eq!(message.recipients[0].address, given.envelope.recipients[0]);
    assert_eq!(message.recipients[0].attempts, 0);
}

pub(crate) fn due_messages_come_in_pages_without_gaps(open: Open<'_>) {
    let journal = open();
    // Three moments, several messages at each, handed in with the newest moment first.
    let mut expected = Vec::new();
    for moment in [20, 10, 0] {
        let ids: Vec<_> = (0..4)
            .map(|_| {
                let mut message = message(&*journal);
                message.received_at = at(moment);
                store(&*journal, message)
            })
            .collect();
        expected.splice(0..0, ids);
    }
    for limit in [1, 3, 5, 100] {
        let mut found = Vec::new();
        let mut cursor = DueCursor::default();
        loop {
            let page = journal.due(at(30), cursor, limit).unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            cursor = last.cursor;
            found.extend(page.iter().map(|m| m.queue_id));
        }
        assert_eq!(found, expected, "in pages of {limit}");
    }
}

pub(crate) fn a_held_message_is_not_due(open: Open<'_>) {
    let journal = open();
    let mut held = message(&*journal);
    held.outcome = Outcome::Hold;
    let id = store(&*journal, held);
    assert_eq!(state(&*journal, id), State::Held);
    assert_eq!(due(&*journal, 1_000_000), []);
}

pub(crate) fn a_message_is_done_when_every_recipient_is_settled(open: Open<'_>) {
    let journal = open();
    let mut two = message(&*journal);
    two.envelope.recipients.push(address("zeimu@town.example.lg.jp"));
    let id = store(&*journal, two);
    record(&*journal, vec![attempt(id, 1, 5, AttemptResult::Delivered)]).unwrap();
    assert_eq!(state(&*journal, id), State::Queued);
    let still: Vec<u32> = due(&*journal, 5)[0].recipients.iter().map(|r| r.index).collect();
    assert_eq!(still, [0]);
    record(&*journal, vec![attempt(id, 0, 6, AttemptResult::Delivered)]).unwrap();
    drop(journal);
    let journal = open();
    let kept = stored(&*journal, id);
    assert_eq!(kept.state, State::Delivered);
    assert_eq!(kept.done_at, Some(at(6)));
    assert_eq!(due(&*journal, 1_000_000), []);
    let first = &kept.recipients[0];
    assert_eq!(first.state, RecipientState::Delivered);
    assert_eq!(first.attempts, 1);
    assert_eq!(first.next_attempt_at, None);
    assert_eq!(first.last_attempt_at, Some(at(6)));
    assert_eq!(first.last_reply.as_deref(), Some("250 2.0.0 Ok"));
    assert_eq!(first.hop.as_deref(), Some("mail.lgwan.example:25"));
    let kinds: Vec<_> = audit_of(&*journal, id).iter().map(|r| r.kind).collect();
    assert_eq!(kinds, [AuditKind::Received, AuditKind::Delivered, AuditKind::Delivered]);
}

pub(crate) fn one_refused_recipient_makes_the_message_failed(open: Open<'_>) {
    let journal = open();
    let mut two = message(&*journal);
    two.envelope.recipients.push(address("zeimu@town.example.lg.jp"));
    let id = store(&*journal, two);
    record(
        &*journal,
        vec![attempt(id, 0, 1, AttemptResult::Failed), attempt(id, 1, 1, AttemptResult::Delivered)],
    )
    .unwrap();
    let kept = stored(&*journal, id);
    assert_eq!(kept.state, State::Failed);
    assert_eq!(kept.recipients[0].state, RecipientState::Failed);
    assert_eq!(kept.recipients[1].state, RecipientState::Delivered);
}

pub(crate) fn a_deferred_recipient_is_due_again_at_its_time(open: Open<'_>) {
    let journal = open();
    let id = store(&*journal, message(&*journal));
    for round in 1..=3 {
        let next_attempt = at(round * 100);
        record(&*journal, vec![attempt(id, 0, round, AttemptResult::Deferred { next_attempt })])
            .unwrap();
        assert_eq!(due(&*journal, round * 100 - 1), []);
        let [message] = &due(&*journal, round * 100)[..] else {
            panic!("not due");
        };
        assert_eq!(i64::from(message.recipients[0].attempts), round);
    }
    let last = audit_of(&*journal, id).pop().unwrap();
    assert_eq!(last.kind, AuditKind::Deferred);
    assert_eq!(last.details["recipient"], "soumu@town.example.lg.jp");
    assert_eq!(last.details["next_attempt"], at(300).rfc3339());
}

pub(crate) fn what_a_gate_has_taken_is_to_be_asked_for_until_it_is_settled(open: Open<'_>) {
    let journal = open();
    let id = store(&*journal, message(&*journal));
    let to = Relayed { id: QueueId(0x1A3), position: 0 };
    let relayed = AttemptResult::Relayed { to, next_attempt: at(10) };
    record(&*journal, vec![attempt(id, 0, 1, relayed)]).unwrap();
    assert_eq!(due(&*journal, 9), []);
    for round in 1..=3 {
        let [message] = &due(&*journal, round * 10)[..] else {
            panic!("not due");
        };
        assert_eq!(message.recipients[0].relayed, Some(to));
        let outstanding = AttemptResult::Outstanding { next_attempt: at((round + 1) * 10) };
        record(&*journal, vec![attempt(id, 0, round * 10, outstanding)]).unwrap();
    }
    let kept = stored(&*journal, id);
    assert_eq!((kept.state, kept.recipients[0].attempts), (State::Queued, 1));
    assert_eq!(kept.recipients[0].last_attempt_at, Some(at(30)));
    // A person who holds and releases it has the gate asked again.
    let act = |action| journal.act(&[id], action, &actor(), at(31)).unwrap();
    act(Action::Hold);
    act(Action::Release { recipients: None });
    assert_eq!(due(&*journal, 31)[0].recipients[0].relayed, Some(to));
    // What the gate knows nothing of waits for a person, who has it sent anew.
    record(&*journal, vec![attempt(id, 0, 40, AttemptResult::Held)]).unwrap();
    assert_eq!(state(&*journal, id), State::Held);
    act(Action::Release { recipients: None });
    assert_eq!(due(&*journal, 40)[0].recipients[0].relayed, None);
    record(&*journal, vec![attempt(id, 0, 41, AttemptResult::Delivered)]).unwrap();
    assert_eq!(state(&*journal, id), State::Delivered);
    let kinds: Vec<_> = audit_of(&*journal, id).iter().map(|r| r.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == AuditKind::Relayed).count(), 1);
    assert!(!kinds.contains(&AuditKind::Deferred), "{kinds:?}");
}

pub(crate) fn a_settled_recipient_stays_settled(open: Open<'_>) {
    let journal = open();
    let id = store_delivered(&*journal, message(&*journal));
    let again = AttemptResult::Deferred { next_attempt: at(9) };
    record(
        &*journal,
        vec![
            attempt(id, 0, 8, again),
            attempt(id, 0, 9, AttemptResult::Failed),
            attempt(id, 0, 9, AttemptResult::Held),
        ],
    )
    .unwrap();
    let kept = stored(&*journal, id);
    assert_eq!(kept.state, State::Delivered);
    assert_eq!(kept.recipients[0].state, RecipientState::Delivered);
    assert_eq!(kept.recipients[0].next_attempt_at, None);
    assert_eq!(due(&*journal, 1_000_000), []);
}

pub(crate) fn what_cannot_be_reported_is_held(open: Open<'_>) {
    let journal = open();
    let id = store(&*journal, message(&*journal));
    record(&*journal, vec![attempt(id, 0, 1, AttemptResult::Held)]).unwrap();
    let kept = stored(&*journal, id);
    assert_eq!(kept.state, State::Held);
    assert!(kept.decisions.contains(Code::HoldUndeliverable));
    assert_eq!(due(&*journal, 1_000_000), []);
    journal.act(&[id], Action::Release { recipients: None }, &actor(), at(50)).unwrap();
    assert_eq!(due_ids(&*journal, 50), [id]);
}

pub(crate) fn a_report_and_the_failure_it_tells_of_are_one(open: Open<'_>) {
    let journal = open();
    let id = store(&*journal, message(&*journal));
    let mut report = message(&*journal);
    report.route = Route::Return;
    report.envelope.sender = ReversePath::NULL;
    let report_id = report.queue_id;
    submit(
        &*journal,
        Submission {
            messages: vec![report],
            attempts: vec![attempt(id, 0, 1, AttemptResult::Failed)],
            ..Submission::default()
        },
    )
    .unwrap();
    assert_eq!(state(&*journal, id), State::Failed);
    assert_eq!(due_ids(&*journal, 1), [report_id]);
}

pub(crate) fn results_of_a_message_that_is_gone_are_on_record(open: Open<'_>) {
    let journal = open();
    let id = store_delivered(&*journal, message(&*journal));
    journal.expire(at(1_000_000), &Retention::default()).unwrap();
    record(&*journal, vec![attempt(id, 0, 1_000_001, AttemptResult::Delivered)]).unwrap();
    let last = audit_of(&*journal, id).pop().unwrap();
    assert_eq!(last.kind, AuditKind::Delivered);
    assert_eq!(last.at, at(1_000_001));
    assert_eq!(journal.message(id.into()).unwrap(), None);
}

pub(crate) fn long_replies_are_cut(open: Open<'_>) {
    let journal = open();
    let id = store(&*journal, message(&*journal));
    let mut long = attempt(id, 0, 1, AttemptResult::Failed);
    long.reply = "5".repeat(MAX_REPLY_OCTETS + 1);
    long.hop = "h".repeat(MAX_REPLY_OCTETS + 1);
    record(&*journal, vec![long]).unwrap();
    let recipient = &stored(&*journal, id).recipients[0];
    assert_eq!(recipient.last_reply, Some("5".repeat(MAX_REPLY_OCTETS)));
    assert_eq!(recipient.hop, Some("h".repeat(MAX_REPLY_OCTETS)));
}
