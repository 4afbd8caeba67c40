//! The database's tables, as a list of steps from one version to the next.
//!
//! `PRAGMA user_version` is the number of steps taken. A released step is never edited: a change is
//! a further step.

mod audit_chain;

use rusqlite::Connection;

use super::database::Database;
use super::sums::read_meta;
use crate::JournalError;

/// Version 1.
///
/// Moments are milliseconds since 1970 UTC. States are the positions in [`crate::State::ALL`] and of
/// [`crate::RecipientState`]. What a list needs of a message is in `message`; what only one
/// message's page needs is in `detail`, so that a walk over a million messages stays short.
///
/// `live` is, for each segment, the sum of the octets that messages refer to: the whole of their
/// texts and each one's share of their originals.
const INITIAL: &str = "
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organisation (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE segment (
    number INTEGER PRIMARY KEY,
    committed INTEGER NOT NULL,
    live INTEGER NOT NULL
) STRICT;

CREATE TABLE tally (
    state INTEGER PRIMARY KEY,
    messages INTEGER NOT NULL,
    octets INTEGER NOT NULL
) STRICT;
INSERT INTO tally VALUES (0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0);

CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    reference INTEGER NOT NULL,
    route INTEGER NOT NULL,
    state INTEGER NOT NULL,
    organisation INTEGER NOT NULL,
    next_attempt_at INTEGER,
    received_at INTEGER NOT NULL,
    keep_until INTEGER NOT NULL,
    done_at INTEGER,
    size INTEGER NOT NULL,
    original_segment INTEGER,
    original_offset INTEGER,
    original_length INTEGER,
    original_share INTEGER NOT NULL,
    text_segment INTEGER NOT NULL,
    text_offset INTEGER NOT NULL,
    text_length INTEGER NOT NULL,
    text_size INTEGER NOT NULL,
    sender TEXT NOT NULL,
    from_line TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT
) STRICT;
CREATE UNIQUE INDEX message_reference ON message (reference);
CREATE INDEX message_due ON message (next_attempt_at) WHERE state = 0;
CREATE INDEX message_listed ON message (organisation, state);
CREATE INDEX message_kept ON message (keep_until) WHERE state >= 2;

CREATE TABLE recipient (
    message INTEGER NOT NULL,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER,
    last_attempt_at INTEGER,
    last_reply TEXT,
    hop TEXT,
    PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE detail (
    message INTEGER PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    organisation INTEGER,
    queue_id INTEGER,
    reference INTEGER,
    actor TEXT,
    details TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit record is only appended to'); END;
CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit record is only appended to'); END;
";

/// Version 4: the search index has a database of its own.
const INDEX_MOVES_OUT: &str = "
DROP TABLE found;
DELETE FROM meta WHERE name = 'indexed';
";

/// Version 5: what a gate has taken and has yet to deliver.
const RELAYED: &str = "
ALTER TABLE recipient ADD COLUMN relayed_id INTEGER;
ALTER TABLE recipient ADD COLUMN relayed_position INTEGER;
";

/// Every step, in order.
pub(super) const STEPS: &[&str] = &[
    INITIAL,
    audit_chain::AUDIT_CHAIN,
    super::register::SCHEMA,
    INDEX_MOVES_OUT,
    RELAYED,
    super::register::STOPS,
];

/// The newest version that this program knows.
pub(super) fn newest() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// The version of an open database; 0 for an empty one.
pub(super) fn version(connection: &Connection) -> Result<u32, JournalError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings a database to the version of the last of `steps`, each step in a transaction of its own.
pub(super) fn migrate(database: &Database, steps: &[&str]) -> Result<(), JournalError> {
    let found = version(database.connection())?;
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(JournalError::NewerSchema { found, known });
    }
    for (number, step) in (1_u32..).zip(steps).skip(found as usize) {
        database.transaction(|connection| {
            connection.execute_batch(step)?;
            connection.pragma_update(None, "user_version", number)?;
            Ok(())
        })?;
        tracing::info!(version = number, "the journal's database was brought up to date");
    }
    Ok(())
}

/// The key of this store's reference numbers, made when the store is.
pub(super) fn reference_key(database: &Database) -> Result<u64, JournalError> {
    if let Some(key) = read_meta(database.connection(), "reference_key")? {
        return Ok(key.cast_unsigned());
    }
    let fresh = getrandom::u64().map_err(|error| JournalError::Io {
        what: "asking for random octets",
        kind: std::io::ErrorKind::Other,
        message: error.to_string(),
    })?;
    database.transaction(|connection| {
        connection.execute(
            "INSERT OR IGNORE INTO meta (name, value) VALUES ('reference_key', ?1)",
            [fresh.cast_signed()],
        )?;
        let kept = read_meta(connection, "reference_key")?.unwrap_or(fresh.cast_signed());
        Ok(kept.cast_unsigned())
    })
}
