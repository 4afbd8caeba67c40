//! People look after queued and held messages with `sekimori queue`, and each action is on record.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::{Duration, Instant, SystemTime};

use sekimori_journal::{AuditFilter, AuditKind, Journal, Settings, StoredAudit, open_for_actions};
use sekimori_profile::verify;
use serde_json::{Value, json};
use support::client::Client;
use support::gateway::{Gateway, Plan};
use support::next_hop::{Manners, NextHop, Reserved};
use support::run::{Run, finish};
use support::wait_for;

const SENDER: &str = "a@example.jp";
const RECIPIENT: &str = "clerk@town.example.lg.jp";
const REVIEWED: &str =
    "[[organisation]]\nname = \"山北町\"\ndomains = [\"town.example.lg.jp\"]\nmode = \"review\"\n";

fn mail(subject: &str) -> Vec<u8> {
    format!(
        "From: A <a@example.jp>\r\nSubject: {subject}\r\nMessage-ID: <1@example.jp>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\n\r\nThe text.\r\n--b\r\nContent-Type: application/pdf\r\n\
         Content-Disposition: attachment; filename=plan.pdf\r\n\r\n%PDF-1.4 body\r\n--b--"
    )
    .into_bytes()
}

fn send(gateway: &Gateway, subjects: &[&str]) {
    let mut client = Client::greeted(gateway.mail());
    for subject in subjects {
        let reply = client.hand_over(SENDER, RECIPIENT, &mail(subject));
        assert_eq!(reply.code, 250, "{reply:?}");
    }
}

/// A gateway that holds everything, and the next hop it would deliver to.
fn start_reviewed() -> (NextHop, Gateway) {
    let next_hop = NextHop::start(Manners::default());
    let gateway = Plan::new(next_hop.address()).organisations(REVIEWED).start();
    (next_hop, gateway)
}

fn queue(gateway: &Gateway, arguments: &[&str], input: &str) -> Run {
    let mut all = vec!["queue"];
    all.extend_from_slice(arguments);
    finish(&mut gateway.command(&all), input.as_bytes())
}

fn list(gateway: &Gateway) -> Vec<Value> {
    queue(gateway, &["list", "--json"], "").good().objects()
}

fn show(gateway: &Gateway, id: &str) -> Value {
    queue(gateway, &["show", "--json", id], "").good().object()
}

fn text<'a>(message: &'a Value, member: &str) -> &'a str {
    message[member].as_str().unwrap()
}

fn audit(gateway: &Gateway, kind: AuditKind) -> Vec<StoredAudit> {
    let journal =
        open_for_actions(&gateway.folder().join("journal"), &Settings::default()).unwrap();
    let all = journal.audit(&AuditFilter::default(), 0, 1_000).unwrap();
    all.into_iter().filter(|stored| stored.record.kind == kind).collect()
}

#[test]
fn a_message_under_review_waits_and_is_listed_as_postqueue_would() {
    let (next_hop, gateway) = start_reviewed();
    let before = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    send(&gateway, &["one"]);
    let run = queue(&gateway, &["list", "--json"], "").good();
    assert_eq!(run.talk, "");
    let message = run.object();
    assert_eq!(message["queue_name"], "hold");
    assert_eq!(text(&message, "queue_id").len(), 10);
    assert!((before..before + 60).contains(&message["arrival_time"].as_u64().unwrap()));
    assert_eq!(message["message_size"], mail("one").len() + 2);
    assert_eq!(message["sender"], SENDER);
    assert_eq!(message["recipients"][0]["address"], RECIPIENT);
    for (member, value) in [
        ("state", json!("held")),
        ("outcome", json!("hold")),
        ("organisation", json!("山北町")),
        ("subject", json!("one")),
        ("from", json!("A <a@example.jp>")),
        ("message_id", json!("<1@example.jp>")),
    ] {
        assert_eq!(message[member], value, "{member}");
    }
    assert_eq!(message["removed"][0]["name"], "plan.pdf");
    let codes: Vec<&str> =
        message["decisions"].as_array().unwrap().iter().map(|d| text(d, "code")).collect();
    assert!(codes.contains(&"hold-review") && codes.contains(&"attachment-removed"), "{codes:?}");
    let people = queue(&gateway, &["list"], "").good();
    assert_eq!(people.text().lines().count(), 1);
    assert!(people.text().starts_with(text(&message, "queue_id")), "{}", people.text());
    assert!(next_hop.handed().is_empty());
    assert_eq!(next_hop.connections(), 0);
}

