//! Requests (取り出し申請): filed by one person, decided by another.

use std::cmp::Reverse;

use sekimori_journal::register::request::{MAX_NAMED, MAX_REASON_OCTETS};
use sekimori_journal::{
    ActionOutcome, Decided, Key, NewRequest, Request, RequestFilter, RequestId, State,
    StoredMessage, Verdict, Wanted, Way,
};
use sekimori_policy::{Address, Timestamp};

use super::finding::are_among;
use super::person::is_same;
use super::{Desk, Fault, Person, Refusal, Right, Stands, Why, needed_reason, optional_reason};

impl Desk {
    /// Files a request. Without recipients named, a text is asked for those of the message's
    /// recipients that are the person's own (for all of them by whoever sees all mail), and an
    /// original by mail for his own mailbox.
    pub fn request(&self, person: &Person, asked: &NewRequest) -> Result<RequestId, Refusal> {
        let message = self.reach(person, asked.queue_id, Right::Request)?;
        let reason = needed_reason(&asked.reason, MAX_REASON_OCTETS)?;
        if asked.recipients.len() > MAX_NAMED {
            return Err(Refusal::invalid("recipients", Fault::TooMany(MAX_NAMED)));
        }
        let mut request = NewRequest { reason, ..asked.clone() };
        match &mut request.wanted {
            Wanted::Text => {
                if message.state != State::Held {
                    return Err(Refusal::WrongState(Stands::Message(message.state)));
                }
                request.way = Way::Download;
                request.recipients = self.text_recipients(person, &message, &asked.recipients)?;
            }
            wanted => {
                if !message.has_original {
                    return Err(Refusal::WrongState(Stands::NoOriginal));
                }
                if let Wanted::Parts(sections) = wanted {
                    *sections = known_sections(&message, sections)?;
                }
                request.recipients = match asked.way {
                    Way::Download => Vec::new(),
                    Way::Mail => self.mailboxes(person, &message, &asked.recipients)?,
                };
            }
        }
        let actor = person.actor(&request.reason);
        Ok(self.0.register.add_request(&request, &actor, self.now())?)
    }

    /// For whom a text is asked.
    fn text_recipients(
        &self,
        person: &Person,
        message: &StoredMessage,
        named: &[Address],
    ) -> Result<Vec<Address>, Refusal> {
        let mut allowed = message.envelope.recipients.clone();
        if !person.may(Right::See, &message.organisation, self.now()) {
            allowed.retain(|address| person.owns(address));
        }
        if named.is_empty() {
            allowed.truncate(MAX_NAMED);
            return Ok(allowed);
        }
        // As the message spells them.
        let chosen: Vec<Address> =
            allowed.iter().filter(|a| named.iter().any(|n| is_same(n, a))).cloned().collect();
        if are_among(named, &allowed) {
            Ok(chosen)
        } else {
            Err(Refusal::invalid("recipients", Fault::NotAllowed))
        }
    }

    /// The mailboxes of the Internet side that an original is asked for: the person's own, those of
    /// the message's recipients, and any in the domains configured for it.
    fn mailboxes(
        &self,
        person: &Person,
        message: &StoredMessage,
        named: &[Address],
    ) -> Result<Vec<Address>, Refusal> {
        if !self.0.settings.internet_hop {
            return Err(Refusal::WrongState(Stands::NoHop));
        }
        if named.is_empty() {
            let own = message.envelope.recipients.iter().find(|address| person.owns(address));
            let own = own.or(person.account.addresses.first()).cloned();
            return own.map(|own| vec![own]).ok_or(Refusal::invalid("recipients", Fault::Missing));
        }
        let shown = self.shown(person, message.clone()).envelope.recipients;
        let is_allowed = |address: &Address| {
            person.owns(address)
                || shown.iter().any(|recipient| is_same(recipient, address))
                || self.0.settings.hand_over_domains.contains(address.domain())
        };
        if !named.iter().all(is_allowed) {
            return Err(Refusal::invalid("recipients", Fault::NotAllowed));
        }
        let mut mailboxes: Vec<Address> = Vec::new();
        for address in named {
            if !mailboxes.iter().any(|known| is_same(known, address)) {
                mailboxes.push(address.clone());
            }
        }
        Ok(mailboxes)
    }

