//! Laws over arbitrary input, and the kept inputs that once broke one.

use proptest::prelude::*;

use crate::client::dot_stuff;
use crate::session::harness::{Driven, Record, settings};
use crate::{BareLineEnds, SessionSettings};

/// Bounds so small that arbitrary input meets them.
fn tight(line_ends: BareLineEnds) -> SessionSettings {
    SessionSettings {
        max_message_octets: 60,
        max_wire_octets: 0,
        max_recipients: 2,
        max_commands: 30,
        max_errors: 5,
        max_command_line: 40,
        bare_line_ends: line_ends,
        ..settings()
    }
}

fn run(settings: SessionSettings, pieces: &[&[u8]]) -> Record {
    let mut driven = Driven::with(settings);
    for piece in pieces {
        driven.feed(piece);
        if driven.record.closed {
            break;
        }
    }
    driven.record
}

/// Conversations with everything that can go wrong in them.
fn conversation() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        4 => prop::sample::select(vec![
            "EHLO a\r\n", "HELO a\r\n", "MAIL FROM:<a@b.example>\r\n", "MAIL FROM:<> SIZE=70\r\n",
            "MAIL FROM:<> SMTPUTF8\r\n", "RCPT TO:<c@town.example.lg.jp>\r\n",
            "RCPT TO:<d@town.example.lg.jp>\r\n", "RCPT TO:<e@town.example.lg.jp>\r\n", "RCPT TO:<x@y>\r\n",
            "DATA\r\n", "BDAT 3\r\n", "BDAT 0\r\n", "BDAT 9 LAST\r\n", "BDAT 100\r\n", "BDAT x\r\n", "RSET\r\n",
            "NOOP\r\n", "NOOP\n", "QUIT\r\n", "XFORWARD NAME=x\r\n", "FROB\r\n", "EHLO a\r\nMAIL FROM:<>\r\n",
            "RCPT TO:<c@town.example.lg.jp>\r\nDATA\r\n",
        ]).prop_map(|line| line.as_bytes().to_vec()),
        3 => prop::sample::select(vec![
            "\r\n.\r\n", ".\r\n", "\r\n", "\n", "\r", ".", "..", "\n.\n", "\r\n.\n", "text", "a\r\n",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..50),
    ];
    prop::collection::vec(word, 0..30).prop_map(|words| words.concat())
}

fn begun(conversation: &[u8]) -> Vec<u8> {
    let opening = b"EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@town.example.lg.jp>\r\n";
    [opening, conversation].concat()
}

fn assert_lawful(record: &Record) {
    for message in &record.messages {
        let data = &message.data;
        assert!(data.is_empty() || data.ends_with(b"\r\n"));
        for (index, octet) in data.iter().enumerate() {
            match octet {
                b'\r' => assert_eq!(data.get(index + 1), Some(&b'\n')),
                b'\n' => assert_eq!(data[index - 1], b'\r'),
                _ => {}
            }
        }
        assert!(data.len() <= 60);
        assert!((1..=2).contains(&message.envelope.recipients.len()));
        let ours = |r: &sekimori_policy::Address| r.domain().as_str() == "town.example.lg.jp";
        assert!(message.envelope.recipients.iter().all(ours));
    }
    for line in record.output.split_terminator("\r\n") {
        assert!(
            line.len() <= 510 && line.chars().all(|c| c == ' ' || c.is_ascii_graphic()),
            "{line:?}"
        );
        assert!(line.as_bytes()[..3].iter().all(u8::is_ascii_digit), "{line:?}");
    }
}

/// Inputs that once broke a law, or that are too rare to be met by chance.
const KEPT: &[&str] = &[
    "BDAT 0 LAST\r\nBDAT 0 LAST\r\n",
    "BDAT 1\r\n\rBDAT 1 LAST\r\n\n",
    "DATA\r\n.\r\nDATA\r\n.\r\n",
    "DATA\r\n.\r\r\n.\r\n",
    "DATA\r\n\r\r\n.\r\n",
    "DATA\r\n.\n.\r\n.\r\n",
    "STARTTLS\r\n",
    "BDAT 100 LAST\r\n",
    "NOOP aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nNOOP aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
];

#[test]
fn kept_inputs_obey_the_laws_in_every_division() {
    for input in KEPT {
        let whole = begun(input.as_bytes());
        for line_ends in [BareLineEnds::Refuse, BareLineEnds::Normalise] {
            let once = run(tight(line_ends), &[&whole]);
            assert_lawful(&once);
            for at in 0..whole.len() {
                let (head, tail) = whole.split_at(at);
                assert_eq!(run(tight(line_ends), &[head, tail]), once, "{input:?} at {at}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_octets_in_any_pieces_give_the_same_replies_and_events(
        conversation in conversation(), cuts in prop::collection::vec(1_usize..40, 0..100),
    ) {
        let whole = begun(&conversation);
        let mut pieces = Vec::new();
        let mut rest = whole.as_slice();
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        for line_ends in [BareLineEnds::Refuse, BareLineEnds::Normalise] {
            let once = run(tight(line_ends), &[&whole]);
            assert_lawful(&once);
            prop_assert_eq!(run(tight(line_ends), &pieces), once);
        }
    }

    #[test]
    fn what_the_client_side_stuffs_the_server_side_reads_back(lines in prop::collection::vec("[.a-c\\PC]{0,80}", 0..20)) {
        let message = lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect::<String>();
        let mut driven = Driven::new().greeted();
        driven.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@town.example.lg.jp>\r\nDATA\r\n");
        driven.feed(&dot_stuff(message.as_bytes()));
        prop_assert_eq!(&driven.record.messages[0].data, message.as_bytes());
    }
}
