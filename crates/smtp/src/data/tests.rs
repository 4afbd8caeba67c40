//! What ends a message, and what does not.

use proptest::prelude::*;

use super::*;
use crate::BareLineEnds;
use crate::client::dot_stuff;
use crate::content::Fault;

fn read(pieces: &[&[u8]], line_ends: BareLineEnds) -> (Option<Result<Vec<u8>, Fault>>, usize) {
    let mut content = Content::new(1 << 20, line_ends, None);
    let mut scanner = DataScanner::for_data();
    let mut consumed = 0;
    for piece in pieces {
        let scanned = scanner.scan(piece, &mut content);
        consumed += scanned.consumed;
        if scanned.ended {
            return (Some(content.finish()), consumed);
        }
    }
    (None, consumed)
}

fn whole(octets: &[u8], line_ends: BareLineEnds) -> Option<Result<Vec<u8>, Fault>> {
    read(&[octets], line_ends).0
}

#[test]
fn rfc5321_4_1_1_4_crlf_dot_crlf_ends_the_data_and_the_crlf_before_it_is_data() {
    for (octets, message) in [
        (&b".\r\n"[..], &b""[..]),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\r\n.\r\n", b"a\r\n"),
        (b"a\r\n..\r\n.\r\n", b"a\r\n.\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b".a\r\n.\r\n", b"a\r\n"),
        (b"...\r\n.\r\n", b"..\r\n"),
        (b"a.\r\n.\r\n", b"a.\r\n"),
        (b"a\0\r\n.\r\n", b"a\0\r\n"),
    ] {
        for line_ends in [BareLineEnds::Refuse, BareLineEnds::Normalise] {
            assert_eq!(whole(octets, line_ends), Some(Ok(message.to_vec())), "{octets:?}");
        }
    }
}

/// Every variant of an end of data that some server was found to take for one.
const SMUGGLED: &[&[u8]] = &[
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\n.\r",
    b"\r.\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\n\0.\0\r\n",
    b"\r\n.\r\0\n",
    b"\r\0\n.\r\n",
    b"\0\n.\n",
    b"\n\n.\n\n",
    b"\r\r.\r\r",
    b"\r\n\r.\r\n",
    b"\r\n. \r\n",
    b"\r\n.\t\r\n",
    b"\r\n.\r\r\n",
    b"\n\r.\n\r",
    b"\r\n .\r\n",
    b"\x0b.\x0b",
    b"\x85.\x85",
    b"\xe2\x80\xa8.\xe2\x80\xa8",
];

#[test]
fn no_other_sequence_ends_the_data_and_what_a_later_reader_could_take_for_one_is_refused() {
    for variant in SMUGGLED {
        let smuggled = [b"a", *variant, b"MAIL FROM:<evil@example.jp>\r\n"].concat();
        for line_ends in [BareLineEnds::Refuse, BareLineEnds::Normalise] {
            assert_eq!(whole(&smuggled, line_ends), None, "{variant:?} ended the data");
        }
        let closed = [smuggled.as_slice(), b".\r\n"].concat();
        let bare = strict_violations(&closed) > 0;
        let refused = whole(&closed, BareLineEnds::Refuse).unwrap();
        assert_eq!(refused == Err(Fault::BareLineEnd), bare, "{variant:?}");
        let normalised = whole(&closed, BareLineEnds::Normalise).unwrap().unwrap();
        assert_eq!(strict_violations(&normalised), 0, "{variant:?}");
        assert_ends_once(&dot_stuff(&normalised));
    }
}

#[test]
fn a_lone_dot_made_by_normalising_stays_data_and_is_stuffed_on_the_way_out() {
    let message = whole(b"a\n.\nb\r\n.\r\n", BareLineEnds::Normalise).unwrap().unwrap();
    assert_eq!(message, b"a\r\n.\r\nb\r\n");
    assert_eq!(dot_stuff(&message), b"a\r\n..\r\nb\r\n.\r\n");
}

#[test]
fn a_message_over_its_bound_is_read_to_its_end_without_being_kept() {
    let mut content = Content::new(10, BareLineEnds::Refuse, None);
    let mut scanner = DataScanner::for_data();
    assert!(!scanner.scan(b"12345678\r\n", &mut content).ended);
    assert!(!content.has_failed());
    assert!(!scanner.scan(b"x\r\n", &mut content).ended);
    assert_eq!(content.memory(), 0);
    assert!(scanner.scan(b".\r\n", &mut content).ended);
    assert_eq!(content.finish(), Err(Fault::TooLarge));
}

#[test]
fn a_buffer_never_grows_past_the_bound() {
    let mut content = Content::new(100_000, BareLineEnds::Refuse, None);
    for _ in 0..1_000 {
        content.push(&[b'a'; 100]);
        assert!(content.memory() <= 100_000);
    }
    assert!(!content.has_failed());
    content.push(b"a");
    assert!(content.has_failed());
    let declared = Content::new(100_000, BareLineEnds::Refuse, Some(u64::MAX));
    assert!(declared.memory() <= 100_000);
}

#[test]
fn a_line_end_is_found_at_every_place_of_a_block() {
    for length in 0..100 {
        let mut octets = vec![b'x'; 100];
        octets[length] = b'\n';
        assert_eq!(find_line_end(&octets), Some(length));
        assert_eq!(find_line_end(&octets[..length]), None);
    }
}

/// How many CR and LF stand outside CRLF.
fn strict_violations(octets: &[u8]) -> usize {
    let text: Vec<u8> = octets.to_vec();
    (0..text.len())
        .filter(|&i| match text[i] {
            b'\r' => text.get(i + 1) != Some(&b'\n'),
            b'\n' => i == 0 || text[i - 1] != b'\r',
            _ => false,
        })
        .count()
}

/// A reader of any known kind finds an end of data at the end and nowhere before.
fn assert_ends_once(wire: &[u8]) {
    let lines: Vec<&[u8]> = wire.split(|&b| b == b'\n' || b == b'\r').collect();
    let lone_dots = lines.iter().filter(|line| **line == b".").count();
    assert_eq!(lone_dots, 1, "{wire:?}");
    assert!(wire.ends_with(b".\r\n"));
}

fn line_noise() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        3 => Just(b'\r'), 3 => Just(b'\n'), 3 => Just(b'.'), 2 => Just(b'a'), 1 => any::<u8>(),
    ];
    prop::collection::vec(octet, 0..200)
}

