//! What decoding gives: the text and what was lost on the way.

use memchr::memmem;

/// U+3013 〓, the mark that Japanese typesetting puts where a character is missing. Every unit that
/// cannot be decoded is shown as one.
pub const GETA: char = '\u{3013}';

/// What all decoders of this crate (and `encoding_rs`) put for a unit that cannot be decoded, until
/// [`Reading::finish`] turns it into [`GETA`] and counts it.
pub(crate) const UNDECODABLE: char = '\u{FFFD}';

/// [`UNDECODABLE`] in UTF-8.
const UNDECODABLE_OCTETS: &[u8] = b"\xEF\xBF\xBD";

/// Text with an account of how it was come by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text. From [`decode`](crate::decode), every control character is still in it; from the
    /// functions for header fields it holds no CR and no LF.
    pub text: String,
    /// The charset it was read as, in lower case (`us-ascii` when every octet was plain ASCII). Of a
    /// field with several, the first that is not ASCII.
    pub charset: &'static str,
    /// The label was missing, unknown or contradicted by the octets, so the octets decided. Never
    /// true of plain ASCII, nor of raw UTF-8 in a header field (which RFC 6532 allows).
    pub guessed: bool,
    /// How many units could not be decoded and are shown as [`GETA`]; a U+FFFD that the text itself
    /// held counts as one too.
    pub replaced: u64,
    /// Damaged ISO-2022-JP escape sequences were put right.
    pub repaired: bool,
    /// Characters (Unicode scalar values) in `text`.
    pub characters: u64,
}

/// Text as a decoder left it, with [`UNDECODABLE`] where a unit was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) text: String,
    pub(crate) charset: &'static str,
    pub(crate) guessed: bool,
    pub(crate) repaired: bool,
}

impl Reading {
    pub(crate) fn new(text: String, charset: &'static str) -> Self {
        Self { text, charset, guessed: false, repaired: false }
    }

    /// Plain ASCII, of which nothing can be guessed or lost.
    pub(crate) fn ascii(text: String) -> Self {
        Self::new(text, ASCII)
    }

    pub(crate) fn guessed_if(mut self, guessed: bool) -> Self {
        self.guessed = guessed && self.charset != ASCII;
        self
    }

    /// Takes in the account of another piece of the same field; its text is left to the caller.
    pub(crate) fn account(&mut self, piece: &Self) {
        if self.charset == ASCII {
            self.charset = piece.charset;
        }
        self.guessed |= piece.guessed;
        self.repaired |= piece.repaired;
    }

    pub(crate) fn finish(self) -> Decoded {
        let Self { mut text, charset, guessed, repaired } = self;
        let mut replaced = 0;
        if charset != ASCII {
            // By its octets: many a kana ends in the last of them, which a search for the character
            // would stop at.
            replaced = memmem::find_iter(text.as_bytes(), UNDECODABLE_OCTETS).count() as u64;
            if replaced > 0 {
                text = text.replace(UNDECODABLE, GETA.encode_utf8(&mut [0; 4]));
            }
        }
        let characters = text.chars().count() as u64;
        Decoded { text, charset, guessed, replaced, repaired, characters }
    }
}

/// The name of the charset of text in which every octet is plain ASCII.
pub(crate) const ASCII: &str = "us-ascii";
