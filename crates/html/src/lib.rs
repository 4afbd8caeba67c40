//! What a person would see of an HTML body, as text
#![forbid(unsafe_code)]

use sekimori_policy::{Decisions, Language, LinkMode};

/// What the caller asks for, and the bounds of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Nested elements laid out; what is deeper keeps its text and loses its tags.
    pub max_depth: usize,
    /// Octets of HTML taken on; more is [`HtmlError::TooLarge`].
    pub max_octets: usize,
    /// How the targets of links are written.
    pub links: LinkMode,
    /// The language of the few words that are added to the text.
    pub language: Language,
}

/// What a person would see, and what was decided on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text, with LF line ends.
    pub text: String,
    /// What was dropped or changed, and how often.
    pub decisions: Decisions,
    /// The document's title, in one line, if it has one. It is not part of the text.
    pub title: Option<String>,
}

/// Why no text was made of an HTML body.
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
    /// The text grew over its bound while it was laid out.
    #[error("the text laid out of the HTML is more than {limit} octets")]
    OutputTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The layout library could not lay the reduced document out.
    #[error("the HTML could not be laid out")]
    Layout,
}

/// Makes text of `html` as a person would see it.
///
/// # Errors
/// See [`HtmlError`]; each is a reason to hold the message.
pub fn render(html: &str, options: &Options) -> Result<Rendered, HtmlError> {
    if html.len() > options.max_octets {
        return Err(HtmlError::TooLarge {
            octets: html.len(),
            limit: options.max_octets,
        });
    }
    Ok(Rendered {
        text: String::new(),
        decisions: Decisions::new(),
        title: None,
    })
}

/// The charset that a document declares for itself in its first 4,096 octets, if it does.
pub fn declared_charset(html: &[u8]) -> Option<String> {
    let _ = html;
    None
}
