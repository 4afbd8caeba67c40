//! Following links from page to page.

use std::collections::{HashSet, VecDeque};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::page::Page;

/// The addresses that the page links to on its own origin, without fragments.
const LINKS: &str = "[...document.querySelectorAll('a[href], area[href]')]
  .map((a) => new URL(a.href, location.href))
  .filter((url) => url.origin === location.origin)
  .map((url) => { url.hash = ''; return url.href })";

/// An address that was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visited {
    /// As linked, without a fragment.
    pub url: String,
    /// The status of the answer at the end of all redirections.
    pub status: u16,
    /// Whether it gave a file instead of a page.
    pub is_file: bool,
}

impl Page {
    /// Goes to `start` and on to all that is linked from there on the same origin, the nearest first,
    /// at most `most` addresses, each once. Addresses that `wanted` refuses are passed over.
    /// `each` is called on every page shown, which it may look at but must not leave.
    ///
    /// # Errors
    /// If an address gives no answer, or `each` fails.
    pub fn crawl(
        &self,
        start: &str,
        most: usize,
        wanted: impl Fn(&str) -> bool,
        mut each: impl FnMut(&Self, &Visited) -> Result<()>,
    ) -> Result<Vec<Visited>> {
        let mut known = HashSet::from([start.to_owned()]);
        let mut ahead = VecDeque::from([start.to_owned()]);
        let mut visited = Vec::new();
        while let Some(url) = ahead.pop_front().filter(|_| visited.len() < most) {
            let here = self.visit(&url)?;
            if !here.is_file {
                each(self, &here).with_context(|| url.clone())?;
                let links = self.evaluate(LINKS)?;
                let links = links.as_array().into_iter().flatten().filter_map(Value::as_str);
                for link in links.filter(|link| wanted(link)) {
                    if known.insert(link.to_owned()) {
                        ahead.push_back(link.to_owned());
                    }
                }
            }
            visited.push(here);
        }
        Ok(visited)
    }

    fn visit(&self, url: &str) -> Result<Visited> {
        let before = self.transfers();
        let answer = self.call("Page.navigate", &json!({ "url": url }))?;
        let is_file = answer.get("errorText").and_then(Value::as_str) == Some("net::ERR_ABORTED");
        if is_file {
            self.transfer_after(before)?;
        } else {
            self.arrive(url, &answer)?;
        }
        let loader = answer.get("loaderId").and_then(Value::as_str).unwrap_or_default();
        let status = self.loading(|loading| loading.statuses.get(loader).copied())?;
        let status = status.with_context(|| format!("{url} was not answered by a server"))?;
        Ok(Visited { url: url.to_owned(), status, is_file })
    }
}
