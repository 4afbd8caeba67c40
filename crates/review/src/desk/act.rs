//! What an approver does with messages, many at once, with a result for each.

use sekimori_journal::action::MAX_ACTOR_OCTETS;
use sekimori_journal::{Action, ActionOutcome, Request, State, StoredMessage, Verdict};
use sekimori_policy::{Address, QueueId};

use super::finding::are_among;
use super::item::is_open_text;
use super::person::is_same;
use super::request::outcome;
use super::{Desk, Fault, Person, Refusal, Right, Stands, Why, needed_reason};

/// Most messages in one action.
pub const MAX_BULK: usize = 10_000;
/// Most days that a message can be kept from the day of extending on.
pub const MAX_EXTEND_DAYS: u32 = 366;

/// What came of an action on each message, in the order given.
pub type Done = Vec<(QueueId, Result<(), Refusal>)>;

/// What is left to do with one message after it was looked at.
enum Left {
    /// The action, together with the others'.
    Act,
    /// Nothing: it is done.
    Nothing,
}

impl Desk {
    /// Lets texts cross: of all recipients that wait, or of those named. Each is verified first. Open
    /// requests of others for the same text are approved with it. Where the organisation wants two
    /// persons for a text, such a request is needed.
    pub fn release(
        &self,
        person: &Person,
        ids: &[QueueId],
        recipients: Option<&[Address]>,
        reason: &str,
    ) -> Done {
        let action = Action::Release { recipients: recipients.map(<[Address]>::to_vec) };
        self.bulk(person, ids, &action, reason, |message, reason| {
            if !matches!(message.state, State::Held | State::Queued) {
                return Err(Refusal::WrongState(Stands::Message(message.state)));
            }
            if let Some(named) = recipients
                && (named.is_empty() || !are_among(named, &message.envelope.recipients))
            {
                return Err(Refusal::invalid("recipients", Fault::NotAllowed));
            }
            self.verified_text(person, message)?;
            self.approve_requests(person, message, recipients, reason)
        })
    }

