//! Messages read back from their rows.

use rusqlite::{Connection, OptionalExtension, Row};
use sekimori_policy::{Address, Envelope, QueueId, ReferenceNumber, ReversePath, Timestamp};

use super::attempts::{read_detail, recipient_from};
use super::insert::route_from;
use super::record::{Kind, Position};
use super::sums::state_from;
use crate::{JournalError, Key, Relayed, StoredMessage, StoredRecipient, Summary};

/// One message, whole.
pub(super) fn message(
    connection: &Connection,
    key: Key,
) -> Result<Option<StoredMessage>, JournalError> {
    let id = match key {
        Key::QueueId(id) => id.0.cast_signed(),
        Key::Reference(number) => {
            let found: Option<i64> = connection
                .prepare_cached("SELECT id FROM message WHERE reference = ?1")?
                .query_row([number.bits().cast_signed()], |row| row.get(0))
                .optional()?;
            let Some(id) = found else { return Ok(None) };
            id
        }
    };
    let row = connection
        .prepare_cached(
            "SELECT message.id, reference, route, state, organisation.name, received_at,
                keep_until, done_at, size, original_segment IS NOT NULL, text_size,
                sender, from_line, subject, message_id, detail.json
             FROM message
             JOIN organisation ON organisation.id = message.organisation
             JOIN detail ON detail.message = message.id
             WHERE message.id = ?1",
        )?
        .query_row([id], |row| Ok(read_message(row)))
        .optional()?;
    let Some(read) = row else { return Ok(None) };
    let mut message = read?;
    message.recipients = recipients(connection, id)?;
    message.envelope.recipients =
        message.recipients.iter().map(|recipient| recipient.address.clone()).collect();
    Ok(Some(message))
}

fn read_message(row: &Row<'_>) -> Result<StoredMessage, JournalError> {
    let id: i64 = row.get(0)?;
    let json: String = row.get(15)?;
    let detail = read_detail(id, &json)?;
    Ok(StoredMessage {
        queue_id: QueueId(id.cast_unsigned()),
        reference: ReferenceNumber::from_bits(row.get::<_, i64>(1)?.cast_unsigned()),
        route: route_from(row.get(2)?)?,
        state: state_from(row.get(3)?)?,
        organisation: row.get(4)?,
        envelope: Envelope {
            sender: reverse_path(&row.get::<_, String>(11)?)?,
            recipients: Vec::new(),
        },
        recipients: Vec::new(),
        received_at: Timestamp::japanese_time(row.get(5)?),
        keep_until: Timestamp::japanese_time(row.get(6)?),
        done_at: row.get::<_, Option<i64>>(7)?.map(Timestamp::japanese_time),
        client: detail.client,
        outcome: detail.outcome,
        summary: Summary {
            from: row.get(12)?,
            subject: row.get(13)?,
            message_id: row.get(14)?,
            date: detail.date,
        },
        size: row.get::<_, i64>(8)?.cast_unsigned(),
        text_size: row.get::<_, i64>(10)?.cast_unsigned(),
        has_original: row.get(9)?,
        decisions: detail.decisions,
        removed: detail.removed,
    })
}

fn recipients(connection: &Connection, id: i64) -> Result<Vec<StoredRecipient>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, address, state, attempts, next_attempt_at, last_attempt_at, last_reply,
            hop, relayed_id, relayed_position
         FROM recipient WHERE message = ?1 ORDER BY position",
    )?;
    let mut rows = statement.query([id])?;
    let mut recipients = Vec::new();
    while let Some(row) = rows.next()? {
        let moment = |column| -> rusqlite::Result<Option<Timestamp>> {
            let millis: Option<i64> = row.get(column)?;
            Ok(millis.map(Timestamp::japanese_time))
        };
        recipients.push(StoredRecipient {
            index: row.get(0)?,
            address: address(&row.get::<_, String>(1)?)?,
            state: recipient_from(row.get(2)?)?,
            attempts: row.get(3)?,
            next_attempt_at: moment(4)?,
            last_attempt_at: moment(5)?,
            last_reply: row.get(6)?,
            hop: row.get(7)?,
            relayed: relayed(row, 8)?,
        });
    }
    Ok(recipients)
}

/// Where a message's body is.
pub(super) fn place(
    connection: &Connection,
    id: QueueId,
    kind: Kind,
) -> Result<Position, JournalError> {
    let sql = match kind {
        Kind::Original => {
            "SELECT original_segment, original_offset, original_length FROM message WHERE id = ?1"
        }
        Kind::Text => "SELECT text_segment, text_offset, text_length FROM message WHERE id = ?1",
    };
    let row: Option<(Option<i64>, Option<i64>, Option<i64>)> = connection
        .prepare_cached(sql)?
        .query_row([id.0.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match row {
        Some((Some(segment), Some(offset), Some(length))) => Ok(Position {
            segment: segment.cast_unsigned(),
            offset: offset.cast_unsigned(),
            length: length.cast_unsigned(),
        }),
        Some(_) => Err(JournalError::NoOriginal(id)),
        None => Err(JournalError::UnknownMessage(id)),
    }
}

/// Under what a gate has a message: the columns from `column` on.
pub(super) fn relayed(row: &Row<'_>, column: usize) -> Result<Option<Relayed>, JournalError> {
    let id: Option<i64> = row.get(column)?;
    let position: Option<u32> = row.get(column + 1)?;
    Ok(id.zip(position).map(|(id, position)| Relayed { id: QueueId(id.cast_unsigned()), position }))
}

/// An address as stored.
pub(super) fn address(text: &str) -> Result<Address, JournalError> {
    Address::parse(text)
        .map_err(|error| JournalError::damaged(format!("the address {text:?}: {error}")))
}

/// An envelope sender as stored.
pub(super) fn reverse_path(text: &str) -> Result<ReversePath, JournalError> {
    if text.is_empty() {
        return Ok(ReversePath::NULL);
    }
    Ok(ReversePath(Some(address(text)?)))
}
