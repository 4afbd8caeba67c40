//! Making and changing accounts.

use rusqlite::{Connection, ErrorCode};
use sekimori_policy::{Address, Timestamp};
use serde_json::{Map, Value, json};

use super::{column, millis, reading};
use crate::embedded::actions::append;
use crate::embedded::prepared::within;
use crate::embedded::sums::{Sums, organisation_number};
use crate::message::MAX_ORGANISATION_OCTETS;
use crate::register::account::{
    MAX_ACCOUNTS, MAX_ADDRESSES, MAX_GRANTS, MAX_LOGIN_OCTETS, MAX_NAME_OCTETS,
};
use crate::register::{Account, AccountChange, AccountId, Grant, NewAccount};
use crate::{Actor, AuditKind, AuditRecord, JournalError};

/// Makes an account.
pub(super) fn add(
    connection: &Connection,
    sums: &mut Sums,
    account: &NewAccount,
    actor: &Actor,
    now: Timestamp,
) -> Result<AccountId, JournalError> {
    let login = account.login.to_lowercase();
    if login.trim().is_empty() {
        return Err(JournalError::Misuse("an account without a login"));
    }
    within("length of a login", login.len(), MAX_LOGIN_OCTETS)?;
    check(
        Some(&account.name),
        account.organisation.as_deref(),
        Some(&account.addresses),
        Some(&account.grants),
    )?;
    let number: i64 = connection.query_row("SELECT count(*) FROM account", [], |row| row.get(0))?;
    within("number of accounts", usize::try_from(number + 1).unwrap_or(usize::MAX), MAX_ACCOUNTS)?;
    let organisation = number_of(connection, account.organisation.as_deref())?;
    connection
        .prepare_cached(
            "INSERT INTO account (login, name, organisation, addresses, operator, valid_from,
                valid_until, disabled, language, created_at, version, password_is_temporary,
                recovery, failures)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, FALSE, ?8, ?9, 1, FALSE, x'', 0)",
        )?
        .execute((
            &login,
            &account.name,
            organisation,
            column(&account.addresses)?,
            account.operator,
            millis(account.valid_from),
            millis(account.valid_until),
            column(&account.language)?,
            now.unix_millis(),
        ))
        .map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => JournalError::LoginTaken(login.clone()),
            _ => error.into(),
        })?;
    let id = AccountId(connection.last_insert_rowid());
    set_grants(connection, id, &account.grants)?;
    let details = json!({
        "made": true,
        "person": { "id": id, "login": login, "name": account.name },
        "organisation": account.organisation,
        "addresses": account.addresses,
        "grants": account.grants,
        "operator": account.operator,
        "valid_from": account.valid_from,
        "valid_until": account.valid_until,
    });
    let organisation = account.organisation.clone();
    append(connection, sums, record(now, organisation, AuditKind::AccountChanged), details, actor)?;
    Ok(id)
}

/// Changes an account.
pub(super) fn change(
    connection: &Connection,
    sums: &mut Sums,
    id: AccountId,
    change: &AccountChange,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), JournalError> {
    let before = existing(connection, id)?;
    check(
        change.name.as_deref(),
        change.organisation.as_ref().and_then(Option::as_deref),
        change.addresses.as_deref(),
        change.grants.as_deref(),
    )?;
    let after = changed(&before, change);
    let ends_sessions = before.grants != after.grants
        || before.valid_from != after.valid_from
        || before.valid_until != after.valid_until
        || before.disabled != after.disabled
        || before.operator != after.operator;
    let organisation = number_of(connection, after.organisation.as_deref())?;
    connection
        .prepare_cached(
            "UPDATE account SET name = ?2, organisation = ?3, addresses = ?4, operator = ?5,
                valid_from = ?6, valid_until = ?7, disabled = ?8, language = ?9,
                version = version + ?10,
                failures = CASE WHEN ?11 THEN 0 ELSE failures END,
                locked_until = CASE WHEN ?11 THEN NULL ELSE locked_until END
             WHERE id = ?1",
        )?
        .execute((
            id.0,
            &after.name,
            organisation,
            column(&after.addresses)?,
            after.operator,
            millis(after.valid_from),
            millis(after.valid_until),
            after.disabled,
            column(&after.language)?,
            i64::from(ends_sessions),
            change.unlock,
        ))?;
    if change.grants.is_some() {
        set_grants(connection, id, &after.grants)?;
    }
    let details = json!({ "person": person(&before), "changes": differences(change) });
    // Whoever kept the account before reads of it; the new keeper too, when it goes to another.
    let mut organisations = vec![before.organisation];
    if organisations.first() != Some(&after.organisation) {
        organisations.push(after.organisation);
    }
    for organisation in organisations {
        let record = record(now, organisation, AuditKind::AccountChanged);
        append(connection, sums, record, details.clone(), actor)?;
    }
    Ok(())
}

