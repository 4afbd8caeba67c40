//! STARTTLS on the receiving side: what was said in the clear is forgotten, and certificates change
//! while the gateway runs.

mod support;

use rustix::process::Signal;
use serde_json::Value;
use support::client::Client;
use support::gateway::{Gateway, Plan, quoted_file};
use support::next_hop::{Manners, NextHop};
use support::run::finish;
use support::tls::{Certificate, Encrypted};
use support::wait_for;

const NAME: &str = "gw.town.example.lg.jp";

/// A gateway that shows a certificate, and holds every mail so that its record can be looked at.
fn start(certificate: &Certificate, required: bool) -> (NextHop, Gateway) {
    let next_hop = NextHop::start(Manners::default());
    let plan = Plan::new(next_hop.address());
    let [file, key] = write(plan.folder(), certificate);
    let gateway = plan
        .set("receive.tls_certificate", &file)
        .set("receive.tls_key", &key)
        .set("receive.tls_required", if required { "true" } else { "false" })
        .organisations(
            "[[organisation]]\nname = \"x\"\ndomains = [\"town.example.lg.jp\"]\nmode = \"review\"\n",
        )
        .start();
    (next_hop, gateway)
}

fn write(folder: &std::path::Path, certificate: &Certificate) -> [String; 2] {
    [
        quoted_file(folder, "tls.pem", certificate.certificate_pem.as_bytes()),
        quoted_file(folder, "tls.key", certificate.key_pem.as_bytes()),
    ]
}

fn only_message(gateway: &Gateway) -> Value {
    finish(&mut gateway.command(&["queue", "list", "--json"]), b"").good().object()
}

#[test]
fn mail_comes_in_under_tls_and_the_record_says_so() {
    let certificate = Certificate::for_name(NAME);
    let (_next_hop, gateway) = start(&certificate, false);
    let mut client = Encrypted::begin(gateway.mail(), b"");
    assert_eq!(client.certificate, certificate.der());
    assert_eq!(client.command("MAIL FROM:<a@example.jp>").code, 503, "EHLO is to be said again");
    let offer = client.command("EHLO client.example.jp");
    assert!(!offer.text.contains("STARTTLS"), "{offer:?}");
    assert_eq!(client.command("STARTTLS").code, 503);
    assert_eq!(client.command("MAIL FROM:<a@example.jp>").code, 250);
    assert_eq!(client.command("RCPT TO:<clerk@town.example.lg.jp>").code, 250);
    assert_eq!(client.command("DATA").code, 354);
    let reply = client.command("Subject: s\r\nFrom: <a@example.jp>\r\n\r\ntext\r\n.");
    assert_eq!(reply.code, 250, "{reply:?}");
    let record = &only_message(&gateway)["client"];
    assert_eq!(record["protocol"], "ESMTPS");
    let tls = record["tls"].as_str().unwrap();
    assert!(tls.starts_with("TLSv1.3 TLS13_"), "{tls}");
}

#[test]
fn what_was_pipelined_behind_starttls_in_the_clear_has_no_effect() {
    let (_next_hop, gateway) = start(&Certificate::for_name(NAME), false);
    let injected = b"EHLO evil.example\r\nMAIL FROM:<evil@example.jp>\r\n\
        RCPT TO:<clerk@town.example.lg.jp>\r\nDATA\r\nSubject: evil\r\n\r\nevil\r\n.\r\n";
    let mut client = Encrypted::begin(gateway.mail(), injected);
    assert_eq!(client.command("RCPT TO:<clerk@town.example.lg.jp>").code, 503);
    assert_eq!(client.command("EHLO client.example.jp").code, 250);
    assert_eq!(client.command("DATA").code, 503, "there is no transaction");
    assert_eq!(client.command("QUIT").code, 221);
    assert_eq!(gateway.metric("sekimori_messages_received_total"), Some(0));
}

#[test]
fn where_tls_is_required_nothing_is_taken_without_it() {
    let (_next_hop, gateway) = start(&Certificate::for_name(NAME), true);
    let mut plain = Client::greeted(gateway.mail());
    let reply = plain.command("MAIL FROM:<a@example.jp>");
    assert_eq!((reply.code, reply.text.get(..5)), (530, Some("5.7.0")), "{reply:?}");
    let mut client = Encrypted::begin(gateway.mail(), b"");
    assert_eq!(client.command("EHLO client.example.jp").code, 250);
    assert_eq!(client.command("MAIL FROM:<a@example.jp>").code, 250);
}

#[test]
fn a_certificate_replaced_on_sighup_is_shown_to_the_next_connection() {
    let old = Certificate::for_name(NAME);
    let (_next_hop, gateway) = start(&old, false);
    let mut before = Encrypted::begin(gateway.mail(), b"");
    assert_eq!(before.certificate, old.der());
    let new = Certificate::for_name(NAME);
    write(gateway.folder(), &new);
    gateway.signal(Signal::HUP);
    wait_for("the new certificate is shown", || {
        (Encrypted::begin(gateway.mail(), b"").certificate == new.der()).then_some(())
    });
    assert_eq!(before.command("EHLO client.example.jp").code, 250, "the old session goes on");
    write(gateway.folder(), &Certificate { key_pem: String::new(), ..old });
    gateway.signal(Signal::HUP);
    let said = "the configuration was not reloaded; nothing is changed";
    let log = wait_for("the bad key is logged", || gateway.logged(said).pop());
    assert!(log["error"].as_str().unwrap().contains("tls.key"), "{log}");
    assert_eq!(Encrypted::begin(gateway.mail(), b"").certificate, new.der());
}