    /// Requests that the person may see, the newest first, from after a number: everybody's where he
    /// sees all mail, his own elsewhere. With no organisation named, of each of his.
    pub fn requests(
        &self,
        person: &Person,
        filter: &RequestFilter,
        before: Option<RequestId>,
        limit: usize,
    ) -> Result<Vec<Request>, Refusal> {
        self.needs(person, Right::SeeOwn)?;
        let now = self.now();
        let asked =
            |name: &String| filter.organisations.is_empty() || filter.organisations.contains(name);
        let mut whole = person.organisations(Right::See, now);
        let mut own = person.organisations(Right::SeeOwn, now);
        own.retain(|name| asked(name) && !whole.contains(name));
        whole.retain(asked);
        let mut found = Vec::new();
        if !whole.is_empty() {
            let filter = RequestFilter { organisations: whole, ..filter.clone() };
            found.extend(self.0.register.requests(&filter, before, limit)?);
        }
        let is_about_own = filter.requester.is_none_or(|id| id == person.account.id);
        if !own.is_empty() && is_about_own {
            let requester = Some(person.account.id);
            let filter = RequestFilter { organisations: own, requester, ..filter.clone() };
            found.extend(self.0.register.requests(&filter, before, limit)?);
        }
        found.sort_by_key(|request| Reverse(request.id));
        found.truncate(limit);
        Ok(found)
    }

    /// One request.
    pub fn request_of(&self, person: &Person, id: RequestId) -> Result<Request, Refusal> {
        self.needs(person, Right::SeeOwn)?;
        let now = self.now();
        let found = self.0.register.request(id)?;
        let visible = found.filter(|request| {
            person.may(Right::See, &request.organisation, now)
                || (person.may(Right::SeeOwn, &request.organisation, now)
                    && request.requester == person.account.id)
        });
        visible.ok_or(Refusal::NotFound)
    }

    /// Decides the request of another. A rejection and a return need a reason. Approving a text puts
    /// it on its way after it was verified; approving an original makes a time for downloads or
    /// hand-overs. [`Verdict::Approve::usable_until`] is brought within the days that are configured.
    pub fn decide(
        &self,
        person: &Person,
        id: RequestId,
        verdict: &Verdict,
        reason: &str,
    ) -> Result<(), Refusal> {
        let request = self.request_of(person, id)?;
        if !person.may(Right::Decide, &request.organisation, self.now()) {
            return Err(Self::denied(person, Right::Decide));
        }
        if request.requester == person.account.id {
            return Err(Refusal::NotPermitted(Why::OwnRequest));
        }
        let verdict = match verdict {
            Verdict::Approve { recipients, sections, usable_until } => {
                if request.wanted == Wanted::Text {
                    let message = self.0.register.message(Key::QueueId(request.queue_id))?;
                    let message = message.ok_or(Refusal::NotFound)?;
                    self.verified_text(person, &message)?;
                }
                Verdict::Approve {
                    recipients: chosen_recipients(&request, recipients.as_deref())?,
                    sections: chosen_sections(&request, sections.as_deref())?,
                    usable_until: self.usable_until(*usable_until),
                }
            }
            other => other.clone(),
        };
        let reason = match verdict {
            Verdict::Approve { .. } => optional_reason(reason, MAX_REASON_OCTETS)?,
            _ => needed_reason(reason, MAX_REASON_OCTETS)?,
        };
        let actor = person.actor(&reason);
        outcome(self.0.register.decide(id, &verdict, &actor, self.now())?)
    }

    /// Until when an original that is approved now can be downloaded, where nobody says otherwise.
    pub fn download_limit(&self) -> Timestamp {
        self.now().plus_days(self.0.settings.download_days)
    }

    fn usable_until(&self, asked: Timestamp) -> Timestamp {
        let limit = self.download_limit();
        let millis = asked.unix_millis();
        if millis > self.now().unix_millis() && millis < limit.unix_millis() {
            asked
        } else {
            limit
        }
    }

