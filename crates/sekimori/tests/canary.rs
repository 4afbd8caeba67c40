//! Canaries show on the record what crosses, reach no mail server, and stop the crossing when they fail.

mod support;

use rustix::process::Signal;
use sekimori_xtask::mail::TEXT_ONLY;
use serde_json::Value;
use support::client::Client;
use support::gateway::{Gateway, Plan};
use support::halves::{Halves, gate_plan, internet_plan};
use support::next_hop::{Manners, NextHop};
use support::run::finish;
use support::tls::{Certificate, Encrypted};
use support::wait_for;

const CANARY: &str = "canary@town.example.lg.jp";

fn with_canaries(plan: Plan) -> Plan {
    plan.set("canary.recipient", &format!("\"{CANARY}\""))
}

/// The audit records of a kind.
fn records(half: &Gateway, kind: &str) -> Vec<Value> {
    let list = finish(&mut half.command(&["audit", "list", "--json"]), b"").good();
    list.objects().into_iter().filter(|record| record["kind"] == kind).collect()
}

fn wait_for_record(half: &Gateway, kind: &str) -> Value {
    wait_for("the result of a canary is on record", || records(half, kind).into_iter().next())
}

#[test]
fn a_canary_passes_both_halves_and_reaches_no_mail_server() {
    let hop = NextHop::start(Manners::default());
    let halves = Halves::start_as(hop.address(), with_canaries, with_canaries);
    wait_for_record(&halves.gate, "canary-passed");
    wait_for_record(&halves.internet, "canary-passed");
    assert_eq!(halves.gate.metric("sekimori_canaries_passed_total"), Some(1));
    assert_eq!(halves.internet.metric("sekimori_canaries_passed_total"), Some(1));
    assert!(hop.handed().is_empty());
    assert_eq!(halves.gate.get("/readyz").0, 200);
}

#[test]
fn a_canary_ends_in_a_lone_relay_and_others_cannot_send_one() {
    let hop = NextHop::start(Manners::default());
    let gateway = with_canaries(Plan::new(hop.address())).start();
    wait_for_record(&gateway, "canary-passed");
    let mail = b"From: <a@example.jp>\r\nSubject: a\r\n\r\nsekimori-canary-hidden-1\r\n";
    let reply = Client::greeted(gateway.mail()).hand_over("a@example.jp", CANARY, mail);
    assert_eq!(reply.code, 550, "{reply:?}");
    // Nor does the word do anything in mail to others.
    let clerk = "clerk@town.example.lg.jp";
    let reply = Client::greeted(gateway.mail()).hand_over("a@example.jp", clerk, mail);
    assert_eq!(reply.code, 250, "{reply:?}");
    assert_eq!(hop.wait_for_taken(1).len(), 1);
    assert_eq!(gateway.get("/readyz").0, 200);
}

#[test]
fn a_marker_that_comes_through_stops_the_crossing() {
    let hop = NextHop::start(Manners::default());
    let identity = Certificate::for_name("internet.town.example.lg.jp");
    let plan = gate_plan(hop.address(), &Certificate::for_name("127.0.0.1"), &identity);
    let gate = with_canaries(plan).start();
    let mut session = Encrypted::begin_as(gate.mail(), b"", Some(&identity));
    session.command("EHLO internet.town.example.lg.jp");
    let text =
        TEXT_ONLY.replace("Hello.", "sekimori-canary-visible-1 sekimori-canary-hidden-1-script");
    assert_eq!(session.hand_over("", CANARY, text.as_bytes()).code, 250);
    let record = wait_for_record(&gate, "canary-failed");
    assert!(record["details"].to_string().contains("has come through"), "{record}");
    wait_for("the gate is not ready", || (gate.get("/readyz").0 == 503).then_some(()));
    let (_, ready) = gate.get("/readyz");
    assert!(ready.contains("crossing stopped") && ready.contains("canary"), "{ready}");
    assert_eq!(gate.metric("sekimori_canaries_failed_total"), Some(1));
    assert!(hop.handed().is_empty());
}

#[test]
fn a_canary_that_is_refused_is_on_record_and_stops_nothing() {
    // The gate does not know of canaries, and its mail server of no such mailbox.
    let refused = [(CANARY.to_owned(), "550 5.1.1 no such mailbox".to_owned())];
    let hop = NextHop::start(Manners { recipients: refused.into(), ..Manners::default() });
    let halves = Halves::start_as(hop.address(), with_canaries, |plan| plan);
    let record = wait_for_record(&halves.internet, "canary-failed");
    assert!(record["details"].to_string().contains("same canary.recipient"), "{record}");
    assert_eq!(halves.internet.metric("sekimori_canaries_missing_total"), Some(1));
    assert_eq!(halves.internet.get("/readyz").0, 200);
}

#[test]
fn a_canary_that_does_not_arrive_in_time_is_on_record_and_stops_nothing() {
    let hop = NextHop::start(Manners::default());
    let identity = Certificate::for_name("internet.town.example.lg.jp");
    let shown = Certificate::for_name("127.0.0.1");
    let gate = with_canaries(gate_plan(hop.address(), &shown, &identity)).start();
    let stop = ["stop-crossing", "--organisation", "山北町", "--reason", "a trial"];
    finish(&mut gate.command(&stop), b"").good();
    let plan = internet_plan(gate.mail(), &shown, &identity);
    let internet = with_canaries(plan).set("canary.patience_seconds", "1").start();
    let record = wait_for_record(&internet, "canary-failed");
    assert!(record["details"].to_string().contains("did not arrive in time"), "{record}");
    assert_eq!(internet.get("/readyz").0, 200);
}

#[test]
fn whom_canaries_are_for_stays_as_it_was_started() {
    let hop = NextHop::start(Manners::default());
    let mut gateway = with_canaries(Plan::new(hop.address())).start();
    wait_for_record(&gateway, "canary-passed");
    gateway.change("canary.recipient", "\"other@town.example.lg.jp\"");
    gateway.signal(Signal::HUP);
    wait_for("the configuration is reloaded", || {
        gateway.log_text().contains("the configuration was reloaded").then_some(())
    });
    // Its mail still ends in the sink, and is nobody else's to send.
    let mail = b"From: <a@example.jp>\r\nSubject: a\r\n\r\nsekimori-canary-hidden-1\r\n";
    let reply = Client::greeted(gateway.mail()).hand_over("a@example.jp", CANARY, mail);
    assert_eq!(reply.code, 550, "{reply:?}");
    assert_eq!(gateway.get("/readyz").0, 200);
}
