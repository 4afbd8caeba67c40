//! Requests, exceptions and hand-overs.

use sekimori_journal::register::{
    Decided, ExceptionState, HandOverResult, HandOverState, NewException, NewRequest,
    RequestFilter, RequestState, Role, Verdict, Wanted, Way,
};
use sekimori_journal::{
    Action, Actor, AttemptResult, AuditFilter, AuditKind, DueCursor, EmbeddedJournal, Journal,
    JournalError, Register, Retention, State,
};
use sekimori_policy::{Outcome, QueueId};
use serde_json::json;

use super::{account, open, operator};
use crate::fixtures::{address, at, attempt, message, record, store};

const TO: &str = "soumu@town.example.lg.jp";
const OTHER: &str = "kikaku@town.example.lg.jp";

fn held(journal: &EmbeddedJournal) -> QueueId {
    let mut message = message(journal);
    message.outcome = Outcome::Hold;
    message.envelope.recipients = vec![address(TO), address(OTHER)];
    store(journal, message)
}

fn request(queue_id: QueueId, wanted: Wanted) -> NewRequest {
    let recipients = match wanted {
        Wanted::Text => vec![address(TO)],
        _ => Vec::new(),
    };
    let reason = "会議の資料のため".to_owned();
    NewRequest { queue_id, wanted, recipients, way: Way::Download, reason }
}

fn approve(until: i64) -> Verdict {
    Verdict::Approve { recipients: None, sections: None, usable_until: at(until) }
}

fn people(journal: &EmbeddedJournal) -> (Actor, Actor) {
    (account(journal, "yamada", Role::Requester), account(journal, "suzuki", Role::Approver))
}

#[test]
fn an_approved_text_is_due_for_those_it_was_requested_for_alone() {
    let (_folder, journal) = open();
    let (yamada, suzuki) = people(&journal);
    let id = held(&journal);
    let filed = journal.add_request(&request(id, Wanted::Text), &yamada, at(1)).unwrap();
    assert_eq!(journal.decide(filed, &approve(100), &suzuki, at(2)), Ok(Decided::Done));
    let due = journal.due(at(2), DueCursor::default(), 10).unwrap();
    let recipients: Vec<_> = due[0].recipients.iter().map(|r| r.address.as_str()).collect();
    assert_eq!(recipients, [TO]);
    record(&journal, vec![attempt(id, 0, 3, AttemptResult::Delivered)]).unwrap();
    let after = journal.message(id.into()).unwrap().unwrap();
    assert_eq!(after.state, State::Held, "the other recipient still waits");
    let kept = journal.request(filed).unwrap().unwrap();
    assert_eq!(kept.state, RequestState::Approved);
    assert_eq!(kept.decided_by, suzuki.account);
    let filter = AuditFilter {
        kinds: vec![AuditKind::Requested, AuditKind::Approved, AuditKind::Released],
        ..AuditFilter::default()
    };
    let kinds: Vec<_> =
        journal.audit(&filter, 0, 10).unwrap().into_iter().map(|a| a.record.kind).collect();
    assert_eq!(kinds, [AuditKind::Requested, AuditKind::Approved, AuditKind::Released]);
}

#[test]
fn nobody_decides_his_own_request_and_nobody_without_an_account_decides() {
    let (_folder, journal) = open();
    let suzuki = account(&journal, "suzuki", Role::Approver);
    let id = held(&journal);
    for wanted in [Wanted::Text, Wanted::Original] {
        let filed = journal.add_request(&request(id, wanted), &suzuki, at(1)).unwrap();
        for verdict in [approve(100), Verdict::Reject, Verdict::Return] {
            let decided = journal.decide(filed, &verdict, &suzuki, at(2));
            assert_eq!(decided, Ok(Decided::OwnRequest));
            let decided = journal.decide(filed, &verdict, &operator(), at(2));
            assert_eq!(decided, Err(JournalError::NoAccount));
        }
        assert_eq!(journal.request(filed).unwrap().unwrap().state, RequestState::Open);
    }
    assert_eq!(journal.message(id.into()).unwrap().unwrap().state, State::Held);
}

