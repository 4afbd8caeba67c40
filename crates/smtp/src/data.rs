//! From the octets of DATA and BDAT to a message: end of data, dots, line ends.
//!
//! The end of data is CRLF.CRLF in the octets as they came, and nothing else (RFC 5321
//! section 4.1.1.4); the CRLF of the DATA command line counts as the first. All variants that some
//! server takes for an end (LF.LF, CR.CR, LF.CRLF, CRLF.LF, with NUL between) are data.
//!
//! Dots are removed from lines of the octets as they came, that is after CRLF only (section 4.5.2).
//! Where bare line ends are normalised, a dot after one of them is therefore data and stays: the
//! message then may hold a line of a lone dot, which [`crate::client::dot_stuff`] doubles like any
//! other. So nothing that is written onward can end before its end.
//!
//! Lines may be of any length up to the message's bound; who reads the message sees to that.

use crate::content::Content;

/// Where in a line the next octet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// After CRLF, or at the very beginning.
    LineStart,
    /// After a dot at the start of a line. It is held back.
    Dot,
    /// After a dot and CR at the start of a line. Both are held back.
    DotCr,
    /// Elsewhere in a line.
    Within,
    /// After a CR elsewhere in a line. It is held back.
    Cr,
}

/// What a scan came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scanned {
    /// Octets used.
    pub(crate) consumed: usize,
    /// Whether the end of data was among them.
    pub(crate) ended: bool,
}

/// Reads the octets of one message in any pieces.
#[derive(Debug)]
pub(crate) struct DataScanner {
    position: Position,
    /// Whether dots are stuffed and end the data: in DATA, not in BDAT.
    dots: bool,
}

impl DataScanner {
    /// For the octets after 354.
    pub(crate) fn for_data() -> Self {
        Self {
            position: Position::LineStart,
            dots: true,
        }
    }

    /// For the octets of BDAT chunks, which are counted and have no end mark (RFC 3030).
    pub(crate) fn for_chunks() -> Self {
        Self {
            position: Position::LineStart,
            dots: false,
        }
    }

    /// Moves `input` into `content`, up to the end of data.
    pub(crate) fn scan(&mut self, input: &[u8], content: &mut Content) -> Scanned {
        let mut run = Run {
            input,
            start: 0,
            next: 0,
        };
        while let Some(octet) = run.peek() {
            match self.position {
                Position::LineStart if self.dots && octet == b'.' => {
                    run.skip(content);
                    self.position = Position::Dot;
                }
                Position::Dot if octet == b'\r' => {
                    run.skip(content);
                    self.position = Position::DotCr;
                }
                Position::DotCr if octet == b'\n' => {
                    return Scanned {
                        consumed: run.next + 1,
                        ended: true,
                    };
                }
                Position::Within => self.position = run.line_rest(content),
                Position::Cr if octet == b'\n' => {
                    run.skip(content);
                    content.push(b"\r\n");
                    self.position = Position::LineStart;
                }
                // A dot that is not alone on its line was stuffed: it stays out (section 4.5.2).
                Position::LineStart | Position::Dot => self.position = Position::Within,
                Position::DotCr | Position::Cr => {
                    content.bare_line_end();
                    self.position = Position::Within;
                }
            }
        }
        run.flush(content);
        Scanned {
            consumed: input.len(),
            ended: false,
        }
    }

    /// Says that no more octets come: a CR held back was bare.
    pub(crate) fn finish(self, content: &mut Content) {
        if self.position == Position::Cr {
            content.bare_line_end();
        }
    }
}

/// A run of input that goes into the message as it is: `input[start..next]`, over as many lines as
/// need no change, so that a block is copied once.
struct Run<'a> {
    input: &'a [u8],
    start: usize,
    next: usize,
}

impl Run<'_> {
    fn peek(&self) -> Option<u8> {
        self.input.get(self.next).copied()
    }

    fn flush(&mut self, content: &mut Content) {
        if let Some(run) = self
            .input
            .get(self.start..self.next)
            .filter(|r| !r.is_empty())
        {
            content.push(run);
        }
        self.start = self.next;
    }

    /// Moves the run to the message and leaves out the next octet.
    fn skip(&mut self, content: &mut Content) {
        self.flush(content);
        self.next += 1;
        self.start = self.next;
    }

    /// Goes on past the next line end, or past the end of the input.
    fn line_rest(&mut self, content: &mut Content) -> Position {
        let rest = self.input.get(self.next..).unwrap_or_default();
        let Some(index) = find_line_end(rest) else {
            self.next = self.input.len();
            return Position::Within;
        };
        self.next += index;
        match (rest.get(index), rest.get(index + 1)) {
            (Some(b'\r'), Some(b'\n')) => {
                self.next += 2;
                Position::LineStart
            }
            (Some(b'\r'), None) => {
                self.skip(content);
                Position::Cr
            }
            _ => {
                self.skip(content);
                content.bare_line_end();
                Position::Within
            }
        }
    }
}

/// The first CR or LF. Blocks are tested as a whole, which the compiler turns into vector code; only
/// the block that has one is looked at octet by octet.
pub(crate) fn find_line_end(octets: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let ends_line = |&octet: &u8| octet == b'\r' || octet == b'\n';
    let (blocks, _) = octets.as_chunks::<BLOCK>();
    let clean = blocks
        .iter()
        .take_while(|block| {
            !block
                .iter()
                .fold(false, |hit, octet| hit | ends_line(octet))
        })
        .count();
    let start = clean * BLOCK;
    octets
        .get(start..)?
        .iter()
        .position(ends_line)
        .map(|index| start + index)
}

#[cfg(test)]
mod tests {
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
                assert_eq!(
                    whole(octets, line_ends),
                    Some(Ok(message.to_vec())),
                    "{octets:?}"
                );
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
                assert_eq!(
                    whole(&smuggled, line_ends),
                    None,
                    "{variant:?} ended the data"
                );
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
        let message = whole(b"a\n.\nb\r\n.\r\n", BareLineEnds::Normalise)
            .unwrap()
            .unwrap();
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
        let mut content = Content::new(100_000, BareLineEnds::Refuse, Some(u64::MAX));
        for _ in 0..1_000 {
            content.push(&[b'a'; 100]);
            assert!(content.memory() <= 100_000);
        }
        assert!(!content.has_failed());
        content.push(b"a");
        assert!(content.has_failed());
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
}
