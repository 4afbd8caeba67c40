//! Requests (取り出し申請) and what is decided on them.

use std::io::{self, Write};

use sekimori_journal::{
    NewRequest, Request, RequestFilter, RequestId, RequestState, Verdict, Wanted, Way,
};
use sekimori_policy::Address;
use sekimori_review::desk::{Desk, Person, Refusal};
use serde_json::json;

use super::super::desk::{self, failure};
use super::acting::{Results, say};
use super::choosing::{addresses, one, usage};
use super::listing::printed_request;
use crate::cli::{MessagesArgs, RequestArgs, RequestDecisionArgs, RequestsArgs, WithdrawArgs};
use crate::exit::Failure;

/// Requests fetched from the store at once.
const PAGE: usize = 500;

/// A decision on requests.
pub(super) enum Decision {
    Approve { recipients: Option<Vec<Address>>, sections: Option<Vec<String>> },
    Reject,
    SendBack,
}

impl Decision {
    fn verdict(&self, desk: &Desk) -> Verdict {
        match self {
            Self::Approve { recipients, sections } => Verdict::Approve {
                recipients: recipients.clone(),
                sections: sections.clone(),
                usable_until: desk.download_limit(),
            },
            Self::Reject => Verdict::Reject,
            Self::SendBack => Verdict::Return,
        }
    }
}

pub(super) fn file(args: &RequestArgs) -> Result<(), Failure> {
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    let wanted = match (args.original, args.part.is_empty()) {
        (true, _) => Wanted::Original,
        (false, false) => Wanted::Parts(args.part.clone()),
        (false, true) => Wanted::Text,
    };
    let asked = NewRequest {
        queue_id: one(&desk, &person, &args.id)?,
        wanted,
        recipients: addresses(&args.recipient)?,
        way: if args.mail { Way::Mail } else { Way::Download },
        reason: args.reason.clone(),
    };
    let id = desk
        .request(&person, &asked)
        .map_err(|refusal| failure(&refusal, person.account.language))?;
    let mut out = io::stdout().lock();
    let line = match person.account.language {
        sekimori_policy::Language::Japanese => format!("申請{}を出しました", id.0),
        sekimori_policy::Language::English => format!("request {} was filed", id.0),
    };
    Ok(say(&mut out, args.json, &json!({ "request": id, "queue_id": asked.queue_id }), &line)?)
}

pub(super) fn list(args: &RequestsArgs) -> Result<(), Failure> {
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    let states = args.state.iter().map(|name| state(name)).collect::<Result<_, _>>()?;
    let filter = RequestFilter { states, ..RequestFilter::default() };
    let mut out = io::stdout().lock();
    let mut before = None;
    let mut left = args.limit;
    while left > 0 {
        let page = desk
            .requests(&person, &filter, before, PAGE.min(left))
            .map_err(|refusal| failure(&refusal, person.account.language))?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        left = left.saturating_sub(page.len());
        for request in &page {
            say(&mut out, args.json, &printed_request(request), &line(request))?;
        }
    }
    Ok(())
}

pub(super) fn send_back(args: &RequestDecisionArgs) -> Result<(), Failure> {
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    each(&person, &args.requests, args.json, |id| {
        desk.decide(&person, id, &Decision::SendBack.verdict(&desk), &args.reason)
    })
}

pub(super) fn withdraw(args: &WithdrawArgs) -> Result<(), Failure> {
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    each(&person, &args.requests, args.json, |id| desk.withdraw(&person, id))
}

/// Decides the requests that a command names instead of messages.
pub(super) fn decide_all(args: &MessagesArgs, decision: &Decision) -> Result<(), Failure> {
    if args.dry_run {
        return Err(usage("--dry-run is for messages".to_owned()));
    }
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    each(&person, &args.request, args.json, |id| {
        desk.decide(&person, id, &decision.verdict(&desk), &args.reason)
    })
}

fn each(
    person: &Person,
    ids: &[i64],
    is_json: bool,
    decide: impl Fn(RequestId) -> Result<(), Refusal>,
) -> Result<(), Failure> {
    let mut results = Results::default();
    let mut out = io::stdout().lock();
    for &id in ids {
        let mut object = json!({ "request": id });
        let line = results.take(person, &decide(RequestId(id)), &mut object);
        say(&mut out, is_json, &object, &format!("{id}  {line}"))?;
    }
    out.flush()?;
    results.end(person)
}

/// A request on one line.
pub(super) fn line(request: &Request) -> String {
    let wanted = match &request.wanted {
        Wanted::Text => "text".to_owned(),
        Wanted::Original => "original".to_owned(),
        Wanted::Parts(sections) => format!("parts {}", sections.join(" ")),
    };
    format!(
        "{}  {}  {:<9}  {}  {wanted}  {}  {}",
        request.id.0,
        request.reference,
        request.state.as_str(),
        request.created_at.rfc3339(),
        request.requester_name,
        request.reason,
    )
}

fn state(name: &str) -> Result<RequestState, Failure> {
    RequestState::ALL.into_iter().find(|state| state.as_str() == name).ok_or_else(|| {
        let known: Vec<_> = RequestState::ALL.iter().map(|state| state.as_str()).collect();
        usage(format!("{name:?} is no state of a request; there are {}", known.join(", ")))
    })
}
