//! The record of what was decided and done. It is only ever appended to.

use std::fmt;

use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};
use serde::{Deserialize, Serialize};

use crate::chain::Hash;
use crate::chain::checkpoint::Checkpoint;
use crate::{Key, Order};

/// Longest details of one audit record that a caller hands in, in octets of JSON. Longer ones are
/// replaced by a note of their size: a record is never refused for its length.
pub const MAX_AUDIT_OCTETS: usize = 16 * 1024;
/// Most further records in one submission.
pub const MAX_AUDIT_RECORDS: usize = 10_000;

macro_rules! kinds {
    ($($name:ident $text:literal $doc:literal;)*) => {
        /// What an audit record tells of. Kinds are only ever added.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum AuditKind {
            $(#[doc = $doc] $name,)*
        }

        impl AuditKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in the store and in output for machines.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    Received "received" "A message was received and what was made of it is durable.";
    Refused "refused" "A peer, a recipient or a message was refused in the SMTP dialogue.";
    Delivered "delivered" "The next hop took the message for a recipient.";
    Relayed "relayed" "A gate took the message for a recipient and has yet to deliver it.";
    Deferred "deferred" "An attempt for a recipient did not succeed and will be repeated.";
    Failed "failed" "A recipient was refused for good, or given up.";
    Held "held" "The message waits for a person.";
    Released "released" "A person put a held message into the queue.";
    Deleted "deleted" "A person took a message out of the queue.";
    Flushed "flushed" "A person made a queued message due at once.";
    Expired "expired" "Retention removed a message and its bodies.";
    Lost "lost" "Records that could not be kept because too many waited; their number is in the details.";
    Configured "configured" "The configuration in force was loaded or changed.";
    SignedIn "signed-in" "A person signed in.";
    SignInFailed "sign-in-failed" "An attempt to sign in was refused.";
    SignedOut "signed-out" "A person signed out, or was signed out.";
    Looked "looked" "A person saw the content of a message.";
    Downloaded "downloaded" "A person downloaded an original or a removed part.";
    Requested "requested" "A person asked for something that another has to approve (申請).";
    Approved "approved" "A person approved a request (承認).";
    Rejected "rejected" "A person rejected a request (却下).";
    Returned "returned" "A person sent a request back to be amended (差し戻し).";
    Withdrawn "withdrawn" "A person took a request of their own back (取り下げ).";
    HandedOver "handed-over" "An original or a removed part was handed over on the Internet side.";
    Restored "restored" "A person undid the deletion of a message.";
    Extended "extended" "A person had a message kept for longer.";
    ExceptionRequested "exception-requested" "A person asked for an exception (例外措置).";
    ExceptionApproved "exception-approved" "A person approved an exception.";
    ExceptionRejected "exception-rejected" "A person rejected an exception.";
    ExceptionEnded "exception-ended" "An exception lapsed or was ended.";
    AccountChanged "account-changed" "An account was made, changed or closed.";
    TokenChanged "token-changed" "A token of the HTTP API was made or revoked.";
    Exported "exported" "A person exported messages, records or accounts.";
    Noticed "noticed" "A notice or a digest was sent.";
    Stopped "stopped" "The crossing was stopped (非常停止).";
    ResumeAsked "resume-asked" "A person asked to resume the crossing; another has to agree.";
    Resumed "resumed" "A second person had the crossing resumed.";
    CanaryPassed "canary-passed" "A canary arrived as harmless text.";
    CanaryFailed "canary-failed" "A canary did not arrive, or was not harmless.";
    BackupRestored "backup-restored" "The journal was put back from a backup.";
}

impl AuditKind {
    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for AuditKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRecord {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: AuditKind,
    /// The organisation concerned, where one is known.
    pub organisation: Option<String>,
    /// The message concerned, where there is one.
    pub queue_id: Option<QueueId>,
    /// Its 受付番号.
    pub reference: Option<ReferenceNumber>,
    /// The person who did it; `None` for the program itself.
    pub actor: Option<String>,
    /// What else is to be known: addresses, codes, replies. Never text of a body. At most
    /// [`MAX_AUDIT_OCTETS`].
    pub details: serde_json::Value,
}

/// A record with its place in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAudit {
    /// Its number: from 1, without gaps, in the order of durability.
    pub sequence: u64,
    /// Its number in the chain of its organisation; `None` for one from before there were chains.
    pub number: Option<u64>,
    /// The record.
    pub record: AuditRecord,
}

/// A record exactly as it is stored, with what holds it in its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the store.
    pub sequence: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Name of its kind.
    pub kind: String,
    /// The organisation concerned, and so the name of its chain; `None` for the gateway's own.
    pub organisation: Option<String>,
    /// The message concerned.
    pub queue_id: Option<QueueId>,
    /// Its 受付番号.
    pub reference: Option<ReferenceNumber>,
    /// The person who did it.
    pub actor: Option<String>,
    /// The details, as the stored JSON text.
    pub details: String,
    /// Its number in its chain; `None` for one from before there were chains.
    pub number: Option<u64>,
    /// Its hash.
    pub hash: Option<Hash>,
    /// The hash of the record before it, where an export begins with this one.
    pub previous: Option<Hash>,
}

/// Whose records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AuditScope {
    /// Everybody's.
    #[default]
    All,
    /// One organisation's.
    Organisation(String),
    /// Those of no organisation.
    Gateway,
}

/// Which records a list has. Every condition that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Whose.
    pub scope: AuditScope,
    /// Of any of these kinds; empty for all.
    pub kinds: Vec<AuditKind>,
    /// About this message.
    pub message: Option<Key>,
    /// Done by this person.
    pub actor: Option<String>,
    /// Not before this moment.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Which end comes first.
    pub order: Order,
}

/// A checkpoint with its place in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// Its number: from 1, in the order in which checkpoints were made.
    pub id: u64,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
}

/// How far somebody who follows the record has come: kept in the store under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follower {
    /// The file of checkpoints.
    CheckpointFile,
    /// Checkpoints to the syslog server.
    SyslogCheckpoints,
    /// Records to the syslog server.
    SyslogRecords,
    /// Digests for reviewers: by the hours since 1970 that are done with.
    Digests,
}

impl Follower {
    /// The name in the store.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::CheckpointFile => "checkpoints_in_file",
            Self::SyslogCheckpoints => "checkpoints_in_syslog",
            Self::SyslogRecords => "audit_in_syslog",
            Self::Digests => "digests",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_name_wherever_it_is_written() {
        for (place, &kind) in AuditKind::ALL.iter().enumerate() {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
            assert_eq!(AuditKind::from_name(kind.as_str()), Some(kind));
            assert!(!AuditKind::ALL[..place].iter().any(|k| k.as_str() == kind.as_str()));
        }
        assert_eq!(AuditKind::from_name("Received"), None);
    }
}
