//! The audit record as an operator meets it: listed, exported, checked, and copied elsewhere.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConnection, StreamOwned};
use sekimori_journal::Checkpoint;
use serde_json::Value;
use support::client::Client;
use support::gateway::{DOMAIN, Gateway, Plan};
use support::next_hop::{Manners, NextHop};
use support::run::{Run, finish};
use support::tls::Certificate;
use support::wait_for;

fn audit(gateway: &Gateway, arguments: &[&str], input: &str) -> Run {
    let mut command = gateway.command(&["audit", arguments[0]]);
    finish(command.args(&arguments[1..]), input.as_bytes())
}

fn send(gateway: &Gateway, subject: &str) {
    let message = format!("From: info@pref.example.jp\r\nSubject: {subject}\r\n\r\nHello.\r\n");
    let recipient = format!("soumu@{DOMAIN}");
    let mut client = Client::greeted(gateway.mail());
    let reply = client.hand_over("info@pref.example.jp", &recipient, message.as_bytes());
    assert_eq!(reply.code, 250, "{reply:?}");
}

fn delivered(gateway: &Gateway, messages: u64) {
    wait_for("everything is delivered", || {
        gateway
            .metric("sekimori_messages{state=\"delivered\"}")
            .filter(|&delivered| delivered == messages)
    });
}

#[test]
fn an_export_is_checked_elsewhere_by_the_public_key_alone() {
    let next_hop = NextHop::start(Manners::default());
    let plan = Plan::new(next_hop.address());
    let file = plan.folder().join("checkpoints.jsonl");
    let mut gateway =
        plan.set("audit.checkpoint_file", &format!("{:?}", file.display().to_string())).start();
    for subject in ["one", "two", "three"] {
        send(&gateway, subject);
    }
    delivered(&gateway, 3);
    gateway.stop();
    let key = gateway.folder().join("public.txt");
    std::fs::write(&key, audit(&gateway, &["key"], "").good().text()).unwrap();
    let (key, file) = (key.to_str().unwrap(), file.to_str().unwrap());
    audit(&gateway, &["verify", "--checkpoints", file], "").good();

    let export = audit(&gateway, &["export"], "").good().text().to_owned();
    let offline = ["verify", "--public-key", key, "--checkpoints", file, "--json", "-"];
    let good = audit(&gateway, &offline, &export).good().object();
    assert_eq!(good["good"], true);
    assert!(good["chains"].as_array().unwrap().iter().all(|c| c["checkpoints"] == 2), "{good}");

    let lines: Vec<&str> = export.lines().collect();
    let records: Vec<&&str> =
        lines.iter().filter(|l| l.contains("\"organisation\":\"山北町\"")).collect();
    assert_eq!(records.len(), 6);
    let told = |export: &str| {
        let run = audit(&gateway, &offline, export);
        assert_eq!(run.code, 65, "{}", run.talk);
        run.object()["faults"][0].clone()
    };
    let changed = told(&export.replacen("three", "thr33", 1));
    assert_eq!(
        (&changed["problem"], &changed["organisation"]),
        (&"changed".into(), &"山北町".into())
    );
    let without = |line: &str| export.replacen(&format!("{line}\n"), "", 1);
    let missing = told(&without(records[2]));
    assert_eq!((&missing["problem"], &missing["first"]), (&"missing".into(), &3.into()));
    let cut = told(&without(records[5]));
    assert_eq!((&cut["problem"], &cut["first"]), (&"cut-below-checkpoint".into(), &6.into()));
}

