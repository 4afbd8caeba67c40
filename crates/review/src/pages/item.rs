//! One message: what it is, what would cross, what was done, and what this person may do with it.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use sekimori_journal::{
    NewRequest, RecipientState, RequestState, State, StoredMessage, Wanted, Way,
};
use sekimori_policy::{Address, Effect, QueueId};

use super::Site;
use super::failure::Failure;
use super::fields::{Fields, own_path, path_with};
use super::filters;
use super::requests::RequestRow;
use super::rows::StateSign;
use super::shell::{Shell, show};
use super::timeline::{Event, events};
use super::visit::{Posted, Visit};
use crate::desk::{Fault, Item, Possible, Refusal};
use crate::words::{ItemWords, MessageWords};

/// Recipients that are named one by one; the page says how many more there are.
const MAX_SHOWN_RECIPIENTS: usize = 200;

/// The routes of one message.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/messages/{id}", get(item))
        .route("/messages/{id}/request", post(request))
        .route("/messages/{id}/{action}", post(act))
}

struct RecipientLine {
    address: String,
    class: &'static str,
    state: &'static str,
    reply: Option<String>,
    next: Option<String>,
}

struct EffectGroup {
    heading: &'static str,
    decisions: Vec<DecisionLine>,
}

struct DecisionLine {
    sentence: &'static str,
    code: &'static str,
    count: Option<u64>,
    detail: Option<String>,
}

struct PartLine {
    section: String,
    name: String,
    detected: String,
    declared: Option<String>,
    size: String,
    reason: &'static str,
    asked: bool,
}

struct HandOverLine {
    recipient: String,
    state: &'static str,
    reply: Option<String>,
}

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage {
    shell: Shell,
    w: &'static ItemWords,
    m: &'static MessageWords,
    back: String,
    id: String,
    item: Item,
    state: StateSign,
    subject: String,
    recipients: Vec<RecipientLine>,
    more_recipients: usize,
    text: Option<Result<String, String>>,
    header: Vec<(String, String)>,
    effects: Vec<EffectGroup>,
    parts: Vec<PartLine>,
    requests: Vec<RequestRow>,
    hand_overs: Vec<HandOverLine>,
    events: Vec<Event>,
    ask_open: bool,
    by_mail: bool,
    own_open: bool,
    restorable: String,
}

impl ItemPage {
    fn can(&self, name: &str) -> bool {
        let what = match name {
            "request-text" => Possible::RequestText,
            "request-original" => Possible::RequestOriginal,
            "release" => Possible::Release,
            "reject" => Possible::Reject,
            "delete" => Possible::Delete,
            "restore" => Possible::Restore,
            "extend" => Possible::Extend,
            "download" => Possible::DownloadOriginal,
            "download-parts" => Possible::DownloadParts,
            _ => return false,
        };
        self.item.can(what)
    }

    fn can_request(&self) -> bool {
        self.can("request-text") || self.can("request-original")
    }

    /// Whether only the two-person rule keeps this person from sending the text.
    fn waits_for_second(&self) -> bool {
        self.can("reject") && !self.can("release")
    }
}

