//! What accounts prove themselves by, and attempts to sign in.

use rusqlite::{Connection, ErrorCode, OptionalExtension};
use sekimori_policy::Timestamp;
use serde_json::json;

use super::accounts::{existing, person, record};
use super::{millis, moment};
use crate::embedded::actions::append;
use crate::embedded::prepared::within;
use crate::embedded::sums::Sums;
use crate::register::credential::{
    MAX_PASSWORD_HASH_OCTETS, MAX_RECOVERY_CODES, MAX_SECRET_OCTETS, MAX_SUBJECT_OCTETS,
};
use crate::register::{AccountId, Credentials, SignInOutcome};
use crate::{Actor, AuditKind, JournalError};

/// What an account proves itself by.
pub(super) fn read(connection: &Connection, id: AccountId) -> Result<Credentials, JournalError> {
    connection
        .prepare_cached(
            "SELECT password_hash, password_is_temporary, totp_secret, recovery, issuer, subject,
                failures, locked_until FROM account WHERE id = ?1",
        )?
        .query_row([id.0], |row| {
            let recovery: Vec<u8> = row.get(3)?;
            let issuer: Option<String> = row.get(4)?;
            Ok(Credentials {
                password_hash: row.get(0)?,
                password_is_temporary: row.get(1)?,
                totp_secret: row.get(2)?,
                recovery_hashes: recovery.as_chunks().0.to_vec(),
                subject: issuer.zip(row.get(5)?),
                failures: row.get(6)?,
                locked_until: moment(row.get(7)?),
            })
        })
        .optional()?
        .ok_or(JournalError::UnknownAccount(id))
}

/// Replaces what an account proves itself by.
pub(super) fn replace(
    connection: &Connection,
    sums: &mut Sums,
    id: AccountId,
    credentials: &Credentials,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), JournalError> {
    let account = existing(connection, id)?;
    let before = read(connection, id)?;
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    within(
        "length of a password's hash",
        length(&credentials.password_hash),
        MAX_PASSWORD_HASH_OCTETS,
    )?;
    let secret = credentials.totp_secret.as_ref().map_or(0, Vec::len);
    within("length of a shared secret", secret, MAX_SECRET_OCTETS)?;
    within("number of recovery codes", credentials.recovery_hashes.len(), MAX_RECOVERY_CODES)?;
    let (issuer, subject) = credentials.subject.clone().unzip();
    within("length of an issuer", length(&issuer), MAX_SUBJECT_OCTETS)?;
    within("length of a subject", length(&subject), MAX_SUBJECT_OCTETS)?;
    connection
        .prepare_cached(
            "UPDATE account SET password_hash = ?2, password_is_temporary = ?3, totp_secret = ?4,
                totp_step = CASE WHEN totp_secret IS ?4 THEN totp_step END,
                recovery = ?5, issuer = ?6, subject = ?7, failures = ?8, locked_until = ?9,
                version = version + 1
             WHERE id = ?1",
        )?
        .execute((
            id.0,
            &credentials.password_hash,
            credentials.password_is_temporary,
            &credentials.totp_secret,
            credentials.recovery_hashes.concat(),
            issuer,
            subject,
            credentials.failures,
            millis(credentials.locked_until),
        ))
        .map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => JournalError::SubjectTaken,
            _ => error.into(),
        })?;
    // What was replaced, never by what.
    let changes = [
        ("password", before.password_hash != credentials.password_hash),
        ("second factor", before.totp_secret != credentials.totp_secret),
        ("recovery codes", before.recovery_hashes != credentials.recovery_hashes),
        ("identity provider", before.subject != credentials.subject),
    ];
    let changed: Vec<_> = changes.iter().filter(|(_, is)| *is).map(|(name, _)| name).collect();
    let details = json!({ "person": person(&account), "credentials": changed });
    let record = record(now, account.organisation, AuditKind::AccountChanged);
    append(connection, sums, record, details, actor)
}

/// Puts an attempt to sign in on record.
pub(super) fn note_sign_in(
    connection: &Connection,
    sums: &mut Sums,
    id: AccountId,
    (outcome, step): (SignInOutcome, Option<i64>),
    actor: &Actor,
    now: Timestamp,
) -> Result<bool, JournalError> {
    let account = existing(connection, id)?;
    if let Some(step) = step {
        let taken = connection
            .prepare_cached(
                "UPDATE account SET totp_step = ?2
                 WHERE id = ?1 AND (totp_step IS NULL OR totp_step < ?2)",
            )?
            .execute((id.0, step))?;
        if taken == 0 {
            return Ok(false);
        }
    }
    let mut details = json!({ "person": person(&account), "second_factor": step.is_some() });
    let kind = match outcome {
        SignInOutcome::Succeeded => {
            connection
                .prepare_cached(
                    "UPDATE account SET failures = 0, locked_until = NULL, last_sign_in = ?2
                     WHERE id = ?1",
                )?
                .execute((id.0, now.unix_millis()))?;
            AuditKind::SignedIn
        }
        SignInOutcome::Failed { locked_until } => {
            let failures: u32 = connection
                .prepare_cached(
                    "UPDATE account SET failures = min(failures + 1, 1000000000),
                        locked_until = coalesce(?2, locked_until)
                     WHERE id = ?1 RETURNING failures",
                )?
                .query_row((id.0, millis(locked_until)), |row| row.get(0))?;
            details = json!({
                "person": person(&account), "failures": failures, "locked_until": locked_until,
            });
            AuditKind::SignInFailed
        }
        SignInOutcome::SignedOut => {
            details = json!({ "person": person(&account) });
            AuditKind::SignedOut
        }
    };
    append(connection, sums, record(now, account.organisation, kind), details, actor)?;
    Ok(true)
}
