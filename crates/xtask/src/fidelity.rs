//! The text that becomes of HTML against what a person sees of it in a browser.
//!
//! Chromium loads each document, without scripts and without a network, and tells the text that it
//! shows and the text that it never shows. Two shares are measured over the words of both: those
//! shown that are in our text as often as they are shown, and those that are only ever hidden but
//! come out in our text. html2text alone gets the same documents, for comparison.

mod source;
mod viewer;
mod words;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sekimori_policy::{Language, LinkMode, LinkPlacement};

use viewer::Viewer;
use words::Words;

pub use source::{Source, sources};

/// Of the words that a person sees, at least so many are in the text, in percent.
pub const LEAST_KEPT: f64 = 99.8;
/// Of the words that nobody sees, at most so many are in the text, in percent.
pub const MOST_LEAKED: f64 = 3.0;

/// Columns that html2text wraps at: none are wrapped.
const UNWRAPPED: usize = 100_000;

/// A share of words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that are in the text.
    pub found: usize,
    /// All of them.
    pub all: usize,
}

impl Share {
    fn add(&mut self, other: Self) {
        self.found += other.found;
        self.all += other.all;
    }

    /// In percent; nothing of nothing is `of_nothing`.
    #[expect(clippy::cast_precision_loss, reason = "counts of words are far below 2^52")]
    fn percent(self, of_nothing: f64) -> f64 {
        if self.all == 0 { of_nothing } else { self.found as f64 * 100.0 / self.all as f64 }
    }
}

/// How a text compares with what a person sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fidelity {
    /// Words that are seen: as many as are in the text.
    pub kept: Share,
    /// Words that are never seen: as many as are in the text all the same.
    pub leaked: Share,
}

impl Fidelity {
    /// Adds another document's.
    pub fn add(&mut self, other: Self) {
        self.kept.add(other.kept);
        self.leaked.add(other.leaked);
    }

    /// Whether both shares are as they must be.
    pub fn is_enough(&self) -> bool {
        self.kept.percent(100.0) >= LEAST_KEPT && self.leaked.percent(0.0) <= MOST_LEAKED
    }
}

impl fmt::Display for Fidelity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:6.2} % of {} words shown, {:6.2} % of {} words hidden",
            self.kept.percent(100.0),
            self.kept.all,
            self.leaked.percent(0.0),
            self.leaked.all,
        )
    }
}

/// What was found for one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Of our text.
    pub ours: Fidelity,
    /// Of what html2text makes of the same document.
    pub html2text: Fidelity,
    /// Words that are seen and not in our text, in alphabetical order.
    pub missing: Vec<String>,
    /// Words that are never seen and in our text, in alphabetical order.
    pub leaked: Vec<String>,
}

/// Measures documents one by one.
#[derive(Debug)]
pub struct Judge {
    viewer: Viewer,
}

impl Judge {
    /// Starts the browser.
    ///
    /// # Errors
    /// If there is no Chromium.
    pub fn start() -> Result<Self> {
        Ok(Self { viewer: Viewer::start()? })
    }

    /// Measures one document.
    ///
    /// # Errors
    /// If the browser or our own rendering fails.
    pub fn measure(&self, html: &str) -> Result<Measured> {
        let seen = self.viewer.look_at(html)?;
        let shown = Words::of_page(&seen.shown);
        let hidden = Words::of_page(&seen.hidden);
        let options = sekimori_html::Options {
            // Targets are no words of the page.
            links: LinkMode::Removed,
            link_placement: LinkPlacement::Inline,
            language: Language::Japanese,
            ..sekimori_html::Options::default()
        };
        let ours = Words::of_text(&sekimori_html::render(html, &options)?.text);
        let theirs = html2text::config::plain_no_decorate()
            .allow_width_overflow()
            .string_from_read(html.as_bytes(), UNWRAPPED)
            .map_or_else(|_| Words::default(), |text| Words::of_text(&text));
        Ok(Measured {
            ours: compare(&shown, &hidden, &ours),
            html2text: compare(&shown, &hidden, &theirs),
            missing: sorted(&shown, |word, times| ours.count(word) < times),
            leaked: sorted(&hidden, |word, _| shown.count(word) == 0 && ours.count(word) > 0),
        })
    }
}

fn compare(shown: &Words, hidden: &Words, text: &Words) -> Fidelity {
    let mut fidelity = Fidelity::default();
    for (word, &times) in &shown.0 {
        fidelity.kept.add(Share { found: text.count(word).min(times), all: times });
    }
    for (word, &times) in hidden.0.iter().filter(|(word, _)| shown.count(word) == 0) {
        fidelity.leaked.add(Share { found: text.count(word).min(times), all: times });
    }
    fidelity
}

fn sorted(words: &Words, is_it: impl Fn(&str, usize) -> bool) -> Vec<String> {
    let found = words.0.iter().filter(|&(word, &times)| is_it(word, times));
    let mut found: Vec<String> = found.map(|(word, _)| word.clone()).collect();
    found.sort_unstable();
    found
}

/// The folders measured where none is named.
pub fn usual_paths(root: &Path) -> Vec<PathBuf> {
    ["fixtures/mail", "fixtures/html"].map(|folder| root.join(folder)).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_as_often_as_it_is_shown_and_hidden_only_where_it_is_never_shown() {
        let shown = Words::of_page("a a b");
        let hidden = Words::of_page("b c d");
        let fidelity = compare(&shown, &hidden, &Words::of_text("a c"));
        assert_eq!(fidelity.kept, Share { found: 1, all: 3 });
        assert_eq!(fidelity.leaked, Share { found: 1, all: 2 });
        assert!(!fidelity.is_enough());
        assert!(Fidelity::default().is_enough(), "nothing is as it must be");
        let missing = sorted(&shown, |word, times| Words::of_text("a").count(word) < times);
        assert_eq!(missing, ["a", "b"]);
    }
}