    /// The requester files a returned request again with a new reason.
    pub fn amend(&self, person: &Person, id: RequestId, reason: &str) -> Result<(), Refusal> {
        self.own_request(person, id)?;
        let reason = needed_reason(reason, MAX_REASON_OCTETS)?;
        let actor = person.actor(&reason);
        outcome(self.0.register.amend(id, Some(&reason), &actor, self.now())?)
    }

    /// The requester takes an open or returned request back.
    pub fn withdraw(&self, person: &Person, id: RequestId) -> Result<(), Refusal> {
        self.own_request(person, id)?;
        outcome(self.0.register.amend(id, None, &person.actor(""), self.now())?)
    }

    /// A request that is the person's own, in an organisation where he may still file some.
    fn own_request(&self, person: &Person, id: RequestId) -> Result<(), Refusal> {
        let request = self.request_of(person, id)?;
        let is_own = request.requester == person.account.id && !person.is_machine();
        if is_own && person.may(Right::Request, &request.organisation, self.now()) {
            Ok(())
        } else {
            Err(Self::denied(person, Right::Request))
        }
    }
}

/// The sections asked for, each once, if each is a removed part of the message.
fn known_sections(message: &StoredMessage, named: &[String]) -> Result<Vec<String>, Refusal> {
    if named.is_empty() {
        return Err(Refusal::invalid("sections", Fault::Missing));
    }
    if named.len() > MAX_NAMED {
        return Err(Refusal::invalid("sections", Fault::TooMany(MAX_NAMED)));
    }
    let mut sections = named.to_vec();
    sections.sort();
    sections.dedup();
    let is_known = |name: &String| message.removed.iter().any(|part| part.section == *name);
    if sections.iter().all(is_known) {
        Ok(sections)
    } else {
        Err(Refusal::invalid("sections", Fault::Unknown))
    }
}

fn chosen_recipients(
    request: &Request,
    named: Option<&[Address]>,
) -> Result<Option<Vec<Address>>, Refusal> {
    let Some(named) = named else { return Ok(None) };
    let is_for_mail = request.wanted == Wanted::Text || request.way == Way::Mail;
    if named.is_empty() && is_for_mail {
        return Err(Refusal::invalid("recipients", Fault::Missing));
    }
    if !are_among(named, &request.recipients) {
        return Err(Refusal::invalid("recipients", Fault::NotAllowed));
    }
    let chosen = request.recipients.iter().filter(|r| named.iter().any(|n| is_same(n, r)));
    Ok(Some(chosen.cloned().collect()))
}

fn chosen_sections(
    request: &Request,
    named: Option<&[String]>,
) -> Result<Option<Vec<String>>, Refusal> {
    match (named, &request.wanted) {
        (None, _) => Ok(None),
        (Some(named), Wanted::Parts(asked)) => {
            let is_some = !named.is_empty() && named.iter().all(|name| asked.contains(name));
            is_some
                .then(|| Some(named.to_vec()))
                .ok_or(Refusal::invalid("sections", Fault::NotAllowed))
        }
        (Some(_), _) => Err(Refusal::invalid("sections", Fault::NotAllowed)),
    }
}

/// What came of a decision, as the person is told.
pub(super) fn outcome(decided: Decided) -> Result<(), Refusal> {
    match decided {
        Decided::Done | Decided::Message(ActionOutcome::Done) => Ok(()),
        Decided::Unknown | Decided::Message(ActionOutcome::Unknown) => Err(Refusal::NotFound),
        Decided::WrongState(state) => Err(Refusal::WrongState(Stands::Request(state))),
        Decided::Message(ActionOutcome::WrongState(state)) => {
            Err(Refusal::WrongState(Stands::Message(state)))
        }
        Decided::OwnRequest => Err(Refusal::NotPermitted(Why::OwnRequest)),
        Decided::NotOwnRequest => Err(Refusal::NotPermitted(Why::NoAccount)),
    }
}
