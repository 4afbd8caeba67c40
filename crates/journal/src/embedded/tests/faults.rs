//! A disk that refuses.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use rusqlite::ffi;

use super::{
    check_sums, deliver, folder, is_whole, message, open_with, query, settings, submission,
    submit_one, wait,
};
use crate::embedded::disk::{Disk, RealDisk};
use crate::embedded::opening::open_on;
use crate::embedded::segment;
use crate::{Journal, JournalError, Settings};

/// What goes wrong next, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The disk is full before the first octet of a write.
    FullAtOnce,
    /// The disk is full after half of the octets of a write.
    FullHalfway,
    /// A sync fails.
    Sync,
    /// No segment file can be made.
    Create,
    /// The folder of segments cannot be synced.
    Folder,
    /// A COMMIT fails for want of space and does not take place.
    CommitFull,
    /// A COMMIT fails and takes place nevertheless.
    CommitDone,
    /// Two COMMITs in a row fail.
    CommitTwice,
    /// A file cannot be cut, after a write that failed.
    FullAndUncut,
}

#[derive(Debug, Default)]
struct Faulty {
    next: Mutex<Option<Fault>>,
    free: AtomicU64,
}

impl Faulty {
    fn arm(&self, fault: Fault) {
        *self.next.lock().unwrap() = Some(fault);
    }

    /// Whether the next fault is one of these, which it is no longer then.
    fn strikes(&self, faults: &[Fault]) -> Option<Fault> {
        let mut next = self.next.lock().unwrap();
        next.take_if(|fault| faults.contains(fault))
    }
}

fn full() -> io::Error {
    io::ErrorKind::StorageFull.into()
}

fn refusal(code: i32) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
}

impl Disk for Faulty {
    fn create(&self, path: &Path) -> io::Result<File> {
        match self.strikes(&[Fault::Create]) {
            Some(_) => Err(full()),
            None => RealDisk.create(path),
        }
    }

    fn write(&self, file: &File, offset: u64, octets: &[u8]) -> io::Result<()> {
        let faults = [Fault::FullAtOnce, Fault::FullHalfway, Fault::FullAndUncut];
        match self.strikes(&faults) {
            Some(fault) => {
                if fault != Fault::FullAtOnce {
                    RealDisk.write(file, offset, &octets[..octets.len() / 2])?;
                }
                if fault == Fault::FullAndUncut {
                    self.arm(fault);
                }
                Err(full())
            }
            None => RealDisk.write(file, offset, octets),
        }
    }

    fn cut(&self, file: &File, length: u64) -> io::Result<()> {
        match self.strikes(&[Fault::FullAndUncut]) {
            Some(_) => Err(io::ErrorKind::Other.into()),
            None => RealDisk.cut(file, length),
        }
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        match self.strikes(&[Fault::Sync]) {
            Some(_) => Err(io::ErrorKind::Other.into()),
            None => RealDisk.sync(file),
        }
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        match self.strikes(&[Fault::Folder]) {
            Some(_) => Err(io::ErrorKind::Other.into()),
            None => RealDisk.sync_folder(folder),
        }
    }

    fn commit(&self, connection: &Connection) -> rusqlite::Result<()> {
        match self.strikes(&[Fault::CommitFull, Fault::CommitDone, Fault::CommitTwice]) {
            Some(Fault::CommitDone) => {
                RealDisk.commit(connection)?;
                Err(refusal(ffi::SQLITE_IOERR_FSYNC))
            }
            Some(fault) => {
                if fault == Fault::CommitTwice {
                    self.arm(Fault::CommitFull);
                }
                Err(refusal(ffi::SQLITE_FULL))
            }
            None => RealDisk.commit(connection),
        }
    }

    fn free_octets(&self, folder: &Path) -> io::Result<u64> {
        match self.free.load(Ordering::Relaxed) {
            0 => RealDisk.free_octets(folder),
            free => Ok(free),
        }
    }
}

/// Stores, fails by `fault`, stores again, and opens again. Gives the answer of the failed call.
fn through(fault: Fault) -> JournalError {
    let folder = folder();
    let disk = Arc::new(Faulty::default());
    let journal = open_with(folder.path(), Arc::clone(&disk) as Arc<dyn Disk>);
    let mut kept = Vec::new();
    for _ in 0..2 {
        let (id, answer) = submit_one(&journal);
        assert_eq!(answer, Ok(()));
        kept.push(id);
    }
    disk.arm(fault);
    let (refused, answer) = loop {
        let (id, answer) = submit_one(&journal);
        if answer.is_err() {
            break (id, answer);
        }
        kept.push(id);
        assert!(kept.len() < 10, "the fault never struck");
    };
    // Absent or whole.
    is_whole(&journal, refused);
    if fault == Fault::CommitTwice {
        let (id, again) = submit_one(&journal);
        assert_eq!(again, Err(JournalError::DiskFull));
        assert!(!is_whole(&journal, id));
    }
    for _ in 0..3 {
        let (id, answer) = submit_one(&journal);
        assert_eq!(answer, Ok(()), "the journal goes on after {fault:?}");
        kept.push(id);
    }
    deliver(&journal, kept[0]).unwrap();
    drop(journal);
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    for id in kept {
        assert!(is_whole(&journal, id), "{id} after {fault:?}");
    }
    let there = is_whole(&journal, refused);
    assert_eq!(there, fault == Fault::CommitDone, "{fault:?}");
    check_sums(folder.path());
    answer.unwrap_err()
}

