//! Where ids come from that may match, in the order asked for.

use std::collections::VecDeque;

use rusqlite::Connection;
use sekimori_policy::Code;

use super::checking::Check;
use super::grams;
use super::indexing::{LONG, address_token, code_token, organisation_token, unseen};
use crate::{JournalError, Order, State};

/// Ids fetched at first from each source; each time after it more.
const FIRST: i64 = 64;
/// Ids fetched at once at most.
const MOST: i64 = 16_384;
/// Messages in the wanted states up to which they are all looked at rather than asked for by text.
const FEW: i64 = 5_000;
/// Milliseconds by which moments of receipt may be out of the order of ids: clocks are set.
const OUT_OF_ORDER: i64 = 2 * 60 * 60 * 1_000;

/// Sources merged into one walk without doubles.
pub(super) struct Merged<'c> {
    connection: &'c Connection,
    order: Order,
    range: Range,
    sources: Vec<Source>,
    last: Option<i64>,
}

/// Ids from the first, up to and without the second.
#[derive(Debug, Clone, Copy)]
struct Range {
    from: i64,
    below: i64,
}

/// What ids are fetched by.
enum Kind {
    /// Known beforehand, sorted.
    Known,
    /// Messages of an organisation in a state.
    Listed { organisation: i64, state: i64 },
    /// Messages that the index finds.
    Found { query: String },
}

struct Source {
    kind: Kind,
    fetched: VecDeque<i64>,
    /// The last id fetched.
    place: Option<i64>,
    next: i64,
    ended: bool,
}

impl Source {
    fn new(kind: Kind) -> Self {
        Self { kind, fetched: VecDeque::new(), place: None, next: FIRST, ended: false }
    }

    fn known(ids: Vec<i64>) -> Self {
        Self { ended: true, fetched: ids.into(), ..Self::new(Kind::Known) }
    }
}

/// The sources of a search.
pub(super) fn sources<'c>(
    connection: &'c Connection,
    check: &Check,
    order: Order,
    cursor: Option<i64>,
) -> Result<Merged<'c>, JournalError> {
    let range = range(connection, check, order, cursor)?;
    let sources = if let Some(only) = check.only {
        vec![known(vec![only], order, range)]
    } else if check.requested {
        vec![known(requested(connection, check)?, order, range)]
    } else {
        let listed = listed(check);
        match query(check) {
            Some(query) if !are_few(connection, &listed)? => {
                vec![Source::new(Kind::Found { query }), known(unseen(connection)?, order, range)]
            }
            _ => listed
                .into_iter()
                .map(|(organisation, state)| Source::new(Kind::Listed { organisation, state }))
                .collect(),
        }
    };
    Ok(Merged { connection, order, range, sources, last: None })
}

fn known(mut ids: Vec<i64>, order: Order, range: Range) -> Source {
    ids.retain(|id| (range.from..range.below).contains(id));
    ids.sort_unstable();
    if order == Order::NewestFirst {
        ids.reverse();
    }
    Source::known(ids)
}

/// The ids that cursor and dates leave.
fn range(
    connection: &Connection,
    check: &Check,
    order: Order,
    cursor: Option<i64>,
) -> Result<Range, JournalError> {
    let mut range = Range { from: 0, below: i64::MAX };
    match (order, cursor) {
        (Order::NewestFirst, Some(cursor)) => range.below = cursor,
        (Order::OldestFirst, Some(cursor)) => range.from = cursor.saturating_add(1),
        (_, None) => {}
    }
    if let Some(since) = check.since {
        let first = first_at(connection, since.saturating_sub(OUT_OF_ORDER))?;
        range.from = range.from.max(first.unwrap_or(i64::MAX));
    }
    if let Some(until) = check.until
        && let Some(first) = first_at(connection, until.saturating_add(OUT_OF_ORDER))?
    {
        range.below = range.below.min(first);
    }
    Ok(range)
}

/// About the first id received at or after a moment, by halving: ids grow with time.
fn first_at(connection: &Connection, moment: i64) -> Result<Option<i64>, JournalError> {
    let mut following = connection
        .prepare_cached("SELECT id, received_at FROM message WHERE id >= ?1 ORDER BY id LIMIT 1")?;
    let newest: Option<i64> =
        connection.prepare_cached("SELECT max(id) FROM message")?.query_row([], |r| r.get(0))?;
    let Some(newest) = newest else { return Ok(None) };
    // Everything before `low` is earlier, everything from `high` on is not.
    let (mut low, mut high) = (0, newest.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        let (id, received): (i64, i64) =
            following.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if received < moment {
            low = id + 1;
        } else {
            high = middle;
        }
    }
    Ok(Some(low).filter(|&id| id <= newest))
}

fn requested(connection: &Connection, check: &Check) -> Result<Vec<i64>, JournalError> {
    let mut ids = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT message FROM request INDEXED BY request_open
         WHERE organisation = ?1 AND state = 0",
    )?;
    for organisation in &check.organisations {
        let rows = statement.query_map([organisation], |row| row.get(0))?;
        ids.extend(rows.collect::<Result<Vec<i64>, _>>()?);
    }
    Ok(ids)
}

