//! Lines of nothing but the characters of base64, base64url, base32 or hexadecimal.

use super::{Block, Found, decode, unquoted};

/// Shortest line that is dense, in characters.
const LINE: usize = 40;
/// Fewest dense lines in a row that are a block.
const LINES: usize = 4;
/// Fewest characters of a block with capitals and small letters.
const MIXED: usize = 240;
/// Fewest characters of a block of one case, as hexadecimal and base32 are: more than a list of
/// some hash values has.
const ONE_CASE: usize = 1_024;

/// Which kinds of characters some text has.
#[derive(Default)]
pub(super) struct Mixture {
    length: usize,
    capitals: bool,
    small: bool,
    has_letters: bool,
}

impl Mixture {
    pub(super) fn add(&mut self, text: &str) {
        self.length += text.len();
        for b in text.bytes() {
            self.capitals |= b.is_ascii_uppercase();
            self.small |= b.is_ascii_lowercase();
            self.has_letters |= b.is_ascii_alphanumeric();
        }
    }

    /// Whether so much of such a mixture is encoded data.
    pub(super) fn is_encoded(&self) -> bool {
        let is_mixed = self.capitals && self.small;
        (is_mixed && self.length >= MIXED) || (self.has_letters && self.length >= ONE_CASE)
    }
}

pub(super) fn find(lines: &[&str]) -> Option<Found> {
    let mut mixture = Mixture::default();
    let (mut count, mut dense) = (0, 0);
    let mut symbols = String::new();
    let mut ahead = lines.iter().map(|line| unquoted(line)).enumerate();
    // One blank line between dense ones is passed over: data set with double spacing is data still.
    let mut was_blank = false;
    for (at, line) in ahead.by_ref() {
        if is_dense(line) {
            mixture.add(line);
            symbols.push_str(line);
            dense += 1;
            count = at + 1;
            was_blank = false;
        } else if line.is_empty() && dense > 0 && !was_blank {
            was_blank = true;
        } else {
            break;
        }
    }
    if dense < LINES || !mixture.is_encoded() {
        return None;
    }
    for skipped in 0..2 {
        let last = lines.get(count + skipped).map(|line| unquoted(line)).unwrap_or_default();
        if is_last_line(last) {
            symbols.push_str(last);
            count += skipped + 1;
            break;
        }
        if !last.is_empty() {
            break;
        }
    }
    let block =
        Block { name: None, form: "application/x-base64", octets: decode::base64(&symbols) };
    Some(Found { lines: count, block })
}

/// Whether a character belongs to one of the alphabets.
pub(super) fn is_symbol(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
}

fn is_dense(line: &str) -> bool {
    line.len() >= LINE
        && line.bytes().all(is_symbol)
        && line.bytes().any(|b| b.is_ascii_alphanumeric())
}

/// The last line of a block is shorter than the others: whole groups of base64 that are no word.
fn is_last_line(line: &str) -> bool {
    let is_word = line.chars().skip(1).all(|c| c.is_ascii_lowercase());
    !line.is_empty()
        && line.len() < LINE
        && line.len().is_multiple_of(4)
        && line.bytes().all(is_symbol)
        && !is_word
}
