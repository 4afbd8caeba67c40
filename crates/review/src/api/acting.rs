//! What is done to messages, many at once, with a result for each; and reports.

use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sekimori_policy::{Address, QueueId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::{Caller, Sent};
use super::problem::Problem;
use super::{Answer, Api, answer};
use crate::desk::{Desk, Done, MAX_BULK, Person, Refusal};
use crate::report::{Kind, Period};

/// Which messages, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Messages {
    ids: Vec<QueueId>,
    reason: String,
}

/// The same, for some recipients only.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    ids: Vec<QueueId>,
    reason: String,
    #[serde(default)]
    recipients: Option<Vec<Address>>,
}

/// The same, for so many days.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extend {
    ids: Vec<QueueId>,
    reason: String,
    days: u32,
}

pub(super) async fn release(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Sent(Release { ids, reason, recipients }): Sent<Release>,
) -> Answer {
    let recipients = recipients.as_deref().map(<[Address]>::to_vec);
    act(&api, person, ids, move |desk, person, ids| {
        desk.release(person, ids, recipients.as_deref(), &reason)
    })
    .await
}

pub(super) async fn reject(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Sent(Messages { ids, reason }): Sent<Messages>,
) -> Answer {
    act(&api, person, ids, move |desk, person, ids| desk.reject(person, ids, &reason)).await
}

pub(super) async fn delete(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Sent(Messages { ids, reason }): Sent<Messages>,
) -> Answer {
    act(&api, person, ids, move |desk, person, ids| desk.delete(person, ids, &reason)).await
}

pub(super) async fn restore(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Sent(Messages { ids, reason }): Sent<Messages>,
) -> Answer {
    act(&api, person, ids, move |desk, person, ids| desk.restore(person, ids, &reason)).await
}

pub(super) async fn extend(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Sent(Extend { ids, reason, days }): Sent<Extend>,
) -> Answer {
    act(&api, person, ids, move |desk, person, ids| desk.extend(person, ids, days, &reason)).await
}

async fn act(
    api: &Api,
    person: Person,
    ids: Vec<QueueId>,
    action: impl FnOnce(&Desk, &Person, &[QueueId]) -> Done + Send + 'static,
) -> Answer {
    if ids.is_empty() || ids.len() > MAX_BULK {
        return Err(Problem::Form(format!("ids: 1 to {MAX_BULK} of them")));
    }
    let done = api.ask(move |desk| Ok::<_, Refusal>(action(desk, &person, &ids))).await?;
    let results: Vec<Value> = done
        .iter()
        .map(|(id, result)| match result {
            Ok(()) => json!({ "queue_id": id, "result": "done" }),
            Err(refusal) => json!({
                "queue_id": id,
                "result": refusal.code(),
                "why": refusal.english(),
                "why_ja": refusal.japanese(),
            }),
        })
        .collect();
    Ok(answer(json!({ "results": results })))
}

/// Which report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    kind: String,
    organisation: String,
    period: String,
}

pub(super) async fn report(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Sent(asked): Sent<Asked>,
) -> Result<Response, Problem> {
    let kind = Kind::from_name(&asked.kind);
    let kind =
        kind.ok_or_else(|| Problem::Form("kind: monthly, self-check, requests".to_owned()))?;
    let period = Period::parse(&asked.period);
    let period = period.map_err(|error| Problem::Form(format!("period: {error}")))?;
    let language = person.account.language;
    let report = api
        .ask(move |desk| desk.report(&person, kind, &asked.organisation, period, language))
        .await?;
    let mut response = report.json_lines().into_response();
    let media_type = HeaderValue::from_static("application/jsonl");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    Ok(response)
}
