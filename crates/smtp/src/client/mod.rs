//! The client side without I/O: what to write, and what the replies mean for each recipient.

mod dots;
mod extensions;
mod outcome;
mod transaction;

#[cfg(test)]
mod tests;

pub use dots::dot_stuff;
pub use extensions::PeerExtensions;
pub use outcome::{Cause, Connection, PeerReply, RecipientResult, TransactionOutcome};
pub use transaction::{Action, MessageInfo, Transaction};
