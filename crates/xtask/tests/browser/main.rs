//! The browser that tests drive, on a small web site.
//!
//! Layout: `using` what people do with pages; `files` given and taken; `recorded` what pages ask of the
//! network and complain of, and what they keep apart; `looks` pictures, accessibility and links.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking and says what it saw"
)]

mod files;
mod looks;
mod recorded;
mod site;
mod using;

use sekimori_xtask::browser::{Browser, Page};

use site::{Answer, Site};

fn person() -> Page {
    Browser::shared().unwrap().person().unwrap()
}

/// A site of one page.
fn site_of(html: &'static str) -> Site {
    Site::start(move |came| (came.path == "/").then(|| Answer::page(html)))
}

/// A page that shows this.
fn showing(html: &'static str) -> (Site, Page) {
    let site = site_of(html);
    let page = person();
    page.goto(&site.url("/")).unwrap();
    (site, page)
}
