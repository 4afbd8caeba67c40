//! Messages: finding them, what of them is seen, downloads.

use axum::extract::{Path, State as Extract};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sekimori_journal::{Order, Search, State};
use sekimori_policy::{Code, QueueId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::{Caller, Sent, known};
use super::problem::Problem;
use sekimori_journal::shapes;

use super::{Answer, Api, answer, page_size};
use crate::desk::{Download, Source};
use crate::pages::fields::Fields;

const NAMES: [&str; 15] = [
    "text",
    "from",
    "to",
    "subject",
    "part",
    "code",
    "state",
    "organisation",
    "since",
    "until",
    "requested",
    "order",
    "limit",
    "cursor",
    "after",
];

pub(super) async fn search(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    fields: Fields,
) -> Answer {
    known(&fields, &NAMES)?;
    let search = search_of(&fields)?;
    let cursor = fields.is_set("cursor").then(|| fields.get("cursor").parse::<QueueId>());
    let cursor = cursor.transpose().map_err(|error| Problem::Form(format!("cursor: {error}")))?;
    let limit = page_size(&fields)?;
    let hits = api.ask(move |desk| desk.search(&person, &search, cursor, limit)).await?;
    let messages: Vec<Value> = hits.messages.iter().map(shapes::listed).collect();
    Ok(answer(json!({ "messages": messages, "next": hits.next, "count": hits.count })))
}

fn search_of(fields: &Fields) -> Result<Search, Problem> {
    let text = |name: &str| fields.is_set(name).then(|| fields.get(name).to_owned());
    let unknown = |name: &str, value: &str| Problem::Form(format!("{name}: {value:?} is unknown"));
    let mut search = Search {
        organisations: fields.all("organisation").map(str::to_owned).collect(),
        text: text("text"),
        from: text("from"),
        to: text("to"),
        subject: text("subject"),
        part: text("part"),
        since: moment(fields, "since")?,
        until: moment(fields, "until")?,
        requested: matches!(fields.get("requested"), "1" | "true"),
        order: match fields.get("order") {
            "" | "newest" => Order::NewestFirst,
            "oldest" => Order::OldestFirst,
            other => return Err(unknown("order", other)),
        },
        ..Search::default()
    };
    for value in fields.all("state") {
        let state = State::ALL.into_iter().find(|state| state.as_str() == value);
        search.states.push(state.ok_or_else(|| unknown("state", value))?);
    }
    for value in fields.all("code") {
        let code = value.parse::<Code>();
        search.codes.push(code.map_err(|_| unknown("code", value))?);
    }
    Ok(search)
}

/// A day or a moment of a query.
pub(super) fn moment(fields: &Fields, name: &str) -> Result<Option<Timestamp>, Problem> {
    if !fields.is_set(name) {
        return Ok(None);
    }
    let moment = Timestamp::parse_rfc3339(fields.get(name));
    let wrong = || Problem::Form(format!("{name}: neither a day nor a time of RFC 3339"));
    moment.map(Some).ok_or_else(wrong)
}

pub(super) async fn one(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(key): Path<String>,
) -> Answer {
    let item = api.ask(move |desk| desk.item(&person, desk.find(&person, &key)?)).await?;
    let mut printed = shapes::message(&item.message);
    if let Some(members) = printed.as_object_mut() {
        members.insert("possible".to_owned(), json!(item.possible));
        members.insert("requests".to_owned(), json!(item.requests));
        members.insert("hand_overs".to_owned(), json!(item.hand_overs));
    }
    Ok(answer(printed))
}

pub(super) async fn text(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(key): Path<String>,
) -> Answer {
    let text = api.ask(move |desk| desk.text(&person, desk.find(&person, &key)?)).await?;
    Ok(answer(json!({ "text": text })))
}

pub(super) async fn header_fields(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(key): Path<String>,
) -> Answer {
    let fields = api.ask(move |desk| desk.header(&person, desk.find(&person, &key)?)).await?;
    let fields: Vec<Value> =
        fields.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    Ok(answer(json!({ "fields": fields })))
}

pub(super) async fn timeline(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(key): Path<String>,
) -> Answer {
    let records = api.ask(move |desk| desk.timeline(&person, desk.find(&person, &key)?)).await?;
    Ok(answer(json!({ "records": records.iter().map(shapes::record).collect::<Vec<_>>() })))
}

pub(super) async fn original(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let download = api
        .ask(move |desk| {
            let source = Source::Message(desk.find(&person, &key)?);
            desk.download_original(&person, source)
        })
        .await?;
    Ok(file(download))
}

/// Which removed part.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    section: String,
}

pub(super) async fn part(
    Extract(api): Extract<Api>,
    Caller(person): Caller,
    Path(key): Path<String>,
    Sent(asked): Sent<Part>,
) -> Result<Response, Problem> {
    let download = api
        .ask(move |desk| {
            let source = Source::Message(desk.find(&person, &key)?);
            desk.download_part(&person, source, &asked.section)
        })
        .await?;
    Ok(file(download))
}

/// A file to save: never shown by whatever asked for it.
fn file(download: Download) -> Response {
    let mut response = download.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(download.media_type));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    response
}
