//! Requests (取り出し申請) and what is decided on them.

use axum::extract::{Path, State as Extract};
use sekimori_journal::{NewRequest, RequestFilter, RequestId, RequestState, Verdict, Wanted, Way};
use sekimori_policy::Address;
use serde::Deserialize;
use serde_json::json;

use super::caller::{Caller, Sent, known};
use super::problem::Problem;
use super::{Answer, Api, answer, page_size};
use crate::desk::{Desk, Person, Refusal};
use crate::pages::fields::Fields;

pub(super) async fn list(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    fields: Fields,
) -> Answer {
    known(&fields, &["state", "organisation", "before", "limit"])?;
    let mut filter = RequestFilter {
        organisations: fields.all("organisation").map(str::to_owned).collect(),
        ..RequestFilter::default()
    };
    for value in fields.all("state") {
        let state = RequestState::ALL.into_iter().find(|state| state.as_str() == value);
        let unknown = || Problem::Form(format!("state: {value:?} is unknown"));
        filter.states.push(state.ok_or_else(unknown)?);
    }
    let before = fields.is_set("before").then(|| fields.get("before").parse().map(RequestId));
    let before = before.transpose().map_err(|error| Problem::Form(format!("before: {error}")))?;
    let limit = page_size(&fields)?;
    let requests = api.ask(move |desk| desk.requests(&person, &filter, before, limit)).await?;
    let next = requests.last().filter(|_| requests.len() >= limit).map(|last| last.id);
    Ok(answer(json!({ "requests": requests, "next": next })))
}

pub(super) async fn one(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
) -> Answer {
    let request = api.ask(move |desk| desk.request_of(&person, RequestId(id))).await?;
    Ok(answer(json!(request)))
}

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    wanted: Wanted,
    #[serde(default)]
    recipients: Vec<Address>,
    #[serde(default)]
    way: Option<Way>,
    reason: String,
}

pub(super) async fn file(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(key): Path<String>,
    Sent(asked): Sent<Asked>,
) -> Answer {
    let id = api
        .ask(move |desk| {
            let new = NewRequest {
                queue_id: desk.find(&person, &key)?,
                wanted: asked.wanted,
                recipients: asked.recipients,
                way: asked.way.unwrap_or(Way::Download),
                reason: asked.reason,
            };
            desk.request(&person, &new)
        })
        .await?;
    Ok(answer(json!({ "request": id })))
}

/// An approval.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Approval {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    recipients: Option<Vec<Address>>,
    #[serde(default)]
    sections: Option<Vec<String>>,
}

pub(super) async fn approve(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
    Sent(approval): Sent<Approval>,
) -> Answer {
    done(&api, move |desk| {
        let verdict = Verdict::Approve {
            recipients: approval.recipients,
            sections: approval.sections,
            usable_until: desk.download_limit(),
        };
        desk.decide(&person, RequestId(id), &verdict, &approval.reason)
    })
    .await
}

/// A reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    pub(super) reason: String,
}

pub(super) async fn reject(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
    Sent(sent): Sent<Reason>,
) -> Answer {
    decided(&api, person, id, Verdict::Reject, sent.reason).await
}

pub(super) async fn send_back(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
    Sent(sent): Sent<Reason>,
) -> Answer {
    decided(&api, person, id, Verdict::Return, sent.reason).await
}

async fn decided(api: &Api, person: Person, id: i64, verdict: Verdict, reason: String) -> Answer {
    done(api, move |desk| desk.decide(&person, RequestId(id), &verdict, &reason)).await
}

pub(super) async fn amend(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
    Sent(sent): Sent<Reason>,
) -> Answer {
    done(&api, move |desk| desk.amend(&person, RequestId(id), &sent.reason)).await
}

pub(super) async fn withdraw(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(id): Path<i64>,
) -> Answer {
    done(&api, move |desk| desk.withdraw(&person, RequestId(id))).await
}

/// Answers what has no more to say than that it was done.
pub(super) async fn done(
    api: &Api,
    call: impl FnOnce(&Desk) -> Result<(), Refusal> + Send + 'static,
) -> Answer {
    api.ask(call).await?;
    Ok(answer(json!({ "result": "done" })))
}
