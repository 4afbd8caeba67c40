//! Accounts as a CSV file: saved, and brought in after a look at what would change.

use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::Site;
use super::failure::Failure;
use super::item::said;
use super::shell::{Shell, show};
use super::visit::{Posted, Visit};
use crate::desk::{Import, ImportedChange, Refusal, Right, Why};
use crate::words::PeopleWords;

/// The routes of accounts as a file.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/accounts/csv", post(export))
        .route("/accounts/import", get(form).post(import))
}

struct Fault {
    line: usize,
    column: String,
    why: String,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    shell: Shell,
    w: &'static PeopleWords,
    csv: String,
    faults: Vec<Fault>,
    changes: Vec<(String, String)>,
    tried: bool,
}

async fn export(
    Extract(site): Extract<Site>,
    Posted { visit, .. }: Posted,
) -> Result<Response, Failure> {
    let person = visit.person.clone();
    let csv = site.ask(move |desk| desk.export_csv(&person)).await??;
    let mut response = csv.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let disposition = HeaderValue::from_static("attachment; filename=\"accounts.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

async fn form(visit: Visit) -> Result<Response, Failure> {
    if !visit.may(Right::People) {
        return Err(Refusal::NotPermitted(Why::Right(Right::People)).into());
    }
    page(&visit, String::new(), None)
}

fn page(visit: &Visit, csv: String, import: Option<&Import>) -> Result<Response, Failure> {
    let w = PeopleWords::of(visit.language);
    let faults = import.map(|import| &import.faults).into_iter().flatten();
    let accounts = import.map(|import| &import.accounts).into_iter().flatten();
    let changes = accounts.map(|account| {
        let what = match &account.change {
            ImportedChange::Added => w.csv_added.to_owned(),
            ImportedChange::Changed(columns) => columns.join(", "),
            ImportedChange::Unchanged => w.csv_same.to_owned(),
        };
        (account.login.clone(), what)
    });
    show(&ImportPage {
        shell: visit.shell(w.csv),
        w,
        csv,
        faults: faults
            .map(|fault| Fault {
                line: fault.line,
                column: fault.column.clone(),
                why: said(&fault.why, visit),
            })
            .collect(),
        changes: changes.collect(),
        tried: import.is_some(),
    })
}

async fn import(
    Extract(site): Extract<Site>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let csv = fields.raw("csv").to_owned();
    let (person, file, trial) = (visit.person.clone(), csv.clone(), !fields.is_set("apply"));
    let import = site.ask(move |desk| desk.import_csv(&person, file.as_bytes(), trial)).await??;
    if import.is_applied {
        visit.tell(PeopleWords::of(visit.language).csv_done).await?;
        return Ok(Redirect::to("/accounts").into_response());
    }
    page(&visit, csv, Some(&import))
}
