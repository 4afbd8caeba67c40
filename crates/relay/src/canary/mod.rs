//! Canaries: hostile mails of our own, sent through the real path to see that nothing but text crosses.
//!
//! A canary bears two kinds of marker. The *visible* one stands where people read, and has to arrive; the
//! *hidden* ones stand in scripts, attachments and the like, and must not. All are inert: words, with
//! nothing that could run.
//!
//! The half that delivers to the LGWAN mail server is the *sink*: it never hands on what is for the
//! canaries' recipient, but looks for the markers in it and puts the result on record. The Internet
//! half sends them, and learns of the result as it does of every delivery.

#[cfg(feature = "internet")]
mod mails;
#[cfg(feature = "internet")]
mod sending;
#[cfg(all(test, feature = "internet"))]
mod tests;

use sekimori_journal::{AuditKind, AuditRecord, Journal, Route, StopCause};
use sekimori_policy::{Address, QueueId};
use sekimori_profile::verify;
use serde_json::json;

#[cfg(feature = "internet")]
pub(crate) use sending::keep;

use crate::deliver::{Office, Parcel};
use crate::now;
use crate::settings::{Canary, Settings};

/// What the visible marker begins with; a number in hexadecimal follows.
const VISIBLE: &str = "sekimori-canary-visible-";
/// What every hidden marker begins with.
const HIDDEN: &str = "sekimori-canary-hidden-";

/// What the sink made of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A canary, with nothing of it that should have stayed behind.
    Passed,
    /// Something that should have stayed behind has come through.
    Failed,
    /// No canary: somebody else wrote to its recipient, or it is a notice about one.
    None,
}

/// Whether an address is that of the canaries' recipient.
pub(crate) fn is_recipient(canary: Option<&Canary>, address: &Address) -> bool {
    canary.is_some_and(|canary| canary.recipient.as_str().eq_ignore_ascii_case(address.as_str()))
}

/// Whether the next hop is a gate, in which the sink is.
fn goes_to_gate(settings: &Settings) -> bool {
    settings.deliver.hops.iter().any(|hop| hop.is_gate)
}

/// Whether a parcel ends here instead of at the next hop.
pub(crate) fn is_for_sink(settings: &Settings, parcel: &Parcel) -> bool {
    let canary = settings.canary.as_ref();
    parcel.route == Route::Forward
        && !goes_to_gate(settings)
        && parcel.recipients.iter().all(|recipient| is_recipient(canary, &recipient.address))
}

/// Looks for markers in a text as it would cross, at most of the size that the verifier takes.
fn look(text: &[u8], most: usize) -> Found {
    let Ok(verified) = verify::verify(text, most) else {
        return Found::Failed;
    };
    let written = str::from_utf8(text).unwrap_or_default();
    let subject = verified.subject.unwrap_or_default();
    if [written, &verified.text, &subject].iter().any(|place| place.contains(HIDDEN)) {
        return Found::Failed;
    }
    if verified.text.contains(VISIBLE) { Found::Passed } else { Found::None }
}

/// Takes in what would have gone to the next hop, puts the result on record and, if anything came
/// through, stops the crossing.
pub(crate) fn sink(office: &Office, parcel: &Parcel, text: &[u8]) -> Found {
    let found = look(text, office.settings.convert.limits.text_octets);
    match found {
        Found::Passed => {
            office.counters.canaries_passed.increment();
            record(&*office.journal, AuditKind::CanaryPassed, Some(parcel.queue_id), None);
            tracing::info!("a canary arrived as harmless text");
        }
        Found::Failed => {
            let reason = "a marker of a canary that should have stayed behind has come through";
            office.counters.canaries_failed.increment();
            record(&*office.journal, AuditKind::CanaryFailed, Some(parcel.queue_id), Some(reason));
            office.crossing.stop_all(StopCause::Canary, reason);
        }
        Found::None => tracing::info!("mail to the canaries' recipient is no canary; it ends here"),
    }
    found
}

/// Puts a result on record.
fn record(journal: &dyn Journal, kind: AuditKind, queue_id: Option<QueueId>, why: Option<&str>) {
    journal.append_audit(AuditRecord {
        at: now(),
        kind,
        organisation: None,
        queue_id,
        reference: None,
        actor: None,
        details: why.map_or_else(|| json!({}), |why| json!({ "cause": why })),
    });
}
