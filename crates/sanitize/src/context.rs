//! What sanitizing needs to know, and what comes of it.

use sekimori_html::SourceOctets;
use sekimori_policy::{
    Decisions, Envelope, Exception, Limits, Organisation, Outcome, QueueId, ReferenceNumber,
    RemovedPart, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::account::Account;

/// What is known of one message beside its octets.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The queue id of the message here.
    pub queue_id: QueueId,
    /// Its 受付番号.
    pub reference: ReferenceNumber,
    /// When it was received.
    pub received_at: Timestamp,
    /// Until when the original is kept (保管期限).
    pub keep_until: Timestamp,
    /// Who it is from and for by the SMTP dialogue.
    pub envelope: &'a Envelope,
    /// Our host name, as it stands in `Received`. What is no host name in ASCII is written
    /// `localhost`.
    pub host: &'a str,
    /// The protocol it came by, for the `with` clause: `SMTP`, `ESMTP`, `ESMTPS` and so on. An
    /// unknown one is written `SMTP`.
    pub protocol: &'a str,
    /// Whose message it is.
    pub organisation: &'a Organisation,
    /// The organisation's approved exceptions. Those not in force at `received_at` do nothing.
    pub exceptions: &'a [Exception],
    /// Whether a rule may refuse the message. Where not, for example because other organisations
    /// get it too, it is held instead.
    pub may_refuse: bool,
    /// Bounds of the work.
    pub limits: &'a Limits,
    /// Asked between steps of the work; when it answers true, the message is held (`hold-time`).
    pub stop: &'a dyn Fn() -> bool,
}

/// What lists and searches show of a message. Safe text on one line each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The first mailbox of `From` as it crosses: `名前 <address>` or the address.
    pub from: String,
    /// The subject, or the empty string.
    pub subject: String,
    /// The message identifier with its angle brackets.
    pub message_id: Option<String>,
    /// The date as it crosses.
    pub date: Option<Timestamp>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sanitized {
    /// The message of the text-only profile. For a held message: what crosses on approval.
    pub message: Vec<u8>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// What was decided.
    pub decisions: Decisions,
    /// What was removed, in the order of the original.
    pub removed: Vec<RemovedPart>,
    /// The names of the rules by which people are to be told of it.
    pub notify: Vec<String>,
    /// What lists show of it.
    pub summary: Summary,
    /// The body of `message`, decoded, with LF line ends.
    pub text: String,
    /// What became of every octet of the input.
    pub account: Account,
    /// What became of every octet of the HTML that is shown, decoded: text, or left out by a decision.
    pub html: SourceOctets,
}
