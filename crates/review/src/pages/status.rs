//! How the machine is (状態), for its operators: what waits, the next hops, the disk, what went wrong.

use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::Response;
use axum::routing::get;
use sekimori_journal::State;

use super::Site;
use super::failure::Failure;
use super::shell::{Shell, grouped, show};
use super::visit::Visit;
use crate::words::{MessageWords, StatusWords};

/// The routes of the machine's state.
pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/status", get(status))
}

struct Hop {
    lane: &'static str,
    server: String,
    class: &'static str,
    shape: &'static str,
    state: &'static str,
    why: String,
}

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage {
    shell: Shell,
    w: &'static StatusWords,
    version: String,
    since: String,
    hindrances: Vec<String>,
    states: Vec<(&'static str, String)>,
    oldest: Option<String>,
    disk: Vec<(&'static str, String)>,
    is_known: bool,
    hops: Vec<Hop>,
    errors: Vec<(String, String)>,
}

async fn status(Extract(site): Extract<Site>, visit: Visit) -> Result<Response, Failure> {
    let w = StatusWords::of(visit.language);
    let m = MessageWords::of(visit.language);
    let health = site.health().cloned().ok_or(Failure::NotFound)?;
    let person = visit.person.clone();
    let report = site.ask(move |desk| desk.health(&person, health.as_ref())).await??;
    let shell = visit.shell(w.title);
    let statistics = report.statistics.as_ref();
    let states = statistics.map(|statistics| {
        let count = |state| grouped(statistics.state(state).messages);
        State::ALL.map(|state| (m.state(state), count(state))).to_vec()
    });
    let disk = statistics.map(|statistics| {
        vec![
            (w.free, shell.octets(&statistics.free_octets)),
            (w.reserve, shell.octets(&report.reserve_octets)),
            (w.bodies, shell.octets(&statistics.segment_octets)),
            (w.database, shell.octets(&statistics.database_octets)),
            (w.lost, grouped(statistics.audit_lost)),
        ]
    });
    let hops = report.hops.iter().map(|hop| {
        let (class, shape, state) = match hop.is_reached {
            Some(false) => ("failed", "▲", w.down),
            _ => ("delivered", "✔", w.up),
        };
        let lane = if hop.lane == "return" { w.back } else { w.forward };
        let why = hop.last_reply.clone().unwrap_or_default();
        Hop { lane, server: hop.hop.clone(), class, shape, state, why }
    });
    let errors = report.errors.iter().map(|error| (shell.date(&error.at), error.what.clone()));
    show(&StatusPage {
        w,
        since: shell.date(&report.started_at),
        version: report.version.clone(),
        hindrances: report.hindrances.clone(),
        is_known: statistics.is_some(),
        states: states.unwrap_or_default(),
        oldest: statistics.and_then(|s| s.oldest_queued).map(|at| shell.date(&at)),
        disk: disk.unwrap_or_default(),
        hops: hops.collect(),
        errors: errors.collect(),
        shell,
    })
}
