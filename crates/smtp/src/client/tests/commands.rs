//! Which commands are written for which message, recipients and server.

use super::*;

#[test]
fn what_the_server_cannot_take_is_settled_without_asking_it() {
    let failed = |envelope, message, extensions| {
        let run = run(Transaction::new(envelope, message, extensions), &[]);
        assert_eq!((run.written.len(), run.connection), (0, Connection::Usable));
        run.results
    };
    let large = MessageInfo { octets: 1_001, ..SMALL };
    let eight_bit = MessageInfo { eight_bit: true, ..SMALL };
    assert_eq!(failed(two(), large, PIPELINING), ["failed 5.3.4", "failed 5.3.4"]);
    assert_eq!(failed(two(), eight_bit, BARE), ["failed 5.6.3", "failed 5.6.3"]);
    let abroad = envelope("総務@例え.jp", &["c@d.example"]);
    assert_eq!(failed(abroad, SMALL, BARE), ["failed 5.6.7"]);
    assert_eq!(failed(envelope("", &[]), SMALL, BARE), [""; 0]);
}

#[test]
fn rfc6531_smtputf8_is_asked_for_when_an_address_needs_it_and_else_not() {
    let mixed = || envelope("", &["総務@例え.jp", "c@d.example"]);
    let served = run(Transaction::new(mixed(), SMALL, PIPELINING), &[250, 250, 250, 354, 250]);
    assert!(
        served.written[0]
            .starts_with("MAIL FROM:<> SIZE=100 SMTPUTF8\r\nRCPT TO:<総務@例え.jp>\r\n")
    );
    let unserved = run(Transaction::new(mixed(), SMALL, BARE), &[250, 250, 354, 250]);
    assert_eq!(unserved.written[..2], ["MAIL FROM:<>\r\n", "RCPT TO:<c@d.example>\r\n"]);
    assert_eq!(unserved.results, ["failed 5.6.7", "delivered 250"]);
}

#[test]
fn rfc6152_8bitmime_is_said_when_the_message_needs_it() {
    let eight_bit = MessageInfo { eight_bit: true, ..SMALL };
    let run = run(Transaction::new(two(), eight_bit, PIPELINING), &[421]);
    assert!(run.written[0].starts_with("MAIL FROM:<a@b.example> SIZE=100 BODY=8BITMIME\r\n"));
}

#[test]
fn rfc2920_3_1_replies_are_read_before_so_much_is_written_that_both_sides_wait() {
    let recipients: Vec<String> = (0..1_000).map(|n| format!("recipient{n}@d.example")).collect();
    let names: Vec<&str> = recipients.iter().map(String::as_str).collect();
    let mut replies = vec![250; 1_001];
    replies.extend([354, 250]);
    let run = run(Transaction::new(envelope("", &names), SMALL, PIPELINING), &replies);
    assert!(run.written.len() > 3);
    assert!(run.written.iter().all(|group| group.len() <= 8 * 1024));
    assert_eq!(run.written.concat().matches("RCPT TO:").count(), 1_000);
    assert!(run.results.iter().all(|result| result == "delivered 250"));
}
