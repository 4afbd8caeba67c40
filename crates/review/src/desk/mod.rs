//! The operations of quarantine review, without HTTP: what pages, API and command line call.
//!
//! # Invariants
//! - Rights are checked here and nowhere above, so that every surface refuses the same. An object of
//!   another organisation, or of another person where only one's own may be seen, is
//!   [`Refusal::NotFound`], as one that does not exist.
//! - Nobody decides his own request or exception; the store refuses it once more.
//! - Whatever changes or shows content is on the audit record before it is done.
//! - A text is verified again before it is released. An original leaves as a [`Download`] or as a
//!   hand-over of the store's, both on the Internet side; nothing here could give it to the next hop.
//! - While a [`Person`] has a step to take first, or his token lacks the scope, he has no right.
//!
//! # Bounds
//! [`MAX_BULK`] messages in one action, [`MAX_KEY_CHARS`] of what is looked up, those of the store's
//! register, and the constants of each file.
//!
//! Calls may wait for the disk or for a password hash: HTTP handlers make them on threads for that.
//!
//! Layout: `person` who acts and his rights; `refusal` why not; `finding` and `item` what is seen;
//! `request` and `act` what is decided; `original` downloads; `people` accounts, `import`, `roster` and `csv` as a file;
//! `sign_in`, `attempts`, `password`, `hashing`, `common`, `second_factor`, `token` how people prove
//! who they are; `exception`, `audit_view`, `health`.

mod act;
mod attempts;
mod audit_view;
mod common;
mod csv;
mod exception;
mod finding;
mod hashing;
mod health;
mod import;
mod item;
mod openid;
mod original;
mod password;
mod people;
mod person;
mod refusal;
mod request;
mod roster;
mod second_factor;
mod sign_in;
#[cfg(test)]
mod tests;
mod token;

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use sekimori_journal::{
    AuditKind, AuditRecord, JournalError, Key, Register, Route, StoredMessage, Submission,
};
use sekimori_policy::{Domain, Limits, Organisation, QueueId, Timestamp};
use sekimori_profile::SafeText;
use sekimori_profile::verify::verify;
use serde_json::{Value, json};

pub use act::{Done, MAX_BULK, MAX_EXTEND_DAYS};
pub use attempts::LockPolicy;
pub use audit_view::{AuditPage, AuditSearch, MAX_AUDIT_PAGE};
pub use csv::MAX_CSV_OCTETS;
pub use finding::MAX_KEY_CHARS;
pub use health::{Condition, Health, HealthReport, HopHealth, RecentError};
pub use import::{CsvFault, Import, ImportedAccount, ImportedChange};
pub use item::{Item, Possible};
pub use original::{Download, Source};
pub use password::{MAX_PASSWORD_OCTETS, MIN_PASSWORD_CHARS};
pub use person::{Origin, Person, Right, Step};
pub use refusal::{Clash, Exit, Fault, Refusal, Stands, Why};
pub use second_factor::{RECOVERY_CODES, SecondFactorOffer};
pub use sign_in::{SignInRefusal, SignedIn};
pub use token::{MAX_TOKEN_DAYS, MadeToken, TokenRequest};

use attempts::Attempts;
use hashing::Hashing;

/// The organisations as they are configured, shared with whoever loads the configuration anew.
pub type Organisations = Arc<RwLock<Vec<Arc<Organisation>>>>;

/// What is configured for quarantine review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskSettings {
    /// Under which name an authenticator lists the account.
    pub issuer: String,
    /// Days in which an approved original can be downloaded.
    pub download_days: u32,
    /// When signing in is refused after failures.
    pub lock: LockPolicy,
    /// Whether originals can be sent to mailboxes of the Internet side.
    pub internet_hop: bool,
    /// Domains whose mailboxes are on the Internet side, beside those of a message's recipients
    /// and the requester's own.
    pub hand_over_domains: Vec<Domain>,
    /// Whether approvers and administrators with a local password need a second factor.
    pub second_factor_required: bool,
    /// Bounds of reading a message.
    pub limits: Limits,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self {
            issuer: "sekimori".to_owned(),
            download_days: 7,
            lock: LockPolicy::default(),
            internet_hop: false,
            hand_over_domains: Vec::new(),
            second_factor_required: true,
            limits: Limits::default(),
        }
    }
}

