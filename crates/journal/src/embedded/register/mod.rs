//! What quarantine review keeps, in the tables of `schema.sql`.
//!
//! Every change is one transaction with its audit record. Layout: [`accounts`] and [`reading`] of
//! them, [`credentials`], [`sessions`], [`tokens`]; [`filing`] of requests, [`requests`] lists of
//! them, [`deciding`], [`using`] what was decided; [`exceptions`]; [`hand_overs`]; [`stops`];
//! [`tidying`].

mod accounts;
mod credentials;
mod deciding;
mod exceptions;
mod filing;
mod hand_overs;
mod reading;
mod requests;
mod sessions;
mod stops;
mod tidying;
mod tokens;
mod using;

use rusqlite::Connection;
use sekimori_policy::{QueueId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) use self::requests::OPEN;
pub(super) use self::tidying::lapse_requests;

use super::sums::{Sums, known_organisation};
use super::{EmbeddedJournal, search};
use crate::register::request::MAX_REASON_OCTETS;
use crate::register::{
    Account, AccountChange, AccountId, Credentials, Decided, ExceptionId, ExceptionState, HandOver,
    HandOverId, HandOverResult, Hits, NewAccount, NewException, NewRequest, NewToken, Register,
    Request, RequestFilter, RequestId, Resumed, Search, SignInOutcome, StopCause, StopId,
    StopScope, StoredException, StoredStop, Token, TokenId, Verdict, Wanted,
};
use crate::{Actor, JournalError};

/// The register's tables: a step of the schema.
pub(super) const SCHEMA: &str = include_str!("schema.sql");
pub(super) use stops::SCHEMA as STOPS;

impl EmbeddedJournal {
    /// A transaction for what a person did.
    fn change<T>(
        &self,
        actor: &Actor,
        work: impl FnOnce(&Connection, &mut Sums) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        super::actions::bound(actor, MAX_REASON_OCTETS)?;
        self.act(work)
    }

    /// A transaction of the program's own.
    fn act<T>(
        &self,
        work: impl FnOnce(&Connection, &mut Sums) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        self.store.act(|connection| {
            let mut sums = self.store.sums();
            let done = work(connection, &mut sums)?;
            sums.write(connection)?;
            Ok(done)
        })
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        self.store.readers.read(work)
    }
}

impl Register for EmbeddedJournal {
    fn accounts(&self, organisations: Option<&[String]>) -> Result<Vec<Account>, JournalError> {
        self.read(|connection| reading::accounts(connection, organisations))
    }

    fn account(&self, id: AccountId) -> Result<Option<Account>, JournalError> {
        self.read(|connection| reading::account(connection, id))
    }

    fn account_by_login(&self, login: &str) -> Result<Option<Account>, JournalError> {
        self.read(|connection| reading::account_by_login(connection, login))
    }

