//! Postfix, sekimori, Postfix: whatever mail goes in, what comes out is one text that every reader
//! reads alike, under TLS on both legs.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sekimori_journal::{
    EmbeddedJournal, Filter, Journal as _, State, StoredMessage, open_for_actions,
};
use sekimori_policy::Outcome;
use sekimori_profile::verify::{Verified, verify};
use sekimori_xtask::postfix::{Certificate, Delivery, NextHopTls, Postfix, Role, Settings};
use sekimori_xtask::workspace;
use serde_json::Value;
use support::client::Client;
use support::gateway::{DOMAIN, Gateway, Plan, quoted_file};
use support::{tls, wait_for};

/// Fixtures that the sending Postfix does not hand on octet for octet, and why.
const ALTERED: [(&str, &str); 4] = [
    ("hostile/cr-and-nul-in-delimiter", "stray CR is made a blank (cleanup_replace_stray_cr_lf)"),
    ("hostile/nul-and-bare-cr", "stray CR is made a blank (cleanup_replace_stray_cr_lf)"),
    ("hostile/space-before-colon-and-oddities", "blanks before a field's colon are dropped"),
    ("person/very-long-lines", "lines over smtp_line_length_limit are broken"),
];

/// Fixtures in whose text Python finds defects all the same, and why.
const DEFECTS: [(&str, &str); 1] =
    [("person/docomo-phone-dots", "a phone's address with dots that RFC 5322 wants in quotes")];

#[test]
fn every_fixture_comes_out_of_postfix_sekimori_postfix_as_text_under_tls() {
    if let Err(reason) = Postfix::can_run() {
        eprintln!("not run: {reason}");
        return;
    }
    let receiving = Postfix::start(&Settings::new(Role::Receiving {
        domains: vec![DOMAIN.to_owned()],
        certificate: Some(certificate("lgwan.mail.example")),
        delivery: Delivery::Maildir,
    }))
    .unwrap();
    let mut gateway = gateway(&receiving);
    let sending = Postfix::start(&Settings::new(Role::Sending {
        next_hop: gateway.mail(),
        tls: NextHopTls::Required,
        xforward: true,
    }))
    .unwrap();
    let fixtures = fixtures();
    assert!(fixtures.len() >= 60, "{}", fixtures.len());
    submit(&sending, &fixtures);
    wait_for("the sending Postfix has handed everything on", || {
        (sending.queued().unwrap() == 0).then_some(())
    });
    wait_for("sekimori has handed everything on", || {
        gateway.metric("sekimori_messages{state=\"queued\"}").filter(|&queued| queued == 0)
    });
    wait_for("the receiving Postfix has put everything in its place", || {
        (receiving.queued().unwrap() == 0).then_some(())
    });

    let journal =
        open_for_actions(&gateway.journal(), &sekimori_journal::Settings::default()).unwrap();
    let stored = everything(&journal);
    assert_each_fixture_was_stored_as_postfix_sent_it(&journal, &stored, &fixtures);
    let arrived = receiving.delivered().unwrap();
    let names = names_by_text(&journal, &stored, &fixtures);
    assert_what_arrived_is_what_was_stored(&names, &stored, &arrived);
    assert_read_alike_by_python(&names, &arrived);
    assert!(gateway.stop().success());
    assert_tls_on_both_legs(&stored, &sending, &receiving, arrived.len());
    let held = stored.iter().filter(|message| message.outcome == Outcome::Hold).count();
    println!(
        "{} fixtures, {} altered by Postfix, {} stored, {held} of them held, {} arrived",
        fixtures.len(),
        ALTERED.len(),
        stored.len(),
        arrived.len(),
    );
}

fn certificate(host: &str) -> Certificate {
    let made = tls::Certificate::for_name(host);
    Certificate { chain_pem: made.certificate_pem, key_pem: made.key_pem }
}

