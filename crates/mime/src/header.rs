//! The header section of a part: its fields as they stand.

use std::ops::Range;

use sekimori_charset::Decoded;

/// One header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name as spelled, without white space: printable ASCII without a colon
    /// (RFC 5322 section 2.2).
    pub name: &'a str,
    /// What follows the colon, folds included, the last line end not.
    pub value: &'a [u8],
    /// Where the field stands in the message, from its name to the end of its value.
    pub range: Range<usize>,
}

/// The fields of one header section in the order they stand in.
#[derive(Debug, Clone, Default)]
pub struct Header<'a> {
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) malformed: usize,
    pub(crate) address_limit: usize,
}

impl<'a> Header<'a> {
    /// Every field.
    pub fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter()
    }

    /// The raw value of the first field of that name (any case).
    pub fn field(&self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// The raw values of every field of that name (any case), in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |f| f.name.eq_ignore_ascii_case(name)).map(|f| f.value)
    }

    /// How many fields of that name there are.
    pub fn count(&self, name: &str) -> usize {
        self.all(name).count()
    }

    /// How many lines of the section were no field and no continuation of one.
    pub fn malformed_lines(&self) -> usize {
        self.malformed
    }

    /// The text of the first field of that name, unfolded and with its encoded-words decoded
    /// (RFC 2047); leading and trailing white space removed.
    pub fn text(&self, name: &str) -> Option<Decoded> {
        let mut decoded = sekimori_charset::decode_field(self.field(name)?);
        let trimmed = decoded.text.trim();
        if trimmed.len() != decoded.text.len() {
            decoded.text = trimmed.to_owned();
            decoded.characters = decoded.text.chars().count() as u64;
        }
        Some(decoded)
    }

    /// The raw values of the Received fields, the latest first (RFC 5321 section 4.4).
    pub fn received(&self) -> impl Iterator<Item = &'a [u8]> {
        self.all("Received")
    }
}
