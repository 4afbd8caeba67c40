//! Every request of the period and what was decided on it.

use sekimori_journal::{Request, RequestState, Wanted};
use sekimori_policy::Language;

use super::document::{Cell, Section};
use super::figures::{Figures, time_to_decision};
use crate::words::{MessageWords, ReportWords};

/// The section of a list of requests. Subjects and addresses stay out: a report is passed on.
pub(super) fn sections(figures: &Figures, language: Language) -> Vec<Section> {
    let w = ReportWords::of(language);
    let columns = [
        ("request", w.request_number),
        ("reference", w.reference),
        ("wanted", w.wanted),
        ("requester", w.requester),
        ("created_at", w.created),
        ("reason", w.reason),
        ("state", w.state),
        ("decided_by", w.decided_by),
        ("decided_at", w.decided_at),
        ("seconds_to_decision", w.took),
        ("decision_reason", w.decision_reason),
        ("downloads", w.downloads),
    ];
    let mut section = Section::new("requests", w.requests, "R4, R12, R13", &columns);
    for request in &figures.requests {
        section.row([
            Cell::Number(u64::try_from(request.id.0).unwrap_or_default()),
            Cell::text(request.reference.to_string()),
            Cell::text(wanted(request, w)),
            Cell::text(request.requester_name.as_str()),
            Cell::Moment(Some(request.created_at)),
            Cell::text(request.reason.as_str()),
            Cell::text(state(request.state, language)),
            Cell::text(request.decided_by_name.as_deref().unwrap_or_default()),
            Cell::Moment(request.decided_at),
            Cell::millis(time_to_decision(request)),
            Cell::text(request.decision_reason.as_deref().unwrap_or_default()),
            Cell::Number(u64::from(request.downloads)),
        ]);
    }
    if figures.further_requests > 0 {
        section.note = Some(w.further.replacen("{}", &figures.further_requests.to_string(), 1));
    }
    vec![section]
}

fn state(state: RequestState, language: Language) -> &'static str {
    MessageWords::of(language).request(state)
}

fn wanted(request: &Request, w: &ReportWords) -> String {
    match &request.wanted {
        Wanted::Text => w.wanted_text.to_owned(),
        Wanted::Original => w.wanted_original.to_owned(),
        Wanted::Parts(sections) => w.wanted_parts.replacen("{}", &sections.len().to_string(), 1),
    }
}
