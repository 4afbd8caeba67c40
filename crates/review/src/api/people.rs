//! Accounts, tokens, exceptions, organisations, the audit record.

use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sekimori_journal::{
    AccountChange, AccountId, AuditKind, ExceptionId, ExceptionState, Grant, NewAccount,
    NewException, Order, TokenId,
};
use sekimori_policy::{Address, Language, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::{Caller, Sent, known};
use super::messages::moment;
use super::problem::Problem;
use super::requests::{Reason, done};
use super::{Answer, Api, answer, page_size};
use crate::desk::{AuditSearch, ImportedChange, Right};
use crate::pages::fields::Fields;
use sekimori_journal::shapes::record;

pub(super) async fn own(Extract(api): Extract<Api>, Caller(person): Caller) -> Answer {
    let now = api.desk.now();
    let rights: Vec<Value> = Right::ALL
        .into_iter()
        .filter(|&right| person.may_anywhere(right, now))
        .map(|right| json!({ "right": right.as_str(), "organisations": person.organisations(right, now) }))
        .collect();
    Ok(answer(
        json!({ "login": person.account.login, "name": person.account.name, "scopes": person.scopes(), "rights": rights }),
    ))
}

pub(super) async fn organisations(Extract(api): Extract<Api>, Caller(person): Caller) -> Answer {
    let now = api.desk.now();
    let mut names: Vec<String> =
        Right::ALL.into_iter().flat_map(|right| person.organisations(right, now)).collect();
    names.sort();
    names.dedup();
    let shown: Vec<Value> = names
        .iter()
        .filter_map(|name| api.desk.organisation(name))
        .map(|o| json!({ "name": o.name, "domains": o.domains, "mode": o.mode, "retention_days": o.retention_days }))
        .collect();
    Ok(answer(json!({ "organisations": shown })))
}

pub(super) async fn list(Extract(api): Extract<Api>, Caller(person): Caller) -> Answer {
    let accounts = api.ask(move |desk| desk.accounts(&person)).await?;
    Ok(answer(json!({ "accounts": accounts })))
}

pub(super) async fn one(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
) -> Answer {
    let account = api.ask(move |desk| desk.account(&person, AccountId(id))).await?;
    Ok(answer(json!(account)))
}

/// An account to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    login: String,
    name: String,
    organisation: String,
    #[serde(default)]
    addresses: Vec<Address>,
    #[serde(default)]
    grants: Vec<Grant>,
    #[serde(default)]
    valid_from: Option<String>,
    #[serde(default)]
    valid_until: Option<String>,
    #[serde(default)]
    language: Option<Language>,
}

pub(super) async fn add(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Sent(new): Sent<New>,
) -> Answer {
    let new = NewAccount {
        login: new.login,
        name: new.name,
        organisation: Some(new.organisation),
        addresses: new.addresses,
        grants: new.grants,
        operator: false,
        valid_from: new.valid_from.map(|t| read("valid_from", &t)).transpose()?,
        valid_until: new.valid_until.map(|t| read("valid_until", &t)).transpose()?,
        language: new.language.unwrap_or_default(),
    };
    let id = api.ask(move |desk| desk.add_account(&person, &new)).await?;
    Ok(answer(json!({ "account": id })))
}

/// A day or a moment that was sent.
fn read(name: &str, text: &str) -> Result<Timestamp, Problem> {
    let wrong = || Problem::Form(format!("{name}: neither a day nor a time of RFC 3339"));
    Timestamp::parse_rfc3339(text).ok_or_else(wrong)
}

/// A change of an account; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    name: Option<String>,
    addresses: Option<Vec<Address>>,
    grants: Option<Vec<Grant>>,
    disabled: Option<bool>,
    language: Option<Language>,
    #[serde(default)]
    unlock: bool,
    #[serde(default)]
    reason: String,
}

pub(super) async fn change(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
    Sent(sent): Sent<Change>,
) -> Answer {
    let change = AccountChange {
        name: sent.name,
        addresses: sent.addresses,
        grants: sent.grants,
        disabled: sent.disabled,
        language: sent.language,
        unlock: sent.unlock,
        ..AccountChange::default()
    };
    done(&api, move |desk| desk.change_account(&person, AccountId(id), &change, &sent.reason)).await
}

pub(super) async fn set_password(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
) -> Answer {
    let password = api.ask(move |desk| desk.set_password(&person, AccountId(id), None)).await?;
    Ok(answer(json!({ "password": password })))
}

