//! MAIL, RCPT and DATA as a client meets them.

use sekimori_policy::{Address, Code, ReversePath};

use crate::session::harness::{Driven, settings};
use crate::{Reply, ReplyCode, SessionSettings};

const MAIL: &str = "MAIL FROM:<a@b.example>\r\n";
const RCPT: &str = "RCPT TO:<c@town.example.lg.jp>\r\n";

#[test]
fn rfc5321_appendix_d_1_a_message_goes_through_with_its_envelope() {
    let mut client = Driven::new().greeted();
    assert_eq!(client.codes("MAIL FROM:<a@b.example> SIZE=100 BODY=8BITMIME\r\n"), "250 2.1.0");
    assert_eq!(client.codes(RCPT), "250 2.1.5");
    assert_eq!(client.codes("RCPT TO:<D@TOWN.example.lg.jp.>\r\n"), "250 2.1.5");
    assert_eq!(client.codes("DATA\r\n"), "354");
    assert!(client.session.in_data());
    assert_eq!(client.codes("Subject: x\r\n\r\n..dot\r\n.\r\n"), "250 2.0.0");
    assert!(!client.session.in_data() && !client.session.in_transaction());
    let message = &client.record.messages[0];
    assert_eq!(message.envelope.sender.as_str(), "a@b.example");
    let recipients: Vec<_> = message.envelope.recipients.iter().map(Address::as_str).collect();
    assert_eq!(recipients, ["c@town.example.lg.jp", "D@town.example.lg.jp"]);
    assert_eq!(message.data, b"Subject: x\r\n\r\n.dot\r\n");
    assert!(message.body_8bit && !message.smtputf8);
}

#[test]
fn rfc2920_a_whole_conversation_may_come_in_one_piece() {
    let mut client = Driven::new();
    let codes = client.codes(&format!(
        "EHLO a\r\n{MAIL}{RCPT}DATA\r\nx\r\n.\r\nMAIL FROM:<>\r\n{RCPT}DATA\r\ny\r\n.\r\nQUIT\r\n"
    ));
    assert!(codes.ends_with(
        "250 2.1.0, 250 2.1.5, 354, 250 2.0.0, 250 2.1.0, 250 2.1.5, 354, 250 2.0.0, 221 2.0.0"
    ));
    assert!(client.record.messages[1].envelope.sender.is_null());
}

#[test]
fn rfc5321_4_1_4_commands_out_of_order_are_refused() {
    let mut client = Driven::new();
    client.say("NOOP\r\n");
    assert_eq!(client.codes(MAIL), "503 5.5.1");
    client.say("EHLO a\r\n");
    assert_eq!(client.codes(RCPT), "503 5.5.1");
    assert_eq!(client.codes("DATA\r\n"), "503 5.5.1");
    assert_eq!(client.codes(MAIL), "250 2.1.0");
    assert_eq!(client.codes(MAIL), "503 5.5.1");
    assert_eq!(client.codes("DATA\r\n"), "503 5.5.1");
    client.say("EHLO a\r\n");
    assert_eq!(client.codes(RCPT), "503 5.5.1");
}

#[test]
fn data_behind_recipients_that_were_all_refused_is_refused() {
    let mut client = Driven::new().greeted();
    let codes = client.codes(&format!("{MAIL}RCPT TO:<x@foreign.example>\r\nDATA\r\nNOOP\r\n"));
    assert_eq!(codes, "250 2.1.0, 550 5.7.1, 554 5.5.1, 250 2.0.0");
}

#[test]
fn a_foreign_recipient_is_recorded_and_the_others_are_served() {
    let mut client = Driven::new().greeted();
    client.say(&format!("{MAIL}RCPT TO:<x%y@town.example.lg.jp>\r\n{RCPT}DATA\r\n.\r\n"));
    assert_eq!(client.record.messages[0].envelope.recipients.len(), 1);
    let refusal = &client.record.refusals[0];
    assert_eq!(refusal.code, Code::RejectRelay);
    assert_eq!(refusal.reply.code().get(), 550);
    assert_eq!(refusal.recipient.as_deref(), Some("x%y@town.example.lg.jp"));
    assert_eq!(refusal.sender.as_ref().map(ReversePath::as_str), Some("a@b.example"));
}

#[test]
fn recipients_that_are_none_are_refused_each_with_its_code() {
    let mut client = Driven::new().greeted();
    client.say(MAIL);
    for (path, codes) in [
        ("<x@foreign.example>", "550 5.7.1"),
        ("<\"x@foreign.example\"@town.example.lg.jp>", "550 5.7.1"),
        ("<x@[192.0.2.1]>", "550 5.7.1"),
        ("<x@tоwn.example.lg.jp>", "550 5.7.1"),
        ("<@a.example:c@town.example.lg.jp>", "550 5.1.3"),
        ("<>", "550 5.1.3"),
        ("<soumu>", "550 5.1.3"),
        ("<総務@town.example.lg.jp>", "553 5.6.7"),
        ("c@town.example.lg.jp", "501 5.5.4"),
        ("<c@town.example.lg.jp> NOTIFY=NEVER", "555 5.5.4"),
    ] {
        assert_eq!(client.codes(&format!("RCPT TO:{path}\r\n")), codes, "{path}");
    }
    assert_eq!(client.record.refusals.len(), 7);
    assert_eq!(client.codes("RCPT TO:<Postmaster>\r\n"), "250 2.1.5");
}

