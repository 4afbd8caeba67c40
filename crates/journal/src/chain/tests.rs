//! Random chains, checked as exports, whole and tampered with.

use proptest::prelude::*;
use sekimori_policy::Timestamp;

use super::START;
use super::export::{ExportHeader, ExportLine, raw, verify_export};
use super::fault::Problem;
use super::key::{AuditKey, Head};
use super::merge::{CheckpointFile, CheckpointLine};
use super::verifier::Verification;
use crate::{AuditEntry, Checkpoint, JournalError};

fn key() -> AuditKey {
    AuditKey::from_random(&[7; 64])
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::japanese_time(1_789_977_600_000 + seconds.cast_signed() * 1_000)
}

/// The chain that a number stands for: 0 for the gateway's own.
fn name(chain: u8) -> Option<String> {
    (chain > 0).then(|| format!("町{chain}"))
}

/// Records of these chains in turn.
fn records(chains: &[u8]) -> Vec<AuditEntry> {
    let mut made: Vec<AuditEntry> = Vec::new();
    for (sequence, &chain) in (1_u64..).zip(chains) {
        let organisation = name(chain);
        let before = made.iter().rfind(|entry| entry.organisation == organisation);
        let mut entry = AuditEntry {
            sequence,
            at: at(sequence),
            kind: "held".to_owned(),
            number: Some(before.and_then(|entry| entry.number).unwrap_or(0) + 1),
            queue_id: None,
            reference: None,
            actor: Some("佐藤".to_owned()),
            details: format!("{{\"n\":{sequence}}}"),
            hash: None,
            previous: None,
            organisation,
        };
        let previous = before.and_then(|entry| entry.hash).unwrap_or(START);
        entry.hash = Some(raw(&entry).unwrap().hash(&previous));
        made.push(entry);
    }
    made
}

/// A checkpoint of each chain at its end, in the order of their sequence.
fn checkpoints(records: &[AuditEntry]) -> Vec<Checkpoint> {
    let mut made: Vec<Checkpoint> = Vec::new();
    for entry in records.iter().rev() {
        if made.iter().all(|checkpoint| checkpoint.chain != entry.organisation) {
            let (number, hash) = (entry.number.unwrap(), entry.hash.unwrap());
            let head = Head { number, sequence: entry.sequence, hash };
            made.push(Checkpoint::sign(&key(), entry.organisation.clone(), &head, at(1_000)));
        }
    }
    made.reverse();
    made
}

fn verify(header: ExportHeader, records: &[AuditEntry], given: &[Checkpoint]) -> Verification {
    let mut text = ExportLine::Header(header).to_json() + "\n";
    for record in records {
        text += &(ExportLine::Record(Box::new(record.clone())).to_json() + "\n");
    }
    let lines = given.iter().cloned().map(|c| Ok::<_, JournalError>(CheckpointLine::Read(c)));
    let (found, header) =
        verify_export(text.as_bytes(), key().public(), &mut lines.into_iter()).unwrap();
    assert!(header.is_some());
    found
}

fn whole(records: &[AuditEntry], given: &[Checkpoint]) -> Verification {
    verify(ExportHeader::new(None, None, None), records, given)
}

/// Problem, chain and numbers of every fault.
fn faults(found: &Verification) -> Vec<(&'static str, Option<String>, u64, u64)> {
    found
        .faults
        .iter()
        .map(|fault| (fault.problem.as_str(), fault.chain.clone(), fault.first, fault.last))
        .collect()
}

