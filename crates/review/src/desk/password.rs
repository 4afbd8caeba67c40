//! What a password must be (after NIST SP 800-63B section 5.1.1.2), and how one is changed.

use sekimori_journal::{Account, AccountId, Credentials, SignInOutcome};
use unicode_normalization::UnicodeNormalization;

use super::common::is_common;
use super::second_factor::no_randomness;
use super::{Desk, Fault, Person, Refusal};

/// Shortest password, in characters after NFKC.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// Longest password, in octets of UTF-8 after NFKC.
pub const MAX_PASSWORD_OCTETS: usize = 1_000;
/// Characters of a temporary password: eighty bits.
const TEMPORARY_CHARS: usize = 16;
/// What temporary passwords are made of: nothing that is mistaken for another.
const ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz#";

/// A password as it is hashed, whatever keyboard it was typed on: NFKC (RFC 8265 would have NFC, but
/// Japanese input methods give full-width letters). `None` when it is longer than any may be.
pub(super) fn prepared(password: &str) -> Option<String> {
    // NFKC makes a text at most some eighteen times longer.
    if password.len() > MAX_PASSWORD_OCTETS * 4 {
        return None;
    }
    let prepared: String = password.nfkc().collect();
    (prepared.len() <= MAX_PASSWORD_OCTETS).then_some(prepared)
}

/// A password that may be chosen, prepared.
pub(super) fn checked(password: &str, personal: &[String]) -> Result<String, Refusal> {
    let refused = |why| Refusal::invalid("password", why);
    let prepared = prepared(password).ok_or(refused(Fault::TooLong(MAX_PASSWORD_OCTETS)))?;
    if prepared.chars().nth(MIN_PASSWORD_CHARS - 1).is_none() {
        return Err(refused(Fault::TooShort(MIN_PASSWORD_CHARS)));
    }
    if prepared.chars().any(char::is_control) {
        return Err(refused(Fault::Form));
    }
    if is_common(&prepared, personal) {
        return Err(refused(Fault::Common));
    }
    Ok(prepared)
}

/// A password for the first sign-in, as `h7f3-k9qm-2xp4-8wce`.
fn temporary() -> Option<String> {
    let mut random = [0; TEMPORARY_CHARS];
    getrandom::fill(&mut random).ok()?;
    let mut password = String::new();
    for (place, octet) in random.into_iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            password.push('-');
        }
        password.push(char::from(*ALPHABET.get(usize::from(octet & 31))?));
    }
    Some(password)
}

impl Desk {
    /// The person chooses a new password. The old one is asked for again; a wrong one counts as a
    /// failed sign-in. Gives the person as he is now; his other sessions end.
    pub fn change_password(
        &self,
        person: &Person,
        old: &str,
        new: &str,
    ) -> Result<Person, Refusal> {
        Self::needs_session(person)?;
        let id = person.account.id;
        let turn = self.0.hashing.turn().map_err(|_| Refusal::TooMany)?;
        let mut credentials = self.0.register.credentials(id)?;
        let now = self.now();
        if credentials.locked_until.is_some_and(|until| now.unix_millis() < until.unix_millis()) {
            return Err(Refusal::TooMany);
        }
        let old = prepared(old).unwrap_or_default();
        if !turn.is_right(&old, credentials.password_hash.as_deref()) {
            let failures = credentials.failures.saturating_add(1);
            let locked_until = self.0.settings.lock.locked_until(failures, now);
            let failed = SignInOutcome::Failed { locked_until };
            self.0.register.note_sign_in(id, failed, None, &person.actor(""), now)?;
            return Err(Refusal::invalid("old_password", Fault::Wrong));
        }
        let new = checked(new, &self.personal(&person.account))?;
        if new == old {
            return Err(Refusal::invalid("password", Fault::NotAllowed));
        }
        credentials.password_hash = Some(turn.hash(&new).ok_or_else(no_randomness)?);
        credentials.password_is_temporary = false;
        self.0.register.set_credentials(id, &credentials, &person.actor(""), now)?;
        self.renewed(person)
    }