async fn item(
    Extract(site): Extract<Site>,
    visit: Visit,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let id: QueueId = id.parse().map_err(|_| Failure::NotFound)?;
    let person = visit.person.clone();
    let (item, records, text, header, by_mail) = site
        .ask(move |desk| {
            let item = desk.item(&person, id)?;
            let reads = item.can(Possible::Read);
            // What was looked at is on record before the record is read.
            let text = reads.then(|| desk.text(&person, id));
            let header = if reads && item.message.has_original {
                desk.header(&person, id).unwrap_or_default()
            } else {
                Vec::new()
            };
            let records = desk.timeline(&person, id).unwrap_or_default();
            let by_mail = desk.settings().internet_hop;
            Ok::<_, Refusal>((item, records, text, header, by_mail))
        })
        .await??;
    let m = MessageWords::of(visit.language);
    let message = &item.message;
    let subject = if message.summary.subject.is_empty() {
        m.no_subject.to_owned()
    } else {
        message.summary.subject.clone()
    };
    let shell = visit.shell(format!("{} {subject}", message.reference));
    let own = |state| {
        let mine = |r: &&sekimori_journal::Request| r.requester == visit.person.account.id;
        item.requests.iter().filter(mine).any(|r| r.state == state)
    };
    let asked: Vec<&str> = fields.all("ask").collect();
    let page = ItemPage {
        w: ItemWords::of(visit.language),
        m,
        back: own_path(fields.get("back")).unwrap_or("/messages").to_owned(),
        id: id.to_string(),
        state: StateSign::of(message.state, m),
        recipients: recipients(message, &shell),
        more_recipients: message.recipients.len().saturating_sub(MAX_SHOWN_RECIPIENTS),
        text: text.map(|text| text.map_err(|refusal| said(&refusal, &visit))),
        header,
        effects: effects(message, &shell),
        parts: parts(message, &asked, &shell),
        requests: item.requests.iter().map(|r| RequestRow::new(r, &shell)).collect(),
        hand_overs: hand_overs(&item, &visit),
        events: events(&records, &shell),
        ask_open: !asked.is_empty(),
        by_mail,
        own_open: own(RequestState::Open),
        restorable: item.restorable_until.map(|at| shell.date(&at)).unwrap_or_default(),
        subject,
        item,
        shell,
    };
    show(&page)
}

/// A refusal in the language of a visit.
pub(crate) fn said(refusal: &Refusal, visit: &Visit) -> String {
    if visit.is_japanese() { refusal.japanese() } else { refusal.english() }
}

fn recipients(message: &StoredMessage, shell: &Shell) -> Vec<RecipientLine> {
    let m = MessageWords::of(shell.language);
    let line = |recipient: &sekimori_journal::StoredRecipient| RecipientLine {
        address: recipient.address.as_str().to_owned(),
        class: match (recipient.state, message.state) {
            (RecipientState::Delivered, _) => "delivered",
            (RecipientState::Failed, _) => "failed",
            (RecipientState::Waiting, State::Queued) => "queued",
            (RecipientState::Waiting, _) => "deleted",
        },
        state: m.recipient(recipient.state),
        reply: recipient.last_reply.clone(),
        next: recipient
            .next_attempt_at
            .filter(|_| message.state == State::Queued)
            .map(|at| shell.date(&at)),
    };
    message.recipients.iter().take(MAX_SHOWN_RECIPIENTS).map(line).collect()
}

fn effects(message: &StoredMessage, shell: &Shell) -> Vec<EffectGroup> {
    let m = MessageWords::of(shell.language);
    let group = |effect| {
        let of_effect = message.decisions.iter().filter(|d| d.code.effect() == effect);
        let decisions: Vec<DecisionLine> = of_effect
            .map(|decision| DecisionLine {
                sentence: shell.sentence(decision.code),
                code: decision.code.as_str(),
                count: (decision.count > 1).then_some(decision.count),
                detail: decision.detail.clone(),
            })
            .collect();
        EffectGroup { heading: m.effect(effect), decisions }
    };
    [Effect::Hold, Effect::Reject, Effect::Note, Effect::Drop, Effect::Change]
        .map(group)
        .into_iter()
        .filter(|group| !group.decisions.is_empty())
        .collect()
}

fn parts(message: &StoredMessage, asked: &[&str], shell: &Shell) -> Vec<PartLine> {
    let line = |part: &sekimori_policy::RemovedPart| PartLine {
        section: part.section.clone(),
        name: part.name.clone(),
        detected: part.detected_type.clone(),
        declared: (part.declared_type != part.detected_type).then(|| part.declared_type.clone()),
        size: shell.octets(&part.size),
        reason: shell.sentence(part.reason),
        asked: asked.contains(&part.section.as_str()),
    };
    message.removed.iter().map(line).collect()
}

