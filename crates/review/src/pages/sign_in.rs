//! Signing in, with a second factor where one is set up, and signing out.

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use sekimori_policy::Language;
use tower_sessions::Session;

use super::Site;
use super::client::Client;
use super::failure::Failure;
use super::fields::{Fields, own_path};
use super::filters;
use super::pending::Pending;
use super::shell::{Shell, show};
use super::visit::{Posted, begin, broken, chosen_language};
use crate::desk::{Origin, SignInRefusal, SignedIn};
use crate::words::SignInWords;

/// Octets of these small forms at most.
const MAX_OCTETS: usize = 16 * 1024;
/// Where a session keeps the key of a sign-in that waits for its second factor.
const PENDING: &str = "pending";

/// The routes of signing in and out.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/sign-in", get(form).post(sign_in))
        .route("/sign-in/code", get(code_form).post(code))
        .route("/sign-out", post(sign_out))
        .layer(DefaultBodyLimit::max(MAX_OCTETS))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    shell: Shell,
    w: &'static SignInWords,
    back: String,
    login: String,
    wrong: Option<String>,
    /// The name of the identity provider and where signing in through it begins.
    provider: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct CodePage {
    shell: Shell,
    w: &'static SignInWords,
    wrong: Option<String>,
}

pub(crate) fn language(headers: &HeaderMap) -> Language {
    chosen_language(headers).unwrap_or_default()
}

pub(crate) fn sign_in_page(
    site: &Site,
    language: Language,
    back: &str,
    login: &str,
    wrong: Option<String>,
) -> Result<Response, Failure> {
    let w = SignInWords::of(language);
    let here = super::fields::path_with("/sign-in", &[("back", back)]);
    show(&SignInPage {
        shell: Shell::anonymous(language, w.title, here),
        w,
        back: back.to_owned(),
        login: login.to_owned(),
        wrong,
        provider: site.openid().map(|provider| {
            let begin = super::fields::path_with("/openid", &[("back", back)]);
            (provider.settings().name.clone(), begin)
        }),
    })
}

fn code_page(language: Language, wrong: Option<String>) -> Result<Response, Failure> {
    let w = SignInWords::of(language);
    let shell = Shell::anonymous(language, w.second_title, "/sign-in/code".to_owned());
    show(&CodePage { shell, w, wrong })
}

/// A page that says that it did not go well, with the status for it.
pub(crate) fn refused(page: Result<Response, Failure>) -> Result<Response, Failure> {
    Ok((StatusCode::FORBIDDEN, page?).into_response())
}

pub(crate) fn said(refusal: &SignInRefusal, language: Language) -> String {
    match language {
        Language::Japanese => refusal.japanese(),
        Language::English => refusal.english(),
    }
}

async fn form(
    State(site): State<Site>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    let back = own_path(fields.get("back")).unwrap_or_default();
    sign_in_page(&site, language(&headers), back, "", None)
}

/// Takes login and password. No token stands in the form, since there is no session yet; the layer
/// against cross-site requests keeps others from signing a browser in.
async fn sign_in(
    State(site): State<Site>,
    session: Session,
    client: Client,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    site.bounds().sign_in(client)?;
    let fields = Fields::parse(&body);
    let language = language(&headers);
    let pending = Pending {
        login: fields.get("login").to_owned(),
        password: fields.raw("password").to_owned(),
        back: own_path(fields.get("back")).unwrap_or("/").to_owned(),
    };
    match prove(&site, &pending, None, client).await? {
        Ok(signed_in) => admit(&session, &signed_in, &pending.back).await,
        Err(SignInRefusal::CodeNeeded) => {
            let mut key = [0; 16];
            getrandom::fill(&mut key).map_err(|error| Failure::Broken(error.to_string()))?;
            let key = u128::from_le_bytes(key);
            site.pending().keep(key, pending);
            session.cycle_id().await.map_err(broken)?;
            session.insert(PENDING, key.to_string()).await.map_err(broken)?;
            Ok(Redirect::to("/sign-in/code").into_response())
        }
        Err(refusal) => refused(sign_in_page(
            &site,
            language,
            &pending.back,
            &pending.login,
            Some(said(&refusal, language)),
        )),
    }
}

async fn prove(
    site: &Site,
    pending: &Pending,
    code: Option<String>,
    client: Client,
) -> Result<Result<SignedIn, SignInRefusal>, Failure> {
    let Pending { login, password, .. } = pending.clone();
    let from = Origin::Address(client.0);
    site.ask(move |desk| desk.sign_in(&login, &password, code.as_deref(), from)).await
}

/// Starts the session and leads on: to what the person has to do first, or to where he came from.
pub(crate) async fn admit(
    session: &Session,
    signed_in: &SignedIn,
    back: &str,
) -> Result<Response, Failure> {
    let account = &signed_in.person.account;
    begin(session, account.id, account.version).await?;
    Ok(Redirect::to(back).into_response())
}

/// The sign-in that waits for a code in this session.
async fn waiting(site: &Site, session: &Session) -> Result<Option<(u128, Pending)>, Failure> {
    let key = session.get::<String>(PENDING).await.map_err(broken)?;
    let key = key.and_then(|key| key.parse().ok());
    Ok(key.and_then(|key| Some((key, site.pending().get(key)?))))
}

async fn code_form(
    State(site): State<Site>,
    session: Session,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    match waiting(&site, &session).await? {
        Some(_) => code_page(language(&headers), None),
        None => Err(Failure::SignIn { back: None }),
    }
}

async fn code(
    State(site): State<Site>,
    session: Session,
    client: Client,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    site.bounds().sign_in(client)?;
    let Some((key, pending)) = waiting(&site, &session).await? else {
        return Err(Failure::SignIn { back: None });
    };
    let code = Fields::parse(&body).get("code").to_owned();
    match prove(&site, &pending, Some(code), client).await? {
        Ok(signed_in) => {
            site.pending().forget(key);
            admit(&session, &signed_in, &pending.back).await
        }
        Err(refusal) => {
            let language = language(&headers);
            refused(code_page(language, Some(said(&refusal, language))))
        }
    }
}

async fn sign_out(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let visit = posted.visit;
    let person = visit.person.clone();
    site.ask(move |desk| desk.sign_out(&person)).await??;
    visit.session.flush().await.map_err(broken)?;
    Ok(Redirect::to("/sign-in").into_response())
}
