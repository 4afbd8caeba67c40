//! A person's own password and second factor.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};

use super::Site;
use super::failure::Failure;
use super::item::said;
use super::shell::{Shell, show};
use super::visit::{Posted, Visit, broken, go_on};
use crate::desk::{Refusal, Step};
use crate::words::SignInWords;

/// Where a session keeps a second factor that is being set up.
const OFFER: &str = "second-factor";

/// The routes of password and second factor.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/password", get(password_form).post(password))
        .route("/second-factor", get(set_up_form).post(set_up))
        .route("/second-factor.svg", get(qr))
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    shell: Shell,
    w: &'static SignInWords,
    login: String,
    must: bool,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpPage {
    shell: Shell,
    w: &'static SignInWords,
    secret: String,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage {
    shell: Shell,
    w: &'static SignInWords,
    codes: Vec<String>,
}

/// A second factor that is being set up: of no use to anybody until it is confirmed.
#[derive(Clone, Serialize, Deserialize)]
struct Offer {
    secret: String,
    uri: String,
}

fn password_page(visit: &Visit, wrong: Option<String>) -> Result<Response, Failure> {
    let w = SignInWords::of(visit.language);
    show(&PasswordPage {
        shell: visit.shell(w.change_title),
        w,
        login: visit.person.account.login.clone(),
        must: visit.person.steps().contains(&Step::ChangePassword),
        wrong,
    })
}

/// A page that says what was wrong with what was entered, with the status for it.
fn refused(page: Result<Response, Failure>) -> Result<Response, Failure> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page?).into_response())
}

async fn password_form(visit: Visit) -> Result<Response, Failure> {
    password_page(&visit, None)
}

async fn password(
    State(site): State<Site>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let w = SignInWords::of(visit.language);
    if fields.raw("new") != fields.raw("repeat") {
        return refused(password_page(&visit, Some(w.differ.to_owned())));
    }
    let person = visit.person.clone();
    let (current, new) = (fields.raw("current").to_owned(), fields.raw("new").to_owned());
    match site.ask(move |desk| desk.change_password(&person, &current, &new)).await? {
        Ok(person) => {
            go_on(&visit.session, person.account.version).await?;
            visit.tell(w.changed).await?;
            Ok(Redirect::to("/").into_response())
        }
        Err(refusal @ (Refusal::Invalid { .. } | Refusal::NotPermitted(_) | Refusal::TooMany)) => {
            let wrong = said(&refusal, &visit);
            refused(password_page(&visit, Some(wrong)))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// What is being set up in this session, begun if it is not yet.
async fn offer(site: &Site, visit: &Visit) -> Result<Offer, Failure> {
    if let Some(offer) = visit.session.get::<Offer>(OFFER).await.map_err(broken)? {
        return Ok(offer);
    }
    let person = visit.person.clone();
    let begun = site.ask(move |desk| desk.begin_second_factor(&person)).await??;
    let offer = Offer { secret: begun.secret, uri: begun.uri };
    visit.session.insert(OFFER, &offer).await.map_err(broken)?;
    Ok(offer)
}

fn set_up_page(visit: &Visit, offer: Offer, wrong: Option<String>) -> Result<Response, Failure> {
    let w = SignInWords::of(visit.language);
    show(&SetUpPage { shell: visit.shell(w.set_up_title), w, secret: offer.secret, wrong })
}

async fn set_up_form(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let offer = offer(&site, &visit).await?;
    set_up_page(&visit, offer, None)
}

async fn qr(State(site): State<Site>, visit: Visit) -> Result<Response, Failure> {
    let offer = offer(&site, &visit).await?;
    let code = QrCode::new(offer.uri).map_err(|error| Failure::Broken(error.to_string()))?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(224, 224).build();
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response())
}

async fn set_up(
    State(site): State<Site>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let offer = offer(&site, &visit).await?;
    let person = visit.person.clone();
    let (secret, code) = (offer.secret.clone(), fields.get("code").to_owned());
    match site.ask(move |desk| desk.confirm_second_factor(&person, &secret, &code)).await? {
        Ok((person, codes)) => {
            visit.session.remove::<Offer>(OFFER).await.map_err(broken)?;
            go_on(&visit.session, person.account.version).await?;
            let w = SignInWords::of(visit.language);
            let mut shell = visit.shell(w.recovery_title);
            "/".clone_into(&mut shell.here);
            show(&RecoveryPage { shell, w, codes })
        }
        Err(refusal @ Refusal::Invalid { .. }) => {
            let wrong = said(&refusal, &visit);
            refused(set_up_page(&visit, offer, Some(wrong)))
        }
        Err(refusal) => Err(refusal.into()),
    }
}
