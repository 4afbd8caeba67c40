//! Following the audit record with the index.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};
use sekimori_policy::Code;

use super::grams::{MAX_INDEXED_CHARS, folded, of_text, tokens};
use crate::embedded::attempts::read_detail;
use crate::embedded::store::Store;
use crate::{AuditKind, JournalError};

/// Records read in one transaction. Large ones leave the index in fewer pieces to merge.
const AT_ONCE: usize = 4_000;

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
    let mut token = String::with_capacity(1 + address.len() * 2);
    token.push('a');
    for octet in address.bytes().map(|octet| octet.to_ascii_lowercase()) {
        let digits = [octet >> 4, octet & 15];
        token.extend(digits.map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')));
    }
    token
}

/// Takes messages into the index, at most about `limit`.
pub(in crate::embedded) fn index_messages(
    store: &Store,
    limit: usize,
) -> Result<usize, JournalError> {
    let mut indexed = 0;
    while indexed < limit {
        let (looked_at, taken) = store.index(|index| index_some(store, index))?;
        if looked_at == 0 {
            break;
        }
        indexed += taken;
    }
    Ok(indexed)
}

/// What an audit record asks of the index.
enum Change {
    Received(i64),
    Expired(i64),
}

/// Goes on by some records. Gives how many there were, and the messages taken in.
fn index_some(store: &Store, index: &Connection) -> Result<(usize, usize), JournalError> {
    let seen = place(index, "place")?;
    store.readers.read(|journal| {
        let records: Vec<(i64, Option<Change>)> = journal
            .prepare_cached(
                "SELECT sequence, queue_id, kind FROM audit
                 WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
            )?
            .query_map((seen, i64::try_from(AT_ONCE).unwrap_or(i64::MAX)), |row| {
                let id: Option<i64> = row.get(1)?;
                let change = id.and_then(|id| match row.get_ref(2).ok()?.as_str().ok()? {
                    kind if kind == AuditKind::Received.as_str() => Some(Change::Received(id)),
                    kind if kind == AuditKind::Expired.as_str() => Some(Change::Expired(id)),
                    _ => None,
                });
                Ok((row.get(0)?, change))
            })?
            .collect::<Result<_, _>>()?;
        let Some(&(last, _)) = records.last() else { return Ok((0, 0)) };
        let looked_at = records.len();
        let mut taken = 0;
        for change in records.into_iter().filter_map(|(_, change)| change) {
            match change {
                Change::Received(id) => taken += usize::from(take_in(journal, index, id)?),
                Change::Expired(id) => forget(index, id)?,
            }
        }
        index.prepare_cached("UPDATE place SET sequence = ?1")?.execute([last])?;
        Ok((looked_at, taken))
    })
}

/// The sequence of the last audit record that the index has seen.
fn place(connection: &Connection, table: &str) -> Result<i64, JournalError> {
    Ok(connection
        .prepare_cached(&format!("SELECT sequence FROM {table}"))?
        .query_row([], |row| row.get(0))
        .optional()?
        .unwrap_or(-1))
}

/// Messages that the index has not seen, in no order.
pub(super) fn unseen(connection: &Connection) -> Result<Vec<i64>, JournalError> {
    let seen = place(connection, "search.place")?;
    Ok(connection
        .prepare_cached(
            "SELECT queue_id FROM audit WHERE sequence > ?1 AND kind = 'received'
             AND queue_id IS NOT NULL",
        )?
        .query_map([seen], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// Takes one message in. `false` when it is gone already or was made here.
fn take_in(journal: &Connection, index: &Connection, id: i64) -> Result<bool, JournalError> {
    let row: Option<(i64, String, String, String)> = journal
        .prepare_cached(
            "SELECT organisation, sender, from_line, subject FROM message
             WHERE id = ?1 AND original_segment IS NOT NULL",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((organisation, sender, from, subject)) = row else { return Ok(false) };
    let recipients: Vec<String> = journal
        .prepare_cached("SELECT address FROM recipient WHERE message = ?1")?
        .query_map([id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let json: String = journal
        .prepare_cached("SELECT json FROM detail WHERE message = ?1")?
        .query_row([id], |row| row.get(0))?;
    let detail = read_detail(id, &json)?;
    let mut keys = BTreeSet::from([organisation_token(organisation)]);
    keys.extend(detail.decisions.iter().map(|decision| code_token(decision.code)));
    keys.extend(recipients.iter().map(|address| address_token(address)));
    let mut grams = Vec::new();
    let mut column = |texts: &[&str]| {
        grams.clear();
        let mut left = MAX_INDEXED_CHARS;
        for text in texts {
            let folded = folded(text);
            let Some(rest) = left.checked_sub(folded.chars().count()) else {
                keys.insert(LONG.to_owned());
                return String::new();
            };
            left = rest;
            of_text(&folded, &mut grams);
        }
        tokens(&mut grams)
    };
    let subject = column(&[&subject]);
    let sender = column(&[&from, &sender]);
    let recipient = column(&recipients.iter().map(String::as_str).collect::<Vec<_>>());
    let part = column(&detail.removed.iter().map(|part| part.name.as_str()).collect::<Vec<_>>());
    index
        .prepare_cached(
            "INSERT INTO found (rowid, subject, sender, recipient, part, key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((id, subject, sender, recipient, part, Vec::from_iter(keys).join(" ")))?;
    Ok(true)
}

/// Takes a message that retention removed out of the index.
fn forget(index: &Connection, id: i64) -> Result<(), JournalError> {
    index.prepare_cached("DELETE FROM found WHERE rowid = ?1")?.execute([id])?;
    Ok(())
}
