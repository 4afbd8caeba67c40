//! Signing in. Whatever is wrong, the answer is the same, and takes the same time.

use std::sync::PoisonError;

use sekimori_journal::{
    Account, AccountId, AuditKind, AuditRecord, Credentials, Role, SignInOutcome,
};
use sekimori_policy::Timestamp;
use serde_json::json;
use unicode_normalization::UnicodeNormalization;

use super::password::prepared;
use super::second_factor::{step_of, use_recovery_code};
use super::{Desk, Origin, Person, Refusal, Step};

/// Longest login that is looked up, in octets as typed.
const MAX_TYPED_LOGIN: usize = 1_000;

/// A person who has signed in. What he has to do first is in [`Person::steps`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The person.
    pub person: Person,
    /// Recovery codes that are left, when he used one to come in.
    pub recovery_codes_left: Option<usize>,
}

/// Why nobody was signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInRefusal {
    /// The login, the password or the code is wrong, or the account is locked, switched off or not
    /// valid now: which of these is not told.
    Refused,
    /// Everything is right so far, and the code of the second factor is to be given.
    CodeNeeded,
    /// Too many attempts from this network address, or at once.
    TooMany {
        /// After how many seconds to try again.
        seconds: u32,
    },
    /// The store did not do it.
    Failed(Refusal),
}

impl SignInRefusal {
    /// The name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused => "sign-in-refused",
            Self::CodeNeeded => "code-needed",
            Self::TooMany { .. } => "too-many-attempts",
            Self::Failed(refusal) => refusal.code(),
        }
    }

    /// The HTTP status (RFC 9110 section 15).
    pub fn status(&self) -> u16 {
        match self {
            Self::Refused | Self::CodeNeeded => 401,
            Self::TooMany { .. } => 429,
            Self::Failed(refusal) => refusal.status(),
        }
    }

    /// The sentence for people, in Japanese.
    pub fn japanese(&self) -> String {
        match self {
            Self::Refused => "サインインできませんでした。ログイン名、パスワード、確認コードをご確認ください。続けて失敗すると、しばらくサインインできなくなります。".to_owned(),
            Self::CodeNeeded => "確認コードを入力してください。".to_owned(),
            Self::TooMany { seconds } => {
                format!("試行回数が多すぎます。{}分後にもう一度お試しください。", seconds.div_ceil(60))
            }
            Self::Failed(refusal) => refusal.japanese(),
        }
    }

    /// The sentence for people, in English.
    pub fn english(&self) -> String {
        match self {
            Self::Refused => "Could not sign you in. Check the login, the password and the code. \
                 After several failures signing in is refused for a while."
                .to_owned(),
            Self::CodeNeeded => "Please enter the code of your authenticator.".to_owned(),
            Self::TooMany { seconds } => {
                format!("Too many attempts. Try again in {} minutes.", seconds.div_ceil(60))
            }
            Self::Failed(refusal) => refusal.english(),
        }
    }
}

impl<R: Into<Refusal>> From<R> for SignInRefusal {
    fn from(refusal: R) -> Self {
        Self::Failed(refusal.into())
    }
}

impl Desk {
    /// Signs a person in by login and password, and by the code of his authenticator or a recovery
    /// code where he has set up a second factor.
    pub fn sign_in(
        &self,
        login: &str,
        password: &str,
        code: Option<&str>,
        from: Origin,
    ) -> Result<SignedIn, SignInRefusal> {
        if let Some(seconds) = self.attempts().refused_for(from, self.now()) {
            return Err(SignInRefusal::TooMany { seconds });
        }
        let Ok(turn) = self.0.hashing.turn() else {
            return Err(SignInRefusal::TooMany { seconds: 5 });
        };
        // Read once it is this attempt's turn: those before it have been counted.
        let now = self.now();
        let account = match looked_up(login) {
            Some(login) => self.0.register.account_by_login(&login)?,
            None => None,
        };
        let credentials = match &account {
            Some(account) => self.0.register.credentials(account.id)?,
            None => Credentials::default(),
        };
        let password = prepared(password).unwrap_or_default();
        let is_right = turn.is_right(&password, credentials.password_hash.as_deref());
        drop(turn);
        let is_locked =
            credentials.locked_until.is_some_and(|until| now.unix_millis() < until.unix_millis());
        let Some(account) = account.filter(|account| !is_locked && account.usable(now)) else {
            return Err(self.refuse(None, from, now));
        };
        if !is_right {
            return Err(self.refuse(Some((&account, &credentials)), from, now));
        }
        let mut recovery_codes_left = None;
        let mut step = None;
        if let Some(secret) = &credentials.totp_secret {
            let Some(code) = code.filter(|code| !code.trim().is_empty()) else {
                return Err(SignInRefusal::CodeNeeded);
            };
            step = step_of(secret, code, now);
            if step.is_none() {
                recovery_codes_left = self.recovered(&account, code, from)?;
                if recovery_codes_left.is_none() {
                    return Err(self.refuse(Some((&account, &credentials)), from, now));
                }
            }
        }
        let actor = Person::signed_in(account.clone(), from, Vec::new()).actor("");
        let succeeded = SignInOutcome::Succeeded;
        if !self.0.register.note_sign_in(account.id, succeeded, step, &actor, now)? {
            // The code was used already.
            return Err(self.refuse(Some((&account, &credentials)), from, now));
        }
        let person = self.person(account.id, from)?.ok_or(SignInRefusal::Refused)?;
        Ok(SignedIn { person, recovery_codes_left })
    }

