//! `queue`: look after queued and held messages, while the relay runs or not.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use sekimori_journal::{
    Action, ActionOutcome, Actor, Filter, Journal, JournalError, Key, Order, Register, Role, State,
    StoredMessage, open_for_actions,
};
use sekimori_policy::{Code, QueueId, ReferenceNumber, Timestamp};
use serde_json::json;

use super::queue_output::{person_line, printed, show};
use crate::cli::{ActionArgs, ConfigArgs, ListArgs, QueueCommand};
use crate::configuration;
use crate::exit::{Exit, Failure};

/// Messages fetched from the journal at once.
const PAGE: usize = 500;
/// Ids read from standard input at most.
const MAX_IDS: usize = 100_000;

/// Runs a `queue` command.
pub(crate) fn run(command: QueueCommand) -> Result<(), Failure> {
    match command {
        QueueCommand::List(args) => list(&args),
        QueueCommand::Show { config, json, id } => {
            let journal = open(&config)?;
            let message = find(&journal, &id)?;
            let mut out = std::io::stdout().lock();
            if json {
                writeln!(out, "{}", printed(&message))?;
            } else {
                show(&mut out, &message)?;
            }
            Ok(())
        }
        QueueCommand::Flush(args) => act(&args, &Action::Flush, State::Queued),
        QueueCommand::Hold(args) => act(&args, &Action::Hold, State::Queued),
        QueueCommand::Release(args) => {
            act(&args, &Action::Release { recipients: None }, State::Held)
        }
        QueueCommand::Delete(args) => act(&args, &Action::Delete, State::Held),
    }
}

/// Opens the journal that a configuration names, while the relay runs or not.
pub(super) fn open(config: &ConfigArgs) -> Result<impl Register, Failure> {
    let (_, checked) = configuration::read(Some(&config.config))?;
    Ok(open_for_actions(&checked.journal_path, &checked.journal)?)
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let mut states = Vec::new();
    for name in &args.state {
        let state = State::ALL.into_iter().find(|state| state.as_str() == name);
        states.push(state.ok_or_else(|| {
            let known: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
            Failure::new(
                Exit::Usage,
                format!("{name:?} is no state; there are {}", known.join(", ")),
            )
        })?);
    }
    if states.is_empty() {
        states = vec![State::Queued, State::Held];
    }
    let filter = Filter {
        states,
        organisation: args.organisation.clone(),
        sender: args.sender.clone(),
        recipient: args.recipient.clone(),
        order: Order::OldestFirst,
    };
    let journal = open(&args.config)?;
    let mut out = std::io::stdout().lock();
    let mut listed = 0;
    visit(&journal, &filter, args.limit, |message| {
        listed += 1;
        if args.json {
            writeln!(out, "{}", printed(&message))
        } else {
            writeln!(out, "{}", person_line(&message))
        }
    })?;
    if !args.json {
        eprintln!("sekimori: {listed} messages");
    }
    Ok(())
}

/// Visits the messages of a filter, at most `limit`.
fn visit(
    journal: &impl Journal,
    filter: &Filter,
    limit: usize,
    mut each: impl FnMut(StoredMessage) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let mut left = limit;
    let mut cursor = None;
    while left > 0 {
        let page = journal.list(filter, cursor, PAGE.min(left))?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        cursor = Some(last.queue_id);
        left = left.saturating_sub(page.len());
        for message in page {
            each(message)?;
        }
    }
    Ok(())
}

/// A queue id, or a reference number when it has a hyphen or eight symbols.
fn key(text: &str) -> Option<Key> {
    let symbols = text.chars().filter(|c| !matches!(c, '-' | ' ')).count();
    if symbols == 8
        && let Ok(reference) = text.parse::<ReferenceNumber>()
    {
        return Some(reference.into());
    }
    text.parse::<QueueId>().ok().map(Key::from)
}

fn find(journal: &impl Journal, text: &str) -> Result<StoredMessage, Failure> {
    let key = key(text).ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            format!(
                "{text:?} is neither a queue id (00000001A3) nor a reference number (7F3K-9Q2M)"
            ),
        )
    })?;
    journal
        .message(key)?
        .ok_or_else(|| Failure::new(Exit::Data, format!("{text}: no such message (any more)")))
}

