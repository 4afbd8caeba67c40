//! Requests (取り出し申請): their list, and one with what its reader may decide.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use sekimori_journal::{
    Request, RequestFilter, RequestId, RequestState, State, StoredMessage, Verdict, Wanted, Way,
};

use super::Site;
use super::failure::Failure;
use super::fields::{Fields, path_with};
use super::filters;
use super::item::addresses;
use super::rows::StateSign;
use super::shell::{Shell, show};
use super::visit::{Posted, Visit};
use crate::desk::{Fault, Refusal};
use crate::words::{MessageWords, RequestWords};

/// Requests on one page.
const PAGE: usize = 50;

/// The routes of requests.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/requests", get(list))
        .route("/requests/{id}", get(one))
        .route("/requests/{id}/decide", post(decide))
        .route("/requests/{id}/amend", post(amend))
        .route("/requests/{id}/withdraw", post(withdraw))
}

/// A request in a list.
#[derive(Debug)]
pub(crate) struct RequestRow {
    /// Its number.
    pub(crate) id: i64,
    /// 受付番号 of its message.
    pub(crate) reference: String,
    /// Subject of its message.
    pub(crate) subject: String,
    /// What is asked for, in words.
    pub(crate) wanted: String,
    /// What has become of it.
    pub(crate) state: StateSign,
    /// Who asks.
    pub(crate) requester: String,
    /// When it was filed.
    pub(crate) created: String,
    /// Why.
    pub(crate) reason: String,
}

impl RequestRow {
    /// A row in the language of a shell.
    pub(crate) fn new(request: &Request, shell: &Shell) -> Self {
        let w = RequestWords::of(shell.language);
        let m = MessageWords::of(shell.language);
        Self {
            id: request.id.0,
            reference: request.reference.to_string(),
            subject: request.subject.clone(),
            wanted: match &request.wanted {
                Wanted::Text => w.wanted_text.to_owned(),
                Wanted::Original => w.wanted_original.to_owned(),
                Wanted::Parts(sections) => {
                    w.wanted_parts.replacen("{}", &sections.len().to_string(), 1)
                }
            },
            state: sign(request.state, m),
            requester: request.requester_name.clone(),
            created: shell.date(&request.created_at),
            reason: request.reason.clone(),
        }
    }
}

fn sign(state: RequestState, m: &MessageWords) -> StateSign {
    let shape = match state {
        RequestState::Open => "◆",
        RequestState::Returned => "↩",
        RequestState::Approved => "✔",
        RequestState::Rejected => "▲",
        RequestState::Withdrawn | RequestState::Lapsed => "✕",
    };
    StateSign { class: state.as_str(), shape, words: m.request(state) }
}

struct Tab {
    label: &'static str,
    path: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct RequestsPage {
    shell: Shell,
    w: &'static RequestWords,
    m: &'static MessageWords,
    tabs: Vec<Tab>,
    rows: Vec<RequestRow>,
    only_open: bool,
    next: Option<String>,
}

/// A part that may be approved or downloaded.
struct Part {
    section: String,
    name: String,
}

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    shell: Shell,
    w: &'static RequestWords,
    row: RequestRow,
    request: Request,
    parts: Vec<Part>,
    decided: String,
    usable_until: String,
    decidable: bool,
    own: bool,
    usable: bool,
    message_state: StateSign,
    message_id: String,
    text_told: Option<&'static str>,
}

impl RequestPage {
    /// Whether the reader may file it again or take it back.
    fn amendable(&self) -> bool {
        self.own && matches!(self.request.state, RequestState::Open | RequestState::Returned)
    }
}

fn state_named(fields: &Fields) -> Option<RequestState> {
    RequestState::ALL.into_iter().find(|state| state.as_str() == fields.get("state"))
}

async fn list(
    Extract(site): Extract<Site>,
    visit: Visit,
    fields: Fields,
) -> Result<Response, Failure> {
    let all = fields.get("state") == "all";
    let mine = fields.is_set("mine");
    // Those that wait come first: this is what the page is opened for.
    let state = if all { None } else { state_named(&fields).or(Some(RequestState::Open)) };
    let filter = RequestFilter {
        states: state.into_iter().collect(),
        requester: mine.then_some(visit.person.account.id),
        ..RequestFilter::default()
    };
    let before = fields.get("before").parse().ok().map(RequestId);
    let person = visit.person.clone();
    let mut found =
        site.ask(move |desk| desk.requests(&person, &filter, before, PAGE + 1)).await??;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let w = RequestWords::of(visit.language);
    let m = MessageWords::of(visit.language);
    let shell = visit.shell(w.title);
    let name = state.map_or("all", RequestState::as_str);
    let path = |state: &str, mine: bool| {
        let mut pairs = vec![("state", state)];
        pairs.extend(mine.then_some(("mine", "1")));
        path_with("/requests", &pairs)
    };
    let mut tabs: Vec<Tab> = RequestState::ALL
        .into_iter()
        .map(|one| Tab {
            label: m.request(one),
            path: path(one.as_str(), mine),
            current: state == Some(one),
        })
        .collect();
    tabs.push(Tab { label: w.all, path: path("all", mine), current: all });
    tabs.push(Tab { label: w.mine, path: path(name, !mine), current: mine });
    let last = found.last().map(|request| request.id.0.to_string()).unwrap_or_default();
    let page = RequestsPage {
        tabs,
        rows: found.iter().map(|request| RequestRow::new(request, &shell)).collect(),
        only_open: state == Some(RequestState::Open),
        next: more.then(|| format!("{}&before={last}", path(name, mine))),
        shell,
        w,
        m,
    };
    show(&page)
}