    /// Signs in the person whom an identity provider vouches for (`OpenID` Connect). The second factor
    /// is the provider's business.
    pub fn sign_in_by_subject(
        &self,
        issuer: &str,
        subject: &str,
        from: Origin,
    ) -> Result<SignedIn, SignInRefusal> {
        let now = self.now();
        let account = self.0.register.account_by_subject(issuer, subject)?;
        let Some(account) = account.filter(|account| account.usable(now)) else {
            return Err(self.refuse(None, from, now));
        };
        let person = Person::signed_in(account, from, Vec::new());
        let id = person.account.id;
        self.0.register.note_sign_in(id, SignInOutcome::Succeeded, None, &person.actor(""), now)?;
        let person = self.person(id, from)?.ok_or(SignInRefusal::Refused)?;
        Ok(SignedIn { person, recovery_codes_left: None })
    }

    /// Puts on record that a person signed out. Forgetting the session is the caller's business.
    pub fn sign_out(&self, person: &Person) -> Result<(), Refusal> {
        Self::needs_session(person)?;
        let actor = person.actor("");
        let outcome = SignInOutcome::SignedOut;
        self.0.register.note_sign_in(person.account.id, outcome, None, &actor, self.now())?;
        Ok(())
    }

    /// The person of a session: `None` when his account may not be used any more, or has changed
    /// since in a way that ends its sessions. What he has to do first is looked up anew.
    pub fn session_person(
        &self,
        id: AccountId,
        version: i64,
        from: Origin,
    ) -> Result<Option<Person>, Refusal> {
        let person = self.person(id, from)?;
        Ok(person.filter(|person| person.account.version == version))
    }

    /// A person after his account has changed.
    pub(super) fn renewed(&self, person: &Person) -> Result<Person, Refusal> {
        self.person(person.account.id, person.from)?.ok_or(Refusal::NotFound)
    }

    fn person(&self, id: AccountId, from: Origin) -> Result<Option<Person>, Refusal> {
        let now = self.now();
        let Some(account) = self.0.register.account(id)?.filter(|account| account.usable(now))
        else {
            return Ok(None);
        };
        let credentials = self.0.register.credentials(id)?;
        let mut steps = Vec::new();
        if credentials.password_hash.is_some() && credentials.password_is_temporary {
            steps.push(Step::ChangePassword);
        }
        let is_needed = self.0.settings.second_factor_required && needs_second_factor(&account);
        // Who has no password comes from an identity provider, whose business it is.
        if is_needed && credentials.password_hash.is_some() && credentials.totp_secret.is_none() {
            steps.push(Step::SetUpSecondFactor);
        }
        Ok(Some(Person::signed_in(account, from, steps)))
    }

    /// Counts a failure, puts it on record, and says what every failure is told. Of an account that
    /// is locked, and of one that does not exist, no failure is counted but the network address's.
    fn refuse(
        &self,
        known: Option<(&Account, &Credentials)>,
        from: Origin,
        now: Timestamp,
    ) -> SignInRefusal {
        self.attempts().failed(from, now);
        let noted = if let Some((account, credentials)) = known {
            let failures = credentials.failures.saturating_add(1);
            let locked_until = self.0.settings.lock.locked_until(failures, now);
            let outcome = SignInOutcome::Failed { locked_until };
            let actor = Person::signed_in(account.clone(), from, Vec::new()).actor("");
            let noted = self.0.register.note_sign_in(account.id, outcome, None, &actor, now);
            noted.map(drop).map_err(Refusal::from)
        } else {
            // What was typed is not put on record: it is a password often enough. Writing takes as
            // long as for an account that exists.
            self.write_record(AuditRecord {
                at: now,
                kind: AuditKind::SignInFailed,
                organisation: None,
                queue_id: None,
                reference: None,
                actor: None,
                details: json!({ "origin": from.to_string() }),
            })
        };
        noted.map_or_else(SignInRefusal::Failed, |()| SignInRefusal::Refused)
    }

    /// Uses a recovery code up. Gives how many are left, or `None` when it is none.
    fn recovered(
        &self,
        account: &Account,
        code: &str,
        from: Origin,
    ) -> Result<Option<usize>, Refusal> {
        let _alone = self.0.recovery.lock().unwrap_or_else(PoisonError::into_inner);
        let mut credentials = self.0.register.credentials(account.id)?;
        if !use_recovery_code(&mut credentials, code) {
            return Ok(None);
        }
        let actor = Person::signed_in(account.clone(), from, Vec::new()).actor("recovery code");
        self.0.register.set_credentials(account.id, &credentials, &actor, self.now())?;
        Ok(Some(credentials.recovery_hashes.len()))
    }

    fn attempts(&self) -> std::sync::MutexGuard<'_, super::attempts::Attempts> {
        self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a person decides or keeps accounts, now or by a grant still to come.
fn needs_second_factor(account: &Account) -> bool {
    let grants = account.grants.iter();
    grants.map(|grant| grant.role).any(|role| matches!(role, Role::Approver | Role::Administrator))
        || account.operator
}

/// A login as accounts have it: narrow, in lower case. `None` when none can be meant.
pub(super) fn looked_up(login: &str) -> Option<String> {
    if login.len() > MAX_TYPED_LOGIN {
        return None;
    }
    let login: String = login.trim().nfkc().flat_map(char::to_lowercase).collect();
    (!login.is_empty()).then_some(login)
}
