//! Whether the audit chains of a store hold.

use rusqlite::{Connection, Row};

use super::auditing::{bytes, checkpoints};
use super::chains::{GATEWAY, head_from, newest_sequence};
use super::connection::{Purpose, connect};
use super::store::Store;
use crate::chain::key::{AuditKey, Head};
use crate::chain::merge::{CheckpointLine, CheckpointSource, Checkpoints};
use crate::chain::record::RawRecord;
use crate::chain::verifier::{Link, Verifier};
use crate::query::MAX_PAGE;
use crate::{AuditPublicKey, AuditScope, Checkpoint, JournalError, StoredCheckpoint, Verification};

/// Records looked at in one state of the store, so that its log need not be kept for long.
const RECORDS_AT_ONCE: u64 = 1_000;

/// Checks every chain of the store, as it is now, against its own checkpoints and those of another
/// source. On a connection of its own, since it may take long.
pub(super) fn verify(
    store: &Store,
    public: AuditPublicKey,
    further: &mut CheckpointSource<'_>,
) -> Result<Verification, JournalError> {
    let connection = connect(&store.folder, Purpose::Reading)?;
    verify_on(&connection, store.key.as_ref().ok().map(|key| &**key), public, further)
}

/// As [`verify`], on a connection to whatever has the tables.
pub(super) fn verify_on(
    connection: &Connection,
    key: Option<&AuditKey>,
    public: AuditPublicKey,
    further: &mut CheckpointSource<'_>,
) -> Result<Verification, JournalError> {
    let mut verifier = Verifier::new(public, key);
    // What comes after this moment is left for the next time.
    let now = connection.unchecked_transaction()?;
    let (heads, newest) = (heads(&now)?, newest_sequence(&now)?);
    let last_id = now.query_row("SELECT coalesce(max(id), 0) FROM checkpoint", [], |r| r.get(0))?;
    now.finish()?;
    let mut own = OwnCheckpoints { connection, last_id, after: 0, page: Vec::new().into_iter() };
    let mut own = Checkpoints::new(&mut own);
    let mut further = Checkpoints::new(further);
    let mut after = 0;
    while after < newest {
        let up_to = newest.min(after.saturating_add(RECORDS_AT_ONCE));
        let mut statement = connection.prepare_cached(
            "SELECT sequence, organisation.name, audit.organisation, number, at, kind, queue_id,
                reference, actor, details, hash, mac
             FROM audit LEFT JOIN organisation ON organisation.id = audit.organisation
             WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence",
        )?;
        let mut rows = statement.query((after.cast_signed(), up_to.cast_signed()))?;
        while let Some(row) = rows.next()? {
            let sequence = row.get::<_, i64>(0)?.cast_unsigned();
            own.feed(&mut verifier, sequence.saturating_sub(1))?;
            further.feed(&mut verifier, sequence.saturating_sub(1))?;
            look_at(&mut verifier, row, sequence)?;
        }
        after = up_to;
    }
    own.feed(&mut verifier, u64::MAX)?;
    further.feed(&mut verifier, u64::MAX)?;
    let mut given = Vec::new();
    for (name, head, mac) in heads {
        verifier.head(name.as_deref(), &head, &mac);
        given.push(name);
    }
    verifier.no_further_heads(&given);
    Ok(verifier.finish())
}

fn look_at(verifier: &mut Verifier<'_>, row: &Row<'_>, sequence: u64) -> Result<(), JournalError> {
    let organisation: Option<i64> = row.get(2)?;
    let nameless = organisation.map(|number| format!("#{number}"));
    let chain = bytes(row, 1)?.or(nameless.as_deref().map(str::as_bytes));
    let Some(number) = row.get::<_, Option<i64>>(3)? else {
        verifier.unchained(chain, sequence);
        return Ok(());
    };
    let record = RawRecord {
        chain,
        number: number.cast_unsigned(),
        sequence,
        at: row.get(4)?,
        kind: bytes(row, 5)?.unwrap_or_default(),
        queue_id: row.get(6)?,
        reference: row.get(7)?,
        actor: bytes(row, 8)?,
        details: bytes(row, 9)?.unwrap_or_default(),
    };
    let hash = bytes(row, 10)?.unwrap_or_default();
    verifier.record(&record, &Link { hash, mac: bytes(row, 11)?, previous: None });
    Ok(())
}

/// A chain's name, its head, and the keyed hash over that.
pub(super) type StoredHead = (Option<Vec<u8>>, Head, Vec<u8>);

/// The head of every chain.
pub(super) fn heads(connection: &Connection) -> Result<Vec<StoredHead>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, sequence, hash, mac, chain.organisation, name
         FROM chain LEFT JOIN organisation ON organisation.id = chain.organisation
         ORDER BY chain.organisation",
    )?;
    let mut rows = statement.query([])?;
    let mut heads = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(4)?;
        let name = match bytes(row, 5)? {
            Some(name) => Some(name.to_vec()),
            None => (number != GATEWAY).then(|| format!("#{number}").into_bytes()),
        };
        heads.push((name, head_from(row, 0)?, row.get(3)?));
    }
    Ok(heads)
}

/// The store's checkpoints, page by page, up to one.
struct OwnCheckpoints<'a> {
    connection: &'a Connection,
    last_id: i64,
    after: u64,
    page: std::vec::IntoIter<StoredCheckpoint>,
}

impl OwnCheckpoints<'_> {
    fn advance(&mut self) -> Result<Option<Checkpoint>, JournalError> {
        if self.page.as_slice().is_empty() {
            self.page =
                checkpoints(self.connection, &AuditScope::All, self.after, MAX_PAGE)?.into_iter();
        }
        let Some(StoredCheckpoint { id, checkpoint }) = self.page.next() else {
            return Ok(None);
        };
        self.after = id;
        Ok((id <= self.last_id.cast_unsigned()).then_some(checkpoint))
    }
}

impl Iterator for OwnCheckpoints<'_> {
    type Item = Result<CheckpointLine, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose().map(|made| made.map(CheckpointLine::Read))
    }
}