fn gateway(receiving: &Postfix) -> Gateway {
    let plan = Plan::new(receiving.address());
    let Certificate { chain_pem, key_pem } = certificate("gw.town.example.lg.jp");
    let chain = quoted_file(plan.folder(), "chain.pem", chain_pem.as_bytes());
    let key = quoted_file(plan.folder(), "key.pem", key_pem.as_bytes());
    plan.set("receive.tls_certificate", &chain)
        .set("receive.tls_key", &key)
        .set("receive.tls_required", "true")
        .set("receive.xforward_peers", "[\"127.0.0.1\"]")
        .set("deliver.tls", "\"encrypt\"")
        .start()
}

/// Every fixture by its kind and name, `person/no-date`.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let root = workspace::root().join("fixtures/mail");
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "eml") {
                files.push(path);
            }
        }
    }
    files.sort();
    let name =
        |path: &Path| path.strip_prefix(&root).unwrap().with_extension("").display().to_string();
    files.iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

/// The envelope recipient of a fixture, by which it is known in the journal.
fn recipient(number: usize) -> String {
    format!("reader-{number}@{DOMAIN}")
}

fn submit(sending: &Postfix, fixtures: &[(String, Vec<u8>)]) {
    let mut client = Client::greeted(sending.address());
    for (number, (name, mail)) in fixtures.iter().enumerate() {
        let mut stuffed = Vec::with_capacity(mail.len());
        for line in mail.split_inclusive(|&octet| octet == b'\n') {
            if line.starts_with(b".") {
                stuffed.push(b'.');
            }
            stuffed.extend_from_slice(line);
        }
        let message = stuffed.strip_suffix(b"\r\n").unwrap();
        let reply = client.hand_over("sender@association.example.jp", &recipient(number), message);
        assert_eq!(reply.code, 250, "{name}: {reply:?}");
    }
}

fn everything(journal: &EmbeddedJournal) -> Vec<StoredMessage> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map(|message: &StoredMessage| message.queue_id);
        let page = journal.list(&Filter::default(), after, 500).unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Each fixture was stored once, as Postfix got it but for the field that it puts on top.
fn assert_each_fixture_was_stored_as_postfix_sent_it(
    journal: &EmbeddedJournal,
    stored: &[StoredMessage],
    fixtures: &[(String, Vec<u8>)],
) {
    let mut altered = BTreeSet::new();
    for (number, (name, mail)) in fixtures.iter().enumerate() {
        let recipient = recipient(number);
        // A notice that a mail is held has the same recipient and the null sender.
        let of_fixture = |message: &&StoredMessage| {
            let [only] = message.envelope.recipients.as_slice() else { return false };
            only.to_string() == recipient && !message.envelope.sender.as_str().is_empty()
        };
        let messages: Vec<_> = stored.iter().filter(of_fixture).collect();
        let [message] = messages.as_slice() else {
            panic!("{name} was stored {} times", messages.len());
        };
        let original = journal.original(message.queue_id).unwrap();
        if !original.ends_with(without_return_path(mail)) {
            altered.insert(name.as_str());
        }
    }
    assert_eq!(altered, ALTERED.map(|(name, _)| name).into(), "altered by the sending Postfix");
}

/// A mail without the field that Postfix drops from mail that comes in (`message_drop_headers`).
fn without_return_path(mail: &[u8]) -> &[u8] {
    let end = mail.iter().position(|&octet| octet == b'\n').map_or(0, |end| end + 1);
    let (first, rest) = mail.split_at(end);
    if first.starts_with(b"Return-Path:") { rest } else { mail }
}

/// The fixture behind the text of each delivered message. A notice that a mail is held goes by the
/// name of that mail.
fn names_by_text(
    journal: &EmbeddedJournal,
    stored: &[StoredMessage],
    fixtures: &[(String, Vec<u8>)],
) -> BTreeMap<Vec<u8>, String> {
    let by_recipient: BTreeMap<String, &String> =
        fixtures.iter().enumerate().map(|(number, (name, _))| (recipient(number), name)).collect();
    let delivered = stored.iter().filter(|message| message.state == State::Delivered);
    delivered
        .map(|message| {
            let recipient = message.envelope.recipients[0].to_string();
            (journal.text(message.queue_id).unwrap(), by_recipient[&recipient].clone())
        })
        .collect()
}

