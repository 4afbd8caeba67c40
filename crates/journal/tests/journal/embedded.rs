//! The embedded engine: the conformance suite, and what is its own.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sekimori_journal::{EmbeddedJournal, Journal, Retention, Settings};

use crate::conformance::{Open, conformance_suite};
use crate::fixtures::{at, message, original_of, store, store_delivered, text_of};

/// Segments so small that every test goes through several.
pub(crate) fn settings() -> Settings {
    Settings { segment_octets: 8 * 1024, reserve_octets: 0, ..Settings::default() }
}

pub(crate) fn open(path: &Path) -> EmbeddedJournal {
    sekimori_journal::open(path, &settings()).unwrap()
}

fn on_embedded_store(check: impl Fn(Open<'_>)) {
    let folder = tempfile::tempdir().unwrap();
    check(&|| -> Box<dyn Journal> { Box::new(open(folder.path())) });
}

conformance_suite!(on_embedded_store);

#[test]
fn the_store_is_its_owner_s_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("var/sekimori");
    let journal = open(&path);
    store(&journal, message(&journal));
    let mut seen = 0;
    let mut folders = vec![path];
    while let Some(folder) = folders.pop() {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                seen += 1;
            }
        }
    }
    assert_eq!(
        seen, 10,
        "two databases, their logs and indexes, lock, one segment, two audit keys"
    );
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_many_threads_submit_is_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let ids: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    (0..25).map(|_| store(&journal, message(&journal))).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let commits = journal.statistics().unwrap().commits;
    assert!(commits < 400, "{commits} commits for 400 submissions");
    drop(journal);
    let journal = open(folder.path());
    for id in ids {
        assert_eq!(journal.text(id).unwrap(), text_of(id));
        assert_eq!(journal.original(id).unwrap(), original_of(id));
    }
}

#[test]
fn bodies_can_be_read_while_compaction_moves_them() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let mut kept = Vec::new();
    for n in 0..120 {
        if n % 4 == 0 {
            kept.push(store(&journal, message(&journal)));
        } else {
            store_delivered(&journal, message(&journal));
        }
    }
    journal.expire(at(86_400), &Retention::default()).unwrap();
    std::thread::scope(|scope| {
        let mover = scope.spawn(|| journal.compact(u64::MAX).unwrap());
        let mut after = false;
        while !after {
            after = mover.is_finished();
            for &id in &kept {
                assert_eq!(journal.text(id).unwrap(), text_of(id));
                assert_eq!(journal.original(id).unwrap(), original_of(id));
            }
        }
        assert!(mover.join().unwrap().segments > 5);
    });
}

#[test]
fn compaction_copies_no_more_than_its_budget_but_always_gets_on() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for n in 0..120 {
        if n % 4 == 0 {
            store(&journal, message(&journal));
        } else {
            store_delivered(&journal, message(&journal));
        }
    }
    journal.expire(at(86_400), &Retention::default()).unwrap();
    let first = journal.compact(0).unwrap();
    assert_eq!(first.segments, 1);
    let second = journal.compact(8_000).unwrap();
    assert!(second.segments >= 2 && second.copied_octets <= 8_000, "{second:?}");
    assert!(second.freed_octets > second.copied_octets);
}
