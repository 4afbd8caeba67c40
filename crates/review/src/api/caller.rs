//! Who calls, and what he sends.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::Api;
use super::problem::Problem;
use crate::desk::{Origin, Person};
use crate::pages::client::Client;
use crate::pages::fields::Fields;

/// Octets of a posted body at most: a CSV file of accounts is the longest.
pub(super) const MAX_BODY_OCTETS: usize = 8 * 1024 * 1024;

/// The person whose token came with the call (RFC 6750 section 2.1). Nothing else lets anybody in, so
/// that no browser can be made to call on somebody's behalf.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) Person);

impl FromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let token = value.and_then(|value| value.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or(Problem::Token)?;
        let (token, from) = (token.to_owned(), Origin::from(Client::of(&parts.extensions).0));
        let found = api.ask(move |desk| desk.token_person(&token, from)).await?;
        found.map(Self).ok_or(Problem::Token)
    }
}

/// A JSON object that was sent. Members that the call does not know are refused.
#[derive(Debug)]
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Api> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let body = Bytes::from_request(request, api).await;
        let body = body.map_err(|error| Problem::Form(error.body_text()))?;
        let read = serde_json::from_slice(&body);
        read.map(Self).map_err(|error| Problem::Form(error.to_string()))
    }
}

/// A query whose every name is known.
pub(super) fn known(fields: &Fields, names: &[&str]) -> Result<(), Problem> {
    match fields.names().find(|name| !names.contains(name)) {
        None => Ok(()),
        Some(name) => Err(Problem::Form(format!("{name}: unknown"))),
    }
}