/// What arrived is the text of each message that was delivered, octet for octet; all others are held.
fn assert_what_arrived_is_what_was_stored(
    names: &BTreeMap<Vec<u8>, String>,
    stored: &[StoredMessage],
    arrived: &[Vec<u8>],
) {
    for mail in arrived {
        assert!(names.contains_key(mail), "{}", mail.escape_ascii());
    }
    let delivered = stored.iter().filter(|message| message.state == State::Delivered).count();
    assert_eq!((arrived.len(), names.len()), (delivered, delivered));
    for message in stored.iter().filter(|m| m.state != State::Delivered) {
        assert_eq!((message.state, message.outcome), (State::Held, Outcome::Hold));
    }
}

/// Python finds the same single text in each as the verifier.
fn assert_read_alike_by_python(names: &BTreeMap<Vec<u8>, String>, arrived: &[Vec<u8>]) {
    let folder = tempfile::tempdir().unwrap();
    let mut verified: BTreeMap<String, Verified> = BTreeMap::new();
    for mail in arrived {
        let name = names[mail].replace('/', ":");
        fs::write(folder.path().join(&name), mail).unwrap();
        let text = verify(mail, 1024 * 1024)
            .unwrap_or_else(|violation| panic!("{violation:?}: {}", mail.escape_ascii()));
        verified.insert(name, text);
    }
    let output = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/as_python_reads.py"))
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", output.stderr.escape_ascii());
    let readings: Vec<Value> = str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(readings.len(), arrived.len());
    let mut defects = BTreeSet::new();
    for reading in &readings {
        let name = reading["name"].as_str().unwrap();
        let verified = &verified[name];
        assert_eq!(reading["types"], serde_json::json!(["text/plain"]), "{reading}");
        assert_eq!(reading["charset"], "utf-8", "{reading}");
        assert_eq!(reading["attachments"], 0, "{reading}");
        assert_eq!(reading["file_name"], Value::Null, "{reading}");
        if reading["defects"] != serde_json::json!([]) {
            println!("{name}: {}", reading["defects"]);
            defects.insert(name.replace(':', "/"));
        }
        assert_eq!(reading["text"], verified.text);
        assert_eq!(reading["subject"].as_str(), verified.subject.as_deref());
    }
    assert_eq!(defects, DEFECTS.map(|(name, _)| name.to_owned()).into());
}

fn assert_tls_on_both_legs(
    stored: &[StoredMessage],
    sending: &Postfix,
    receiving: &Postfix,
    arrived: usize,
) {
    for message in stored.iter().filter(|m| !m.envelope.sender.as_str().is_empty()) {
        let client = &message.client;
        assert_eq!(client.protocol, "ESMTPS", "{client:?}");
        assert!(client.tls.as_ref().is_some_and(|tls| tls.starts_with("TLSv1.3 ")), "{client:?}");
        assert_eq!(client.helo, "internet.mail.example");
        assert_eq!(client.xforward.get("HELO").map(String::as_str), Some("client.example.jp"));
    }
    let established = |log: &str, how: &str| log.lines().filter(|l| l.contains(how)).count();
    assert!(established(&sending.log(), "TLS connection established to 127.0.0.1") > 0);
    // "disconnect from unknown[127.0.0.1] ehlo=3 starttls=1 mail=7 ..."
    let ended = wait_for("the receiving Postfix has seen every session end", || {
        let log = receiving.log();
        let ended: Vec<String> =
            log.lines().filter(|l| l.contains(": disconnect from")).map(str::to_owned).collect();
        (established(&log, ": connect from") == ended.len()).then_some(ended)
    });
    let mails = |line: &str| -> usize {
        let count = line.split(' ').find_map(|word| word.strip_prefix("mail="));
        count.map_or(0, |count| count.parse().unwrap())
    };
    let carried: usize = ended.iter().map(|line| mails(line)).sum();
    assert_eq!(carried, arrived, "{ended:?}");
    for line in ended.iter().filter(|line| mails(line) > 0) {
        assert!(line.contains(" starttls=1 "), "mail in the clear: {line}");
    }
}
