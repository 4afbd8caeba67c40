//! Reads a header section line by line (RFC 5322 section 2.2).

use sekimori_policy::Limits;

use crate::error::ScanError;
use crate::fault::{Fault, Faults};
use crate::header::{Field, Header};
use crate::line::{Ending, Line};

/// A header section that is being read.
pub(crate) struct HeaderSection<'a> {
    raw: &'a [u8],
    start: usize,
    header: Header<'a>,
    faults: Faults,
    /// Whether the last line began or continued a field, so that a fold belongs to it.
    in_field: bool,
    /// Whether blank lines may stand before the fields: only in the header of a message.
    message_root: bool,
    /// Blank lines before this are not the end.
    fields_from: usize,
    /// Where the first line that is no field begins, and how many fields stand before it.
    stray: Option<(usize, usize)>,
}

/// A header section that was read, and where it ends.
pub(crate) struct ReadHeader<'a> {
    pub(crate) header: Header<'a>,
    pub(crate) faults: Faults,
    /// Where a body begins that no blank line divides from the header.
    pub(crate) body_begins: Option<usize>,
}

impl<'a> HeaderSection<'a> {
    pub(crate) fn new(raw: &'a [u8], start: usize, message_root: bool, limits: &Limits) -> Self {
        Self {
            raw,
            start,
            header: Header { address_limit: limits.addresses, ..Header::default() },
            faults: Faults::NONE,
            in_field: false,
            message_root,
            fields_from: 0,
            stray: None,
        }
    }

    /// Reads one line. `true` when it is the blank line that ends the section.
    pub(crate) fn line(&mut self, line: &Line, limits: &Limits) -> Result<bool, ScanError> {
        if line.end - self.start > limits.header_octets {
            let limit = limits.header_octets;
            return Err(ScanError::HeaderOctets { limit });
        }
        match line.ending {
            Ending::Cr => self.faults.insert(Fault::BareCrStructure),
            Ending::Lf => self.faults.insert(Fault::BareLf),
            Ending::Crlf | Ending::None => {}
        }
        let text = self.raw.get(line.start..line.text_end).unwrap_or_default();
        match text.first() {
            None => return Ok(!self.is_leading_blank(line)),
            Some(b' ' | b'\t') if self.in_field => self.fold(text, line),
            Some(_) => match field_name(text) {
                Some((name, spaced, colon)) => self.begin_field(name, spaced, colon, line),
                None => self.stray_line(text, line),
            },
        }
        if self.header.fields.len() + self.header.malformed > limits.header_fields {
            let limit = limits.header_fields;
            return Err(ScanError::HeaderFields { limit });
        }
        Ok(false)
    }

    /// Whether a blank line stands before all fields of a message, as some gateways and digests have it.
    fn is_leading_blank(&mut self, line: &Line) -> bool {
        let at_start = self.message_root && self.header.fields.is_empty() && self.stray.is_none();
        if !at_start {
            return false;
        }
        if line.start >= self.fields_from {
            let Some(at) = begins_header(self.raw, line.end) else {
                return false;
            };
            self.fields_from = at;
            self.faults.insert(Fault::LeadingBlankLine);
        }
        true
    }

    fn fold(&mut self, text: &[u8], line: &Line) {
        if text.iter().all(|b| matches!(b, b' ' | b'\t')) {
            self.faults.insert(Fault::BlankFold);
        }
        if let Some(field) = self.header.fields.last_mut() {
            let value_start = field.range.end - field.value.len();
            field.range.end = line.text_end;
            field.value = self.raw.get(value_start..line.text_end).unwrap_or_default();
        }
    }

    fn begin_field(&mut self, name: &'a str, spaced: bool, colon: usize, line: &Line) {
        let content = name.get(..8).is_some_and(|prefix| prefix.eq_ignore_ascii_case("Content-"));
        if spaced {
            self.faults.insert(Fault::SpaceBeforeColon);
        }
        if content && spaced {
            self.faults.insert(Fault::ContentFieldSpaced);
        }
        if content && self.stray.is_some() {
            self.faults.insert(Fault::MalformedBeforeContent);
        }
        let value_start = line.start + colon + 1;
        self.header.fields.push(Field {
            name,
            value: self.raw.get(value_start..line.text_end).unwrap_or_default(),
            range: line.start..line.text_end,
        });
        self.in_field = true;
    }

    fn stray_line(&mut self, text: &[u8], line: &Line) {
        let graphic = text.iter().filter(|b| b.is_ascii_graphic());
        let begins = graphic.take(8).map(u8::to_ascii_lowercase);
        if begins.eq(*b"content-") {
            self.faults.insert(Fault::ContentFieldMalformed);
        }
        self.faults.insert(Fault::MalformedHeaderLine);
        self.header.malformed += 1;
        self.in_field = false;
        self.stray.get_or_insert((line.start, self.header.fields.len()));
    }

    /// Ends the section at a blank line, or without one at `end`.
    ///
    /// Without a blank line the first line that is no field is where most readers begin the body.
    pub(crate) fn finish(mut self, end: usize, blank_line: bool) -> ReadHeader<'a> {
        let mut body_begins = None;
        if !blank_line && end > self.start {
            self.faults.insert(Fault::HeaderUnended);
            if let Some((start, fields)) = self.stray {
                if self.header.fields.len() > fields {
                    self.faults.insert(Fault::HeaderUnendedInside);
                }
                self.header.fields.truncate(fields);
                self.header.malformed = 0;
                body_begins = Some(start);
            }
        }
        let section = self.raw.get(self.start..end).unwrap_or_default();
        if memchr::memchr(0, section).is_some() {
            self.faults.insert(Fault::NulInHeader);
        }
        ReadHeader { header: self.header, faults: self.faults, body_begins }
    }
}

/// Fields that headers begin with. Any other line after a blank one is taken for text.
const FIRST_FIELDS: [&str; 10] = [
    "Return-Path",
    "Received",
    "From",
    "Sender",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
];

/// Where the first line from `at` on that is not blank begins, if it begins a header.
fn begins_header(raw: &[u8], at: usize) -> Option<usize> {
    let rest = raw.get(at..)?;
    let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    let start = blank.count();
    let line = rest.get(start..)?;
    // No name of a field is longer than this, and a text without a colon may be.
    let name = line.get(..line.len().min(32))?.split(|b| *b == b':').next()?;
    let known = FIRST_FIELDS
        .iter()
        .any(|field| name.trim_ascii_end().eq_ignore_ascii_case(field.as_bytes()));
    known.then_some(at + start)
}

/// The name of the field that a line begins (RFC 5322 section 2.2), whether white space stands
/// before its colon, and where the colon is.
fn field_name(text: &[u8]) -> Option<(&str, bool, usize)> {
    let colon = memchr::memchr(b':', text)?;
    let before = text.get(..colon)?;
    let name = before.trim_ascii_end();
    let well_formed = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    let name = std::str::from_utf8(name).ok().filter(|_| well_formed)?;
    Some((name, name.len() < before.len(), colon))
}
