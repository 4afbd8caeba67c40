//! Encoded-words of RFC 2047, UTF-8 only, each holding whole characters.

use crate::transfer::base64_groups;

/// Longest encoded-word in octets (RFC 2047 section 2).
pub(crate) const LONGEST: usize = 75;
/// Shortest room worth starting a word in: the frame and one character of four octets as Q.
pub(crate) const SHORTEST: usize = FRAME + 12;

const FRAME: usize = "=?UTF-8?B??=".len();

/// How the octets of a word are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Base64.
    B,
    /// Much as quoted-printable.
    Q,
}

/// The form that makes the shorter words of `text`.
pub(crate) fn shorter_form(text: &str) -> Form {
    let as_q: usize = text.bytes().map(q_width).sum();
    if as_q <= text.len().div_ceil(3) * 4 { Form::Q } else { Form::B }
}

/// One word of at most `room` octets holding the first characters of `text`, and the rest of it.
/// At least one character is taken, for which [`SHORTEST`] is room enough.
pub(crate) fn next(text: &str, form: Form, room: usize) -> (String, &str) {
    let room = room.saturating_sub(FRAME);
    let mut taken = 0;
    let mut q_taken = 0;
    for c in text.chars() {
        let mut utf8 = [0; 4];
        let octets = c.encode_utf8(&mut utf8);
        let q_here: usize = octets.bytes().map(q_width).sum();
        let fits = match form {
            Form::B => (taken + octets.len()).div_ceil(3) * 4 <= room,
            Form::Q => q_taken + q_here <= room,
        };
        if !fits && taken > 0 {
            break;
        }
        taken += octets.len();
        q_taken += q_here;
    }
    let (here, rest) = text.split_at_checked(taken).unwrap_or((text, ""));
    let word = match form {
        Form::B => {
            let mut word = String::from("=?UTF-8?B?");
            word.extend(base64_groups(here.as_bytes()).flatten().map(char::from));
            word
        }
        Form::Q => here.bytes().fold(String::from("=?UTF-8?Q?"), |mut word, b| {
            push_q(&mut word, b);
            word
        }),
    };
    (word + "?=", rest)
}

/// The characters that RFC 2047 section 5 (3) allows as they are in a phrase, and a space as `_`.
fn is_q_literal(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!*+-/".contains(&b)
}

fn q_width(b: u8) -> usize {
    if b == b' ' || is_q_literal(b) { 1 } else { 3 }
}

fn push_q(word: &mut String, b: u8) {
    if b == b' ' {
        word.push('_');
    } else if is_q_literal(b) {
        word.push(char::from(b));
    } else {
        let [_, high, low] = crate::transfer::escaped(b);
        word.extend(['=', char::from(high), char::from(low)]);
    }
}
