//! Who acts, and what he may do.

use std::fmt;
use std::net::IpAddr;

use sekimori_journal::{Account, AccountId, Actor, Role, Scope};
use sekimori_policy::{Address, Language, Timestamp};

/// Longest name of a machine's user that goes on record, in characters.
const MAX_USER: usize = 100;

/// From where somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The network address of his browser or program.
    Address(IpAddr),
    /// The command line of the machine itself.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}

/// Something that a person may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// To see that messages are there, what was decided on them, and what was asked and done.
    See,
    /// The same of mail for his own addresses.
    SeeOwn,
    /// To read the text that would cross and the header of the original.
    Content,
    /// The same of mail for his own addresses.
    ContentOwn,
    /// To file requests (取り出し申請).
    Request,
    /// To decide requests of others; to release, reject, delete, restore and extend.
    Decide,
    /// To read the audit record.
    Audit,
    /// To draw up reports.
    Report,
    /// To keep accounts, tokens and exceptions.
    People,
    /// To see how the machine is. Of no organisation.
    Health,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 10] = [
        Self::See,
        Self::SeeOwn,
        Self::Content,
        Self::ContentOwn,
        Self::Request,
        Self::Decide,
        Self::Audit,
        Self::Report,
        Self::People,
        Self::Health,
    ];

    /// The name used in output for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::SeeOwn => "see-own",
            Self::Content => "content",
            Self::ContentOwn => "content-own",
            Self::Request => "request",
            Self::Decide => "decide",
            Self::Audit => "audit",
            Self::Report => "report",
            Self::People => "people",
            Self::Health => "health",
        }
    }

    /// The roles that have it. Whoever may see or read everything may see or read his own as well.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::See => &[Role::Approver, Role::Auditor],
            Self::SeeOwn => &[Role::Requester, Role::Approver, Role::Auditor],
            Self::Content | Self::Decide => &[Role::Approver],
            Self::ContentOwn | Self::Request => &[Role::Requester, Role::Approver],
            Self::Audit => &[Role::Auditor],
            Self::Report => &[Role::Approver, Role::Auditor, Role::Administrator],
            Self::People => &[Role::Administrator],
            Self::Health => &[],
        }
    }

    /// The scope that a token needs for it.
    pub fn scope(self) -> Scope {
        match self {
            Self::See | Self::SeeOwn | Self::Health => Scope::Read,
            Self::Content | Self::ContentOwn => Scope::Content,
            Self::Request => Scope::Request,
            Self::Decide => Scope::Decide,
            Self::Audit | Self::Report => Scope::Audit,
            Self::People => Scope::People,
        }
    }
}

/// What a person has to do before he may do anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// To choose a password of his own.
    ChangePassword,
    /// To set up a second factor.
    SetUpSecondFactor,
}

/// Who acts. Made by signing in, by a token, or for whoever sits at the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// His account, as it was when he came in.
    pub account: Account,
    /// From where he acts.
    pub from: Origin,
    /// What his token is for; `None` for everything that he may do.
    scopes: Option<Vec<Scope>>,
    /// What he has to do first. While there is something, he has no right at all.
    steps: Vec<Step>,
    /// Whether he is the machine's operator at its command line, without an account.
    is_machine: bool,
}

impl Person {
    pub(super) fn signed_in(account: Account, from: Origin, steps: Vec<Step>) -> Self {
        Self { account, from, scopes: None, steps, is_machine: false }
    }

    pub(super) fn with_token(account: Account, from: Origin, scopes: Vec<Scope>) -> Self {
        Self { account, from, scopes: Some(scopes), steps: Vec::new(), is_machine: false }
    }

    /// Whoever has the machine's files before him, under the name of his user. He keeps accounts of
    /// every organisation and sees the machine's health, and nothing of any mail. On record he is
    /// `operator:<user>`.
    pub fn machine(user: &str, now: Timestamp) -> Self {
        let name: String = user.chars().filter(|c| !c.is_control()).take(MAX_USER).collect();
        let login = format!("operator:{name}");
        let account = Account {
            id: AccountId(0),
            name: login.clone(),
            login,
            organisation: None,
            addresses: Vec::new(),
            grants: Vec::new(),
            operator: true,
            valid_from: None,
            valid_until: None,
            disabled: false,
            language: Language::default(),
            created_at: now,
            version: 0,
            has_second_factor: false,
            has_password: false,
            locked_until: None,
            last_sign_in: None,
        };
        Self {
            account,
            from: Origin::CommandLine,
            scopes: None,
            steps: Vec::new(),
            is_machine: true,
        }
    }

    /// Whether the person may do something in an organisation. [`Right::Health`] is of none.
    pub fn may(&self, right: Right, organisation: &str, now: Timestamp) -> bool {
        if !self.is_free(right, now) {
            return false;
        }
        match right {
            Right::Health => self.account.operator,
            _ if self.is_machine => right == Right::People,
            _ => {
                let roles = right.roles().iter();
                roles.copied().any(|role| self.account.has_role(organisation, role, now))
            }
        }
    }

    /// The organisations in which the person may do something, by his grants: each once, in order.
    /// Of the machine's operator, who is bound to none, ask
    /// [`Desk::organisations`](super::Desk::organisations).
    pub fn organisations(&self, right: Right, now: Timestamp) -> Vec<String> {
        if self.is_machine || !self.is_free(right, now) {
            return Vec::new();
        }
        let grants = self.account.grants.iter();
        let holding = grants.filter(|g| g.holds(now) && right.roles().contains(&g.role));
        let mut names: Vec<String> = holding.map(|g| g.organisation.clone()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Whether the person may do something anywhere.
    pub fn may_anywhere(&self, right: Right, now: Timestamp) -> bool {
        match right {
            Right::Health | Right::People if self.is_machine => self.may(right, "", now),
            Right::Health => self.may(right, "", now),
            _ => !self.organisations(right, now).is_empty(),
        }
    }

    /// Whether neither a step to be taken first, nor the token, nor the account's time keeps the
    /// person from using a right that he has.
    fn is_free(&self, right: Right, now: Timestamp) -> bool {
        let is_in_scope = |scopes: &Vec<Scope>| scopes.contains(&right.scope());
        self.steps.is_empty()
            && self.scopes.as_ref().is_none_or(is_in_scope)
            && self.account.usable(now)
    }

    /// What the person has to do before anything else.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What the person's token is for; `None` when he came without one.
    pub fn scopes(&self) -> Option<&[Scope]> {
        self.scopes.as_deref()
    }

    /// Whether this is the machine's operator at its command line.
    pub fn is_machine(&self) -> bool {
        self.is_machine
    }

    /// Whether an address is the person's own. Case of ASCII letters does not matter.
    pub fn owns(&self, address: &Address) -> bool {
        self.account.addresses.iter().any(|own| is_same(own, address))
    }

    /// The person as he goes on the audit record.
    pub(super) fn actor(&self, reason: &str) -> Actor {
        let actor = if self.is_machine {
            Actor::named(self.account.name.clone(), reason)
        } else {
            Actor::person(&self.account, reason)
        };
        actor.acting_from(self.from.to_string())
    }
}

/// Whether two addresses are the same mailbox, whatever the case of ASCII letters.
pub(super) fn is_same(one: &Address, other: &Address) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}
