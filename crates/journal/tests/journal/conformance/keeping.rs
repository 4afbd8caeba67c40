//! Retention and compaction.

use sekimori_journal::{Action, AuditKind, Expired, Journal, Retention};
use sekimori_policy::{Outcome, QueueId};

use super::Open;
use crate::fixtures::{
    actor, at, audit_of, message, original_of, store, store_delivered, submission, submit, text_of,
};

fn exists(journal: &dyn Journal, id: QueueId) -> bool {
    journal.message(id.into()).unwrap().is_some()
}

pub(crate) fn what_is_done_goes_when_its_time_is_over(open: Open<'_>) {
    let journal = open();
    let done = store_delivered(&*journal, message(&*journal));
    let deleted = store(&*journal, message(&*journal));
    journal.act(&[deleted], Action::Delete, &actor(), at(1)).unwrap();
    let mut longer = message(&*journal);
    longer.keep_until = at(86_401);
    let kept = store_delivered(&*journal, longer);
    assert_eq!(journal.expire(at(86_399), &Retention::default()).unwrap(), Expired::default());
    let expired = journal.expire(at(86_400), &Retention::default()).unwrap();
    assert_eq!((expired.by_age, expired.by_size), (2, 0));
    assert!(expired.octets > 0);
    assert!(!exists(&*journal, done) && !exists(&*journal, deleted));
    assert!(exists(&*journal, kept));
    assert!(journal.text(done).is_err());
    let last = audit_of(&*journal, done).pop().unwrap();
    assert_eq!(last.kind, AuditKind::Expired);
    assert_eq!(last.details["cause"], "age");
}

pub(crate) fn what_is_queued_or_held_never_goes(open: Open<'_>) {
    let journal = open();
    let queued = store(&*journal, message(&*journal));
    let mut held = message(&*journal);
    held.outcome = Outcome::Hold;
    let held = store(&*journal, held);
    let nothing = Retention { max_total_octets: Some(0) };
    assert_eq!(journal.expire(at(1_000_000_000), &nothing).unwrap(), Expired::default());
    assert!(exists(&*journal, queued) && exists(&*journal, held));
}

pub(crate) fn the_oldest_go_first_when_there_is_too_much(open: Open<'_>) {
    let journal = open();
    let queued = store(&*journal, message(&*journal));
    let ids: Vec<_> = (0..5).map(|_| store_delivered(&*journal, message(&*journal))).collect();
    let before = journal.statistics().unwrap().live_octets;
    let each = before / 6;
    let retention = Retention { max_total_octets: Some(before - each - each / 2) };
    let expired = journal.expire(at(1), &retention).unwrap();
    assert_eq!((expired.by_age, expired.by_size), (0, 2));
    let there: Vec<bool> = ids.iter().map(|&id| exists(&*journal, id)).collect();
    assert_eq!(there, [false, false, true, true, true]);
    assert!(exists(&*journal, queued));
    let after = journal.statistics().unwrap().live_octets;
    assert_eq!(after, before - expired.octets);
    let last = audit_of(&*journal, ids[0]).pop().unwrap();
    assert_eq!(last.details["cause"], "size");
}

pub(crate) fn compaction_keeps_every_living_body(open: Open<'_>) {
    let journal = open();
    let ids: Vec<_> = (0..60)
        .map(|n| {
            let mut message = message(&*journal);
            message.keep_until = if n % 5 == 0 { at(1_000_000) } else { at(10) };
            store_delivered(&*journal, message)
        })
        .collect();
    journal.expire(at(10), &Retention::default()).unwrap();
    let live = journal.statistics().unwrap().live_octets;
    journal.compact(u64::MAX).unwrap();
    let after = journal.statistics().unwrap();
    assert_eq!(after.live_octets, live);
    assert!(after.segment_octets < 4 * live, "{} octets for {live} alive", after.segment_octets);
    let check = |journal: &dyn Journal| {
        for (n, &id) in ids.iter().enumerate() {
            if n % 5 == 0 {
                assert_eq!(journal.text(id).unwrap(), text_of(id));
                assert_eq!(journal.original(id).unwrap(), original_of(id));
            } else {
                assert!(!exists(journal, id));
            }
        }
    };
    check(&*journal);
    drop(journal);
    check(&*open());
}

pub(crate) fn an_original_lives_as_long_as_one_of_its_messages(open: Open<'_>) {
    let journal = open();
    let mut messages: Vec<_> = (0..3).map(|_| message(&*journal)).collect();
    messages[1].keep_until = at(1_000_000);
    let ids: Vec<_> = messages.iter().map(|m| m.queue_id).collect();
    submit(&*journal, submission(messages)).unwrap();
    for _ in 0..40 {
        store(&*journal, message(&*journal));
    }
    journal.act(&ids, Action::Delete, &actor(), at(1)).unwrap();
    journal.expire(at(86_400), &Retention::default()).unwrap();
    journal.compact(u64::MAX).unwrap();
    assert!(!exists(&*journal, ids[0]) && !exists(&*journal, ids[2]));
    assert_eq!(journal.original(ids[1]).unwrap(), original_of(ids[0]));
    journal.expire(at(1_000_000), &Retention::default()).unwrap();
    assert!(journal.original(ids[1]).is_err());
}
