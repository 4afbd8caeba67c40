//! What became of each recipient of a transaction.

use std::fmt;

use sekimori_policy::Address;

use crate::{ReplyClass, ReplyCode};

/// A reply as read from a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerReply {
    /// The code.
    pub code: ReplyCode,
    /// The text of each line, without the code; an enhanced code at its start is part of it.
    pub lines: Vec<String>,
}

impl PeerReply {
    /// The enhanced status code (RFC 2034) at the start of the text, if the server gave one of the
    /// class of its reply code.
    pub fn enhanced_status(&self) -> Option<&str> {
        let word = self.lines.first()?.split(' ').next()?;
        let mut numbers = word.split('.');
        let class = numbers.next()?.parse::<u16>().ok()?;
        let detail = |number: &str| number.len() <= 3 && number.parse::<u16>().is_ok();
        let well_formed = class == self.code.get() / 100
            && numbers.next().is_some_and(detail)
            && numbers.next().is_some_and(detail)
            && numbers.next().is_none();
        well_formed.then_some(word)
    }
}

impl fmt::Display for PeerReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code.get())?;
        self.lines.iter().try_for_each(|line| write!(f, " {line}"))
    }
}

/// Why a recipient was not delivered to. Its text is for logs and reports.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The server said so.
    #[error("the server said: {0}")]
    Reply(PeerReply),
    /// The connection was lost, or was given up, before the end of the message was written.
    #[error("the connection was lost")]
    Lost,
    /// The connection was lost, or was given up, after the end of the message was written: the
    /// server may have the message, so that the next try may bring a duplicate.
    #[error("the connection was lost after the message was sent; the server may have it")]
    LostAfterMessage,
    /// The server's reply is none that can be given to what was said.
    #[error("the server said something out of turn: {0}")]
    Violation(PeerReply),
    /// An address needs SMTPUTF8, which the server does not offer (RFC 6531 section 3.5).
    #[error("the server does not take addresses outside ASCII")]
    Smtputf8Needed,
    /// The message is larger than the server says it takes (RFC 1870 section 6.1).
    #[error("the message is larger than the server takes")]
    TooLarge,
    /// The message has octets over 127, and the server does not offer 8BITMIME.
    #[error("the server does not take octets over 127")]
    EightBitNeeded,
}

impl Cause {
    /// The enhanced status code for a delivery report (RFC 3463): the server's own where it gave
    /// one.
    pub fn status(&self) -> String {
        match self {
            Self::Reply(reply) => match reply.enhanced_status() {
                Some(status) => status.to_owned(),
                None => format!("{}.0.0", reply.code.get() / 100),
            },
            Self::Lost | Self::LostAfterMessage => "4.4.2".to_owned(),
            Self::Violation(_) => "4.5.0".to_owned(),
            Self::Smtputf8Needed => "5.6.7".to_owned(),
            Self::TooLarge => "5.3.4".to_owned(),
            Self::EightBitNeeded => "5.6.3".to_owned(),
        }
    }
}

/// What became of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientResult {
    /// The server has taken responsibility.
    Delivered(PeerReply),
    /// Not now: try again later.
    Deferred(Cause),
    /// Never: report to the sender.
    Failed(Cause),
}

impl RecipientResult {
    /// What a refusing reply means: 5yz is for ever, everything else is worth another try.
    pub(crate) fn refused(reply: &PeerReply) -> Self {
        let cause = Cause::Reply(reply.clone());
        match reply.code.class() {
            ReplyClass::Permanent => Self::Failed(cause),
            _ => Self::Deferred(cause),
        }
    }
}

/// Whether the connection can serve another transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Yes.
    Usable,
    /// No: drop it, without QUIT.
    Unusable,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionOutcome {
    /// Each recipient of the envelope, in its order.
    pub recipients: Vec<(Address, RecipientResult)>,
    /// What can become of the connection.
    pub connection: Connection,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, line: &str) -> PeerReply {
        PeerReply { code: ReplyCode::new(code).unwrap(), lines: vec![line.to_owned()] }
    }

    #[test]
    fn rfc2034_the_server_s_own_status_goes_into_reports_if_it_is_one() {
        for (code, line, status) in [
            (550, "5.1.1 No such user", "5.1.1"),
            (450, "4.2.0", "4.2.0"),
            (550, "No such user", "5.0.0"),
            (550, "4.1.1 contradicts itself", "5.0.0"),
            (550, "5.1", "5.0.0"),
            (550, "5.1.1.1 x", "5.0.0"),
            (550, "5.1.1234 x", "5.0.0"),
            (550, "", "5.0.0"),
        ] {
            assert_eq!(Cause::Reply(reply(code, line)).status(), status, "{code} {line}");
        }
    }

    #[test]
    fn a_cause_reads_as_a_sentence_with_what_the_server_said() {
        let cause = Cause::Reply(reply(550, "5.1.1 No such user"));
        assert_eq!(cause.to_string(), "the server said: 550 5.1.1 No such user");
    }
}
