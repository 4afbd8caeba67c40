//! What became of each recipient.

use sekimori_policy::Address;

use crate::ReplyCode;

/// A reply as read from a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerReply {
    /// The code.
    pub code: ReplyCode,
    /// The text of each line, without code; enhanced code included.
    pub lines: Vec<String>,
}

/// Why a recipient was not delivered to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The server said so.
    Reply(PeerReply),
    /// The connection was lost before the end of the message was written.
    Lost,
    /// The connection was lost after the end of the message was written: the server may have it, so
    /// that the next try may be a duplicate.
    LostAfterMessage,
    /// A reply that is none for what was said (a code that cannot stand there).
    Violation(PeerReply),
    /// An address needs SMTPUTF8, which the server does not offer (5.6.7).
    Smtputf8Needed,
    /// The message is larger than the server takes (5.3.4).
    TooLarge,
    /// The message has 8-bit octets and the server does not offer 8BITMIME (5.6.3).
    EightBitNeeded,
}

/// What became of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientResult {
    /// The server has taken responsibility.
    Delivered(PeerReply),
    /// Try again later.
    Deferred(Cause),
    /// Never.
    Failed(Cause),
}

/// Whether the connection can serve another transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Yes.
    Usable,
    /// No: drop it.
    Unusable,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionOutcome {
    /// Each recipient of the envelope, in its order.
    pub recipients: Vec<(Address, RecipientResult)>,
    /// The state of the connection.
    pub connection: Connection,
}
