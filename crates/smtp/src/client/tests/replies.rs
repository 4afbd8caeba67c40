//! What each reply means for each recipient, and for the connection.

use proptest::prelude::*;

use super::*;
use crate::Phase;

const MAIL: &str = "MAIL FROM:<a@b.example>";
const GROUP: &str = "MAIL FROM:<a@b.example> SIZE=100\r\n\
                     RCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n";

#[test]
fn rfc2920_the_envelope_goes_out_in_one_write_where_pipelining_is_offered() {
    let run = run(Transaction::new(two(), SMALL, PIPELINING), &[250, 250, 250, 354, 250]);
    assert_eq!(run.written, [GROUP, "<message>"]);
    assert_eq!(run.results, ["delivered 250", "delivered 250"]);
    assert_eq!(run.connection, Connection::Usable);
}

#[test]
fn rfc5321_4_1_4_one_command_at_a_time_goes_out_where_it_is_not() {
    let run = run(Transaction::new(two(), SMALL, BARE), &[250, 250, 251, 354, 250]);
    let commands = [
        "MAIL FROM:<a@b.example>\r\n",
        "RCPT TO:<c@d.example>\r\n",
        "RCPT TO:<e@d.example>\r\n",
        "DATA\r\n",
    ];
    assert_eq!(run.written[..4], commands);
    assert_eq!(run.written[4], "<message>");
    assert_eq!(run.results, ["delivered 250", "delivered 250"]);
}

/// Replies to the pipelined group and what follows it; what is written after the group; results.
type Case = (&'static [u16], &'static [&'static str], [&'static str; 2], Connection);

#[test]
fn every_turn_of_a_pipelined_transaction_gives_each_recipient_its_result() {
    use Connection::{Unusable, Usable};
    const CASES: &[Case] = &[
        // MAIL refused, whatever the server says to what came behind it.
        (&[450, 503, 503, 503, 250], &["RSET\r\n"], ["deferred 450", "deferred 450"], Usable),
        (&[550, 250, 250, 503, 250], &["RSET\r\n"], ["failed 550", "failed 550"], Usable),
        (&[550, 503, 503, 354, 554], &[".\r\n"], ["failed 550", "failed 550"], Usable),
        // Some or all recipients refused.
        (&[250, 550, 250, 354, 250], &["<message>"], ["failed 550", "delivered 250"], Usable),
        (&[250, 450, 250, 354, 250], &["<message>"], ["deferred 450", "delivered 250"], Usable),
        (&[250, 552, 250, 354, 250], &["<message>"], ["deferred 552", "delivered 250"], Usable),
        (&[250, 550, 450, 554, 250], &["RSET\r\n"], ["failed 550", "deferred 450"], Usable),
        // RFC 2920 section 3.1: 354 though nobody is there gets the lone dot, never the message.
        (&[250, 550, 550, 354, 554], &[".\r\n"], ["failed 550", "failed 550"], Usable),
        (&[250, 550, 550, 354, 250], &[".\r\n"], ["failed 550", "failed 550"], Usable),
        // DATA refused though recipients were accepted.
        (&[250, 250, 250, 451, 250], &["RSET\r\n"], ["deferred 451", "deferred 451"], Usable),
        (&[250, 550, 250, 554, 250], &["RSET\r\n"], ["failed 550", "failed 554"], Usable),
        (&[250, 250, 250, 451, 500], &["RSET\r\n"], ["deferred 451", "deferred 451"], Unusable),
        // The reply to the message.
        (&[250, 250, 250, 354, 452], &["<message>"], ["deferred 452", "deferred 452"], Usable),
        (&[250, 250, 550, 354, 552], &["<message>"], ["failed 552", "failed 550"], Usable),
        // 421 at any place.
        (&[421], &[], ["deferred 421", "deferred 421"], Unusable),
        (&[250, 550, 421], &[], ["failed 550", "deferred 421"], Unusable),
        (&[250, 250, 250, 421], &[], ["deferred 421", "deferred 421"], Unusable),
        (&[250, 250, 250, 354, 421], &["<message>"], ["deferred 421", "deferred 421"], Unusable),
        (&[250, 550, 550, 554, 421], &["RSET\r\n"], ["failed 550", "failed 550"], Unusable),
        // Codes that cannot stand there: the two sides no longer agree on where they are.
        (&[354], &[], ["deferred violation 354", "deferred violation 354"], Unusable),
        (&[250, 550, 354], &[], ["failed 550", "deferred violation 354"], Unusable),
        (
            &[250, 250, 250, 250],
            &[],
            ["deferred violation 250", "deferred violation 250"],
            Unusable,
        ),
        (
            &[250, 250, 250, 354, 354],
            &["<message>"],
            ["deferred violation 354", "deferred violation 354"],
            Unusable,
        ),
        // The connection lost at any place.
        (&[], &[], ["deferred 4.4.2", "deferred 4.4.2"], Unusable),
        (&[250, 550], &[], ["failed 550", "deferred 4.4.2"], Unusable),
        (&[250, 250, 250], &[], ["deferred 4.4.2", "deferred 4.4.2"], Unusable),
        (
            &[250, 550, 250, 354],
            &["<message>"],
            ["failed 550", "deferred 4.4.2 perhaps there"],
            Unusable,
        ),
        (&[250, 550, 550, 354], &[".\r\n"], ["failed 550", "failed 550"], Unusable),
    ];
    for (replies, after, results, connection) in CASES {
        let run = run(Transaction::new(two(), SMALL, PIPELINING), replies);
        assert_eq!(run.written[0], GROUP);
        assert_eq!(run.written[1..], **after, "{replies:?}");
        assert_eq!(run.results, *results, "{replies:?}");
        assert_eq!(run.connection, *connection, "{replies:?}");
    }
}

