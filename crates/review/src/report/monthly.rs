//! The monthly report (月次報告).

use sekimori_journal::{AuditKind, ExceptionState, RequestState, StoredAudit};
use sekimori_policy::{Code, Language};
use serde_json::Value;

use super::document::{Cell, Finding, Section};
use super::figures::{Figures, percentile};
use crate::words::ReportWords;

/// The sections of a monthly report.
pub(super) fn sections(figures: &Figures, organisation: &str, language: Language) -> Vec<Section> {
    let w = ReportWords::of(language);
    vec![
        overview(figures, w),
        causes(figures, language, w),
        types(figures, w),
        decisions(figures, w),
        access(figures, w),
        exceptions(figures, w),
        changes(figures, organisation, w),
        verification(figures, w),
    ]
}

/// Rows of a name and a number.
fn counted(
    id: &'static str,
    title: &'static str,
    requirements: &'static str,
    w: &ReportWords,
    rows: &[(&'static str, u64)],
) -> Section {
    let columns = [("item", w.item), ("number", w.number)];
    let mut section = Section::new(id, title, requirements, &columns);
    for &(name, number) in rows {
        section.row([Cell::text(name), Cell::Number(number)]);
    }
    section
}

fn overview(figures: &Figures, w: &ReportWords) -> Section {
    let count = |kind| figures.count(kind);
    counted(
        "overview",
        w.overview,
        "R2, R8",
        w,
        &[
            (w.received, figures.received),
            (w.octets, figures.octets),
            (w.passed, figures.passed),
            (w.held, figures.held),
            (w.with_removed, figures.with_removed),
            (w.removed, figures.removed),
            (w.delivered, count(AuditKind::Delivered)),
            (w.deferred, count(AuditKind::Deferred)),
            (w.failed, count(AuditKind::Failed)),
            (w.released, count(AuditKind::Released)),
            (w.deleted, count(AuditKind::Deleted)),
            (w.restored, count(AuditKind::Restored)),
            (w.extended, count(AuditKind::Extended)),
            (w.expired, count(AuditKind::Expired)),
        ],
    )
}

fn causes(figures: &Figures, language: Language, w: &ReportWords) -> Section {
    let columns = [("code", w.code), ("meaning", w.meaning), ("messages", w.messages)];
    let mut section = Section::new("causes", w.causes, "R2, R6", &columns);
    let mut codes: Vec<&(Code, u64)> = figures.codes.values().collect();
    codes.sort_by_key(|(code, number)| (std::cmp::Reverse(*number), *code));
    for (code, number) in codes {
        let meaning = match language {
            Language::Japanese => code.japanese(),
            Language::English => code.english(),
        };
        section.row([Cell::text(code.as_str()), Cell::text(meaning), Cell::Number(*number)]);
    }
    section
}

fn types(figures: &Figures, w: &ReportWords) -> Section {
    let columns = [("type", w.media_type), ("number", w.number)];
    let mut section = Section::new("types", w.types, "R2", &columns);
    let mut types: Vec<(&String, u64)> = figures.types.iter().map(|(name, n)| (name, *n)).collect();
    types.sort_by_key(|(name, number)| (std::cmp::Reverse(*number), *name));
    for (name, number) in types {
        section.row([Cell::text(name.as_str()), Cell::Number(number)]);
    }
    if figures.other_types > 0 {
        section.row([Cell::text(w.other_types), Cell::Number(figures.other_types)]);
    }
    section
}

fn decisions(figures: &Figures, w: &ReportWords) -> Section {
    let columns = [("item", w.item), ("value", w.number)];
    let mut section = Section::new("decisions", w.decisions, "R4, R12, R13", &columns);
    let in_state = |state: RequestState| {
        let number = figures.requests.iter().filter(|request| request.state == state).count();
        Cell::Number(u64::try_from(number).unwrap_or(u64::MAX))
    };
    let filed = u64::try_from(figures.requests.len()).unwrap_or(u64::MAX);
    let filed = filed.saturating_add(figures.further_requests);
    section.row([Cell::text(w.filed), Cell::Number(filed)]);
    section.row([Cell::text(w.approved), in_state(RequestState::Approved)]);
    section.row([Cell::text(w.turned_down), in_state(RequestState::Rejected)]);
    section.row([Cell::text(w.returned), in_state(RequestState::Returned)]);
    section.row([Cell::text(w.open), in_state(RequestState::Open)]);
    let times = figures.to_decision();
    section.row([Cell::text(w.median), Cell::millis(percentile(&times, 50))]);
    section.row([Cell::text(w.ninety), Cell::millis(percentile(&times, 90))]);
    section.row([Cell::text(w.longest), Cell::millis(percentile(&times, 100))]);
    let held = &figures.to_release;
    section.row([Cell::text(w.held_median), Cell::millis(percentile(held, 50))]);
    section.row([Cell::text(w.held_longest), Cell::millis(percentile(held, 100))]);
    section
}

fn access(figures: &Figures, w: &ReportWords) -> Section {
    let count = |kind| figures.count(kind);
    counted(
        "access",
        w.access,
        "R13",
        w,
        &[
            (w.looked, count(AuditKind::Looked)),
            (w.downloaded, count(AuditKind::Downloaded)),
            (w.handed_over, count(AuditKind::HandedOver)),
            (w.exported, count(AuditKind::Exported)),
            (w.signed_in, count(AuditKind::SignedIn)),
            (w.sign_in_failed, count(AuditKind::SignInFailed)),
            (w.account_changed, count(AuditKind::AccountChanged)),
            (w.token_changed, count(AuditKind::TokenChanged)),
        ],
    )
}

fn exceptions(figures: &Figures, w: &ReportWords) -> Section {
    let columns = [
        ("state", w.state),
        ("requester", w.requester),
        ("approver", w.approver),
        ("reason", w.reason),
        ("begins_at", w.begins_at),
        ("ends_at", w.ends_at),
    ];
    let mut section = Section::new("exceptions", w.exceptions, "R12", &columns);
    for exception in &figures.exceptions {
        let state = match exception.state {
            ExceptionState::Open => w.exception_open,
            ExceptionState::Approved => w.exception_approved,
            ExceptionState::Rejected => w.exception_rejected,
            ExceptionState::Ended => w.exception_ended,
            ExceptionState::Lapsed => w.exception_lapsed,
        };
        section.row([
            Cell::text(state),
            Cell::text(exception.requester_name.as_str()),
            Cell::text(exception.decided_by_name.as_deref().unwrap_or_default()),
            Cell::text(exception.reason.as_str()),
            Cell::Moment(Some(exception.begins_at)),
            Cell::Moment(Some(exception.ends_at)),
        ]);
    }
    section
}

fn changes(figures: &Figures, organisation: &str, w: &ReportWords) -> Section {
    let columns = [("at", w.changed_at), ("what", w.change), ("mode", w.mode)];
    let mut section = Section::new("changes", w.changes, "R14", &columns);
    for stored in &figures.configured {
        let what = match stored.record.details.get("what").and_then(Value::as_str) {
            Some("reloaded") => w.change_reloaded,
            _ => w.change_started,
        };
        section.row([
            Cell::Moment(Some(stored.record.at)),
            Cell::text(what),
            Cell::text(mode(stored, organisation, w)),
        ]);
    }
    if figures.further_configured > 0 {
        section.note = Some(w.further.replacen("{}", &figures.further_configured.to_string(), 1));
    }
    section
}

/// The organisation's mode in a loaded configuration; empty where it was not in it.
fn mode(stored: &StoredAudit, organisation: &str, w: &ReportWords) -> &'static str {
    let all = stored.record.details.get("organisations").and_then(Value::as_array);
    let own = all
        .into_iter()
        .flatten()
        .find(|o| o.get("name").and_then(Value::as_str) == Some(organisation));
    match own.and_then(|o| o.get("mode")).and_then(Value::as_str) {
        Some("deliver") => w.mode_deliver,
        Some("review") => w.mode_review,
        _ => "",
    }
}

/// How the audit chains stand: also a part of other reports.
pub(super) fn verification(figures: &Figures, w: &ReportWords) -> Section {
    let columns = [
        ("chain", w.chain),
        ("first", w.first),
        ("last", w.last),
        ("checkpoints", w.checkpoints),
        ("result", w.result),
    ];
    let mut section = Section::new("verification", w.verification, "R6, R11", &columns);
    let is_good = figures.chains.faults.is_empty();
    for chain in &figures.chains.found {
        section.row([
            Cell::text(chain.chain.as_deref().unwrap_or(w.gateway)),
            Cell::Number(chain.first),
            Cell::Number(chain.last),
            Cell::Number(chain.checkpoints),
            Cell::Result(Finding::good_or_bad(is_good)),
        ]);
    }
    let mut note = if is_good { w.intact.to_owned() } else { w.broken.to_owned() };
    for fault in &figures.chains.faults {
        let chain = fault.chain.as_deref().unwrap_or(w.gateway);
        let numbers = [chain.to_owned(), fault.first.to_string(), fault.last.to_string()];
        let sentence = numbers.iter().fold(w.fault.to_owned(), |s, n| s.replacen("{}", n, 1));
        note.push(' ');
        note.push_str(&sentence);
    }
    if figures.chains.macs_checked {
        note.push(' ');
        note.push_str(w.keyed);
    }
    section.note = Some(note);
    section
}