    /// An administrator (or the machine's operator) gives an account a password for its next
    /// sign-in, at which it must be changed. Without one given, one is made. Gives the password.
    pub fn set_password(
        &self,
        person: &Person,
        id: AccountId,
        password: Option<&str>,
    ) -> Result<String, Refusal> {
        let account = self.kept_account(person, id)?;
        let given = match password {
            Some(password) => checked(password, &self.personal(&account))?,
            None => temporary().ok_or_else(no_randomness)?,
        };
        let turn = self.0.hashing.turn().map_err(|_| Refusal::TooMany)?;
        let credentials = Credentials {
            password_hash: Some(turn.hash(&given).ok_or_else(no_randomness)?),
            password_is_temporary: true,
            failures: 0,
            locked_until: None,
            ..self.0.register.credentials(id)?
        };
        self.0.register.set_credentials(id, &credentials, &person.actor(""), self.now())?;
        Ok(given)
    }

    /// Takes an account's second factor away, so that it is set up anew at the next sign-in.
    pub fn reset_second_factor(
        &self,
        person: &Person,
        id: AccountId,
        reason: &str,
    ) -> Result<(), Refusal> {
        self.kept_account(person, id)?;
        let reason = super::needed_reason(reason, sekimori_journal::action::MAX_ACTOR_OCTETS)?;
        let credentials = Credentials {
            totp_secret: None,
            recovery_hashes: Vec::new(),
            ..self.0.register.credentials(id)?
        };
        let actor = person.actor(&reason);
        Ok(self.0.register.set_credentials(id, &credentials, &actor, self.now())?)
    }

    /// Binds an account to a person of an identity provider (`OpenID` Connect), or with `None` unbinds
    /// it.
    pub fn bind_subject(
        &self,
        person: &Person,
        id: AccountId,
        subject: Option<(String, String)>,
    ) -> Result<(), Refusal> {
        self.kept_account(person, id)?;
        let credentials = Credentials { subject, ..self.0.register.credentials(id)? };
        Ok(self.0.register.set_credentials(id, &credentials, &person.actor(""), self.now())?)
    }

    /// What belongs to a person and is guessed first: login, name, addresses, organisations and their
    /// domains.
    fn personal(&self, account: &Account) -> Vec<String> {
        let mut personal = vec![account.login.clone(), account.name.clone()];
        personal.push(self.0.settings.issuer.clone());
        personal.extend(account.addresses.iter().map(|address| address.as_str().to_owned()));
        let home = account.organisation.iter();
        for name in home.chain(account.grants.iter().map(|grant| &grant.organisation)) {
            personal.push(name.clone());
            if let Some(organisation) = self.organisation(name) {
                personal.extend(organisation.domains.iter().map(|d| d.as_str().to_owned()));
            }
        }
        personal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(password: &str) -> Option<Fault> {
        match checked(password, &["sato".to_owned()]) {
            Err(Refusal::Invalid { field: "password", why }) => Some(why),
            Err(other) => panic!("{other:?}"),
            Ok(_) => None,
        }
    }

    #[test]
    fn a_password_is_long_enough_and_not_too_long() {
        assert_eq!(why("Tj4!rw8Lq0b"), Some(Fault::TooShort(12)));
        assert_eq!(why("Tj4!rw8Lq0bZ"), None);
        assert_eq!(why("password2026"), Some(Fault::Common));
        assert_eq!(why("sato-sato-2026"), Some(Fault::Common));
        assert_eq!(why("Tj4!rw8\nLq0bZ"), Some(Fault::Form));
        let long: String = ('!'..='~').cycle().take(MAX_PASSWORD_OCTETS).collect();
        assert_ne!(why(&long), Some(Fault::TooLong(MAX_PASSWORD_OCTETS)));
        assert_eq!(why(&format!("{long}x")), Some(Fault::TooLong(MAX_PASSWORD_OCTETS)));
        // One character that NFKC makes eighteen of.
        assert_eq!(why(&"\u{FDFA}".repeat(500)), Some(Fault::TooLong(MAX_PASSWORD_OCTETS)));
        assert_eq!(why(&"x".repeat(10_000_000)), Some(Fault::TooLong(MAX_PASSWORD_OCTETS)));
    }

    #[test]
    fn the_width_of_letters_does_not_matter() {
        assert_eq!(prepared("Ｔｊ４！ｶﾞ"), prepared("Tj4!ガ"));
    }

    #[test]
    fn a_temporary_password_may_be_chosen_and_is_never_the_same() {
        let [one, other] = [temporary().unwrap(), temporary().unwrap()];
        assert_ne!(one, other);
        assert_eq!(one.len(), 19);
        assert!(checked(&one, &[]).is_ok(), "{one}");
    }
}