pub(super) async fn reset_second_factor(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
    Sent(sent): Sent<Reason>,
) -> Answer {
    done(&api, move |desk| desk.reset_second_factor(&person, AccountId(id), &sent.reason)).await
}

pub(super) async fn export(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
) -> Result<Response, Problem> {
    let csv = api.ask(move |desk| desk.export_csv(&person)).await?;
    let mut response = csv.into_response();
    let media_type = HeaderValue::from_static("text/csv; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    Ok(response)
}

pub(super) async fn import(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    fields: Fields,
    body: Bytes,
) -> Answer {
    known(&fields, &["dry_run"])?;
    let dry_run = matches!(fields.get("dry_run"), "1" | "true");
    let import = api.ask(move |desk| desk.import_csv(&person, &body, dry_run)).await?;
    let accounts: Vec<Value> = import
        .accounts
        .iter()
        .map(|account| {
            let (what, columns) = match &account.change {
                ImportedChange::Added => ("added", Vec::new()),
                ImportedChange::Changed(columns) => ("changed", columns.clone()),
                ImportedChange::Unchanged => ("unchanged", Vec::new()),
            };
            json!({ "line": account.line, "login": account.login, "result": what, "columns": columns })
        })
        .collect();
    let faults: Vec<Value> = import
        .faults
        .iter()
        .map(|f| json!({ "line": f.line, "column": f.column, "code": f.why.code(), "why": f.why.english(), "why_ja": f.why.japanese() }))
        .collect();
    let applied = import.is_applied;
    Ok(answer(json!({ "accounts": accounts, "faults": faults, "applied": applied })))
}

pub(super) async fn tokens(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
) -> Answer {
    let tokens = api.ask(move |desk| desk.tokens(&person, AccountId(id))).await?;
    Ok(answer(json!({ "tokens": tokens })))
}

pub(super) async fn revoke(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path((id, token)): Path<(i64, i64)>,
) -> Answer {
    done(&api, move |desk| desk.revoke_token(&person, AccountId(id), TokenId(token))).await
}

pub(super) async fn exceptions(Extract(api): Extract<Api>, Caller(person): Caller) -> Answer {
    let exceptions = api.ask(move |desk| desk.exceptions(&person)).await?;
    Ok(answer(json!({ "exceptions": exceptions })))
}

/// An exception to be filed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    organisation: String,
    conditions: Value,
    reason: String,
    begins_at: String,
    ends_at: String,
}

pub(super) async fn add_exception(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Sent(sent): Sent<Exception>,
) -> Answer {
    let new = NewException {
        organisation: sent.organisation,
        conditions: sent.conditions,
        reason: sent.reason,
        begins_at: read("begins_at", &sent.begins_at)?,
        ends_at: read("ends_at", &sent.ends_at)?,
    };
    let id = api.ask(move |desk| desk.add_exception(&person, &new)).await?;
    Ok(answer(json!({ "exception": id })))
}

/// A decision on an exception: `approved`, `rejected` or `ended`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    state: ExceptionState,
    #[serde(default)]
    reason: String,
}

pub(super) async fn decide_exception(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
    Sent(sent): Sent<Decision>,
) -> Answer {
    done(&api, move |desk| {
        desk.decide_exception(&person, ExceptionId(id), sent.state, &sent.reason)
    })
    .await
}

pub(super) async fn audit(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    fields: Fields,
) -> Answer {
    known(
        &fields,
        &["organisation", "kind", "actor", "since", "until", "after", "limit", "order"],
    )?;
    let mut search = AuditSearch {
        organisation: fields.is_set("organisation").then(|| fields.get("organisation").to_owned()),
        actor: fields.is_set("actor").then(|| fields.get("actor").to_owned()),
        since: moment(&fields, "since")?,
        until: moment(&fields, "until")?,
        order: if fields.get("order") == "oldest" {
            Order::OldestFirst
        } else {
            Order::NewestFirst
        },
        ..AuditSearch::default()
    };
    for value in fields.all("kind") {
        let kind = AuditKind::from_name(value);
        let unknown = || Problem::Form(format!("kind: {value:?} is unknown"));
        search.kinds.push(kind.ok_or_else(unknown)?);
    }
    let after = if fields.is_set("after") { fields.get("after").parse() } else { Ok(0) };
    let after = after.map_err(|error| Problem::Form(format!("after: {error}")))?;
    let limit = page_size(&fields)?;
    let page = api.ask(move |desk| desk.audit(&person, &search, after, limit)).await?;
    let records: Vec<Value> = page.records.iter().map(record).collect();
    Ok(answer(json!({ "records": records, "next": page.next })))
}
