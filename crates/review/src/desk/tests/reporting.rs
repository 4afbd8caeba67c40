//! Reports of what happened.

use sekimori_journal::{NewRequest, Verdict, Wanted, Way};
use sekimori_policy::Language;

use super::*;
use crate::report::{Cell, Finding, Kind, Period, Report};

fn period() -> Period {
    let day = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
    Period::days(day("2026-09-01"), day("2026-09-30")).unwrap()
}

impl Town {
    fn report(&self, person: &Person, kind: Kind, language: Language) -> Report {
        self.desk.report(person, kind, MINE, period(), language).unwrap()
    }
}

/// The value of a row that begins with some words.
fn value(report: &Report, section: &str, row: &str) -> Cell {
    let section = report.sections.iter().find(|s| s.id == section).unwrap();
    let is_it = |cells: &&Vec<Cell>| cells[0] == Cell::Text(row.to_owned());
    section.rows.iter().find(is_it).unwrap_or_else(|| panic!("{row}")).last().unwrap().clone()
}

/// A town in which one request was approved after a minute and a message was released.
fn busy_month() -> (Town, Person) {
    let town = Town::new();
    let requester = town.person("suzuki", MINE, &[Role::Requester]);
    let approver = town.person("sato", MINE, &[Role::Approver]);
    let id = town.message(MINE, &["suzuki@town.yamakita.example.jp"]);
    town.message(THEIRS, &["a@town.kaisei.example.jp"]);
    let asked = NewRequest {
        queue_id: id,
        wanted: Wanted::Original,
        recipients: Vec::new(),
        way: Way::Download,
        reason: "=業務で使うため".to_owned(),
    };
    let request = town.desk.request(&requester, &asked).unwrap();
    wait(61);
    let verdict = Verdict::Approve {
        recipients: None,
        sections: None,
        usable_until: town.desk.download_limit(),
    };
    town.desk.decide(&approver, request, &verdict, "確認しました").unwrap();
    town.desk.release(&approver, &[id], None, "確認済み");
    let auditor = town.person("kansa", MINE, &[Role::Auditor]);
    (town, auditor)
}

#[test]
fn the_monthly_report_counts_what_happened_to_this_organisation() {
    let (town, auditor) = busy_month();
    let report = town.report(&auditor, Kind::Monthly, Language::Japanese);
    assert_eq!(value(&report, "overview", "受信したメール"), Cell::Number(1));
    assert_eq!(value(&report, "overview", "保留したメール"), Cell::Number(1));
    assert_eq!(value(&report, "overview", "承認して送信したメール"), Cell::Number(1));
    assert_eq!(value(&report, "decisions", "申請"), Cell::Number(1));
    assert_eq!(value(&report, "decisions", "承認"), Cell::Number(1));
    let median = value(&report, "decisions", "申請から決裁までの中央値");
    assert_eq!(median, Cell::Seconds(Some(61)));
    assert_eq!(median.shown(Language::Japanese), "1分1秒");
    let held = value(&report, "decisions", "保留から送信または削除までの最長");
    assert_eq!(held, Cell::Seconds(Some(61)));
    let chain = value(&report, "verification", MINE);
    assert_eq!(chain, Cell::Result(Finding::Good));
    let causes = report.sections.iter().find(|s| s.id == "causes").unwrap();
    assert!(
        causes.rows.iter().any(|row| row[0] == Cell::Text("attachment-removed".to_owned())
            && row[2] == Cell::Number(1)),
        "{causes:?}"
    );
}

#[test]
fn a_report_names_no_address_and_no_subject_of_a_mail() {
    let (town, auditor) = busy_month();
    for kind in Kind::ALL {
        for language in [Language::Japanese, Language::English] {
            let report = town.report(&auditor, kind, language);
            for text in [report.csv(), report.json_lines(), report.html().unwrap()] {
                for hidden in ["kaigi", "info@pref", "suzuki@", THEIRS] {
                    assert!(!text.contains(hidden), "{kind:?} has {hidden}: {text}");
                }
            }
        }
    }
}

#[test]
fn the_self_check_asks_for_a_second_approver_and_finds_no_own_decision() {
    let (town, auditor) = busy_month();
    let report = town.report(&auditor, Kind::SelfCheck, Language::English);
    let found = |check: &str| {
        let rows = &report.sections[0].rows;
        rows.iter().find(|row| row[1] == Cell::Text(check.to_owned())).unwrap()[3].clone()
    };
    assert_eq!(found("At least two people can decide"), Cell::Result(Finding::Attention));
    assert_eq!(found("Nobody decided his own request"), Cell::Result(Finding::Good));
    assert_eq!(found("No request is left waiting"), Cell::Result(Finding::Good));
    town.person("ito", MINE, &[Role::Approver]);
    let report = town.report(&auditor, Kind::SelfCheck, Language::English);
    let row = report.sections[0]
        .rows
        .iter()
        .find(|row| row[1] == Cell::Text("At least two people can decide".to_owned()));
    assert_eq!(row.unwrap()[2], Cell::Text("2 approvers in force".to_owned()));
    assert_eq!(row.unwrap()[3], Cell::Result(Finding::Good));
}

#[test]
fn every_request_is_listed_with_its_decision_and_spreadsheets_run_nothing_of_it() {
    let (town, auditor) = busy_month();
    let report = town.report(&auditor, Kind::Requests, Language::Japanese);
    let csv = report.csv();
    assert!(csv.starts_with('\u{FEFF}'), "{csv}");
    assert!(csv.contains(",suzuki,"), "{csv}");
    assert!(csv.contains("'=業務で使うため"), "{csv}");
    assert!(!csv.contains(",=業務"), "{csv}");
    assert!(csv.contains("令和8（2026）年9月21日（月）17:01"), "{csv}");
    let json: Vec<serde_json::Value> =
        report.json_lines().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json[0]["report"], "requests");
    assert_eq!(json[1]["seconds_to_decision"], 61);
    assert_eq!(json[1]["decided_by"], "sato");
}

#[test]
fn a_month_without_mail_says_so() {
    let town = Town::new();
    let auditor = town.person("kansa", MINE, &[Role::Auditor]);
    let before = Period::parse("2026-01").unwrap();
    let report =
        town.desk.report(&auditor, Kind::Monthly, MINE, before, Language::Japanese).unwrap();
    assert_eq!(value(&report, "overview", "受信したメール"), Cell::Number(0));
    let html = report.html().unwrap();
    assert!(html.contains("該当なし") && html.contains("令和8（2026）年1月1日"), "{html}");
}

#[test]
fn reports_are_for_people_of_the_organisation_and_go_on_record() {
    let (town, auditor) = busy_month();
    let draw = |person: &Person, organisation| {
        let kind = Kind::Monthly;
        town.desk.report(person, kind, organisation, period(), Language::Japanese)
    };
    assert!(matches!(draw(&auditor, THEIRS), Err(Refusal::NotFound)));
    assert!(matches!(draw(&auditor, "どこにもない町"), Err(Refusal::NotFound)));
    let requester = town.person("tanaka", MINE, &[Role::Requester]);
    assert!(matches!(draw(&requester, MINE), Err(Refusal::NotPermitted(_))));
    let machine = Person::machine("root", clock());
    assert!(draw(&machine, MINE).is_err(), "the machine's operator sees no content");
    draw(&auditor, MINE).unwrap();
    let search = AuditSearch { kinds: vec![AuditKind::Exported], ..AuditSearch::default() };
    let page = town.desk.audit(&auditor, &search, 0, 10).unwrap();
    assert_eq!(page.records.last().unwrap().record.details["what"], "monthly");
}
