//! Label and bytes to text and losses: Japanese mail as it is in the wild.
//!
//! Mail says in what charset its text is, wrongly or not at all. This crate turns the octets of a
//! body, of a header field or of a parameter into the text that was meant, and says what it had to
//! guess, repair and give up. It knows what a body or a field is, and nothing of messages.
//!
//! # Invariants
//!
//! - Nothing fails and nothing is dropped in silence: what cannot be decoded is one [`GETA`] (〓) for
//!   each unit, counted in [`Decoded::replaced`]. A U+FFFD in the input is one too.
//! - A label is believed unless the octets contradict it; a reading by evidence is
//!   [`Decoded::guessed`], damage put right is [`Decoded::repaired`].
//! - Text from a header field holds no CR and no LF, and decoded text never leaves its quotes
//!   ([`unfold_structured`]). Every other control stays: cleaning is the profile's work.
//! - The same octets give the same text, in linear time and memory, without recursion.
//!
//! # One character for one character
//!
//! All Japanese charsets are read through the same tables, those of Windows' code page 932 as the
//! WHATWG Encoding Standard has them. So the wave dash is U+FF5E ～ (not U+301C 〜), and likewise
//! U+2225 ∥, U+FF0D －, U+FFE0 ￠, U+FFE1 ￡ and U+FFE2 ￢, from `Shift_JIS`, EUC-JP and ISO-2022-JP
//! alike. That is what Windows' input method types, so a clerk's search finds it, and what every
//! Windows font shows. The octets 0x5C and 0x7E of JIS X 0201 are `\` and `~`. What is written in
//! Unicode stays as it was written. 外字 of `Shift_JIS` come out as private use (U+E000 to U+E757).
//!
//! # Bounds
//!
//! Charset labels: 64 characters in a Content-Type, 75 octets in an encoded-word; longer ones name
//! nothing. Statistics look at 8 KiB from the first 8-bit octet on, 4 KiB for the octet order of
//! UTF-16; validity is always checked to the end. The number of encoded-words is bounded by the caller's
//! bound on header octets alone: each costs what its octets cost.
//!
//! # Layout
//!
//! `body` decides how octets are read, by `label`, `survey` (what kinds of octet there are) and
//! `detect` (evidence: `japanese` statistics, `utf8` validity, chardetng for the rest). `iso2022jp`,
//! `utf7`, `shifted` (ISO-2022-KR, HZ), `wide` (UTF-16, UTF-32) and `dos` (code pages 437, 850, 852
//! and 858) decode what `encoding_rs` does not, or not leniently enough.
//! `field`, `structured` and `extended` are the forms of header text, `encoded_word` is RFC 2047.
//! `decoded` is what comes out.
#![forbid(unsafe_code)]

mod base64;
mod body;
mod decoded;
mod detect;
mod dos;
mod effort;
mod encoded_word;
mod extended;
mod field;
mod iso2022jp;
mod japanese;
mod label;
mod shifted;
mod structured;
mod survey;
mod utf7;
mod utf8;
mod wide;

pub use body::decode;
pub use decoded::{Decoded, GETA};
pub use extended::decode_extended_value;
pub use field::decode_field;
pub use structured::{decode_phrase, unfold_structured};