#[test]
fn a_message_is_found_by_queue_id_and_by_reference_number_however_it_is_typed() {
    let (_next_hop, gateway) = start_reviewed();
    send(&gateway, &["one", "two"]);
    let message = list(&gateway).remove(1);
    let (id, reference) = (text(&message, "queue_id"), text(&message, "reference"));
    let plain = reference.replace('-', "");
    for key in
        [id, &id.to_lowercase(), id.trim_start_matches('0'), reference, &plain.to_lowercase()]
    {
        assert_eq!(show(&gateway, key), message, "{key}");
        let page = queue(&gateway, &["show", key], "").good();
        assert!(page.text().contains("plan.pdf") && page.text().contains("two"), "{}", page.text());
    }
    for (key, code) in [("FFFFFFFFFF", 65), ("ZZZZ-ZZZZ", 65), ("hello", 64)] {
        let run = queue(&gateway, &["show", key], "");
        assert_eq!((run.code, run.out.len()), (code, 0), "{key}: {}", run.talk);
    }
}

#[test]
fn lists_are_narrowed_by_state_organisation_sender_and_recipient() {
    let (_next_hop, gateway) = start_reviewed();
    send(&gateway, &["one", "two", "three"]);
    for (further, count) in [
        (&["--state", "held"][..], 3),
        (&["--state", "queued"], 0),
        (&["--state", "queued", "--state", "held"], 3),
        (&["--organisation", "山北町"], 3),
        (&["--organisation", "川南村"], 0),
        (&["--sender", SENDER], 3),
        (&["--sender", "b@example.jp"], 0),
        (&["--recipient", RECIPIENT], 3),
        (&["--recipient", "b@town.example.lg.jp"], 0),
        (&["--limit", "2"], 2),
    ] {
        let arguments = [&["list", "--json"], further].concat();
        assert_eq!(queue(&gateway, &arguments, "").good().objects().len(), count, "{further:?}");
    }
}

#[test]
fn a_released_message_is_delivered_and_who_released_it_is_on_record() {
    let (next_hop, gateway) = start_reviewed();
    send(&gateway, &["one", "two"]);
    let message = list(&gateway).remove(0);
    let reference = text(&message, "reference");
    let mut command = gateway.command(&[
        "queue",
        "release",
        "--json",
        "--reason",
        "asked by telephone",
        reference,
    ]);
    command.env("USER", "reviewer").env_remove("SUDO_USER");
    let done = finish(&mut command, b"").good().object();
    assert_eq!(done, json!({"queue_id": message["queue_id"], "result": "done"}));
    let taken = next_hop.wait_for_taken(1);
    let crossed = verify::verify(&taken[0].data, 1024 * 1024).unwrap();
    assert_eq!(crossed.subject.as_deref(), Some("one"));
    assert!(crossed.text.contains("The text."));
    assert!(!taken[0].text().contains("%PDF"));
    let delivered = || (show(&gateway, reference)["state"] == "delivered").then_some(());
    wait_for("the delivery is recorded", delivered);
    assert_eq!(next_hop.handed().len(), 1, "the other one still waits");
    let [record] = &audit(&gateway, AuditKind::Released)[..] else { panic!("one record") };
    assert_eq!(record.record.actor.as_deref(), Some("reviewer"));
    assert_eq!(record.record.details["reason"], "asked by telephone");
    assert_eq!(record.record.reference.unwrap().to_string(), reference);
    assert_eq!(audit(&gateway, AuditKind::Received).len(), 2);
    let again = queue(&gateway, &["release", "--reason", "again", reference], "");
    assert_eq!(again.code, 65, "{}", again.talk);
    assert_eq!(audit(&gateway, AuditKind::Released).len(), 1);
}

