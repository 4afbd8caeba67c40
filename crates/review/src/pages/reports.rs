//! Reports: which one, of which organisation and period; and the report itself, as a page or a file.
//!
//! A report is drawn up by a POST, since it goes on record and reads the whole record.

use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Site;
use super::failure::Failure;
use super::shell::{Shell, show};
use super::visit::{Posted, Visit};
use crate::desk::{Refusal, Right, Why};
use crate::report::{Kind, Period, Report};
use crate::words::ReportWords;

/// The routes of reports.
pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/reports", get(choose).post(draw_up))
}

struct Choice {
    kind: Kind,
    title: &'static str,
    explain: &'static str,
}

#[derive(Template)]
#[template(path = "reports.html")]
struct ReportsPage {
    shell: Shell,
    w: &'static ReportWords,
    choices: Vec<Choice>,
    chosen: Kind,
    organisations: Vec<String>,
    organisation: String,
    period: String,
    is_wrong: bool,
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    shell: Shell,
    w: &'static ReportWords,
    report: Report,
}

impl ReportsPage {
    fn new(site: &Site, visit: &Visit) -> Result<Self, Failure> {
        let organisations = site.desk.organisations(&visit.person, Right::Report);
        if organisations.is_empty() {
            return Err(Failure::from(Refusal::NotPermitted(Why::Right(Right::Report))));
        }
        let w = ReportWords::of(visit.language);
        let explain = |kind| match kind {
            Kind::Monthly => w.monthly_explain,
            Kind::SelfCheck => w.self_check_explain,
            Kind::Requests => w.requests_explain,
        };
        let choice =
            |kind: Kind| Choice { kind, title: kind.title(visit.language), explain: explain(kind) };
        let before = Period::month_before(visit.now).map(|period| period.since().rfc3339());
        let period = before.ok().and_then(|day| day.get(..7).map(str::to_owned));
        Ok(Self {
            shell: visit.shell(w.title),
            w,
            choices: Kind::ALL.map(choice).into(),
            chosen: Kind::Monthly,
            organisation: organisations.first().cloned().unwrap_or_default(),
            organisations,
            period: period.unwrap_or_default(),
            is_wrong: false,
        })
    }
}

async fn choose(Extract(site): Extract<Site>, visit: Visit) -> Result<Response, Failure> {
    show(&ReportsPage::new(&site, &visit)?)
}

async fn draw_up(
    Extract(site): Extract<Site>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let kind = Kind::from_name(fields.get("kind")).unwrap_or(Kind::Monthly);
    let organisation = fields.get("organisation").to_owned();
    let Ok(period) = Period::parse(fields.get("period")) else {
        let page = ReportsPage {
            chosen: kind,
            organisation,
            period: fields.get("period").chars().take(40).collect(),
            is_wrong: true,
            ..ReportsPage::new(&site, &visit)?
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
    };
    let (person, language) = (visit.person.clone(), visit.language);
    let report =
        site.ask(move |desk| desk.report(&person, kind, &organisation, period, language)).await??;
    if fields.is_set("csv") {
        return Ok(saved(&report));
    }
    let title = kind.title(language);
    show(&ReportPage { shell: visit.shell(title), w: ReportWords::of(language), report })
}

/// The report as a file to save.
fn saved(report: &Report) -> Response {
    let disposition = format!("attachment; filename=\"{}.csv\"", report.file_name());
    let mut response = report.csv().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
