//! Who handed a mail in: listed peers tell the true client by XFORWARD or by a PROXY header, others
//! are not believed.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use support::client::Client;
use support::gateway::{Gateway, Plan};
use support::run::finish;

const MAIL: &[u8] = b"From: <a@example.jp>\r\nSubject: s\r\n\r\nThe text.";

/// A gateway that holds every mail, so that its record can be looked at.
fn start(keys: &[(&str, &str)]) -> Gateway {
    let nobody = ([127, 0, 0, 1], 9).into();
    let plan = Plan::new(nobody).organisations(
        "[[organisation]]\nname = \"x\"\ndomains = [\"town.example.lg.jp\"]\nmode = \"review\"\n",
    );
    keys.iter().fold(plan, |plan, (key, value)| plan.set(key, value)).start()
}

fn hand_over(client: &mut Client) {
    let reply = client.hand_over("a@example.jp", "clerk@town.example.lg.jp", MAIL);
    assert_eq!(reply.code, 250, "{reply:?}");
}

fn records(gateway: &Gateway) -> Vec<Value> {
    let listed = finish(&mut gateway.command(&["queue", "list", "--json"]), b"").good().objects();
    listed.into_iter().map(|message| message["client"].clone()).collect()
}

#[test]
fn a_listed_peer_forwards_the_true_client_for_one_mail() {
    let gateway = start(&[("receive.xforward_peers", "[\"127.0.0.1\"]")]);
    let mut client = Client::connected(gateway.mail());
    client.reply();
    let offer = client.command("EHLO front.example.jp");
    let known = "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE";
    assert!(offer.text.lines().any(|line| line == known), "{offer:?}");
    for command in [
        "XFORWARD NAME=mail.sender.example ADDR=198.51.100.7 PORT=45678 PROTO=ESMTP",
        "XFORWARD HELO=helo.sender.example IDENT=4XYZ12 SOURCE=REMOTE",
    ] {
        assert_eq!(client.command(command).code, 250, "{command}");
    }
    hand_over(&mut client);
    hand_over(&mut client);
    let records = records(&gateway);
    let told = &records[0];
    assert_eq!(told["address"], "127.0.0.1");
    assert_eq!(told["helo"], "front.example.jp");
    assert_eq!(told["name"], "mail.sender.example");
    assert_eq!(told["protocol"], "ESMTP");
    let all = json!({
        "ADDR": "198.51.100.7", "HELO": "helo.sender.example", "IDENT": "4XYZ12",
        "NAME": "mail.sender.example", "PORT": "45678", "PROTO": "ESMTP", "SOURCE": "REMOTE",
    });
    assert_eq!(told["xforward"], all);
    assert_eq!(records[1]["xforward"], Value::Null, "the second mail had none");
}

#[test]
fn a_peer_that_is_not_listed_cannot_forward() {
    let gateway = start(&[("receive.xforward_peers", "[\"192.0.2.1\"]")]);
    let mut client = Client::connected(gateway.mail());
    client.reply();
    let offer = client.command("EHLO front.example.jp");
    assert!(!offer.text.contains("XFORWARD"), "{offer:?}");
    let reply = client.command("XFORWARD ADDR=198.51.100.7");
    assert_eq!(reply.code, 550, "{reply:?}");
    hand_over(&mut client);
    assert_eq!(records(&gateway)[0]["xforward"], Value::Null);
}

/// A PROXY protocol version 2 header for a client over IPv4, with records of some length behind it.
fn proxy_header(client: Ipv4Addr, records: usize) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11".to_vec();
    header.extend_from_slice(&u16::try_from(12 + records).unwrap().to_be_bytes());
    header.extend_from_slice(&client.octets());
    header.extend_from_slice(&[127, 0, 0, 1]);
    header.extend_from_slice(&45_678_u16.to_be_bytes());
    header.extend_from_slice(&25_u16.to_be_bytes());
    header.resize(header.len() + records, 0);
    header
}

const BEHIND_A_PROXY: [(&str, &str); 2] = [
    ("receive.proxy_peers", "[\"127.0.0.1\"]"),
    ("receive.trusted_peers", "[\"198.51.100.0/24\"]"),
];

#[test]
fn a_listed_proxy_tells_whose_connection_it_is() {
    let gateway = start(&BEHIND_A_PROXY);
    for records in [0, 200, 3_000] {
        let mut client = Client::connected(gateway.mail());
        for octet in proxy_header(Ipv4Addr::new(198, 51, 100, 7), records) {
            client.send(&[octet]).unwrap();
        }
        assert_eq!(client.reply().code, 220, "{records} octets of records");
        assert_eq!(client.command("EHLO front.example.jp").code, 250);
        hand_over(&mut client);
    }
    for record in records(&gateway) {
        assert_eq!(record["address"], "198.51.100.7");
    }
    let mut stranger = Client::connected(gateway.mail());
    stranger.send(&proxy_header(Ipv4Addr::new(203, 0, 113, 7), 0)).unwrap();
    assert_eq!(stranger.reply().code, 554, "whom the proxy names must be trusted");
}

#[test]
fn a_listed_proxy_without_a_header_gets_no_session() {
    let gateway = start(&BEHIND_A_PROXY);
    for octets in [&b"EHLO front.example.jp\r\n"[..], b"PROXY TCP4 198.51.100.7 127.0.0.1 1 25\r\n"]
    {
        let mut client = Client::connected(gateway.mail());
        client.send(octets).unwrap();
        // Closed or reset: octets that nobody read are left.
        assert!(client.try_reply().is_err());
    }
}

#[test]
fn a_header_of_a_proxy_that_is_not_listed_is_not_believed() {
    let gateway = start(&[("receive.trusted_peers", "[\"127.0.0.1\"]")]);
    let mut client = Client::connected(gateway.mail());
    assert_eq!(client.reply().code, 220);
    client.send(&proxy_header(Ipv4Addr::new(198, 51, 100, 7), 0)).unwrap();
    let reply = client.reply();
    assert_eq!(reply.code / 100, 5, "{reply:?}");
    let mut other = Client::greeted(gateway.mail());
    hand_over(&mut other);
    assert_eq!(records(&gateway)[0]["address"], "127.0.0.1");
}
