//! Accounts: who keeps whose, and what of them he sees.

use sekimori_journal::register::account::{
    MAX_ADDRESSES, MAX_GRANTS, MAX_LOGIN_OCTETS, MAX_NAME_OCTETS,
};
use sekimori_journal::{Account, AccountChange, AccountId, Grant, NewAccount};
use sekimori_policy::{Address, Timestamp};
use sekimori_profile::SafeLine;

use super::sign_in::looked_up;
use super::{Desk, Fault, Person, Refusal, Right, Why, optional_reason};

impl Desk {
    /// The accounts that the person keeps, and those of others that have a role in his organisations:
    /// of each only what concerns these.
    pub fn accounts(&self, person: &Person) -> Result<Vec<Account>, Refusal> {
        self.needs(person, Right::People)?;
        let administered = self.organisations(person, Right::People);
        let asked = if person.is_machine() { None } else { Some(administered.as_slice()) };
        let mut accounts = self.0.register.accounts(asked)?;
        for account in &mut accounts {
            self.conceal(person, &administered, account);
        }
        Ok(accounts)
    }

    /// One account: one's own, or one of [`Desk::accounts`].
    pub fn account(&self, person: &Person, id: AccountId) -> Result<Account, Refusal> {
        if !person.is_machine() && person.account.id == id {
            return self.0.register.account(id)?.ok_or(Refusal::NotFound);
        }
        self.needs(person, Right::People)?;
        let administered = self.organisations(person, Right::People);
        let account = self.0.register.account(id)?;
        let mut account = account
            .filter(|account| person.is_machine() || concerns(account, &administered))
            .ok_or(Refusal::NotFound)?;
        self.conceal(person, &administered, &mut account);
        Ok(account)
    }

    /// Makes an account. Its organisation and roles must be in organisations that the person
    /// administers; only the machine's operator makes operators, and accounts of no organisation.
    pub fn add_account(&self, person: &Person, new: &NewAccount) -> Result<AccountId, Refusal> {
        self.needs(person, Right::People)?;
        let new = self.checked_account(person, new)?;
        Ok(self.0.register.add_account(&new, &person.actor(""), self.now())?)
    }

    /// Changes an account that the person keeps, or the roles that an account of another organisation
    /// has in his. Roles in organisations that he does not administer stay as they are. Nobody
    /// changes his own, but for his language.
    pub fn change_account(
        &self,
        person: &Person,
        id: AccountId,
        change: &AccountChange,
        reason: &str,
    ) -> Result<(), Refusal> {
        let reason = optional_reason(reason, sekimori_journal::action::MAX_ACTOR_OCTETS)?;
        let actor = person.actor(&reason);
        if !person.is_machine() && person.account.id == id {
            Self::needs_session(person)?;
            let own = AccountChange { language: change.language, ..AccountChange::default() };
            if *change != own {
                return Err(Refusal::NotPermitted(Why::OwnAccount));
            }
            return Ok(self.0.register.change_account(id, &own, &actor, self.now())?);
        }
        self.needs(person, Right::People)?;
        let administered = self.organisations(person, Right::People);
        let account = self.0.register.account(id)?;
        let account = account
            .filter(|account| person.is_machine() || concerns(account, &administered))
            .ok_or(Refusal::NotFound)?;
        let keeps = self.keeps(person, &account);
        let only_grants = AccountChange { grants: change.grants.clone(), ..Default::default() };
        if !keeps && *change != only_grants {
            return Err(Refusal::NotPermitted(Why::Right(Right::People)));
        }
        let mut change = change.clone();
        self.check_change(person, &account, &mut change)?;
        if let Some(grants) = &mut change.grants {
            let foreign = account.grants.iter().filter(|grant| {
                !person.is_machine() && !administered.contains(&grant.organisation)
            });
            let foreign: Vec<Grant> = foreign.cloned().collect();
            grants.extend(foreign);
            within_grants(grants.len())?;
        }
        Ok(self.0.register.change_account(id, &change, &actor, self.now())?)
    }

    /// An account that the person keeps: of an organisation that he administers, and not his own.
    pub(super) fn kept_account(&self, person: &Person, id: AccountId) -> Result<Account, Refusal> {
        self.needs(person, Right::People)?;
        if !person.is_machine() && person.account.id == id {
            return Err(Refusal::NotPermitted(Why::OwnAccount));
        }
        let administered = self.organisations(person, Right::People);
        let account = self.0.register.account(id)?;
        let account = account
            .filter(|account| person.is_machine() || concerns(account, &administered))
            .ok_or(Refusal::NotFound)?;
        if self.keeps(person, &account) {
            Ok(account)
        } else {
            Err(Refusal::NotPermitted(Why::Right(Right::People)))
        }
    }

    /// Whether an account is the person's to keep, and not only one with a role in his organisation.
    fn keeps(&self, person: &Person, account: &Account) -> bool {
        let organisation = account.organisation.as_deref();
        person.is_machine()
            || organisation.is_some_and(|name| person.may(Right::People, name, self.now()))
    }

