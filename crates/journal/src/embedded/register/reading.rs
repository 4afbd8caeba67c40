//! Accounts as they are read back.

use rusqlite::{Connection, OptionalExtension, Params, Row};
use sekimori_policy::Timestamp;

use super::{from_column, moment, named};
use crate::JournalError;
use crate::register::{Account, AccountId, Grant, Role};

const COLUMNS: &str = "account.id, login, account.name, organisation.name, addresses, operator,
    valid_from, valid_until, disabled, language, created_at, version, totp_secret IS NOT NULL,
    password_hash IS NOT NULL, locked_until, last_sign_in
    FROM account LEFT JOIN organisation ON organisation.id = account.organisation";

/// The accounts of organisations, or all.
pub(super) fn accounts(
    connection: &Connection,
    organisations: Option<&[String]>,
) -> Result<Vec<Account>, JournalError> {
    let order = "ORDER BY organisation.name, login";
    let Some(names) = organisations else {
        return many(connection, &format!("SELECT {COLUMNS} {order}"), []);
    };
    let numbers = super::known_organisations(connection, names)?;
    let sql = format!(
        "SELECT {COLUMNS} WHERE account.id IN (
            SELECT id FROM account WHERE organisation IN (SELECT value FROM json_each(?1))
            UNION
            SELECT account FROM account_grant
            WHERE organisation IN (SELECT value FROM json_each(?1))) {order}"
    );
    many(connection, &sql, [super::column(&numbers)?])
}

/// One account.
pub(super) fn account(
    connection: &Connection,
    id: AccountId,
) -> Result<Option<Account>, JournalError> {
    one(connection, "account.id = ?1", [id.0])
}

/// The account with a login.
pub(super) fn account_by_login(
    connection: &Connection,
    login: &str,
) -> Result<Option<Account>, JournalError> {
    one(connection, "login = ?1", [login.to_lowercase()])
}

/// The account bound to a subject.
pub(super) fn account_by_subject(
    connection: &Connection,
    issuer: &str,
    subject: &str,
) -> Result<Option<Account>, JournalError> {
    one(connection, "issuer = ?1 AND subject = ?2", (issuer, subject))
}

fn one(
    connection: &Connection,
    which: &str,
    parameters: impl Params,
) -> Result<Option<Account>, JournalError> {
    let sql = format!("SELECT {COLUMNS} WHERE {which}");
    let mut account = connection
        .prepare_cached(&sql)?
        .query_row(parameters, |row| Ok(read(row)))
        .optional()?
        .transpose()?;
    if let Some(account) = &mut account {
        account.grants = grants(connection, account.id)?;
    }
    Ok(account)
}

fn many(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<Vec<Account>, JournalError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        let mut account = read(row)?;
        account.grants = grants(connection, account.id)?;
        accounts.push(account);
    }
    Ok(accounts)
}

fn read(row: &Row<'_>) -> Result<Account, JournalError> {
    let language: String = row.get(9)?;
    Ok(Account {
        id: AccountId(row.get(0)?),
        login: row.get(1)?,
        name: row.get(2)?,
        organisation: row.get(3)?,
        addresses: from_column("an account's addresses", &row.get::<_, String>(4)?)?,
        grants: Vec::new(),
        operator: row.get(5)?,
        valid_from: moment(row.get(6)?),
        valid_until: moment(row.get(7)?),
        disabled: row.get(8)?,
        language: from_column("an account's language", &language)?,
        created_at: Timestamp::japanese_time(row.get(10)?),
        version: row.get(11)?,
        has_second_factor: row.get(12)?,
        has_password: row.get(13)?,
        locked_until: moment(row.get(14)?),
        last_sign_in: moment(row.get(15)?),
    })
}

fn grants(connection: &Connection, id: AccountId) -> Result<Vec<Grant>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT organisation.name, role, valid_from, valid_until
         FROM account_grant JOIN organisation ON organisation.id = account_grant.organisation
         WHERE account = ?1 ORDER BY position",
    )?;
    let mut rows = statement.query([id.0])?;
    let mut grants = Vec::new();
    while let Some(row) = rows.next()? {
        let role: String = row.get(1)?;
        grants.push(Grant {
            organisation: row.get(0)?,
            role: named("the role", &Role::ALL, Role::as_str, &role)?,
            from: moment(row.get(2)?),
            until: moment(row.get(3)?),
        });
    }
    Ok(grants)
}
