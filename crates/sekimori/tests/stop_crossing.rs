//! The emergency stop: at once, across a restart, without loss, and resumed by another person.

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use support::client::Client;
use support::gateway::{Gateway, Plan};
use support::halves::{Halves, gate_plan};
use support::next_hop::{Manners, NextHop};
use support::run::{Run, finish};
use support::tls::{Certificate, Encrypted};
use support::wait_for;

const CLERK: &str = "clerk@town.example.lg.jp";
const MAIL: &[u8] = b"From: <a@example.jp>\r\nSubject: s\r\n\r\nThe text.";
const NOT_PERMITTED: i32 = 77;

/// Runs a command as one of the machine's users.
fn run_as(gateway: &Gateway, user: &str, arguments: &[&str]) -> Run {
    let mut command: Command = gateway.command(arguments);
    finish(command.env("SUDO_USER", user), b"")
}

fn send(gateway: &Gateway, sender: &str, recipient: &str) -> u16 {
    Client::greeted(gateway.mail()).hand_over(sender, recipient, MAIL).code
}

fn wait_until_stopped(gateway: &Gateway, stopped: u64) {
    wait_for("the relay knows of it", || {
        (gateway.metric("sekimori_crossing_stops") == Some(stopped)).then_some(())
    });
}

#[test]
fn a_stop_is_in_force_within_a_second_outlives_a_restart_and_takes_another_person_to_end() {
    let hop = NextHop::start(Manners::default());
    let mut gateway = Plan::new(hop.address()).start();
    assert_eq!(send(&gateway, "a@example.jp", CLERK), 250);
    hop.wait_for_taken(1);

    run_as(&gateway, "sato", &["stop-crossing", "--reason", "something is wrong"]).good();
    let stopped_at = Instant::now();
    wait_until_stopped(&gateway, 1);
    assert!(stopped_at.elapsed() < Duration::from_secs(1), "{:?}", stopped_at.elapsed());
    assert_eq!(gateway.metric("sekimori_crossing_stopped"), Some(1));
    let (status, body) = gateway.get("/readyz");
    assert_eq!(status, 503);
    assert!(body.starts_with("crossing stopped: all mail, stop 1 by sato (person)"), "{body}");

    assert_eq!(send(&gateway, "a@example.jp", CLERK), 250, "mail is taken");
    gateway.kill();
    gateway.restart();
    assert_eq!(gateway.get("/readyz").0, 503);
    assert_eq!(send(&gateway, "a@example.jp", CLERK), 250);
    let flush = run_as(&gateway, "sato", &["queue", "flush", "--all", "--reason", "r"]).good();
    assert!(!flush.text().is_empty());
    assert_eq!(gateway.metric("sekimori_messages{state=\"queued\"}"), Some(2));

    let own = run_as(&gateway, "sato", &["resume-crossing", "--reason", "all is well"]);
    assert_eq!(own.code, NOT_PERMITTED, "{own:?}");
    assert_eq!(hop.handed().len(), 1, "nothing went on meanwhile");
    run_as(&gateway, "ito", &["resume-crossing", "--reason", "looked at it"]).good();
    assert_eq!(hop.wait_for_taken(3).len(), 3);
    wait_until_stopped(&gateway, 0);
    assert_eq!(gateway.get("/readyz").0, 200);

    let list = run_as(&gateway, "ito", &["audit", "list", "--json"]).good();
    let done: Vec<_> = list
        .objects()
        .iter()
        .filter(|record| ["stopped", "resumed"].contains(&record["kind"].as_str().unwrap()))
        .map(|record| record["actor"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(done, ["ito", "sato"], "the newest first");
}

#[test]
fn a_stop_for_a_sender_or_an_organisation_stops_no_other_mail() {
    let hop = NextHop::start(Manners::default());
    let gateway = Plan::new(hop.address())
        .organisations(
            "[[organisation]]\nname = \"川南村\"\ndomains = [\"south.example.lg.jp\"]\n\
             [[organisation]]\nname = \"川北村\"\ndomains = [\"north.example.lg.jp\"]\n",
        )
        .start();
    let stop = |arguments: &[&str]| {
        let arguments = [&["stop-crossing", "--reason", "r"], arguments].concat();
        run_as(&gateway, "sato", &arguments)
    };
    stop(&["--organisation", "川南村"]).good();
    stop(&["--sender-domain", "Bad.example"]).good();
    assert_eq!(stop(&["--organisation", "川西村"]).code, 64);
    assert_eq!(stop(&["--sender-domain", "a b"]).code, 64);
    wait_until_stopped(&gateway, 2);
    assert_eq!(gateway.metric("sekimori_crossing_stopped"), Some(0));
    for (sender, recipient) in [
        ("a@good.example", "a@south.example.lg.jp"),
        ("a@BAD.example", "a@north.example.lg.jp"),
        ("a@good.example", "a@north.example.lg.jp"),
    ] {
        assert_eq!(send(&gateway, sender, recipient), 250);
    }
    let handed = hop.wait_for_taken(1);
    assert_eq!(handed[0].recipients, ["a@north.example.lg.jp"]);
    assert_eq!(handed[0].sender, "a@good.example");
    run_as(&gateway, "ito", &["resume-crossing", "--reason", "r"]).good();
    assert_eq!(hop.wait_for_taken(3).len(), 3);
}

#[test]
fn where_the_configuration_says_so_mail_is_answered_450_instead() {
    let hop = NextHop::start(Manners::default());
    let plan = Plan::new(hop.address()).set("crossing.when_stopped", "\"defer\"");
    let gateway = plan.start();
    run_as(&gateway, "sato", &["stop-crossing", "--reason", "r"]).good();
    wait_until_stopped(&gateway, 1);
    assert_eq!(send(&gateway, "a@example.jp", CLERK), 450);
}

#[test]
fn what_was_stopped_for_longer_than_mail_is_tried_is_not_bounced() {
    let hop = NextHop::start(Manners::default());
    let outside = NextHop::start(Manners::default());
    let plan = Plan::new(hop.address())
        .set("reports.hop", &format!("\"{}\"", outside.address()))
        .set("reports.from", "\"postmaster@town.example.lg.jp\"")
        .set("deliver.give_up_hours", "1");
    let mut gateway = plan.start();
    run_as(&gateway, "sato", &["stop-crossing", "--reason", "r"]).good();
    wait_until_stopped(&gateway, 1);
    gateway.kill();
    let week = Duration::from_secs(7 * 24 * 3600);
    support::stored::store(gateway.folder(), "a@example.jp", CLERK, week);
    gateway.restart();
    run_as(&gateway, "ito", &["resume-crossing", "--reason", "r"]).good();
    hop.wait_for_taken(1);
    assert_eq!(outside.handed().len(), 0);
}

#[test]
fn a_violation_stops_the_gate_and_takes_two_people_to_resume() {
    let hop = NextHop::start(Manners::default());
    let identity = Certificate::for_name("internet.town.example.lg.jp");
    let gate = gate_plan(hop.address(), &Certificate::for_name("127.0.0.1"), &identity).start();
    let mut session = Encrypted::begin_as(gate.mail(), b"", Some(&identity));
    assert_eq!(session.command("EHLO a.example.jp").code, 250);
    assert_eq!(session.hand_over("a@example.jp", CLERK, MAIL).code, 554);
    wait_until_stopped(&gate, 1);
    let list = run_as(&gate, "sato", &["crossing", "--json"]).good();
    assert_eq!(list.object()["cause"], "violation");
    let first = run_as(&gate, "sato", &["resume-crossing", "--reason", "r", "--json"]).good();
    assert_eq!(first.object()["result"], "asked");
    let again = run_as(&gate, "sato", &["resume-crossing", "--reason", "r"]);
    assert_eq!(again.code, NOT_PERMITTED);
    assert_eq!(gate.get("/readyz").0, 503);
    run_as(&gate, "ito", &["resume-crossing", "--reason", "r"]).good();
    wait_until_stopped(&gate, 0);
}

#[test]
fn a_changed_audit_record_stops_the_crossing_at_the_next_start() {
    let hop = NextHop::start(Manners::default());
    let mut gateway = Plan::new(hop.address()).start();
    assert_eq!(send(&gateway, "a@example.jp", CLERK), 250);
    hop.wait_for_taken(1);
    assert!(gateway.stop().success());
    support::stored::change_audit(&gateway.journal());
    gateway.restart();
    wait_until_stopped(&gateway, 1);
    let list = run_as(&gateway, "sato", &["crossing", "--json"]).good();
    assert_eq!(list.object()["cause"], "audit-chain");
    assert_eq!(send(&gateway, "a@example.jp", CLERK), 250);
    assert_eq!(hop.handed().len(), 1);
}

#[test]
fn both_halves_stop_when_the_gate_refuses_what_the_other_half_sent() {
    let hop = NextHop::start(Manners::default());
    // A gate that takes less text than the other half sends sees a violation in it.
    let gate = |plan: Plan| plan.set("sanitize.limits.text_octets", "1000");
    let halves = Halves::start_as(hop.address(), |plan| plan, gate);
    let long = [MAIL, "x y z\r\n".repeat(1_000).as_bytes()].concat();
    let reply = Client::greeted(halves.internet.mail()).hand_over("a@example.jp", CLERK, &long);
    assert_eq!(reply.code, 250);
    wait_until_stopped(&halves.gate, 1);
    wait_until_stopped(&halves.internet, 1);
    let held = || {
        let list =
            run_as(&halves.internet, "sato", &["queue", "list", "--json", "--state", "held"]);
        (list.good().objects().len() == 1).then_some(())
    };
    wait_for("the message is held, not bounced", held);
}
