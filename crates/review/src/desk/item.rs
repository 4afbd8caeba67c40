//! One message as its page shows it: what it is, what was asked, and what the person may do.

use sekimori_journal::{
    HandOver, Request, RequestFilter, RequestId, RequestState, Route, State, StoredMessage, Wanted,
    Way,
};
use sekimori_policy::{QueueId, Timestamp};
use serde::Serialize;

use super::{Desk, Person, Refusal, Right};

/// Requests shown of one message.
const MAX_REQUESTS: usize = 200;

/// Something that the person may do with a message as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Possible {
    /// To read its text and the header of its original.
    Read,
    /// To ask for its text to cross.
    RequestText,
    /// To ask for its original or for removed parts.
    RequestOriginal,
    /// To let its text cross.
    Release,
    /// To reject it.
    Reject,
    /// To delete it.
    Delete,
    /// To undo its delete.
    Restore,
    /// To have it kept for longer.
    Extend,
    /// To download its original.
    DownloadOriginal,
    /// To download removed parts: those of an approved request of his, or all that there are.
    DownloadParts,
}

/// One message, for one person.
#[derive(Debug, Clone)]
pub struct Item {
    /// The message. Whoever sees his own mail only is not shown its other recipients.
    pub message: StoredMessage,
    /// What was asked for, the newest first: his own requests, or everybody's where he may see them.
    pub requests: Vec<Request>,
    /// Of those, the ones that he may decide now.
    pub decidable: Vec<RequestId>,
    /// What became of approved originals on their way to mailboxes.
    pub hand_overs: Vec<HandOver>,
    /// What he may do now.
    pub possible: Vec<Possible>,
    /// Until when its delete can be undone.
    pub restorable_until: Option<Timestamp>,
}

impl Item {
    /// Whether the person may do something now.
    pub fn can(&self, what: Possible) -> bool {
        self.possible.contains(&what)
    }
}

impl Desk {
    /// One message, with what was asked and what the person may do.
    pub fn item(&self, person: &Person, id: QueueId) -> Result<Item, Refusal> {
        let message = self.reach(person, id, Right::See)?;
        let now = self.now();
        let all = self.requests_of(&message)?;
        let possible = self.possible(person, &message, &all);
        let sees_all = person.may(Right::See, &message.organisation, now);
        let requests: Vec<Request> =
            all.into_iter().filter(|r| sees_all || r.requester == person.account.id).collect();
        let decidable = requests.iter().filter(|r| self.may_decide(person, r));
        let decidable = decidable.map(|r| r.id).collect();
        let mut hand_overs = Vec::new();
        for request in requests.iter().filter(|r| r.way == Way::Mail && r.wanted.is_original()) {
            hand_overs.extend(self.0.register.hand_overs(request.id)?);
        }
        let restorable_until = self.restorable_until(&message);
        let message = self.shown(person, message);
        Ok(Item { message, requests, decidable, hand_overs, possible, restorable_until })
    }

    /// Every request for a message, the newest first.
    pub(super) fn requests_of(&self, message: &StoredMessage) -> Result<Vec<Request>, Refusal> {
        let filter = RequestFilter {
            organisations: vec![message.organisation.clone()],
            queue_id: Some(message.queue_id),
            ..RequestFilter::default()
        };
        Ok(self.0.register.requests(&filter, None, MAX_REQUESTS)?)
    }

    /// Whether a person may decide a request now.
    pub fn may_decide(&self, person: &Person, request: &Request) -> bool {
        request.state == RequestState::Open
            && request.requester != person.account.id
            && person.may(Right::Decide, &request.organisation, self.now())
    }

    /// Until when the delete of a message can be undone.
    pub(super) fn restorable_until(&self, message: &StoredMessage) -> Option<Timestamp> {
        let deleted_at = message.done_at.filter(|_| message.state == State::Deleted)?;
        let until = deleted_at.plus_days(self.undo_days(&message.organisation));
        (self.now().unix_millis() < until.unix_millis()).then_some(until)
    }

    fn possible(
        &self,
        person: &Person,
        message: &StoredMessage,
        requests: &[Request],
    ) -> Vec<Possible> {
        let now = self.now();
        let organisation = &message.organisation;
        let may = |right| person.may(right, organisation, now);
        let is_held = message.state == State::Held;
        let is_forward = message.route == Route::Forward;
        let is_asked_by_another = || {
            let mut open = requests.iter().filter(|r| is_open_text(r));
            open.any(|r| r.requester != person.account.id)
        };
        let usable = |covers: fn(&Wanted) -> bool| {
            requests.iter().any(|r| is_usable(person, r, now) && covers(&r.wanted))
        };
        let is_free =
            may(Right::Decide) && may(Right::Content) && !self.two_person_original(organisation);
        let reads = self.holds(person, Right::Content, message);
        let has_original = message.has_original && reads;
        let has_parts = has_original && !message.removed.is_empty();
        let list = [
            (Possible::Read, reads),
            (Possible::RequestText, may(Right::Request) && is_held && is_forward),
            (Possible::RequestOriginal, may(Right::Request) && message.has_original),
            (
                Possible::Release,
                may(Right::Decide)
                    && is_held
                    && (!self.two_person_text(organisation) || is_asked_by_another()),
            ),
            (Possible::Reject, may(Right::Decide) && is_held),
            (
                Possible::Delete,
                may(Right::Decide) && matches!(message.state, State::Held | State::Queued),
            ),
            (Possible::Restore, may(Right::Decide) && self.restorable_until(message).is_some()),
            (Possible::Extend, may(Right::Decide)),
            (
                Possible::DownloadOriginal,
                has_original && (is_free || usable(|wanted| *wanted == Wanted::Original)),
            ),
            (Possible::DownloadParts, has_parts && (is_free || usable(Wanted::is_original))),
        ];
        list.into_iter().filter(|(_, is_possible)| *is_possible).map(|(what, _)| what).collect()
    }
}

/// Whether a request asks for a text and waits for another person.
pub(super) fn is_open_text(request: &Request) -> bool {
    request.state == RequestState::Open && request.wanted == Wanted::Text
}

/// Whether a request lets the person download now.
pub(super) fn is_usable(person: &Person, request: &Request, now: Timestamp) -> bool {
    !person.is_machine()
        && request.requester == person.account.id
        && request.state == RequestState::Approved
        && request.way == Way::Download
        && request.usable_until.is_some_and(|until| now.unix_millis() < until.unix_millis())
}
