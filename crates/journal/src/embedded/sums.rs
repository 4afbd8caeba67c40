//! What transactions of every kind read and write: named numbers, organisations, sums.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use super::chains::{Chains, KeyResult};
use crate::{JournalError, State};

/// A number kept in the store under a name.
pub(super) fn read_meta(connection: &Connection, name: &str) -> Result<Option<i64>, JournalError> {
    Ok(connection
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Keeps a number in the store under a name.
pub(super) fn set_meta(
    connection: &Connection,
    name: &str,
    value: i64,
) -> Result<(), JournalError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")?
        .execute((name, value))?;
    Ok(())
}

/// Adds to a number kept in the store under a name, 0 when it is not there, and gives the sum.
pub(super) fn add_to_meta(
    connection: &Connection,
    name: &str,
    amount: i64,
) -> Result<i64, JournalError> {
    Ok(connection
        .prepare_cached(
            "INSERT INTO meta (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value",
        )?
        .query_row((name, amount), |row| row.get(0))?)
}

/// The number under which an organisation's name is stored. It is added when it is new.
pub(super) fn organisation_number(
    connection: &Connection,
    name: &str,
) -> Result<i64, JournalError> {
    if let Some(number) = known_organisation(connection, name)? {
        return Ok(number);
    }
    connection.prepare_cached("INSERT INTO organisation (name) VALUES (?1)")?.execute([name])?;
    Ok(connection.last_insert_rowid())
}

/// The number of an organisation that the store knows.
pub(super) fn known_organisation(
    connection: &Connection,
    name: &str,
) -> Result<Option<i64>, JournalError> {
    Ok(connection
        .prepare_cached("SELECT id FROM organisation WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// The sums that a transaction changes, written once at its end rather than row by row.
#[derive(Debug)]
pub(super) struct Sums {
    /// The heads of the audit chains that it appends to, which go the same way.
    pub(super) chains: Chains,
    states: [(i64, i64); State::ALL.len()],
    live: BTreeMap<u64, i64>,
}

impl Sums {
    /// Nothing changed yet; audit records are chained under this key.
    pub(super) fn new(key: KeyResult) -> Self {
        Self { chains: Chains::new(key), states: Default::default(), live: BTreeMap::new() }
    }

    /// A message of `size` octets came to be in `state`.
    pub(super) fn enter(&mut self, state: State, size: i64) {
        self.count(state, 1, size);
    }

    /// A message of `size` octets is no longer in `state`.
    pub(super) fn leave(&mut self, state: State, size: i64) {
        self.count(state, -1, -size);
    }

    fn count(&mut self, state: State, messages: i64, octets: i64) {
        if let Some((m, o)) = self.states.get_mut(state as usize) {
            *m += messages;
            *o += octets;
        }
    }

    /// Messages refer to so many octets more (or fewer) of a segment.
    pub(super) fn refer(&mut self, segment: u64, octets: i64) {
        *self.live.entry(segment).or_default() += octets;
    }

    /// Octets that messages refer to more (or fewer) in all.
    pub(super) fn referred(&self) -> i64 {
        self.live.values().sum()
    }

    /// Writes the sums. Every segment named must have its row by now.
    pub(super) fn write(&self, connection: &Connection) -> Result<(), JournalError> {
        for (state, &(messages, octets)) in State::ALL.iter().zip(&self.states) {
            if (messages, octets) != (0, 0) {
                connection
                    .prepare_cached(
                        "UPDATE tally SET messages = messages + ?2, octets = octets + ?3
                         WHERE state = ?1",
                    )?
                    .execute((state_number(*state), messages, octets))?;
            }
        }
        for (&segment, &octets) in self.live.iter().filter(|(_, octets)| **octets != 0) {
            connection
                .prepare_cached("UPDATE segment SET live = live + ?2 WHERE number = ?1")?
                .execute((segment.cast_signed(), octets))?;
        }
        self.chains.write(connection)
    }
}

/// A state as stored.
pub(super) fn state_number(state: State) -> i64 {
    state as i64
}

/// A state as read.
pub(super) fn state_from(number: i64) -> Result<State, JournalError> {
    usize::try_from(number)
        .ok()
        .and_then(|n| State::ALL.get(n))
        .copied()
        .ok_or_else(|| JournalError::damaged(format!("no message state has the number {number}")))
}
