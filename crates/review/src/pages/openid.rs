//! Signing in through an identity provider: there, and back.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tower_sessions::Session;

use super::Site;
use super::client::Client;
use super::failure::Failure;
use super::fields::{Fields, own_path};
use super::sign_in::{admit, language, refused, said, sign_in_page};
use super::visit::broken;
use crate::desk::{Origin, SignInRefusal};
use crate::openid::UnderWay;
use crate::words::SignInWords;

/// Where a session keeps a sign-in that is under way.
const UNDER_WAY: &str = "openid";

/// The routes to an identity provider and back.
pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/openid", get(begin)).route("/openid/back", get(back))
}

/// Leads to the provider. What the session keeps lets nobody in by itself.
async fn begin(
    State(site): State<Site>,
    session: Session,
    client: Client,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    site.bounds().sign_in(client)?;
    let provider = site.openid().cloned().ok_or(Failure::NotFound)?;
    let to = own_path(fields.get("back")).unwrap_or("/").to_owned();
    let begun = site.ask(move |_| provider.begin(&to)).await?;
    let (url, under_way) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            tracing::error!(%error, "nobody can sign in through the identity provider");
            return unreached(&site, &headers);
        }
    };
    session.cycle_id().await.map_err(broken)?;
    session.insert(UNDER_WAY, under_way).await.map_err(broken)?;
    Ok(Redirect::to(&url).into_response())
}

async fn back(
    State(site): State<Site>,
    session: Session,
    client: Client,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    site.bounds().sign_in(client)?;
    let provider = site.openid().cloned().ok_or(Failure::NotFound)?;
    // Used up, whatever comes of it.
    let under_way = session.remove::<UnderWay>(UNDER_WAY).await.map_err(broken)?;
    let under_way = under_way.ok_or(Failure::SignIn { back: None })?;
    let to = under_way.back.clone();
    let (state, code) = (fields.get("state").to_owned(), fields.get("code").to_owned());
    let from = Origin::Address(client.0);
    let language = language(&headers);
    let signed_in = site
        .ask(move |desk| {
            let identity = provider.finish(under_way, &state, &code)?;
            Ok(desk.sign_in_by_openid(&identity, &provider.settings().groups, from))
        })
        .await?;
    match signed_in {
        Ok(Ok(signed_in)) => admit(&session, &signed_in, &to).await,
        Ok(Err(SignInRefusal::Refused)) => {
            let wrong = SignInWords::of(language).openid_refused.to_owned();
            refused(sign_in_page(&site, language, &to, "", Some(wrong)))
        }
        Ok(Err(refusal)) => {
            refused(sign_in_page(&site, language, &to, "", Some(said(&refusal, language))))
        }
        Err(error @ crate::openid::OpenIdError::Answer(_)) => {
            tracing::warn!(%error, "a sign-in through the identity provider was refused");
            let wrong = SignInWords::of(language).openid_refused.to_owned();
            refused(sign_in_page(&site, language, &to, "", Some(wrong)))
        }
        Err(error) => {
            tracing::error!(%error, "nobody can sign in through the identity provider");
            unreached(&site, &headers)
        }
    }
}

fn unreached(site: &Site, headers: &HeaderMap) -> Result<Response, Failure> {
    let language = language(headers);
    let wrong = SignInWords::of(language).openid_unreached.to_owned();
    refused(sign_in_page(site, language, "", "", Some(wrong)))
}