/// The organisations and states to look at.
fn listed(check: &Check) -> Vec<(i64, i64)> {
    let states: Vec<i64> = if check.states.is_empty() {
        State::ALL.iter().map(|&state| state as i64).collect()
    } else {
        check.states.clone()
    };
    check
        .organisations
        .iter()
        .flat_map(|&organisation| states.iter().map(move |&state| (organisation, state)))
        .collect()
}

fn are_few(connection: &Connection, listed: &[(i64, i64)]) -> Result<bool, JournalError> {
    let mut left = FEW;
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM (SELECT 1 FROM message INDEXED BY message_listed
         WHERE organisation = ?1 AND state = ?2 LIMIT ?3)",
    )?;
    for &(organisation, state) in listed {
        let number: i64 =
            statement.query_row((organisation, state, left.max(0) + 1), |row| row.get(0))?;
        left -= number;
        if left < 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What to ask the index for. `None` when nothing that is looked for is in it.
fn query(check: &Check) -> Option<String> {
    let mut terms: Vec<String> = Vec::new();
    let mut text = |columns: &str, folded: &str| {
        if let Some(query) = grams::query(folded) {
            terms.push(format!("({{{columns}}} : {query} OR key : \"{LONG}\")"));
        }
    };
    for word in &check.words {
        text("subject sender recipient part", word);
    }
    for (columns, wanted) in [
        ("subject", &check.subject),
        ("sender", &check.from),
        ("recipient", &check.to),
        ("part", &check.part),
    ] {
        if let Some(wanted) = wanted {
            text(columns, wanted);
        }
    }
    if let Some(own) = &check.own {
        terms.push(any(own.iter().map(|address| address_token(address))));
    }
    for &code in &check.codes {
        // These may come to a message after it is in the index.
        if !matches!(code, Code::HoldOperator | Code::HoldUndeliverable) {
            terms.push(any(std::iter::once(code_token(code))));
        }
    }
    if terms.is_empty() {
        return None;
    }
    terms.push(any(check.organisations.iter().map(|&number| organisation_token(number))));
    Some(terms.join(" AND "))
}

fn any(tokens: impl Iterator<Item = String>) -> String {
    let tokens: Vec<String> = tokens.map(|token| format!("\"{token}\"")).collect();
    format!("key : ({})", tokens.join(" OR "))
}

impl Merged<'_> {
    /// The next id.
    pub(super) fn next(&mut self) -> Result<Option<i64>, JournalError> {
        loop {
            let mut best: Option<(usize, i64)> = None;
            for (index, source) in self.sources.iter_mut().enumerate() {
                if source.fetched.is_empty() && !source.ended {
                    fetch(self.connection, self.order, self.range, source)?;
                }
                let Some(&id) = source.fetched.front() else { continue };
                let is_better = best.is_none_or(|(_, other)| match self.order {
                    Order::NewestFirst => id > other,
                    Order::OldestFirst => id < other,
                });
                if is_better {
                    best = Some((index, id));
                }
            }
            let Some((index, id)) = best else { return Ok(None) };
            if let Some(source) = self.sources.get_mut(index) {
                source.fetched.pop_front();
            }
            if self.last.replace(id) != Some(id) {
                return Ok(Some(id));
            }
        }
    }
}

fn fetch(
    connection: &Connection,
    order: Order,
    range: Range,
    source: &mut Source,
) -> Result<(), JournalError> {
    let (mut from, mut below) = (range.from, range.below);
    match (order, source.place) {
        (Order::NewestFirst, Some(place)) => below = below.min(place),
        (Order::OldestFirst, Some(place)) => from = from.max(place.saturating_add(1)),
        (_, None) => {}
    }
    let direction = match order {
        Order::NewestFirst => "DESC",
        Order::OldestFirst => "ASC",
    };
    let ids: Vec<i64> = match &source.kind {
        Kind::Known => Vec::new(),
        Kind::Listed { organisation, state } => connection
            .prepare_cached(&format!(
                "SELECT id FROM message INDEXED BY message_listed
                 WHERE organisation = ?1 AND state = ?2 AND id >= ?3 AND id < ?4
                 ORDER BY id {direction} LIMIT ?5"
            ))?
            .query_map((organisation, state, from, below, source.next), |row| row.get(0))?
            .collect::<Result<_, _>>()?,
        Kind::Found { query } => connection
            .prepare_cached(&format!(
                "SELECT rowid FROM search.found WHERE found MATCH ?1 AND rowid >= ?2 AND rowid < ?3
                 ORDER BY rowid {direction} LIMIT ?4"
            ))?
            .query_map((query, from, below, source.next), |row| row.get(0))?
            .collect::<Result<_, _>>()?,
    };
    source.ended = i64::try_from(ids.len()).unwrap_or(i64::MAX) < source.next;
    source.place = ids.last().copied().or(source.place);
    source.next = (source.next * 4).min(MOST);
    source.fetched.extend(ids);
    Ok(())
}
