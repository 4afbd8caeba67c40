//! Pages of messages and of due messages, each found by an index.

use rusqlite::{Connection, Row, named_params};
use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};

use super::insert::route_from;
use super::reading::{address, message, relayed, reverse_path};
use super::sums::{known_organisation, state_number};
use crate::query::MAX_PAGE;
use crate::{
    DueCursor, DueMessage, DueRecipient, Filter, JournalError, Key, Order, State, StoredMessage,
};

/// A page of messages.
pub(super) fn list(
    connection: &Connection,
    filter: &Filter,
    cursor: Option<QueueId>,
    limit: usize,
) -> Result<Vec<StoredMessage>, JournalError> {
    let mut page = Vec::new();
    for id in ids(connection, filter, cursor, limit.min(MAX_PAGE))? {
        page.extend(message(connection, Key::QueueId(QueueId(id.cast_unsigned())))?);
    }
    Ok(page)
}

/// The ids of a page.
///
/// The index has messages by organisation and state, and within them by id. So a page is the first
/// ids of as many short walks as there are organisations and states to look at, put in order. Without
/// either condition it is one walk along the table.
fn ids(
    connection: &Connection,
    filter: &Filter,
    cursor: Option<QueueId>,
    limit: usize,
) -> Result<Vec<i64>, JournalError> {
    let newest_first = filter.order == Order::NewestFirst;
    let mut found = Vec::new();
    if filter.states.is_empty() && filter.organisation.is_none() {
        walk(connection, filter, None, cursor, limit, &mut found)?;
        return Ok(found);
    }
    let organisations = match &filter.organisation {
        Some(name) => Vec::from_iter(known_organisation(connection, name)?),
        None => all_organisations(connection)?,
    };
    let states = State::ALL
        .into_iter()
        .filter(|state| filter.states.is_empty() || filter.states.contains(state));
    for state in states {
        for &organisation in &organisations {
            let within = Some((organisation, state));
            walk(connection, filter, within, cursor, limit, &mut found)?;
        }
    }
    found.sort_unstable();
    if newest_first {
        found.reverse();
    }
    found.truncate(limit);
    Ok(found)
}

fn walk(
    connection: &Connection,
    filter: &Filter,
    within: Option<(i64, State)>,
    cursor: Option<QueueId>,
    limit: usize,
    found: &mut Vec<i64>,
) -> Result<(), JournalError> {
    let newest_first = filter.order == Order::NewestFirst;
    let (from, order) =
        if newest_first { ("id < :cursor", "DESC") } else { ("id > :cursor", "ASC") };
    let (index, which) = if within.is_some() {
        ("INDEXED BY message_listed", "organisation = :organisation AND state = :state")
    } else {
        ("NOT INDEXED", ":organisation IS NULL AND :state IS NULL")
    };
    let sql = format!(
        "SELECT id FROM message {index}
         WHERE {which} AND {from}
           AND (:sender IS NULL OR sender = :sender COLLATE NOCASE)
           AND (:recipient IS NULL OR EXISTS (
                SELECT 1 FROM recipient WHERE recipient.message = message.id
                    AND address = :recipient COLLATE NOCASE))
         ORDER BY id {order} LIMIT :limit"
    );
    let start = if newest_first { i64::MAX } else { -1 };
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {
        ":organisation": within.map(|(organisation, _)| organisation),
        ":state": within.map(|(_, state)| state_number(state)),
        ":cursor": cursor.map_or(start, |id| id.0.cast_signed()),
        ":sender": filter.sender,
        ":recipient": filter.recipient,
        ":limit": row_limit(limit),
    })?;
    while let Some(row) = rows.next()? {
        found.push(row.get(0)?);
    }
    Ok(())
}

/// When the message queued longest was received.
pub(super) fn oldest_queued(connection: &Connection) -> Result<Option<Timestamp>, JournalError> {
    let filter = Filter { states: vec![State::Queued], ..Filter::default() };
    let Some(&id) = ids(connection, &filter, None, 1)?.first() else {
        return Ok(None);
    };
    let received = connection
        .prepare_cached("SELECT received_at FROM message WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    Ok(Some(Timestamp::japanese_time(received)))
}

/// Every organisation's number.
fn all_organisations(connection: &Connection) -> Result<Vec<i64>, JournalError> {
    let mut statement = connection.prepare_cached("SELECT id FROM organisation ORDER BY id")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A page of due messages.
pub(super) fn due(
    connection: &Connection,
    now: Timestamp,
    after: DueCursor,
    limit: usize,
) -> Result<Vec<DueMessage>, JournalError> {
    let limit = limit.min(MAX_PAGE);
    let mut page = Vec::new();
    // First what is due at the very moment of the cursor, since a flush gives a million messages
    // one moment; then what is due later. Each is one stretch of the index.
    for (place, which) in [
        (after.id, "next_attempt_at = :moment AND message.id > :id"),
        (-1, "next_attempt_at > :moment AND message.id > :id"),
    ] {
        let sql = format!(
            "SELECT message.id, reference, route, organisation.name, sender, received_at,
                text_size, next_attempt_at
             FROM message INDEXED BY message_due
             JOIN organisation ON organisation.id = message.organisation
             WHERE state = 0 AND {which} AND next_attempt_at <= :now
             ORDER BY next_attempt_at, message.id LIMIT :limit"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(named_params! {
            ":moment": after.next_attempt_millis,
            ":id": place,
            ":now": now.unix_millis(),
            ":limit": row_limit(limit - page.len()),
        })?;
        while let Some(row) = rows.next()? {
            page.push(due_message(connection, row, now)?);
        }
    }
    Ok(page)
}

fn due_message(
    connection: &Connection,
    row: &Row<'_>,
    now: Timestamp,
) -> Result<DueMessage, JournalError> {
    let id: i64 = row.get(0)?;
    Ok(DueMessage {
        queue_id: QueueId(id.cast_unsigned()),
        reference: ReferenceNumber::from_bits(row.get::<_, i64>(1)?.cast_unsigned()),
        route: route_from(row.get(2)?)?,
        organisation: row.get(3)?,
        sender: reverse_path(&row.get::<_, String>(4)?)?,
        recipients: due_recipients(connection, id, now)?,
        received_at: Timestamp::japanese_time(row.get(5)?),
        text_size: row.get::<_, i64>(6)?.cast_unsigned(),
        cursor: DueCursor { next_attempt_millis: row.get(7)?, id },
    })
}

fn due_recipients(
    connection: &Connection,
    id: i64,
    now: Timestamp,
) -> Result<Vec<DueRecipient>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, address, attempts, relayed_id, relayed_position FROM recipient
         WHERE message = ?1 AND state = 0 AND next_attempt_at <= ?2 ORDER BY position",
    )?;
    let mut rows = statement.query((id, now.unix_millis()))?;
    let mut recipients = Vec::new();
    while let Some(row) = rows.next()? {
        recipients.push(DueRecipient {
            index: row.get(0)?,
            address: address(&row.get::<_, String>(1)?)?,
            attempts: row.get(2)?,
            relayed: relayed(row, 3)?,
        });
    }
    Ok(recipients)
}

fn row_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
