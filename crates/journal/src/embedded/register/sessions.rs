//! Data of sessions, under keys that only their owners' browsers know.

use rusqlite::{Connection, OptionalExtension};
use sekimori_policy::Timestamp;

use crate::JournalError;
use crate::embedded::prepared::within;
use crate::embedded::sums::read_meta;
use crate::register::credential::{MAX_SESSION_OCTETS, MAX_SESSIONS};

/// Keeps a session's data.
pub(super) fn save(
    connection: &Connection,
    key: &[u8; 32],
    data: &[u8],
    expires_at: Timestamp,
) -> Result<(), JournalError> {
    within("length of a session's data", data.len(), MAX_SESSION_OCTETS)?;
    connection
        .prepare_cached(
            "INSERT INTO session (key, data, expires_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE
             SET data = excluded.data, expires_at = excluded.expires_at",
        )?
        .execute((key, data, expires_at.unix_millis()))?;
    // Whoever opens sessions without end must not fill the disk: those that end first give way.
    let over = read_meta(connection, "sessions")?.unwrap_or(0) - MAX_SESSIONS;
    if over > 0 {
        connection
            .prepare_cached(
                "DELETE FROM session WHERE key IN (
                    SELECT key FROM session WHERE key <> ?1 ORDER BY expires_at LIMIT ?2)",
            )?
            .execute((key, over))?;
    }
    Ok(())
}

/// A session's data.
pub(super) fn find(
    connection: &Connection,
    key: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Vec<u8>>, JournalError> {
    Ok(connection
        .prepare_cached("SELECT data FROM session WHERE key = ?1 AND expires_at > ?2")?
        .query_row((key, now.unix_millis()), |row| row.get(0))
        .optional()?)
}

/// Forgets a session.
pub(super) fn delete(connection: &Connection, key: &[u8; 32]) -> Result<(), JournalError> {
    connection.prepare_cached("DELETE FROM session WHERE key = ?1")?.execute([key])?;
    Ok(())
}
