//! Who may do what: each right, for each role, in one's own organisation and another's.

use sekimori_journal::{NewRequest, Scope, Search, Wanted, Way};

use super::*;

#[test]
fn each_role_has_its_rights_in_its_own_organisation_and_none_in_another() {
    let town = Town::new();
    let table: [(Role, &[Right]); 4] = [
        (Role::Requester, &[Right::SeeOwn, Right::ContentOwn, Right::Request]),
        (
            Role::Approver,
            &[
                Right::See,
                Right::SeeOwn,
                Right::Content,
                Right::ContentOwn,
                Right::Request,
                Right::Decide,
                Right::Report,
            ],
        ),
        (Role::Auditor, &[Right::See, Right::SeeOwn, Right::Audit, Right::Report]),
        (Role::Administrator, &[Right::Report, Right::People]),
    ];
    for (role, rights) in table {
        let person = town.person(role.as_str(), MINE, &[role]);
        for right in Right::ALL {
            let may = rights.contains(&right);
            assert_eq!(person.may(right, MINE, clock()), may, "{role:?} {right:?}");
            assert!(!person.may(right, THEIRS, clock()), "{role:?} {right:?}");
        }
    }
    let machine = Person::machine("root", clock());
    for right in Right::ALL {
        let may = matches!(right, Right::People | Right::Health);
        assert_eq!(machine.may(right, MINE, clock()), may, "{right:?}");
    }
}

/// Every operation on a message, with what came of it.
fn operations(town: &Town, person: &Person, id: QueueId) -> Vec<(&'static str, Option<Refusal>)> {
    let desk = &town.desk;
    let request = |wanted| NewRequest {
        queue_id: id,
        wanted,
        recipients: Vec::new(),
        way: Way::Download,
        reason: "業務で必要".to_owned(),
    };
    let one = |mut done: Done| done.remove(0).1.err();
    vec![
        ("item", desk.item(person, id).err()),
        ("timeline", desk.timeline(person, id).err()),
        ("text", desk.text(person, id).err()),
        ("header", desk.header(person, id).err()),
        ("request", desk.request(person, &request(Wanted::Original)).err()),
        ("original", desk.download_original(person, Source::Message(id)).err()),
        ("part", desk.download_part(person, Source::Message(id), "2").err()),
        ("extend", one(desk.extend(person, &[id], 60, "調査中"))),
        ("delete", one(desk.delete(person, &[id], "迷惑メール"))),
        ("restore", one(desk.restore(person, &[id], "誤って削除"))),
        ("release", one(desk.release(person, &[id], None, "確認済み"))),
    ]
}

#[test]
fn mail_of_another_organisation_is_not_there_at_all() {
    let town = Town::new();
    let foreign = town.message(THEIRS, &["soumu@town.kaisei.example.jp"]);
    let none = QueueId(1 << 40);
    for role in Role::ALL {
        let person = town.person(role.as_str(), MINE, &[role]);
        let refused = operations(&town, &person, foreign);
        assert!(refused.iter().all(|(_, refusal)| refusal.is_some()), "{refused:?}");
        assert_eq!(refused, operations(&town, &person, none), "{role:?}");
        if role == Role::Approver {
            let all_gone = refused.iter().all(|(_, r)| *r == Some(Refusal::NotFound));
            assert!(all_gone, "{refused:?}");
        }
    }
    let approver = town.person("sato", MINE, &[Role::Approver]);
    let found = town.desk.search(&approver, &Search::default(), None, 10).unwrap();
    assert!(found.messages.is_empty());
    let named = Search { organisations: vec![THEIRS.to_owned()], ..Search::default() };
    assert!(town.desk.search(&approver, &named, None, 10).unwrap().messages.is_empty());
    let key = foreign.to_string();
    assert_eq!(town.desk.find(&approver, &key), Err(Refusal::NotFound));
}

#[test]
fn an_auditor_sees_that_mail_is_there_and_reads_none_of_it() {
    let town = Town::new();
    let id = town.message(MINE, &["soumu@town.yamakita.example.jp"]);
    let auditor = town.person("kansa", MINE, &[Role::Auditor]);
    for (operation, refusal) in operations(&town, &auditor, id) {
        match operation {
            "item" | "timeline" => assert_eq!(refusal, None, "{operation}"),
            _ => assert!(matches!(refusal, Some(Refusal::NotPermitted(_))), "{operation}"),
        }
    }
}

