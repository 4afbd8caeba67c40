//! A message as a list shows it.

use rusqlite::Connection;
use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};

use crate::JournalError;
use crate::embedded::attempts::read_detail;
use crate::embedded::reading::address;
use crate::embedded::register::OPEN;
use crate::embedded::sums::state_from;
use crate::register::Listed;
use crate::register::search::LISTED_RECIPIENTS;

/// Reads one.
pub(super) fn read(connection: &Connection, id: i64) -> Result<Listed, JournalError> {
    let json: String = connection
        .prepare_cached("SELECT json FROM detail WHERE message = ?1")?
        .query_row([id], |row| row.get(0))?;
    let detail = read_detail(id, &json)?;
    let first: Vec<String> = connection
        .prepare_cached(
            "SELECT address FROM recipient WHERE message = ?1 ORDER BY position LIMIT ?2",
        )?
        .query_map((id, i64::try_from(LISTED_RECIPIENTS).unwrap_or(0)), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let recipients = first.iter().map(|text| address(text)).collect::<Result<_, _>>()?;
    let recipient_count = connection
        .prepare_cached("SELECT count(*) FROM recipient WHERE message = ?1")?
        .query_row([id], |row| row.get(0))?;
    let requested = connection
        .prepare_cached("SELECT 1 FROM request WHERE message = ?1 AND state = ?2")?
        .exists((id, OPEN))?;
    let mut statement = connection.prepare_cached(
        "SELECT reference, state, organisation.name, received_at, keep_until, from_line, sender,
            subject, size
         FROM message JOIN organisation ON organisation.id = message.organisation
         WHERE message.id = ?1",
    )?;
    let mut rows = statement.query([id])?;
    let row =
        rows.next()?.ok_or_else(|| JournalError::UnknownMessage(QueueId(id.cast_unsigned())))?;
    Ok(Listed {
        queue_id: QueueId(id.cast_unsigned()),
        reference: ReferenceNumber::from_bits(row.get::<_, i64>(0)?.cast_unsigned()),
        state: state_from(row.get(1)?)?,
        organisation: row.get(2)?,
        received_at: Timestamp::japanese_time(row.get(3)?),
        keep_until: Timestamp::japanese_time(row.get(4)?),
        from: row.get(5)?,
        sender: row.get(6)?,
        subject: row.get(7)?,
        size: row.get::<_, i64>(8)?.cast_unsigned(),
        recipients,
        recipient_count,
        removed_count: u32::try_from(detail.removed.len()).unwrap_or(u32::MAX),
        codes: detail.decisions.iter().map(|decision| decision.code).collect(),
        requested,
    })
}
