//! The attributes of one start tag that mean something here.

use crate::colour::Colour;
use crate::style::{Display, Style};
use crate::tag::Tag;

/// Octets of one value that are kept; the rest is ignored.
const MAX_VALUE: usize = 64 * 1024;

macro_rules! attributes {
    ($($variant:ident $name:literal)*) => {
        /// An attribute's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Attribute {
            $($variant,)*
        }

        impl Attribute {
            pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
                $(const $variant: &[u8] = $name.as_bytes();)*
                Some(match name {
                    $($variant => Self::$variant,)*
                    _ => return None,
                })
            }
        }
    };
}

#[expect(
    non_upper_case_globals,
    reason = "the macro names a constant for each variant to match on"
)]
mod names {
    attributes! {
        Align "align" Alt "alt" Background "background" Bgcolor "bgcolor" Border "border" Class "class"
        Color "color" Colspan "colspan" Dir "dir" Face "face" Height "height" Hidden "hidden" Href "href"
        HttpEquiv "http-equiv" Id "id" Lang "lang" Media "media" Name "name" Open "open" Rel "rel"
        Role "role" Rowspan "rowspan" Size "size" Src "src" Start "start" Style "style" Text "text"
        Title "title" Type "type" Valign "valign" Value "value" Width "width"
    }
}
pub(crate) use names::Attribute;

/// The attributes of one start tag, the first of each name.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    octets: Vec<u8>,
    ranges: Vec<(Attribute, usize, usize)>,
    name: Vec<u8>,
    value_start: usize,
    in_attribute: bool,
}

/// Longest attribute name that is told apart, in octets.
const MAX_NAME: usize = 16;

impl Attributes {
    /// Forgets the last tag's.
    pub(crate) fn clear(&mut self) {
        self.octets.clear();
        self.ranges.clear();
        self.in_attribute = false;
    }

    /// Begins the next attribute.
    pub(crate) fn begin(&mut self) {
        self.finish();
        self.name.clear();
        self.value_start = self.octets.len();
        self.in_attribute = true;
    }

    pub(crate) fn push_name(&mut self, octets: &[u8]) {
        // One octet more than any name makes a longer one a stranger.
        let room = (MAX_NAME + 1).saturating_sub(self.name.len());
        self.name.extend_from_slice(octets.get(..room).unwrap_or(octets));
    }

    pub(crate) fn push_value(&mut self, octets: &[u8]) {
        let room = MAX_VALUE.saturating_sub(self.octets.len() - self.value_start);
        self.octets.extend_from_slice(octets.get(..room).unwrap_or(octets));
    }

    /// Ends the last attribute.
    pub(crate) fn finish(&mut self) {
        if !std::mem::take(&mut self.in_attribute) {
            return;
        }
        match Attribute::from_name(&self.name) {
            Some(name) if !self.has(name) => {
                self.ranges.push((name, self.value_start, self.octets.len()));
            }
            _ => self.octets.truncate(self.value_start),
        }
    }

    /// Whether there is such an attribute.
    pub(crate) fn has(&self, name: Attribute) -> bool {
        self.ranges.iter().any(|(known, ..)| *known == name)
    }

    /// An attribute's value.
    pub(crate) fn get(&self, name: Attribute) -> Option<&str> {
        let &(_, start, end) = self.ranges.iter().find(|(known, ..)| *known == name)?;
        let octets = self.octets.get(start..end)?;
        match std::str::from_utf8(octets) {
            Ok(value) => Some(value),
            // Cut at the bound inside of a character.
            Err(error) => std::str::from_utf8(octets.get(..error.valid_up_to())?).ok(),
        }
    }

    /// An attribute's value as a number, if it begins with one.
    pub(crate) fn number(&self, name: Attribute) -> Option<i64> {
        let value = self.get(name)?.trim();
        let end = value
            .bytes()
            .enumerate()
            .position(|(at, b)| !(b.is_ascii_digit() || (at == 0 && b == b'-')))
            .unwrap_or(value.len());
        value.get(..end)?.parse().ok()
    }

    /// What the attributes declare in the way of style, weaker than any style sheet.
    pub(crate) fn presentation(&self, tag: Tag) -> Style {
        let mut style = Style::default();
        if self.has(Attribute::Hidden) {
            style.display = Some(Display::None);
        }
        let colour = match tag {
            Tag::Body => self.get(Attribute::Text),
            Tag::Font => self.get(Attribute::Color),
            _ => None,
        };
        style.colour = colour.and_then(Colour::parse_attribute);
        let background = match tag {
            Tag::Body
            | Tag::Table
            | Tag::Tbody
            | Tag::Thead
            | Tag::Tfoot
            | Tag::Tr
            | Tag::Td
            | Tag::Th
            | Tag::Marquee => self.get(Attribute::Bgcolor),
            _ => None,
        };
        style.background = background.and_then(Colour::parse_attribute);
        if self.has(Attribute::Background) {
            style.background = Some(Colour::Unknown);
        }
        style
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Attributes {
        let mut attributes = Attributes::default();
        for (name, value) in pairs {
            attributes.begin();
            attributes.push_name(name.as_bytes());
            attributes.push_value(value.as_bytes());
        }
        attributes.finish();
        attributes
    }

    #[test]
    fn the_first_of_a_name_counts_and_strangers_are_forgotten() {
        let read = read(&[("x", "1"), ("href", "a"), ("onclick", "b"), ("href", "c")]);
        assert_eq!(read.get(Attribute::Href), Some("a"));
        assert_eq!(read.get(Attribute::Style), None);
        assert_eq!(read.octets, b"a");
    }

    #[test]
    fn a_value_of_a_megabyte_is_cut_between_characters() {
        let read = read(&[("alt", &"あ".repeat(400_000)), ("width", "100%")]);
        let alt = read.get(Attribute::Alt).unwrap();
        assert!(alt.len() <= MAX_VALUE && alt.chars().all(|c| c == 'あ'));
        assert_eq!(read.number(Attribute::Width), Some(100));
        assert_eq!(read.number(Attribute::Alt), None);
    }
}