#[test]
fn a_full_disk_refuses_a_batch_and_loses_nothing() {
    for fault in [
        Fault::FullAtOnce,
        Fault::FullHalfway,
        Fault::FullAndUncut,
        Fault::Create,
        Fault::CommitFull,
        Fault::CommitTwice,
    ] {
        let error = through(fault);
        assert_eq!(error, JournalError::DiskFull, "{fault:?}");
        assert_eq!(error.reply_code(), (452, "4.3.1"));
    }
}

#[test]
fn a_failing_disk_refuses_a_batch_and_loses_nothing() {
    for fault in [Fault::Sync, Fault::Folder, Fault::CommitDone] {
        let error = through(fault);
        assert_eq!(error.reply_code(), (451, "4.3.0"), "{error:?}");
    }
}

#[test]
fn nothing_goes_to_a_segment_after_its_sync_failed() {
    let folder = folder();
    let disk = Arc::new(Faulty::default());
    let journal = open_with(folder.path(), Arc::clone(&disk) as Arc<dyn Disk>);
    submit_one(&journal).1.unwrap();
    disk.arm(Fault::Sync);
    submit_one(&journal).1.unwrap_err();
    let left = fs::read(segment::path(folder.path(), 1)).unwrap();
    submit_one(&journal).1.unwrap();
    assert_eq!(fs::read(segment::path(folder.path(), 1)).unwrap(), left);
    assert_eq!(query(folder.path(), "SELECT max(number) FROM segment"), 2);
}

#[test]
fn space_of_a_refused_batch_is_given_back_at_once() {
    let folder = folder();
    let disk = Arc::new(Faulty::default());
    let journal = open_with(folder.path(), Arc::clone(&disk) as Arc<dyn Disk>);
    submit_one(&journal).1.unwrap();
    let before = fs::metadata(segment::path(folder.path(), 1)).unwrap().len();
    disk.arm(Fault::FullHalfway);
    submit_one(&journal).1.unwrap_err();
    let after = fs::metadata(segment::path(folder.path(), 1)).unwrap().len();
    assert_eq!(after, before);
}

#[test]
fn under_the_reserve_nothing_is_written_but_results_still_are() {
    let folder = folder();
    let disk = Arc::new(Faulty::default());
    let settings = Settings { reserve_octets: 1_000_000, ..settings() };
    let journal = open_on(folder.path(), &settings, Arc::clone(&disk) as Arc<dyn Disk>).unwrap();
    let (id, answer) = submit_one(&journal);
    assert_eq!(answer, Ok(()));
    let before = fs::read(segment::path(folder.path(), 1)).unwrap();
    disk.free.store(1_000_500, Ordering::Relaxed);
    let (refused, answer) = submit_one(&journal);
    let low = JournalError::DiskLow { free: 1_000_500, reserve: 1_000_000 };
    assert_eq!(low.reply_code(), (452, "4.3.1"));
    assert_eq!(answer, Err(low));
    assert!(!is_whole(&journal, refused));
    assert_eq!(fs::read(segment::path(folder.path(), 1)).unwrap(), before);
    deliver(&journal, id).unwrap();
    disk.free.store(0, Ordering::Relaxed);
    assert_eq!(submit_one(&journal).1, Ok(()));
}

#[test]
fn one_bad_submission_does_not_spoil_the_batch() {
    let folder = folder();
    let journal = open_with(folder.path(), Arc::new(RealDisk));
    let double = message(&journal);
    let id = double.queue_id;
    wait(|done| journal.submit(submission(vec![double.clone()]), done)).unwrap();
    let (answers, answered) = std::sync::mpsc::channel();
    let mut expected = Vec::new();
    for n in 0..20 {
        let message = if n == 7 { double.clone() } else { message(&journal) };
        expected.push((
            message.queue_id,
            if n == 7 { Err(JournalError::Duplicate(id)) } else { Ok(()) },
        ));
        let (answers, queue_id) = (answers.clone(), message.queue_id);
        journal.submit(
            submission(vec![message]),
            Box::new(move |result| answers.send((queue_id, result)).unwrap()),
        );
    }
    let mut found: Vec<_> = answered.iter().take(20).collect();
    found.sort_by_key(|(id, _)| *id);
    expected.sort_by_key(|(id, _)| *id);
    assert_eq!(found, expected);
    check_sums(folder.path());
}
