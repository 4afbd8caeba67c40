//! Reading and checking the audit record.

use sekimori_journal::chain::merge::CheckpointLine;
use sekimori_journal::{
    Action, AuditFilter, AuditKind, AuditRecord, AuditScope, Follower, Journal, JournalError, Key,
    Order, Submission, Verification,
};
use sekimori_policy::{QueueId, ReferenceNumber};

use super::Open;
use crate::fixtures::{actor, at, message, store, store_delivered, stored, submit};

/// Messages of two organisations received, delivered and held, and two records of the gateway at
/// second 100,000.
fn some(journal: &dyn Journal) -> Vec<QueueId> {
    let ids: Vec<_> = (0..6)
        .map(|n| {
            let mut message = message(journal);
            if n % 2 == 1 {
                message.organisation = "大井町".to_owned();
            }
            if n < 2 { store_delivered(journal, message) } else { store(journal, message) }
        })
        .collect();
    journal.act(&ids[2..4], Action::Hold, &actor(), at(5)).unwrap();
    let record = AuditRecord {
        at: at(100_000),
        kind: AuditKind::Refused,
        organisation: None,
        queue_id: None,
        reference: None,
        actor: None,
        details: serde_json::json!({}),
    };
    let audit = vec![record.clone(), record];
    submit(journal, Submission { audit, ..Submission::default() }).unwrap();
    ids
}

fn numbers(journal: &dyn Journal, filter: &AuditFilter) -> Vec<u64> {
    journal.audit(filter, 0, 1_000).unwrap().iter().map(|stored| stored.sequence).collect()
}

pub(crate) fn each_condition_of_an_audit_filter_counts(open: Open<'_>) {
    let journal = open();
    let ids = some(&*journal);
    let all = journal.audit(&AuditFilter::default(), 0, 1_000).unwrap();
    assert_eq!(all.len(), 12);
    let reference = stored(&*journal, ids[2]).reference;
    let oi = || AuditScope::Organisation("大井町".to_owned());
    let check = |filter: AuditFilter, wanted: &dyn Fn(&AuditRecord) -> bool| {
        let expected: Vec<_> =
            all.iter().filter(|s| wanted(&s.record)).map(|s| s.sequence).collect();
        assert_eq!(numbers(&*journal, &filter), expected, "{filter:?}");
    };
    let any = AuditFilter::default;
    let kinds = vec![AuditKind::Held, AuditKind::Delivered];
    let is_kind = |r: &AuditRecord| kinds.contains(&r.kind);
    let is_oi = |r: &AuditRecord| r.organisation.as_deref() == Some("大井町");
    check(AuditFilter { scope: oi(), ..any() }, &is_oi);
    check(AuditFilter { scope: AuditScope::Gateway, ..any() }, &|r| r.organisation.is_none());
    check(AuditFilter { kinds: kinds.clone(), ..any() }, &is_kind);
    check(AuditFilter { scope: oi(), kinds: kinds.clone(), ..any() }, &|r| is_oi(r) && is_kind(r));
    let of_message = |r: &AuditRecord| r.queue_id == Some(ids[2]);
    check(AuditFilter { message: Some(Key::QueueId(ids[2])), ..any() }, &of_message);
    check(AuditFilter { message: Some(Key::Reference(reference)), ..any() }, &of_message);
    let other = ReferenceNumber::from_bits(reference.bits() ^ 1);
    check(AuditFilter { message: Some(Key::Reference(other)), ..any() }, &|_| false);
    let by = Some(actor().name);
    check(AuditFilter { actor: by.clone(), ..any() }, &|r| r.actor == by);
    let both =
        AuditFilter { actor: by.clone(), scope: oi(), kinds: vec![AuditKind::Held], ..any() };
    check(both, &|r| r.actor == by && is_oi(r));
    let late = AuditFilter { since: Some(at(5)), until: Some(at(100_000)), ..any() };
    check(late, &|r| r.at == at(5));
    check(AuditFilter { since: Some(at(6)), ..any() }, &|r| r.at == at(100_000));
    check(AuditFilter { until: Some(at(-1_000_000)), ..any() }, &|_| false);
    let nobody = AuditScope::Organisation("箱根町".to_owned());
    check(AuditFilter { scope: nobody, ..any() }, &|_| false);
}

pub(crate) fn a_list_of_records_goes_in_pages_from_either_end(open: Open<'_>) {
    let journal = open();
    some(&*journal);
    for scope in [AuditScope::All, AuditScope::Organisation("山北町".to_owned())] {
        let oldest = AuditFilter { scope: scope.clone(), ..AuditFilter::default() };
        let newest = AuditFilter { order: Order::NewestFirst, ..oldest.clone() };
        let mut expected = numbers(&*journal, &oldest);
        for filter in [oldest, newest] {
            for limit in [1, 3, 100] {
                let mut found: Vec<u64> = Vec::new();
                loop {
                    let after = found.last().copied().unwrap_or(0);
                    let page = journal.audit_entries(&filter, after, limit).unwrap();
                    if page.is_empty() {
                        break;
                    }
                    found.extend(page.iter().map(|entry| entry.sequence));
                }
                assert_eq!(found, expected, "{filter:?} in pages of {limit}");
            }
            expected.reverse();
        }
    }
}

fn verified(journal: &dyn Journal) -> Verification {
    let nothing = &mut std::iter::empty::<Result<CheckpointLine, JournalError>>();
    journal.verify_audit(None, nothing).unwrap()
}

pub(crate) fn chains_hold_after_opening_again(open: Open<'_>) {
    let journal = open();
    some(&*journal);
    assert_eq!(journal.checkpoint(at(6)), Ok(3));
    let key = journal.audit_public_key().unwrap();
    drop(journal);
    let journal = open();
    some(&*journal);
    assert_eq!(journal.audit_public_key(), Ok(key));
    let found = verified(&*journal);
    assert!(found.is_good() && found.macs_checked, "{:?}", found.faults);
    let chains: Vec<_> = found
        .chains
        .iter()
        .map(|chain| (chain.chain.as_deref(), chain.last, chain.checkpoints))
        .collect();
    assert_eq!(chains, [(None, 4, 1), (Some("大井町"), 10, 1), (Some("山北町"), 10, 1)]);
}

pub(crate) fn a_follower_goes_on_where_it_was(open: Open<'_>) {
    let journal = open();
    assert_eq!(journal.followed(Follower::SyslogRecords), Ok(0));
    journal.set_followed(Follower::SyslogRecords, 7).unwrap();
    drop(journal);
    let journal = open();
    assert_eq!(journal.followed(Follower::SyslogRecords), Ok(7));
    assert_eq!(journal.followed(Follower::CheckpointFile), Ok(0));
}