#[test]
fn an_action_needs_a_reason_and_can_be_tried_without_effect() {
    let (next_hop, gateway) = start_reviewed();
    send(&gateway, &["one", "two"]);
    let before = list(&gateway);
    let id = text(&before[0], "queue_id");
    for action in ["release", "delete", "hold", "flush"] {
        assert_eq!(queue(&gateway, &[action, id], "").code, 64, "{action} without a reason");
        assert_eq!(queue(&gateway, &[action, "--reason", " ", id], "").code, 64, "{action}");
    }
    let tried = queue(&gateway, &["release", "--reason", "why", "--dry-run", "--all"], "").good();
    assert_eq!(tried.text().lines().count(), 2, "{}", tried.text());
    let wrong = queue(&gateway, &["release", "--reason", "why", "--dry-run", "ZZZZ-ZZZZ"], "");
    assert_eq!(wrong.code, 65);
    assert_eq!(list(&gateway), before);
    assert!(next_hop.handed().is_empty());
    assert!(audit(&gateway, AuditKind::Released).is_empty());
}

#[test]
fn messages_are_deleted_by_ids_from_standard_input_and_all_at_once() {
    let (next_hop, gateway) = start_reviewed();
    send(&gateway, &["one", "two", "three", "four"]);
    let listed = list(&gateway);
    let input =
        format!("{}\n\n  {}\n", text(&listed[0], "queue_id"), text(&listed[2], "reference"));
    let run = queue(&gateway, &["delete", "--reason", "unwanted", "-"], &input).good();
    assert_eq!(run.text().lines().count(), 2, "{}", run.text());
    let left = list(&gateway);
    let left: Vec<&str> = left.iter().map(|message| text(message, "subject")).collect();
    assert_eq!(left, ["two", "four"]);
    queue(&gateway, &["delete", "--reason", "unwanted", "--all"], "").good();
    assert!(list(&gateway).is_empty());
    assert_eq!(audit(&gateway, AuditKind::Deleted).len(), 4);
    assert_eq!(show(&gateway, text(&listed[0], "queue_id"))["state"], "deleted", "still findable");
    assert_eq!(next_hop.connections(), 0);
}

#[test]
fn ids_that_are_unknown_or_in_another_state_are_told_and_change_nothing() {
    let (_next_hop, gateway) = start_reviewed();
    send(&gateway, &["one", "two"]);
    let listed = list(&gateway);
    let [first, second] = [0, 1].map(|n| text(&listed[n], "queue_id"));
    let unknown = queue(&gateway, &["release", "--reason", "why", first, "FFFFFFFFFF"], "");
    assert_eq!(unknown.code, 65, "{}", unknown.talk);
    assert_eq!(list(&gateway), listed, "a slip of the pen does nothing by halves");
    let flushed = queue(&gateway, &["flush", "--json", "--reason", "why", first, second], "");
    assert_eq!(flushed.code, 65, "{}", flushed.talk);
    assert!(flushed.talk.contains("2 of 2"), "{}", flushed.talk);
    for object in flushed.objects() {
        assert!(text(&object, "result").contains("held"), "{object}");
    }
}

