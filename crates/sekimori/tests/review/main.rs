//! Quarantine review as people use it: the real program, the real Chromium.
//!
//! Layout: `signing_in` passwords and the second factor; `openid` an identity provider; `finding` from a notice to the original;
//! `two_people` requests and decisions; `many` bulk actions, undoing, the keyboard; `every_page`
//! accessibility, hostile mails, reading without changing; `pictures` the pages as they look.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

#[path = "../support/mod.rs"]
mod support;

mod every_page;
mod finding;
mod many;
mod openid;
mod pictures;
mod signing_in;
mod two_people;

use sekimori_xtask::browser::{Browser, Find, Page};

use support::village::{PASSWORD, Village};

/// A workbook with a macro, which is removed and waits for whoever needs it.
const QUOTATION: &[u8] = include_bytes!("../../../../fixtures/mail/tender/quotation-xlsm.eml");
/// Text from a person, without attachments.
const INQUIRY: &[u8] = include_bytes!("../../../../fixtures/mail/person/resident-road-inquiry.eml");

/// A browser of somebody who has signed in.
fn sign_in(village: &Village, login: &str) -> Page {
    let page = Browser::shared().unwrap().person().unwrap();
    page.goto(&village.url("/")).unwrap();
    enter(&page, login, PASSWORD);
    assert!(page.exists(Find::role("button", "サインアウト")).unwrap(), "{login} is signed in");
    page
}

/// Fills the form for signing in and sends it.
fn enter(page: &Page, login: &str, password: &str) {
    page.fill(Find::role("textbox", "ログイン名"), login).unwrap();
    page.fill("#password", password).unwrap();
    page.follow(Find::role("button", "サインインする")).unwrap();
}

/// Opens one of the things that can be done with a message.
fn open(page: &Page, what: &str) {
    page.click(Find::css("details > summary").having(what)).unwrap();
}
