//! Tokens for the HTTP API and the command line.

use sekimori_policy::Timestamp;
use serde::{Deserialize, Serialize};

use super::AccountId;

/// Most tokens of one account.
pub const MAX_TOKENS: usize = 100;
/// Longest name of a token, in octets of UTF-8.
pub const MAX_TOKEN_NAME_OCTETS: usize = 200;

/// The number of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub i64);

/// What a token may be used for, within what its account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Lists and items without content.
    Read,
    /// Content: the text that would cross, and what approved requests hand over.
    Content,
    /// Requests.
    Request,
    /// Decisions, deletes, restores, extensions.
    Decide,
    /// Audit records and reports.
    Audit,
    /// Accounts, tokens and exceptions.
    People,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Content, Self::Request, Self::Decide, Self::Audit, Self::People];

    /// The name used in output for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Content => "content",
            Self::Request => "request",
            Self::Decide => "decide",
            Self::Audit => "audit",
            Self::People => "people",
        }
    }
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Whose it is.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// Until when.
    pub expires_at: Timestamp,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
}

/// A token as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Its number.
    pub id: TokenId,
    /// Whose it is.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it may be used.
    pub expires_at: Timestamp,
}