#[test]
fn a_request_goes_back_and_forth_and_is_decided_once() {
    let (_folder, journal) = open();
    let (yamada, suzuki) = people(&journal);
    let id = held(&journal);
    let filed = journal.add_request(&request(id, Wanted::Original), &yamada, at(1)).unwrap();
    let twice = journal.add_request(&request(id, Wanted::Original), &yamada, at(1));
    assert_eq!(twice, Err(JournalError::AlreadyRequested(filed)));
    assert_eq!(journal.decide(filed, &Verdict::Return, &suzuki, at(2)), Ok(Decided::Done));
    let amended = journal.amend(filed, Some("見積のため"), &suzuki, at(3));
    assert_eq!(amended, Ok(Decided::NotOwnRequest));
    assert_eq!(journal.amend(filed, Some("見積のため"), &yamada, at(3)), Ok(Decided::Done));
    assert_eq!(journal.request(filed).unwrap().unwrap().reason, "見積のため");
    assert_eq!(journal.decide(filed, &Verdict::Reject, &suzuki, at(4)), Ok(Decided::Done));
    let again = journal.decide(filed, &approve(9), &suzuki, at(5));
    assert_eq!(again, Ok(Decided::WrongState(RequestState::Rejected)));
    assert_eq!(
        journal.amend(filed, None, &yamada, at(6)),
        Ok(Decided::WrongState(RequestState::Rejected))
    );
}

#[test]
fn an_approved_original_is_downloaded_in_time_by_its_requester_alone() {
    let (_folder, journal) = open();
    let (yamada, suzuki) = people(&journal);
    let id = held(&journal);
    let wanted = Wanted::Parts(vec!["2".to_owned()]);
    let filed = journal.add_request(&request(id, wanted.clone()), &yamada, at(1)).unwrap();
    let load = |what: &Wanted, actor: &Actor, seconds| {
        journal.note_download(filed, what, actor, at(seconds)).unwrap()
    };
    assert!(!load(&wanted, &yamada, 2), "not approved");
    assert_eq!(journal.decide(filed, &approve(100), &suzuki, at(2)), Ok(Decided::Done));
    assert!(load(&wanted, &yamada, 3));
    assert!(!load(&wanted, &suzuki, 3), "another's");
    assert!(!load(&Wanted::Original, &yamada, 3), "more than was approved");
    assert!(!load(&wanted, &yamada, 100), "too late");
    assert_eq!(journal.request(filed).unwrap().unwrap().downloads, 1);
    assert_eq!(journal.message(id.into()).unwrap().unwrap().state, State::Held);
    assert!(journal.due(at(1_000), DueCursor::default(), 10).unwrap().is_empty());
}

#[test]
fn a_hand_over_by_mail_waits_for_the_internet_side_and_delivers_nothing() {
    let (_folder, journal) = open();
    let (yamada, suzuki) = people(&journal);
    let id = held(&journal);
    let mailbox = address("yamada@inet.town.example.jp");
    let new = NewRequest {
        recipients: vec![mailbox.clone()],
        way: Way::Mail,
        ..request(id, Wanted::Original)
    };
    let filed = journal.add_request(&new, &yamada, at(1)).unwrap();
    assert_eq!(journal.decide(filed, &approve(100), &suzuki, at(2)), Ok(Decided::Done));
    let due = journal.due_hand_overs(at(2), 10).unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!((&due[0].recipient, &due[0].wanted), (&mailbox, &Wanted::Original));
    let later = HandOverResult::Deferred { reply: "451".to_owned(), next_attempt: at(50) };
    journal.record_hand_over(due[0].id, &later, at(3)).unwrap();
    assert!(journal.due_hand_overs(at(49), 10).unwrap().is_empty());
    let done = HandOverResult::Done { reply: "250 ok".to_owned() };
    journal.record_hand_over(due[0].id, &done, at(51)).unwrap();
    let all = journal.hand_overs(filed).unwrap();
    assert_eq!((all[0].state, all[0].attempts), (HandOverState::Done, 2));
    assert!(journal.record_hand_over(due[0].id, &done, at(52)).is_err());
    assert!(journal.due(at(1_000), DueCursor::default(), 10).unwrap().is_empty());
}

#[test]
fn what_a_message_has_no_use_for_is_not_requested() {
    let (_folder, journal) = open();
    let yamada = account(&journal, "yamada", Role::Requester);
    let queued = store(&journal, message(&journal));
    let file = |new: &NewRequest| journal.add_request(new, &yamada, at(1));
    let text = request(queued, Wanted::Text);
    assert_eq!(file(&text), Err(JournalError::WrongState(State::Queued)));
    let id = held(&journal);
    let foreign =
        NewRequest { recipients: vec![address("x@example.jp")], ..request(id, Wanted::Text) };
    assert!(matches!(file(&foreign), Err(JournalError::NotARecipient(_))));
    let part = request(id, Wanted::Parts(vec!["9".to_owned()]));
    assert_eq!(file(&part), Err(JournalError::NoSuchPart("9".to_owned())));
    let unknown = request(QueueId(u64::MAX >> 1), Wanted::Original);
    assert!(matches!(file(&unknown), Err(JournalError::UnknownMessage(_))));
}

