//! The self-check (自己点検): requirement by requirement, what the period shows.

use sekimori_journal::{Account, AuditKind, RequestState, Role};
use sekimori_policy::{Code, Language, Timestamp};

use super::document::{Cell, Finding, Section};
use super::figures::Figures;
use super::monthly::verification;
use crate::words::ReportWords;

/// Approvers below whom a town cannot decide with two people.
const ENOUGH_APPROVERS: u64 = 2;

/// The sections of a self-check.
pub(super) fn sections(
    figures: &Figures,
    organisation: &str,
    now: Timestamp,
    language: Language,
) -> Vec<Section> {
    let w = ReportWords::of(language);
    vec![checks(figures, organisation, now, w), verification(figures, w)]
}

fn checks(
    figures: &Figures,
    organisation: &str,
    now: Timestamp,
    w: &'static ReportWords,
) -> Section {
    let columns = [
        ("requirement", w.requirement),
        ("check", w.check),
        ("evidence", w.evidence),
        ("result", w.result),
    ];
    let mut section = Section::new("checks", w.self_check, "R11", &columns);
    let mut check = |requirement: &str, what: &str, evidence: &str, number: u64, found: Finding| {
        section.row([
            Cell::text(requirement),
            Cell::text(what),
            Cell::text(evidence.replacen("{}", &number.to_string(), 1)),
            Cell::Result(found),
        ]);
    };
    let count = |kind| figures.count(kind);
    let none = |number: u64| Finding::good_or_attention(number == 0);
    let loaded = sum([length(&figures.configured), figures.further_configured]);
    check("R1, R3", w.check_paths, w.evidence_paths, loaded, Finding::Good);
    check("R2", w.check_text, w.evidence_text, figures.received, Finding::Good);
    let downloads = count(AuditKind::Downloaded);
    check("R4", w.check_original, w.evidence_original, downloads, Finding::Good);
    let garbled = messages_with(figures, &[Code::CharactersReplaced, Code::HoldCharset]);
    check("R5", w.check_characters, w.evidence_characters, garbled, none(garbled));
    let faults = length(&figures.chains.faults);
    check("R6", w.check_record, w.evidence_record, faults, Finding::good_or_bad(faults == 0));
    let lost = figures.lost;
    check("R6", w.check_record, w.evidence_lost, lost, Finding::good_or_bad(lost == 0));
    let refused = sum(figures.refusals.values().copied());
    check("R7", w.check_relay, w.evidence_relay, refused, Finding::Good);
    let failed = count(AuditKind::Failed);
    check("R8", w.check_delivery, w.evidence_delivery, failed, none(failed));
    let approvers = number_of(figures, |a| a.has_role(organisation, Role::Approver, now), now);
    let enough = Finding::good_or_attention(approvers >= ENOUGH_APPROVERS);
    check("R9, R13", w.check_people, w.evidence_people, approvers, enough);
    let without = number_of(
        figures,
        |a| {
            !a.has_second_factor
                && a.has_password
                && [Role::Approver, Role::Administrator]
                    .iter()
                    .any(|&role| a.has_role(organisation, role, now))
        },
        now,
    );
    check("R13", w.check_factor, w.evidence_factor, without, none(without));
    let open = figures.requests.iter().filter(|r| r.state == RequestState::Open).count();
    let open = u64::try_from(open).unwrap_or(u64::MAX);
    check("R4, R9", w.check_waiting, w.evidence_waiting, open, none(open));
    let exceptions = length(&figures.exceptions);
    let complete = figures.exceptions.iter().all(|e| {
        e.decided_by != Some(e.requester) && !e.reason.is_empty() && e.ends_at > e.begins_at
    });
    let found = Finding::good_or_bad(complete);
    check("R12", w.check_exceptions, w.evidence_exceptions, exceptions, found);
    let own = figures.requests.iter().filter(|r| r.decided_by == Some(r.requester)).count();
    let own = u64::try_from(own).unwrap_or(u64::MAX);
    check("R13", w.check_own, w.evidence_own, own, Finding::good_or_bad(own == 0));
    let looks = sum([AuditKind::Looked, AuditKind::Downloaded, AuditKind::Exported].map(count));
    check("R10, R13", w.check_access, w.evidence_access, looks, Finding::Good);
    check("R14", w.check_configuration, w.evidence_configuration, loaded, Finding::Good);
    section
}

fn sum(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().fold(0, u64::saturating_add)
}

fn length<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

fn messages_with(figures: &Figures, codes: &[Code]) -> u64 {
    sum(codes.iter().filter_map(|code| figures.codes.get(code.as_str())).map(|(_, number)| *number))
}

fn number_of(figures: &Figures, which: impl Fn(&Account) -> bool, now: Timestamp) -> u64 {
    let usable = figures.accounts.iter().filter(|account| account.usable(now));
    u64::try_from(usable.filter(|account| which(account)).count()).unwrap_or(u64::MAX)
}
