//! The pages as they look: pictures for the documents, made anew with `SEKIMORI_UPDATE=1`.

use std::fs;
use std::path::Path;

use sekimori_journal::{NewRequest, Role, Wanted, Way};
use sekimori_xtask::browser::{Extent, Find, Media, Page};

use super::support::next_hop::{Manners, NextHop};
use super::support::village::{DOMAIN, VILLAGE, Village};
use super::{open, sign_in};

/// The mails of the demonstration, oldest first.
fn demonstration() -> Vec<Vec<u8>> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let listed = fs::read_to_string(fixtures.join("demo.txt")).unwrap();
    listed.lines().map(|line| fs::read(fixtures.join(line)).unwrap()).collect()
}

/// Takes a picture, and keeps it for the documents where that is asked for.
fn picture(page: &Page, name: &str) {
    let image = page.screenshot(Extent::Window).unwrap();
    assert!(image.starts_with(b"\x89PNG") && image.len() > 10_000, "{name}: {}", image.len());
    if std::env::var_os("SEKIMORI_UPDATE").is_some() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), image).unwrap();
    }
}

#[test]
fn the_pages_have_their_pictures_taken() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let clerk = village.inhabitant("tanaka", VILLAGE, &[Role::Requester]);
    village.inhabitant("sato", VILLAGE, &[Role::Approver]);
    village.inhabitant("suzuki", VILLAGE, &[Role::Administrator, Role::Auditor]);
    let mails = demonstration();
    let received: Vec<_> =
        mails.iter().map(|mail| village.receive(&format!("tanaka@{DOMAIN}"), mail)).collect();
    let quotation = &received[1];
    let asked = NewRequest {
        queue_id: quotation.queue_id,
        wanted: Wanted::Original,
        recipients: Vec::new(),
        way: Way::Download,
        reason: "見積の内訳をマクロ付きの表で確かめるため".to_owned(),
    };
    village.desk.request(&clerk, &asked).unwrap();
    let page = sign_in(&village, "sato");
    page.goto(&village.url("/messages?state=held")).unwrap();
    picture(&page, "review-list");
    page.goto(&village.url(&format!("/messages/{}", quotation.queue_id))).unwrap();
    picture(&page, "review-item");
    page.goto(&village.url("/requests/1")).unwrap();
    picture(&page, "review-request");
    page.goto(&village.url("/messages?text=%E8%A6%8B%E7%A9%8D")).unwrap();
    open(&page, "条件");
    picture(&page, "review-search");
    page.emulate(&[Media::Dark]).unwrap();
    page.goto(&village.url("/messages?state=held")).unwrap();
    picture(&page, "review-list-dark");
    let auditor = sign_in(&village, "suzuki");
    auditor.goto(&village.url("/accounts")).unwrap();
    picture(&auditor, "review-accounts");
    auditor.goto(&village.url("/audit")).unwrap();
    picture(&auditor, "review-audit");
    auditor.goto(&village.url("/reports")).unwrap();
    picture(&auditor, "review-reports");
    let today = &super::support::village::now().rfc3339()[..7].to_owned();
    auditor.fill("#period", today).unwrap();
    auditor.follow(Find::role("button", "報告書を作成する")).unwrap();
    picture(&auditor, "review-report");
    let pdf = auditor.pdf().unwrap();
    assert!(pdf.starts_with(b"%PDF"));
}