/// Quarantine review. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    register: Arc<dyn Register>,
    organisations: Organisations,
    settings: DeskSettings,
    clock: fn() -> Timestamp,
    hashing: Hashing,
    attempts: Mutex<Attempts>,
    /// Held while a recovery code is used up, so that none is used twice.
    recovery: Mutex<()>,
}

impl Desk {
    /// A desk over a store.
    pub fn new(
        register: Arc<dyn Register>,
        organisations: Organisations,
        settings: DeskSettings,
        clock: fn() -> Timestamp,
    ) -> Self {
        let attempts = Mutex::new(Attempts::new(settings.lock.clone()));
        Self(Arc::new(Inner {
            register,
            organisations,
            settings,
            clock,
            hashing: Hashing::new(),
            attempts,
            recovery: Mutex::new(()),
        }))
    }

    /// What is configured.
    pub fn settings(&self) -> &DeskSettings {
        &self.0.settings
    }

    /// The present moment, as the desk's clock has it.
    pub fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    /// The store, for what is no operation of a person: sessions, and what runs by itself.
    pub fn register(&self) -> &Arc<dyn Register> {
        &self.0.register
    }

    /// The organisation of a name, as it is configured now.
    pub fn organisation(&self, name: &str) -> Option<Arc<Organisation>> {
        let all = self.0.organisations.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|organisation| organisation.name == name).cloned()
    }

    /// The names of all configured organisations, in order.
    pub fn organisation_names(&self) -> Vec<String> {
        let all = self.0.organisations.read().unwrap_or_else(PoisonError::into_inner);
        let mut names: Vec<String> = all.iter().map(|o| o.name.clone()).collect();
        names.sort();
        names
    }

    /// The organisations in which a person may do something: of the machine's operator, those whose
    /// people he keeps.
    pub fn organisations(&self, person: &Person, right: Right) -> Vec<String> {
        if person.is_machine() && person.may(right, "", self.now()) {
            return self.organisation_names();
        }
        person.organisations(right, self.now())
    }

    /// Whether a text of the organisation crosses only after another person has asked for it.
    fn two_person_text(&self, organisation: &str) -> bool {
        // What is not configured any more is treated as the strictest.
        self.organisation(organisation).is_none_or(|o| o.two_person_text)
    }

    /// Whether an original of the organisation is handed over only by a request that another person
    /// approved.
    fn two_person_original(&self, organisation: &str) -> bool {
        self.organisation(organisation).is_none_or(|o| o.two_person_original)
    }

    /// Days in which a delete of the organisation's can be undone.
    fn undo_days(&self, organisation: &str) -> u32 {
        self.organisation(organisation).map_or(Organisation::DEFAULT_UNDO_DAYS, |o| o.undo_days)
    }

    /// Whether an organisation wants two persons for a text, and for an original.
    pub fn two_persons(&self, organisation: &str) -> (bool, bool) {
        (self.two_person_text(organisation), self.two_person_original(organisation))
    }

    /// The refusal of a person who has a right nowhere.
    fn denied(person: &Person, right: Right) -> Refusal {
        let why = if person.steps().is_empty() { Why::Right(right) } else { Why::Unfinished };
        Refusal::NotPermitted(why)
    }

    /// Refuses whoever has a right nowhere: says nothing of what is asked for.
    fn needs(&self, person: &Person, right: Right) -> Result<(), Refusal> {
        if person.may_anywhere(right, self.now()) {
            Ok(())
        } else {
            Err(Self::denied(person, right))
        }
    }

    /// Whether a person has a right on a message: on all of its organisation, or as his own.
    fn holds(&self, person: &Person, right: Right, message: &StoredMessage) -> bool {
        let now = self.now();
        let may = |right| person.may(right, &message.organisation, now);
        let is_own = || message.envelope.recipients.iter().any(|address| person.owns(address));
        match right {
            Right::See => may(Right::See) || (may(Right::SeeOwn) && is_own()),
            Right::Content => may(Right::Content) || (may(Right::ContentOwn) && is_own()),
            right => may(right),
        }
    }

    /// A message on which a person has a right. One that he may not see is not found.
    fn reach(&self, person: &Person, id: QueueId, right: Right) -> Result<StoredMessage, Refusal> {
        let least = match right {
            Right::See => Right::SeeOwn,
            Right::Content => Right::ContentOwn,
            right => right,
        };
        self.needs(person, least)?;
        let found = self.0.register.message(Key::QueueId(id))?;
        let message = found.filter(|m| self.holds(person, Right::See, m));
        let message = message.ok_or(Refusal::NotFound)?;
        if self.holds(person, right, &message) {
            Ok(message)
        } else {
            Err(Self::denied(person, right))
        }
    }

    /// The text that crosses, verified again. What does not pass is refused, and that goes on record.
    fn verified_text(&self, person: &Person, message: &StoredMessage) -> Result<String, Refusal> {
        let octets = self.0.register.text(message.queue_id)?;
        if message.route == Route::Return {
            // A report, made here for the Internet side: it has a form of its own.
            return String::from_utf8(octets).map_err(|_| Refusal::NotVerified);
        }
        match verify(&octets, self.0.settings.limits.text_octets) {
            Ok(verified) => Ok(verified.text),
            Err(violation) => {
                let details = json!({ "violation": violation.to_string() });
                self.record(person, AuditKind::Held, Some(message), None, "", details)?;
                Err(Refusal::NotVerified)
            }
        }
    }

    /// Puts something on the audit record that no call of the register puts there itself, and waits
    /// until it is durable.
    fn record(
        &self,
        person: &Person,
        kind: AuditKind,
        message: Option<&StoredMessage>,
        organisation: Option<String>,
        reason: &str,
        mut details: Value,
    ) -> Result<(), Refusal> {
        let actor = person.actor(reason);
        if let Value::Object(members) = &mut details {
            if !reason.is_empty() {
                members.insert("reason".to_owned(), json!(reason));
            }
            if let Some(account) = actor.account {
                members.insert("account".to_owned(), json!(account));
            }
            members.insert("origin".to_owned(), json!(person.from.to_string()));
        }
        self.write_record(AuditRecord {
            at: self.now(),
            kind,
            organisation: message.map(|m| m.organisation.clone()).or(organisation),
            queue_id: message.map(|m| m.queue_id),
            reference: message.map(|m| m.reference),
            actor: Some(actor.name),
            details,
        })
    }

    /// Writes a record and waits until it is durable.
    fn write_record(&self, record: AuditRecord) -> Result<(), Refusal> {
        let (answer, answered) = sync_channel(1);
        let submission = Submission { audit: vec![record.clone()], ..Submission::default() };
        let done = Box::new(move |result| drop(answer.send(result)));
        self.0.register.submit(submission, done);
        match answered.recv().unwrap_or(Err(JournalError::NotWriting)) {
            Ok(()) => Ok(()),
            Err(JournalError::NotWriting) => {
                // Beside the relay, in a process of its own, a record is written at once.
                self.0.register.append_audit(record);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// A reason as it is kept: made safe, without blanks at its ends; there must be one.
fn needed_reason(reason: &str, most: usize) -> Result<String, Refusal> {
    let reason = optional_reason(reason, most)?;
    if reason.is_empty() {
        return Err(Refusal::invalid("reason", Fault::Missing));
    }
    Ok(reason)
}

/// The same, where there may be none.
fn optional_reason(reason: &str, most: usize) -> Result<String, Refusal> {
    if reason.len() > most {
        return Err(Refusal::invalid("reason", Fault::TooLong(most)));
    }
    let reason = SafeText::clean(reason).0.as_str().trim().to_owned();
    // Making safe can lengthen a text (NFC, 〓).
    if reason.len() > most {
        return Err(Refusal::invalid("reason", Fault::TooLong(most)));
    }
    Ok(reason)
}
