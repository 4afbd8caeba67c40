//! Opening what an earlier run left.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{folder, is_whole, open_with, query, settings, submit_one};
use crate::embedded::connection::{Purpose, connect, create_file};
use crate::embedded::database::Database;
use crate::embedded::disk::RealDisk;
use crate::embedded::opening::open_on;
use crate::embedded::{recovery, schema, segment};
use crate::{Journal, JournalError, Retention, open_for_actions};

/// A store with some messages in several segments, closed.
fn closed_store(path: &Path) -> Vec<sekimori_policy::QueueId> {
    let journal = open_with(path, Arc::new(RealDisk));
    (0..6)
        .map(|_| {
            let (id, answer) = submit_one(&journal);
            assert_eq!(answer, Ok(()));
            id
        })
        .collect()
}

fn open_error(path: &Path) -> JournalError {
    open_on(path, &settings(), Arc::new(RealDisk)).unwrap_err()
}

#[test]
fn a_tail_torn_at_any_octet_is_cut() {
    let folder = folder();
    let ids = closed_store(folder.path());
    let newest = query(folder.path(), "SELECT max(number) FROM segment").cast_unsigned();
    let path = segment::path(folder.path(), newest);
    let committed = fs::read(&path).unwrap();
    let record = fs::read(segment::path(folder.path(), 1)).unwrap();
    let connection = connect(folder.path(), Purpose::Writing).unwrap();
    for octets in 0..record.len() {
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&record[..octets]).unwrap();
        let (number, _, length) =
            recovery::recover(&connection, folder.path(), &RealDisk).unwrap().unwrap();
        assert_eq!((number, length), (newest, committed.len() as u64));
        assert_eq!(fs::read(&path).unwrap(), committed);
    }
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    assert!(ids.iter().all(|&id| is_whole(&journal, id)));
}

#[test]
fn a_segment_that_nothing_refers_to_is_removed() {
    let folder = folder();
    closed_store(folder.path());
    let stray = segment::path(folder.path(), 999);
    fs::write(&stray, b"begun").unwrap();
    drop(open_with(folder.path(), Arc::new(RealDisk)));
    assert!(!stray.exists());
}

#[test]
fn a_missing_segment_is_named() {
    let folder = folder();
    closed_store(folder.path());
    let file = segment::path(folder.path(), 1);
    fs::remove_file(&file).unwrap();
    let error = open_error(folder.path());
    assert!(error.to_string().contains("0000000001.seg"));
    assert_eq!(error, JournalError::SegmentMissing { file });
}

#[test]
fn a_segment_shorter_than_committed_is_named() {
    let folder = folder();
    closed_store(folder.path());
    let file = segment::path(folder.path(), 1);
    let committed = fs::metadata(&file).unwrap().len();
    let cut = OpenOptions::new().write(true).open(&file).unwrap();
    cut.set_len(committed - 1).unwrap();
    assert_eq!(
        open_error(folder.path()),
        JournalError::SegmentShort { file, found: committed - 1, committed }
    );
}

#[test]
fn a_damaged_body_is_an_error_and_never_another_text() {
    let folder = folder();
    let ids = closed_store(folder.path());
    let file = segment::path(folder.path(), 1);
    let whole = fs::read(&file).unwrap();
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    for position in (16..whole.len()).step_by(37) {
        let mut damaged = whole.clone();
        damaged[position] ^= 0x40;
        fs::write(&file, damaged).unwrap();
        for &id in &ids {
            if let Ok(text) = journal.text(id) {
                assert_eq!(text, super::text_of(id));
            }
        }
    }
    fs::write(&file, vec![0; whole.len()]).unwrap();
    let error = journal.text(ids[0]).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
}

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let folder = folder();
    closed_store(folder.path());
    let connection = connect(folder.path(), Purpose::Writing).unwrap();
    let known = schema::newest();
    connection.pragma_update(None, "user_version", known + 1).unwrap();
    let newer = JournalError::NewerSchema { found: known + 1, known };
    assert_eq!(open_error(folder.path()), newer);
    assert_eq!(open_for_actions(folder.path(), &settings()).unwrap_err(), newer);
}

fn empty_database(path: &Path) -> Database {
    create_file(path).unwrap();
    let connection = connect(path, Purpose::Writing).unwrap();
    Database::new(connection, Arc::new(RealDisk), Arc::default())
}

#[test]
fn every_older_version_is_brought_up_to_date() {
    for version in 0..schema::STEPS.len() {
        let folder = folder();
        let database = empty_database(folder.path());
        schema::migrate(&database, &schema::STEPS[..version]).unwrap();
        drop(database);
        let older = open_for_actions(folder.path(), &settings()).unwrap_err();
        assert!(matches!(older, JournalError::OlderSchema { .. }));
        let journal = open_with(folder.path(), Arc::new(RealDisk));
        let (id, answer) = submit_one(&journal);
        assert_eq!(answer, Ok(()));
        assert!(is_whole(&journal, id));
    }
}

#[test]
fn a_step_that_fails_leaves_the_version_before_it() {
    let folder = folder();
    let database = empty_database(folder.path());
    let steps = [
        "CREATE TABLE one (n INTEGER)",
        "CREATE TABLE two (n INTEGER); CREATE TABLE one (n INTEGER)",
    ];
    schema::migrate(&database, &steps).unwrap_err();
    assert_eq!(schema::version(database.connection()), Ok(1));
    let tables: i64 = database
        .connection()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
    schema::migrate(&database, &steps[..1]).unwrap();
    assert_eq!(schema::version(database.connection()), Ok(1));
}

#[test]
fn released_steps_are_never_edited() {
    let digests: Vec<String> = schema::STEPS
        .iter()
        .map(|step| {
            let digest = Sha256::digest(step.as_bytes());
            digest.iter().take(8).map(|o| format!("{o:02x}")).collect()
        })
        .collect();
    assert_eq!(
        digests,
        [
            "849fbc0a206b837f",
            "b83fe168d153b04c",
            "9f64d80ef1abd9c9",
            "e7e4be65b909ece3",
            "32afbafd34351089",
            "648fbcd949735d4f"
        ]
    );
}

#[test]
fn the_audit_record_cannot_be_changed_or_cut() {
    let folder = folder();
    closed_store(folder.path());
    let connection = connect(folder.path(), Purpose::Writing).unwrap();
    for sql in ["UPDATE audit SET kind = 'refused'", "DELETE FROM audit WHERE sequence = 1"] {
        let error = connection.execute(sql, []).unwrap_err();
        assert!(error.to_string().contains("only appended"), "{error}");
    }
}

#[test]
fn a_segment_that_the_sums_call_alive_is_never_removed() {
    let folder = folder();
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    for _ in 0..20 {
        let (id, answer) = submit_one(&journal);
        assert_eq!(answer, Ok(()));
        super::deliver(&journal, id).unwrap();
    }
    let newest = query(folder.path(), "SELECT max(number) FROM segment").cast_unsigned();
    let connection = connect(folder.path(), Purpose::Writing).unwrap();
    journal.expire(super::at(20), &Retention::default()).unwrap();
    connection.execute("UPDATE segment SET live = live + 1 WHERE number = 1", []).unwrap();
    assert!(journal.compact(u64::MAX).unwrap().segments > 1);
    assert!(segment::path(folder.path(), 1).exists());
    assert!((2..newest).all(|n| !segment::path(folder.path(), n).exists()));
    let error = journal.compact(u64::MAX).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
}
