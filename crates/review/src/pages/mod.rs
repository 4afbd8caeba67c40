//! The pages of quarantine review.
//!
//! # How to add a page
//! 1. Words: a file in `words/` with `words! { … }`, named in `words/mod.rs` (module, re-export, and
//!    the list in its tests).
//! 2. A template in `templates/` that begins with `{% extends "shell.html" %}` and fills the block
//!    `main`. Its struct derives `askama::Template`, has the member `shell: Shell`, and the file says
//!    `use super::filters;`. Forms that post have `{% include "part/token.html" %}` in them. No inline
//!    style or script: the policy forbids both.
//! 3. A handler in a file of its own with `pub(crate) fn routes() -> Router<Site>`, merged in
//!    `router`. Its arguments say who gets in: `Visit` any signed-in person on a GET,
//!    `Posted` the same with a form of this session on a POST. Rights are checked by the desk:
//!    `site.ask(move |desk| desk.something(&person, …)).await??`. It ends in `show(&page)`, or after
//!    a POST in `visit.tell(…)` and a `Redirect`.
//! 4. A line in `menu`, with the rights that make the entry appear.
//! 5. A line in `tests::PAGES`, so that the tests of headers, languages and rights look at it.
//!
//! # Invariants
//! A GET changes nothing but the session's time of last use, the sentence it shows once, and the
//! desk's record that somebody looked. Every failure is a `Failure`, whose page
//! holds nothing of the request.
//!
//! # Bounds
//! Those of `security`, `fields`, and [`PageSettings`].
//!
//! Layout: `shell` and `menu` what stands around a page, `visit` who asks, `client` from where,
//! `security` headers and bounds, `session_store`, `assets`, `failure`, `fields`, `filter` the
//! conditions of the list; then a file for each page.

mod account;
mod assets;
mod audit;
mod bulk;
pub(crate) mod client;
pub(crate) mod clock;
mod download;
mod exceptions;
mod failure;
pub(crate) mod fields;
mod filter;
mod filters;
mod item;
mod language;
mod list;
mod menu;
mod openid;
mod organisations;
mod pending;
mod people;
mod people_csv;
mod reports;
mod requests;
mod rows;
mod security;
mod session_store;
pub(crate) mod shell;
mod sign_in;
mod status;
#[cfg(test)]
mod tests;
mod timeline;
mod visit;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use ipnet::IpNet;
use tower_http::csrf::CsrfLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::desk::{Desk, Health};
use crate::openid::{OpenId, OpenIdSettings};
use failure::Failure;
use pending::PendingSignIns;
use security::Bounds;
use session_store::Sessions;

/// What is configured for the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSettings {
    /// Whether cookies are for HTTPS only: so it should be wherever a reverse proxy with TLS stands
    /// in front.
    pub secure_cookies: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// A session ends when it was not used for so long.
    pub idle_session: Duration,
    /// A session ends so long after signing in.
    pub longest_session: Duration,
    /// An identity provider that people can sign in through.
    pub openid: Option<OpenIdSettings>,
}

impl Default for PageSettings {
    fn default() -> Self {
        Self {
            secure_cookies: true,
            trusted_proxies: Vec::new(),
            idle_session: Duration::from_secs(30 * 60),
            longest_session: Duration::from_secs(12 * 60 * 60),
            openid: None,
        }
    }
}

/// What every handler has at hand.
#[derive(Clone)]
pub(crate) struct Site {
    desk: Desk,
    health: Option<Arc<dyn Health>>,
    openid: Option<Arc<OpenId>>,
    settings: Arc<PageSettings>,
    bounds: Bounds,
    pending: PendingSignIns,
}

impl Site {
    /// How the machine is; `None` where nothing knows.
    pub(crate) fn health(&self) -> Option<&Arc<dyn Health>> {
        self.health.as_ref()
    }

    /// The identity provider that people can sign in through.
    pub(crate) fn openid(&self) -> Option<&Arc<OpenId>> {
        self.openid.as_ref()
    }

    /// What is configured for the pages.
    pub(crate) fn settings(&self) -> &PageSettings {
        &self.settings
    }

    /// The bounds of requests.
    pub(crate) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Sign-ins that wait for their second factor.
    pub(crate) fn pending(&self) -> &PendingSignIns {
        &self.pending
    }

    /// Asks the desk, on a thread that may wait.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Desk) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let desk = self.desk.clone();
        tokio::task::spawn_blocking(move || call(&desk))
            .await
            .map_err(|error| Failure::Broken(error.to_string()))
    }
}

/// The pages as routes, with all that stands around them.
pub fn router(desk: Desk, settings: PageSettings, health: Option<Arc<dyn Health>>) -> Router {
    let sessions = Sessions::new(Arc::clone(desk.register()));
    let bounds = Bounds::default();
    let idle = time::Duration::try_from(settings.idle_session).unwrap_or(time::Duration::HOUR);
    // `__Host-`: for this host and the whole of it only, over HTTPS only (RFC 6265bis).
    let cookie = if settings.secure_cookies { "__Host-sekimori" } else { "sekimori" };
    let sessions = SessionManagerLayer::new(sessions)
        .with_name(cookie)
        .with_secure(settings.secure_cookies)
        .with_http_only(true)
        // Strict would show the sign-in page to whoever follows the link in a notice.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(idle));
    let proxies: Arc<[IpNet]> = settings.trusted_proxies.clone().into();
    let desk_of_calls = desk.clone();
    let site = Site {
        desk,
        health,
        openid: settings.openid.clone().map(OpenId::new).map(Arc::new),
        settings: Arc::new(settings),
        bounds: bounds.clone(),
        pending: PendingSignIns::default(),
    };
    let cross_site = CsrfLayer::new().with_rejection_response(|_| Failure::Forged.into_response());
    Router::new()
        .merge(list::routes())
        .merge(bulk::routes())
        .merge(item::routes())
        .merge(download::routes())
        .merge(requests::routes())
        .merge(reports::routes())
        .merge(audit::routes())
        .merge(people::routes())
        .merge(people_csv::routes())
        .merge(exceptions::routes())
        .merge(organisations::routes())
        .merge(status::routes())
        .merge(sign_in::routes())
        .merge(openid::routes())
        .merge(account::routes())
        .merge(language::routes())
        .fallback(|| async { Failure::NotFound })
        .with_state(site)
        .layer(sessions)
        .layer(cross_site)
        .merge(crate::api::router(desk_of_calls))
        .layer(from_fn_with_state(bounds, security::bound))
        .layer(from_fn_with_state(proxies, client::identify))
        .layer(from_fn(security::headers))
        .merge(assets::router())
}
