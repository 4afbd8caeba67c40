//! Requests (取り出し申請), and what is decided on them.

use sekimori_policy::{Address, QueueId, ReferenceNumber, Timestamp};
use serde::{Deserialize, Serialize};

use super::AccountId;
use crate::ActionOutcome;

/// Longest reason of a request or decision, in octets of UTF-8.
pub const MAX_REASON_OCTETS: usize = 4_000;
/// Most parts and most recipients named in one request.
pub const MAX_NAMED: usize = 1_000;
/// Most open requests of one person.
pub const MAX_OPEN_REQUESTS: usize = 1_000;

/// The number of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub i64);

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "what", content = "sections")]
pub enum Wanted {
    /// The text of a held message is to cross.
    Text,
    /// The original, whole, on the Internet side.
    Original,
    /// Removed parts, by their sections, on the Internet side.
    Parts(Vec<String>),
}

impl Wanted {
    /// Whether it is content that may never go toward LGWAN.
    pub fn is_original(&self) -> bool {
        !matches!(self, Self::Text)
    }
}

/// How an original is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// The requester downloads it.
    Download,
    /// It is sent to mailboxes of the Internet side.
    Mail,
}

/// A request to be filed. The requester is the actor of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// The message.
    pub queue_id: QueueId,
    /// What is asked for.
    pub wanted: Wanted,
    /// For whom: of a text, some of the message's recipients; of an original by mail, mailboxes of
    /// the Internet side; of a download, nobody.
    pub recipients: Vec<Address>,
    /// How an original is to be handed over. Of no meaning for a text.
    pub way: Way,
    /// Why.
    pub reason: String,
}

/// What has become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestState {
    /// 申請中: waits for another person.
    Open,
    /// 差し戻し: waits for the requester.
    Returned,
    /// 承認済み.
    Approved,
    /// 却下.
    Rejected,
    /// 取り下げ.
    Withdrawn,
    /// 期限切れ: its message is gone.
    Lapsed,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Returned, Self::Approved, Self::Rejected, Self::Withdrawn, Self::Lapsed];

    /// The name used in output for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }
}

/// A request as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Its number.
    pub id: RequestId,
    /// The message.
    pub queue_id: QueueId,
    /// The message's 受付番号.
    pub reference: ReferenceNumber,
    /// The message's organisation.
    pub organisation: String,
    /// The message's subject as lists show it.
    pub subject: String,
    /// What is asked for.
    pub wanted: Wanted,
    /// For whom; see [`NewRequest::recipients`].
    pub recipients: Vec<Address>,
    /// How an original is to be handed over.
    pub way: Way,
    /// Who asks.
    pub requester: AccountId,
    /// His name when he asked.
    pub requester_name: String,
    /// Why.
    pub reason: String,
    /// What has become of it.
    pub state: RequestState,
    /// When it was filed.
    pub created_at: Timestamp,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// His name when he decided.
    pub decided_by_name: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// What he said.
    pub decision_reason: Option<String>,
    /// For whom it was approved.
    pub granted_recipients: Option<Vec<Address>>,
    /// Which parts were approved, of a request for parts.
    pub granted_sections: Option<Vec<String>>,
    /// Until when an approved original may be downloaded.
    pub usable_until: Option<Timestamp>,
    /// Downloads so far.
    pub downloads: u32,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// 承認. For whom and which parts: `None` as requested, otherwise some of what was requested.
    Approve {
        /// Fewer recipients than requested.
        recipients: Option<Vec<Address>>,
        /// Fewer parts than requested.
        sections: Option<Vec<String>>,
        /// Until when an original may be downloaded.
        usable_until: Timestamp,
    },
    /// 却下.
    Reject,
    /// 差し戻し: the requester is to say more.
    Return,
}

/// What came of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Done, and on the audit record.
    Done,
    /// No such request.
    Unknown,
    /// It is not open (any more).
    WrongState(RequestState),
    /// The message's state does not allow it (any more).
    Message(ActionOutcome),
    /// Nobody decides his own request.
    OwnRequest,
    /// It is another's request.
    NotOwnRequest,
}

/// Which requests a list has. Every condition that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Of messages of one of these organisations; empty for none at all.
    pub organisations: Vec<String>,
    /// Any of these states; empty for all.
    pub states: Vec<RequestState>,
    /// Filed by this account.
    pub requester: Option<AccountId>,
    /// Of this message.
    pub queue_id: Option<QueueId>,
    /// Filed at or after.
    pub since: Option<Timestamp>,
    /// Filed before.
    pub until: Option<Timestamp>,
}
