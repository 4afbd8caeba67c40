//! Requests and decisions: two people, and a result for each message.

use sekimori_journal::{NewRequest, RequestState, State, Verdict, Wanted, Way};

use super::*;

fn asked(queue_id: QueueId, wanted: Wanted) -> NewRequest {
    NewRequest {
        queue_id,
        wanted,
        recipients: Vec::new(),
        way: Way::Download,
        reason: "業務で必要".to_owned(),
    }
}

fn approval() -> Verdict {
    Verdict::Approve { recipients: None, sections: None, usable_until: clock().plus_days(1_000) }
}

fn people(town: &Town) -> (Person, Person) {
    let clerk = town.person("tanaka", MINE, &[Role::Requester]);
    let approver = town.person("sato", MINE, &[Role::Approver]);
    (clerk, approver)
}

#[test]
fn nobody_approves_his_own_request() {
    let town = Town::new();
    let (_, approver) = people(&town);
    let id = town.message(MINE, &["tanaka@town.yamakita.example.jp"]);
    let request = town.desk.request(&approver, &asked(id, Wanted::Original)).unwrap();
    let refusal = town.desk.decide(&approver, request, &approval(), "自分で").unwrap_err();
    assert_eq!(refusal, Refusal::NotPermitted(Why::OwnRequest));
    assert_eq!((refusal.exit() as u8, refusal.status(), refusal.code()), (77, 403, "own-request"));
    let original = town.desk.download_original(&approver, Source::Message(id));
    assert_eq!(original.err(), Some(Refusal::NotPermitted(Why::NotApproved)));
}

#[test]
fn an_original_is_downloaded_by_who_asked_after_another_approved_for_some_days() {
    let town = Town::new();
    let (clerk, approver) = people(&town);
    let id = town.message(MINE, &["tanaka@town.yamakita.example.jp"]);
    let request = town.desk.request(&clerk, &asked(id, Wanted::Original)).unwrap();
    let by_request = Source::Request(request);
    assert!(town.desk.download_original(&clerk, by_request).is_err());
    town.desk.decide(&approver, request, &approval(), "").unwrap();
    let original = town.desk.download_original(&clerk, by_request).unwrap();
    assert_eq!(original.bytes, MAIL.as_bytes());
    assert_eq!(original.media_type, "message/rfc822");
    let reference = town.desk.message_of(&clerk, request).unwrap().reference;
    assert_eq!(original.name, format!("{reference}.eml"));
    let part = town.desk.download_part(&clerk, Source::Message(id), "2").unwrap();
    assert_eq!((part.name.as_str(), part.media_type), ("a.xlsm", "application/octet-stream"));
    assert_eq!(part.bytes, b"PK\x03\x04genhon"[..]);
    // The approver approved it; it is not his.
    assert!(town.desk.download_original(&approver, by_request).is_err());
    assert!(town.kinds(&approver, id).contains(&AuditKind::Downloaded));
    // What was approved for a thousand days is brought within the seven that are configured.
    wait(7 * 86_400);
    let late = town.desk.download_original(&clerk, by_request);
    assert_eq!(late.err(), Some(Refusal::NotPermitted(Why::NotApproved)));
    // Nothing of it became due toward the next hop.
    assert_eq!(town.desk.item(&approver, id).unwrap().message.state, State::Held);
}

#[test]
fn an_approved_part_is_that_part_and_no_other() {
    let town = Town::new();
    let (clerk, approver) = people(&town);
    let id = town.message(MINE, &["tanaka@town.yamakita.example.jp"]);
    let unknown = town.desk.request(&clerk, &asked(id, Wanted::Parts(vec!["9".to_owned()])));
    assert_eq!(unknown, Err(Refusal::invalid("sections", Fault::Unknown)));
    let parts = Wanted::Parts(vec!["2".to_owned()]);
    let request = town.desk.request(&clerk, &asked(id, parts)).unwrap();
    town.desk.decide(&approver, request, &approval(), "").unwrap();
    assert!(town.desk.download_part(&clerk, Source::Request(request), "2").is_ok());
    assert!(town.desk.download_original(&clerk, Source::Request(request)).is_err());
    assert!(town.desk.download_part(&clerk, Source::Request(request), "1").is_err());
}

#[test]
fn a_text_that_another_asked_for_is_queued_and_not_yet_delivered() {
    let town = Town::new();
    let (clerk, approver) = people(&town);
    let id = town.message(MINE, &["tanaka@town.yamakita.example.jp"]);
    let request = town.desk.request(&clerk, &asked(id, Wanted::Text)).unwrap();
    assert!(matches!(
        town.desk.request(&clerk, &asked(id, Wanted::Text)),
        Err(Refusal::Conflict(Clash::AlreadyRequested))
    ));
    let item = town.desk.item(&approver, id).unwrap();
    assert_eq!(item.decidable, [request]);
    assert!(item.can(Possible::Release));
    let done = town.desk.release(&approver, &[id], None, "確認済み");
    assert_eq!(done, [(id, Ok(()))]);
    let item = town.desk.item(&approver, id).unwrap();
    assert_eq!(item.message.state, State::Queued);
    assert_eq!(item.requests[0].state, RequestState::Approved);
}

