//! Two halves: what was made text crosses, and the gate takes nothing else from anybody.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::process::Command;

use sekimori_profile::verify;
use sekimori_xtask::mail::TEXT_ONLY as TEXT;
use serde_json::Value;
use support::client::Client;
use support::gateway::{Gateway, Plan};
use support::halves::{Halves, gate_plan};
use support::next_hop::{Manners, NextHop, Reserved};
use support::run::finish;
use support::tls::{Certificate, Encrypted};
use support::wait_for;

const CLERK: &str = "clerk@town.example.lg.jp";
const MAIL: &[u8] = b"From: <a@example.jp>\r\nSubject: =?utf-8?B?6KaL56mN5pu4?=\r\n\
MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
Content-Type: text/html\r\n\r\n<p>See <b>this</b><script>run()</script></p>\r\n--b\r\n\
Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n\
UEsDBAoAAAAAAA==\r\n--b--\r\n";

#[test]
fn text_crosses_both_halves_and_bears_the_trace_of_each() {
    let hop = NextHop::start(Manners::default());
    let halves = Halves::start(hop.address());
    let reply = Client::greeted(halves.internet.mail()).hand_over("a@example.jp", CLERK, MAIL);
    assert_eq!(reply.code, 250, "{reply:?}");
    let handed = hop.wait_for_taken(1).remove(0);
    let verified = verify::verify(&handed.data, 1024 * 1024).unwrap();
    assert_eq!(verified.received, 2, "{}", handed.text());
    assert!(handed.text().starts_with("Received: by gate.town.example.lg.jp (sekimori)\r\n"));
    assert!(verified.text.contains("See this") && !verified.text.contains("run()"));
    let list = finish(&mut halves.gate.command(&["audit", "list", "--json"]), b"").good();
    let received = list.objects().into_iter().find(|record| record["kind"] == "received");
    let details = received.unwrap()["details"].to_string();
    assert!(
        details.contains("gate-verified") && details.contains(&verified.reference),
        "{details}"
    );
}

/// State and last reply of the recipients of the only message of a half.
fn recipients(half: &Gateway) -> Vec<(String, String)> {
    let arguments = ["queue", "list", "--json", "--state", "queued", "--state", "delivered"];
    let arguments = [&arguments[..], &["--state", "failed", "--state", "held"]].concat();
    let list = finish(&mut half.command(&arguments), b"").good();
    let message = list.objects().remove(0);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let recipients = message["recipients"].as_array().unwrap().iter();
    recipients.map(|r| (text(&r["state"]), text(&r["last_reply"]))).collect()
}

fn wait_until_settled(half: &Gateway) -> Vec<(String, String)> {
    wait_for("every recipient is settled", || {
        Some(recipients(half)).filter(|all| all.iter().all(|(state, _)| state != "waiting"))
    })
}

#[test]
fn delivered_is_said_once_the_gate_s_own_next_hop_has_the_mail() {
    let hop = Reserved::new();
    let mut halves = Halves::start(hop.address());
    let reply = Client::greeted(halves.internet.mail()).hand_over("a@example.jp", CLERK, MAIL);
    assert_eq!(reply.code, 250, "{reply:?}");
    let taken = || {
        let (state, reply) = recipients(&halves.internet).remove(0);
        reply.contains("queued as").then_some(state)
    };
    assert_eq!(wait_for("the gate has it", taken), "waiting");
    assert_eq!(halves.internet.metric("sekimori_recipients_delivered_total"), Some(0));
    // What the gate has is asked for after a restart as well, and not sent again.
    halves.internet.kill();
    halves.internet.restart();
    let hop = hop.open(Manners::default());
    let settled = wait_until_settled(&halves.internet);
    assert_eq!(settled[0].0, "delivered", "{settled:?}");
    assert!(settled[0].1.starts_with("250 2.0.0 delivered by the gate as "), "{settled:?}");
    assert_eq!(hop.handed().len(), 1);
    let list = finish(&mut halves.internet.command(&["audit", "list", "--json"]), b"").good();
    let kinds: Vec<_> = list.objects().iter().map(|r| r["kind"].to_string()).collect();
    let after: Vec<_> =
        kinds.iter().filter(|k| *k == "\"relayed\"" || *k == "\"delivered\"").collect();
    assert_eq!(after, ["\"delivered\"", "\"relayed\""], "the newest first");
}

#[test]
fn what_the_gate_s_next_hop_refuses_is_reported_to_its_sender_by_the_internet_half() {
    let refused = [(CLERK.to_owned(), "550 5.1.1 secret words of the inside".to_owned())];
    let hop = NextHop::start(Manners { recipients: refused.into(), ..Manners::default() });
    let outside = NextHop::start(Manners::default());
    let reports = |plan: Plan| {
        plan.set("reports.hop", &format!("\"{}\"", outside.address()))
            .set("reports.from", "\"postmaster@town.example.lg.jp\"")
    };
    let halves = Halves::start_as(hop.address(), reports, |plan| plan);
    let mut client = Client::greeted(halves.internet.mail());
    assert_eq!(client.command("MAIL FROM:<a@example.jp>").code, 250);
    for recipient in [CLERK, "other@town.example.lg.jp"] {
        assert_eq!(client.command(&format!("RCPT TO:<{recipient}>")).code, 250);
    }
    assert_eq!(client.command("DATA").code, 354);
    client.send(MAIL).unwrap();
    assert_eq!(client.command(".").code, 250);
    let report = outside.wait_for_taken(1).remove(0);
    assert_eq!(report.recipients, ["a@example.jp"]);
    assert!(report.text().contains("Status: 5.1.1\r\n"), "{}", report.text());
    assert!(!report.text().contains("secret"), "{}", report.text());
    assert!(!report.text().contains("other@"), "{}", report.text());
    assert_eq!(hop.wait_for_taken(1)[0].recipients, ["other@town.example.lg.jp"]);
}

