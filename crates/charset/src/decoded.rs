//! What decoding gives: the text and what was lost on the way.

/// U+3013 〓, the mark that Japanese typesetting puts where a character is missing. Every unit that
/// cannot be decoded is shown as one.
pub const GETA: char = '\u{3013}';

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
    /// true of plain ASCII.
    pub guessed: bool,
    /// How many units could not be decoded and are shown as [`GETA`]; a U+FFFD that the text itself
    /// held counts as one too.
    pub replaced: u64,
    /// Damaged ISO-2022-JP escape sequences were put right.
    pub repaired: bool,
    /// Characters (Unicode scalar values) in `text`.
    pub characters: u64,
}