#[test]
fn a_request_that_was_returned_is_filed_again_and_one_taken_back_is_over() {
    let town = Town::new();
    let (clerk, approver) = people(&town);
    let id = town.message(MINE, &["tanaka@town.yamakita.example.jp"]);
    let request = town.desk.request(&clerk, &asked(id, Wanted::Original)).unwrap();
    let silent = town.desk.decide(&approver, request, &Verdict::Return, " ");
    assert_eq!(silent, Err(Refusal::invalid("reason", Fault::Missing)));
    town.desk.decide(&approver, request, &Verdict::Return, "用途を詳しく").unwrap();
    town.desk.amend(&clerk, request, "契約書の確認のため").unwrap();
    assert!(town.desk.withdraw(&approver, request).is_err());
    town.desk.withdraw(&clerk, request).unwrap();
    let over = town.desk.decide(&approver, request, &approval(), "");
    assert_eq!(over, Err(Refusal::WrongState(Stands::Request(RequestState::Withdrawn))));
}

#[test]
fn of_many_one_that_fails_keeps_none_of_the_others() {
    let town = Town::new();
    let (_, approver) = people(&town);
    let foreign = town.message(THEIRS, &["soumu@town.kaisei.example.jp"]);
    let mut ids: Vec<QueueId> =
        (0..5).map(|_| town.message(MINE, &["tanaka@town.yamakita.example.jp"])).collect();
    ids.insert(2, foreign);
    let done = town.desk.release(&approver, &ids, None, "確認済み");
    let order: Vec<QueueId> = done.iter().map(|(id, _)| *id).collect();
    assert_eq!(order, ids);
    let failed: Vec<_> = done.into_iter().filter(|(_, result)| result.is_err()).collect();
    assert_eq!(failed, [(foreign, Err(Refusal::NotFound))]);
    let too_many = vec![ids[0]; MAX_BULK + 1];
    let refused = town.desk.delete(&approver, &too_many, "多すぎる");
    assert!(refused.iter().all(|(_, result)| *result == Err(Refusal::TooMany)));
}

#[test]
fn a_delete_can_be_undone_for_seven_days_and_not_after() {
    let town = Town::new();
    let (_, approver) = people(&town);
    let ids = [(); 2].map(|()| town.message(MINE, &["tanaka@town.yamakita.example.jp"]));
    for (_, result) in town.desk.delete(&approver, &ids, "迷惑メール") {
        result.unwrap();
    }
    wait(7 * 86_400 - 1);
    assert_eq!(town.desk.restore(&approver, &ids[..1], "誤り"), [(ids[0], Ok(()))]);
    assert_eq!(town.desk.item(&approver, ids[0]).unwrap().message.state, State::Held);
    wait(1);
    let late = town.desk.restore(&approver, &ids[1..], "誤り");
    assert_eq!(late, [(ids[1], Err(Refusal::WrongState(Stands::UndoOver)))]);
}

#[test]
fn a_rejected_message_takes_its_open_requests_along() {
    let town = Town::new();
    let (clerk, approver) = people(&town);
    let id = town.message(MINE, &["tanaka@town.yamakita.example.jp"]);
    town.desk.request(&clerk, &asked(id, Wanted::Text)).unwrap();
    assert_eq!(town.desk.reject(&approver, &[id], "不審"), [(id, Ok(()))]);
    let item = town.desk.item(&approver, id).unwrap();
    assert_eq!(item.message.state, State::Deleted);
    assert_eq!(item.requests[0].state, RequestState::Rejected);
    let again = town.desk.reject(&approver, &[id], "不審");
    assert_eq!(again[0].1, Err(Refusal::WrongState(Stands::Message(State::Deleted))));
}

#[test]
fn a_message_is_kept_for_longer_within_a_bound() {
    let town = Town::new();
    let (_, approver) = people(&town);
    let id = town.message(MINE, &["tanaka@town.yamakita.example.jp"]);
    assert_eq!(town.desk.extend(&approver, &[id], 90, "調査中"), [(id, Ok(()))]);
    let until = town.desk.item(&approver, id).unwrap().message.keep_until;
    assert_eq!(until.unix_millis(), clock().plus_days(90).unix_millis());
    let beyond = town.desk.extend(&approver, &[id], MAX_EXTEND_DAYS + 1, "調査中");
    assert_eq!(beyond, [(id, Err(Refusal::invalid("days", Fault::OutOfRange)))]);
}
