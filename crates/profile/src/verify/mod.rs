//! The verifier: a strict recogniser of the text-only profile that shares nothing with the writer.
//!
//! It has its own tables, its own decoders and no type of the writer's; beside the standard library
//! it uses the normalization check and the category of marks of `unicode-normalization`. It decides
//! alone whether a message may cross, so it takes exactly what the profile names, in the one form
//! that the writer gives it: names and fixed values by their spelling, single spaces in structured
//! fields, canonical Base64 and quoted-printable, text that is either all encoded-words or none.
//!
//! Linear in the length of the message. Bounds: [`MAX_LINE`], [`MAX_HEADER_OCTETS`],
//! [`MAX_RECEIVED`], [`MAX_MARKS`], [`MAX_CODES`] and the caller's bound of the text.
//!
//! Layout: `fault` what can be wrong; `lines` octets, line ends and folds; `header` the set of
//! fields; `value` their grammars; `mailbox` addresses; `words` header text; `body` transfer
//! encodings; `characters` what decoded text may hold.

mod body;
mod characters;
mod fault;
mod header;
mod lines;
mod mailbox;
mod value;
mod words;

pub use characters::MAX_MARKS;
pub use fault::{Fault, Violation};
pub use value::MAX_CODES;

use lines::Lines;

/// Longest line in octets without its CRLF (RFC 5322 section 2.1.1).
pub const MAX_LINE: usize = 998;
/// Most octets of the header section. Some eight times what is read of a header by default.
pub const MAX_HEADER_OCTETS: usize = 2 * 1024 * 1024;
/// Most `Received` fields.
pub const MAX_RECEIVED: usize = 20;

/// What a message of the profile says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// The decoded body, with LF line ends.
    pub text: String,
    /// The address of the first mailbox of `From`.
    pub from: String,
    /// The decoded subject.
    pub subject: Option<String>,
    /// The message identifier with its angle brackets.
    pub message_id: Option<String>,
    /// The 受付番号 in `Sekimori-Result`.
    pub reference: String,
    /// The outcome in `Sekimori-Result`: `deliver`, `hold` or `reject`.
    pub outcome: String,
    /// The number of `Received` fields.
    pub received: usize,
}

/// Checks that `octets` are one message of the text-only profile whose decoded text has at most
/// `max_text_octets` octets of UTF-8. The first violation met is told.
pub fn verify(octets: &[u8], max_text_octets: usize) -> Result<Verified, Violation> {
    let mut lines = Lines::new(octets);
    let mut verified = Verified::default();
    let encoding = header::read(&mut lines, &mut verified)?;
    let line = lines.number();
    verified.text = body::decode(&mut lines, encoding, max_text_octets)?;
    let checked = characters::check_body(&verified.text);
    checked.map_err(|fault| Violation { fault, line, field: None })?;
    Ok(verified)
}
