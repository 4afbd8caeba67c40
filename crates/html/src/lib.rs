//! What a person would see of an HTML body, as text.
//!
//! Two passes. The first follows the tags of a streaming tokenizer (html5gum) with a bounded stack
//! of open elements and decides what is seen: hidden text, scripts, style sheets, forms, objects
//! and pictures go, each with a decision; links keep their text and their true target. What is left
//! is a document of text and blocks, in which nothing of the markup lives on. The second pass
//! lays that out: flowing text and plain tables by itself, tables with cells across columns by
//! html2text, which gets them as escaped markup of our own, five elements deep.
//!
//! Invariants:
//! - The output holds no control character but LF and TAB, and none of the invisible characters
//!   that may not cross.
//! - Same input and options, same output.
//! - Each octet of the input is in text that is laid out, or left out by a decision.
//! - Work is linear in the input: each octet is tokenized once, each tag touches at most
//!   [`Options::max_depth`] open elements.
//!
//! Bounds: [`Options::max_octets`] of input, [`MAX_TAGS`] tags and [`MAX_TEXT_OCTETS`] of output are
//! errors; elements deeper than [`Options::max_depth`] are flattened with a decision; attributes,
//! style sheets, titles, targets, indents and tables have bounds of their own where they are read.
//!
//! Layout: `tokens` (tokenizer to first pass), `reduce`, `elements`, `drawing` and `content` (the first
//! pass), `stack` and `overflow` (open elements), `tag`, `attributes`, `identity` and `doctype` (what they
//! are), `declarations`, `length`, `colour`, `style`, `inline_styles` and `seen` (what is hidden),
//! `cascade`, `sheet`, `rule`, `selector` and `media` (style sheets), `anchor`, `numbered`, `link` and
//! `host` (links), `bracket` and `words` (what is added), `document` (between the passes), `flow`, `grid`,
//! `columns` and `markup` (the second pass), `source_octets` (what became of the source), `charset` (what
//! a document says of itself).
#![forbid(unsafe_code)]

mod anchor;
mod attributes;
mod bracket;
mod cascade;
mod charset;
mod colour;
mod columns;
mod content;
mod declarations;
mod doctype;
mod document;
mod drawing;
mod elements;
mod flow;
mod grid;
mod host;
mod identity;
mod inline_styles;
mod length;
mod link;
mod markup;
mod media;
mod numbered;
mod overflow;
mod reduce;
mod rule;
mod seen;
mod selector;
mod sheet;
mod source_octets;
mod stack;
mod style;
mod tag;
mod tokens;
mod words;

#[cfg(test)]
mod tests;

use sekimori_policy::{Decisions, Language, Limits, LinkMode, LinkPlacement};

pub use charset::declared_charset;
pub use source_octets::SourceOctets;

/// Start and end tags in one document. More is [`HtmlError::TooManyTags`].
pub const MAX_TAGS: usize = 600_000;

/// Octets of text laid out of one document. More is [`HtmlError::OutputTooLarge`].
pub const MAX_TEXT_OCTETS: usize = 16 * 1024 * 1024;

/// What the caller asks for, and the bounds of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Nested elements followed, at most [`Limits::MAX_HTML_DEPTH`]; what is deeper keeps its text
    /// and loses its tags, with `html-flattened`.
    pub max_depth: usize,
    /// Octets of HTML taken on; more is [`HtmlError::TooLarge`].
    pub max_octets: usize,
    /// How the targets of links are written.
    pub links: LinkMode,
    /// Where they are written.
    pub link_placement: LinkPlacement,
    /// The language of the few words that are added to the text.
    pub language: Language,
}

impl Default for Options {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            max_depth: limits.html_depth,
            max_octets: limits.html_octets,
            links: LinkMode::default(),
            link_placement: LinkPlacement::default(),
            language: Language::default(),
        }
    }
}

/// What a person would see, and what was decided on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text, with LF line ends, the last line ended; empty if there is nothing to see.
    pub text: String,
    /// What was dropped or changed, and how often.
    pub decisions: Decisions,
    /// The document's title in one line, if it has one. It is not part of the text.
    pub title: Option<String>,
    /// What became of each octet of the source.
    pub octets: SourceOctets,
}

/// Why no text was made of an HTML body. Each is a reason to hold the message (`hold-html`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HtmlError {
    /// The input is larger than [`Options::max_octets`].
    #[error("{octets} octets of HTML, more than the limit of {limit}")]
    TooLarge {
        /// Octets of the input.
        octets: usize,
        /// The limit.
        limit: usize,
    },
    /// The input has more tags than [`MAX_TAGS`].
    #[error("more than {limit} HTML tags")]
    TooManyTags {
        /// The limit.
        limit: usize,
    },
    /// The text grew over [`MAX_TEXT_OCTETS`] while it was laid out.
    #[error("more than {limit} octets of text laid out of the HTML")]
    OutputTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The layout library could not lay a table out.
    #[error("a table of the HTML could not be laid out")]
    Layout,
}

/// Makes text of `html` as a person would see it.
///
/// # Errors
/// See [`HtmlError`]; each is a reason to hold the message.
pub fn render(html: &str, options: &Options) -> Result<Rendered, HtmlError> {
    if html.len() > options.max_octets {
        return Err(HtmlError::TooLarge { octets: html.len(), limit: options.max_octets });
    }
    let reduced = reduce(html, options)?;
    Ok(Rendered {
        text: flow::lay_out(&reduced.document)?,
        decisions: reduced.decisions,
        title: reduced.title,
        octets: reduced.octets,
    })
}

fn reduce(html: &str, options: &Options) -> Result<reduce::Reduced, HtmlError> {
    let max_depth = options.max_depth.clamp(1, Limits::MAX_HTML_DEPTH);
    let mut reducer = reduce::Reducer::new(options, max_depth);
    tokens::run(html, &mut reducer);
    if let Some(again) = reducer.again() {
        reducer = again;
        tokens::run(html, &mut reducer);
    }
    reducer.finish()
}
