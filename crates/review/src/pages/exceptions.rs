//! Exceptions (例外措置): whose mail passes without waiting for review, for a time, by two people.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use sekimori_journal::{ExceptionId, ExceptionState, NewException, StoredException};
use sekimori_policy::Timestamp;
use serde_json::{Value, json};

use super::Site;
use super::failure::Failure;
use super::fields::Fields;
use super::rows::StateSign;
use super::shell::{Shell, show};
use super::visit::{Posted, Visit};
use crate::desk::{Fault, Refusal, Right};
use crate::words::PeopleWords;

/// The routes of exceptions.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/exceptions", get(list).post(add))
        .route("/exceptions/{id}/decide", post(decide))
}

struct Row {
    id: i64,
    state: StateSign,
    organisation: String,
    concerns: String,
    reason: String,
    requester: String,
    approver: String,
    begins: String,
    ends: String,
    decidable: bool,
    own_open: bool,
    endable: bool,
}

#[derive(Template)]
#[template(path = "exceptions.html")]
struct ExceptionsPage {
    shell: Shell,
    w: &'static PeopleWords,
    rows: Vec<Row>,
    organisations: Vec<String>,
}

fn sign(state: ExceptionState, w: &PeopleWords) -> StateSign {
    let (class, shape, words) = match state {
        ExceptionState::Open => ("held", "◆", w.exception_open),
        ExceptionState::Approved => ("delivered", "✔", w.exception_approved),
        ExceptionState::Rejected => ("failed", "▲", w.exception_rejected),
        ExceptionState::Ended => ("deleted", "✕", w.exception_ended),
        ExceptionState::Lapsed => ("deleted", "✕", w.exception_lapsed),
    };
    StateSign { class, shape, words }
}

/// Conditions as people read them: every word of every list.
fn concerns(conditions: &Value) -> String {
    let lists = conditions.as_object().into_iter().flat_map(|members| members.values());
    let words = lists.flat_map(|list| match list {
        Value::Array(values) => values.iter().map(plain).collect(),
        value => vec![plain(value)],
    });
    words.collect::<Vec<_>>().join(" ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

async fn list(Extract(site): Extract<Site>, visit: Visit) -> Result<Response, Failure> {
    let w = PeopleWords::of(visit.language);
    let person = visit.person.clone();
    let exceptions = site.ask(move |desk| desk.exceptions(&person)).await??;
    let mut organisations = site.desk.organisations(&visit.person, Right::Decide);
    organisations.extend(site.desk.organisations(&visit.person, Right::People));
    organisations.sort();
    organisations.dedup();
    let shell = visit.shell(w.exceptions);
    let row = |exception: &StoredException| row(exception, &visit, &shell, w, &organisations);
    let rows = exceptions.iter().map(row).collect();
    show(&ExceptionsPage { w, rows, organisations: organisations.clone(), shell })
}

fn row(
    exception: &StoredException,
    visit: &Visit,
    shell: &Shell,
    w: &'static PeopleWords,
    kept: &[String],
) -> Row {
    let is_own = exception.requester == visit.person.account.id;
    let is_open = exception.state == ExceptionState::Open;
    let decides = visit.person.may(Right::Decide, &exception.organisation, visit.now);
    let lasts = matches!(exception.state, ExceptionState::Open | ExceptionState::Approved);
    Row {
        id: exception.id.0,
        state: sign(exception.state, w),
        organisation: exception.organisation.clone(),
        concerns: concerns(&exception.conditions),
        reason: exception.reason.clone(),
        requester: exception.requester_name.clone(),
        approver: exception.decided_by_name.clone().unwrap_or_default(),
        begins: shell.date(&exception.begins_at),
        ends: shell.date(&exception.ends_at),
        decidable: is_open && decides && !is_own,
        own_open: is_open && is_own,
        endable: lasts && kept.contains(&exception.organisation),
    }
}

async fn add(
    Extract(site): Extract<Site>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let mut conditions = serde_json::Map::new();
    for name in ["sender", "recipient"] {
        let words: Vec<&str> = fields.get(name).split_whitespace().collect();
        if !words.is_empty() {
            conditions.insert(name.to_owned(), json!(words));
        }
    }
    let new = NewException {
        organisation: fields.get("organisation").to_owned(),
        conditions: Value::Object(conditions),
        reason: fields.get("reason").to_owned(),
        begins_at: day(&fields, "begins_at")?,
        ends_at: day(&fields, "ends_at")?.plus_days(1),
    };
    let person = visit.person.clone();
    site.ask(move |desk| desk.add_exception(&person, &new)).await??;
    told(&visit, PeopleWords::of(visit.language).exception_filed).await
}

fn day(fields: &Fields, name: &'static str) -> Result<Timestamp, Failure> {
    let wrong = || Failure::Refused(Refusal::Invalid { field: "ends_at", why: Fault::Form });
    Timestamp::parse_rfc3339(fields.get(name)).ok_or_else(wrong)
}

async fn told(visit: &Visit, what: &str) -> Result<Response, Failure> {
    visit.tell(what).await?;
    Ok(Redirect::to("/exceptions").into_response())
}

async fn decide(
    Extract(site): Extract<Site>,
    Path(id): Path<String>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let id = id.parse().map(ExceptionId).map_err(|_| Failure::NotFound)?;
    let state = match fields.get("state") {
        "approved" => ExceptionState::Approved,
        "rejected" => ExceptionState::Rejected,
        _ => ExceptionState::Ended,
    };
    let (person, reason) = (visit.person.clone(), fields.get("reason").to_owned());
    site.ask(move |desk| desk.decide_exception(&person, id, state, &reason)).await??;
    told(&visit, PeopleWords::of(visit.language).exception_decided).await
}
