//! What a peer hears in the SMTP session, over real sockets, and what goes on because of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::{Duration, Instant};

use sekimori_profile::verify::{self, Verified};
use support::client::Client;
use support::gateway::{Gateway, Plan};
use support::next_hop::{Handed, Manners, NextHop};
use support::run::finish;
use support::wait_for;

const SENDER: &str = "a@example.jp";
const RECIPIENT: &str = "clerk@town.example.lg.jp";
const MAIL: &[u8] = b"From: <a@example.jp>\r\nSubject: s\r\n\r\nThe text.";

fn start() -> (NextHop, Gateway) {
    start_with(|plan| plan)
}

fn start_with(change: impl FnOnce(Plan) -> Plan) -> (NextHop, Gateway) {
    let next_hop = NextHop::start(Manners::default());
    let gateway = change(Plan::new(next_hop.address())).start();
    (next_hop, gateway)
}

fn read(handed: &Handed) -> Verified {
    verify::verify(&handed.data, 1024 * 1024).unwrap()
}

fn begin(client: &mut Client) {
    assert_eq!(client.command(&format!("MAIL FROM:<{SENDER}>")).code, 250);
    assert_eq!(client.command(&format!("RCPT TO:<{RECIPIENT}>")).code, 250);
    assert_eq!(client.command("DATA").code, 354);
}

#[test]
fn ehlo_offers_what_is_configured_and_no_more() {
    let (_next_hop, gateway) = start();
    let mut client = Client::connected(gateway.mail());
    let greeting = client.reply();
    assert_eq!(greeting.code, 220);
    assert!(greeting.text.starts_with("gw.town.example.lg.jp ESMTP"), "{greeting:?}");
    let offer = client.command("EHLO client.example.jp");
    let mut offered: Vec<&str> = offer.text.lines().skip(1).collect();
    offered.sort_unstable();
    let all =
        ["8BITMIME", "CHUNKING", "ENHANCEDSTATUSCODES", "PIPELINING", "SIZE 52428800", "SMTPUTF8"];
    assert_eq!(offered, all);
    assert_eq!(client.command("STARTTLS").code, 502);
    assert_eq!(client.command("VRFY clerk").code, 252);
    assert_eq!(client.command("EXPN all").code, 502);
    assert_eq!(client.command("QUIT").code, 221);
    assert!(client.is_closed());
}

#[test]
fn a_peer_that_is_not_listed_hears_554_and_can_do_nothing() {
    let (_next_hop, gateway) =
        start_with(|plan| plan.set("receive.trusted_peers", "[\"192.0.2.0/24\"]"));
    let mut client = Client::connected(gateway.mail());
    let greeting = client.reply();
    assert_eq!(greeting.code, 554, "{greeting:?}");
    assert!(greeting.text.starts_with("5.7.1 "), "{greeting:?}");
    for command in ["EHLO client.example.jp", "MAIL FROM:<a@example.jp>", "DATA"] {
        assert_eq!(client.command(command).code, 503, "{command}");
    }
    assert_eq!(client.command("QUIT").code, 221);
    assert_eq!(gateway.metric("sekimori_connections_refused_total"), Some(1));
}