#[test]
fn an_approval_grants_no_more_than_was_asked_for() {
    let (_folder, journal) = open();
    let (yamada, suzuki) = people(&journal);
    let id = held(&journal);
    let filed = journal.add_request(&request(id, Wanted::Text), &yamada, at(1)).unwrap();
    let verdict = Verdict::Approve {
        recipients: Some(vec![address(OTHER)]),
        sections: None,
        usable_until: at(9),
    };
    let decided = journal.decide(filed, &verdict, &suzuki, at(2));
    assert!(matches!(decided, Err(JournalError::NotARecipient(_))), "{decided:?}");
    assert_eq!(journal.request(filed).unwrap().unwrap().state, RequestState::Open);
}

#[test]
fn the_requests_of_a_message_that_retention_removes_lapse() {
    let (_folder, journal) = open();
    let yamada = account(&journal, "yamada", Role::Requester);
    let id = store(&journal, message(&journal));
    record(&journal, vec![attempt(id, 0, 1, AttemptResult::Delivered)]).unwrap();
    let filed = journal.add_request(&request(id, Wanted::Original), &yamada, at(1)).unwrap();
    journal.expire(at(10 * 86_400), &Retention::default()).unwrap();
    let kept = journal.request(filed).unwrap().unwrap();
    assert_eq!((kept.state, kept.subject.as_str()), (RequestState::Lapsed, "会議の件"));
    let filter = RequestFilter {
        organisations: vec!["山北町".to_owned()],
        states: vec![RequestState::Lapsed],
        ..RequestFilter::default()
    };
    assert_eq!(journal.requests(&filter, None, 10).unwrap(), [kept]);
}

#[test]
fn an_exception_is_decided_by_another_and_lapses_by_itself() {
    let (_folder, journal) = open();
    let (yamada, suzuki) = people(&journal);
    let new = NewException {
        organisation: "山北町".to_owned(),
        conditions: json!([{"sender_domain": ["pref.example.jp"]}]),
        reason: "県からの通知".to_owned(),
        begins_at: at(0),
        ends_at: at(100),
    };
    let id = journal.add_exception(&new, &yamada, at(1)).unwrap();
    let decide =
        |to, actor: &Actor, seconds| journal.decide_exception(id, to, actor, at(seconds)).unwrap();
    assert_eq!(decide(ExceptionState::Approved, &yamada, 2), Decided::OwnRequest);
    let changes = journal.change_count().unwrap();
    assert!(journal.approved_exceptions(at(2)).unwrap().is_empty());
    assert_eq!(decide(ExceptionState::Approved, &suzuki, 2), Decided::Done);
    assert_eq!(journal.approved_exceptions(at(99)).unwrap()[0].id, id);
    assert!(journal.approved_exceptions(at(100)).unwrap().is_empty(), "over, lapsed or not");
    assert!(journal.change_count().unwrap() > changes);
    assert_eq!(journal.tidy(at(100)).unwrap(), 1);
    let kept = journal.exceptions(Some(&["山北町".to_owned()])).unwrap();
    assert_eq!(kept[0].state, ExceptionState::Lapsed);
    assert_eq!(kept[0].decided_by, suzuki.account);
    assert!(journal.exceptions(Some(&["川南村".to_owned()])).unwrap().is_empty());
    let long = NewException { ends_at: at(400 * 86_400), ..new };
    assert!(journal.add_exception(&long, &yamada, at(1)).is_err());
}

#[test]
fn looks_at_content_are_on_record_once_an_hour() {
    let (_folder, journal) = open();
    let suzuki = account(&journal, "suzuki", Role::Approver);
    let id = held(&journal);
    for seconds in [0, 10, 3_599, 3_600] {
        journal.note_look(id, &suzuki, at(seconds)).unwrap();
    }
    let filter = AuditFilter { kinds: vec![AuditKind::Looked], ..AuditFilter::default() };
    assert_eq!(journal.audit(&filter, 0, 10).unwrap().len(), 2);
    journal.act(&[id], Action::Delete, &suzuki, at(9)).unwrap();
    journal.act(&[id], Action::Restore, &suzuki, at(9)).unwrap();
    assert_eq!(journal.message(id.into()).unwrap().unwrap().state, State::Held);
}
