//! SIGTERM finishes what is in hand, SIGHUP takes a good configuration and leaves a bad one.

mod support;

use std::fs;
use std::net::TcpStream;

use rustix::process::Signal;
use support::client::Client;
use support::gateway::Plan;
use support::next_hop::{Manners, NextHop};
use support::wait_for;

const SENDER: &str = "a@example.jp";
const RECIPIENT: &str = "clerk@town.example.lg.jp";
const MAIL: &[u8] = b"From: <a@example.jp>\r\nSubject: s\r\n\r\nThe text.";

#[test]
fn a_message_in_the_middle_of_its_data_is_finished_before_the_end() {
    let next_hop = NextHop::start(Manners::default());
    let mut gateway = Plan::new(next_hop.address()).start();
    let mut idle = Client::greeted(gateway.mail());
    let mut client = Client::greeted(gateway.mail());
    assert_eq!(client.command(&format!("MAIL FROM:<{SENDER}>")).code, 250);
    assert_eq!(client.command(&format!("RCPT TO:<{RECIPIENT}>")).code, 250);
    assert_eq!(client.command("DATA").code, 354);
    client.send(b"Subject: begun before\r\n").unwrap();
    gateway.signal(Signal::TERM);
    wait_for("new connections are refused", || {
        TcpStream::connect(gateway.mail()).is_err().then_some(())
    });
    assert_eq!(idle.reply().code, 421, "an idle session is told");
    assert!(idle.is_closed());
    client.send(b"From: <a@example.jp>\r\n\r\nfinished after").unwrap();
    let reply = client.command("\r\n.");
    assert_eq!(reply.code, 250, "{reply:?}");
    let last = client.reply();
    assert_eq!(last.code, 421, "then its session ends: {last:?}");
    assert!(client.is_closed());
    assert_eq!(gateway.wait().code(), Some(0));
    gateway.restart();
    let taken = next_hop.wait_for_taken(1);
    assert_eq!(taken.len(), 1, "it arrives, now or after a restart, once");
    assert!(taken[0].text().contains("Subject: begun before"));
}

#[test]
fn a_bad_configuration_changes_nothing_and_a_good_one_is_taken() {
    let next_hop = NextHop::start(Manners::default());
    let mut gateway = Plan::new(next_hop.address()).start();
    gateway.change("receive.hostname", "\"changed.example.lg.jp\"");
    gateway.change("deliver.next_hop", "\"nowhere\"");
    gateway.signal(Signal::HUP);
    let refused = "the configuration was not reloaded; nothing is changed";
    let log = wait_for("the mistake is logged", || gateway.logged(refused).pop());
    let mistake = log["mistake"].as_str().unwrap();
    assert!(mistake.contains("sekimori.toml:"), "{mistake}");
    assert!(mistake.contains("deliver.next_hop: \"nowhere\" is no mail server"), "{mistake}");
    let mut client = Client::connected(gateway.mail());
    assert!(client.reply().text.starts_with("gw.town.example.lg.jp "));
    assert_eq!(client.command("EHLO client.example.jp").code, 250);
    assert_eq!(client.hand_over(SENDER, RECIPIENT, MAIL).code, 250);
    gateway.change("deliver.next_hop", &format!("\"{}\"", next_hop.address()));
    gateway.signal(Signal::HUP);
    wait_for("the good one is taken", || {
        let greeting = Client::connected(gateway.mail()).reply().text;
        greeting.starts_with("changed.example.lg.jp ").then_some(())
    });
    assert_eq!(client.hand_over(SENDER, RECIPIENT, MAIL).code, 250, "the old session goes on");
    assert_eq!(next_hop.wait_for_taken(2).len(), 2);
}

#[test]
fn a_domain_taken_away_by_a_reload_is_refused_from_then_on() {
    let next_hop = NextHop::start(Manners::default());
    let gateway = Plan::new(next_hop.address()).start();
    let configuration = fs::read_to_string(gateway.config_path()).unwrap();
    let changed = configuration.replace("[\"town.example.lg.jp\"]", "[\"vill.example.lg.jp\"]");
    assert_ne!(changed, configuration);
    fs::write(gateway.config_path(), changed).unwrap();
    gateway.signal(Signal::HUP);
    wait_for("the new domain is taken and the old one refused", || {
        let mut client = Client::greeted(gateway.mail());
        assert_eq!(client.command(&format!("MAIL FROM:<{SENDER}>")).code, 250);
        let old = client.command(&format!("RCPT TO:<{RECIPIENT}>")).code;
        let new = client.command("RCPT TO:<clerk@vill.example.lg.jp>").code;
        ((old, new) == (550, 250)).then_some(())
    });
}
