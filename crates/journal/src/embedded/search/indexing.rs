//! Following the audit record with the index.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};
use sekimori_policy::{Code, QueueId};

use super::grams::{MAX_INDEXED_CHARS, folded, of_text};
use crate::JournalError;
use crate::embedded::attempts::read_detail;
use crate::embedded::store::Store;
use crate::embedded::sums::read_meta;

/// Name of the number of the last audit record that the index has seen.
const INDEXED: &str = "indexed";
/// Records read in one transaction, so that the writer never waits long for its turn.
const AT_ONCE: usize = 200;

/// The token of a message that has more in a column than the index takes.
pub(super) const LONG: &str = "long";

/// The token of an organisation.
pub(super) fn organisation_token(number: i64) -> String {
    format!("o{number}")
}

/// The token of a decision.
pub(super) fn code_token(code: Code) -> String {
    format!("d{}", code.as_str().replace('-', "x"))
}

/// The token of a whole recipient address.
pub(super) fn address_token(address: &str) -> String {
    let octets = address.bytes().map(|octet| format!("{:02x}", octet.to_ascii_lowercase()));
    format!("a{}", octets.collect::<String>())
}

/// Takes messages into the index, at most about `limit`.
pub(in crate::embedded) fn index_messages(
    store: &Store,
    limit: usize,
) -> Result<usize, JournalError> {
    let mut indexed = 0;
    while indexed < limit {
        let behind = store.readers.read(|connection| {
            let seen = read_meta(connection, INDEXED)?.unwrap_or(-1);
            Ok(connection
                .prepare_cached("SELECT 1 FROM audit WHERE sequence > ?1")?
                .exists([seen])?)
        })?;
        if !behind {
            break;
        }
        indexed += store.upkeep(index_some)?;
    }
    Ok(indexed)
}

fn index_some(connection: &Connection) -> Result<usize, JournalError> {
    let seen = read_meta(connection, INDEXED)?.unwrap_or(-1);
    let records: Vec<(i64, Option<i64>, bool)> = connection
        .prepare_cached(
            "SELECT sequence, queue_id, kind = 'received' FROM audit
             WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
        )?
        .query_map((seen, i64::try_from(AT_ONCE).unwrap_or(i64::MAX)), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    let Some(&(last, _, _)) = records.last() else { return Ok(0) };
    let mut indexed = 0;
    for (_, id, received) in records {
        if let Some(id) = id.filter(|_| received)
            && index(connection, id)?
        {
            indexed += 1;
        }
    }
    connection
        .prepare_cached("UPDATE meta SET value = ?2 WHERE name = ?1")?
        .execute((INDEXED, last))?;
    Ok(indexed)
}

/// Messages that the index has not seen, in no order.
pub(super) fn unseen(connection: &Connection) -> Result<Vec<i64>, JournalError> {
    let seen = read_meta(connection, INDEXED)?.unwrap_or(-1);
    Ok(connection
        .prepare_cached(
            "SELECT queue_id FROM audit WHERE sequence > ?1 AND kind = 'received'
             AND queue_id IS NOT NULL",
        )?
        .query_map([seen], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// Takes one message in. `false` when it is gone already or was made here.
fn index(connection: &Connection, id: i64) -> Result<bool, JournalError> {
    let row: Option<(i64, String, String, String)> = connection
        .prepare_cached(
            "SELECT organisation, sender, from_line, subject FROM message
             WHERE id = ?1 AND original_segment IS NOT NULL",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((organisation, sender, from, subject)) = row else { return Ok(false) };
    let recipients: Vec<String> = connection
        .prepare_cached("SELECT address FROM recipient WHERE message = ?1")?
        .query_map([id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let json: String = connection
        .prepare_cached("SELECT json FROM detail WHERE message = ?1")?
        .query_row([id], |row| row.get(0))?;
    let detail = read_detail(id, &json)?;
    let mut keys = BTreeSet::from([organisation_token(organisation)]);
    keys.extend(detail.decisions.iter().map(|decision| code_token(decision.code)));
    keys.extend(recipients.iter().map(|address| address_token(address)));
    let mut column = |texts: &[&str]| {
        let mut tokens = BTreeSet::new();
        let mut left = MAX_INDEXED_CHARS;
        for text in texts {
            let folded = folded(text);
            let Some(rest) = left.checked_sub(folded.chars().count()) else {
                keys.insert(LONG.to_owned());
                return String::new();
            };
            left = rest;
            of_text(&folded, &mut tokens);
        }
        joined(&tokens)
    };
    let subject = column(&[&subject]);
    let sender = column(&[&from, &sender]);
    let recipient = column(&recipients.iter().map(String::as_str).collect::<Vec<_>>());
    let part = column(&detail.removed.iter().map(|part| part.name.as_str()).collect::<Vec<_>>());
    connection
        .prepare_cached(
            "INSERT INTO found (rowid, subject, sender, recipient, part, key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((id, subject, sender, recipient, part, joined(&keys)))?;
    Ok(true)
}

fn joined(tokens: &BTreeSet<String>) -> String {
    tokens.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Takes a message that retention removes out of the index.
pub(in crate::embedded) fn forget(
    connection: &Connection,
    id: QueueId,
) -> Result<(), JournalError> {
    connection
        .prepare_cached("DELETE FROM found WHERE rowid = ?1")?
        .execute([id.0.cast_signed()])?;
    Ok(())
}