#[test]
fn a_recipient_said_twice_is_kept_once() {
    let mut client = Driven::new().greeted();
    client.say(&format!("{MAIL}{RCPT}{RCPT}RCPT TO:<c@TOWN.example.lg.jp>\r\nDATA\r\n.\r\n"));
    assert_eq!(client.record.messages[0].envelope.recipients.len(), 1);
}

#[test]
fn rfc5321_4_5_3_1_10_recipients_over_the_bound_are_put_off_and_recorded_once() {
    let mut client = Driven::with(SessionSettings { max_recipients: 2, ..settings() }).greeted();
    client.say(MAIL);
    for (index, codes) in ["250 2.1.5", "250 2.1.5", "452 4.5.3", "452 4.5.3"].iter().enumerate() {
        let rcpt = format!("RCPT TO:<c{index}@town.example.lg.jp>\r\n");
        assert_eq!(client.codes(&rcpt), *codes);
    }
    for _ in 0..100 {
        assert_eq!(client.codes(RCPT), "452 4.5.3");
    }
    assert_eq!(
        client.codes("RCPT TO:<c0@town.example.lg.jp>\r\nDATA\r\n.\r\n"),
        "250 2.1.5, 354, 250 2.0.0"
    );
    assert_eq!(client.record.refusals.len(), 1);
    assert_eq!(client.record.refusals[0].code, Code::RejectRecipients);
}

#[test]
fn mail_parameters_that_are_unknown_malformed_or_said_after_helo_are_refused() {
    let mut client = Driven::new().greeted();
    for (parameters, codes) in [
        ("RET=FULL", "555 5.5.4"),
        ("AUTH=<>", "555 5.5.4"),
        ("BODY=BINARYMIME", "555 5.5.4"),
        ("SIZE=x", "501 5.5.4"),
        ("SIZE=1 SIZE=1", "501 5.5.4"),
    ] {
        let mail = format!("MAIL FROM:<a@b.example> {parameters}\r\n");
        assert_eq!(client.codes(&mail), codes, "{parameters}");
    }
    for sender in ["a", "a b@c.example", "a@", "\"a@b.example"] {
        let mail = format!("MAIL FROM:<{sender}>\r\n");
        assert!(client.codes(&mail).starts_with("501 5."), "{sender}");
    }
    client.say("HELO a\r\n");
    assert_eq!(client.codes("MAIL FROM:<a@b.example> SIZE=1\r\n"), "555 5.5.4");
    assert_eq!(client.codes(MAIL), "250 2.1.0");
}

#[test]
fn rfc6531_addresses_outside_ascii_need_smtputf8() {
    let mut client = Driven::new().greeted();
    assert_eq!(client.codes("MAIL FROM:<総務@例え.jp>\r\n"), "553 5.6.7");
    assert_eq!(client.codes("MAIL FROM:<a@\u{212A}yoto.example>\r\n"), "553 5.6.7");
    assert_eq!(client.codes("MAIL FROM:<総務@例え.jp> SMTPUTF8\r\n"), "250 2.1.0");
    assert_eq!(
        client.codes("RCPT TO:<総務@例え.jp>\r\nDATA\r\n.\r\n"),
        "250 2.1.5, 354, 250 2.0.0"
    );
    assert!(client.record.messages[0].smtputf8);
}

#[test]
fn rfc1870_a_message_said_to_be_too_large_is_refused_at_mail_and_no_more_is_held_against_it() {
    let mut client =
        Driven::with(SessionSettings { max_message_octets: 1_000, ..settings() }).greeted();
    assert_eq!(client.codes("MAIL FROM:<a@b.example> SIZE=1000\r\n"), "250 2.1.0");
    client.say("RSET\r\n");
    assert_eq!(client.codes("MAIL FROM:<a@b.example> SIZE=1001\r\n"), "552 5.3.4");
    assert_eq!(
        client.codes("MAIL FROM:<a@b.example> SIZE=99999999999999999999999\r\n"),
        "552 5.3.4"
    );
    assert_eq!(client.record.refusals[0].code, Code::RejectSize);
    let pipelined = RCPT.repeat(50);
    assert!(client.codes(&pipelined).starts_with("503 5.5.1, 503"));
    assert!(!client.record.closed);
}

#[test]
fn a_driver_short_of_memory_puts_a_message_off_before_it_is_sent() {
    let mut client = Driven::new().greeted();
    client.refuse = Some(Reply::storage_short());
    client.say(&format!("{MAIL}{RCPT}"));
    assert_eq!(client.codes("DATA\r\nNOOP\r\n"), "452 4.3.1, 250 2.0.0");
    client.refuse = None;
    assert_eq!(client.codes("DATA\r\n.\r\n"), "354, 250 2.0.0");
}

#[test]
fn an_answer_of_421_ends_the_session() {
    let mut client = Driven::new().greeted();
    client.answer = Reply::new(ReplyCode::UNAVAILABLE, 3, 0, "no more");
    assert_eq!(
        client.codes(&format!("{MAIL}{RCPT}DATA\r\n.\r\nNOOP\r\n")),
        "250 2.1.0, 250 2.1.5, 354, 421 4.3.0"
    );
    assert!(client.record.closed);
}
