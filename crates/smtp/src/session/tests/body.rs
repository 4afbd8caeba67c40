//! Messages by DATA and by BDAT as a client meets them.

use sekimori_policy::Code;

use crate::session::harness::{Driven, settings};
use crate::{BareLineEnds, Phase, Reply, SessionSettings};

const ENVELOPE: &str = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@town.example.lg.jp>\r\n";

fn ready(mut client: Driven) -> Driven {
    client.say(ENVELOPE);
    client
}

fn small(max_message_octets: usize) -> SessionSettings {
    SessionSettings { max_message_octets, ..settings() }
}

#[test]
fn smuggled_commands_stay_inside_the_message_that_is_then_refused() {
    for end in
        ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n\0.\n", "\r\n.\0\n"]
    {
        let smuggled = format!("x{end}{ENVELOPE}DATA\r\nevil\r\n.\r\n");
        let mut client = ready(Driven::new().greeted());
        assert_eq!(
            client.codes(&format!("DATA\r\n{smuggled}NOOP\r\n")),
            "354, 550 5.6.11, 250 2.0.0",
            "{end:?}"
        );
        assert!(client.record.messages.is_empty());
        assert_eq!(client.record.refusals[0].code, Code::RejectLineEnds);
        let mut lenient = ready(Driven::normalising().greeted());
        assert_eq!(
            lenient.codes(&format!("DATA\r\n{smuggled}NOOP\r\n")),
            "354, 250 2.0.0, 250 2.0.0",
            "{end:?}"
        );
        assert_eq!(lenient.record.messages.len(), 1, "{end:?}");
        assert!(lenient.record.messages[0].data.ends_with(b"DATA\r\nevil\r\n"));
    }
}

#[test]
fn a_message_over_the_bound_is_read_to_its_end_and_refused() {
    let mut client = ready(Driven::with(small(10)).greeted());
    assert_eq!(client.codes("DATA\r\n12345678\r\n.\r\n"), "354, 250 2.0.0");
    client.say(ENVELOPE);
    assert_eq!(
        client.codes("DATA\r\n123456789\r\nQUIT\r\n.\r\nNOOP\r\n"),
        "354, 552 5.3.4, 250 2.0.0"
    );
    assert_eq!(client.record.refusals[0].code, Code::RejectSize);
    client.say(ENVELOPE);
    assert_eq!(client.codes("DATA\r\n..345678\r\n.\r\n"), "354, 250 2.0.0");
}

#[test]
fn a_message_that_never_ends_ends_the_session() {
    let mut client =
        ready(Driven::with(SessionSettings { max_wire_octets: 0, ..small(1_000) }).greeted());
    assert_eq!(client.codes("DATA\r\n"), "354");
    assert_eq!(client.say(&"x".repeat(3_000)), "");
    assert_eq!(client.session.buffered_octets(), 0);
    assert_eq!(client.codes(&"x".repeat(24)), "421 4.3.4");
    assert!(client.record.closed);
    let endless = format!("DATA\r\n{}\r\n.\r\n", "x".repeat(5_000));
    let wire = SessionSettings { max_wire_octets: 0, ..small(1_000) };
    let mut at_once = ready(Driven::with(wire).greeted());
    assert_eq!(at_once.codes(&endless), "354, 421 4.3.4");
}

#[test]
fn rfc3030_chunks_make_one_message_as_they_are() {
    let mut client = ready(Driven::new().greeted());
    assert_eq!(client.codes("BDAT 5\r\n.\r\nab"), "250 2.0.0");
    assert!(client.session.in_data());
    assert_eq!(client.codes("BDAT 0\r\n"), "250 2.0.0");
    assert_eq!(client.codes("BDAT 7 LAST\r\n\r\n..\r\nxNOOP\r\n"), "250 2.0.0, 250 2.0.0");
    assert_eq!(client.record.messages[0].data, b".\r\nab\r\n..\r\nx\r\n");
    client.say(ENVELOPE);
    assert_eq!(client.codes("BDAT 0 LAST\r\n"), "250 2.0.0");
    assert_eq!(client.record.messages[1].data, b"");
}

#[test]
fn a_crlf_divided_between_chunks_is_one_and_a_bare_cr_or_lf_is_refused() {
    let mut client = ready(Driven::new().greeted());
    assert_eq!(client.codes("BDAT 2\r\na\rBDAT 1 LAST\r\n\n"), "250 2.0.0, 250 2.0.0");
    assert_eq!(client.record.messages[0].data, b"a\r\n");
    for chunks in ["BDAT 2 LAST\r\na\r", "BDAT 2\r\na\rBDAT 1 LAST\r\nb", "BDAT 2 LAST\r\n\nb"] {
        client.say(ENVELOPE);
        assert!(client.codes(chunks).ends_with("550 5.6.11"), "{chunks:?}");
    }
    let mut lenient = ready(
        Driven::with(SessionSettings { bare_line_ends: BareLineEnds::Normalise, ..settings() })
            .greeted(),
    );
    assert_eq!(lenient.codes("BDAT 6 LAST\r\na\n.\nb\r"), "250 2.0.0");
    assert_eq!(lenient.record.messages[0].data, b"a\r\n.\r\nb\r\n");
}

