//! The audit record, as an organisation's auditors see it.

use sekimori_journal::{
    AuditFilter, AuditKind, AuditScope, Key, Order, StoredAudit, StoredMessage,
};
use sekimori_policy::Timestamp;
use serde_json::json;

use super::finding::MAX_TIMELINE;
use super::{Desk, Fault, Person, Refusal, Right};

/// Most records of one page.
pub const MAX_AUDIT_PAGE: usize = 1_000;

/// Which records are looked for. Every condition that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSearch {
    /// Of this organisation. `None`: of the one whose record the person may read; who may read
    /// several has to name one, since each has a chain of its own.
    pub organisation: Option<String>,
    /// Any of these kinds; empty for all.
    pub kinds: Vec<AuditKind>,
    /// Of this message.
    pub message: Option<Key>,
    /// By a person of this name.
    pub actor: Option<String>,
    /// At or after.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Which end comes first.
    pub order: Order,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditPage {
    /// The records, in the order asked for.
    pub records: Vec<StoredAudit>,
    /// Where the next page begins, when there may be one.
    pub next: Option<u64>,
}

impl Desk {
    /// A page of an organisation's audit record, from after a number (0 for the start), at most
    /// [`MAX_AUDIT_PAGE`] records.
    pub fn audit(
        &self,
        person: &Person,
        search: &AuditSearch,
        after: u64,
        limit: usize,
    ) -> Result<AuditPage, Refusal> {
        let filter = self.audit_filter(person, search)?;
        let limit = limit.clamp(1, MAX_AUDIT_PAGE);
        let records = self.0.register.audit(&filter, after, limit)?;
        let next = records.last().filter(|_| records.len() >= limit).map(|last| last.sequence);
        Ok(AuditPage { records, next })
    }

    /// The filter for the store of what a person asks for, where he may: also for exports, which go
    /// through [`Desk::note_export`].
    pub fn audit_filter(
        &self,
        person: &Person,
        search: &AuditSearch,
    ) -> Result<AuditFilter, Refusal> {
        self.needs(person, Right::Audit)?;
        let mut names = person.organisations(Right::Audit, self.now());
        if let Some(asked) = &search.organisation {
            names.retain(|name| name == asked);
            if names.is_empty() {
                return Err(Refusal::NotFound);
            }
        }
        let [name] = names.as_slice() else {
            return Err(Refusal::invalid("organisation", Fault::Missing));
        };
        Ok(AuditFilter {
            scope: AuditScope::Organisation(name.clone()),
            kinds: search.kinds.clone(),
            message: search.message,
            actor: search.actor.clone(),
            since: search.since,
            until: search.until,
            order: search.order,
        })
    }

    /// Puts on record that a person exported something of an organisation: `what` says what, in a
    /// word for programs. To be called before anything is handed out.
    pub fn note_export(
        &self,
        person: &Person,
        right: Right,
        organisation: &str,
        what: &str,
    ) -> Result<(), Refusal> {
        self.needs(person, right)?;
        if !person.may(right, organisation, self.now()) {
            return Err(Refusal::NotFound);
        }
        let details = json!({ "what": what });
        let organisation = Some(organisation.to_owned());
        self.record(person, AuditKind::Exported, None, organisation, "", details)
    }

    /// Checks the chains of the person's organisations and the gateway's own: how many records were
    /// looked at, and how many faults were found.
    pub fn verify_audit(&self, person: &Person) -> Result<(u64, u64), Refusal> {
        self.needs(person, Right::Audit)?;
        let names = person.organisations(Right::Audit, self.now());
        let found = self.0.register.verify_audit(None, &mut std::iter::empty())?;
        let is_ours =
            |chain: &Option<String>| chain.as_ref().is_none_or(|chain| names.contains(chain));
        let records = found.chains.iter().filter(|chain| is_ours(&chain.chain));
        let records = records.map(|c| c.last.saturating_sub(c.first).saturating_add(1));
        let faults = found.faults.iter().filter(|fault| is_ours(&fault.chain)).count();
        let faults = u64::try_from(faults).unwrap_or(u64::MAX);
        Ok((records.fold(0, u64::saturating_add), faults))
    }

    /// The last records of a message, oldest first.
    pub(super) fn records_of(&self, message: &StoredMessage) -> Result<Vec<StoredAudit>, Refusal> {
        let filter = AuditFilter {
            scope: AuditScope::Organisation(message.organisation.clone()),
            message: Some(Key::QueueId(message.queue_id)),
            order: Order::NewestFirst,
            ..AuditFilter::default()
        };
        let mut records = self.0.register.audit(&filter, 0, MAX_TIMELINE)?;
        records.reverse();
        Ok(records)
    }
}
