//! What quarantine review keeps beside the messages: people, their sessions and tokens, requests,
//! exceptions, hand-overs; and the search over messages.
//!
//! # Invariants
//! - Whatever changes something writes its audit record in the same transaction, with who, from
//!   where and why.
//! - Nobody decides his own request or exception. Callers check rights; this rule is kept here as
//!   well, where no caller can leave it out.
//! - An approved request for the text makes only the recipients named in it due. One for an original
//!   or a part makes hand-overs or a time for downloads, never a delivery.
//! - Exceptions end by themselves.
//!
//! Layout: [`account`] people and their roles; [`credential`] what they prove who they are by;
//! [`token`], [`request`], [`exception`], [`hand_over`]; [`search`] lists of messages;
//! [`stop`] stops of the crossing.

pub mod account;
pub mod credential;
pub mod exception;
pub mod hand_over;
pub mod request;
pub mod search;
pub mod stop;
pub mod token;

use sekimori_policy::{QueueId, Timestamp};

pub use account::{Account, AccountChange, AccountId, Grant, NewAccount, Role};
pub use credential::{Credentials, SignInOutcome};
pub use exception::{ExceptionId, ExceptionState, NewException, StoredException};
pub use hand_over::{HandOver, HandOverId, HandOverResult, HandOverState};
pub use request::{
    Decided, NewRequest, Request, RequestFilter, RequestId, RequestState, Verdict, Wanted, Way,
};
pub use search::{Count, Hits, Listed, Search};
pub use stop::{Resumed, StopCause, StopId, StopScope, StoredStop};
pub use token::{NewToken, Scope, Token, TokenId};

use crate::{Actor, Journal, JournalError};

/// What quarantine review asks of a store. Calls may wait for the disk; another process may make
/// them while the relay runs.
pub trait Register: Journal {
    /// Every account that belongs to one of the organisations or has a grant there, ordered by
    /// organisation and login. `None` for every account of the gateway.
    fn accounts(&self, organisations: Option<&[String]>) -> Result<Vec<Account>, JournalError>;

    /// One account.
    fn account(&self, id: AccountId) -> Result<Option<Account>, JournalError>;

    /// The account with a login, whatever the case of its letters.
    fn account_by_login(&self, login: &str) -> Result<Option<Account>, JournalError>;

