//! Label and bytes to text and losses: Japanese mail as it is in the wild.
#![forbid(unsafe_code)]

mod body;
mod decoded;
mod extended;
mod field;
mod structured;

pub use body::decode;
pub use decoded::{Decoded, GETA};
pub use extended::decode_extended_value;
pub use field::decode_field;
pub use structured::{decode_phrase, unfold_structured};