/// An account that must exist.
pub(super) fn existing(connection: &Connection, id: AccountId) -> Result<Account, JournalError> {
    reading::account(connection, id)?.ok_or(JournalError::UnknownAccount(id))
}

/// An account as audit records name it.
pub(super) fn person(account: &Account) -> Value {
    json!({ "id": account.id, "login": account.login, "name": account.name })
}

/// An audit record that concerns no message.
pub(super) fn record(at: Timestamp, organisation: Option<String>, kind: AuditKind) -> AuditRecord {
    AuditRecord {
        at,
        kind,
        organisation,
        queue_id: None,
        reference: None,
        actor: None,
        details: Value::Null,
    }
}

fn check(
    name: Option<&str>,
    organisation: Option<&str>,
    addresses: Option<&[Address]>,
    grants: Option<&[Grant]>,
) -> Result<(), JournalError> {
    let grants = grants.unwrap_or_default();
    within("length of a person's name", name.map_or(0, str::len), MAX_NAME_OCTETS)?;
    within("number of addresses", addresses.map_or(0, <[Address]>::len), MAX_ADDRESSES)?;
    within("number of grants", grants.len(), MAX_GRANTS)?;
    for name in grants.iter().map(|grant| grant.organisation.as_str()).chain(organisation) {
        within("length of an organisation's name", name.len(), MAX_ORGANISATION_OCTETS)?;
    }
    Ok(())
}

fn changed(before: &Account, change: &AccountChange) -> Account {
    let mut after = before.clone();
    set(&mut after.name, change.name.as_ref());
    set(&mut after.organisation, change.organisation.as_ref());
    set(&mut after.addresses, change.addresses.as_ref());
    set(&mut after.grants, change.grants.as_ref());
    set(&mut after.operator, change.operator.as_ref());
    set(&mut after.valid_from, change.valid_from.as_ref());
    set(&mut after.valid_until, change.valid_until.as_ref());
    set(&mut after.disabled, change.disabled.as_ref());
    set(&mut after.language, change.language.as_ref());
    after
}

fn set<T: Clone>(member: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        member.clone_from(value);
    }
}

/// What a change sets, as its audit record says it.
fn differences(change: &AccountChange) -> Value {
    let members = [
        ("name", change.name.as_ref().map(|v| json!(v))),
        ("organisation", change.organisation.as_ref().map(|v| json!(v))),
        ("addresses", change.addresses.as_ref().map(|v| json!(v))),
        ("grants", change.grants.as_ref().map(|v| json!(v))),
        ("operator", change.operator.map(|v| json!(v))),
        ("valid_from", change.valid_from.map(|v| json!(v))),
        ("valid_until", change.valid_until.map(|v| json!(v))),
        ("disabled", change.disabled.map(|v| json!(v))),
        ("language", change.language.map(|v| json!(v))),
        ("unlock", change.unlock.then_some(json!(true))),
    ];
    let given = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect::<Map<_, _>>())
}

fn set_grants(
    connection: &Connection,
    id: AccountId,
    grants: &[Grant],
) -> Result<(), JournalError> {
    connection.prepare_cached("DELETE FROM account_grant WHERE account = ?1")?.execute([id.0])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO account_grant (account, position, organisation, role, valid_from, valid_until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (position, grant) in (0_i64..).zip(grants) {
        let organisation = organisation_number(connection, &grant.organisation)?;
        insert.execute((
            id.0,
            position,
            organisation,
            grant.role.as_str(),
            millis(grant.from),
            millis(grant.until),
        ))?;
    }
    Ok(())
}

fn number_of(connection: &Connection, name: Option<&str>) -> Result<Option<i64>, JournalError> {
    name.map(|name| organisation_number(connection, name)).transpose()
}
