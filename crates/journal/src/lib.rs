//! The durable store: queue, originals, texts, decisions and audit in one transaction per message
#![forbid(unsafe_code)]

pub mod action;
pub mod attempt;
pub mod audit;
pub mod body;
pub mod embedded;
pub mod error;
pub mod journal;
pub mod message;
pub mod query;
pub mod retention;
pub mod settings;

pub use action::{Action, ActionOutcome, ActionResult, Actor};
pub use attempt::{AttemptRecord, AttemptResult};
pub use audit::{AuditKind, AuditRecord, StoredAudit};
pub use body::Body;
pub use embedded::{EmbeddedJournal, open, open_for_actions};
pub use error::JournalError;
pub use journal::{Completion, Journal};
pub use message::{
    ClientRecord, NewMessage, RecipientState, Route, State, StoredMessage, StoredRecipient,
    Submission, Summary,
};
pub use query::{DueCursor, DueMessage, DueRecipient, Filter, Key, Order, Statistics, Tally};
pub use retention::{Compacted, Expired, Retention};
pub use settings::Settings;
