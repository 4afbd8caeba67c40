//! The settings in force of the reader's organisations.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::Response;
use axum::routing::get;
use sekimori_policy::{EncryptedParts, Language, LinkMode, Mode, Organisation};

use super::Site;
use super::failure::Failure;
use super::shell::{Shell, show};
use super::visit::Visit;
use crate::desk::{Refusal, Right, Why};
use crate::words::AuditWords;

/// The routes of organisations.
pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/organisations", get(list))
}

struct Settings {
    name: String,
    rows: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "organisations.html")]
struct OrganisationsPage {
    shell: Shell,
    w: &'static AuditWords,
    organisations: Vec<Settings>,
}

async fn list(Extract(site): Extract<Site>, visit: Visit) -> Result<Response, Failure> {
    let w = AuditWords::of(visit.language);
    let mut names = Vec::new();
    for right in [Right::People, Right::Audit, Right::Decide] {
        names.extend(site.desk.organisations(&visit.person, right));
    }
    names.sort();
    names.dedup();
    if names.is_empty() {
        return Err(Refusal::NotPermitted(Why::Right(Right::Report)).into());
    }
    let known = names.iter().filter_map(|name| site.desk.organisation(name));
    let organisations = known.map(|organisation| settings(&site, &organisation, w)).collect();
    show(&OrganisationsPage { shell: visit.shell(w.organisations), w, organisations })
}

fn settings(site: &Site, organisation: &Arc<Organisation>, w: &AuditWords) -> Settings {
    let domains: Vec<_> = organisation.domains.iter().map(ToString::to_string).collect();
    let words = |chosen: &'static str| chosen.to_owned();
    let needed = |is_needed: bool| words(if is_needed { w.yes } else { w.no });
    let (text, original) = site.desk.two_persons(&organisation.name);
    let rows = vec![
        (w.domains, domains.join(", ")),
        (
            w.mode,
            words(match organisation.mode {
                Mode::Deliver => w.mode_deliver,
                Mode::Review => w.mode_review,
            }),
        ),
        (w.two_text, needed(text)),
        (w.two_original, needed(original)),
        (w.retention, organisation.retention_days.to_string()),
        (
            w.encrypted,
            words(match organisation.encrypted {
                EncryptedParts::List => w.encrypted_list,
                EncryptedParts::Hold => w.encrypted_hold,
            }),
        ),
        (
            w.links,
            words(match organisation.links {
                LinkMode::Text => w.links_text,
                LinkMode::Defanged => w.links_defanged,
                LinkMode::Removed => w.links_removed,
            }),
        ),
        (
            w.language,
            words(match organisation.language {
                Language::Japanese => w.japanese,
                Language::English => w.english,
            }),
        ),
    ];
    Settings { name: organisation.name.clone(), rows }
}
