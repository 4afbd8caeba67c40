//! Lists of messages as people look for them.

use sekimori_policy::{Address, Code, QueueId, ReferenceNumber, Timestamp};
use serde::Serialize;

use crate::{Order, State};

/// Longest text that is looked for, in characters; what is longer is cut.
pub const MAX_TEXT_CHARS: usize = 100;
/// Matches are counted up to here.
pub const MAX_COUNT: u64 = 10_000;
/// Recipients that a row of a list names.
pub const LISTED_RECIPIENTS: usize = 3;

/// Which messages are looked for. Every condition that is given must hold. Texts are found anywhere
/// within, whatever the case and width of letters (NFKC, lower case).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Of one of these organisations; empty for none at all.
    pub organisations: Vec<String>,
    /// For one of these recipients: what a requester may see. `None` for any.
    pub own: Option<Vec<Address>>,
    /// Any of these states; empty for all.
    pub states: Vec<State>,
    /// In the subject, From, sender, a recipient, the name of a removed part, or the whole 受付番号
    /// or queue id. Words parted by blanks must each be found.
    pub text: Option<String>,
    /// In the From field or the envelope sender.
    pub from: Option<String>,
    /// In an envelope recipient.
    pub to: Option<String>,
    /// In the subject.
    pub subject: Option<String>,
    /// In the name of a removed part.
    pub part: Option<String>,
    /// With every one of these decisions.
    pub codes: Vec<Code>,
    /// Received at or after.
    pub since: Option<Timestamp>,
    /// Received before.
    pub until: Option<Timestamp>,
    /// With an open request.
    pub requested: bool,
    /// Which end comes first.
    pub order: Order,
}

/// How many messages match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// More than were counted.
    MoreThan(u64),
}

/// A message as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its queue id.
    pub queue_id: QueueId,
    /// Its 受付番号.
    pub reference: ReferenceNumber,
    /// What has become of it.
    pub state: State,
    /// Its organisation.
    pub organisation: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// Until when the original is kept.
    pub keep_until: Timestamp,
    /// 差出人.
    pub from: String,
    /// 送信元; empty for the null path.
    pub sender: String,
    /// 件名.
    pub subject: String,
    /// Octets as received.
    pub size: u64,
    /// The first [`LISTED_RECIPIENTS`] recipients.
    pub recipients: Vec<Address>,
    /// How many recipients there are.
    pub recipient_count: u32,
    /// How many parts were removed.
    pub removed_count: u32,
    /// Codes of decisions.
    pub codes: Vec<Code>,
    /// Whether a request is open.
    pub requested: bool,
}

/// A page of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    /// The messages, in the order asked for.
    pub messages: Vec<Listed>,
    /// Where the next page begins, when there is one.
    pub next: Option<QueueId>,
    /// How many match in all.
    pub count: Count,
}
