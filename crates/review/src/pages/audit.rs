//! The audit record (操作記録): finding what was done, saving it, checking that it is whole.

use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use sekimori_journal::{AuditKind, Key, Order, StoredAudit};
use sekimori_policy::Timestamp;
use sekimori_policy::csv::{BYTE_ORDER_MARK, CsvLine};

use super::Site;
use super::failure::Failure;
use super::fields::{Fields, path_with};
use super::filters;
use super::shell::{Shell, grouped, show};
use super::timeline::{Event, events};
use super::visit::{Posted, Visit};
use crate::desk::{AuditSearch, MAX_AUDIT_PAGE, Refusal, Right};
use crate::words::{AuditWords, ItemWords};

/// Records on one page.
const PAGE: usize = 100;
/// Most records that are saved at once from the page.
const MAX_SAVED: usize = 50_000;
/// Names of the conditions.
const CONDITIONS: [&str; 6] = ["organisation", "kind", "key", "actor", "since", "until"];

/// The routes of the audit record.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/audit", get(list))
        .route("/audit/export", post(export))
        .route("/audit/verify", post(verify))
}

struct Row {
    event: Event,
    message: Option<(String, String)>,
    details: String,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    w: &'static AuditWords,
    rows: Vec<Row>,
    organisations: Vec<Choice>,
    kinds: Vec<Choice>,
    fields: Vec<(&'static str, String)>,
    bad_key: bool,
    most: String,
    next: Option<String>,
}

impl AuditPage {
    fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value.as_str())
    }
}

/// What the conditions ask for; `None` where the number that is looked for is none.
fn search_of(site: &Site, visit: &Visit, fields: &Fields) -> Option<AuditSearch> {
    let mine = site.desk.organisations(&visit.person, Right::Audit);
    let organisation = Some(fields.get("organisation")).filter(|name| !name.is_empty());
    let day = |name: &str| Timestamp::parse_rfc3339(fields.get(name));
    let key = fields.get("key");
    let message = if key.is_empty() {
        None
    } else {
        let reference = key.parse().ok().map(Key::Reference);
        Some(reference.or_else(|| key.parse().ok().map(Key::QueueId))?)
    };
    Some(AuditSearch {
        organisation: organisation.map(str::to_owned).or_else(|| mine.first().cloned()),
        kinds: AuditKind::from_name(fields.get("kind")).into_iter().collect(),
        message,
        actor: Some(fields.get("actor")).filter(|name| !name.is_empty()).map(str::to_owned),
        since: day("since"),
        until: day("until").map(|day| day.plus_days(1)),
        order: Order::NewestFirst,
    })
}

async fn list(
    Extract(site): Extract<Site>,
    visit: Visit,
    fields: Fields,
) -> Result<Response, Failure> {
    let w = AuditWords::of(visit.language);
    let search = search_of(&site, &visit, &fields);
    let bad_key = search.is_none();
    let after = fields.get("after").parse().unwrap_or(0);
    let person = visit.person.clone();
    let chosen = search.as_ref().and_then(|search| search.organisation.clone());
    let search = search.unwrap_or_default();
    let asked = AuditSearch { organisation: chosen.clone(), ..search };
    let page = site.ask(move |desk| desk.audit(&person, &asked, after, PAGE)).await??;
    let shell = visit.shell(w.title);
    let records = if bad_key { Vec::new() } else { page.records };
    let kind = fields.get("kind").to_owned();
    let i = ItemWords::of(visit.language);
    let kinds = AuditKind::ALL.iter().map(|&one| Choice {
        value: one.as_str().to_owned(),
        label: i.kind(one).to_owned(),
        chosen: one.as_str() == kind,
    });
    let mine = site.desk.organisations(&visit.person, Right::Audit);
    let organisations = mine.into_iter().map(|name| Choice {
        chosen: chosen.as_ref() == Some(&name),
        value: name.clone(),
        label: name,
    });
    let values = CONDITIONS.map(|name| (name, fields.get(name).chars().take(100).collect()));
    let next = page.next.filter(|_| !bad_key).map(|after| {
        let after = after.to_string();
        let mut query: Vec<(&str, &str)> =
            CONDITIONS.iter().map(|&name| (name, fields.get(name))).collect();
        query.retain(|(_, value)| !value.is_empty());
        query.push(("after", &after));
        path_with("/audit", &query)
    });
    show(&AuditPage {
        w,
        rows: rows(&records, &shell),
        organisations: organisations.collect(),
        kinds: kinds.collect(),
        fields: values.into(),
        bad_key,
        most: grouped(u64::try_from(MAX_SAVED).unwrap_or(u64::MAX)),
        next,
        shell,
    })
}

