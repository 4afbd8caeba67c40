//! Dot-stuffing (RFC 5321 section 4.5.2).

use crate::data::find_line_end;

/// `message` as it is written after 354, with the CRLF.CRLF at its end.
///
/// `message` has CRLF line ends only (the text-only profile, or [`crate::ReceivedMessage::data`]).
/// A last line without one is given one. Should there be a bare LF or CR after all, a dot after it
/// is doubled as well: no reader, however lenient, finds an end of data within the message.
pub fn dot_stuff(message: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(message.len() + message.len() / 64 + 5);
    let mut unwritten = message;
    let mut at_line_start = 0;
    while let Some(rest) = unwritten.get(at_line_start..) {
        if rest.first() == Some(&b'.') {
            let (before, from_dot) = unwritten.split_at(at_line_start);
            wire.extend_from_slice(before);
            wire.push(b'.');
            unwritten = from_dot;
            at_line_start = 0;
        }
        match find_line_end(rest) {
            Some(index) => at_line_start += index + 1,
            None => break,
        }
    }
    wire.extend_from_slice(unwritten);
    if !wire.is_empty() && !wire.ends_with(b"\r\n") {
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc5321_4_5_2_a_dot_that_begins_a_line_is_doubled() {
        for (message, wire) in [
            (&b""[..], &b".\r\n"[..]),
            (b"a\r\n", b"a\r\n.\r\n"),
            (b"a", b"a\r\n.\r\n"),
            (b".\r\n", b"..\r\n.\r\n"),
            (b"a.\r\n..b\r\n.\r\n", b"a.\r\n...b\r\n..\r\n.\r\n"),
            (b"a.b.c\r\n", b"a.b.c\r\n.\r\n"),
        ] {
            assert_eq!(dot_stuff(message), wire, "{message:?}");
        }
    }

    #[test]
    fn a_dot_after_a_bare_line_end_is_doubled_too() {
        assert_eq!(dot_stuff(b"a\n.\nb\r.\r"), b"a\n..\nb\r..\r\r\n.\r\n");
    }
}
