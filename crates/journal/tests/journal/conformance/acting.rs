//! What people do to messages.

use sekimori_journal::action::{MAX_ACTION_IDS, MAX_ACTOR_OCTETS};
use sekimori_journal::{
    AccountId, Action, ActionOutcome, ActionResult, Actor, AttemptResult, AuditKind, Journal,
    JournalError, State,
};
use sekimori_policy::{Code, Outcome, QueueId};

use super::Open;
use crate::fixtures::{
    actor, at, attempt, audit, audit_of, due, due_ids, message, record, state, store,
    store_delivered, stored,
};

fn act(journal: &dyn Journal, id: QueueId, action: Action) -> ActionOutcome {
    let results = journal.act(&[id], action, &actor(), at(500)).unwrap();
    let [ActionResult { queue_id, outcome }] = results[..] else {
        panic!("not one result");
    };
    assert_eq!(queue_id, id);
    outcome
}

/// A message in a state.
fn in_state(journal: &dyn Journal, wanted: State) -> QueueId {
    let mut given = message(journal);
    if wanted == State::Held {
        given.outcome = Outcome::Hold;
    }
    let id = match wanted {
        State::Delivered => store_delivered(journal, given),
        _ => store(journal, given),
    };
    match wanted {
        State::Failed => {
            record(journal, vec![attempt(id, 0, 1, AttemptResult::Failed)]).unwrap();
        }
        State::Deleted => assert_eq!(act(journal, id, Action::Delete), ActionOutcome::Done),
        _ => {}
    }
    assert_eq!(state(journal, id), wanted);
    id
}

pub(crate) fn each_action_fits_some_states_only(open: Open<'_>) {
    let journal = open();
    for from in State::ALL {
        for (action, allowed, to) in [
            (Action::Hold, &[State::Queued][..], State::Held),
            (Action::Release { recipients: None }, &[State::Held], State::Queued),
            (Action::Delete, &[State::Queued, State::Held], State::Deleted),
            (Action::Flush, &[State::Queued], State::Queued),
            (Action::Restore, &[State::Deleted], State::Held),
        ] {
            let id = in_state(&*journal, from);
            let records = audit(&*journal).len();
            let outcome = act(&*journal, id, action.clone());
            if allowed.contains(&from) {
                assert_eq!(outcome, ActionOutcome::Done, "{action:?} from {from}");
                assert_eq!(state(&*journal, id), to);
            } else {
                assert_eq!(outcome, ActionOutcome::WrongState(from), "{action:?}");
                assert_eq!(state(&*journal, id), from);
                assert_eq!(audit(&*journal).len(), records);
            }
        }
    }
    assert_eq!(act(&*journal, QueueId(1 << 40), Action::Hold), ActionOutcome::Unknown);
}

pub(crate) fn every_action_is_on_the_audit_record(open: Open<'_>) {
    let journal = open();
    let id = store(&*journal, message(&*journal));
    for (action, kind) in [
        (Action::Flush, AuditKind::Flushed),
        (Action::Hold, AuditKind::Held),
        (Action::Release { recipients: None }, AuditKind::Released),
        (Action::Delete, AuditKind::Deleted),
        (Action::Restore, AuditKind::Restored),
        (Action::Extend { until: at(900_000) }, AuditKind::Extended),
    ] {
        let actor = Actor { account: Some(AccountId(7)), ..actor() }.acting_from("192.0.2.77");
        journal.act(&[id], action, &actor, at(500)).unwrap();
        let last = audit_of(&*journal, id).pop().unwrap();
        assert_eq!(last.kind, kind);
        assert_eq!(last.at, at(500));
        assert_eq!(last.actor.as_deref(), Some("佐藤"));
        assert_eq!(last.organisation.as_deref(), Some("山北町"));
        assert_eq!(last.details["reason"], "本人の依頼");
        assert_eq!(last.details["account"], 7);
        assert_eq!(last.details["origin"], "192.0.2.77");
    }
    let decisions = stored(&*journal, id).decisions;
    assert!(decisions.contains(Code::HoldOperator));
}

pub(crate) fn an_action_shows_in_the_change_count(open: Open<'_>) {
    let journal = open();
    let id = store(&*journal, message(&*journal));
    let before = journal.change_count().unwrap();
    record(&*journal, vec![attempt(id, 0, 1, AttemptResult::Deferred { next_attempt: at(9) })])
        .unwrap();
    assert_eq!(journal.change_count().unwrap(), before);
    act(&*journal, id, Action::Hold);
    assert!(journal.change_count().unwrap() > before);
}

pub(crate) fn a_released_message_is_due_at_once(open: Open<'_>) {
    let journal = open();
    let id = in_state(&*journal, State::Held);
    act(&*journal, id, Action::Release { recipients: None });
    assert_eq!(due(&*journal, 499), []);
    assert_eq!(due_ids(&*journal, 500), [id]);
}

pub(crate) fn flushing_makes_a_deferred_message_due(open: Open<'_>) {
    let journal = open();
    let id = store(&*journal, message(&*journal));
    let later = AttemptResult::Deferred { next_attempt: at(100_000) };
    record(&*journal, vec![attempt(id, 0, 1, later)]).unwrap();
    assert_eq!(due(&*journal, 500), []);
    act(&*journal, id, Action::Flush);
    assert_eq!(due_ids(&*journal, 500), [id]);
}

pub(crate) fn a_delivery_in_progress_outruns_a_deletion(open: Open<'_>) {
    let journal = open();
    let id = in_state(&*journal, State::Deleted);
    record(&*journal, vec![attempt(id, 0, 600, AttemptResult::Delivered)]).unwrap();
    assert_eq!(state(&*journal, id), State::Delivered);
}

pub(crate) fn overlong_reasons_are_refused(open: Open<'_>) {
    let journal = open();
    let id = store(&*journal, message(&*journal));
    let long = "x".repeat(MAX_ACTOR_OCTETS + 1);
    for actor in [Actor { name: long.clone(), ..actor() }, Actor { reason: long, ..actor() }] {
        let refused = journal.act(&[id], Action::Hold, &actor, at(1));
        assert!(matches!(refused, Err(JournalError::OverBound { .. })));
    }
    let too_many = vec![id; MAX_ACTION_IDS + 1];
    let refused = journal.act(&too_many, Action::Hold, &actor(), at(1));
    assert!(matches!(refused, Err(JournalError::OverBound { .. })));
    assert_eq!(state(&*journal, id), State::Queued);
}