/// The ids asked for: from the command line, standard input, or everything in `state`.
fn ids(args: &ActionArgs, journal: &impl Journal, state: State) -> Result<Vec<QueueId>, Failure> {
    let mut ids = Vec::new();
    if args.all {
        let filter = Filter { states: vec![state], ..Filter::default() };
        visit(journal, &filter, MAX_IDS, |message| {
            ids.push(message.queue_id);
            Ok(())
        })?;
        return Ok(ids);
    }
    for text in &args.ids {
        if text == "-" {
            for line in std::io::stdin().lock().lines().take(MAX_IDS) {
                let line = line?;
                if !line.trim().is_empty() {
                    ids.push(find(journal, line.trim())?.queue_id);
                }
            }
        } else {
            ids.push(find(journal, text)?.queue_id);
        }
    }
    Ok(ids)
}

fn act(args: &ActionArgs, action: &Action, applies_to: State) -> Result<(), Failure> {
    if args.reason.trim().is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            "--reason must say why; it goes on the audit record",
        ));
    }
    let journal = open(&args.config)?;
    let ids = ids(args, &journal, applies_to)?;
    if matches!(action, Action::Release { .. } | Action::Delete) {
        leave_to_reviewers(&journal, &ids)?;
    }
    let mut out = std::io::stdout().lock();
    if args.dry_run {
        for id in &ids {
            say(&mut out, args.json, *id, "would be done")?;
        }
        return Ok(());
    }
    let actor = Actor::named(actor_name(), args.reason.clone()).acting_from("command line");
    let mut undone = 0_u64;
    for batch in ids.chunks(PAGE) {
        for result in journal.act(batch, action.clone(), &actor, now())? {
            let word = match result.outcome {
                ActionOutcome::Done => "done".to_owned(),
                ActionOutcome::Unknown => JournalError::UnknownMessage(result.queue_id).to_string(),
                ActionOutcome::WrongState(state) => {
                    format!("a message that is {} does not allow this action", state.as_str())
                }
            };
            undone += u64::from(result.outcome != ActionOutcome::Done);
            say(&mut out, args.json, result.queue_id, &word)?;
        }
    }
    if undone > 0 {
        return Err(Failure::new(
            Exit::Data,
            format!("{undone} of {} were left as they are", ids.len()),
        ));
    }
    Ok(())
}

/// Refuses messages that are held for a reviewer of an organisation that has reviewers: whoever sits
/// at the machine is no way around the people who decide.
fn leave_to_reviewers(register: &impl Register, ids: &[QueueId]) -> Result<(), Failure> {
    let mut reviewed: BTreeMap<String, bool> = BTreeMap::new();
    for &id in ids {
        let Some(message) = register.message(Key::QueueId(id))? else { continue };
        let waits = message.state == State::Held
            && message.decisions.iter().any(|decision| decision.code == Code::HoldReview);
        if !waits {
            continue;
        }
        let name = message.organisation;
        let has_reviewers = if let Some(&known) = reviewed.get(&name) {
            known
        } else {
            let accounts = register.accounts(Some(std::slice::from_ref(&name)))?;
            accounts.iter().any(|account| account.has_role(&name, Role::Approver, now()))
        };
        if has_reviewers {
            let line = format!(
                "{id} is held for review: `sekimori quarantine` decides on it, with the token of a \
                 reviewer; nothing was done"
            );
            return Err(Failure::new(Exit::NotPermitted, line));
        }
        reviewed.insert(name, has_reviewers);
    }
    Ok(())
}

fn say(out: &mut impl Write, json: bool, id: QueueId, result: &str) -> std::io::Result<()> {
    if json {
        writeln!(out, "{}", json!({"queue_id": id, "result": result}))
    } else {
        writeln!(out, "{id}  {result}")
    }
}

/// Who acts: the person behind sudo, or the user.
pub(super) fn actor_name() -> String {
    ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "unknown".to_owned())
}

pub(super) fn now() -> Timestamp {
    let since_epoch =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::japanese_time(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_number_name_a_message() {
        assert_eq!(key("00000001A3"), Some(Key::QueueId(QueueId(0x1A3))));
        assert_eq!(key("1a3"), Some(Key::QueueId(QueueId(0x1A3))));
        let reference = "7F3K-9Q2M".parse().map(Key::Reference);
        assert_eq!(key("7f3k9q2m"), reference.ok());
        assert_eq!(key("7F3K-9Q2M"), reference.ok());
        assert_eq!(key("hello"), None);
    }
}
