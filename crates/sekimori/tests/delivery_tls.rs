//! How the next hop is known and spoken to: TLS as the policy says, and a login.
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::client::Client;
use support::gateway::{Gateway, Plan, quoted_file};
use support::next_hop::{Manners, NextHop};
use support::run::finish;
use support::tls::Certificate;
use support::wait_for;

const MAIL: &[u8] = b"From: <a@example.jp>\r\nSubject: s\r\n\r\nThe text.";

fn send(gateway: &Gateway) {
    let mut client = Client::greeted(gateway.mail());
    let reply = client.hand_over("a@example.jp", "clerk@town.example.lg.jp", MAIL);
    assert_eq!(reply.code, 250, "{reply:?}");
}

fn start(next_hop: &NextHop, tls: &str) -> Plan {
    Plan::new(next_hop.address()).set("deliver.tls", &format!("\"{tls}\""))
}

/// Waits for a failed attempt; its reason.
fn reason(gateway: &Gateway) -> String {
    let tried = || {
        let list = finish(&mut gateway.command(&["queue", "list", "--json"]), b"").good();
        let reason: Option<Value> =
            list.objects().pop().map(|m| m["recipients"][0]["delay_reason"].clone());
        reason?.as_str().map(str::to_owned)
    };
    wait_for("an attempt fails", tried)
}

fn offering(certificate: &Certificate) -> Manners {
    Manners { tls: Some(certificate.server()), ..Manners::default() }
}

#[test]
fn may_uses_tls_where_it_is_offered_whatever_the_certificate() {
    let offers = NextHop::start(offering(&Certificate::for_name("other.example")));
    let does_not = NextHop::start(Manners::default());
    for (next_hop, encrypted) in [(&offers, true), (&does_not, false)] {
        let gateway = start(next_hop, "may").start();
        send(&gateway);
        assert_eq!(next_hop.wait_for_taken(1)[0].encrypted, encrypted);
    }
}

#[test]
fn none_never_uses_tls() {
    let next_hop = NextHop::start(offering(&Certificate::for_name("127.0.0.1")));
    let gateway = start(&next_hop, "none").start();
    send(&gateway);
    assert!(!next_hop.wait_for_taken(1)[0].encrypted);
}

#[test]
fn encrypt_hands_nothing_over_in_the_clear() {
    let next_hop = NextHop::start(Manners::default());
    let gateway = start(&next_hop, "encrypt").start();
    send(&gateway);
    let reason = reason(&gateway);
    assert!(reason.contains("STARTTLS is not offered"), "{reason}");
    assert!(next_hop.handed().is_empty());
    next_hop.change(offering(&Certificate::for_name("other.example")));
    assert!(next_hop.wait_for_taken(1)[0].encrypted);
}

#[test]
fn verify_takes_a_known_authority_s_certificate_for_the_host_s_name_and_no_other() {
    let good = Certificate::for_name("127.0.0.1");
    let by_a_stranger = Certificate::for_name("127.0.0.1");
    let next_hop = NextHop::start(offering(&by_a_stranger));
    let plan = start(&next_hop, "verify");
    let authorities = quoted_file(plan.folder(), "ca.pem", good.authority_pem.as_bytes());
    let gateway = plan.set("deliver.tls_authorities", &authorities).start();
    send(&gateway);
    let reason = reason(&gateway);
    assert!(reason.contains("TLS: invalid peer certificate"), "{reason}");
    assert!(next_hop.handed().is_empty());
    next_hop.change(offering(&good));
    assert!(next_hop.wait_for_taken(1)[0].encrypted);
}

#[test]
fn verify_refuses_a_certificate_for_another_name() {
    let certificate = Certificate::for_name("other.example");
    let next_hop = NextHop::start(offering(&certificate));
    let plan = start(&next_hop, "verify");
    let authorities = quoted_file(plan.folder(), "ca.pem", certificate.authority_pem.as_bytes());
    let gateway = plan.set("deliver.tls_authorities", &authorities).start();
    send(&gateway);
    let reason = reason(&gateway);
    assert!(reason.contains("not valid for name"), "{reason}");
    assert!(next_hop.handed().is_empty());
}

#[test]
fn a_login_is_given_under_tls_with_the_password_of_a_file() {
    // NUL, "gateway", NUL, "open sesame" in Base64.
    let login = Some("AGdhdGV3YXkAb3BlbiBzZXNhbWU=".to_owned());
    let certificate = Certificate::for_name("127.0.0.1");
    let next_hop = NextHop::start(Manners { login, ..offering(&certificate) });
    let plan = start(&next_hop, "encrypt");
    let password = quoted_file(plan.folder(), "password", b"open sesame\n");
    let gateway =
        plan.set("deliver.user", "\"gateway\"").set("deliver.password_file", &password).start();
    send(&gateway);
    assert_eq!(next_hop.wait_for_taken(1).len(), 1);
    assert!(!gateway.log_text().contains("sesame"));
    quoted_file(gateway.folder(), "password", b"wrong\n");
    let other = {
        let plan = start(&next_hop, "encrypt");
        let password = quoted_file(plan.folder(), "password", b"wrong\n");
        plan.set("deliver.user", "\"gateway\"").set("deliver.password_file", &password).start()
    };
    send(&other);
    let reason = reason(&other);
    assert!(reason.contains("login") && reason.contains("535"), "{reason}");
    assert!(!reason.contains("wrong"), "the password is not told: {reason}");
}