#[test]
fn without_pipelining_nothing_is_said_behind_a_refused_mail_and_data_only_to_someone() {
    let mail_refused = run(Transaction::new(two(), SMALL, BARE), &[550, 250]);
    assert_eq!(mail_refused.written, [&format!("{MAIL}\r\n"), "RSET\r\n"]);
    let all_refused = run(Transaction::new(two(), SMALL, BARE), &[250, 550, 450, 250]);
    assert_eq!(all_refused.written[3], "RSET\r\n");
    assert_eq!(all_refused.results, ["failed 550", "deferred 450"]);
    assert_eq!(all_refused.connection, Connection::Usable);
}

#[test]
fn a_connection_lost_while_the_message_is_written_leaves_no_duplicate() {
    let mut transaction = Transaction::new(envelope("", &["c@d.example"]), SMALL, BARE);
    for code in [250, 250, 354] {
        assert!(matches!(transaction.next_action(), Action::Write(_)));
        assert!(matches!(transaction.next_action(), Action::Read(_)));
        transaction.reply(PeerReply { code: ReplyCode::new(code).unwrap(), lines: vec![] });
    }
    assert_eq!(transaction.next_action(), Action::WriteMessage);
    let outcome = transaction.connection_lost();
    assert_eq!(outcome.recipients[0].1, RecipientResult::Deferred(Cause::Lost));
}

#[test]
fn rfc5321_4_5_3_2_each_reply_has_its_own_time_out() {
    let mut transaction = Transaction::new(envelope("", &["c@d.example"]), SMALL, BARE);
    let mut phases = Vec::new();
    for code in [250, 250, 354, 250] {
        assert!(matches!(transaction.next_action(), Action::Write(_) | Action::WriteMessage));
        let Action::Read(phase) = transaction.next_action() else { panic!() };
        phases.push(phase);
        transaction.reply(PeerReply { code: ReplyCode::new(code).unwrap(), lines: vec![] });
    }
    assert_eq!(
        phases,
        [Phase::Command, Phase::Command, Phase::DataInitiation, Phase::DataTermination]
    );
}

#[test]
fn a_552_that_says_what_it_means_is_taken_at_its_word() {
    let mut transaction = Transaction::new(envelope("", &["c@d.example"]), SMALL, PIPELINING);
    transaction.next_action();
    for (code, line) in [(250, "2.1.0 Ok"), (552, "5.3.4 Too large for this mailbox")] {
        transaction
            .reply(PeerReply { code: ReplyCode::new(code).unwrap(), lines: vec![line.to_owned()] });
    }
    let outcome = transaction.connection_lost();
    assert!(
        matches!(&outcome.recipients[0].1, RecipientResult::Failed(cause) if cause.status() == "5.3.4")
    );
}

proptest! {
    #[test]
    fn any_replies_end_in_one_result_for_each_recipient(
        codes in prop::collection::vec(prop::sample::select(vec![220, 250, 354, 421, 450, 550, 552]), 0..12),
        pipelining: bool,
    ) {
        let offered = PeerExtensions { pipelining, ..BARE };
        let mut transaction = Transaction::new(two(), SMALL, offered);
        let mut codes = codes.into_iter();
        let mut message_written = false;
        let mut last = None;
        let outcome = loop {
            match transaction.next_action() {
                Action::Write(_) => {}
                Action::WriteMessage => message_written = true,
                Action::Read(_) => match codes.next() {
                    Some(code) => {
                        last = Some(code);
                        transaction.reply(PeerReply { code: ReplyCode::new(code).unwrap(), lines: vec![] });
                    }
                    None => break transaction.connection_lost(),
                },
                Action::Done(outcome) => break outcome,
            }
        };
        prop_assert_eq!(outcome.recipients.len(), 2);
        let delivered = outcome.recipients.iter().any(|(_, r)| matches!(r, RecipientResult::Delivered(_)));
        prop_assert!(!delivered || (message_written && matches!(last, Some(220 | 250))));
    }
}
