//! What stands around every page: language, menu, the person, the token of forms.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use sekimori_policy::{Code, Language, Timestamp};

use super::assets;
use super::failure::Failure;
use crate::words::ShellWords;

/// An entry of the menu.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Where it leads.
    pub(crate) path: &'static str,
    /// What it says.
    pub(crate) label: &'static str,
    /// Whether it is where the page stands.
    pub(crate) current: bool,
}

/// What `templates/shell.html` needs. Each page's template has it as the member `shell`.
#[derive(Debug, Clone)]
pub(crate) struct Shell {
    /// The language of the page.
    pub(crate) language: Language,
    /// The words around it.
    pub(crate) words: &'static ShellWords,
    /// The title.
    pub(crate) title: String,
    /// The token of this session's forms; empty where nobody is signed in.
    pub(crate) token: String,
    /// The person's name; empty where nobody is signed in.
    pub(crate) person: String,
    /// The menu.
    pub(crate) menu: Vec<Entry>,
    /// The page's own path, to come back to after a switch of language.
    pub(crate) here: String,
    /// What came of the last step, shown once.
    pub(crate) told: Option<String>,
}

impl Shell {
    /// A shell where nobody is signed in.
    pub(crate) fn anonymous(language: Language, title: &str, here: String) -> Self {
        Self {
            language,
            words: ShellWords::of(language),
            title: title.to_owned(),
            token: String::new(),
            person: String::new(),
            menu: Vec::new(),
            here,
            told: None,
        }
    }

    /// The language's tag (BCP 47).
    pub(crate) fn lang(&self) -> &'static str {
        match self.language {
            Language::Japanese => "ja",
            Language::English => "en",
        }
    }

    /// The other language's tag.
    pub(crate) fn other_lang(&self) -> &'static str {
        match self.language {
            Language::Japanese => "en",
            Language::English => "ja",
        }
    }

    /// A moment as people of the page's language write it.
    pub(crate) fn date(&self, at: &Timestamp) -> String {
        match self.language {
            Language::Japanese => at.japanese(),
            Language::English => at.english(),
        }
    }

    /// A number of octets as people read it.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand in references")]
    pub(crate) fn octets(&self, octets: &u64) -> String {
        grouped(*octets) + if self.language == Language::Japanese { "バイト" } else { " bytes" }
    }

    /// The catalogue's sentence for a decision.
    pub(crate) fn sentence(&self, code: Code) -> &'static str {
        match self.language {
            Language::Japanese => code.japanese(),
            Language::English => code.english(),
        }
    }

    /// Path of the style sheet.
    #[expect(clippy::unused_self, reason = "templates reach it through the shell")]
    pub(crate) fn style(&self) -> &'static str {
        assets::style()
    }

    /// Path of the script.
    #[expect(clippy::unused_self, reason = "templates reach it through the shell")]
    pub(crate) fn script(&self) -> &'static str {
        assets::script()
    }

    /// Path of the icon.
    #[expect(clippy::unused_self, reason = "templates reach it through the shell")]
    pub(crate) fn icon(&self) -> &'static str {
        assets::icon()
    }
}

/// A number with a comma after each three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Renders a page.
pub(crate) fn show(page: &impl Template) -> Result<Response, Failure> {
    page.render()
        .map(|html| Html(html).into_response())
        .map_err(|error| Failure::Broken(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_threes() {
        assert_eq!(
            [0, 999, 1_000, 48_213, 1_234_567].map(grouped).join(" "),
            "0 999 1,000 48,213 1,234,567"
        );
    }
}