fn chains() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0_u8..4, 2..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_written_is_good(chains in chains()) {
        let records = records(&chains);
        let found = whole(&records, &checkpoints(&records));
        prop_assert!(found.is_good(), "{:?}", found.faults);
        prop_assert_eq!(found.records, records.len() as u64);
        prop_assert_eq!(found.chains.iter().map(|chain| chain.last).sum::<u64>(), found.records);
        prop_assert!(found.chains.iter().all(|chain| chain.checkpoints == 1));
    }

    #[test]
    fn a_changed_record_is_named(chains in chains(), place in any::<prop::sample::Index>(), field in 0..6) {
        let good = records(&chains);
        let mut records = good.clone();
        let entry = &mut records[place.index(good.len())];
        match field {
            0 => entry.details.push(' '),
            1 => entry.actor = None,
            2 => entry.kind = "released".to_owned(),
            3 => entry.at = at(0),
            4 => entry.queue_id = Some(sekimori_policy::QueueId(1)),
            _ => entry.hash.as_mut().unwrap()[5] ^= 1,
        }
        let (chain, number) = (entry.organisation.clone(), entry.number.unwrap());
        let found = whole(&records, &checkpoints(&good));
        prop_assert_eq!(faults(&found), [("changed", chain, number, number)]);
    }

    #[test]
    fn a_removed_record_is_named(chains in chains(), place in any::<prop::sample::Index>()) {
        let good = records(&chains);
        let mut records = good.clone();
        let gone = records.remove(place.index(good.len()));
        let number = gone.number.unwrap();
        let was_last = good.iter().rfind(|entry| entry.organisation == gone.organisation) == Some(&gone);
        let found = whole(&records, &checkpoints(&good));
        let problem = if was_last { "cut-below-checkpoint" } else { "missing" };
        prop_assert_eq!(faults(&found), [(problem, gone.organisation, number, number)]);
    }

    #[test]
    fn a_record_put_in_is_named(chains in chains(), place in any::<prop::sample::Index>()) {
        let good = records(&chains);
        let mut records = good.clone();
        let place = place.index(good.len());
        let mut copy = records[place].clone();
        copy.details = "{}".to_owned();
        let (chain, number) = (copy.organisation.clone(), copy.number.unwrap());
        records.insert(place + 1, copy);
        let found = whole(&records, &checkpoints(&good));
        prop_assert_eq!(faults(&found), [("out-of-place", chain, number, number)]);
    }

    #[test]
    fn two_swapped_records_show_at_the_first(chains in chains(), a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let good = records(&chains);
        let (a, b) = (a.index(good.len()), b.index(good.len()));
        prop_assume!(a < b);
        let mut records = good.clone();
        records.swap(a, b);
        // What stays in its place are the numbers.
        for place in [a, b] {
            records[place].sequence = good[place].sequence;
            records[place].number = good[place].number;
        }
        let found = whole(&records, &checkpoints(&good));
        let first = found.faults.first().unwrap();
        prop_assert_eq!(first.sequence.unwrap_or(0) <= good[a].sequence, true, "{:?}", found.faults);
    }

    #[test]
    fn hashes_made_anew_show_by_the_checkpoint(chains in chains(), place in any::<prop::sample::Index>()) {
        let good = records(&chains);
        let mut records = good.clone();
        let place = place.index(good.len());
        records[place].details = "{}".to_owned();
        let chain = records[place].organisation.clone();
        let mut previous = good[..place].iter().rfind(|e| e.organisation == chain).map_or(START, |e| e.hash.unwrap());
        for entry in records[place..].iter_mut().filter(|entry| entry.organisation == chain) {
            previous = raw(entry).unwrap().hash(&previous);
            entry.hash = Some(previous);
        }
        prop_assert!(whole(&records, &[]).is_good(), "nobody can tell without a checkpoint");
        let found = whole(&records, &checkpoints(&good));
        let last = good.iter().rfind(|e| e.organisation == chain).unwrap().number.unwrap();
        prop_assert_eq!(faults(&found), [("checkpoint-differs", chain, 1, last)]);
    }

    #[test]
    fn nothing_that_a_line_may_hold_is_too_much(text in "\\PC{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = ExportLine::from_json(&text);
        let none = || std::iter::empty::<Result<CheckpointLine, JournalError>>();
        verify_export(&bytes[..], key().public(), &mut none()).unwrap();
        let read: Vec<_> = CheckpointFile::new(&bytes[..]).collect();
        prop_assert!(read.iter().all(|line| matches!(line, Ok(CheckpointLine::Unreadable(_)))));
    }

    #[test]
    fn any_octet_changed_in_an_export_shows(place in any::<prop::sample::Index>(), bit in 0..8) {
        let records = records(&[1, 1, 1]);
        let line = ExportLine::Record(Box::new(records[1].clone())).to_json();
        let mut changed = line.into_bytes();
        let place = place.index(changed.len());
        changed[place] ^= 1_u8 << bit;
        let around = |record: &AuditEntry| ExportLine::Record(Box::new(record.clone())).to_json();
        let text = [around(&records[0]).as_bytes(), &changed, around(&records[2]).as_bytes()].join(&b'\n');
        let none = || std::iter::empty::<Result<CheckpointLine, JournalError>>();
        let (found, _) = verify_export(&text[..], key().public(), &mut none()).unwrap();
        prop_assert!(!found.is_good());
    }
}

#[test]
fn a_part_of_a_chain_is_good_from_where_it_begins() {
    let all = records(&[1; 10]);
    let mut part = all[4..8].to_vec();
    part[0].previous = all[3].hash;
    let header = || ExportHeader::new(Some("町1".to_owned()), Some(at(5)), Some(at(9)));
    let found = verify(header(), &part, &checkpoints(&all));
    assert!(found.is_good(), "{:?}", found.faults);
    assert_eq!((found.chains[0].first, found.chains[0].last), (5, 8));
    part[0].previous = None;
    let found = verify(header(), &part, &[]);
    assert_eq!(faults(&found), [("missing", name(1), 1, 4)]);
    assert_eq!(found.faults[0].problem, Problem::Missing);
}

#[test]
fn a_checkpoint_by_another_key_is_named() {
    let records = records(&[1, 1]);
    let other = AuditKey::from_random(&[8; 64]);
    let head = Head { number: 2, sequence: 2, hash: records[1].hash.unwrap() };
    let forged = Checkpoint::sign(&other, name(1), &head, at(1));
    let found = whole(&records, &[forged]);
    assert_eq!(faults(&found), [("checkpoint-unsigned", name(1), 2, 2)]);
}

#[test]
fn more_faults_than_are_listed_are_counted() {
    let mut records = records(&vec![1; 2 * super::verifier::MAX_FAULTS + 3]);
    for record in records.iter_mut().step_by(2) {
        record.details.clear();
    }
    let found = whole(&records, &[]);
    assert_eq!(found.faults.len(), super::verifier::MAX_FAULTS);
    assert_eq!(found.further_faults, 2);
}
