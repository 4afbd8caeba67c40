//! Held messages.
use sekimori_policy::{Code, Decisions};
use sekimori_profile as profile;

use crate::{Context, Sanitized, Summary};

/// What a message becomes of which nothing could be read, for example because reading it panicked
/// or took too long: a text that says so, held for `code`.
pub fn held(context: &Context<'_>, code: Code, summary: Option<Summary>) -> Sanitized {
    let mut decisions = Decisions::new();
    decisions.add(code);
    let summary = summary.unwrap_or_default();
    let message = hold_notice(context, &decisions, &summary);
    Sanitized {
        message,
        outcome: decisions.outcome(),
        decisions,
        removed: Vec::new(),
        summary,
        text: String::new(),
    }
}

/// The message that tells the recipients that theirs is held, why, its 受付番号 and until when the
/// original is kept. It obeys the profile.
pub fn hold_notice(context: &Context<'_>, decisions: &Decisions, summary: &Summary) -> Vec<u8> {
    let _ = summary;
    let host = profile::HostName::parse(context.host).ok();
    let Some(host) = host else { return Vec::new() };
    let address = sekimori_policy::Address::from_parts("postmaster", host.domain())
        .ok()
        .and_then(|a| profile::AsciiAddress::new(a).ok());
    let Some(address) = address else {
        return Vec::new();
    };
    profile::write(&profile::TextMessage {
        received: Vec::new(),
        date: context.received_at,
        from: profile::Mailbox {
            name: None,
            address,
        }
        .into(),
        sender: None,
        reply_to: Vec::new(),
        to: Vec::new(),
        cc: Vec::new(),
        subject: None,
        message_id: None,
        in_reply_to: Vec::new(),
        references: Vec::new(),
        auto_submitted: None,
        list_id: None,
        result: profile::ResultField {
            reference: context.reference,
            outcome: decisions.outcome(),
            removed: 0,
            codes: decisions.iter().map(|d| d.code).collect(),
        },
        body: profile::SafeText::default(),
    })
}
