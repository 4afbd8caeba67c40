//! What one municipality on the gateway asks for.

use serde::{Deserialize, Serialize};

use crate::Domain;

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
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

impl Organisation {
    /// Days an original is kept where the configuration does not say.
    pub const DEFAULT_RETENTION_DAYS: u32 = 30;

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
        }
    }
}
