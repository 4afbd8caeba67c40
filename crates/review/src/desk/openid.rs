//! Signing in somebody for whom an identity provider vouches, by his groups there.

use sekimori_journal::{AccountChange, Actor, Credentials, Grant, NewAccount};
use sekimori_policy::Address;
use sekimori_profile::SafeLine;

use super::sign_in::looked_up;
use super::{Desk, Origin, SignInRefusal, SignedIn};
use crate::openid::{GroupRole, Identity};

/// Who changes accounts by what a provider says, on the audit record.
const ACTOR: &str = "openid";

impl Desk {
    /// Signs in the person of a provider. Without configured groups, an account must be bound to him
    /// ([`Desk::bind_subject`]). With groups, he has exactly the roles that they give, and gets an
    /// account when he first comes with any; without any he is refused. A login that an account has
    /// already is never taken over.
    pub fn sign_in_by_openid(
        &self,
        identity: &Identity,
        groups: &[GroupRole],
        from: Origin,
    ) -> Result<SignedIn, SignInRefusal> {
        if !groups.is_empty() {
            self.follow_groups(identity, groups, from)?;
        }
        self.sign_in_by_subject(&identity.issuer, &identity.subject, from)
    }

    fn follow_groups(
        &self,
        identity: &Identity,
        groups: &[GroupRole],
        from: Origin,
    ) -> Result<(), SignInRefusal> {
        let now = self.now();
        let actor = Actor::named(ACTOR, "").acting_from(from.to_string());
        let mut grants: Vec<Grant> = Vec::new();
        for mapped in groups.iter().filter(|mapped| identity.groups.contains(&mapped.group)) {
            let (organisation, role) = (mapped.organisation.clone(), mapped.role);
            let grant = Grant { organisation, role, from: None, until: None };
            if !grants.contains(&grant) {
                grants.push(grant);
            }
        }
        let known = self.0.register.account_by_subject(&identity.issuer, &identity.subject)?;
        if let Some(account) = known {
            if account.grants != grants {
                let change = AccountChange { grants: Some(grants.clone()), ..Default::default() };
                self.0.register.change_account(account.id, &change, &actor, now)?;
            }
            return if grants.is_empty() { Err(SignInRefusal::Refused) } else { Ok(()) };
        }
        let Some(first) = grants.first() else { return Err(SignInRefusal::Refused) };
        let login = [&identity.login, &identity.subject];
        let login = login.into_iter().find_map(|login| looked_up(login).filter(|l| !l.is_empty()));
        let login = login.ok_or(SignInRefusal::Refused)?;
        if self.0.register.account_by_login(&login)?.is_some() {
            tracing::warn!("a login of the identity provider belongs to another account; refused");
            return Err(SignInRefusal::Refused);
        }
        let name = SafeLine::clean(&identity.name).0.as_str().to_owned();
        let new = NewAccount {
            name: if name.is_empty() { login.clone() } else { name },
            login,
            organisation: Some(first.organisation.clone()),
            addresses: identity.address.iter().filter_map(|a| Address::parse(a).ok()).collect(),
            grants,
            ..NewAccount::default()
        };
        let id = self.0.register.add_account(&new, &actor, now)?;
        let subject = Some((identity.issuer.clone(), identity.subject.clone()));
        let credentials = Credentials { subject, ..self.0.register.credentials(id)? };
        Ok(self.0.register.set_credentials(id, &credentials, &actor, now)?)
    }
}
