//! The rows of a submission.

use rusqlite::Connection;
use sekimori_policy::{Envelope, Outcome};

use super::prepared::{Prepared, PreparedAudit, PreparedMessage};
use super::record::Position;
use super::sums::{Sums, organisation_number, state_number};
use crate::{JournalError, Route, State};

/// Where a submission's bodies were appended.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) original: Option<Position>,
    /// One for each message.
    pub(super) texts: Vec<Position>,
}

/// Writes the rows of a submission, its attempts excepted.
pub(super) fn insert_submission(
    connection: &Connection,
    sums: &mut Sums,
    prepared: &Prepared,
    places: &Places,
) -> Result<(), JournalError> {
    let mut shares = shares(places.original, prepared.messages.len());
    for (message, &text) in prepared.messages.iter().zip(&places.texts) {
        let share = shares.next().unwrap_or(0);
        insert_message(connection, sums, message, (places.original, share), text)?;
        insert_audit(connection, sums, &message.receipt)?;
    }
    for record in &prepared.audit {
        insert_audit(connection, sums, record)?;
    }
    Ok(())
}

/// Divides the octets of an original among its messages, so that their sum is exact.
pub(super) fn shares(
    original: Option<Position>,
    messages: usize,
) -> impl Iterator<Item = i64> + use<> {
    let octets = original.map_or(0, |position| position.length);
    let count = (messages as u64).max(1);
    let (each, rest) = (octets / count, octets % count);
    (0..count).map(move |n| (each + u64::from(n < rest)).cast_signed())
}

fn insert_message(
    connection: &Connection,
    sums: &mut Sums,
    prepared: &PreparedMessage,
    (original, share): (Option<Position>, i64),
    text: Position,
) -> Result<(), JournalError> {
    let message = &prepared.message;
    let id = message.queue_id.0.cast_signed();
    let received = message.received_at.unix_millis();
    let state = match message.outcome {
        Outcome::Deliver => State::Queued,
        Outcome::Hold | Outcome::Reject => State::Held,
    };
    let organisation = organisation_number(connection, &message.organisation)?;
    connection
        .prepare_cached(
            "INSERT INTO message (id, reference, route, state, organisation, next_attempt_at,
                received_at, keep_until, size,
                original_segment, original_offset, original_length, original_share,
                text_segment, text_offset, text_length, text_size,
                sender, from_line, subject, message_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                ?18, ?19, ?20, ?21)",
        )?
        .execute(rusqlite::params![
            id,
            message.reference.bits().cast_signed(),
            route_number(message.route),
            state_number(state),
            organisation,
            received,
            received,
            message.keep_until.unix_millis(),
            message.size.cast_signed(),
            original.map(|p| p.segment.cast_signed()),
            original.map(|p| p.offset.cast_signed()),
            original.map(|p| p.length.cast_signed()),
            share,
            text.segment.cast_signed(),
            text.offset.cast_signed(),
            text.length.cast_signed(),
            message.text.plain_octets().cast_signed(),
            message.envelope.sender.as_str(),
            message.summary.from,
            message.summary.subject,
            message.summary.message_id,
        ])
        .map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ConstraintViolation) => {
                JournalError::Duplicate(message.queue_id)
            }
            _ => error.into(),
        })?;
    insert_recipients(connection, id, &message.envelope, received)?;
    connection
        .prepare_cached("INSERT INTO detail (message, json) VALUES (?1, ?2)")?
        .execute((id, &prepared.detail))?;
    sums.enter(state, message.size.cast_signed());
    sums.refer(text.segment, text.length.cast_signed());
    if let Some(original) = original {
        sums.refer(original.segment, share);
    }
    Ok(())
}

fn insert_recipients(
    connection: &Connection,
    id: i64,
    envelope: &Envelope,
    due: i64,
) -> Result<(), JournalError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO recipient (message, position, address, state, attempts, next_attempt_at)
         VALUES (?1, ?2, ?3, 0, 0, ?4)",
    )?;
    for (position, address) in (0_i64..).zip(&envelope.recipients) {
        statement.execute((id, position, address.as_str(), due))?;
    }
    Ok(())
}

/// Appends a record to its chain.
pub(super) fn insert_audit(
    connection: &Connection,
    sums: &mut Sums,
    prepared: &PreparedAudit,
) -> Result<(), JournalError> {
    sums.chains.append(connection, prepared)
}

/// A route as stored.
fn route_number(route: Route) -> i64 {
    match route {
        Route::Forward => 0,
        Route::Return => 1,
    }
}

/// A route as read.
pub(super) fn route_from(number: i64) -> Result<Route, JournalError> {
    match number {
        0 => Ok(Route::Forward),
        1 => Ok(Route::Return),
        _ => Err(JournalError::damaged(format!("no route has the number {number}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_an_original_add_up_to_it() {
        for length in [0, 1, 5, 1_000] {
            for messages in [1, 2, 3, 7] {
                let position = Position { segment: 1, offset: 16, length };
                let all: Vec<i64> = shares(Some(position), messages).collect();
                assert_eq!(all.len(), messages);
                assert_eq!(all.iter().sum::<i64>().cast_unsigned(), length);
            }
        }
    }
}
