//! The set of header fields: which, how often, in what lines.

use super::body::Encoding;
use super::lines::Lines;
use super::mailbox;
use super::value;
use super::words;
use super::{Fault, MAX_HEADER_OCTETS, MAX_RECEIVED, Verified, Violation};

/// Longest line with an encoded-word in octets (RFC 2047 section 2).
const MAX_WORD_LINE: usize = 76;

/// The fields of the profile, and whether one must be there.
const FIELDS: [(&str, bool); 17] = [
    ("Received", false),
    ("Date", true),
    ("From", true),
    ("Sender", false),
    ("Reply-To", false),
    ("To", false),
    ("Cc", false),
    ("Subject", false),
    ("Message-ID", false),
    ("In-Reply-To", false),
    ("References", false),
    ("Auto-Submitted", false),
    ("List-Id", false),
    ("MIME-Version", true),
    ("Content-Type", true),
    ("Content-Transfer-Encoding", true),
    ("Sekimori-Result", true),
];

/// What the header says.
#[derive(Default)]
pub(super) struct Header {
    pub(super) encoding: Encoding,
    from: String,
    subject: Option<String>,
    message_id: Option<String>,
    reference: String,
    outcome: String,
    counts: [usize; FIELDS.len()],
}

/// Reads the header and the empty line after it.
pub(super) fn read(lines: &mut Lines<'_>) -> Result<Header, Violation> {
    let mut header = Header::default();
    let mut octets = 0;
    let mut open: Option<OpenField> = None;
    loop {
        let number = lines.number();
        let fail = |fault| Violation { fault, line: number, field: None };
        let line = lines.next()?.ok_or(fail(Fault::HeaderUnended))?;
        octets += line.len() + 2;
        if octets > MAX_HEADER_OCTETS {
            return Err(fail(Fault::HeaderTooLarge));
        }
        let Ok(line) = str::from_utf8(line) else {
            return Err(fail(Fault::NotAscii));
        };
        if line.len() > MAX_WORD_LINE && line.contains("=?") {
            return Err(fail(Fault::LineTooLong));
        }
        if line.starts_with([' ', '\t']) {
            let field = open.as_mut().ok_or(fail(Fault::FieldSyntax))?;
            if line.trim_ascii().is_empty() {
                return Err(fail(Fault::FieldSyntax));
            }
            field.value.push_str(line);
            continue;
        }
        if let Some(field) = open.take() {
            header.take(&field)?;
        }
        if line.is_empty() {
            return header.complete(number);
        }
        open = Some(header.open(line, number)?);
    }
}

/// A field whose lines are being gathered.
struct OpenField {
    index: usize,
    name: &'static str,
    line: usize,
    value: String,
}

impl Header {
    fn open(&mut self, line: &str, number: usize) -> Result<OpenField, Violation> {
        let fail = |fault, field| Violation { fault, line: number, field };
        let (name, value) = line.split_once(':').ok_or(fail(Fault::FieldSyntax, None))?;
        let known = FIELDS.iter().zip(&mut self.counts).enumerate();
        let (index, ((name, _), count)) = known
            .into_iter()
            .find(|(_, ((known, _), _))| *known == name)
            .ok_or(fail(Fault::FieldUnknown, None))?;
        *count += 1;
        let most = if *name == "Received" { MAX_RECEIVED } else { 1 };
        if *count > most {
            return Err(fail(Fault::FieldRepeated, Some(name)));
        }
        Ok(OpenField { index, name, line: number, value: value.to_owned() })
    }

    fn take(&mut self, field: &OpenField) -> Result<(), Violation> {
        debug_assert!(self.counts.get(field.index).is_some_and(|&count| count > 0));
        let checked = match field.value.strip_prefix(' ') {
            Some(value)
                if !value.is_empty()
                    && !value.starts_with([' ', '\t'])
                    && !value.ends_with([' ', '\t']) =>
            {
                self.check(field.name, value)
            }
            _ => Err(Fault::Value),
        };
        checked.map_err(|fault| Violation { fault, line: field.line, field: Some(field.name) })
    }

    fn check(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        match name {
            "Received" => value::received(value),
            "Date" => value::date(value),
            "From" => mailbox::list(value).map(|(_, first)| first.clone_into(&mut self.from)),
            "Sender" => mailbox::list(value).and_then(|(count, _)| value::require(count == 1)),
            "Reply-To" | "To" | "Cc" => mailbox::list(value).map(|_| ()),
            "Subject" => words::unstructured(value).map(|text| self.subject = Some(text)),
            "Message-ID" => {
                value::message_id(value).map(|()| self.message_id = Some(value.to_owned()))
            }
            "In-Reply-To" | "References" => value.split(' ').try_for_each(value::message_id),
            "Auto-Submitted" => value::require(matches!(
                value,
                "no" | "auto-generated" | "auto-replied" | "auto-notified"
            )),
            "List-Id" => value::list_id(value),
            "MIME-Version" => value::require(value == "1.0"),
            "Content-Type" => value::require(value == "text/plain; charset=utf-8"),
            "Content-Transfer-Encoding" => {
                Encoding::named(value).map(|encoding| self.encoding = encoding)
            }
            "Sekimori-Result" => value::result(value).map(|(reference, outcome)| {
                reference.clone_into(&mut self.reference);
                outcome.clone_into(&mut self.outcome);
            }),
            _ => Err(Fault::FieldUnknown),
        }
    }

    fn complete(self, line: usize) -> Result<Self, Violation> {
        let missing =
            FIELDS.iter().zip(self.counts).find(|((_, required), count)| *required && *count == 0);
        match missing {
            Some(((name, _), _)) => {
                Err(Violation { fault: Fault::FieldMissing, line, field: Some(name) })
            }
            None => Ok(self),
        }
    }

    /// The verified message, now that its body is known.
    pub(super) fn into_verified(self, text: String) -> Verified {
        let [received, ..] = self.counts;
        Verified {
            text,
            from: self.from,
            subject: self.subject,
            message_id: self.message_id,
            reference: self.reference,
            outcome: self.outcome,
            received,
        }
    }
}
