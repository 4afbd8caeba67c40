//! The list of messages: search, conditions, and the way to what is done to several of them.

use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use sekimori_journal::{Count, Search, State};
use sekimori_policy::{Code, Effect, Mode, QueueId};

use super::Site;
use super::failure::Failure;
use super::fields::{Fields, path_with};
use super::filter::{Chip, Filter};
use super::filters;
use super::rows::Row;
use super::shell::{Shell, grouped, show};
use super::visit::Visit;
use crate::desk::{Desk, Refusal, Right};
use crate::words::{ListWords, MessageWords};

/// Messages on one page.
const PAGE: usize = 50;

/// The routes of the list.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(home))
        .route("/messages", get(list))
        .route("/look-up", get(look_up))
}

/// A state to choose by one press.
struct Tab {
    label: &'static str,
    path: String,
    current: bool,
}

/// Decisions to choose from, by effect.
struct CodeGroup {
    label: &'static str,
    codes: Vec<Choice>,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// Why there is nothing in the list.
struct Nothing {
    sign: &'static str,
    what: &'static str,
    to_do: &'static str,
}

/// What may be done to the messages chosen.
struct Doing {
    name: &'static str,
    label: &'static str,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    shell: Shell,
    w: &'static ListWords,
    m: &'static MessageWords,
    filter: Filter,
    query: String,
    tabs: Vec<Tab>,
    chips: Vec<Chip>,
    codes: Vec<CodeGroup>,
    organisations: Vec<Choice>,
    more_open: bool,
    bad_date: bool,
    rows: Vec<Row>,
    count: String,
    whole: Option<String>,
    doings: Vec<Doing>,
    next: Option<String>,
    first: Option<String>,
    nothing: Option<Nothing>,
}

impl ListPage {
    /// Where a message leads back to: this page, at its row.
    fn back(&self, row: &Row) -> String {
        format!("{}#m-{}", self.shell.here, row.id)
    }
}

/// Leads to what a person most likely came for.
async fn home(Extract(site): Extract<Site>, visit: Visit) -> Result<Response, Failure> {
    if !visit.may(Right::SeeOwn) {
        let elsewhere = visit.shell("").menu.first().map(|entry| entry.path);
        return Ok(Redirect::to(elsewhere.unwrap_or("/password")).into_response());
    }
    let person = visit.person.clone();
    let to = if visit.may(Right::Decide) {
        let held = Search { states: vec![State::Held], ..Search::default() };
        let hits = site.ask(move |desk| desk.search(&person, &held, None, 1)).await??;
        if hits.messages.is_empty() { "/messages" } else { "/messages?state=held" }
    } else {
        "/messages"
    };
    Ok(Redirect::to(to).into_response())
}

/// Where the link of a notice leads: straight to the message of a 受付番号.
async fn look_up(
    Extract(site): Extract<Site>,
    visit: Visit,
    fields: Fields,
) -> Result<Response, Failure> {
    let (person, key) = (visit.person, fields.get("reference").to_owned());
    let to = path_with("/messages", &[("text", &key)]);
    match site.ask(move |desk| desk.find(&person, &key)).await? {
        Ok(id) => Ok(Redirect::to(&format!("/messages/{id}")).into_response()),
        Err(Refusal::NotFound | Refusal::Invalid { .. }) => Ok(Redirect::to(&to).into_response()),
        Err(refusal) => Err(refusal.into()),
    }
}

async fn list(
    Extract(site): Extract<Site>,
    visit: Visit,
    fields: Fields,
) -> Result<Response, Failure> {
    let filter = Filter::read(&fields);
    // A 受付番号 that was typed is wanted itself, not a list of it.
    if fields.is_set("go") && !filter.text.is_empty() && filter.states.is_empty() {
        let (person, key) = (visit.person.clone(), filter.text.clone());
        if let Ok(id) = site.ask(move |desk| desk.find(&person, &key)).await? {
            let back = path_with("/messages", &[]);
            let to = path_with(&format!("/messages/{id}"), &[("back", &back)]);
            return Ok(Redirect::to(&to).into_response());
        }
    }
    let after = fields.get("after").parse::<QueueId>().ok();
    let (person, search) = (visit.person.clone(), filter.search());
    let hits = site.ask(move |desk| desk.search(&person, &search, after, PAGE)).await??;
    let w = ListWords::of(visit.language);
    let m = MessageWords::of(visit.language);
    let shell = visit.shell(w.title);
    let nothing = if hits.messages.is_empty() {
        let (person, filter) = (visit.person.clone(), filter.clone());
        let why = site.ask(move |desk| why_nothing(desk, &person, &filter)).await??;
        Some(why.said(w))
    } else {
        None
    };
    let (count, all) = match hits.count {
        Count::Exactly(n) => (w.count_exactly.replacen("{}", &grouped(n), 1), Some(n)),
        Count::MoreThan(n) => (w.count_more.replacen("{}", &grouped(n), 1), None),
    };
    let shown = u64::try_from(hits.messages.len()).unwrap_or(u64::MAX);
    let whole = match all {
        Some(n) if n <= shown => None,
        Some(n) => Some(grouped(n)),
        None => Some(grouped(sekimori_journal::register::search::MAX_COUNT) + "+"),
    };
    let path = filter.path();
    let joint = if path.contains('?') { '&' } else { '?' };
    let page = ListPage {
        tabs: tabs(&filter, w, m),
        chips: filter.chips(w, m, visit.is_japanese()),
        codes: code_groups(&filter, &shell, m),
        organisations: organisations(&visit, &filter),
        more_open: !filter.is_wide() && filter.text.is_empty(),
        bad_date: filter.has_bad_date(),
        query: path.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default(),
        rows: hits.messages.into_iter().map(|listed| Row::new(listed, &shell)).collect(),
        count,
        whole,
        doings: if visit.may(Right::Decide) { doings(&filter, w) } else { Vec::new() },
        next: hits.next.map(|id| format!("{path}{joint}after={id}")),
        first: after.map(|_| path.clone()),
        nothing,
        filter,
        shell,
        w,
        m,
    };
    show(&page)
}

fn tabs(filter: &Filter, w: &ListWords, m: &MessageWords) -> Vec<Tab> {
    let tab = |label, states: Vec<State>| Tab {
        label,
        current: filter.states == states,
        path: Filter { states, ..filter.clone() }.path(),
    };
    let order = [State::Held, State::Queued, State::Delivered, State::Failed, State::Deleted];
    std::iter::once(tab(w.all_states, Vec::new()))
        .chain(order.into_iter().map(|state| tab(m.state(state), vec![state])))
        .collect()
}

fn code_groups(filter: &Filter, shell: &Shell, m: &MessageWords) -> Vec<CodeGroup> {
    let group = |effect: Effect| CodeGroup {
        label: m.effect(effect),
        codes: Code::ALL
            .iter()
            .filter(|code| code.effect() == effect)
            .map(|&code| Choice {
                value: code.as_str().to_owned(),
                label: shell.sentence(code).to_owned(),
                chosen: filter.code == Some(code),
            })
            .collect(),
    };
    [Effect::Hold, Effect::Note, Effect::Drop, Effect::Change].map(group).into()
}

/// The organisations to choose from; none where there is but one.
fn organisations(visit: &Visit, filter: &Filter) -> Vec<Choice> {
    let names = visit.person.organisations(Right::SeeOwn, visit.now);
    if names.len() < 2 {
        return Vec::new();
    }
    let choice = |name: String| Choice {
        chosen: filter.organisation == name,
        label: name.clone(),
        value: name,
    };
    names.into_iter().map(choice).collect()
}

fn doings(filter: &Filter, w: &'static ListWords) -> Vec<Doing> {
    let only = |state| filter.states == [state];
    let deleted = only(State::Deleted);
    let held = filter.states.is_empty() || filter.states.contains(&State::Held);
    let queued = held || filter.states.contains(&State::Queued);
    let doing = |shown: bool, name, label, class| shown.then_some(Doing { name, label, class });
    [
        doing(held, "release", w.release, "main"),
        doing(held, "reject", w.reject, ""),
        doing(true, "extend", w.extend, ""),
        doing(deleted || filter.states.is_empty(), "restore", w.restore, ""),
        doing(queued, "delete", w.delete, "danger"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Why a list has nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Empty {
    /// The conditions match nothing.
    NoMatch,
    /// There is mail, and none of it is held.
    NoneHeld,
    /// There is no mail at all.
    NoMail,
    /// Nothing is held since the organisations' mail goes straight on.
    SwitchedOff,
}

impl Empty {
    fn said(self, w: &'static ListWords) -> Nothing {
        let (sign, what, to_do) = match self {
            Self::NoMatch => ("？", w.nothing_found, w.nothing_found_do),
            Self::NoneHeld => ("✔", w.none_held, w.none_held_do),
            Self::NoMail => ("○", w.empty, w.empty_do),
            Self::SwitchedOff => ("－", w.switched_off, w.switched_off_do),
        };
        Nothing { sign, what, to_do }
    }
}

fn why_nothing(
    desk: &Desk,
    person: &crate::desk::Person,
    filter: &Filter,
) -> Result<Empty, Refusal> {
    if !filter.is_wide() || !(filter.states.is_empty() || filter.states == [State::Held]) {
        return Ok(Empty::NoMatch);
    }
    let goes_straight_on = desk
        .organisations(person, Right::SeeOwn)
        .iter()
        .filter_map(|name| desk.organisation(name))
        .all(|organisation| organisation.mode == Mode::Deliver);
    if goes_straight_on && filter.states == [State::Held] {
        return Ok(Empty::SwitchedOff);
    }
    let any = desk.search(person, &Search::default(), None, 1)?;
    Ok(if any.messages.is_empty() { Empty::NoMail } else { Empty::NoneHeld })
}
