//! What holds for every page: accessible in both languages, harmless whatever the mail, and nothing
//! is changed by reading.

use std::fs;
use std::path::{Path, PathBuf};

use sekimori_journal::{
    AuditFilter, AuditKind, AuditScope, Filter, Journal, NewRequest, Order, Register,
    RequestFilter, Role, Wanted, Way,
};
use sekimori_xtask::browser::{Browser, Find, Page};

use super::support::next_hop::{Manners, NextHop};
use super::support::village::{DOMAIN, VILLAGE, Village};
use super::support::wait_for;
use super::{INQUIRY, QUOTATION, sign_in};

/// Most addresses of one crawl.
const MOST: usize = 80;

/// Everybody, by role.
const PEOPLE: [(&str, &[Role]); 3] = [
    ("tanaka", &[Role::Requester]),
    ("sato", &[Role::Approver]),
    ("suzuki", &[Role::Administrator, Role::Auditor]),
];

/// A village with mail, a request, and everybody.
fn busy(next_hop: &NextHop) -> Village {
    let village = Village::start(next_hop.address());
    let [clerk, _, _] = PEOPLE.map(|(login, roles)| village.inhabitant(login, VILLAGE, roles));
    let message = village.receive(&format!("tanaka@{DOMAIN}"), QUOTATION);
    village.receive(&format!("tanaka@{DOMAIN}"), INQUIRY);
    let asked = NewRequest {
        queue_id: message.queue_id,
        wanted: Wanted::Original,
        recipients: Vec::new(),
        way: Way::Download,
        reason: "見積の内訳を確かめるため".to_owned(),
    };
    village.desk.request(&clerk, &asked).unwrap();
    village
}

fn assert_accessible(page: &Page) {
    let violations = page.axe().unwrap();
    assert!(violations.is_empty(), "{}: {violations:#?}", page.url().unwrap());
}

#[test]
fn axe_finds_nothing_on_any_page_in_either_language() {
    let next_hop = NextHop::start(Manners::default());
    let village = busy(&next_hop);
    let anybody = Browser::shared().unwrap().person().unwrap();
    anybody.goto(&village.url("/sign-in")).unwrap();
    assert_accessible(&anybody);
    let mut seen = 0;
    for (login, _) in PEOPLE {
        let page = sign_in(&village, login);
        for switch in ["English", "日本語"] {
            page.follow(Find::role("button", switch)).unwrap();
            let visited = page
                .crawl(
                    &village.url("/"),
                    MOST,
                    |_| true,
                    |page, here| {
                        assert_eq!(here.status, 200, "{here:?}");
                        assert_accessible(page);
                        Ok(())
                    },
                )
                .unwrap();
            seen += visited.len();
            page.goto(&village.url("/nowhere")).unwrap();
            assert_eq!(page.status().unwrap(), Some(404));
            assert_accessible(&page);
            page.goto(&village.url("/")).unwrap();
        }
        if login == "sato" {
            page.goto(&village.url("/messages")).unwrap();
            page.check(Find::css("tbody input[type=checkbox]").nth(0), true).unwrap();
            page.follow(Find::role("button", "削除する")).unwrap();
            assert_accessible(&page);
            page.fill("#reason", "迷惑メールのため").unwrap();
            page.follow("main button.danger").unwrap();
            assert_accessible(&page);
        }
        let record = page.take_record().unwrap();
        assert!(record.foreign(&village.url("")).is_empty(), "{login}");
    }
    assert!(seen > 60, "only {seen} pages were found");
}

/// Every fixture mail.
fn fixtures() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
            } else if entry.path().extension().is_some_and(|ending| ending == "eml") {
                found.push(entry.path());
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/mail"), &mut found);
    found.sort();
    found
}

/// A mail with its dots stuffed, without its last line end.
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mail = mail.strip_suffix(b"\r\n").unwrap_or(mail);
    let mut out = Vec::new();
    for line in mail.split_inclusive(|&octet| octet == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    out
}

#[test]
fn hostile_mails_are_shown_without_a_foreign_request_or_a_script_error() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    village.inhabitant("sato", VILLAGE, &[Role::Approver]);
    let page = sign_in(&village, "sato");
    let mut shown = 0;
    for file in fixtures() {
        let mut client = super::support::client::Client::greeted(village.gateway.mail());
        let mail = fs::read(&file).unwrap();
        let reply = client.hand_over("s@example.jp", &format!("sato@{DOMAIN}"), &stuffed(&mail));
        if reply.code != 250 {
            continue;
        }
        let id = reply.text.rsplit(' ').next().unwrap();
        page.goto(&village.url(&format!("/messages/{id}"))).unwrap();
        assert_eq!(page.status().unwrap(), Some(200), "{}", file.display());
        shown += 1;
    }
    page.goto(&village.url("/messages")).unwrap();
    let record = page.take_record().unwrap();
    assert!(shown > 150, "{shown} of the fixtures were shown");
    assert!(record.foreign(&village.url("")).is_empty(), "{:?}", record.foreign(&village.url("")));
    assert!(record.faults().is_empty(), "{:?}", record.faults());
}

/// All that could be changed, as text.
fn state(village: &Village) -> String {
    let journal = &village.journal;
    let organisations = vec![VILLAGE.to_owned()];
    let filter = RequestFilter { organisations: organisations.clone(), ..Default::default() };
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}",
        journal.list(&Filter::default(), None, 1_000).unwrap(),
        journal.requests(&filter, None, 1_000).unwrap(),
        journal.accounts(None).unwrap(),
        journal.exceptions(Some(&organisations)).unwrap(),
    )
}

#[test]
fn reading_every_page_ten_times_changes_nothing() {
    let next_hop = NextHop::start(Manners::default());
    let village = busy(&next_hop);
    let pages = PEOPLE.map(|(login, _)| sign_in(&village, login));
    let before = state(&village);
    let filter = AuditFilter { scope: AuditScope::All, ..Default::default() };
    let recorded = village.journal.audit(&filter, 0, 10_000).unwrap().last().unwrap().sequence;
    // All by the browser first: after the quick reading below a client has to wait.
    let crawl = |page: &Page| page.crawl(&village.url("/"), 40, |_| true, |_, _| Ok(())).unwrap();
    let visits: Vec<_> = pages.iter().map(|page| (page, crawl(page))).collect();
    for (page, visited) in visits {
        assert!(visited.len() > 4, "{visited:?}");
        let cookies = page.cookies().unwrap();
        let cookies: Vec<String> =
            cookies.iter().map(|c| format!("{}={}", c.name, c.value)).collect();
        for address in &visited {
            let path = address.url.strip_prefix(&village.url("")).unwrap();
            for _ in 0..9 {
                // A quick machine reads faster than one client may.
                let status = wait_for("the page is answered", || {
                    let (status, _) = village.gateway.get_with(path, &cookies.join("; "));
                    Some(status).filter(|&status| status != 429)
                });
                assert!(matches!(status, 200 | 303), "{path}: {status}");
            }
        }
    }
    assert_eq!(state(&village), before);
    let later = AuditFilter { order: Order::OldestFirst, ..filter };
    let later = village.journal.audit(&later, recorded, 10_000).unwrap();
    let others: Vec<_> =
        later.iter().filter(|stored| stored.record.kind != AuditKind::Looked).collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(next_hop.handed().is_empty());
}
