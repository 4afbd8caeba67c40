//! The tables of writer and verifier against each other, over all of Unicode.

use super::violations::{base64, with_body};
use crate::{SafeText, verify};

/// Whether the verifier takes `text` as a body.
fn takes(text: &str) -> bool {
    let message = with_body("base64", &base64(&text.replace('\n', "\r\n")));
    verify::verify(&message, 1 << 24).is_ok()
}

#[test]
fn the_writer_keeps_exactly_the_characters_that_the_verifier_takes() {
    // Spaces of other widths may cross, but are written as spaces.
    let is_space =
        |c: char| matches!(u32::from(c), 0xA0 | 0x1680 | 0x2000..=0x200A | 0x202F | 0x205F);
    let is_private = |c: char| matches!(u32::from(c), 0xE000..=0xF8FF | 0xF0000..);
    let mut kept = String::new();
    for c in ('\0'..=char::MAX).filter(|&c| !is_space(c) && c != '\r') {
        let line = format!("a{c}\n");
        if SafeText::clean(&line).0.as_str() == line {
            kept.push_str(&line);
        } else if !is_private(c) || u32::from(c) % 0x100 == 0 {
            assert!(!takes(&line), "U+{:04X}", u32::from(c));
        }
    }
    assert!(takes(&kept));
}

#[test]
fn the_writer_keeps_selectors_where_the_verifier_takes_them() {
    let mut kept = String::new();
    for selector in ['\u{FE0E}', '\u{E0100}'] {
        let mut was_kept = false;
        for base in (' '..='\u{3FFFF}').filter(|c| !c.is_control()) {
            let line = format!("{base}{selector}\n");
            let is_kept = SafeText::clean(&line).0.as_str() == line;
            if is_kept {
                kept.push_str(&line);
            } else if was_kept {
                assert!(!takes(&line), "{line:?}");
            }
            was_kept = is_kept;
        }
    }
    assert!(takes(&kept));
}
