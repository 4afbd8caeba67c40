//! What becomes of a message after its 250: each recipient has a result of its own, what can be tried
//! again is, and whoever must know is told.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use sekimori_journal::Route;
use serde_json::Value;
use support::client::Client;
use support::gateway::{Gateway, Plan};
use support::next_hop::{Manners, NextHop, Reserved};
use support::run::finish;
use support::stored::{self, Stored};
use support::wait_for;

const SENDER: &str = "a@example.jp";
const RECIPIENT: &str = "clerk@town.example.lg.jp";
const MAIL: &[u8] = b"From: <a@example.jp>\r\nSubject: s\r\n\r\nThe text.";
const HOUR: Duration = Duration::from_secs(3_600);

/// A plan whose reports for senders go to `reports`.
fn reporting(next_hop: &NextHop, reports: &NextHop) -> Plan {
    Plan::new(next_hop.address())
        .set("reports.hop", &format!("\"{}\"", reports.address()))
        .set("reports.from", "\"postmaster@town.example.lg.jp\"")
}

/// Hands a mail over; its queue id.
fn send(gateway: &Gateway, sender: &str, recipients: &[&str]) -> String {
    let mut client = Client::greeted(gateway.mail());
    assert_eq!(client.command(&format!("MAIL FROM:<{sender}>")).code, 250);
    for recipient in recipients {
        assert_eq!(client.command(&format!("RCPT TO:<{recipient}>")).code, 250);
    }
    assert_eq!(client.command("DATA").code, 354);
    client.send(MAIL).unwrap();
    let reply = client.command("\r\n.");
    assert_eq!(reply.code, 250, "{reply:?}");
    reply.text.rsplit(' ').next().unwrap().to_owned()
}

fn show(gateway: &Gateway, id: &str) -> Value {
    finish(&mut gateway.command(&["queue", "show", "--json", id]), b"").good().object()
}

/// Waits until a message is in a state.
fn wait_for_state(gateway: &Gateway, id: &str, state: &str) -> Value {
    wait_for(state, || Some(show(gateway, id)).filter(|message| message["state"] == state))
}

/// Waits until the delivery of a report is recorded, while nothing else is delivered.
fn wait_for_report(gateway: &Gateway) {
    wait_for("the report is recorded", || {
        let delivered = gateway.metric("sekimori_messages{state=\"delivered\"}");
        delivered.filter(|&delivered| delivered == 1)
    });
}

fn attempts(message: &Value) -> u64 {
    message["recipients"][0]["attempts"].as_u64().unwrap()
}

fn act(gateway: &Gateway, action: &str, id: &str) {
    finish(&mut gateway.command(&["queue", action, "--reason", "test", id]), b"").good();
}

fn refusing(recipient: &str, answer: &str) -> Manners {
    let recipients = BTreeMap::from([(recipient.to_owned(), answer.to_owned())]);
    Manners { recipients, ..Manners::default() }
}

#[test]
fn a_refused_recipient_is_reported_to_the_sender_and_the_others_are_delivered() {
    let next_hop = NextHop::start(refusing("gone@town.example.lg.jp", "550 5.1.1 no such user"));
    let reports = NextHop::start(Manners::default());
    let gateway = reporting(&next_hop, &reports).start();
    let id = send(&gateway, SENDER, &[RECIPIENT, "gone@town.example.lg.jp"]);
    let message = wait_for_state(&gateway, &id, "failed");
    let states: Vec<&Value> =
        message["recipients"].as_array().unwrap().iter().map(|r| &r["state"]).collect();
    assert_eq!(states, ["delivered", "failed"]);
    let report = reports.wait_for_taken(1).remove(0);
    assert_eq!((report.sender.as_str(), &report.recipients[..]), ("", &[SENDER.to_owned()][..]));
    let text = report.text();
    for field in [
        "From: Mail Delivery System <postmaster@town.example.lg.jp>\r\n",
        "Content-Type: multipart/report; report-type=delivery-status;\r\n",
        "\r\nReporting-MTA: dns; gw.town.example.lg.jp\r\n",
        "\r\nFinal-Recipient: rfc822; gone@town.example.lg.jp\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n",
    ] {
        assert!(text.contains(field), "{field}\n{text}");
    }
    assert!(!text.contains(RECIPIENT), "who got it is not named");
    assert!(!text.contains("The text."), "nothing of the mail goes back");
    let delivered = || {
        gateway.metric("sekimori_recipients_delivered_total").filter(|&delivered| delivered == 2)
    };
    wait_for("the report's delivery is recorded", delivered);
    let handed = next_hop.handed();
    assert_eq!(handed.len(), 1, "no report goes toward LGWAN: {handed:?}");
    assert_eq!(handed[0].recipients, [RECIPIENT]);
}

