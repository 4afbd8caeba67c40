//! What is done to several messages at once: asked for in the list, confirmed with a sample and a
//! reason, and told for each message.

use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::Response;
use axum::routing::post;
use sekimori_policy::QueueId;

use super::Site;
use super::failure::Failure;
use super::fields::{Fields, own_path};
use super::filter::Filter;
use super::filters;
use super::item::said;
use super::shell::{Shell, grouped, show};
use super::visit::{Posted, Visit};
use crate::desk::{Desk, MAX_BULK, Person, Refusal};
use crate::words::{ItemWords, ListWords, MessageWords};

/// Messages shown before something is done to all of them.
const SAMPLE: usize = 10;
/// Messages that are named one by one among those done.
const MAX_SHOWN_DONE: usize = 200;

/// The routes of bulk actions.
pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/messages/confirm", post(confirm)).route("/messages/apply", post(apply))
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Release,
    Reject,
    Delete,
    Restore,
    Extend,
}

impl Doing {
    fn read(fields: &Fields) -> Result<Self, Failure> {
        match fields.get("action") {
            "release" => Ok(Self::Release),
            "reject" => Ok(Self::Reject),
            "delete" => Ok(Self::Delete),
            "restore" => Ok(Self::Restore),
            "extend" => Ok(Self::Extend),
            _ => Err(Failure::NotFound),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Reject => "reject",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Extend => "extend",
        }
    }

    fn label(self, w: &ListWords) -> &'static str {
        match self {
            Self::Release => w.release,
            Self::Reject => w.reject,
            Self::Delete => w.delete,
            Self::Restore => w.restore,
            Self::Extend => w.extend,
        }
    }

    /// The question and what it means.
    fn asked(self, w: &ListWords) -> (&'static str, &'static str) {
        match self {
            Self::Release => (w.confirm_release, w.explain_release),
            Self::Reject => (w.confirm_reject, w.explain_reject),
            Self::Delete => (w.confirm_delete, w.explain_delete),
            Self::Restore => (w.confirm_restore, w.explain_restore),
            Self::Extend => (w.confirm_extend, w.explain_extend),
        }
    }
}

/// A message by what a person knows it by.
struct Named {
    id: String,
    reference: String,
    subject: String,
    from: String,
    why_not: String,
}

impl Named {
    fn of(desk: &Desk, person: &Person, id: QueueId) -> Self {
        let item = desk.item(person, id).ok();
        let item = item.as_ref();
        let summary = item.map(|item| &item.message.summary);
        Self {
            id: id.to_string(),
            reference: item
                .map_or_else(|| id.to_string(), |item| item.message.reference.to_string()),
            subject: summary.map(|summary| summary.subject.clone()).unwrap_or_default(),
            from: summary.map(|summary| summary.from.clone()).unwrap_or_default(),
            why_not: String::new(),
        }
    }
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    shell: Shell,
    w: &'static ListWords,
    i: &'static ItemWords,
    m: &'static MessageWords,
    doing: Doing,
    question: &'static str,
    explanation: &'static str,
    label: &'static str,
    danger: bool,
    back: String,
    ids: String,
    count: String,
    cut: Option<String>,
    sample: Vec<Named>,
}

#[derive(Template)]
#[template(path = "result.html")]
struct ResultPage {
    shell: Shell,
    w: &'static ListWords,
    m: &'static MessageWords,
    sentence: String,
    back: String,
    failed: Vec<Named>,
    done: Vec<Named>,
    done_cut: Option<usize>,
}

#[derive(Template)]
#[template(path = "none_chosen.html")]
struct NoneChosenPage {
    shell: Shell,
    w: &'static ListWords,
    back: String,
}

/// The way back to the list that a form carried.
fn back(fields: &Fields) -> String {
    own_path(fields.get("back")).unwrap_or("/messages").to_owned()
}

/// The shell of a page that answers a form: a switch of language leads back to the list.
fn shell_of(visit: &Visit, title: &str, back: &str) -> Shell {
    let mut shell = visit.shell(title);
    back.clone_into(&mut shell.here);
    shell
}

