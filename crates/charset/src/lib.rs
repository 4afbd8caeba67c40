//! Label and bytes to text and losses: Japanese mail as it is in the wild.
#![forbid(unsafe_code)]

mod base64;
mod body;
mod decoded;
mod detect;
mod effort;
mod encoded_word;
mod extended;
mod field;
mod iso2022jp;
mod japanese;
mod label;
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
