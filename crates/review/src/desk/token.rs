//! Tokens for the HTTP API and the command line: 256 random bits, of which only SHA-256 is kept.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekimori_journal::register::token::{MAX_TOKEN_NAME_OCTETS, MAX_TOKENS};
use sekimori_journal::{AccountId, NewToken, Scope, Token, TokenId};
use sekimori_policy::Timestamp;
use sekimori_profile::SafeLine;
use sha2::{Digest, Sha256};

use super::second_factor::no_randomness;
use super::{Desk, Fault, Origin, Person, Refusal, Right};

/// Longest life of a token, in days.
pub const MAX_TOKEN_DAYS: u32 = 366;
/// What every token begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "skm_";
/// Random octets of a token.
const OCTETS: usize = 32;

/// A token as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for: at least one.
    pub scopes: Vec<Scope>,
    /// Until when: at most [`MAX_TOKEN_DAYS`] from now.
    pub expires_at: Timestamp,
}

/// A token that was just made.
#[derive(Clone, PartialEq, Eq)]
pub struct MadeToken {
    /// Its number.
    pub id: TokenId,
    /// The token itself, shown this once.
    pub secret: String,
}

impl fmt::Debug for MadeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MadeToken").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Desk {
    /// Makes a token for the person himself, who must have signed in: no token makes another.
    pub fn add_token(&self, person: &Person, asked: &TokenRequest) -> Result<MadeToken, Refusal> {
        Self::needs_session(person)?;
        if !person.steps().is_empty() {
            return Err(Self::denied(person, Right::SeeOwn));
        }
        let now = self.now();
        let name = SafeLine::clean(&asked.name).0.as_str().to_owned();
        if name.is_empty() {
            return Err(Refusal::invalid("name", Fault::Missing));
        }
        if name.len() > MAX_TOKEN_NAME_OCTETS {
            return Err(Refusal::invalid("name", Fault::TooLong(MAX_TOKEN_NAME_OCTETS)));
        }
        let mut scopes = asked.scopes.clone();
        scopes.sort();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(Refusal::invalid("scopes", Fault::Missing));
        }
        let end = asked.expires_at.unix_millis();
        if end <= now.unix_millis() || end > now.plus_days(MAX_TOKEN_DAYS).unix_millis() {
            return Err(Refusal::invalid("expires_at", Fault::OutOfRange));
        }
        if self.0.register.tokens(person.account.id)?.len() >= MAX_TOKENS {
            return Err(Refusal::TooMany);
        }
        let mut random = [0; OCTETS];
        getrandom::fill(&mut random).map_err(|_| no_randomness())?;
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        let token = NewToken {
            account: person.account.id,
            name,
            scopes,
            expires_at: asked.expires_at,
            hash: Sha256::digest(secret.as_bytes()).into(),
        };
        let id = self.0.register.add_token(&token, &person.actor(""), now)?;
        Ok(MadeToken { id, secret })
    }

    /// The tokens of an account: one's own, or of an account that one keeps.
    pub fn tokens(&self, person: &Person, account: AccountId) -> Result<Vec<Token>, Refusal> {
        self.keeps_tokens(person, account)?;
        Ok(self.0.register.tokens(account)?)
    }

    /// Takes a token of an account back.
    pub fn revoke_token(
        &self,
        person: &Person,
        account: AccountId,
        id: TokenId,
    ) -> Result<(), Refusal> {
        self.keeps_tokens(person, account)?;
        if !self.0.register.tokens(account)?.iter().any(|token| token.id == id) {
            return Err(Refusal::NotFound);
        }
        let is_revoked = self.0.register.revoke_token(id, &person.actor(""), self.now())?;
        if is_revoked { Ok(()) } else { Err(Refusal::NotFound) }
    }

    fn keeps_tokens(&self, person: &Person, account: AccountId) -> Result<(), Refusal> {
        let is_own = !person.is_machine() && person.account.id == account;
        if is_own && person.scopes().is_none() {
            return Ok(());
        }
        self.kept_account(person, account).map(drop)
    }

    /// Who a token stands for. `None` for whatever is wrong with it: there is none, its time is over,
    /// or its account may not be used. It is looked up by its hash, which a guess tells nothing of.
    pub fn token_person(&self, token: &str, from: Origin) -> Result<Option<Person>, Refusal> {
        let token = token.trim();
        let is_token = token.len() == PREFIX.len() + OCTETS.div_ceil(3) * 4 - 1
            && token.strip_prefix(PREFIX).is_some_and(|t| URL_SAFE_NO_PAD.decode(t).is_ok());
        if !is_token {
            return Ok(None);
        }
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let now = self.now();
        let Some(known) = self.0.register.token_by_hash(&hash)? else { return Ok(None) };
        if known.expires_at.unix_millis() <= now.unix_millis() {
            return Ok(None);
        }
        let account = self.0.register.account(known.account)?;
        let account = account.filter(|account| account.usable(now));
        Ok(account.map(|account| Person::with_token(account, from, known.scopes)))
    }
}
