//! What is seen of a document in a browser, without scripts and without a network.

use std::fs;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use tempfile::TempDir;

use crate::browser::{Browser, Page};

/// What decides in the page what is seen of it.
const SEEN: &str = include_str!("seen.js");

/// The window, in CSS pixels.
const WIDTH: u32 = 1_000;
const HEIGHT: u32 = 800;

/// What a person sees of a page, and the text of it that nobody sees.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Seen {
    pub(super) shown: String,
    pub(super) hidden: String,
}

/// A page that shows one document after the other.
#[derive(Debug)]
pub(super) struct Viewer {
    page: Page,
    folder: TempDir,
}

impl Viewer {
    /// Starts a browser.
    ///
    /// # Errors
    /// If it is not installed or does not answer.
    pub(super) fn start() -> Result<Self> {
        let page = Browser::without_network()?.person()?;
        page.allow_scripts(false)?;
        page.resize(WIDTH, HEIGHT)?;
        Ok(Self { page, folder: tempfile::tempdir()? })
    }

    /// Loads a document and tells what is seen of it.
    pub(super) fn look_at(&self, html: &str) -> Result<Seen> {
        let file = self.folder.path().join("page.html");
        // The mark at the start outranks what the document says of its charset, which is the one
        // it was decoded from.
        fs::write(&file, format!("\u{feff}{}", without_equivalents(html)))?;
        self.page.goto(&format!("file://{}", file.display()))?;
        let seen = self.page.evaluate(SEEN)?;
        Ok(serde_json::from_str(seen.as_str().context("no answer from the page")?)?)
    }
}

/// Without `meta http-equiv`: a page that loads another is not the one to be looked at.
fn without_equivalents(html: &str) -> String {
    const NAME: &str = "http-equiv";
    let lower = html.to_ascii_lowercase();
    let mut out = String::with_capacity(html.len());
    let mut copied = 0;
    for (at, found) in lower.match_indices(NAME) {
        out.push_str(html.get(copied..at).unwrap_or_default());
        out.push_str("data-equiv");
        copied = at + found.len();
    }
    out.push_str(html.get(copied..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stays_where_it_is() {
        assert_eq!(
            without_equivalents("あ<META HTTP-EQUIV=refresh><p>http-equiv"),
            "あ<META data-equiv=refresh><p>data-equiv"
        );
        assert_eq!(without_equivalents("<p>x"), "<p>x");
    }
}
