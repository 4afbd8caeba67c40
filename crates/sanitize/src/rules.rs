//! What an organisation's rules and exceptions make of a message that was turned into text.
//!
//! Exceptions come first, then the rules in their order. The first one that holds, delivers or
//! rejects decides. What is asked of several things at once (recipients, authors, removed parts,
//! results) one of them meets for a rule that holds, rejects, tags or notifies; for a rule that
//! delivers, and for an exception, every one must, and there must be one.

use sekimori_policy::condition::AddressPattern;
use sekimori_policy::rule::SubjectTag;
use sekimori_policy::{
    Action, Address, Authentication, AuthenticationResult, Code, Conditions, Decisions, Exception,
    RemovedPart,
};

use crate::Context;

/// What conditions are asked of.
pub(crate) struct Facts<'f> {
    /// The addresses of `From`; none where the message has none fit to read.
    pub(crate) from: Vec<Address>,
    /// What was decided before any rule.
    pub(crate) decisions: &'f Decisions,
    pub(crate) removed: &'f [RemovedPart],
    /// What believed hosts say.
    pub(crate) authentication: &'f Authentication,
    /// Octets of the message as it came.
    pub(crate) octets: usize,
}

/// What rules and exceptions ask for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict<'r> {
    /// Codes with the names of rules or the numbers of exceptions, in their order.
    pub(crate) decisions: Vec<(Code, String)>,
    /// Whether the message crosses though every message is reviewed.
    pub(crate) delivers: bool,
    /// Tags of the subject, with the names of their rules.
    pub(crate) tags: Vec<(&'r SubjectTag, &'r str)>,
    /// The names of the rules by which people are to be told.
    pub(crate) notify: Vec<String>,
}

impl Verdict<'_> {
    fn out_of_time(mut self) -> Self {
        self.decisions.push((Code::HoldTime, "rules".to_owned()));
        self
    }
}

/// Asks the exceptions, then the rules. When time is up on the way, the message is held
/// (`hold-time`) by whatever was not asked.
pub(crate) fn judge<'r>(facts: &Facts<'_>, context: &Context<'r>) -> Verdict<'r> {
    let mut verdict = Verdict::default();
    for exception in context.exceptions {
        if (context.stop)() {
            return verdict.out_of_time();
        }
        if excepts(exception, facts, context) {
            verdict.decisions.push((Code::ExceptionApplied, exception.number.to_string()));
            verdict.delivers = true;
            return verdict;
        }
    }
    for rule in &context.organisation.rules {
        if (context.stop)() {
            return verdict.out_of_time();
        }
        let need = if rule.action == Action::Deliver { Need::Every } else { Need::One };
        if !meets(&rule.conditions, need, facts, context) {
            continue;
        }
        let name = rule.name.as_str();
        if rule.shadow {
            verdict.decisions.push((Code::RuleShadow, name.to_owned()));
            continue;
        }
        let code = match &rule.action {
            Action::Reject if context.may_refuse => Code::RejectRule,
            Action::Hold | Action::Reject => Code::HoldRule,
            Action::Deliver => {
                verdict.delivers = true;
                Code::RuleMatched
            }
            Action::Notify => {
                verdict.notify.push(name.to_owned());
                Code::RuleMatched
            }
            Action::Tag(tag) => {
                verdict.tags.push((tag, name));
                continue;
            }
        };
        verdict.decisions.push((code, name.to_owned()));
        if rule.action.decides() {
            break;
        }
    }
    verdict
}

fn excepts(exception: &Exception, facts: &Facts<'_>, context: &Context<'_>) -> bool {
    exception.is_in_force(context.received_at)
        && !exception.conditions.is_empty()
        && meets(&exception.conditions, Need::Every, facts, context)
}

/// Of how many things a condition must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    One,
    /// Of all, and there is one.
    Every,
}

impl Need {
    /// Whether `values`, when there are any, cover as many of `things` as are needed.
    fn of<V, T>(self, values: &[V], things: &[T], covers: impl Fn(&V, &T) -> bool) -> bool {
        let is_covered = |thing: &T| values.iter().any(|value| covers(value, thing));
        values.is_empty()
            || match self {
                Self::One => things.iter().any(is_covered),
                Self::Every => !things.is_empty() && things.iter().all(is_covered),
            }
    }
}

/// Whether a message meets all conditions.
fn meets(asked: &Conditions, need: Need, facts: &Facts<'_>, context: &Context<'_>) -> bool {
    let Conditions {
        sender,
        from,
        recipient,
        decisions,
        types,
        size_at_least,
        encrypted,
        authentication,
        hours,
        weekdays,
    } = asked;
    let covers = |pattern: &AddressPattern, address: &Address| pattern.covers(Some(address));
    let octets = u64::try_from(facts.octets).unwrap_or(u64::MAX);
    let at = context.received_at;
    need.of(sender, &[context.envelope.sender.0.as_ref()], |p, sender| p.covers(*sender))
        && need.of(from, &facts.from, covers)
        && need.of(recipient, &context.envelope.recipients, covers)
        && (decisions.is_empty() || decisions.iter().any(|&code| facts.decisions.contains(code)))
        && need.of(types, facts.removed, |kind, part| kind.covers(&part.detected_type))
        && size_at_least.is_none_or(|least| octets >= least)
        && encrypted.is_none_or(|wanted| is_encrypted(facts.decisions) == wanted)
        && is_authenticated(authentication, need, facts.authentication)
        && (hours.is_empty() || hours.iter().any(|hours| hours.covers(at)))
        && (weekdays.is_empty() || weekdays.contains(&at.weekday_in_japan()))
}

/// Whether a message has a part that is encrypted for a person, or by a password.
fn is_encrypted(decisions: &Decisions) -> bool {
    [Code::EncryptedRemoved, Code::EncryptedArchive, Code::EncryptedDocument]
        .into_iter()
        .any(|code| decisions.contains(code))
}

fn is_authenticated(asked: &Authentication, need: Need, found: &Authentication) -> bool {
    let by = |asked: &[AuthenticationResult], found: &[AuthenticationResult]| {
        let found = if found.is_empty() { &[AuthenticationResult::Missing] } else { found };
        need.of(asked, found, |asked, found| asked == found)
    };
    by(&asked.spf, &found.spf) && by(&asked.dkim, &found.dkim) && by(&asked.dmarc, &found.dmarc)
}