#[test]
fn rfc3030_the_octets_of_a_refused_chunk_are_no_commands() {
    let mut client = Driven::new().greeted();
    assert_eq!(client.codes("BDAT 6\r\nQUIT\r\nNOOP\r\n"), "503 5.5.1, 250 2.0.0");
    let refused =
        "MAIL FROM:<a@b.example>\r\nRCPT TO:<x@foreign.example>\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n";
    assert_eq!(client.codes(refused), "250 2.1.0, 550 5.7.1, 554 5.5.1, 250 2.0.0");
    assert!(!client.record.closed && client.record.messages.is_empty());
}

#[test]
fn rfc3030_after_a_refused_chunk_all_are_refused_until_the_last_or_rset() {
    let mut client = ready(Driven::with(small(10)).greeted());
    let chunk = "BDAT 6\r\nQUIT\r\n";
    assert_eq!(client.codes(&chunk.repeat(3)), "250 2.0.0, 552 5.3.4, 503 5.5.1");
    assert_eq!(client.session.buffered_octets(), 0);
    assert!(client.session.in_transaction());
    assert_eq!(client.codes("RCPT TO:<d@town.example.lg.jp>\r\n"), "503 5.5.1");
    assert_eq!(client.codes("BDAT 6 LAST\r\nQUIT\r\n"), "503 5.5.1");
    assert!(!client.session.in_transaction());
    assert_eq!(
        client.codes(&format!("{ENVELOPE}{}", chunk.repeat(2))),
        "250 2.1.0, 250 2.1.5, 250 2.0.0, 552 5.3.4"
    );
    assert_eq!(
        client.codes(&format!("RSET\r\n{ENVELOPE}BDAT 0 LAST\r\n")),
        "250 2.0.0, 250 2.1.0, 250 2.1.5, 250 2.0.0"
    );
}

#[test]
fn refused_chunks_are_errors_so_that_they_cannot_be_swallowed_for_ever() {
    let mut client = Driven::with(SessionSettings { max_errors: 3, ..settings() }).greeted();
    assert_eq!(
        client.codes(&"BDAT 1\r\nx".repeat(3)),
        "503 5.5.1, 503 5.5.1, 503 5.5.1, 421 4.7.0"
    );
}

#[test]
fn data_and_bdat_do_not_mix() {
    let mut client = ready(Driven::new().greeted());
    assert_eq!(client.codes("BDAT 2\r\n\r\nDATA\r\n"), "250 2.0.0, 503 5.5.1");
    assert_eq!(client.codes("BDAT 0 LAST\r\n"), "250 2.0.0");
}

#[test]
fn a_chunk_size_that_cannot_be_read_or_borne_ends_the_session() {
    for size in ["", "x", "-1", "99999999999999999999999", "1 FIRST"] {
        let mut client = ready(Driven::new().greeted());
        assert_eq!(client.codes(&format!("BDAT {size}\r\nNOOP\r\n")), "501 5.5.4", "{size}");
        assert!(client.record.closed);
    }
    let long = format!("BDAT 6{}\r\nNOOP\r\n", " ".repeat(3_000));
    for line in ["BDAT 6\nNOOP\r\n", "BDAT 6\r\r\nNOOP\r\n", &long] {
        let mut client = ready(Driven::new().greeted());
        assert!(client.codes(line).starts_with("50"), "{line}");
        assert!(client.record.closed);
    }
    for envelope in [ENVELOPE, ""] {
        let mut client = Driven::new().greeted();
        client.say(envelope);
        assert_eq!(client.codes("BDAT 18446744073709551615 LAST\r\nNOOP\r\n"), "552 5.3.4");
        assert!(client.record.closed);
    }
}

#[test]
fn a_driver_short_of_memory_may_drop_a_message_while_it_comes() {
    let mut client = ready(Driven::new().greeted());
    assert!(!client.session.discard_data(Reply::storage_short()));
    client.say("DATA\r\nsome text\r\n");
    assert_eq!(client.session.phase(), Phase::DataBlock);
    assert!(client.session.buffered_octets() > 0);
    assert!(client.session.discard_data(Reply::storage_short()));
    assert_eq!(client.session.buffered_octets(), 0);
    assert_eq!(client.codes("more\r\n.\r\nNOOP\r\n"), "452 4.3.1, 250 2.0.0");
    assert_eq!(client.session.phase(), Phase::Command);
    client.say(ENVELOPE);
    client.say("BDAT 100\r\nabc");
    assert!(client.session.discard_data(Reply::storage_short()));
    assert_eq!(client.codes(&"x".repeat(97)), "452 4.3.1");
    assert_eq!(client.codes("BDAT 1 LAST\r\nx"), "503 5.5.1");
    assert!(client.record.messages.is_empty() && client.record.refusals.is_empty());
}

#[test]
fn a_driver_short_of_memory_may_refuse_a_chunk_before_it_comes() {
    let mut client = ready(Driven::new().greeted());
    client.refuse = Some(Reply::storage_short());
    assert_eq!(client.codes("BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\n"), "452 4.3.1, 503 5.5.1");
    client.refuse = None;
    assert_eq!(
        client.codes(&format!("{ENVELOPE}BDAT 0 LAST\r\n")),
        "250 2.1.0, 250 2.1.5, 250 2.0.0"
    );
}
