//! People, and what they may do in which organisation.

use sekimori_policy::{Address, Language, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest login, in octets of UTF-8.
pub const MAX_LOGIN_OCTETS: usize = 200;
/// Longest name of a person, in octets of UTF-8.
pub const MAX_NAME_OCTETS: usize = 500;
/// Most accounts of a gateway.
pub const MAX_ACCOUNTS: usize = 100_000;
/// Most grants of an account.
pub const MAX_GRANTS: usize = 1_000;
/// Most mail addresses of an account.
pub const MAX_ADDRESSES: usize = 100;

/// The number of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub i64);

/// What a person may do in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 申請者: sees the mail for his own addresses and files requests.
    Requester,
    /// 承認者: sees the organisation's mail and decides.
    Approver,
    /// 監査者: sees records and reports, no content.
    Auditor,
    /// 管理者: keeps accounts, exceptions and tokens, sees no content.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] =
        [Self::Requester, Self::Approver, Self::Auditor, Self::Administrator];

    /// The name used in output for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }
}

/// A role in an organisation, for a time: transfers are known before they take effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Name of the organisation.
    pub organisation: String,
    /// The role there.
    pub role: Role,
    /// From when; `None` for always.
    pub from: Option<Timestamp>,
    /// Until when; `None` for ever.
    pub until: Option<Timestamp>,
}

impl Grant {
    /// Whether the grant is in force.
    pub fn holds(&self, now: Timestamp) -> bool {
        within(self.from, self.until, now)
    }
}

/// A person's account, without credentials.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// What the person signs in with: unique on the gateway, in lower case.
    pub login: String,
    /// The person's name as others read it.
    pub name: String,
    /// The organisation whose administrators keep the account; `None` for the machine's operators.
    pub organisation: Option<String>,
    /// Mail addresses that are the person's own.
    pub addresses: Vec<Address>,
    /// Roles.
    pub grants: Vec<Grant>,
    /// Whether the person operates the machine: sees its health, and no content.
    pub operator: bool,
    /// From when the account may be used.
    pub valid_from: Option<Timestamp>,
    /// Until when.
    pub valid_until: Option<Timestamp>,
    /// Switched off.
    pub disabled: bool,
    /// The language of pages.
    pub language: Language,
    /// When it was made.
    pub created_at: Timestamp,
    /// Grows with each change that must end the account's sessions.
    pub version: i64,
    /// Whether a second factor is set up.
    pub has_second_factor: bool,
    /// Whether a local password is set.
    pub has_password: bool,
    /// Until when signing in is refused after failures.
    pub locked_until: Option<Timestamp>,
    /// When the person last signed in.
    pub last_sign_in: Option<Timestamp>,
}

impl Account {
    /// Whether the account may be used.
    pub fn usable(&self, now: Timestamp) -> bool {
        !self.disabled && within(self.valid_from, self.valid_until, now)
    }

    /// Whether the person has the role in the organisation.
    pub fn has_role(&self, organisation: &str, role: Role, now: Timestamp) -> bool {
        self.grants.iter().any(|grant| {
            grant.organisation == organisation && grant.role == role && grant.holds(now)
        })
    }
}

fn within(from: Option<Timestamp>, until: Option<Timestamp>, now: Timestamp) -> bool {
    let now = now.unix_millis();
    from.is_none_or(|from| from.unix_millis() <= now)
        && until.is_none_or(|until| now < until.unix_millis())
}

/// An account to be made. Members as in [`Account`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewAccount {
    /// See [`Account::login`].
    pub login: String,
    /// See [`Account::name`].
    pub name: String,
    /// See [`Account::organisation`].
    pub organisation: Option<String>,
    /// See [`Account::addresses`].
    pub addresses: Vec<Address>,
    /// See [`Account::grants`].
    pub grants: Vec<Grant>,
    /// See [`Account::operator`].
    pub operator: bool,
    /// See [`Account::valid_from`].
    pub valid_from: Option<Timestamp>,
    /// See [`Account::valid_until`].
    pub valid_until: Option<Timestamp>,
    /// See [`Account::language`].
    pub language: Language,
}

/// A change of an account. `None` leaves a member as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountChange {
    /// See [`Account::name`].
    pub name: Option<String>,
    /// See [`Account::organisation`].
    pub organisation: Option<Option<String>>,
    /// See [`Account::addresses`].
    pub addresses: Option<Vec<Address>>,
    /// See [`Account::grants`].
    pub grants: Option<Vec<Grant>>,
    /// See [`Account::operator`].
    pub operator: Option<bool>,
    /// See [`Account::valid_from`].
    pub valid_from: Option<Option<Timestamp>>,
    /// See [`Account::valid_until`].
    pub valid_until: Option<Option<Timestamp>>,
    /// See [`Account::disabled`].
    pub disabled: Option<bool>,
    /// See [`Account::language`].
    pub language: Option<Language>,
    /// Ends a lock after failures.
    pub unlock: bool,
}
