//! Exceptions (例外措置): filed by one person, approved by another, ended by time.

use sekimori_journal::register::exception::{MAX_CONDITIONS_OCTETS, MAX_EXCEPTION_DAYS};
use sekimori_journal::register::request::MAX_REASON_OCTETS;
use sekimori_journal::{
    Decided, ExceptionId, ExceptionState, NewException, RequestState, StoredException,
};
use sekimori_policy::Conditions;
use sekimori_policy::rule::is_known_to_rules;
use serde::Deserialize as _;

use super::{Desk, Fault, Person, Refusal, Right, Stands, Why, needed_reason, optional_reason};

impl Desk {
    /// The exceptions of the organisations that the person sees, decides for or administers, the
    /// newest first.
    pub fn exceptions(&self, person: &Person) -> Result<Vec<StoredException>, Refusal> {
        let mut organisations = Vec::new();
        for right in [Right::See, Right::Decide, Right::People] {
            organisations.extend(self.organisations(person, right));
        }
        if organisations.is_empty() {
            return Err(Self::denied(person, Right::See));
        }
        organisations.sort();
        organisations.dedup();
        Ok(self.0.register.exceptions(Some(&organisations))?)
    }

    /// Files an exception for decision. Approvers and administrators may. Its conditions are those of
    /// a rule ([`Conditions`]), at least one of them.
    pub fn add_exception(
        &self,
        person: &Person,
        asked: &NewException,
    ) -> Result<ExceptionId, Refusal> {
        if person.is_machine() {
            return Err(Refusal::NotPermitted(Why::NoAccount));
        }
        self.needs_either(person)?;
        if !self.keeps_exceptions(person, &asked.organisation) {
            return Err(Refusal::NotFound);
        }
        let reason = needed_reason(&asked.reason, MAX_REASON_OCTETS)?;
        let now = self.now().unix_millis();
        let (begins, ends) = (asked.begins_at.unix_millis(), asked.ends_at.unix_millis());
        let latest = asked.begins_at.plus_days(MAX_EXCEPTION_DAYS).unix_millis();
        if ends <= begins || ends <= now || ends > latest {
            return Err(Refusal::invalid("ends_at", Fault::OutOfRange));
        }
        if asked.conditions.to_string().len() > MAX_CONDITIONS_OCTETS {
            return Err(Refusal::invalid("conditions", Fault::TooLong(MAX_CONDITIONS_OCTETS)));
        }
        readable(&asked.conditions)?;
        let actor = person.actor(&reason);
        let exception = NewException { reason, ..asked.clone() };
        Ok(self.0.register.add_exception(&exception, &actor, self.now())?)
    }

    /// Approves or rejects the open exception of another (approvers), or ends one that is approved
    /// or one's own (approvers and administrators). A rejection and an end need a reason.
    pub fn decide_exception(
        &self,
        person: &Person,
        id: ExceptionId,
        state: ExceptionState,
        reason: &str,
    ) -> Result<(), Refusal> {
        if person.is_machine() {
            return Err(Refusal::NotPermitted(Why::NoAccount));
        }
        self.needs_either(person)?;
        let all = self.exceptions(person)?;
        let exception = all.into_iter().find(|exception| exception.id == id);
        let exception = exception.ok_or(Refusal::NotFound)?;
        let is_own = exception.requester == person.account.id;
        let now = self.now();
        let reason = match state {
            ExceptionState::Approved | ExceptionState::Rejected => {
                if !person.may(Right::Decide, &exception.organisation, now) {
                    return Err(Self::denied(person, Right::Decide));
                }
                if is_own {
                    return Err(Refusal::NotPermitted(Why::OwnException));
                }
                match state {
                    ExceptionState::Approved => optional_reason(reason, MAX_REASON_OCTETS)?,
                    _ => needed_reason(reason, MAX_REASON_OCTETS)?,
                }
            }
            ExceptionState::Ended => {
                if !self.keeps_exceptions(person, &exception.organisation) {
                    return Err(Self::denied(person, Right::People));
                }
                needed_reason(reason, MAX_REASON_OCTETS)?
            }
            ExceptionState::Open | ExceptionState::Lapsed => {
                return Err(Refusal::invalid("state", Fault::NotAllowed));
            }
        };
        let actor = person.actor(&reason);
        match self.0.register.decide_exception(id, state, &actor, now)? {
            Decided::Done => Ok(()),
            Decided::OwnRequest => Err(Refusal::NotPermitted(Why::OwnException)),
            Decided::Unknown => Err(Refusal::NotFound),
            Decided::WrongState(RequestState::Open) => {
                Err(Refusal::WrongState(Stands::Exception(ExceptionState::Open)))
            }
            Decided::WrongState(_) | Decided::Message(_) | Decided::NotOwnRequest => {
                Err(Refusal::WrongState(Stands::Exception(exception.state)))
            }
        }
    }

    fn needs_either(&self, person: &Person) -> Result<(), Refusal> {
        self.needs(person, Right::Decide).or_else(|_| self.needs(person, Right::People))
    }

    /// Whether a person files and ends exceptions of an organisation.
    fn keeps_exceptions(&self, person: &Person, organisation: &str) -> bool {
        let now = self.now();
        person.may(Right::Decide, organisation, now) || person.may(Right::People, organisation, now)
    }
}

/// Checks that conditions are those of a rule, that there is one, and that they can be met.
fn readable(conditions: &serde_json::Value) -> Result<(), Refusal> {
    if !conditions.is_object() {
        return Err(Refusal::invalid("conditions", Fault::Missing));
    }
    let Ok(conditions) = Conditions::deserialize(conditions) else {
        return Err(Refusal::invalid("conditions", Fault::Form));
    };
    if conditions.is_empty() {
        return Err(Refusal::invalid("conditions", Fault::Missing));
    }
    if !conditions.decisions.iter().copied().all(is_known_to_rules) {
        return Err(Refusal::invalid("conditions", Fault::NotAllowed));
    }
    Ok(())
}
