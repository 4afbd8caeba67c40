//! What supervisors ask: whether the process lives, whether it can take mail, and its numbers.

mod support;

use support::client::Client;
use support::gateway::Plan;
use support::next_hop::{Manners, NextHop};
use support::wait_for;

const MAIL: &[u8] = b"From: <a@example.jp>\r\nSubject: secret subject\r\n\r\nThe text.";

#[test]
fn the_numbers_are_prometheus_text_and_name_nobody() {
    let next_hop = NextHop::start(Manners::default());
    let gateway = Plan::new(next_hop.address()).start();
    let mut client = Client::greeted(gateway.mail());
    assert_eq!(client.hand_over("a@example.jp", "clerk@town.example.lg.jp", MAIL).code, 250);
    assert_eq!(client.hand_over("a@example.jp", "x@foreign.example", MAIL).code, 550);
    let delivered = || {
        let delivered = gateway.metric("sekimori_messages{state=\"delivered\"}");
        delivered.filter(|&delivered| delivered == 1)
    };
    wait_for("the delivery is recorded", delivered);
    let (status, text) = gateway.get("/metrics");
    assert_eq!(status, 200);
    for line in [
        "# TYPE sekimori_messages_received counter",
        "sekimori_messages_received_total 1",
        "sekimori_refusals_total 1",
        "sekimori_connections_total 1",
        "sekimori_recipients_delivered_total 1",
        "sekimori_recipients_failed_total 0",
        "sekimori_messages_held_total 0",
        "# TYPE sekimori_sessions gauge",
        "sekimori_sessions 1",
        "sekimori_hops_up 1",
        "sekimori_journal_up 1",
        "sekimori_messages{state=\"queued\"} 0",
        "sekimori_messages{state=\"delivered\"} 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    for name in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        assert!(name.starts_with("sekimori_"), "{name}");
        let help = format!("# HELP {} ", name.split(' ').next().unwrap());
        assert!(text.contains(&help), "{help}");
    }
    for secret in ["example", "secret", "127.0.0.1", "@", "山北町"] {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
}

#[test]
fn readiness_says_why_no_mail_can_be_taken() {
    let nobody = ([127, 0, 0, 1], 9).into();
    let mut gateway = Plan::new(nobody).start();
    assert_eq!(gateway.get("/livez"), (200, "alive\n".to_owned()));
    assert_eq!(gateway.get("/readyz"), (200, "ready\n".to_owned()));
    assert!(gateway.stop().success());
    // More than any disk has.
    gateway.change("journal.reserve_octets", "1000000000000000000");
    gateway.restart();
    assert_eq!(gateway.get("/livez").0, 200, "it lives all the same");
    let (status, reason) = gateway.get("/readyz");
    assert_eq!(status, 503);
    assert!(reason.starts_with("disk low: "), "{reason}");
    let mut client = Client::greeted(gateway.mail());
    let reply = client.hand_over("a@example.jp", "clerk@town.example.lg.jp", MAIL);
    assert_eq!(reply.code, 452, "{reply:?}");
}

#[test]
fn other_paths_and_methods_are_not_there() {
    let nobody = ([127, 0, 0, 1], 9).into();
    let gateway = Plan::new(nobody).start();
    for path in ["/metrics/", "/admin", "/livez/../metrics", "//metrics"] {
        assert_eq!(gateway.get(path).0, 404, "{path}");
    }
}
