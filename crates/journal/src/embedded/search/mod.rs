//! Lists of messages as people look for them.
//!
//! A search has three steps. Sources (source.rs) give ids in the order asked for, all that may match
//! and as few others as possible; each is looked at (checking.rs), so that what is found is never
//! more than what matches; those of the page are read (row.rs).
//!
//! # The index
//! Texts are found by their *grams*: all pairs and, where Latin letters are among them, all triples
//! of neighbouring characters (grams.rs). `SQLite`'s own trigram tokenizer finds nothing of less
//! than three characters, and most Japanese words have two. The full-text table `found` has, for
//! each message and column, the set of its grams, without their places.
//!
//! The index is a database of its own (`index_file.rs`) and is not written when a message is received,
//! which would cost more than all else. It follows the audit record (indexing.rs), in whose order
//! messages come and go; messages behind the place that it has come to are looked at one by one.
//!
//! # Bounds
//! A page looks at [`MAX_LOOKED`] messages at most; where that was not enough the page is short and
//! says where to go on. Matches are counted up to [`MAX_COUNT`].

mod checking;
mod grams;
mod index_file;
mod indexing;
mod row;
mod source;

use rusqlite::Connection;
use sekimori_policy::QueueId;

pub(super) use self::index_file::{attach, open};
pub(super) use self::indexing::index_messages;

use self::checking::Check;
use self::source::{Merged, sources};
use crate::query::MAX_PAGE;
use crate::register::search::MAX_COUNT;
use crate::register::{Count, Hits, Search};
use crate::{JournalError, Order};

/// Messages that one page, and one count, looks at.
const MAX_LOOKED: u64 = 300_000;
/// Most ids that one call gives for "select all that match".
const MAX_IDS: usize = 100_000;

/// A page of messages that match.
pub(super) fn search(
    connection: &Connection,
    search: &Search,
    cursor: Option<QueueId>,
    limit: usize,
) -> Result<Hits, JournalError> {
    let none = Hits { messages: Vec::new(), next: None, count: Count::Exactly(0) };
    let Some(check) = Check::new(connection, search)? else { return Ok(none) };
    let limit = limit.clamp(1, MAX_PAGE);
    let wanted = if cursor.is_none() { usize::try_from(MAX_COUNT).unwrap_or(limit) } else { limit };
    let mut walk = Walk::begin(connection, &check, search.order, cursor)?;
    let mut ids = walk.take(connection, &check, wanted.max(limit).saturating_add(1))?;
    let count = if cursor.is_none() {
        counted(&ids, walk.stopped)
    } else {
        let most = usize::try_from(MAX_COUNT).unwrap_or(usize::MAX).saturating_add(1);
        let mut whole = Walk::begin(connection, &check, search.order, None)?;
        let all = whole.take(connection, &check, most)?;
        counted(&all, whole.stopped)
    };
    let more = ids.len() > limit;
    ids.truncate(limit);
    let next = match (more, walk.stopped) {
        (true, _) => ids.last().copied(),
        (false, stopped) => stopped,
    };
    let messages =
        ids.iter().map(|&id| row::read(connection, id)).collect::<Result<Vec<_>, _>>()?;
    Ok(Hits { messages, next: next.map(|id| QueueId(id.cast_unsigned())), count })
}

/// The ids of all that match, newest first.
pub(super) fn ids(
    connection: &Connection,
    search: &Search,
    limit: usize,
) -> Result<Vec<QueueId>, JournalError> {
    let Some(check) = Check::new(connection, search)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut after = None;
    let limit = limit.min(MAX_IDS);
    loop {
        let mut walk = Walk::begin(connection, &check, Order::NewestFirst, after)?;
        found.extend(walk.take(connection, &check, limit.saturating_sub(found.len()))?);
        match walk.stopped {
            Some(place) if found.len() < limit => after = Some(QueueId(place.cast_unsigned())),
            _ => break,
        }
    }
    Ok(found.into_iter().map(|id| QueueId(id.cast_unsigned())).collect())
}

fn counted(ids: &[i64], stopped: Option<i64>) -> Count {
    let found = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    if found > MAX_COUNT {
        Count::MoreThan(MAX_COUNT)
    } else if stopped.is_some() {
        Count::MoreThan(found)
    } else {
        Count::Exactly(found)
    }
}

/// A walk along what may match.
struct Walk<'c> {
    merged: Merged<'c>,
    /// The last id looked at, when the walk was given up at its bound.
    stopped: Option<i64>,
}

impl<'c> Walk<'c> {
    fn begin(
        connection: &'c Connection,
        check: &Check,
        order: Order,
        cursor: Option<QueueId>,
    ) -> Result<Self, JournalError> {
        let cursor = cursor.map(|id| id.0.cast_signed());
        Ok(Self { merged: sources(connection, check, order, cursor)?, stopped: None })
    }

    /// The next ids that match, at most `most`.
    fn take(
        &mut self,
        connection: &Connection,
        check: &Check,
        most: usize,
    ) -> Result<Vec<i64>, JournalError> {
        let mut found = Vec::new();
        let mut looked = 0;
        while found.len() < most {
            let Some(id) = self.merged.next()? else { return Ok(found) };
            if check.matches(connection, id)? {
                found.push(id);
            }
            looked += 1;
            if looked == MAX_LOOKED {
                self.stopped = Some(id);
                return Ok(found);
            }
        }
        Ok(found)
    }
}
