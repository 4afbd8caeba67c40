//! Rules and exceptions of an organisation in the running gateway.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking and says what it saw")]

mod support;

use sekimori_journal::{
    AuditFilter, AuditKind, AuditScope, ExceptionId, ExceptionState, Journal as _, NewException,
    Role, State, StoredMessage,
};
use sekimori_policy::{Code, Timestamp};
use sekimori_review::desk::Person;
use serde_json::json;

use support::client::{Client, Reply};
use support::next_hop::{Manners, NextHop};
use support::village::{DOMAIN, OTHER, OTHER_DOMAIN, VILLAGE, Village, now, plan};
use support::wait_for;

/// A plain mail of an author.
fn mail(author: &str) -> Vec<u8> {
    format!("From: {author}\r\nSubject: kaigi\r\n\r\nhonbun\r\n").into_bytes()
}

/// Two villages, the first with these rules and in this mode, the other delivering everything.
fn villages(next_hop: &NextHop, mode: &str, rules: &str) -> Village {
    Village::with(plan(next_hop.address()).organisations(&format!(
        "[[organisation]]\nname = \"{VILLAGE}\"\ndomains = [\"{DOMAIN}\"]\nmode = \"{mode}\"\n\
         authentication_hosts = [\"mx.example.lg.jp\"]\n{rules}\n\
         [[organisation]]\nname = \"{OTHER}\"\ndomains = [\"{OTHER_DOMAIN}\"]\n"
    )))
}

fn rule(name: &str, action: &str, more: &str) -> String {
    format!("[[organisation.rule]]\nname = \"{name}\"\naction = \"{action}\"\n{more}\n")
}

fn receive(village: &Village, author: &str) -> StoredMessage {
    village.receive(&format!("soumu@{DOMAIN}"), &mail(author))
}

fn detail(message: &StoredMessage, code: Code) -> Option<String> {
    message.decisions.iter().find(|decision| decision.code == code)?.detail.clone()
}

#[test]
fn a_rule_holds_what_would_have_crossed_and_its_recipient_is_told() {
    let next_hop = NextHop::start(Manners::default());
    let rules = rule("遠方", "hold", "from = [\"*.far.example\"]");
    let village = villages(&next_hop, "deliver", &rules);
    let held = receive(&village, "a@mail.far.example");
    assert_eq!(held.state, State::Held);
    assert_eq!(detail(&held, Code::HoldRule).as_deref(), Some("遠方"));
    let told = next_hop.wait_for_taken(1).remove(0);
    assert_eq!(told.sender, "", "a notice, not the mail");
    assert!(told.text().contains("hold-rule"), "{}", told.text());
    let other = receive(&village, "a@near.example");
    village.wait_for_state(other.queue_id, State::Delivered);
}

#[test]
fn a_rule_delivers_what_would_have_been_reviewed() {
    let next_hop = NextHop::start(Manners::default());
    let more = "from = [\"pref.example.jp\"]\nauthentication = { dmarc = [\"pass\"] }";
    let village = villages(&next_hop, "review", &rule("県", "deliver", more));
    let with = |host: &str| {
        let field = format!("Authentication-Results: {host}; dmarc=pass\r\n");
        let mail = [field.into_bytes(), mail("a@pref.example.jp")].concat();
        village.receive(&format!("soumu@{DOMAIN}"), &mail)
    };
    let crossing = with("mx.example.lg.jp");
    assert_eq!(detail(&crossing, Code::RuleMatched).as_deref(), Some("県"));
    village.wait_for_state(crossing.queue_id, State::Delivered);
    assert!(next_hop.wait_for_taken(1)[0].text().contains("honbun"));
    assert_eq!(with("mx.far.example").state, State::Held, "whoever says so is not believed");
}

#[test]
fn a_shadow_rule_only_goes_on_record_and_a_tag_before_the_subject() {
    let next_hop = NextHop::start(Manners::default());
    let rules = [
        rule("試行", "hold", "shadow = true"),
        rule("印", "tag", "tag = \"[ext]\""),
        rule("知らせ", "notify", ""),
    ];
    let village = villages(&next_hop, "deliver", &rules.concat());
    let message = receive(&village, "a@example.jp");
    village.wait_for_state(message.queue_id, State::Delivered);
    assert_eq!(detail(&message, Code::RuleShadow).as_deref(), Some("試行"));
    let taken = next_hop.wait_for_taken(1).remove(0);
    assert!(taken.text().contains("Subject: [ext] kaigi\r\n"), "{}", taken.text());
    let said = village.gateway.logged("a rule asks that people be told");
    assert_eq!(said[0]["rules"], "知らせ", "{said:?}");
}

