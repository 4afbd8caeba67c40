//! Header fields as lines: tokens set with single spaces, folded before a token that does not fit
//! (RFC 5322 section 2.2.3).

use crate::encoded_word;
use crate::{Mailbox, SafeLine};

/// Longest header line in octets without its CRLF, unless a single token is longer. RFC 5322 asks
/// for 78; lines with encoded-words may have 76 (RFC 2047 section 2).
pub(crate) const LINE: usize = 76;

/// Longest word of ASCII text that is written as it is; text with longer ones is encoded, so that
/// it can be folded.
const LONGEST_WORD: usize = 70;

/// One header field being written.
pub(crate) struct Field<'a> {
    out: &'a mut Vec<u8>,
    column: usize,
}

impl<'a> Field<'a> {
    /// Starts the field `name`.
    pub(crate) fn new(out: &'a mut Vec<u8>, name: &str) -> Self {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        Self { out, column: name.len() + 1 }
    }

    /// Writes a token after a space, or on a new line.
    pub(crate) fn token(&mut self, token: &str) {
        self.separate(token.len());
        self.glue(token);
    }

    /// Writes a token right after the last one, or on a new line.
    pub(crate) fn close_token(&mut self, token: &str) {
        if self.column + token.len() > LINE {
            self.fold();
        }
        self.glue(token);
    }

    /// Ends the field.
    pub(crate) fn end(self) {
        self.out.extend_from_slice(b"\r\n");
    }

    /// Writes unstructured text.
    pub(crate) fn text(&mut self, text: &SafeLine) {
        if has_foldable_words(text.as_str()) {
            text.as_str().split(' ').for_each(|word| self.token(word));
        } else {
            self.encoded(text.as_str());
        }
    }

    /// Writes mailboxes with commas between them.
    pub(crate) fn mailboxes(&mut self, mailboxes: &[Mailbox]) {
        for (index, mailbox) in mailboxes.iter().enumerate() {
            let comma = if index + 1 < mailboxes.len() { "," } else { "" };
            let address = mailbox.address.as_str();
            match mailbox.name.as_ref().filter(|name| !name.is_empty()) {
                None => self.token(&format!("{address}{comma}")),
                Some(name) => {
                    self.phrase(name.as_str());
                    self.token(&format!("<{address}>{comma}"));
                }
            }
        }
    }

    /// Writes a display name: atoms, a quoted string or encoded-words (RFC 5322 section 3.2.5).
    fn phrase(&mut self, name: &str) {
        if !has_foldable_words(name) {
            self.encoded(name);
        } else if name.bytes().all(|b| b == b' ' || is_atext(b)) {
            name.split(' ').for_each(|word| self.token(word));
        } else {
            let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{escaped}\"").split(' ').for_each(|word| self.token(word));
        }
    }

    /// Writes encoded-words of UTF-8, as B or Q by whichever is shorter.
    fn encoded(&mut self, text: &str) {
        let form = encoded_word::shorter_form(text);
        let mut rest = text;
        while !rest.is_empty() {
            let room = LINE.saturating_sub(self.column + 1);
            let room = if room < encoded_word::SHORTEST { encoded_word::LONGEST } else { room };
            let (word, after) = encoded_word::next(rest, form, room.min(encoded_word::LONGEST));
            self.token(&word);
            rest = after;
        }
    }

    fn separate(&mut self, upcoming: usize) {
        if self.column + 1 + upcoming > LINE {
            self.fold();
        } else {
            self.glue(" ");
        }
    }

    fn fold(&mut self) {
        self.out.extend_from_slice(b"\r\n ");
        self.column = 1;
    }

    fn glue(&mut self, token: &str) {
        self.out.extend_from_slice(token.as_bytes());
        self.column += token.len();
    }
}

/// Whether `text` can be written as it is and folded at its spaces: words of visible ASCII, none of
/// them long, with single spaces, and nothing in it that a reader would take for an encoded-word.
fn has_foldable_words(text: &str) -> bool {
    text.split(' ').all(|word| {
        (1..=LONGEST_WORD).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_graphic())
    }) && !text.contains("=?")
}

fn is_atext(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b)
}