#[test]
fn lists_and_exports_hold_what_was_asked_for() {
    let next_hop = NextHop::start(Manners::default());
    let gateway = Plan::new(next_hop.address()).start();
    send(&gateway, "=cmd");
    delivered(&gateway, 1);
    let list = |arguments: &[&str]| {
        audit(&gateway, &[&["list", "--json"], arguments].concat(), "").good().objects()
    };
    let all = wait_for("the start is on the record", || {
        Some(list(&[])).filter(|all| all.iter().any(|r| r["kind"] == "configured"))
    });
    let id = list(&["--kind", "received"])[0]["queue_id"].as_str().unwrap().to_owned();
    let of_message = list(&["--queue-id", &id]);
    assert_eq!(of_message.len(), 2);
    let reference = of_message[0]["reference"].as_str().unwrap();
    assert_eq!(list(&["--reference", reference]), of_message);
    assert_eq!(list(&["--organisation", "山北町"]), of_message);
    assert_eq!(list(&["--organisation", "大井町"]), Vec::<Value>::new());
    assert_eq!(list(&["--since", "2020-01-01"]), all);
    assert_eq!(list(&["--until", "2020-01-01"]), Vec::<Value>::new());
    assert_eq!(list(&["--limit", "1"]), all[..1]);
    assert_eq!(audit(&gateway, &["list", "--kind", "x"], "").code, 64);
    assert_eq!(audit(&gateway, &["list", "--since", "x"], "").code, 64);

    let csv = audit(&gateway, &["export", "--format", "csv"], "").good().text().to_owned();
    assert!(csv.starts_with("\u{FEFF}通番"), "{csv}");
    assert!(csv.ends_with("\r\n") && csv.contains("令和"), "{csv}");
    let cef = audit(&gateway, &["export", "--format", "cef"], "").good().text().to_owned();
    assert!(cef.lines().all(|line| line.starts_with("CEF:0|sekimori|")), "{cef}");
    let part = ["export", "--organisation", "山北町", "--since", "2020-01-01"];
    let part = audit(&gateway, &part, "").good().text().to_owned();
    assert_eq!(part.lines().count(), 3, "{part}");
}

/// A syslog server over TLS. What it took is in the list, frame by frame.
fn syslog_server(listener: TcpListener, certificate: &Certificate) -> Arc<Mutex<Vec<String>>> {
    let taken = Arc::new(Mutex::new(Vec::new()));
    let (list, config) = (Arc::clone(&taken), certificate.server());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            while let Some(frame) = frame(&mut stream) {
                list.lock().unwrap().push(frame);
            }
        }
    });
    taken
}

/// The next frame of RFC 5425: the number of octets, a space, and so many octets.
fn frame(stream: &mut impl std::io::Read) -> Option<String> {
    let mut count = 0;
    loop {
        let mut octet = [0];
        stream.read_exact(&mut octet).ok()?;
        match octet[0] {
            b' ' => break,
            digit => count = count * 10 + usize::from(digit - b'0'),
        }
    }
    let mut frame = vec![0; count];
    stream.read_exact(&mut frame).ok()?;
    Some(String::from_utf8(frame).unwrap())
}

#[test]
fn records_and_checkpoints_reach_a_syslog_server_that_was_away() {
    let next_hop = NextHop::start(Manners::default());
    let certificate = Certificate::for_name("127.0.0.1");
    // The port is known and nobody listens yet.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plan = Plan::new(next_hop.address());
    let authorities = write(plan.folder(), "ca.pem", &certificate.authority_pem);
    let gateway = plan
        .set("audit.syslog", &format!("\"{address}\""))
        .set("audit.syslog_tls_authorities", &authorities)
        .set("audit.syslog_records", "true")
        .set("audit.checkpoint_interval_seconds", "1")
        .start();
    send(&gateway, "one");
    delivered(&gateway, 1);
    let taken = syslog_server(TcpListener::bind(address).unwrap(), &certificate);
    let has = |what: &str| taken.lock().unwrap().iter().find(|f| f.contains(what)).cloned();
    let received = wait_for("the record arrives", || has("|received|"));
    assert!(received.starts_with("<110>1 "), "{received}");
    assert!(received.contains(" sekimori - received - \u{FEFF}CEF:0|sekimori|"), "{received}");
    wait_for("the delivery arrives", || has("|delivered|"));
    let checkpoint = wait_for("a checkpoint arrives", || has("|checkpoint|"));
    let line = checkpoint.split_once("cs4=").unwrap().1;
    assert!(Checkpoint::from_json(line).is_some(), "{line}");
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    format!("{:?}", path.display().to_string())
}