    /// Takes out of an account what concerns other organisations.
    fn conceal(&self, person: &Person, administered: &[String], account: &mut Account) {
        if person.is_machine() {
            return;
        }
        account.grants.retain(|grant| administered.contains(&grant.organisation));
        if !self.keeps(person, account) {
            account.organisation = None;
            account.addresses.clear();
            account.last_sign_in = None;
            account.locked_until = None;
        }
    }

    /// An account as it may be made.
    pub(super) fn checked_account(
        &self,
        person: &Person,
        new: &NewAccount,
    ) -> Result<NewAccount, Refusal> {
        let login = checked_login(&new.login)?;
        let name = checked_name(&new.name)?;
        self.check_home(person, new.organisation.as_deref())?;
        if new.operator && !person.is_machine() {
            return Err(Refusal::NotPermitted(Why::Right(Right::People)));
        }
        self.check_grants(person, &new.grants)?;
        check_addresses(&new.addresses)?;
        check_times("valid_until", new.valid_from, new.valid_until)?;
        Ok(NewAccount { login, name, ..new.clone() })
    }

    fn check_change(
        &self,
        person: &Person,
        account: &Account,
        change: &mut AccountChange,
    ) -> Result<(), Refusal> {
        if let Some(name) = &mut change.name {
            *name = checked_name(name)?;
        }
        if let Some(organisation) = &change.organisation {
            self.check_home(person, organisation.as_deref())?;
        }
        if change.operator.is_some_and(|operator| operator != account.operator)
            && !person.is_machine()
        {
            return Err(Refusal::NotPermitted(Why::Right(Right::People)));
        }
        if let Some(grants) = &change.grants {
            self.check_grants(person, grants)?;
        }
        if let Some(addresses) = &change.addresses {
            check_addresses(addresses)?;
        }
        let from = change.valid_from.unwrap_or(account.valid_from);
        let until = change.valid_until.unwrap_or(account.valid_until);
        check_times("valid_until", from, until)
    }

    fn check_home(&self, person: &Person, organisation: Option<&str>) -> Result<(), Refusal> {
        let unknown = Refusal::invalid("organisation", Fault::Unknown);
        match organisation {
            None if person.is_machine() => Ok(()),
            None => Err(Refusal::invalid("organisation", Fault::Missing)),
            Some(name) => {
                let is_known = self.organisation(name).is_some();
                let may = person.may(Right::People, name, self.now());
                if is_known && may { Ok(()) } else { Err(unknown) }
            }
        }
    }

    fn check_grants(&self, person: &Person, grants: &[Grant]) -> Result<(), Refusal> {
        within_grants(grants.len())?;
        for grant in grants {
            let is_known = self.organisation(&grant.organisation).is_some();
            if !is_known || !person.may(Right::People, &grant.organisation, self.now()) {
                return Err(Refusal::invalid("organisation", Fault::Unknown));
            }
            check_times("roles_until", grant.from, grant.until)?;
        }
        Ok(())
    }
}

/// Whether an account belongs to one of some organisations, or has a role there.
fn concerns(account: &Account, organisations: &[String]) -> bool {
    account.organisation.as_ref().is_some_and(|name| organisations.contains(name))
        || account.grants.iter().any(|grant| organisations.contains(&grant.organisation))
}

fn within_grants(count: usize) -> Result<(), Refusal> {
    if count > MAX_GRANTS {
        return Err(Refusal::invalid("grants", Fault::TooMany(MAX_GRANTS)));
    }
    Ok(())
}

/// A login as it is kept: narrow, in lower case, of letters, digits and `. _ - @ +`.
pub(super) fn checked_login(login: &str) -> Result<String, Refusal> {
    if login.trim().is_empty() {
        return Err(Refusal::invalid("login", Fault::Missing));
    }
    let too_long = Refusal::invalid("login", Fault::TooLong(MAX_LOGIN_OCTETS));
    let login = looked_up(login).ok_or(too_long.clone())?;
    if login.len() > MAX_LOGIN_OCTETS {
        return Err(too_long);
    }
    let is_allowed = |c: char| c.is_alphanumeric() || ".-_@+".contains(c);
    let begins = login.chars().next().is_some_and(char::is_alphanumeric);
    if begins && login.chars().all(is_allowed) {
        Ok(login)
    } else {
        Err(Refusal::invalid("login", Fault::Form))
    }
}

fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = SafeLine::clean(name).0.as_str().to_owned();
    if name.is_empty() {
        return Err(Refusal::invalid("name", Fault::Missing));
    }
    if name.len() > MAX_NAME_OCTETS {
        return Err(Refusal::invalid("name", Fault::TooLong(MAX_NAME_OCTETS)));
    }
    Ok(name)
}

fn check_addresses(addresses: &[Address]) -> Result<(), Refusal> {
    if addresses.len() > MAX_ADDRESSES {
        return Err(Refusal::invalid("addresses", Fault::TooMany(MAX_ADDRESSES)));
    }
    Ok(())
}

fn check_times(
    field: &'static str,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<(), Refusal> {
    match (from, until) {
        (Some(from), Some(until)) if until.unix_millis() <= from.unix_millis() => {
            Err(Refusal::invalid(field, Fault::OutOfRange))
        }
        _ => Ok(()),
    }
}
