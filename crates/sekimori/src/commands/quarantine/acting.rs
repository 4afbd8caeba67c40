//! What is done to messages, with a result for each.

use std::io::{self, Write};

use sekimori_policy::QueueId;
use sekimori_review::desk::{Desk, MAX_BULK, Person, Refusal};
use serde_json::json;

use super::super::desk::{self, exit, sentence, words};
use super::choosing::{addresses, messages, usage};
use super::requests::{self, Decision};
use crate::cli::{ApproveArgs, ExtendArgs, MessagesArgs};
use crate::exit::{Exit, Failure};

type Done = Vec<(QueueId, Result<(), Refusal>)>;

pub(super) fn approve(args: &ApproveArgs) -> Result<(), Failure> {
    let recipients = addresses(&args.recipient)?;
    let recipients = (!recipients.is_empty()).then_some(recipients);
    if !args.messages.request.is_empty() {
        let sections = (!args.section.is_empty()).then(|| args.section.clone());
        return requests::decide_all(&args.messages, &Decision::Approve { recipients, sections });
    }
    if !args.section.is_empty() {
        return Err(usage("--section goes with --request: only requests are for parts".to_owned()));
    }
    act(&args.messages, |desk, person, ids, reason| {
        desk.release(person, ids, recipients.as_deref(), reason)
    })
}

pub(super) fn reject(args: &MessagesArgs) -> Result<(), Failure> {
    if !args.request.is_empty() {
        return requests::decide_all(args, &Decision::Reject);
    }
    act(args, Desk::reject)
}

pub(super) fn delete(args: &MessagesArgs) -> Result<(), Failure> {
    act(args, Desk::delete)
}

pub(super) fn restore(args: &MessagesArgs) -> Result<(), Failure> {
    act(args, Desk::restore)
}

pub(super) fn extend(args: &ExtendArgs) -> Result<(), Failure> {
    act(&args.messages, |desk, person, ids, reason| desk.extend(person, ids, args.days, reason))
}

fn act(
    args: &MessagesArgs,
    action: impl Fn(&Desk, &Person, &[QueueId], &str) -> Done,
) -> Result<(), Failure> {
    if !args.request.is_empty() {
        return Err(usage("this is done to messages, not to requests".to_owned()));
    }
    if args.reason.trim().is_empty() {
        return Err(usage("--reason must say why; it goes on the audit record".to_owned()));
    }
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    let ids = messages(&desk, &person, args)?;
    let mut out = io::stdout().lock();
    if args.dry_run {
        let would = words(&person, "実行すると対象になります", "would be done");
        for id in &ids {
            say(
                &mut out,
                args.json,
                &json!({ "queue_id": id, "result": "would-be-done" }),
                &format!("{id}  {would}"),
            )?;
        }
        return Ok(());
    }
    let mut results = Results::default();
    for batch in ids.chunks(MAX_BULK) {
        for (id, result) in action(&desk, &person, batch, &args.reason) {
            let mut object = json!({ "queue_id": id });
            let line = results.take(&person, &result, &mut object);
            say(&mut out, args.json, &object, &format!("{id}  {line}"))?;
        }
    }
    results.end(&person)
}

/// What came of each, counted.
#[derive(Debug, Default)]
pub(super) struct Results {
    all: u64,
    undone: u64,
    worst: Option<Exit>,
}

impl Results {
    /// Counts a result, writes it into the object for machines, and gives the words for people.
    pub(super) fn take(
        &mut self,
        person: &Person,
        result: &Result<(), Refusal>,
        object: &mut serde_json::Value,
    ) -> String {
        self.all = self.all.saturating_add(1);
        let (code, line) = match result {
            Ok(()) => ("done", words(person, "完了", "done").to_owned()),
            Err(refusal) => {
                self.undone = self.undone.saturating_add(1);
                // That somebody may not weighs more than that something did not fit.
                let found = exit(refusal);
                if self.worst.is_none() || found == Exit::NotPermitted {
                    self.worst = Some(found);
                }
                (refusal.code(), sentence(refusal, person.account.language))
            }
        };
        if let Some(members) = object.as_object_mut() {
            members.insert("result".to_owned(), json!(code));
            if result.is_err() {
                members.insert("why".to_owned(), json!(line));
            }
        }
        line
    }

    /// The end of the command.
    pub(super) fn end(&self, person: &Person) -> Result<(), Failure> {
        let Some(worst) = self.worst else { return Ok(()) };
        let Self { all, undone, .. } = self;
        let line = match person.account.language {
            sekimori_policy::Language::Japanese => format!("{all}件のうち{undone}件はそのままです"),
            sekimori_policy::Language::English => {
                format!("{undone} of {all} were left as they are")
            }
        };
        Err(Failure::new(worst, line))
    }
}

pub(super) fn say(
    out: &mut impl Write,
    is_json: bool,
    object: &serde_json::Value,
    line: &str,
) -> io::Result<()> {
    if is_json { writeln!(out, "{object}") } else { writeln!(out, "{line}") }
}
