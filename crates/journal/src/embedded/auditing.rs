//! Reading the audit record: pages of it, and its checkpoints.

use std::collections::BTreeSet;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};
use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};

use super::chains::{DAY, GATEWAY, head_from};
use super::store::Store;
use super::sums::known_organisation;
use crate::chain::Hash;
use crate::query::MAX_PAGE;
use crate::{
    AuditEntry, AuditFilter, AuditKind, AuditRecord, AuditScope, Checkpoint, JournalError, Key,
    Order, StoredAudit, StoredCheckpoint,
};

/// A page of records.
pub(super) fn audit(
    store: &Store,
    filter: &AuditFilter,
    after: u64,
    limit: usize,
) -> Result<Vec<StoredAudit>, JournalError> {
    entries(store, filter, after, limit)?.into_iter().map(readable).collect()
}

/// A page of records exactly as stored.
pub(super) fn entries(
    store: &Store,
    filter: &AuditFilter,
    after: u64,
    limit: usize,
) -> Result<Vec<AuditEntry>, JournalError> {
    store.readers.read(|connection| {
        let found = sequences(store, connection, filter, after, limit.min(MAX_PAGE))?;
        found.into_iter().map(|sequence| entry(connection, sequence)).collect()
    })
}

fn readable(entry: AuditEntry) -> Result<StoredAudit, JournalError> {
    let unreadable = || JournalError::damaged(format!("audit record {}", entry.sequence));
    Ok(StoredAudit {
        sequence: entry.sequence,
        number: entry.number,
        record: AuditRecord {
            at: entry.at,
            kind: AuditKind::from_name(&entry.kind).ok_or_else(unreadable)?,
            details: serde_json::from_str(&entry.details).map_err(|_| unreadable())?,
            organisation: entry.organisation,
            queue_id: entry.queue_id,
            reference: entry.reference,
            actor: entry.actor,
        },
    })
}

/// The conditions of a walk along one index, and their values.
#[derive(Clone)]
struct Walk {
    condition: String,
    values: Vec<Value>,
}

impl Walk {
    fn and(mut self, condition: &str, values: impl IntoIterator<Item = Value>) -> Self {
        self.condition.push_str(" AND ");
        self.condition.push_str(condition);
        self.values.extend(values);
        self
    }