#[test]
fn a_queued_message_is_held_flushed_and_released_by_hand() {
    let down = Reserved::new();
    let gateway = Plan::new(down.address())
        .set("deliver.retry_first_seconds", "3600")
        .set("deliver.retry_longest_seconds", "7200")
        .start();
    send(&gateway, &["one"]);
    let deferred = || list(&gateway).pop().filter(|message| message["queue_name"] == "deferred");
    let message = wait_for("the first attempt fails", deferred);
    let recipient = &message["recipients"][0];
    let reason = text(recipient, "delay_reason");
    assert!(reason.contains("refused"), "{reason}");
    let id = text(&message, "queue_id");
    queue(&gateway, &["hold", "--reason", "wait", id], "").good();
    let held = show(&gateway, id);
    assert_eq!(held["state"], "held");
    let codes: Vec<&str> =
        held["decisions"].as_array().unwrap().iter().map(|d| text(d, "code")).collect();
    assert!(codes.contains(&"hold-operator"), "{codes:?}");
    queue(&gateway, &["release", "--reason", "go", id], "").good();
    let tried = |times: u64| {
        let message = show(&gateway, id);
        (message["recipients"][0]["attempts"].as_u64() >= Some(times)).then_some(())
    };
    wait_for("it is tried again at once", || tried(2));
    let next_hop = down.open(Manners::default());
    queue(&gateway, &["flush", "--reason", "it is up again", id], "").good();
    assert_eq!(next_hop.wait_for_taken(1).len(), 1);
    for (kind, count) in [(AuditKind::Held, 1), (AuditKind::Released, 1), (AuditKind::Flushed, 1)] {
        assert_eq!(audit(&gateway, kind).len(), count, "{kind}");
    }
}

#[test]
fn a_message_held_or_deleted_while_it_waits_for_the_hop_does_not_cross_when_the_hop_comes_up() {
    let down = Reserved::new();
    let gateway = Plan::new(down.address()).start();
    send(&gateway, &["one"]);
    let down_now = || gateway.metric("sekimori_hops_up").filter(|&up| up == 0);
    wait_for("the hop is found to be down", down_now);
    send(&gateway, &["two", "three", "four", "five"]);
    let listed = list(&gateway);
    let ids: Vec<&str> = listed.iter().map(|message| text(message, "queue_id")).collect();
    queue(&gateway, &["hold", "--reason", "wait", ids[0], ids[1], ids[2]], "").good();
    queue(&gateway, &["delete", "--reason", "no", ids[3], ids[4]], "").good();
    let done = Instant::now();
    let a_second = || (done.elapsed() > Duration::from_secs(1)).then_some(());
    wait_for("the time after which an action has its effect at the latest", a_second);
    let next_hop = down.open(Manners::default());
    send(&gateway, &["six"]);
    wait_for("the last one is delivered", || {
        let delivered = queue(&gateway, &["list", "--json", "--state", "delivered"], "").objects();
        delivered.iter().any(|message| message["subject"] == "six").then_some(())
    });
    let crossed: Vec<_> = next_hop
        .handed()
        .iter()
        .map(|handed| verify::verify(&handed.data, 1024 * 1024).unwrap().subject.unwrap())
        .collect();
    assert_eq!(crossed, ["six"]);
    let states: Vec<Value> = ids.iter().map(|id| show(&gateway, id)["state"].clone()).collect();
    assert_eq!(states, ["held", "held", "held", "deleted", "deleted"]);
}

#[test]
fn the_queue_can_be_looked_after_while_the_gateway_is_down() {
    let (next_hop, mut gateway) = start_reviewed();
    send(&gateway, &["one"]);
    assert!(gateway.stop().success());
    let message = list(&gateway).remove(0);
    queue(&gateway, &["release", "--reason", "why", text(&message, "queue_id")], "").good();
    assert_eq!(show(&gateway, text(&message, "queue_id"))["state"], "queued");
    gateway.restart();
    assert_eq!(next_hop.wait_for_taken(1).len(), 1);
}

#[test]
fn a_message_held_for_a_fault_sends_its_recipients_a_notice() {
    let next_hop = NextHop::start(Manners::default());
    let gateway = Plan::new(next_hop.address()).set("sanitize.limits.parts", "2").start();
    send(&gateway, &["too many parts"]);
    let held = list(&gateway).remove(0);
    assert_eq!(held["state"], "held");
    let taken = next_hop.wait_for_taken(1);
    assert_eq!(taken[0].recipients, [RECIPIENT]);
    assert_eq!(taken[0].sender, "", "a failure to deliver the notice bothers nobody");
    let notice = verify::verify(&taken[0].data, 1024 * 1024).unwrap();
    let reference = text(&held, "reference");
    assert!(notice.text.contains(reference), "{reference}\n{}", notice.text);
    assert!(!notice.text.contains("The text."), "{}", notice.text);
}