#[test]
fn only_whoever_has_the_certificate_is_heard() {
    let hop = NextHop::start(Manners::default());
    let identity = Certificate::for_name("internet.town.example.lg.jp");
    let stranger = Certificate::for_name("internet.town.example.lg.jp");
    let gate = gate_plan(hop.address(), &Certificate::for_name("127.0.0.1"), &identity).start();
    let in_the_clear = Client::greeted(gate.mail()).hand_over("a@b.jp", CLERK, TEXT.as_bytes());
    assert_eq!(in_the_clear.code, 530, "{in_the_clear:?}");
    for client in [None, Some(&stranger)] {
        let mut session = Encrypted::begin_as(gate.mail(), b"", client);
        assert_eq!(session.try_command("EHLO a.example.jp"), None);
    }
    let mut session = Encrypted::begin_as(gate.mail(), b"", Some(&identity));
    assert_eq!(session.command("EHLO a.example.jp").code, 250);
    let reply = session.hand_over("a@b.jp", CLERK, TEXT.as_bytes());
    assert_eq!(reply.code, 250, "{reply:?}");
    hop.wait_for_taken(1);
}

#[test]
fn whoever_has_the_certificate_can_send_nothing_but_text() {
    let hop = NextHop::start(Manners::default());
    let identity = Certificate::for_name("internet.town.example.lg.jp");
    let gate = gate_plan(hop.address(), &Certificate::for_name("127.0.0.1"), &identity).start();
    let mut session = Encrypted::begin_as(gate.mail(), b"", Some(&identity));
    assert_eq!(session.command("EHLO a.example.jp").code, 250);
    let changed = |from: &str, to: &str| {
        assert!(TEXT.contains(from));
        TEXT.replacen(from, to, 1)
    };
    let attacks = [
        (str::from_utf8(MAIL).unwrap().to_owned(), "value in line 1 (From)"),
        (changed("text/plain", "text/html"), "value"),
        (changed("MIME-Version", "X-Run: yes\r\nMIME-Version"), "field-unknown"),
        (changed("From:", "From: b@example.jp\r\nFrom:"), "field-repeated"),
        (changed("Hello.", "\u{202E}Hello."), "not-ascii"),
        (changed("Hello.", "He\u{1B}llo."), "control"),
        (changed("Sekimori-Result", "X-Result"), "field-unknown"),
        (changed("7bit", "8bit"), "value"),
    ];
    for (number, (message, fault)) in attacks.iter().enumerate() {
        let reply = session.hand_over("a@b.jp", CLERK, message.as_bytes());
        assert_eq!(reply.code, 554, "{number}: {reply:?}");
        assert!(reply.text.starts_with(&format!("5.6.0 Not text-only: {fault}")), "{reply:?}");
    }
    let refused = attacks.len();
    assert_eq!(gate.metric("sekimori_gate_violations_total"), Some(refused as u64));
    let recorded = || {
        let arguments = ["audit", "list", "--json", "--kind", "refused"];
        let list = finish(&mut gate.command(&arguments), b"").good();
        (list.objects().len() == refused).then(|| list.objects())
    };
    let records = wait_for("every refusal is on record", recorded);
    for record in records {
        let details: Value = serde_json::from_str(record["details"].as_str().unwrap()).unwrap();
        assert_eq!(details["code"], "reject-violation", "{record}");
    }
    assert_eq!(hop.taken().len(), 0);
}

#[test]
fn the_gate_links_nothing_that_decodes_mail() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "sekimori", "--no-default-features", "--offline"])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", str::from_utf8(&tree.stderr).unwrap());
    let text = String::from_utf8(tree.stdout).unwrap();
    let crates: BTreeSet<&str> =
        text.lines().filter_map(|line| line.split(' ').next()).filter(|c| !c.is_empty()).collect();
    assert!(crates.contains("sekimori-profile") && crates.contains("sekimori-relay"), "{text}");
    let decoders = [
        "axum",
        "chardetng",
        "email-encoding",
        "encoding_rs",
        "html2text",
        "html5ever",
        "html5gum",
        "infer",
        "mail-parser",
        "mime",
        "quoted_printable",
        "sekimori-charset",
        "sekimori-html",
        "sekimori-mime",
        "sekimori-review",
        "sekimori-sanitize",
    ];
    let found: Vec<_> = decoders.into_iter().filter(|name| crates.contains(name)).collect();
    assert_eq!(found, Vec::<&str>::new());
}