proptest! {
    #[test]
    fn pieces_of_any_size_read_the_same(octets in line_noise(), sizes in prop::collection::vec(1_usize..7, 200)) {
        let mut pieces = Vec::new();
        let mut rest = octets.as_slice();
        for size in sizes {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        for line_ends in [BareLineEnds::Refuse, BareLineEnds::Normalise] {
            prop_assert_eq!(read(&pieces, line_ends), read(&[&octets], line_ends));
        }
    }

    #[test]
    fn what_comes_out_has_crlf_alone_and_cannot_end_before_its_end(octets in line_noise()) {
        let mut wire = octets;
        wire.extend_from_slice(b"\r\n.\r\n");
        for line_ends in [BareLineEnds::Refuse, BareLineEnds::Normalise] {
            if let Some(Ok(message)) = whole(&wire, line_ends) {
                prop_assert_eq!(strict_violations(&message), 0);
                assert_ends_once(&dot_stuff(&message));
            }
        }
    }

    #[test]
    fn the_end_is_where_crlf_dot_crlf_is_first(octets in line_noise()) {
        let mut wire = b"\r\n".to_vec();
        wire.extend_from_slice(&octets);
        wire.extend_from_slice(b"\r\n.\r\n");
        let end = wire.windows(5).position(|w| w == b"\r\n.\r\n").unwrap() + 5 - 2;
        prop_assert_eq!(read(&[&wire[2..]], BareLineEnds::Normalise).1, end);
    }

    #[test]
    fn what_is_stuffed_reads_back(lines in prop::collection::vec("[.a-c\\PC]{0,60}", 0..20)) {
        let message = lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect::<String>();
        let wire = dot_stuff(message.as_bytes());
        let (read_back, consumed) = read(&[&wire], BareLineEnds::Refuse);
        prop_assert_eq!(read_back, Some(Ok(message.into_bytes())));
        prop_assert_eq!(consumed, wire.len());
    }
}
