//! Finding messages again.

use sekimori_journal::{Filter, Journal, Key, Order, State};
use sekimori_policy::{Outcome, QueueId, ReferenceNumber, ReversePath};

use super::Open;
use crate::fixtures::{address, listed, message, store, store_delivered, stored};

/// Twelve messages: of two organisations in turn, every third held, every fourth delivered.
fn twelve(journal: &dyn Journal) -> Vec<QueueId> {
    (0..12)
        .map(|n| {
            let mut message = message(journal);
            if n % 2 == 1 {
                message.organisation = "大井町".to_owned();
                message.envelope.recipients = vec![address("Kouhou@oi.example.lg.jp")];
            }
            if n % 3 == 0 {
                message.outcome = Outcome::Hold;
                message.envelope.sender = ReversePath::NULL;
            }
            if n % 4 == 0 { store_delivered(journal, message) } else { store(journal, message) }
        })
        .collect()
}

pub(crate) fn a_list_goes_in_pages_from_either_end(open: Open<'_>) {
    let journal = open();
    let mut expected = twelve(&*journal);
    for order in [Order::OldestFirst, Order::NewestFirst] {
        for states in [vec![], State::ALL.to_vec()] {
            let filter = Filter { states, order, ..Filter::default() };
            for limit in [1, 5, 12, 100] {
                let mut found = Vec::new();
                loop {
                    let page = journal.list(&filter, found.last().copied(), limit).unwrap();
                    if page.is_empty() {
                        break;
                    }
                    assert!(page.len() <= limit);
                    found.extend(page.iter().map(|m| m.queue_id));
                }
                assert_eq!(found, expected, "{order:?} in pages of {limit}");
            }
        }
        expected.reverse();
    }
}

pub(crate) fn each_condition_of_a_filter_counts(open: Open<'_>) {
    let journal = open();
    let ids = twelve(&*journal);
    let pick = |wanted: &dyn Fn(usize) -> bool| -> Vec<QueueId> {
        (0..12).filter(|&n| wanted(n)).map(|n| ids[n]).collect()
    };
    let oi = Filter { organisation: Some("大井町".to_owned()), ..Filter::default() };
    assert_eq!(listed(&*journal, &oi), pick(&|n| n % 2 == 1));
    let held = Filter { states: vec![State::Held], ..Filter::default() };
    assert_eq!(listed(&*journal, &held), pick(&|n| n % 3 == 0 && n % 4 != 0));
    let oi_held_or_delivered = Filter { states: vec![State::Delivered, State::Held], ..oi.clone() };
    assert_eq!(listed(&*journal, &oi_held_or_delivered), pick(&|n| n % 2 == 1 && n % 3 == 0));
    let null_sender = Filter { sender: Some(String::new()), ..Filter::default() };
    assert_eq!(listed(&*journal, &null_sender), pick(&|n| n % 3 == 0));
    let queued_from = Filter {
        sender: Some("INFO@pref.example.jp".to_owned()),
        states: vec![State::Queued],
        ..Filter::default()
    };
    assert_eq!(listed(&*journal, &queued_from), pick(&|n| n % 3 != 0 && n % 4 != 0));
    let to = Filter { recipient: Some("kouhou@oi.example.lg.jp".to_owned()), ..Filter::default() };
    assert_eq!(listed(&*journal, &to), pick(&|n| n % 2 == 1));
    let nobody = Filter { organisation: Some("箱根町".to_owned()), ..Filter::default() };
    assert_eq!(listed(&*journal, &nobody), []);
}

pub(crate) fn a_message_is_found_by_its_reference_number(open: Open<'_>) {
    let journal = open();
    let given = message(&*journal);
    let id = store(&*journal, given.clone());
    let found = journal.message(given.reference.into()).unwrap();
    assert_eq!(found, Some(stored(&*journal, id)));
    let other = ReferenceNumber::from_bits(given.reference.bits() ^ 1);
    assert_eq!(journal.message(Key::Reference(other)).unwrap(), None);
}

pub(crate) fn statistics_agree_with_the_list(open: Open<'_>) {
    let journal = open();
    let ids = twelve(&*journal);
    let statistics = journal.statistics().unwrap();
    for state in State::ALL {
        let filter = Filter { states: vec![state], ..Filter::default() };
        let count = listed(&*journal, &filter).len() as u64;
        assert_eq!(statistics.state(state).messages, count, "{state}");
        assert_eq!(statistics.state(state).octets, count * 1_000, "{state}");
    }
    let oldest = stored(&*journal, ids[1]).received_at;
    assert_eq!(statistics.oldest_queued, Some(oldest));
    assert!(statistics.live_octets > 0);
}
