//! The HTTP API of quarantine review, under `/api/v1`: the desk's operations for programs, with the
//! same rights as the pages and the command line.
//!
//! # Invariants
//! - A token lets its person in (`Authorization: Bearer`), and nothing else does: no cookie is read.
//! - GET changes nothing but the record that somebody looked.
//! - What belongs to another organisation is answered like what does not exist.
//! - Members of answers are only ever added. Members that a call does not know are refused.
//!
//! # Bounds
//! Those of the pages' `security`; [`MAX_PAGE`] of a page; bodies as long as a CSV file of accounts.
//!
//! Layout: `caller` who calls and what he sends; `problem` refusals;
//! `messages`, `acting`, `requests`, `people` the calls; `openapi.json` their description, which a test
//! holds to its routes.

mod acting;
mod caller;
mod messages;
mod people;
mod problem;
mod requests;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State as Extract};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, patch, post};
use serde_json::Value;

use crate::desk::{Desk, MAX_AUDIT_PAGE, Refusal};
use crate::pages::fields::Fields;
use problem::Problem;

/// Where the calls are.
pub const PREFIX: &str = "/api/v1";
/// Most rows of one page.
pub const MAX_PAGE: usize = MAX_AUDIT_PAGE;
/// Rows of one page where the call does not say.
const USUAL_PAGE: usize = 100;
/// The description of all calls (`OpenAPI` 3.1).
const DESCRIPTION: &str = include_str!("openapi.json");

/// What an answer in JSON is, or why there is none.
type Answer = Result<Shown, Problem>;

/// An answer in JSON.
#[derive(Debug)]
struct Shown(Value);

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let mut response = self.0.to_string().into_response();
        let media_type = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        response
    }
}

/// What every call has at hand.
#[derive(Clone)]
struct Api {
    desk: Desk,
}

impl Api {
    /// Asks the desk, on a thread that may wait.
    async fn ask<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Desk) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Problem> {
        let desk = self.desk.clone();
        let answered = tokio::task::spawn_blocking(move || call(&desk)).await;
        Ok(answered.map_err(|error| Problem::Broken(error.to_string()))??)
    }
}

/// An answer, its moments as RFC 3339 writes them.
fn answer(value: Value) -> Shown {
    Shown(sekimori_journal::shapes::plain(value))
}

/// How many rows a call asks for.
fn page_size(fields: &Fields) -> Result<usize, Problem> {
    if !fields.is_set("limit") {
        return Ok(USUAL_PAGE);
    }
    let limit = fields.get("limit").parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
    limit.ok_or_else(|| Problem::Form(format!("limit: 1 to {MAX_PAGE}")))
}

/// Every call: method, path under [`PREFIX`], and what answers it.
fn routes() -> Vec<(&'static str, &'static str, MethodRouter<Api>)> {
    vec![
        ("get", "/openapi.json", get(description)),
        ("get", "/self", get(people::own)),
        ("get", "/organisations", get(people::organisations)),
        ("get", "/messages", get(messages::search)),
        ("post", "/messages/release", post(acting::release)),
        ("post", "/messages/reject", post(acting::reject)),
        ("post", "/messages/delete", post(acting::delete)),
        ("post", "/messages/restore", post(acting::restore)),
        ("post", "/messages/extend", post(acting::extend)),
        ("get", "/messages/{key}", get(messages::one)),
        ("get", "/messages/{key}/text", get(messages::text)),
        ("get", "/messages/{key}/header", get(messages::header_fields)),
        ("get", "/messages/{key}/timeline", get(messages::timeline)),
        ("post", "/messages/{key}/original", post(messages::original)),
        ("post", "/messages/{key}/part", post(messages::part)),
        ("post", "/messages/{key}/requests", post(requests::file)),
        ("get", "/requests", get(requests::list)),
        ("get", "/requests/{id}", get(requests::one)),
        ("post", "/requests/{id}/approve", post(requests::approve)),
        ("post", "/requests/{id}/reject", post(requests::reject)),
        ("post", "/requests/{id}/return", post(requests::send_back)),
        ("post", "/requests/{id}/amend", post(requests::amend)),
        ("post", "/requests/{id}/withdraw", post(requests::withdraw)),
        ("get", "/accounts", get(people::list)),
        ("post", "/accounts", post(people::add)),
        ("get", "/accounts/{id}", get(people::one)),
        ("patch", "/accounts/{id}", patch(people::change)),
        ("post", "/accounts/{id}/password", post(people::set_password)),
        ("post", "/accounts/{id}/second-factor/reset", post(people::reset_second_factor)),
        ("get", "/accounts/{id}/tokens", get(people::tokens)),
        ("delete", "/accounts/{id}/tokens/{token}", delete(people::revoke)),
        ("get", "/accounts.csv", get(people::export)),
        ("post", "/accounts.csv", post(people::import)),
        ("get", "/exceptions", get(people::exceptions)),
        ("post", "/exceptions", post(people::add_exception)),
        ("post", "/exceptions/{id}/decide", post(people::decide_exception)),
        ("get", "/audit", get(people::audit)),
        ("post", "/reports", post(acting::report)),
    ]
}

/// The calls as routes, without what stands around every request.
pub(crate) fn router(desk: Desk) -> Router {
    let mut router = Router::new();
    for (_, path, answering) in routes() {
        router = router.route(path, answering);
    }
    let router = router
        .method_not_allowed_fallback(|| async { Problem::Method })
        .fallback(|| async { Problem::NotFound })
        .layer(DefaultBodyLimit::max(caller::MAX_BODY_OCTETS))
        .with_state(Api { desk });
    Router::new().nest(PREFIX, router)
}

/// Shown to anybody: it says how to call, and nothing of what is there.
async fn description(Extract(_): Extract<Api>) -> Response {
    let mut response = DESCRIPTION.into_response();
    let media_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}