#[test]
fn a_requester_sees_his_own_mail_and_is_not_told_who_else_has_it() {
    let town = Town::new();
    let clerk = town.person("tanaka", MINE, &[Role::Requester]);
    let own = town
        .message(MINE, &["Tanaka@town.yamakita.example.jp", "choucho@town.yamakita.example.jp"]);
    let other = town.message(MINE, &["choucho@town.yamakita.example.jp"]);
    let item = town.desk.item(&clerk, own).unwrap();
    assert_eq!(item.message.envelope.recipients.len(), 1);
    assert_eq!(item.message.recipients.len(), 1);
    assert!(town.desk.text(&clerk, own).unwrap().contains("honbun"));
    assert_eq!(town.desk.item(&clerk, other).err(), Some(Refusal::NotFound));
    assert_eq!(town.desk.text(&clerk, other), Err(Refusal::NotFound));
    let found = town.desk.search(&clerk, &Search::default(), None, 10).unwrap();
    let ids: Vec<QueueId> = found.messages.iter().map(|m| m.queue_id).collect();
    assert_eq!(ids, [own]);
    assert_eq!(found.messages[0].recipients.len(), 1);
    assert_eq!(found.messages[0].recipient_count, 1);
}

#[test]
fn who_reads_a_text_or_a_header_is_on_record() {
    let town = Town::new();
    let id = town.message(MINE, &["soumu@town.yamakita.example.jp"]);
    let approver = town.person("sato", MINE, &[Role::Approver]);
    let header = town.desk.header(&approver, id).unwrap();
    assert!(header.iter().any(|(name, value)| name == "From" && value.starts_with("県 ")));
    assert!(town.kinds(&approver, id).contains(&AuditKind::Looked));
}

#[test]
fn a_number_is_found_however_it_is_typed() {
    let town = Town::new();
    let id = town.message(MINE, &["soumu@town.yamakita.example.jp"]);
    let approver = town.person("sato", MINE, &[Role::Approver]);
    let reference = town.desk.item(&approver, id).unwrap().message.reference.to_string();
    for typed in
        [reference.clone(), reference.to_lowercase(), reference.replace('-', "　"), id.to_string()]
    {
        assert_eq!(town.desk.find(&approver, &typed), Ok(id), "{typed}");
    }
    let too_long = "7".repeat(MAX_KEY_CHARS + 1);
    for wrong in ["", "受付", too_long.as_str()] {
        assert!(
            matches!(town.desk.find(&approver, wrong), Err(Refusal::Invalid { .. })),
            "{wrong}"
        );
    }
}

#[test]
fn a_token_does_what_its_scopes_say_until_its_time_is_over() {
    let town = Town::new();
    let id = town.message(MINE, &["soumu@town.yamakita.example.jp"]);
    let approver = town.person("sato", MINE, &[Role::Approver]);
    let ask = |scopes: &[Scope], days| TokenRequest {
        name: "集計".to_owned(),
        scopes: scopes.to_vec(),
        expires_at: clock().plus_days(days),
    };
    assert!(town.desk.add_token(&approver, &ask(&[Scope::Read], MAX_TOKEN_DAYS + 1)).is_err());
    let made = town.desk.add_token(&approver, &ask(&[Scope::Read], 1)).unwrap();
    assert!(made.secret.starts_with("skm_") && !format!("{made:?}").contains("skm_"));
    let person = town.desk.token_person(&made.secret, Origin::CommandLine).unwrap().unwrap();
    assert!(town.desk.item(&person, id).is_ok());
    let refused = Err(Refusal::NotPermitted(Why::Right(Right::ContentOwn)));
    assert_eq!(town.desk.text(&person, id), refused);
    assert_eq!(
        town.desk.add_token(&person, &ask(&[Scope::Decide], 1)),
        Err(Refusal::NotPermitted(Why::Token))
    );
    for wrong in ["", "skm_", &made.secret.replace("skm_", "skn_"), &format!("{}A", made.secret)] {
        assert_eq!(town.desk.token_person(wrong, Origin::CommandLine).unwrap(), None, "{wrong}");
    }
    wait(86_400);
    assert_eq!(town.desk.token_person(&made.secret, Origin::CommandLine).unwrap(), None);
}
