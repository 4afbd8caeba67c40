//! The menu: which pages a person finds there.

use super::shell::Entry;
use super::visit::Visit;
use crate::desk::Right;
use crate::words::ShellWords;

/// The entries for a person, in order. A new page adds one line.
pub(crate) fn entries(visit: &Visit) -> Vec<Entry> {
    let w = ShellWords::of(visit.language);
    let entry = |path: &'static str, label, rights: &[Right]| {
        let place = visit.here.split(['?', '/']).nth(1).unwrap_or_default();
        let current = path.trim_start_matches('/') == place;
        rights.iter().any(|&right| visit.may(right)).then_some(Entry { path, label, current })
    };
    [
        entry("/messages", w.messages, &[Right::See, Right::SeeOwn]),
        entry("/requests", w.requests, &[Right::Request, Right::See, Right::SeeOwn]),
        entry("/exceptions", w.exceptions, &[Right::Decide, Right::People, Right::See]),
        entry("/accounts", w.accounts, &[Right::People]),
        entry("/audit", w.audit, &[Right::Audit]),
        entry("/reports", w.reports, &[Right::Report]),
        entry("/status", w.status, &[Right::Health]),
        entry("/organisations", w.organisations, &[Right::People, Right::Audit, Right::Decide]),
    ]
    .into_iter()
    .flatten()
    .collect()
}
