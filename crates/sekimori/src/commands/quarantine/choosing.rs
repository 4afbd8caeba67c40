//! Which messages are meant: ids, standard input, or all that match.

use std::io::BufRead;

use sekimori_journal::{Order, Search, State};
use sekimori_policy::{Address, Code, QueueId, Timestamp};
use sekimori_review::desk::{Desk, Person};

use super::super::desk::failure;
use crate::cli::{MessagesArgs, SearchArgs};
use crate::exit::{Exit, Failure};

/// Ids taken at most: from standard input, or of those that match.
const MAX_IDS: usize = 100_000;

/// The search that conditions of the command line ask for.
pub(super) fn search(args: &SearchArgs, order: Order) -> Result<Search, Failure> {
    let states = args.state.iter().map(|name| state(name)).collect::<Result<_, _>>()?;
    let codes = args
        .code
        .iter()
        .map(|name| {
            let unknown = |_| usage(format!("{name:?} is no decision code"));
            name.parse::<Code>().map_err(unknown)
        })
        .collect::<Result<_, _>>()?;
    Ok(Search {
        organisations: args.organisation.clone(),
        own: None,
        states,
        text: args.text.clone(),
        from: args.from.clone(),
        to: args.to.clone(),
        subject: args.subject.clone(),
        part: args.part.clone(),
        codes,
        since: args.since.as_deref().map(moment).transpose()?,
        until: args.until.as_deref().map(moment).transpose()?,
        requested: args.requested,
        order,
    })
}

/// The messages that a command is to act on.
pub(super) fn messages(
    desk: &Desk,
    person: &Person,
    args: &MessagesArgs,
) -> Result<Vec<QueueId>, Failure> {
    let language = person.account.language;
    if args.all {
        let search = search(&args.search, Order::NewestFirst)?;
        let found = desk.search_ids(person, &search, MAX_IDS);
        return found.map_err(|refusal| failure(&refusal, language));
    }
    let mut ids = Vec::new();
    for text in &args.ids {
        if text == "-" {
            for line in std::io::stdin().lock().lines().take(MAX_IDS) {
                let line = line?;
                if !line.trim().is_empty() {
                    ids.push(one(desk, person, line.trim())?);
                }
            }
        } else {
            ids.push(one(desk, person, text)?);
        }
    }
    Ok(ids)
}

/// The message of a queue id or a 受付番号.
pub(super) fn one(desk: &Desk, person: &Person, text: &str) -> Result<QueueId, Failure> {
    desk.find(person, text).map_err(|refusal| {
        let failure = failure(&refusal, person.account.language);
        Failure { lines: failure.lines.iter().map(|l| format!("{text}: {l}")).collect(), ..failure }
    })
}

/// Addresses as they are typed.
pub(in super::super) fn addresses(texts: &[String]) -> Result<Vec<Address>, Failure> {
    let parse = |text: &String| {
        Address::parse(text).map_err(|error| usage(format!("{text:?} is no address: {error}")))
    };
    texts.iter().map(parse).collect()
}

/// A day or a time as it is typed.
pub(in super::super) fn moment(text: &str) -> Result<Timestamp, Failure> {
    Timestamp::parse_rfc3339(text).ok_or_else(|| {
        usage(format!(
            "{text:?} is neither a day (2026-09-21) nor a time (2026-09-21T17:00:00+09:00)"
        ))
    })
}

fn state(name: &str) -> Result<State, Failure> {
    State::ALL.into_iter().find(|state| state.as_str() == name).ok_or_else(|| {
        let known: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
        usage(format!("{name:?} is no state; there are {}", known.join(", ")))
    })
}

pub(super) fn usage(line: String) -> Failure {
    Failure::new(Exit::Usage, line)
}
