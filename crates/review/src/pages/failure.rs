//! Pages that say what went wrong: what happened, what became of the mail, what to do. They show both
//! languages and nothing of the request, so that what is another's and what does not exist give the
//! same octets.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use sekimori_policy::Language;

use super::assets;
use super::fields::path_with;
use crate::desk::Refusal;
use crate::words::FailureWords;

/// Why a request is not answered with its page.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody is signed in; leads to the page for it and back to a path of ours.
    SignIn {
        /// Where to go afterwards.
        back: Option<String>,
    },
    /// Signed in, but another page comes first.
    First(&'static str),
    /// No such page or thing, or not one that this person may know of.
    NotFound,
    /// The form was not one of this session's.
    Forged,
    /// Too many requests.
    Many,
    /// What was sent is over the limit.
    TooLarge,
    /// Not answered in time.
    Slow,
    /// The desk refused; never [`Refusal::NotFound`] or [`Refusal::Store`].
    Refused(Refusal),
    /// A fault of ours; the words are for the machine's operator.
    Broken(String),
}

/// What a failure page says in one language.
struct Said {
    lang: &'static str,
    title: &'static str,
    what: String,
    mail: &'static str,
    to_do: &'static str,
    home: &'static str,
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    style: &'static str,
    icon: &'static str,
    said: [Said; 2],
    detail: Option<String>,
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn { .. } | Self::First(_) => StatusCode::SEE_OTHER,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::Many => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::GATEWAY_TIMEOUT,
            Self::Refused(refusal) => {
                StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::CONFLICT)
            }
            Self::Broken(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn said(&self, language: Language) -> Said {
        let w = FailureWords::of(language);
        let (title, what, to_do) = match self {
            Self::SignIn { .. } | Self::First(_) | Self::NotFound => {
                (w.not_found_title, w.not_found, w.not_found_do)
            }
            Self::Forged => (w.forged_title, w.forged, w.forged_do),
            Self::Many => (w.many_title, w.many, w.many_do),
            Self::TooLarge => (w.large_title, w.large, w.large_do),
            Self::Slow => (w.wait_title, w.wait, w.wait_do),
            Self::Broken(_) => (w.broken_title, w.broken, w.broken_do),
            Self::Refused(refusal) => {
                let what = match language {
                    Language::Japanese => refusal.japanese(),
                    Language::English => refusal.english(),
                };
                let (title, to_do) = match refusal {
                    Refusal::NotPermitted(_) => (w.not_permitted_title, w.not_permitted_do),
                    Refusal::Invalid { .. } => (w.invalid_title, w.invalid_do),
                    Refusal::TooMany => (w.many_title, w.many_do),
                    _ => (w.state_title, w.state_do),
                };
                return Said { title, what, to_do, ..self.frame(language) };
            }
        };
        Said { title, what: what.to_owned(), to_do, ..self.frame(language) }
    }

    fn frame(&self, language: Language) -> Said {
        let w = FailureWords::of(language);
        // What an action that ran out of time did is not known here.
        let mail = if matches!(self, Self::Slow) { "" } else { w.untouched };
        Said {
            lang: if language == Language::Japanese { "ja" } else { "en" },
            title: "",
            what: String::new(),
            mail,
            to_do: "",
            home: w.home,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::NotFound,
            Refusal::Store(error) => Self::Broken(error.to_string()),
            other => Self::Refused(other),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match &self {
            Self::SignIn { back } => {
                let to = match back {
                    Some(back) => path_with("/sign-in", &[("back", back)]),
                    None => "/sign-in".to_owned(),
                };
                return Redirect::to(&to).into_response();
            }
            Self::First(path) => return Redirect::to(path).into_response(),
            Self::Broken(why) => tracing::error!(%why, "a page could not be shown"),
            _ => (),
        }
        let page = FailurePage {
            style: assets::style(),
            icon: assets::icon(),
            said: [self.said(Language::Japanese), self.said(Language::English)],
            detail: match &self {
                Self::Broken(why) => Some(why.clone()),
                _ => None,
            },
        };
        match page.render() {
            Ok(html) => (self.status(), Html(html)).into_response(),
            Err(_) => self.status().into_response(),
        }
    }
}