fn number(id: &str) -> Result<RequestId, Failure> {
    id.parse().map(RequestId).map_err(|_| Failure::NotFound)
}

async fn one(
    Extract(site): Extract<Site>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = number(&id)?;
    let person = visit.person.clone();
    let (request, message, decidable) = site
        .ask(move |desk| {
            let request = desk.request_of(&person, id)?;
            let message = desk.message_of(&person, id)?;
            let decidable = desk.may_decide(&person, &request);
            Ok::<_, Refusal>((request, message, decidable))
        })
        .await??;
    let w = RequestWords::of(visit.language);
    let m = MessageWords::of(visit.language);
    let shell = visit.shell(w.one_title.replacen("{}", &id.0.to_string(), 1));
    let own = request.requester == visit.person.account.id;
    let live = |until: sekimori_policy::Timestamp| until.unix_millis() > visit.now.unix_millis();
    let page = RequestPage {
        row: RequestRow::new(&request, &shell),
        parts: parts(&request, &message),
        decided: request.decided_at.map(|at| shell.date(&at)).unwrap_or_default(),
        usable_until: request.usable_until.map(|at| shell.date(&at)).unwrap_or_default(),
        decidable,
        own,
        usable: own
            && request.state == RequestState::Approved
            && request.way == Way::Download
            && request.usable_until.is_some_and(live),
        message_state: StateSign::of(message.state, m),
        message_id: message.queue_id.to_string(),
        text_told: (request.wanted == Wanted::Text && request.state == RequestState::Approved)
            .then_some(if message.state == State::Delivered { w.delivered } else { w.waiting }),
        request,
        shell,
        w,
    };
    show(&page)
}

fn parts(request: &Request, message: &StoredMessage) -> Vec<Part> {
    let Wanted::Parts(sections) = &request.wanted else { return Vec::new() };
    let part = |section: &String| {
        let removed = message.removed.iter().find(|part| part.section == *section);
        let name = removed.map_or_else(|| section.clone(), |part| part.name.clone());
        Part { section: section.clone(), name }
    };
    sections.iter().map(part).collect()
}

async fn decide(
    Extract(site): Extract<Site>,
    Path(id): Path<String>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let id = number(&id)?;
    let w = RequestWords::of(visit.language);
    let verdict = fields.get("verdict").to_owned();
    let told = match verdict.as_str() {
        "approve" => w.done_approve,
        "reject" => w.done_reject,
        "return" => w.done_return,
        _ => return Err(Failure::NotFound),
    };
    // A form with a choice in it says so; with nothing chosen there is nothing to approve.
    let chosen = |field: &'static str, name: &str, none: bool| {
        if verdict == "approve" && fields.is_set(name) && none {
            Err(Refusal::Invalid { field, why: Fault::Missing })
        } else {
            Ok(fields.is_set(name) && !none)
        }
    };
    let recipients = addresses(&fields, "recipient")?;
    let sections: Vec<String> = fields.all("section").map(str::to_owned).collect();
    let some_recipients = chosen("recipients", "choose-recipients", recipients.is_empty())?;
    let some_sections = chosen("sections", "choose-sections", sections.is_empty())?;
    let reason = fields.get("reason").to_owned();
    let person = visit.person.clone();
    site.ask(move |desk| {
        let verdict = match verdict.as_str() {
            "approve" => Verdict::Approve {
                recipients: some_recipients.then_some(recipients),
                sections: some_sections.then_some(sections),
                usable_until: desk.download_limit(),
            },
            "reject" => Verdict::Reject,
            _ => Verdict::Return,
        };
        desk.decide(&person, id, &verdict, &reason)
    })
    .await??;
    visit.tell(told).await?;
    Ok(Redirect::to(&format!("/requests/{}", id.0)).into_response())
}

async fn amend(
    Extract(site): Extract<Site>,
    Path(id): Path<String>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let id = number(&id)?;
    let (person, reason) = (visit.person.clone(), fields.get("reason").to_owned());
    site.ask(move |desk| desk.amend(&person, id, &reason)).await??;
    visit.tell(RequestWords::of(visit.language).done_amend).await?;
    Ok(Redirect::to(&format!("/requests/{}", id.0)).into_response())
}

async fn withdraw(
    Extract(site): Extract<Site>,
    Path(id): Path<String>,
    Posted { visit, .. }: Posted,
) -> Result<Response, Failure> {
    let id = number(&id)?;
    let person = visit.person.clone();
    site.ask(move |desk| desk.withdraw(&person, id)).await??;
    visit.tell(RequestWords::of(visit.language).done_withdraw).await?;
    Ok(Redirect::to(&format!("/requests/{}", id.0)).into_response())
}
