//! What recipients and reviewers are told of held mail.

mod support;

use sekimori_profile::verify;
use support::client::Client;
use support::gateway::Plan;
use support::next_hop::{Manners, NextHop};
use support::village::now;

const INQUIRY: &[u8] = include_bytes!("../../../fixtures/mail/person/resident-road-inquiry.eml");

fn organisation(more: &str) -> String {
    format!(
        "[[organisation]]\nname = \"川南村\"\ndomains = [\"village.example.lg.jp\"]\nmode = \"review\"\n{more}"
    )
}

#[test]
fn recipients_are_told_of_held_mail_once_and_nothing_answers_a_notice() {
    let next_hop = NextHop::start(Manners::default());
    let gateway =
        Plan::new(next_hop.address()).organisations(&organisation("hold_notice = true\n")).start();
    let mut client = Client::greeted(gateway.mail());
    // A notice that comes back from somewhere makes no other.
    client.hand_over("", "soumu@village.example.lg.jp", INQUIRY);
    let reply = client.hand_over("a@example.jp", "soumu@village.example.lg.jp", INQUIRY);
    assert_eq!(reply.code, 250, "{reply:?}");
    let taken = next_hop.wait_for_taken(1);
    let notice = verify::verify(&taken[0].data, 1024 * 1024).unwrap();
    assert_eq!(taken[0].sender, "");
    assert_eq!(taken[0].recipients, ["soumu@village.example.lg.jp"]);
    assert!(notice.subject.unwrap().starts_with("【保留】"));
    assert!(notice.text.contains(&format!("受付番号：{}", notice.reference)), "{}", notice.text);
    assert!(taken[0].text().contains("\r\nAuto-Submitted: auto-generated\r\n"));
    assert_eq!(gateway.metric("sekimori_messages{state=\"held\"}"), Some(2));
    assert_eq!(next_hop.handed().len(), 1);
}

#[test]
fn reviewers_get_a_digest_of_what_waits_once_an_hour_and_none_of_nothing() {
    let next_hop = NextHop::start(Manners::default());
    let mut gateway = Plan::new(next_hop.address()).organisations(&organisation("")).start();
    let mut client = Client::greeted(gateway.mail());
    let reply = client.hand_over("a@example.jp", "soumu@village.example.lg.jp", INQUIRY);
    assert_eq!(reply.code, 250, "{reply:?}");
    assert!(gateway.stop().success());
    let hour = now().rfc3339()[11..13].parse::<u8>().unwrap();
    let digests = |reviewed: &str, other: &str| {
        format!(
            "{}[[organisation]]\nname = \"川北村\"\ndomains = [\"north.example.lg.jp\"]\n\
             mode = \"review\"\n{other}",
            organisation(reviewed)
        )
    };
    // At the hour that is, or that comes while the test runs.
    let hours = format!("digest_hours = [{hour}, {}]\n", (hour + 1) % 24);
    gateway.change_organisations(&digests(
        &format!("reviewers = [\"joho@village.example.lg.jp\"]\n{hours}"),
        &format!("reviewers = [\"joho@north.example.lg.jp\"]\n{hours}"),
    ));
    gateway.change("review.url", "\"https://review.example.lg.jp/\"");
    gateway.restart();
    let taken = next_hop.wait_for_taken(1);
    assert_eq!(taken[0].recipients, ["joho@village.example.lg.jp"]);
    let digest = verify::verify(&taken[0].data, 1024 * 1024).unwrap();
    assert_eq!(digest.subject.as_deref(), Some("【隔離】確認を待つメール（1件）"));
    for shown in ["町道の側溝", "https://review.example.lg.jp/messages?state=held"] {
        assert!(digest.text.contains(shown), "{shown}: {}", digest.text);
    }
    // Neither a restart nor the other village, for which nothing waits, sends another.
    assert!(gateway.stop().success());
    gateway.restart();
    let reply = Client::greeted(gateway.mail()).hand_over(
        "a@example.jp",
        "soumu@north.example.lg.jp",
        INQUIRY,
    );
    assert_eq!(reply.code, 250, "{reply:?}");
    assert!(gateway.stop().success());
    let same_hour = now().rfc3339()[11..13].parse::<u8>().unwrap() == hour;
    assert!(next_hop.taken().len() == 1 || !same_hour, "{:?}", next_hop.taken());
}

#[test]
fn reviewers_are_told_where_a_rule_asks_for_it() {
    let next_hop = NextHop::start(Manners::default());
    let more = "reviewers = [\"joho@village.example.lg.jp\"]\n\
        [[organisation.rule]]\nname = \"住民から\"\nsender = [\"resident.example.jp\"]\naction = \"notify\"\n";
    let gateway = Plan::new(next_hop.address()).organisations(&organisation(more)).start();
    let mut client = Client::greeted(gateway.mail());
    for sender in ["a@example.jp", "b@resident.example.jp"] {
        let reply = client.hand_over(sender, "soumu@village.example.lg.jp", INQUIRY);
        assert_eq!(reply.code, 250, "{reply:?}");
    }
    let taken = next_hop.wait_for_taken(1);
    assert_eq!(taken[0].recipients, ["joho@village.example.lg.jp"]);
    let told = verify::verify(&taken[0].data, 1024 * 1024).unwrap();
    assert!(told.text.contains("住民から") && told.text.contains("町道の側溝"), "{}", told.text);
    assert_eq!(next_hop.handed().len(), 1);
}
