//! Messages as they are handed in and as they are read back.

use std::collections::BTreeMap;
use std::fmt;

use sekimori_policy::{
    Address, Decisions, Envelope, Outcome, QueueId, ReferenceNumber, RemovedPart, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{AttemptRecord, AuditRecord, Body, Relayed};

/// Most messages in one submission: one for each organisation among a transaction's recipients.
pub const MAX_MESSAGES: usize = 1_000;
/// Most recipients of one message.
pub const MAX_RECIPIENTS: usize = 10_000;
/// Longest summary line kept, in octets of UTF-8; what is longer is cut.
pub const MAX_SUMMARY_OCTETS: usize = 2_000;
/// Longest organisation name, in octets of UTF-8.
pub const MAX_ORGANISATION_OCTETS: usize = 500;
/// Longest record of one message's client, decisions and removed parts, in octets of JSON.
pub const MAX_DETAIL_OCTETS: usize = 8 * 1024 * 1024;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    /// To the next hop in the LGWAN segment.
    Forward,
    /// Back to the sender in the Internet segment: a report.
    Return,
}

/// What has become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Waiting for its next delivery attempt.
    Queued,
    /// Waiting for a person.
    Held,
    /// Every recipient's next hop has answered 250.
    Delivered,
    /// Every recipient is settled and at least one of them was refused for good.
    Failed,
    /// A person took it out of the queue. It stays findable until retention removes it.
    Deleted,
}

impl State {
    /// Every state, in the order a message may pass through them.
    pub const ALL: [Self; 5] =
        [Self::Queued, Self::Held, Self::Delivered, Self::Failed, Self::Deleted];

    /// The name used in output for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
        }
    }

    /// Whether nothing more will be done with the message, so that retention may remove it.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Deleted)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What has become of a message for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecipientState {
    /// Not settled: to be tried (again) when the message is queued and the time has come.
    Waiting,
    /// The next hop has answered 250.
    Delivered,
    /// Refused for good.
    Failed,
}

/// Who handed a message in, as the SMTP session knew it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRecord {
    /// Network address of the client, without the port.
    pub address: String,
    /// What the client said in HELO or EHLO.
    pub helo: String,
    /// The client's host name, where one is known.
    pub name: Option<String>,
    /// `SMTP`, `ESMTP`, `ESMTPS` and so on (RFC 3848).
    pub protocol: String,
    /// TLS version and cipher suite, where TLS was in use.
    pub tls: Option<String>,
    /// What a listed peer said by XFORWARD about the client before it: attribute to value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub xforward: BTreeMap<String, String>,
}

/// What a list shows of a message: header text already made safe for display.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The From field as people read it (差出人).
    pub from: String,
    /// The subject (件名).
    pub subject: String,
    /// The message-id, without angle brackets.
    pub message_id: Option<String>,
    /// The Date field.
    pub date: Option<Timestamp>,
}

/// One message for one organisation, to be made durable.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its queue id, from [`Journal::allocate`](crate::Journal::allocate).
    pub queue_id: QueueId,
    /// Its 受付番号, from the same call.
    pub reference: ReferenceNumber,
    /// Which way it goes.
    pub route: Route,
    /// Name of the organisation whose mail it is. At most [`MAX_ORGANISATION_OCTETS`].
    pub organisation: String,
    /// From whom and for whom: this organisation's recipients only, at least one, at most
    /// [`MAX_RECIPIENTS`].
    pub envelope: Envelope,
    /// When it was received.
    pub received_at: Timestamp,
    /// Until when its original is kept after it is done.
    pub keep_until: Timestamp,
    /// Who handed it in.
    pub client: ClientRecord,
    /// `Deliver` queues it, `Hold` holds it. `Reject` is refused, since nothing is kept of those.
    pub outcome: Outcome,
    /// What lists show of it. Its lines are cut at [`MAX_SUMMARY_OCTETS`].
    pub summary: Summary,
    /// Octets of the message as received.
    pub size: u64,
    /// The text that crosses, compressed.
    pub text: Body,
    /// What was decided.
    pub decisions: Decisions,
    /// What was removed.
    pub removed: Vec<RemovedPart>,
}

/// What becomes durable together or not at all: the messages made of one original, and the audit
/// records and delivery results that belong to them.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The original, stored once for all messages. `None` when the messages were made here.
    pub original: Option<Body>,
    /// One message for each organisation, at most [`MAX_MESSAGES`].
    pub messages: Vec<NewMessage>,
    /// Further records, at most [`MAX_AUDIT_RECORDS`](crate::audit::MAX_AUDIT_RECORDS). That of
    /// each message's receipt is written by the journal itself.
    pub audit: Vec<AuditRecord>,
    /// Results that the messages follow from, such as the refusal that a report tells of, at most
    /// [`MAX_ATTEMPTS`](crate::attempt::MAX_ATTEMPTS).
    pub attempts: Vec<AttemptRecord>,
    /// Others are about to be handed in: the journal may wait a little to commit this one with them.
    pub others_follow: bool,
}

/// One recipient of a stored message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecipient {
    /// Position in the envelope, from 0.
    pub index: u32,
    /// The address.
    pub address: Address,
    /// What has become of the message for this recipient.
    pub state: RecipientState,
    /// Delivery attempts made.
    pub attempts: u32,
    /// When the next attempt is due. `None` once settled.
    pub next_attempt_at: Option<Timestamp>,
    /// When the last attempt was made.
    pub last_attempt_at: Option<Timestamp>,
    /// The last answer, or the reason why there was none.
    pub last_reply: Option<String>,
    /// The hop that gave it.
    pub hop: Option<String>,
    /// Under what a gate has the message for this recipient, while it is not settled.
    pub relayed: Option<Relayed>,
}

/// A message as the journal holds it, without its bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its queue id.
    pub queue_id: QueueId,
    /// Its 受付番号.
    pub reference: ReferenceNumber,
    /// Which way it goes.
    pub route: Route,
    /// What has become of it.
    pub state: State,
    /// Name of its organisation.
    pub organisation: String,
    /// Its envelope sender and recipients.
    pub envelope: Envelope,
    /// The same recipients in the same order, with what has become of each.
    pub recipients: Vec<StoredRecipient>,
    /// When it was received.
    pub received_at: Timestamp,
    /// Until when it is kept after it is done.
    pub keep_until: Timestamp,
    /// When it was delivered, failed or deleted.
    pub done_at: Option<Timestamp>,
    /// Who handed it in.
    pub client: ClientRecord,
    /// What was decided at receipt.
    pub outcome: Outcome,
    /// What lists show of it.
    pub summary: Summary,
    /// Octets of the message as received.
    pub size: u64,
    /// Octets of the text that crosses.
    pub text_size: u64,
    /// Whether there is an original to read.
    pub has_original: bool,
    /// What was decided.
    pub decisions: Decisions,
    /// What was removed.
    pub removed: Vec<RemovedPart>,
}
