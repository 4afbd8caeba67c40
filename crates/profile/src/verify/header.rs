//! The set of header fields: which, how often, and by what grammar.

use super::body::Encoding;
use super::lines::Lines;
use super::{Fault, MAX_RECEIVED, Verified, Violation};
use super::{mailbox, value, words};

/// The fields of the profile.
const NAMES: &str = "Received Date From Sender Reply-To To Cc Subject Message-ID In-Reply-To \
                     References Auto-Submitted List-Id MIME-Version Content-Type \
                     Content-Transfer-Encoding Sekimori-Result";
/// Those that must be there.
const REQUIRED: &str =
    "Date From MIME-Version Content-Type Content-Transfer-Encoding Sekimori-Result";

/// Reads the header and the empty line after it, into `verified`. Gives the body's encoding.
pub(super) fn read(lines: &mut Lines<'_>, verified: &mut Verified) -> Result<Encoding, Violation> {
    let mut encoding = Encoding::default();
    let mut seen: Vec<&str> = Vec::new();
    loop {
        let line = lines.number();
        let fail = |fault, field| Violation { fault, line, field };
        let field = lines.next_field()?.ok_or(fail(Fault::HeaderUnended, None))?;
        if field.is_empty() {
            break;
        }
        let (name, value) = field.split_once(':').ok_or(fail(Fault::FieldSyntax, None))?;
        let name = NAMES.split(' ').find(|known| *known == name);
        let name = name.ok_or(fail(Fault::FieldUnknown, None))?;
        seen.push(name);
        let count = seen.iter().filter(|earlier| **earlier == name).count();
        if count > if name == "Received" { MAX_RECEIVED } else { 1 } {
            return Err(fail(Fault::FieldRepeated, Some(name)));
        }
        let is_trimmed = |value: &&str| !value.is_empty() && value.trim_ascii() == *value;
        let value = value.strip_prefix(' ').filter(is_trimmed);
        let checked =
            value.ok_or(Fault::Value).and_then(|v| check(name, v, verified, &mut encoding));
        checked.map_err(|fault| fail(fault, Some(name)))?;
    }
    verified.received = seen.iter().filter(|name| **name == "Received").count();
    match REQUIRED.split(' ').find(|name| !seen.contains(name)) {
        None => Ok(encoding),
        field => Err(Violation { fault: Fault::FieldMissing, line: lines.number() - 1, field }),
    }
}

fn check(
    name: &str,
    value: &str,
    verified: &mut Verified,
    encoding: &mut Encoding,
) -> Result<(), Fault> {
    match name {
        "Received" => value::received(value),
        "Date" => value::date(value),
        "From" => mailbox::list(value).map(|(_, first)| first.clone_into(&mut verified.from)),
        "Sender" => mailbox::list(value).and_then(|(count, _)| value::require(count == 1)),
        "Reply-To" | "To" | "Cc" => mailbox::list(value).map(|_| ()),
        "Subject" => words::unstructured(value).map(|text| verified.subject = Some(text)),
        "Message-ID" => {
            verified.message_id = Some(value.to_owned());
            value::message_id(value)
        }
        "In-Reply-To" | "References" => value.split(' ').try_for_each(value::message_id),
        "Auto-Submitted" => value::require(matches!(
            value,
            "no" | "auto-generated" | "auto-replied" | "auto-notified"
        )),
        "List-Id" => value::list_id(value),
        "MIME-Version" => value::require(value == "1.0"),
        "Content-Type" => value::require(value == "text/plain; charset=utf-8"),
        "Content-Transfer-Encoding" => Encoding::named(value).map(|named| *encoding = named),
        "Sekimori-Result" => value::result(value).map(|(reference, outcome)| {
            reference.clone_into(&mut verified.reference);
            outcome.clone_into(&mut verified.outcome);
        }),
        _ => Err(Fault::FieldUnknown),
    }
}
