//! The switch of language, which a browser remembers.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;

use super::Site;
use super::failure::Failure;
use super::fields::{Fields, own_path};
use super::visit::LANGUAGE_COOKIE;

/// Octets of this small form at most.
const MAX_OCTETS: usize = 16 * 1024;

/// The route of the switch.
pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/language", post(switch)).layer(DefaultBodyLimit::max(MAX_OCTETS))
}

/// Needs no token: what another site could do with it is to change the language of the page, and the
/// layer against cross-site requests keeps it from that.
async fn switch(State(site): State<Site>, body: Bytes) -> Result<Response, Failure> {
    let fields = Fields::parse(&body);
    let language = if fields.get("language") == "en" { "en" } else { "ja" };
    let secure = if site.settings().secure_cookies { "; Secure" } else { "" };
    let cookie = format!(
        "{LANGUAGE_COOKIE}={language}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}"
    );
    let cookie =
        HeaderValue::from_str(&cookie).map_err(|error| Failure::Broken(error.to_string()))?;
    let to = own_path(fields.get("back")).unwrap_or("/");
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