fn rows(records: &[StoredAudit], shell: &Shell) -> Vec<Row> {
    let pairs = records.iter().zip(events(records, shell));
    pairs
        .map(|(stored, event)| {
            let record = &stored.record;
            let message = record.queue_id.zip(record.reference);
            Row {
                event,
                message: message.map(|(id, reference)| (id.to_string(), reference.to_string())),
                details: serde_json::to_string_pretty(&record.details).unwrap_or_default(),
            }
        })
        .collect()
}

async fn export(
    Extract(site): Extract<Site>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let Some(search) = search_of(&site, &visit, &fields) else {
        return Ok(Redirect::to("/audit").into_response());
    };
    let (person, csv) = (visit.person.clone(), fields.get("form") == "csv");
    let text = site.ask(move |desk| -> Result<String, Refusal> {
        let organisation = search.organisation.clone().unwrap_or_default();
        desk.note_export(&person, Right::Audit, &organisation, "audit")?;
        let mut out = if csv { BYTE_ORDER_MARK.to_owned() + &head() } else { String::new() };
        let (mut after, mut saved) = (0, 0_usize);
        while saved < MAX_SAVED {
            let page = desk.audit(&person, &search, after, MAX_AUDIT_PAGE)?;
            for stored in &page.records {
                out.push_str(&if csv { csv_line(stored) } else { json_line(stored) });
            }
            saved = saved.saturating_add(page.records.len());
            let Some(next) = page.next else { break };
            after = next;
        }
        Ok(out)
    });
    let text = text.await??;
    let (name, media_type) = if csv {
        ("audit.csv", "text/csv; charset=utf-8")
    } else {
        ("audit.jsonl", "application/jsonl")
    };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

fn head() -> String {
    let names = [
        "番号 number",
        "日時 at",
        "日時（和暦）",
        "種類 kind",
        "団体 organisation",
        "キューID queue_id",
        "受付番号 reference",
        "操作者 actor",
        "詳細 details",
    ];
    names.iter().fold(CsvLine::new(), |line, name| line.cell(name)).finish()
}

fn csv_line(stored: &StoredAudit) -> String {
    let record = &stored.record;
    CsvLine::new()
        .number(stored.number.unwrap_or_default())
        .moment(Some(record.at))
        .cell(record.kind.as_str())
        .cell(record.organisation.as_deref().unwrap_or_default())
        .cell(&record.queue_id.map(|id| id.to_string()).unwrap_or_default())
        .cell(&record.reference.map(|reference| reference.to_string()).unwrap_or_default())
        .cell(record.actor.as_deref().unwrap_or_default())
        .cell(&record.details.to_string())
        .finish()
}

fn json_line(stored: &StoredAudit) -> String {
    format!("{}\n", sekimori_journal::shapes::record(stored))
}

async fn verify(
    Extract(site): Extract<Site>,
    Posted { visit, .. }: Posted,
) -> Result<Response, Failure> {
    let person = visit.person.clone();
    let (records, faults) = site.ask(move |desk| desk.verify_audit(&person)).await??;
    let w = AuditWords::of(visit.language);
    let told = if faults == 0 {
        w.good.replacen("{}", &grouped(records), 1)
    } else {
        w.bad.replacen("{}", &grouped(faults), 1)
    };
    visit.tell(&told).await?;
    Ok(Redirect::to("/audit").into_response())
}