    /// The first sequences of the walk.
    fn first(
        &self,
        connection: &Connection,
        order: Order,
        limit: i64,
    ) -> Result<Vec<i64>, JournalError> {
        let direction = if order == Order::NewestFirst { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT sequence FROM audit WHERE {} ORDER BY sequence {direction} LIMIT {limit}",
            self.condition
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(&self.values), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The sequences of a page.
///
/// One message's and one person's records have an index each. All others are found by the index over
/// organisation and kind: a page is the first of as many short walks as there are of either to look
/// at, put in order. Without any condition but time it is one walk along the table.
fn sequences(
    store: &Store,
    connection: &Connection,
    filter: &AuditFilter,
    after: u64,
    limit: usize,
) -> Result<Vec<u64>, JournalError> {
    let page = i64::try_from(limit).unwrap_or(i64::MAX);
    let Some(span) = span(connection, filter, after)? else {
        return Ok(Vec::new());
    };
    let organisation = match &filter.scope {
        AuditScope::All => None,
        AuditScope::Gateway => Some(Value::Null),
        AuditScope::Organisation(name) => match known_organisation(connection, name)? {
            Some(number) => Some(Value::Integer(number)),
            None => return Ok(Vec::new()),
        },
    };
    let kinds: BTreeSet<&str> = filter.kinds.iter().map(|kind| kind.as_str()).collect();
    let mut found = if filter.message.is_some() || filter.actor.is_some() {
        let mut walk = span;
        if let Some(key) = filter.message {
            let id = match key {
                Key::QueueId(id) => id,
                Key::Reference(reference) => store.queue_id(reference),
            };
            walk = walk.and("queue_id = ?", [Value::Integer(id.0.cast_signed())]);
            if let Key::Reference(reference) = key {
                let bits = reference.bits().cast_signed();
                walk = walk.and("reference = ?", [Value::Integer(bits)]);
            }
        }
        if let Some(actor) = &filter.actor {
            // One of two indexes is used at most: that of the message leads to fewer records.
            let column = if filter.message.is_some() { "+actor = ?" } else { "actor = ?" };
            walk = walk.and(column, [Value::Text(actor.clone())]);
        }
        if let Some(number) = organisation {
            walk = walk.and("+organisation IS ?", [number]);
        }
        if !kinds.is_empty() {
            let places = vec!["?"; kinds.len()].join(", ");
            let values = kinds.iter().map(|kind| Value::Text((*kind).to_owned()));
            walk = walk.and(&format!("+kind IN ({places})"), values);
        }
        walk.first(connection, filter.order, page)?
    } else if organisation.is_none() && kinds.is_empty() {
        span.first(connection, filter.order, page)?
    } else {
        let kinds: Vec<&str> = if kinds.is_empty() {
            AuditKind::ALL.iter().map(|kind| kind.as_str()).collect()
        } else {
            kinds.into_iter().collect()
        };
        let organisations = match organisation {
            Some(one) => vec![one],
            None => all_organisations(connection)?,
        };
        let mut found = Vec::new();
        for organisation in organisations {
            for kind in &kinds {
                let walk = span.clone().and(
                    "organisation IS ? AND kind = ?",
                    [organisation.clone(), Value::Text((*kind).to_owned())],
                );
                found.extend(walk.first(connection, filter.order, page)?);
            }
        }
        found
    };
    found.sort_unstable();
    if filter.order == Order::NewestFirst {
        found.reverse();
    }
    found.truncate(limit);
    Ok(found.into_iter().map(i64::cast_unsigned).collect())
}

/// The stretch of the table that a page is in: after a sequence, and of a span of time. `None` when
/// there is none.
fn span(
    connection: &Connection,
    filter: &AuditFilter,
    after: u64,
) -> Result<Option<Walk>, JournalError> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let (mut low, mut high) = match filter.order {
        Order::OldestFirst => (after, i64::MAX),
        Order::NewestFirst if after == 0 => (0, i64::MAX),
        Order::NewestFirst => (0, after),
    };
    let mut walk =
        Walk { condition: "sequence > ? AND sequence < ?".to_owned(), values: Vec::new() };
    let mut times = Vec::new();
    if filter.since.is_some() || filter.until.is_some() {
        let since = filter.since.map_or(i64::MIN, Timestamp::unix_millis);
        let until = filter.until.map_or(i64::MAX, Timestamp::unix_millis);
        let (first, last): (Option<i64>, Option<i64>) = connection
            .prepare_cached(
                "SELECT min(first), max(last) FROM audit_day WHERE day BETWEEN ?1 AND ?2",
            )?
            .query_row((since.div_euclid(DAY), until.div_euclid(DAY)), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(None);
        };
        low = low.max(first.saturating_sub(1));
        high = high.min(last.saturating_add(1));
        walk.condition.push_str(" AND at >= ? AND at < ?");
        times = vec![Value::Integer(since), Value::Integer(until)];
    }
    walk.values = vec![Value::Integer(low), Value::Integer(high)];
    walk.values.extend(times);
    Ok(Some(walk))
}

fn all_organisations(connection: &Connection) -> Result<Vec<Value>, JournalError> {
    let mut statement = connection.prepare_cached("SELECT id FROM organisation")?;
    let rows = statement.query_map([], |row| row.get(0).map(Value::Integer))?;
    let mut all = vec![Value::Null];
    for row in rows {
        all.push(row?);
    }
    Ok(all)
}

fn entry(connection: &Connection, sequence: u64) -> Result<AuditEntry, JournalError> {
    connection
        .prepare_cached(
            "SELECT at, kind, organisation.name, queue_id, reference, actor, details, number, hash,
                audit.organisation
             FROM audit LEFT JOIN organisation ON organisation.id = audit.organisation
             WHERE sequence = ?1",
        )?
        .query_row([sequence.cast_signed()], |row| {
            let millis: i64 = row.get(0)?;
            let at = Timestamp::japanese_time(millis);
            let organisation: Option<String> = row.get(2)?;
            let number = row.get::<_, Option<i64>>(9)?;
            let as_written =
                at.unix_millis() == millis && number.is_some() == organisation.is_some();
            Ok(as_written.then_some(AuditEntry {
                sequence,
                at,
                kind: row.get(1)?,
                organisation,
                queue_id: row.get::<_, Option<i64>>(3)?.map(|id| QueueId(id.cast_unsigned())),
                reference: row
                    .get::<_, Option<i64>>(4)?
                    .map(|bits| ReferenceNumber::from_bits(bits.cast_unsigned())),
                actor: row.get(5)?,
                details: row.get(6)?,
                number: row.get::<_, Option<i64>>(7)?.map(i64::cast_unsigned),
                hash: row.get::<_, Option<Vec<u8>>>(8)?.and_then(|hash| Hash::try_from(hash).ok()),
                previous: None,
            }))
        })
        .ok()
        .flatten()
        .ok_or_else(|| JournalError::damaged(format!("audit record {sequence}")))
}

/// A page of checkpoints, in the order in which they were made.
pub(super) fn checkpoints(
    connection: &Connection,
    scope: &AuditScope,
    after: u64,
    limit: usize,
) -> Result<Vec<StoredCheckpoint>, JournalError> {
    let (condition, organisation) = match scope {
        AuditScope::All => ("?3 IS NULL", None),
        AuditScope::Gateway => ("checkpoint.organisation = ?3", Some(GATEWAY)),
        AuditScope::Organisation(name) => match known_organisation(connection, name)? {
            Some(number) => ("checkpoint.organisation = ?3", Some(number)),
            None => return Ok(Vec::new()),
        },
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT checkpoint.id, name, number, sequence, hash, at, signature
         FROM checkpoint LEFT JOIN organisation ON organisation.id = checkpoint.organisation
         WHERE checkpoint.id > ?1 AND {condition} ORDER BY checkpoint.id LIMIT ?2"
    ))?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit.min(MAX_PAGE)).unwrap_or(i64::MAX);
    let mut rows = statement.query((after, limit, organisation))?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        page.push(checkpoint(row)?);
    }
    Ok(page)
}

/// A checkpoint as stored. One that was changed has a signature that does not fit; where it has no
/// form at all, one of zeros stands for what was there.
fn checkpoint(row: &Row<'_>) -> Result<StoredCheckpoint, JournalError> {
    let head = head_from(row, 2)?;
    let name = bytes(row, 1)?;
    let millis: i64 = row.get(5)?;
    let signature: Vec<u8> = row.get(6)?;
    let at = Timestamp::japanese_time(millis);
    let as_written = at.unix_millis() == millis;
    let signature = signature.try_into().ok().filter(|_| as_written).unwrap_or([0; 64]);
    Ok(StoredCheckpoint {
        id: row.get::<_, i64>(0)?.cast_unsigned(),
        checkpoint: Checkpoint {
            chain: name.map(|name| {
                std::str::from_utf8(name)
                    .map_or_else(|_| name.escape_ascii().to_string(), str::to_owned)
            }),
            number: head.number,
            sequence: head.sequence,
            hash: head.hash,
            at,
            signature,
        },
    })
}

/// The octets of a text or blob, whatever they are.
pub(super) fn bytes<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a [u8]>, JournalError> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(octets) | ValueRef::Blob(octets) => Some(octets),
        _ => None,
    })
}