    fn account_by_subject(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Account>, JournalError> {
        self.read(|connection| reading::account_by_subject(connection, issuer, subject))
    }

    fn add_account(
        &self,
        account: &NewAccount,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<AccountId, JournalError> {
        self.change(actor, |connection, sums| accounts::add(connection, sums, account, actor, now))
    }

    fn change_account(
        &self,
        id: AccountId,
        change: &AccountChange,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.change(actor, |connection, sums| {
            accounts::change(connection, sums, id, change, actor, now)
        })
    }

    fn credentials(&self, id: AccountId) -> Result<Credentials, JournalError> {
        self.read(|connection| credentials::read(connection, id))
    }

    fn set_credentials(
        &self,
        id: AccountId,
        credentials: &Credentials,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.change(actor, |connection, sums| {
            credentials::replace(connection, sums, id, credentials, actor, now)
        })
    }

    fn note_sign_in(
        &self,
        id: AccountId,
        outcome: SignInOutcome,
        step: Option<i64>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<bool, JournalError> {
        self.change(actor, |connection, sums| {
            credentials::note_sign_in(connection, sums, id, (outcome, step), actor, now)
        })
    }

    fn save_session(
        &self,
        key: &[u8; 32],
        data: &[u8],
        expires_at: Timestamp,
    ) -> Result<(), JournalError> {
        self.act(|connection, _| sessions::save(connection, key, data, expires_at))
    }

    fn session(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, JournalError> {
        self.read(|connection| sessions::find(connection, key, now))
    }

    fn delete_session(&self, key: &[u8; 32]) -> Result<(), JournalError> {
        self.act(|connection, _| sessions::delete(connection, key))
    }

    fn tidy(&self, now: Timestamp) -> Result<u64, JournalError> {
        tidying::tidy(&self.store, now)
    }

    fn add_token(
        &self,
        token: &NewToken,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<TokenId, JournalError> {
        self.change(actor, |connection, sums| tokens::add(connection, sums, token, actor, now))
    }

    fn token_by_hash(&self, hash: &[u8; 32]) -> Result<Option<Token>, JournalError> {
        self.read(|connection| tokens::by_hash(connection, hash))
    }

    fn tokens(&self, account: AccountId) -> Result<Vec<Token>, JournalError> {
        self.read(|connection| tokens::of(connection, account))
    }

    fn revoke_token(
        &self,
        id: TokenId,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<bool, JournalError> {
        self.change(actor, |connection, sums| tokens::revoke(connection, sums, id, actor, now))
    }

    fn add_request(
        &self,
        request: &NewRequest,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<RequestId, JournalError> {
        self.change(actor, |connection, sums| filing::add(connection, sums, request, actor, now))
    }

    fn request(&self, id: RequestId) -> Result<Option<Request>, JournalError> {
        self.read(|connection| requests::find(connection, id))
    }

    fn requests(
        &self,
        filter: &RequestFilter,
        before: Option<RequestId>,
        limit: usize,
    ) -> Result<Vec<Request>, JournalError> {
        self.read(|connection| requests::list(connection, filter, before, limit))
    }

    fn decide(
        &self,
        id: RequestId,
        verdict: &Verdict,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Decided, JournalError> {
        self.change(actor, |connection, sums| {
            deciding::decide(connection, sums, id, verdict, actor, now)
        })
    }

    fn amend(
        &self,
        id: RequestId,
        reason: Option<&str>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Decided, JournalError> {
        self.change(actor, |connection, sums| {
            filing::amend(connection, sums, id, reason, actor, now)
        })
    }

    fn note_download(
        &self,
        id: RequestId,
        what: &Wanted,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<bool, JournalError> {
        self.change(actor, |connection, sums| {
            using::note_download(connection, sums, id, what, actor, now)
        })
    }

    fn note_look(&self, id: QueueId, actor: &Actor, now: Timestamp) -> Result<(), JournalError> {
        self.change(actor, |connection, sums| using::note_look(connection, sums, id, actor, now))
    }

    fn add_exception(
        &self,
        exception: &NewException,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<ExceptionId, JournalError> {
        self.change(actor, |connection, sums| {
            exceptions::add(connection, sums, exception, actor, now)
        })
    }

    fn exceptions(
        &self,
        organisations: Option<&[String]>,
    ) -> Result<Vec<StoredException>, JournalError> {
        self.read(|connection| exceptions::list(connection, organisations))
    }

    fn approved_exceptions(&self, now: Timestamp) -> Result<Vec<StoredException>, JournalError> {
        self.read(|connection| exceptions::approved(connection, now))
    }

    fn decide_exception(
        &self,
        id: ExceptionId,
        state: ExceptionState,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Decided, JournalError> {
        self.change(actor, |connection, sums| {
            exceptions::decide(connection, sums, id, state, actor, now)
        })
    }

    fn due_hand_overs(&self, now: Timestamp, limit: usize) -> Result<Vec<HandOver>, JournalError> {
        self.read(|connection| hand_overs::due(connection, now, limit))
    }

    fn hand_overs(&self, request: RequestId) -> Result<Vec<HandOver>, JournalError> {
        self.read(|connection| hand_overs::of(connection, request))
    }

    fn record_hand_over(
        &self,
        id: HandOverId,
        result: &HandOverResult,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.act(|connection, sums| hand_overs::record(connection, sums, id, result, now))
    }

    fn add_stop(
        &self,
        scope: &StopScope,
        cause: StopCause,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<StopId, JournalError> {
        self.change(actor, |connection, sums| {
            stops::add(connection, sums, scope, cause, actor, now)
        })
    }

    fn stops(&self) -> Result<Vec<StoredStop>, JournalError> {
        self.read(stops::in_force)
    }

    fn last_resumed(&self) -> Result<Option<Timestamp>, JournalError> {
        self.read(stops::last_resumed)
    }

    fn resume(&self, id: StopId, actor: &Actor, now: Timestamp) -> Result<Resumed, JournalError> {
        self.change(actor, |connection, sums| stops::resume(connection, sums, id, actor, now))
    }

    fn search(
        &self,
        search: &Search,
        cursor: Option<QueueId>,
        limit: usize,
    ) -> Result<Hits, JournalError> {
        self.read(|connection| search::search(connection, search, cursor, limit))
    }

    fn search_ids(&self, search: &Search, limit: usize) -> Result<Vec<QueueId>, JournalError> {
        self.read(|connection| search::ids(connection, search, limit))
    }

    fn index_messages(&self, limit: usize) -> Result<usize, JournalError> {
        search::index_messages(&self.store, limit)
    }
}

/// The numbers of those organisations that the store knows.
pub(super) fn known_organisations(
    connection: &Connection,
    names: &[String],
) -> Result<Vec<i64>, JournalError> {
    let mut numbers = Vec::new();
    for name in names {
        numbers.extend(known_organisation(connection, name)?);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// The account that acts.
fn account_of(actor: &Actor) -> Result<AccountId, JournalError> {
    actor.account.ok_or(JournalError::NoAccount)
}

/// As JSON, for a column.
fn column(value: &impl Serialize) -> Result<String, JournalError> {
    super::prepared::json(value)
}

/// A column of JSON as read.
fn from_column<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, JournalError> {
    serde_json::from_str(text).map_err(|error| JournalError::damaged(format!("{what}: {error}")))
}

/// One of a list of names as read.
fn named<T: Copy>(
    what: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
    text: &str,
) -> Result<T, JournalError> {
    all.iter()
        .copied()
        .find(|&one| name(one) == text)
        .ok_or_else(|| JournalError::damaged(format!("{what} {text:?}")))
}

fn millis(moment: Option<Timestamp>) -> Option<i64> {
    moment.map(Timestamp::unix_millis)
}

fn moment(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::japanese_time)
}