#[test]
fn a_recipient_elsewhere_is_refused_in_every_spelling() {
    let (next_hop, gateway) = start_with(|plan| plan.set("receive.max_errors", "1000"));
    let mut client = Client::greeted(gateway.mail());
    assert_eq!(client.command(&format!("MAIL FROM:<{SENDER}>")).code, 250);
    for spelling in [
        "<b@foreign.example>",
        "<b@town.example.lg.jp.foreign.example>",
        "<b@xtown.example.lg.jp>",
        "<b@sub.town.example.lg.jp>",
        "<b@example.lg.jp>",
        "<b@[127.0.0.1]>",
        "<b@[IPv6:::1]>",
        "<b%foreign.example@town.example.lg.jp>",
        "<foreign.example!b@town.example.lg.jp>",
        "<\"b@foreign.example\"@town.example.lg.jp>",
        "<\"b%foreign.example\"@town.example.lg.jp>",
        "<b@foreign.example@town.example.lg.jp>",
        "<@foreign.example:b@foreign.example>",
        "<@town.example.lg.jp:b@foreign.example>",
        "<b%foreign.example>",
        "<foreign.example!b>",
        "<b@town.example.l\u{212A}.jp>",
        "<b@ｔｏｗｎ.example.lg.jp>",
    ] {
        let reply = client.command(&format!("RCPT TO:{spelling}"));
        assert_eq!(reply.code, 550, "{spelling}: {reply:?}");
        assert!(reply.text.starts_with("5.7.1 "), "{spelling}: {reply:?}");
    }
    let route = client.command("RCPT TO:<@foreign.example:b@town.example.lg.jp>");
    assert_eq!((route.code, route.text.get(..5)), (550, Some("5.1.3")), "{route:?}");
    assert_eq!(client.command("DATA").code, 554, "there is no recipient");
    for spelling in ["<CLERK@Town.Example.LG.JP>", "<\"two words\"@town.example.lg.jp>"] {
        let reply = client.command(&format!("RCPT TO:{spelling}"));
        assert_eq!(reply.code, 250, "{spelling}: {reply:?}");
    }
    assert!(next_hop.handed().is_empty());
    let (_, metrics) = gateway.get("/metrics");
    assert!(metrics.contains("sekimori_refusals_total 19\n"), "{metrics}");
}

/// Ends of data as some server somewhere takes them.
const FALSE_ENDS: [&[u8]; 10] = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\n.\r",
    b"\r.\n",
    b"\r\r\n.\r\r\n",
    b"\n\n.\n\n",
];

fn smuggling(end: &[u8]) -> Vec<u8> {
    let second: &[u8] =
        b"MAIL FROM:<boss@town.example.lg.jp>\r\nRCPT TO:<clerk@town.example.lg.jp>\r\n\
        DATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n.\r\n";
    [MAIL, end, second].concat()
}

#[test]
fn a_message_with_a_false_end_is_refused_whole() {
    let (next_hop, gateway) = start_with(|plan| plan.set("receive.max_errors", "1000"));
    let mut client = Client::greeted(gateway.mail());
    for end in FALSE_ENDS {
        begin(&mut client);
        client.send(&smuggling(end)).unwrap();
        let reply = client.reply();
        let shown = String::from_utf8(end.to_vec()).unwrap();
        assert_eq!(reply.code, 550, "{shown:?}: {reply:?}");
        assert!(reply.text.starts_with("5.6.11 "), "{shown:?}: {reply:?}");
        let next = client.command("NOOP");
        assert_eq!(next.code, 250, "nothing of the message was taken as a command: {next:?}");
    }
    assert_eq!(client.hand_over(SENDER, RECIPIENT, MAIL).code, 250, "the session goes on");
    let taken = next_hop.wait_for_taken(1);
    assert_eq!(read(&taken[0]).text.trim(), "The text.");
    assert_eq!(gateway.metric("sekimori_messages_received_total"), Some(1));
}

#[test]
fn a_message_with_a_false_end_is_one_message_where_line_ends_are_normalised() {
    let (next_hop, gateway) =
        start_with(|plan| plan.set("receive.bare_line_ends", "\"normalise\""));
    let mut client = Client::greeted(gateway.mail());
    for end in FALSE_ENDS {
        begin(&mut client);
        client.send(&smuggling(end)).unwrap();
        let reply = client.reply();
        assert_eq!(reply.code, 250, "{end:?}: {reply:?}");
        assert_eq!(client.command("NOOP").code, 250);
    }
    assert_eq!(client.command("QUIT").code, 221);
    let taken = next_hop.wait_for_taken(FALSE_ENDS.len());
    assert_eq!(taken.len(), FALSE_ENDS.len(), "each is one message");
    for handed in &taken {
        assert_eq!((handed.sender.as_str(), handed.recipients.len()), (SENDER, 1));
        let verified = read(handed);
        assert_eq!(verified.subject.as_deref(), Some("s"));
        assert!(verified.text.contains("smuggled"), "{}", verified.text);
    }
}

