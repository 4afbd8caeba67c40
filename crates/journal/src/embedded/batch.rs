//! What one call of a batch has the writer do.

use rusqlite::Connection;
use sekimori_policy::QueueId;

use super::append::{Appender, Extent};
use super::attempts::record_attempts;
use super::insert::{Places, insert_submission};
use super::record::{Kind, Position};
use super::relocate::repoint;
use super::sums::Sums;
use super::waiting::Work;
use crate::{Body, JournalError};

/// Whether an error is one command's own and says nothing about the others'.
pub(super) fn is_one_commands_fault(error: &JournalError) -> bool {
    matches!(
        error,
        JournalError::Duplicate(_)
            | JournalError::Misuse(_)
            | JournalError::OverBound { .. }
            | JournalError::Damaged { .. }
            | JournalError::ChainBroken { .. }
    )
}

/// Appends the bodies of a call.
pub(super) fn append(appender: &mut Appender, work: &Work) -> Result<Places, JournalError> {
    match work {
        Work::Submit(prepared) => {
            let owners = prepared.messages.iter().map(|m| m.message.queue_id);
            let original = match &prepared.original {
                Some(body) => Some(appender.append(Kind::Original, owners.collect(), body)?),
                None => None,
            };
            let texts = prepared
                .messages
                .iter()
                .map(|m| append_text(appender, m.message.queue_id, &m.message.text))
                .collect::<Result<_, _>>()?;
            Ok(Places { original, texts })
        }
        Work::Record(_) => Ok(Places { original: None, texts: Vec::new() }),
        Work::Relocate(records) => {
            let texts = records
                .iter()
                .map(|record| appender.append(record.kind, record.owners.clone(), &record.body))
                .collect::<Result<_, _>>()?;
            Ok(Places { original: None, texts })
        }
    }
}

fn append_text(
    appender: &mut Appender,
    owner: QueueId,
    body: &Body,
) -> Result<Position, JournalError> {
    appender.append(Kind::Text, vec![owner], body)
}

/// Writes the rows of a call whose bodies were appended.
pub(super) fn apply(
    connection: &Connection,
    sums: &mut Sums,
    work: &Work,
    places: &Places,
) -> Result<(), JournalError> {
    match work {
        Work::Submit(prepared) => {
            insert_submission(connection, sums, prepared, places)?;
            record_attempts(connection, sums, prepared.attempts.as_slice())
        }
        Work::Record(attempts) => record_attempts(connection, sums, attempts.as_slice()),
        Work::Relocate(records) => {
            for (record, &to) in records.iter().zip(&places.texts) {
                repoint(connection, sums, record, to)?;
            }
            Ok(())
        }
    }
}

/// Writes a segment's new committed length.
pub(super) fn write_extent(connection: &Connection, extent: Extent) -> Result<(), JournalError> {
    connection
        .prepare_cached(
            "INSERT INTO segment (number, committed, live) VALUES (?1, ?2, 0)
             ON CONFLICT (number) DO UPDATE SET committed = excluded.committed",
        )?
        .execute((extent.number.cast_signed(), extent.length.cast_signed()))?;
    Ok(())
}