async fn confirm(
    Extract(site): Extract<Site>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let doing = Doing::read(&fields)?;
    let back = back(&fields);
    let w = ListWords::of(visit.language);
    let m = MessageWords::of(visit.language);
    let chosen: Vec<QueueId> = fields.all("id").filter_map(|id| id.parse().ok()).collect();
    let whole = fields.is_set("whole");
    let filter = Filter::read(&Fields::parse(fields.get("filter").as_bytes()));
    let person = visit.person.clone();
    let (ids, sample) = site
        .ask(move |desk| {
            let ids = if whole {
                // One more than can be done at once shows that there are more.
                desk.search_ids(&person, &filter.search(), MAX_BULK + 1)?
            } else {
                chosen
            };
            let sample: Vec<Named> =
                ids.iter().take(SAMPLE).map(|&id| Named::of(desk, &person, id)).collect();
            Ok::<_, Refusal>((ids, sample))
        })
        .await??;
    if ids.is_empty() {
        let shell = shell_of(&visit, w.none_chosen, &back);
        return show(&NoneChosenPage { shell, w, back });
    }
    let many = ids.len() > MAX_BULK;
    let most = grouped(u64::try_from(MAX_BULK).unwrap_or(u64::MAX));
    let cut = many.then(|| w.cut.replacen("{}", &most, 1).replacen("{}", &most, 1));
    let ids: Vec<String> = ids.iter().take(MAX_BULK).map(ToString::to_string).collect();
    let count = grouped(u64::try_from(ids.len()).unwrap_or(u64::MAX));
    let (question, explanation) = doing.asked(w);
    show(&ConfirmPage {
        shell: shell_of(&visit, question, &back),
        w,
        i: ItemWords::of(visit.language),
        m,
        doing,
        question,
        explanation,
        label: doing.label(w),
        danger: matches!(doing, Doing::Delete | Doing::Reject),
        back,
        ids: ids.join(" "),
        count: w.concerned.replacen("{}", &count, 1),
        cut,
        sample,
    })
}

async fn apply(
    Extract(site): Extract<Site>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let doing = Doing::read(&fields)?;
    let back = back(&fields);
    let w = ListWords::of(visit.language);
    let ids: Vec<QueueId> =
        fields.get("ids").split(' ').filter_map(|id| id.parse().ok()).take(MAX_BULK).collect();
    let reason = fields.get("reason").to_owned();
    let days = fields.get("days").parse().unwrap_or(0);
    let asking = visit.clone();
    let (failed, done, all_done) = site
        .ask(move |desk| {
            let person = &asking.person;
            let results = match doing {
                Doing::Release => desk.release(person, &ids, None, &reason),
                Doing::Reject => desk.reject(person, &ids, &reason),
                Doing::Delete => desk.delete(person, &ids, &reason),
                Doing::Restore => desk.restore(person, &ids, &reason),
                Doing::Extend => desk.extend(person, &ids, days, &reason),
            };
            // A missing reason, or a right that is missing everywhere, is said once.
            let refused = results.iter().filter_map(|(_, result)| result.as_ref().err());
            if let Some(refusal @ (Refusal::Invalid { .. } | Refusal::TooMany)) =
                refused.clone().next()
                && refused.count() == results.len()
            {
                return Err(refusal.clone());
            }
            let all_done = results.iter().filter(|(_, result)| result.is_ok()).count();
            let (mut failed, mut done) = (Vec::new(), Vec::new());
            for (id, result) in results {
                match result {
                    Ok(()) if done.len() < MAX_SHOWN_DONE => {
                        done.push(Named::of(desk, person, id));
                    }
                    Ok(()) => (),
                    Err(refusal) => failed.push(Named {
                        why_not: said(&refusal, &asking),
                        ..Named::of(desk, person, id)
                    }),
                }
            }
            Ok((failed, done, all_done))
        })
        .await??;
    let number = |count: usize| grouped(u64::try_from(count).unwrap_or(u64::MAX));
    let sentence = if failed.is_empty() {
        w.result_all.replacen("{}", &number(all_done), 1)
    } else {
        w.result_some.replacen("{}", &number(all_done), 1).replacen("{}", &number(failed.len()), 1)
    };
    show(&ResultPage {
        shell: shell_of(&visit, w.result, &back),
        w,
        m: MessageWords::of(visit.language),
        sentence,
        back,
        failed,
        done_cut: (all_done > done.len()).then_some(done.len()),
        done,
    })
}
