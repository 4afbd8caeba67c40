//! The declarations of `style` attributes that have been read already: mail repeats a few of them in
//! every cell.

use crate::style::Style;

/// Attributes that are remembered, a power of two.
const SLOTS: usize = 128;
/// Longest attribute that is remembered, in octets.
const MAX_OCTETS: usize = 1_024;

/// Remembers attributes by their text, each in the one slot that its octets lead to.
#[derive(Debug, Default)]
pub(crate) struct InlineStyles {
    slots: Vec<(String, (Style, Style))>,
}

impl InlineStyles {
    /// The usual and the important declarations of an attribute.
    pub(crate) fn read(&mut self, css: &str) -> (Style, Style) {
        if css.len() > MAX_OCTETS {
            return Style::parse_by_weight(css);
        }
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, Default::default);
        }
        let Some((known, style)) = self.slots.get_mut(slot(css)) else {
            return Style::parse_by_weight(css);
        };
        if known != css {
            css.clone_into(known);
            *style = Style::parse_by_weight(css);
        }
        *style
    }
}

/// Attributes that meet in a slot are only read again.
fn slot(css: &str) -> usize {
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let (words, rest) = css.as_bytes().as_chunks::<8>();
    let words = words.iter().map(|&word| u64::from_le_bytes(word));
    let rest = rest.iter().fold(u64::from(!css.is_empty()), |all, &b| all << 8 | u64::from(b));
    let hash = words
        .chain([rest])
        .fold(0_u64, |hash, word| (hash.rotate_left(5) ^ word).wrapping_mul(SPREAD));
    usize::try_from(hash >> 57).unwrap_or_default() % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_if_nothing_was_remembered() {
        let mut styles = InlineStyles::default();
        let long = format!("{};display:none", ";".repeat(MAX_OCTETS));
        let many: Vec<String> = (0..SLOTS * 4).map(|n| format!("font-size:{n}px")).collect();
        let few = ["", "display:none", "display:block", &long];
        for _ in 0..2 {
            for css in many.iter().map(String::as_str).chain(few) {
                assert_eq!(styles.read(css), Style::parse_by_weight(css), "{css}");
                assert_eq!(styles.read(css), Style::parse_by_weight(css), "{css}");
            }
        }
        assert_eq!(styles.slots.len(), SLOTS);
    }
}