    /// Approves the open requests of others for a text that is to cross. With the two-person rule
    /// nothing crosses beyond what they asked for.
    fn approve_requests(
        &self,
        person: &Person,
        message: &StoredMessage,
        named: Option<&[Address]>,
        reason: &str,
    ) -> Result<Left, Refusal> {
        let mut open = self.requests_of(message)?;
        open.retain(is_open_text);
        let has_own = open.iter().any(|request| request.requester == person.account.id);
        open.retain(|request| request.requester != person.account.id);
        let needs_two = self.two_person_text(&message.organisation);
        let mut approved = 0_usize;
        for request in &open {
            let chosen = named.map(|named| asked_of(request, named));
            if chosen.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let verdict = Verdict::Approve {
                recipients: chosen,
                sections: None,
                usable_until: self.download_limit(),
            };
            let actor = person.actor(reason);
            let decided = self.0.register.decide(request.id, &verdict, &actor, self.now())?;
            match outcome(decided) {
                Ok(()) => approved += 1,
                // Settled by another request, or by someone else at the same time.
                Err(Refusal::WrongState(_)) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        match (needs_two, approved) {
            (false, 0) => Ok(Left::Act),
            (true, 0) if has_own => Err(Refusal::NotPermitted(Why::OwnRequest)),
            (true, 0) => Err(Refusal::NotPermitted(Why::SecondPerson)),
            (true, _) => Ok(Left::Nothing),
            (false, _) => {
                // What nobody asked for crosses as well; that nothing is left is as good.
                let recipients = named.map(<[Address]>::to_vec);
                let action = Action::Release { recipients };
                let ids = [message.queue_id];
                self.0.register.act(&ids, action, &person.actor(reason), self.now())?;
                Ok(Left::Nothing)
            }
        }
    }

    /// Rejects held messages: their open requests are rejected (the person's own taken back), and
    /// they are deleted.
    pub fn reject(&self, person: &Person, ids: &[QueueId], reason: &str) -> Done {
        self.bulk(person, ids, &Action::Delete, reason, |message, reason| {
            if message.state != State::Held {
                return Err(Refusal::WrongState(Stands::Message(message.state)));
            }
            let mut open = self.requests_of(message)?;
            open.retain(is_open_text);
            for request in open {
                let actor = person.actor(reason);
                let is_own = request.requester == person.account.id;
                let decided = if is_own {
                    self.0.register.amend(request.id, None, &actor, self.now())?
                } else {
                    self.0.register.decide(request.id, &Verdict::Reject, &actor, self.now())?
                };
                match outcome(decided) {
                    Ok(()) | Err(Refusal::WrongState(_)) => {}
                    Err(refusal) => return Err(refusal),
                }
            }
            Ok(Left::Act)
        })
    }

    /// Takes queued or held messages out of the queue. It can be undone for some days.
    pub fn delete(&self, person: &Person, ids: &[QueueId], reason: &str) -> Done {
        self.bulk(person, ids, &Action::Delete, reason, |_, _| Ok(Left::Act))
    }

    /// Undoes the delete of messages: they are held again.
    pub fn restore(&self, person: &Person, ids: &[QueueId], reason: &str) -> Done {
        self.bulk(person, ids, &Action::Restore, reason, |message, _| {
            if message.state != State::Deleted {
                return Err(Refusal::WrongState(Stands::Message(message.state)));
            }
            if self.restorable_until(message).is_none() {
                return Err(Refusal::WrongState(Stands::UndoOver));
            }
            Ok(Left::Act)
        })
    }

    /// Has messages kept for so many days from now on, at most [`MAX_EXTEND_DAYS`]. None is ever kept
    /// for less long than before.
    pub fn extend(&self, person: &Person, ids: &[QueueId], days: u32, reason: &str) -> Done {
        if !(1..=MAX_EXTEND_DAYS).contains(&days) {
            return all(ids, &Refusal::invalid("days", Fault::OutOfRange));
        }
        let action = Action::Extend { until: self.now().plus_days(days) };
        self.bulk(person, ids, &action, reason, |_, _| Ok(Left::Act))
    }

    /// Looks at each message by itself, then does the action to those that allow it together.
    fn bulk(
        &self,
        person: &Person,
        ids: &[QueueId],
        action: &Action,
        reason: &str,
        look: impl Fn(&StoredMessage, &str) -> Result<Left, Refusal>,
    ) -> Done {
        if let Err(refusal) = self.needs(person, Right::Decide) {
            return all(ids, &refusal);
        }
        if person.is_machine() {
            return all(ids, &Refusal::NotPermitted(Why::NoAccount));
        }
        if ids.len() > MAX_BULK {
            return all(ids, &Refusal::TooMany);
        }
        let reason = match needed_reason(reason, MAX_ACTOR_OCTETS) {
            Ok(reason) => reason,
            Err(refusal) => return all(ids, &refusal),
        };
        let looked: Vec<Result<Left, Refusal>> =
            ids.iter().map(|&id| look(&self.reach(person, id, Right::Decide)?, &reason)).collect();
        let acting: Vec<QueueId> = ids
            .iter()
            .zip(&looked)
            .filter(|(_, look)| matches!(look, Ok(Left::Act)))
            .map(|(&id, _)| id)
            .collect();
        let acted =
            self.0.register.act(&acting, action.clone(), &person.actor(&reason), self.now());
        let mut outcomes = acted.as_ref().map(|results| results.iter()).into_iter().flatten();
        let done = ids.iter().zip(looked).map(|(&id, look)| {
            let result = look.and_then(|left| match left {
                Left::Nothing => Ok(()),
                Left::Act => match (outcomes.next().map(|result| result.outcome), &acted) {
                    (Some(ActionOutcome::Done), _) => Ok(()),
                    (Some(ActionOutcome::Unknown), _) | (None, Ok(_)) => Err(Refusal::NotFound),
                    (Some(ActionOutcome::WrongState(state)), _) => {
                        Err(Refusal::WrongState(Stands::Message(state)))
                    }
                    (None, Err(error)) => Err(error.clone().into()),
                },
            });
            (id, result)
        });
        done.collect()
    }
}

/// The recipients of a request that are among those named.
fn asked_of(request: &Request, named: &[Address]) -> Vec<Address> {
    let asked = request.recipients.iter();
    asked.filter(|address| named.iter().any(|n| is_same(n, address))).cloned().collect()
}

fn all(ids: &[QueueId], refusal: &Refusal) -> Done {
    ids.iter().map(|&id| (id, Err(refusal.clone()))).collect()
}
