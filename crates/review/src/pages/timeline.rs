//! What happened to a message and who did what, as its page shows it.

use sekimori_journal::StoredAudit;
use serde_json::Value;

use super::shell::Shell;
use crate::words::ItemWords;

/// Longest text shown of a record's detail, in characters.
const MAX_DETAIL: usize = 500;

/// One record in words.
#[derive(Debug)]
pub(crate) struct Event {
    /// When.
    pub(crate) at: String,
    /// What.
    pub(crate) what: &'static str,
    /// Who: the person's name, or that the program did it.
    pub(crate) who: String,
    /// From where, when it is known.
    pub(crate) origin: Option<String>,
    /// The reason given, the reply of a hop, and the like.
    pub(crate) said: Option<String>,
}

/// Records in words, in their order.
pub(crate) fn events(records: &[StoredAudit], shell: &Shell) -> Vec<Event> {
    let w = ItemWords::of(shell.language);
    let event = |stored: &StoredAudit| {
        let record = &stored.record;
        let text = |member: &str| {
            let value = record.details.get(member).and_then(Value::as_str)?;
            let text: String = value.chars().take(MAX_DETAIL).collect();
            (!text.is_empty()).then_some(text)
        };
        Event {
            at: shell.date(&record.at),
            what: w.kind(record.kind),
            who: record.actor.clone().unwrap_or_else(|| w.by_program.to_owned()),
            origin: text("origin"),
            said: text("reason").or_else(|| text("reply")),
        }
    };
    records.iter().map(event).collect()
}