/// Hands one mail in for several recipients.
fn hand_over(village: &Village, recipients: &[&str]) -> Reply {
    let mut client = Client::greeted(village.gateway.mail());
    assert_eq!(client.command("MAIL FROM:<sender@example.jp>").code, 250);
    for recipient in recipients {
        assert_eq!(client.command(&format!("RCPT TO:<{recipient}>")).code, 250);
    }
    assert_eq!(client.command("DATA").code, 354);
    client.send(&mail("a@example.jp")).unwrap();
    client.command("\r\n.")
}

#[test]
fn a_rule_of_one_organisation_refuses_nothing_for_another() {
    let next_hop = NextHop::start(Manners::default());
    let village = villages(&next_hop, "deliver", &rule("拒否", "reject", ""));
    let (mine, theirs) = (format!("soumu@{DOMAIN}"), format!("soumu@{OTHER_DOMAIN}"));
    let reply = hand_over(&village, &[&mine]);
    assert_eq!((reply.code, reply.text.contains("5.7.1")), (554, true), "{reply:?}");
    let filter = AuditFilter {
        kinds: vec![AuditKind::Refused],
        scope: AuditScope::Organisation(VILLAGE.to_owned()),
        ..AuditFilter::default()
    };
    let refused = wait_for("the refusal is on record", || {
        village.journal.audit(&filter, 0, 10).unwrap().pop()
    });
    assert_eq!(refused.record.details["rule"], "拒否");
    let reply = hand_over(&village, &[&mine, &theirs]);
    assert_eq!(reply.code, 250, "{reply:?}");
    let ids: Vec<_> = reply.text.split(' ').filter_map(|id| id.parse().ok()).collect();
    assert_eq!(village.message(ids[0]).state, State::Held);
    village.wait_for_state(ids[1], State::Delivered);
}

/// Files an exception for mail of an author's domain and has another person approve it.
fn except(village: &Village, people: &[Person; 2], ends_at: Timestamp) -> ExceptionId {
    let new = NewException {
        organisation: VILLAGE.to_owned(),
        conditions: json!({"from": ["pref.example.jp"], "recipient": []}),
        reason: "県の緊急調査".to_owned(),
        begins_at: now(),
        ends_at,
    };
    let id = village.desk.add_exception(&people[0], &new).unwrap();
    let own = village.desk.decide_exception(&people[0], id, ExceptionState::Approved, "");
    assert!(own.is_err(), "nobody approves his own");
    assert_eq!(receive(village, "a@pref.example.jp").state, State::Held, "not approved yet");
    village.desk.decide_exception(&people[1], id, ExceptionState::Approved, "").unwrap();
    id
}

/// Hands mail in until one crosses by an exception.
fn wait_until_excepted(village: &Village, id: ExceptionId) {
    let crossing = wait_for("the exception is in force", || {
        let message = receive(village, "a@pref.example.jp");
        Some(message).filter(|message| message.state != State::Held)
    });
    assert_eq!(detail(&crossing, Code::ExceptionApplied), Some(id.0.to_string()));
    village.wait_for_state(crossing.queue_id, State::Delivered);
}

fn approvers(village: &Village) -> [Person; 2] {
    ["sato", "ito"].map(|login| village.inhabitant(login, VILLAGE, &[Role::Approver]))
}

#[test]
fn an_exception_lets_mail_through_until_it_lapses() {
    let next_hop = NextHop::start(Manners::default());
    let village = villages(&next_hop, "review", "");
    let people = approvers(&village);
    let ends_at = Timestamp::japanese_time(now().unix_millis() + 10_000);
    let id = except(&village, &people, ends_at);
    wait_until_excepted(&village, id);
    assert_eq!(receive(&village, "a@far.example").state, State::Held, "for no other");
    wait_for("its time is over", || (now().unix_millis() >= ends_at.unix_millis()).then_some(()));
    let late = receive(&village, "a@pref.example.jp");
    assert_eq!(late.state, State::Held);
    assert!(late.decisions.contains(Code::HoldReview));
    wait_for("it has lapsed by itself", || {
        let all = village.desk.exceptions(&people[0]).unwrap();
        (all[0].state == ExceptionState::Lapsed).then_some(())
    });
}

#[test]
fn an_exception_is_in_force_from_the_start_until_a_person_ends_it() {
    let next_hop = NextHop::start(Manners::default());
    let mut village = villages(&next_hop, "review", "");
    let people = approvers(&village);
    let id = except(&village, &people, now().plus_days(1));
    wait_until_excepted(&village, id);
    assert!(village.gateway.stop().success());
    village.gateway.restart();
    let first = receive(&village, "a@pref.example.jp");
    assert_ne!(first.state, State::Held, "the first mail after a start");
    village.desk.decide_exception(&people[1], id, ExceptionState::Ended, "調査の終了").unwrap();
    wait_for("it has ended", || {
        (receive(&village, "a@pref.example.jp").state == State::Held).then_some(())
    });
}