fn hand_overs(item: &Item, visit: &Visit) -> Vec<HandOverLine> {
    use sekimori_journal::HandOverState::{Done, Failed, Waiting};
    let w = ItemWords::of(visit.language);
    let line = |hand_over: &sekimori_journal::HandOver| HandOverLine {
        recipient: hand_over.recipient.as_str().to_owned(),
        state: match hand_over.state {
            Waiting => w.hand_over_waiting,
            Done => w.hand_over_done,
            Failed => w.hand_over_failed,
        },
        reply: hand_over.last_reply.clone(),
    };
    item.hand_overs.iter().map(line).collect()
}

/// The page of a message, with the way back that a form carried.
fn again(id: QueueId, fields: &Fields) -> Redirect {
    let back = own_path(fields.get("back")).map(|back| ("back", back));
    Redirect::to(&path_with(&format!("/messages/{id}"), back.as_slice()))
}

/// Addresses that a form names, by check boxes or parted by blanks.
pub(crate) fn addresses(fields: &Fields, name: &str) -> Result<Vec<Address>, Refusal> {
    fields
        .all(name)
        .flat_map(|value| value.split([' ', '\u{3000}', ',', '\n', '\r', '\t']))
        .filter(|text| !text.is_empty())
        .map(|text| {
            Address::parse(text)
                .map_err(|_| Refusal::Invalid { field: "recipients", why: Fault::Form })
        })
        .collect()
}

async fn act(
    Extract(site): Extract<Site>,
    Path((id, action)): Path<(String, String)>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let id: QueueId = id.parse().map_err(|_| Failure::NotFound)?;
    let w = ItemWords::of(visit.language);
    let told = match action.as_str() {
        "release" => w.done_release,
        "reject" => w.done_reject,
        "delete" => w.done_delete,
        "restore" => w.done_restore,
        "extend" => w.done_extend,
        _ => return Err(Failure::NotFound),
    };
    let named = addresses(&fields, "recipient")?;
    if fields.is_set("choose") && named.is_empty() {
        return Err(Refusal::Invalid { field: "recipients", why: Fault::Missing }.into());
    }
    let reason = fields.get("reason").to_owned();
    let days = fields.get("days").parse().unwrap_or(0);
    let person = visit.person.clone();
    let done = site
        .ask(move |desk| {
            let recipients = (!named.is_empty()).then_some(named.as_slice());
            match action.as_str() {
                "release" => desk.release(&person, &[id], recipients, &reason),
                "reject" => desk.reject(&person, &[id], &reason),
                "delete" => desk.delete(&person, &[id], &reason),
                "restore" => desk.restore(&person, &[id], &reason),
                _ => desk.extend(&person, &[id], days, &reason),
            }
        })
        .await?;
    for (_, result) in done {
        result?;
    }
    visit.tell(told).await?;
    Ok(again(id, &fields).into_response())
}

async fn request(
    Extract(site): Extract<Site>,
    Path(id): Path<String>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Failure> {
    let queue_id: QueueId = id.parse().map_err(|_| Failure::NotFound)?;
    let wanted = match fields.get("wanted") {
        "text" => Wanted::Text,
        "parts" => Wanted::Parts(fields.all("section").map(str::to_owned).collect()),
        "original" => Wanted::Original,
        _ => return Err(Refusal::Invalid { field: "wanted", why: Fault::Missing }.into()),
    };
    let way = if fields.get("way") == "mail" { Way::Mail } else { Way::Download };
    let recipients = match way {
        Way::Mail if wanted.is_original() => addresses(&fields, "mailbox")?,
        _ => Vec::new(),
    };
    let reason = fields.get("reason").to_owned();
    let asked = NewRequest { queue_id, wanted, recipients, way, reason };
    let person = visit.person.clone();
    site.ask(move |desk| desk.request(&person, &asked)).await??;
    visit.tell(ItemWords::of(visit.language).done_request).await?;
    Ok(again(queue_id, &fields).into_response())
}
