//! What one municipality on the gateway asks for.

use serde::{Deserialize, Serialize};

use crate::{Address, Domain, Rule};

/// Whether mail crosses by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The text crosses at once unless a decision holds it.
    #[default]
    Deliver,
    /// Every message is held for a reviewer.
    Review,
}

/// The language of what an organisation's people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    /// Japanese.
    #[default]
    #[serde(rename = "ja")]
    Japanese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// Where the notice stands in a changed mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticePosition {
    /// Before the text.
    #[default]
    Top,
    /// After the text.
    Bottom,
}

/// How a link's target is written in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkMode {
    /// The target as it is, as inert text.
    #[default]
    Text,
    /// The target so that no mail program makes a link of it: `hxxps://example[.]jp/`.
    Defanged,
    /// The link's text only.
    Removed,
}

/// Where a link's target is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkPlacement {
    /// Right after the link's text.
    #[default]
    Inline,
    /// In a list under the text; a number stands after the link's text.
    Numbered,
}

/// What becomes of a message with an encrypted part (S/MIME, PGP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncryptedParts {
    /// The part is removed and listed like an attachment, and the rest crosses.
    #[default]
    List,
    /// The message is held as well (`hold-encrypted`).
    Hold,
}

/// One municipality: its domains and what becomes of its mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Organisation {
    /// The name people know it by, such as 山北町. Unique in a configuration.
    pub name: String,
    /// The recipient domains that are its own. No domain belongs to two organisations.
    pub domains: Vec<Domain>,
    /// Whether its mail crosses by itself or is held for a reviewer.
    pub mode: Mode,
    /// The language of notices and reports.
    pub language: Language,
    /// Where the notice stands.
    pub notice: NoticePosition,
    /// Whether a mail that was plain text already gets a notice as well.
    pub notice_always: bool,
    /// How link targets are written.
    pub links: LinkMode,
    /// Where link targets are written.
    pub link_placement: LinkPlacement,
    /// What becomes of a message with an encrypted part.
    pub encrypted: EncryptedParts,
    /// Days that an original is kept after receipt. At least 1.
    pub retention_days: u32,
    /// What becomes of mail that meets conditions, in the order in which they are asked. At most
    /// [`MAX_RULES`](crate::rule::MAX_RULES).
    pub rules: Vec<Rule>,
    /// The hosts whose `Authentication-Results` are believed, by the name they give themselves there
    /// (authserv-id, RFC 8601 section 2.5), in lower case. They must remove such fields of that name
    /// from what they take (section 5).
    pub authentication_hosts: Vec<String>,
    /// Whether a held text crosses only after one person asked for it and another approved.
    pub two_person_text: bool,
    /// Whether an original is handed over only after one person asked for it and another approved.
    pub two_person_original: bool,
    /// Days in which the delete of a message can be undone. At most [`Organisation::MAX_UNDO_DAYS`].
    pub undo_days: u32,
    /// Whether recipients are told of mail that is held for review, as they are of mail that a fault
    /// holds.
    pub hold_notice: bool,
    /// Whom digests of what waits go to: addresses of its own domains.
    pub reviewers: Vec<Address>,
    /// The hours of the day in Japan at which digests are sent. Each at most 23.
    pub digest_hours: Vec<u8>,
    /// Days before the end of its time from which on held mail is named in digests of its own; 0 for
    /// never.
    pub expiry_reminder_days: u32,
}

impl Organisation {
    /// Days an original is kept where the configuration does not say.
    pub const DEFAULT_RETENTION_DAYS: u32 = 30;
    /// Days in which a delete can be undone where the configuration does not say.
    pub const DEFAULT_UNDO_DAYS: u32 = 7;
    /// Most addresses that digests go to.
    pub const MAX_REVIEWERS: usize = 100;
    /// Most days in which a delete can be undone.
    pub const MAX_UNDO_DAYS: u32 = 366;

    /// An organisation with every setting at its default.
    pub fn new(name: impl Into<String>, domains: Vec<Domain>) -> Self {
        Self {
            name: name.into(),
            domains,
            mode: Mode::default(),
            language: Language::default(),
            notice: NoticePosition::default(),
            notice_always: false,
            links: LinkMode::default(),
            link_placement: LinkPlacement::default(),
            encrypted: EncryptedParts::default(),
            retention_days: Self::DEFAULT_RETENTION_DAYS,
            rules: Vec::new(),
            authentication_hosts: Vec::new(),
            two_person_text: false,
            two_person_original: true,
            undo_days: Self::DEFAULT_UNDO_DAYS,
            hold_notice: false,
            reviewers: Vec::new(),
            digest_hours: Vec::new(),
            expiry_reminder_days: 0,
        }
    }
}
