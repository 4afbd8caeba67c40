//! The durable store: queue, originals, texts, decisions and audit record, in one transaction for
//! each message.
//!
//! Whatever a caller was told is safe survives SIGKILL and power loss: a message with its original,
//! the text that crosses, what was decided, its recipients and its record of receipt are there
//! together or not at all, and so are the results of delivery and what people did. No message can be
//! stored without its audit record: the journal writes that itself.
//!
//! # Invariants
//! - A completion is called with `Ok` only after what it stands for was synced and committed.
//! - A message is *queued*, *held*, or done: *delivered*, *failed*, *deleted*. Only done messages are
//!   ever removed, by retention, which leaves an audit record.
//! - A recipient that is settled stays settled; a message whose recipients are all settled is done:
//!   delivered, or failed when one of them was refused.
//! - The audit record is only appended to; its numbers have no gaps, in all and in each
//!   organisation's chain. What cannot be chained is not written, nor what it tells of.
//! - Queue ids grow and are never used twice.
//!
//! Moments are kept to the millisecond and read back in Japanese time, in whatever offset they came.
//!
//! # Bounds
//! The bounds of a call are constants beside the types they bound (`MAX_` in [`message`],
//! [`attempt`], [`audit`], [`action`], [`query`], [`body`]); those of an engine are its [`Settings`].
//! What is over one is refused before anything is written, but for texts that come from outside and
//! explain something (replies, subjects), which are cut, and audit records, which are never refused.
//! [`JournalError`] says for each refusal what an SMTP peer hears of it.
//!
//! # Layout
//! [`journal`] the trait that every engine implements, with a suite of checks in
//! `tests/journal/conformance`; [`embedded`] the engine for one machine; [`message`], [`body`],
//! [`attempt`], [`action`], [`audit`] what goes in; [`chain`] what makes changes of the audit record
//! show, [`cef`] how other systems read it; [`query`], [`retention`] what is asked; [`settings`];
//! [`error`]; [`shapes`] messages as JSON. [`register`] what quarantine review keeps beside the messages, and the trait for it.
#![forbid(unsafe_code)]

pub mod action;
pub mod attempt;
pub mod audit;
pub mod body;
pub mod cef;
pub mod chain;
pub mod embedded;
pub mod error;
pub mod journal;
pub mod message;
pub mod query;
pub mod register;
pub mod retention;
pub mod settings;
pub mod shapes;

pub use action::{Action, ActionOutcome, ActionResult, Actor};
pub use attempt::{AttemptRecord, AttemptResult, Relayed};
pub use audit::{
    AuditEntry, AuditFilter, AuditKind, AuditRecord, AuditScope, Follower, StoredAudit,
    StoredCheckpoint,
};
pub use body::Body;
pub use chain::checkpoint::Checkpoint;
pub use chain::fault::{Fault, Problem};
pub use chain::key::{AuditKey, AuditPublicKey};
pub use chain::verifier::{ChainReport, Verification};
pub use embedded::backup;
pub use embedded::{EmbeddedJournal, open, open_for_actions};
pub use error::JournalError;
pub use journal::{Completion, Journal};
pub use message::{
    ClientRecord, NewMessage, RecipientState, Route, State, StoredMessage, StoredRecipient,
    Submission, Summary,
};
pub use query::{DueCursor, DueMessage, DueRecipient, Filter, Key, Order, Statistics, Tally};
pub use register::{
    Account, AccountChange, AccountId, Count, Credentials, Decided, ExceptionId, ExceptionState,
    Grant, HandOver, HandOverId, HandOverResult, HandOverState, Hits, Listed, NewAccount,
    NewException, NewRequest, NewToken, Register, Request, RequestFilter, RequestId, RequestState,
    Resumed, Role, Scope, Search, SignInOutcome, StopCause, StopId, StopScope, StoredException,
    StoredStop, Token, TokenId, Verdict, Wanted, Way,
};
pub use retention::{Compacted, Expired, Retention};
pub use settings::Settings;