#[test]
fn a_message_over_the_limit_is_refused_when_announced_and_when_it_comes() {
    let (next_hop, gateway) = start_with(|plan| plan.set("receive.max_message_octets", "65536"));
    let mut client = Client::connected(gateway.mail());
    assert_eq!(client.reply().code, 220);
    let offer = client.command("EHLO client.example.jp");
    assert!(offer.text.lines().any(|line| line == "SIZE 65536"), "{offer:?}");
    let announced = client.command(&format!("MAIL FROM:<{SENDER}> SIZE=65537"));
    assert_eq!((announced.code, announced.text.get(..5)), (552, Some("5.3.4")), "{announced:?}");
    let message = |octets: usize| {
        let mut message = MAIL.to_vec();
        message.resize(octets - 2, b'x');
        message
    };
    let over = client.hand_over(SENDER, RECIPIENT, &message(65_537));
    assert_eq!((over.code, over.text.get(..5)), (552, Some("5.3.4")), "{over:?}");
    assert_eq!(client.hand_over(SENDER, RECIPIENT, &message(65_536)).code, 250);
    assert_eq!(next_hop.wait_for_taken(1).len(), 1);
}

#[test]
fn a_message_in_chunks_needs_no_dots() {
    let (next_hop, gateway) = start();
    let mut client = Client::greeted(gateway.mail());
    let [first, second] =
        [&b"Subject: s\r\nFrom: <a@exa"[..], b"mple.jp>\r\n\r\n.\r\n..two\r\nend\r\n"];
    let pipelined = [
        format!("MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\nBDAT {}\r\n", first.len())
            .as_bytes(),
        first,
        format!("BDAT {} LAST\r\n", second.len()).as_bytes(),
        second,
    ]
    .concat();
    client.send(&pipelined).unwrap();
    for _ in 0..4 {
        assert_eq!(client.reply().code, 250);
    }
    let taken = next_hop.wait_for_taken(1);
    assert_eq!(read(&taken[0]).text.trim_end(), ".\n..two\nend");
}

#[test]
fn dots_are_taken_off_on_the_way_in_and_put_on_on_the_way_out() {
    let (next_hop, gateway) = start();
    let mut client = Client::greeted(gateway.mail());
    let message = b"Subject: s\r\nFrom: <a@example.jp>\r\n\r\n..\r\n...two\r\nend";
    assert_eq!(client.hand_over(SENDER, RECIPIENT, message).code, 250);
    let taken = next_hop.wait_for_taken(1);
    assert_eq!(read(&taken[0]).text.trim_end(), ".\n..two\nend");
}

#[test]
fn a_message_for_two_organisations_becomes_two() {
    let next_hop = NextHop::start(Manners::default());
    let gateway = Plan::new(next_hop.address())
        .organisations(
            "[[organisation]]\nname = \"山北町\"\ndomains = [\"town.example.lg.jp\"]\n\
             [[organisation]]\nname = \"川南村\"\ndomains = [\"vill.example.lg.jp\"]\n",
        )
        .start();
    let mut client = Client::greeted(gateway.mail());
    assert_eq!(client.command(&format!("MAIL FROM:<{SENDER}>")).code, 250);
    let recipients = ["a@town.example.lg.jp", "b@vill.example.lg.jp", "c@town.example.lg.jp"];
    for recipient in recipients {
        assert_eq!(client.command(&format!("RCPT TO:<{recipient}>")).code, 250);
    }
    assert_eq!(client.command("DATA").code, 354);
    client.send(MAIL).unwrap();
    let reply = client.command("\r\n.");
    assert_eq!(reply.code, 250);
    let mut taken = next_hop.wait_for_taken(2);
    taken.sort_by_key(|handed| handed.recipients.len());
    assert_eq!(taken[0].recipients, ["b@vill.example.lg.jp"]);
    assert_eq!(taken[1].recipients, ["a@town.example.lg.jp", "c@town.example.lg.jp"]);
    let references = [&taken[0], &taken[1]].map(|handed| read(handed).reference);
    assert_ne!(references[0], references[1], "each organisation has its own number");
    for (reference, organisation) in references.iter().zip(["川南村", "山北町"]) {
        let mut command = gateway.command(&["queue", "show", "--json", reference]);
        let shown = finish(&mut command, b"").good().object();
        assert_eq!(shown["organisation"], organisation);
        let id = shown["queue_id"].as_str().unwrap();
        assert!(reply.text.contains(id), "the peer is told both ids: {reply:?} {id}");
    }
}