    /// The account that an identity provider's subject was bound to.
    fn account_by_subject(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Account>, JournalError>;

    /// Makes an account. [`JournalError::LoginTaken`] when the login is in use.
    fn add_account(
        &self,
        account: &NewAccount,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<AccountId, JournalError>;

    /// Changes an account; what the change leaves out stays. A change of grants, validity or
    /// credentials raises [`Account::version`], which ends the account's sessions.
    fn change_account(
        &self,
        id: AccountId,
        change: &AccountChange,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), JournalError>;

    /// What an account proves itself by.
    fn credentials(&self, id: AccountId) -> Result<Credentials, JournalError>;

    /// Replaces what an account proves itself by (a new password, a second factor set up or taken
    /// away, a subject bound) and raises its version.
    fn set_credentials(
        &self,
        id: AccountId,
        credentials: &Credentials,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), JournalError>;

    /// Puts an attempt to sign in on record and counts failures. `step` is the time step of the
    /// second factor that was used; a step once used is refused with `false`, in one transaction.
    fn note_sign_in(
        &self,
        id: AccountId,
        outcome: SignInOutcome,
        step: Option<i64>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<bool, JournalError>;

    /// Keeps a session's data under a key until `expires_at`, replacing what was there. Not on the
    /// audit record. At most [`credential::MAX_SESSION_OCTETS`].
    fn save_session(
        &self,
        key: &[u8; 32],
        data: &[u8],
        expires_at: Timestamp,
    ) -> Result<(), JournalError>;

    /// A session's data, unless it has expired.
    fn session(&self, key: &[u8; 32], now: Timestamp) -> Result<Option<Vec<u8>>, JournalError>;

    /// Forgets a session.
    fn delete_session(&self, key: &[u8; 32]) -> Result<(), JournalError>;

    /// Forgets sessions and tokens whose time is over, lets exceptions and requests lapse whose time
    /// is over, and gives how many rows that concerned.
    fn tidy(&self, now: Timestamp) -> Result<u64, JournalError>;

    /// Makes a token. Only its hash is kept.
    fn add_token(
        &self,
        token: &NewToken,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<TokenId, JournalError>;

    /// The token with this hash, whether or not its time is over.
    fn token_by_hash(&self, hash: &[u8; 32]) -> Result<Option<Token>, JournalError>;

    /// The tokens of an account, newest first.
    fn tokens(&self, account: AccountId) -> Result<Vec<Token>, JournalError>;

    /// Takes a token back. `false` when there is none of that number.
    fn revoke_token(
        &self,
        id: TokenId,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<bool, JournalError>;

    /// Files a request. Refused with [`JournalError::WrongState`] when the message's state has no
    /// use for it (a text is requested of held messages only), with
    /// [`JournalError::UnknownMessage`], with [`JournalError::AlreadyRequested`] when the same
    /// person has the same request open.
    fn add_request(
        &self,
        request: &NewRequest,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<RequestId, JournalError>;

    /// One request.
    fn request(&self, id: RequestId) -> Result<Option<Request>, JournalError>;

    /// Requests, newest first, from after a number.
    fn requests(
        &self,
        filter: &RequestFilter,
        before: Option<RequestId>,
        limit: usize,
    ) -> Result<Vec<Request>, JournalError>;

    /// Decides a request that is open, and does what follows from it, in one transaction.
    /// [`Decided::OwnRequest`] when the actor's account is the requester's; never with an actor that
    /// has no account.
    fn decide(
        &self,
        id: RequestId,
        verdict: &Verdict,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Decided, JournalError>;

    /// The requester files a returned request again with a new reason, or takes an open or returned
    /// one back (`None`).
    fn amend(
        &self,
        id: RequestId,
        reason: Option<&str>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Decided, JournalError>;

    /// Counts a download that an approved request allows, with its audit record. `false` when the
    /// request is not approved for download, its time is over, or the account is not its requester's.
    fn note_download(
        &self,
        id: RequestId,
        what: &Wanted,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<bool, JournalError>;

    /// Puts on record that a person looked at the content of a message (at most once an hour for the
    /// same person and message).
    fn note_look(&self, id: QueueId, actor: &Actor, now: Timestamp) -> Result<(), JournalError>;

    /// Files an exception (例外措置) for decision.
    fn add_exception(
        &self,
        exception: &NewException,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<ExceptionId, JournalError>;

    /// Exceptions of organisations, newest first; every one of the gateway with `None`.
    fn exceptions(
        &self,
        organisations: Option<&[String]>,
    ) -> Result<Vec<StoredException>, JournalError>;

    /// Every approved exception of the gateway that has not ended at `now`, begun or not, newest
    /// first.
    fn approved_exceptions(&self, now: Timestamp) -> Result<Vec<StoredException>, JournalError>;

    /// Approves or rejects an open exception, or ends an approved one before its time.
    fn decide_exception(
        &self,
        id: ExceptionId,
        state: ExceptionState,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Decided, JournalError>;

    /// Hand-overs by mail whose time has come, oldest first.
    fn due_hand_overs(&self, now: Timestamp, limit: usize) -> Result<Vec<HandOver>, JournalError>;

    /// The hand-overs of a request.
    fn hand_overs(&self, request: RequestId) -> Result<Vec<HandOver>, JournalError>;

    /// Records what came of an attempt to hand over.
    fn record_hand_over(
        &self,
        id: HandOverId,
        result: &HandOverResult,
        now: Timestamp,
    ) -> Result<(), JournalError>;

    /// Stops the crossing of what a scope names, for the reason that the actor gives. One of the same
    /// scope and cause that is in force already is given back as it is.
    fn add_stop(
        &self,
        scope: &StopScope,
        cause: StopCause,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<StopId, JournalError>;

    /// The stops in force, the oldest first: at most [`stop::MAX_STOPS`].
    fn stops(&self) -> Result<Vec<StoredStop>, JournalError>;

    /// When a stop ended last; `None` when none ever did.
    fn last_resumed(&self) -> Result<Option<Timestamp>, JournalError>;

    /// Ends a stop when the actor is another person than the one who stopped or asked; of a stop that
    /// no person made the first one only asks.
    fn resume(&self, id: StopId, actor: &Actor, now: Timestamp) -> Result<Resumed, JournalError>;

    /// A page of messages that match, without their bodies.
    fn search(
        &self,
        search: &Search,
        cursor: Option<QueueId>,
        limit: usize,
    ) -> Result<Hits, JournalError>;

    /// The ids of all messages that match, newest first, at most `limit`: for "select all that
    /// match".
    fn search_ids(&self, search: &Search, limit: usize) -> Result<Vec<QueueId>, JournalError>;

    /// Takes messages into the search index that are not in it yet, at most `limit`; gives how many
    /// were. Messages not yet in the index are found all the same, by a walk.
    fn index_messages(&self, limit: usize) -> Result<usize, JournalError>;
}