#[test]
fn a_failure_that_cannot_be_reported_is_held_for_a_person_who_can_release_it() {
    let next_hop = NextHop::start(refusing(RECIPIENT, "550 5.1.1 no such user"));
    let reports = NextHop::start(Manners::default());
    let with_reports = reporting(&next_hop, &reports).start();
    let without_reports = Plan::new(next_hop.address()).start();
    for (gateway, sender) in [(&with_reports, ""), (&without_reports, SENDER)] {
        next_hop.change(refusing(RECIPIENT, "550 5.1.1 no such user"));
        let before = next_hop.taken().len();
        let id = send(gateway, sender, &[RECIPIENT]);
        let held = wait_for_state(gateway, &id, "held");
        let codes: Vec<&str> = held["decisions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|decision| decision["code"].as_str().unwrap())
            .collect();
        assert!(codes.contains(&"hold-undeliverable"), "{codes:?}");
        assert_eq!(held["recipients"][0]["last_reply"], "550 5.1.1 no such user");
        next_hop.change(Manners::default());
        act(gateway, "release", &id);
        wait_for_state(gateway, &id, "delivered");
        assert_eq!(next_hop.taken().len(), before + 1);
    }
    assert!(reports.handed().is_empty(), "nobody is told of a failure of a report");
}

#[test]
fn what_is_answered_451_is_tried_again_until_it_is_taken() {
    let later = "451 4.3.0 not now".to_owned();
    let next_hop =
        NextHop::start(Manners { messages: [later.clone(), later].into(), ..Manners::default() });
    let gateway = Plan::new(next_hop.address()).start();
    let id = send(&gateway, SENDER, &[RECIPIENT]);
    let message = wait_for_state(&gateway, &id, "delivered");
    assert_eq!(attempts(&message), 3);
    assert_eq!(next_hop.handed().len(), 3);
    assert_eq!(gateway.metric("sekimori_recipients_deferred_total"), Some(2));
}

#[test]
fn pauses_between_attempts_double() {
    let next_hop = NextHop::start(refusing(RECIPIENT, "450 4.2.0 try later"));
    let gateway = Plan::new(next_hop.address())
        .set("deliver.retry_first_seconds", "1000")
        .set("deliver.retry_longest_seconds", "3000")
        .start();
    let id = send(&gateway, SENDER, &[RECIPIENT]);
    for (number, whole) in [(1, 1_000.0), (2, 2_000.0), (3, 3_000.0), (4, 3_000.0)] {
        let message = wait_for("an attempt", || {
            Some(show(&gateway, &id)).filter(|message| attempts(message) == number)
        });
        let recipient = &message["recipients"][0];
        assert_eq!(recipient["delay_reason"], "450 4.2.0 try later");
        let pause = pause(recipient["next_attempt"].as_str().unwrap());
        let bounds = whole * 0.75 - 30.0..=whole * 1.25;
        assert!(bounds.contains(&pause), "after attempt {number}: {pause} s");
        act(&gateway, "flush", &id);
    }
}

/// Seconds from now until a moment in Japanese time as RFC 3339 writes it.
fn pause(moment: &str) -> f64 {
    let number = |range: std::ops::Range<usize>| moment[range].parse::<i64>().unwrap();
    // Days since 1970 by the civil calendar (years of 1 March).
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
    let seconds = days * 86_400 + number(11..13) * 3_600 + number(14..16) * 60 + number(17..19);
    assert!(moment.ends_with("+09:00"), "{moment}");
    #[expect(clippy::cast_precision_loss, reason = "a difference of some minutes")]
    let pause = (seconds - 9 * 3_600 - stored::now().unix_millis() / 1_000) as f64;
    pause
}

#[test]
fn mail_waits_while_the_hop_is_down_and_goes_when_it_is_up() {
    let down = Reserved::new();
    let mut gateway = Plan::new(down.address()).start();
    let ids = [(); 3].map(|()| send(&gateway, SENDER, &[RECIPIENT]));
    let down_now = || gateway.metric("sekimori_hops_up").filter(|&up| up == 0);
    wait_for("the hop is found to be down", down_now);
    gateway.kill();
    gateway.restart();
    let next_hop = down.open(Manners::default());
    for id in &ids {
        wait_for_state(&gateway, id, "delivered");
    }
    assert_eq!(next_hop.taken().len(), 3, "each once");
    assert_eq!(gateway.metric("sekimori_hops_up"), Some(1));
}

#[test]
fn a_fallback_hop_is_used_while_the_first_is_down() {
    let down = Reserved::new();
    let fallback = NextHop::start(Manners::default());
    let gateway = Plan::new(down.address())
        .set("deliver.fallback_hops", &format!("[\"{}\"]", fallback.address()))
        .start();
    let id = send(&gateway, SENDER, &[RECIPIENT]);
    let message = wait_for_state(&gateway, &id, "delivered");
    assert_eq!(message["recipients"][0]["hop"], fallback.address().to_string());
    assert_eq!(attempts(&message), 1, "the mail did not have to wait");
}

#[test]
fn a_connection_carries_many_messages() {
    let next_hop = NextHop::start(Manners::default());
    let gateway = Plan::new(next_hop.address()).set("deliver.concurrency", "1").start();
    let mut client = Client::greeted(gateway.mail());
    for _ in 0..20 {
        assert_eq!(client.hand_over(SENDER, RECIPIENT, MAIL).code, 250);
    }
    assert_eq!(next_hop.wait_for_taken(20).len(), 20);
    assert_eq!(next_hop.connections(), 1);
}

#[test]
fn a_hop_whose_name_leads_into_another_segment_is_never_spoken_to() {
    let next_hop = NextHop::start(Manners::default());
    let gateway = Plan::new(next_hop.address())
        .set("deliver.next_hop", &format!("\"localhost:{}\"", next_hop.address().port()))
        .set("segments.internet", "[\"127.0.0.0/8\", \"::1/128\"]")
        .start();
    let id = send(&gateway, SENDER, &[RECIPIENT]);
    let message = wait_for("an attempt", || {
        Some(show(&gateway, &id)).filter(|message| attempts(message) > 0)
    });
    let reason = message["recipients"][0]["delay_reason"].as_str().unwrap();
    assert!(reason.contains("forbidden segment internet"), "{reason}");
    assert_eq!(next_hop.connections(), 0);
}

#[test]
fn a_sender_is_told_once_of_a_delay() {
    let next_hop = NextHop::start(refusing(RECIPIENT, "450 4.2.0 try later"));
    let reports = NextHop::start(Manners::default());
    let plan = reporting(&next_hop, &reports).set("deliver.delay_report_hours", "4");
    let young = stored::store(plan.folder(), SENDER, RECIPIENT, 3 * HOUR).to_string();
    let old = stored::store(plan.folder(), "b@example.jp", RECIPIENT, 5 * HOUR).to_string();
    let mut gateway = plan.start();
    let report = reports.wait_for_taken(1).remove(0);
    assert_eq!(report.recipients, ["b@example.jp"]);
    assert!(report.text().contains("Action: delayed\r\n"), "{}", report.text());
    assert!(report.text().contains(&format!("X-Sekimori-Queue-ID: {old}\r\n")));
    wait_for_report(&gateway);
    gateway.kill();
    gateway.restart();
    for id in [&young, &old] {
        let before = attempts(&show(&gateway, id));
        wait_for("a further attempt", || (attempts(&show(&gateway, id)) > before).then_some(()));
    }
    assert_eq!(reports.handed().len(), 1, "once, over a restart too");
    assert_eq!(show(&gateway, &old)["state"], "queued", "it is still tried");
}

#[test]
fn a_sender_is_told_of_a_delay_although_the_hop_never_answers() {
    let down = Reserved::new();
    let reports = NextHop::start(Manners::default());
    let plan = Plan::new(down.address())
        .set("reports.hop", &format!("\"{}\"", reports.address()))
        .set("reports.from", "\"postmaster@town.example.lg.jp\"");
    stored::store(plan.folder(), SENDER, RECIPIENT, 5 * HOUR);
    let gateway = plan.start();
    let report = reports.wait_for_taken(1).remove(0);
    assert!(report.text().contains("Action: delayed\r\n"), "{}", report.text());
    wait_for_report(&gateway);
    assert_eq!(gateway.metric("sekimori_messages{state=\"queued\"}"), Some(1));
}

#[test]
fn reports_go_out_although_thousands_of_mails_wait_for_a_hop_that_is_down() {
    let down = Reserved::new();
    let reports = NextHop::start(Manners::default());
    let plan = Plan::new(down.address())
        .set("reports.hop", &format!("\"{}\"", reports.address()))
        .set("reports.from", "\"postmaster@town.example.lg.jp\"");
    let waiting =
        Stored { sender: SENDER, recipient: RECIPIENT, route: Route::Forward, ago: 2 * HOUR };
    for count in [1_000, 1_000, 500] {
        stored::store_all(plan.folder(), &vec![waiting.clone(); count]);
    }
    let report = Stored { recipient: SENDER, route: Route::Return, ago: HOUR, ..waiting };
    stored::store_all(plan.folder(), &[report]);
    let gateway = plan.start();
    assert_eq!(reports.wait_for_taken(1)[0].recipients, [SENDER]);
    let next_hop = down.open(Manners::default());
    assert_eq!(next_hop.wait_for_taken(2_500).len(), 2_500, "each once");
    drop(gateway);
}

#[test]
fn a_message_tried_for_too_long_fails_and_its_sender_is_told() {
    let next_hop = NextHop::start(refusing(RECIPIENT, "450 4.2.0 try later"));
    let reports = NextHop::start(Manners::default());
    let plan = reporting(&next_hop, &reports).set("deliver.give_up_hours", "48");
    let id = stored::store(plan.folder(), SENDER, RECIPIENT, 49 * HOUR).to_string();
    let gateway = plan.start();
    wait_for_state(&gateway, &id, "failed");
    let report = reports.wait_for_taken(1).remove(0);
    assert_eq!(report.recipients, [SENDER]);
    assert!(report.text().contains("Action: failed\r\nStatus: 4.4.7\r\n"), "{}", report.text());
    assert_eq!(reports.handed().len(), 1);
    let untold = Plan::new(next_hop.address()).set("deliver.give_up_hours", "48");
    let id = stored::store(untold.folder(), SENDER, RECIPIENT, 49 * HOUR).to_string();
    let gateway = untold.start();
    wait_for_state(&gateway, &id, "held");
}
