//! The way from octets to a text message.

use sekimori_mime::{Message, ScanError, scan};
use sekimori_policy::Code;

use crate::account::Fate;
use crate::compose::compose;
use crate::header::{Fields, is_looping};
use crate::record::Record;
use crate::walk::{self, Stopped};
use crate::{Context, Sanitized, held, notice};

/// Turns a raw message into a text message of the profile. Never fails: whatever cannot be done
/// holds the message, and `message` is then what crosses on approval.
pub fn sanitize(raw: &[u8], context: &Context<'_>) -> Sanitized {
    match scan(raw, context.limits) {
        Ok(message) => scanned(&message, context),
        Err(error) => unscanned(raw, error, context),
    }
}

fn scanned(message: &Message<'_>, context: &Context<'_>) -> Sanitized {
    let header = &message.root().header;
    if is_looping(header) {
        return held(context, message.raw().len(), Code::RejectLoop, None);
    }
    let mut record = Record::default();
    let fields = Fields::read(header, context, &mut record);
    let mut text = walk::text_of(message, context, &mut record).unwrap_or_else(|Stopped| {
        record.decisions.add(Code::HoldTime);
        String::new()
    });
    if text.is_empty() && is_unread(&record) {
        if !record.decisions.contains(Code::HoldTime) {
            record.decisions.add(Code::HoldStructure);
        }
        text.push_str(notice::unreadable(context.organisation.language));
    }
    let fates = std::mem::take(&mut record.fates);
    let account = fates.account(message, Code::HoldTime, &mut record.decisions);
    compose(fields, text, record, account, context)
}

/// Whether a text is missing because its structure could not be read with certainty, or in time.
fn is_unread(record: &Record) -> bool {
    let is_ambiguous = |reason| reason == Code::StructureAmbiguous;
    record.decisions.contains(Code::HoldTime)
        || record.removed.iter().any(|part| is_ambiguous(part.reason))
}

/// A message over a bound of the scan: its header is still read, as far as that is within bounds.
fn unscanned(raw: &[u8], error: ScanError, context: &Context<'_>) -> Sanitized {
    let header = match scan(header_of(raw), context.limits) {
        Ok(message) if !is_looping(&message.root().header) => message,
        Ok(_) => return held(context, raw.len(), Code::RejectLoop, None),
        Err(_) => return held(context, raw.len(), error.code(), None),
    };
    let mut record = Record::default();
    let fields = Fields::read(&header.root().header, context, &mut record);
    record.decisions.add(error.code());
    let fates = std::mem::take(&mut record.fates);
    let mut account = fates.account(&header, error.code(), &mut record.decisions);
    account.push(raw.len(), Fate::Dropped(error.code()));
    let text = notice::unreadable(context.organisation.language).to_owned();
    compose(fields, text, record, account, context)
}

/// The header section of a message, its closing blank line included.
fn header_of(raw: &[u8]) -> &[u8] {
    let after = |needle: &[u8]| memchr::memmem::find(raw, needle).map(|at| at + needle.len());
    let end = [after(b"\r\n\r\n"), after(b"\n\n")].into_iter().flatten().min();
    end.and_then(|end| raw.get(..end)).unwrap_or(raw)
}
