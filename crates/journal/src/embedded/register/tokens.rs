//! Tokens.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row};
use sekimori_policy::Timestamp;
use serde_json::json;

use super::accounts::{existing, person, record};
use super::{column, from_column};
use crate::embedded::actions::append;
use crate::embedded::prepared::within;
use crate::embedded::sums::Sums;
use crate::register::token::{MAX_TOKEN_NAME_OCTETS, MAX_TOKENS};
use crate::register::{AccountId, NewToken, Scope, Token, TokenId};
use crate::{Actor, AuditKind, JournalError};

/// Makes a token.
pub(super) fn add(
    connection: &Connection,
    sums: &mut Sums,
    token: &NewToken,
    actor: &Actor,
    now: Timestamp,
) -> Result<TokenId, JournalError> {
    let account = existing(connection, token.account)?;
    within("length of a token's name", token.name.len(), MAX_TOKEN_NAME_OCTETS)?;
    within("number of tokens", of(connection, token.account)?.len() + 1, MAX_TOKENS)?;
    let mut scopes = token.scopes.clone();
    scopes.sort_unstable();
    scopes.dedup();
    connection
        .prepare_cached(
            "INSERT INTO token (account, name, scopes, created_at, expires_at, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            token.account.0,
            &token.name,
            column(&scopes)?,
            now.unix_millis(),
            token.expires_at.unix_millis(),
            token.hash,
        ))
        .map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => JournalError::Misuse("a token used twice"),
            _ => error.into(),
        })?;
    let id = TokenId(connection.last_insert_rowid());
    let details = json!({
        "made": true, "token": id, "name": token.name, "scopes": scopes,
        "expires_at": token.expires_at, "person": person(&account),
    });
    let record = record(now, account.organisation, AuditKind::TokenChanged);
    append(connection, sums, record, details, actor)?;
    Ok(id)
}

/// The token with a hash.
pub(super) fn by_hash(
    connection: &Connection,
    hash: &[u8; 32],
) -> Result<Option<Token>, JournalError> {
    connection
        .prepare_cached(
            "SELECT id, account, name, scopes, created_at, expires_at FROM token WHERE hash = ?1",
        )?
        .query_row([hash], |row| Ok(read(row)))
        .optional()?
        .transpose()
}

/// The tokens of an account.
pub(super) fn of(connection: &Connection, account: AccountId) -> Result<Vec<Token>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, account, name, scopes, created_at, expires_at FROM token
         WHERE account = ?1 ORDER BY id DESC",
    )?;
    let mut rows = statement.query([account.0])?;
    let mut tokens = Vec::new();
    while let Some(row) = rows.next()? {
        tokens.push(read(row)?);
    }
    Ok(tokens)
}

/// Takes a token back.
pub(super) fn revoke(
    connection: &Connection,
    sums: &mut Sums,
    id: TokenId,
    actor: &Actor,
    now: Timestamp,
) -> Result<bool, JournalError> {
    let gone: Option<(i64, String)> = connection
        .prepare_cached("DELETE FROM token WHERE id = ?1 RETURNING account, name")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((account, name)) = gone else { return Ok(false) };
    let account = existing(connection, AccountId(account))?;
    let details = json!({
        "revoked": true, "token": id, "name": name, "person": person(&account),
    });
    let record = record(now, account.organisation, AuditKind::TokenChanged);
    append(connection, sums, record, details, actor)?;
    Ok(true)
}

fn read(row: &Row<'_>) -> Result<Token, JournalError> {
    let scopes: Vec<Scope> = from_column("a token's scopes", &row.get::<_, String>(3)?)?;
    Ok(Token {
        id: TokenId(row.get(0)?),
        account: AccountId(row.get(1)?),
        name: row.get(2)?,
        scopes,
        created_at: Timestamp::japanese_time(row.get(4)?),
        expires_at: Timestamp::japanese_time(row.get(5)?),
    })
}