#[test]
fn a_message_that_came_by_too_often_is_refused_as_a_loop() {
    let (next_hop, gateway) = start();
    let mut client = Client::greeted(gateway.mail());
    let own = b"Received: by gw.town.example.lg.jp (sekimori)\r\n with ESMTP id 00000001A3;\r\n \
        Tue, 22 Sep 2026 09:00:00 +0900\r\n";
    let foreign = b"Received: from x.example by y.example; Tue, 22 Sep 2026 09:00:00 +0900\r\n";
    let looping = client.hand_over(SENDER, RECIPIENT, &[&own.repeat(11), MAIL].concat());
    assert_eq!((looping.code, looping.text.get(..5)), (554, Some("5.4.6")), "{looping:?}");
    let far = client.hand_over(SENDER, RECIPIENT, &[&foreign.repeat(101), MAIL].concat());
    assert_eq!((far.code, far.text.get(..5)), (554, Some("5.4.6")), "{far:?}");
    let fine = [&own.repeat(3), &foreign.repeat(40), MAIL].concat();
    assert_eq!(client.hand_over(SENDER, RECIPIENT, &fine).code, 250);
    let taken = next_hop.wait_for_taken(1);
    assert_eq!(read(&taken[0]).received, 4, "its own kind crosses, no other does");
    let refusals = gateway.metric("sekimori_refusals_total");
    assert_eq!(refusals, Some(2));
}

#[test]
fn a_real_loop_ends() {
    let nobody = ([127, 0, 0, 1], 9).into();
    let mut gateway = Plan::new(nobody).start();
    assert!(gateway.stop().success());
    let itself = gateway.mail();
    gateway.change("deliver.next_hop", &format!("\"{itself}\""));
    gateway.restart();
    let mut client = Client::greeted(gateway.mail());
    assert_eq!(client.hand_over(SENDER, RECIPIENT, MAIL).code, 250);
    let held = || gateway.metric("sekimori_messages{state=\"held\"}").filter(|&held| held > 0);
    assert_eq!(wait_for("the last one cannot be handed on", held), 1);
    let queued = || gateway.metric("sekimori_messages{state=\"queued\"}").filter(|&left| left == 0);
    wait_for("all others are recorded as delivered", queued);
    let received = gateway.metric("sekimori_messages_received_total").unwrap();
    assert!((2..=12).contains(&received), "{received}");
    let list = finish(&mut gateway.command(&["queue", "list", "--json"]), b"").good().object();
    let reply = list["recipients"][0]["last_reply"].as_str().unwrap();
    assert!(reply.starts_with("554 5.4.6"), "{reply}");
}

#[test]
fn pipelined_commands_are_answered_in_their_order_and_at_once() {
    let (next_hop, gateway) = start();
    let mut client = Client::greeted(gateway.mail());
    let begun = Instant::now();
    for _ in 0..20 {
        let group = format!(
            "MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\nRCPT TO:<x@foreign.example>\r\nDATA\r\n"
        );
        client.send(group.as_bytes()).unwrap();
        let codes: Vec<u16> = (0..4).map(|_| client.reply().code).collect();
        assert_eq!(codes, [250, 250, 550, 354]);
        client.send(MAIL).unwrap();
        assert_eq!(client.command("\r\n.").code, 250);
    }
    // Each wait for a delayed acknowledgement would take 40 ms.
    println!("20 transactions in {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(next_hop.wait_for_taken(20).len(), 20);
}
