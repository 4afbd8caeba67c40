//! Backups: made while others write, checked, put back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sekimori_policy::QueueId;
use tempfile::TempDir;

use super::{
    at, check_sums, deliver, folder, is_whole, message, open_with, settings, submission,
    submit_one, wait,
};
use crate::embedded::backup::{
    BackupError, BackupOptions, Made, Manifest, Problem, Restored, back_up, restore, verify_backup,
};
use crate::embedded::disk::RealDisk;
use crate::embedded::opening::open_on;
use crate::{
    AuditFilter, AuditKind, EmbeddedJournal, Journal, JournalError, Register, Retention, State,
};

/// A journal with a folder for backups beside it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: folder() }
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    fn backup(&self) -> PathBuf {
        self.folder.path().join("backup")
    }

    fn restored(&self) -> PathBuf {
        self.folder.path().join("restored")
    }

    fn open(&self) -> EmbeddedJournal {
        open_with(&self.journal(), Arc::new(RealDisk))
    }

    fn back_up(&self) -> Result<Made, BackupError> {
        self.back_up_with(BackupOptions { with_audit_key: true })
    }

    fn back_up_with(&self, options: BackupOptions) -> Result<Made, BackupError> {
        back_up(&self.journal(), &settings(), &self.backup(), options, at(0))
    }

    fn restore(&self) -> Result<Restored, BackupError> {
        restore(&self.backup(), &self.restored(), &settings(), "root", at(5))
    }

    /// A file of the backup whose name begins like this.
    fn file(&self, beginning: &str) -> PathBuf {
        let (folder, start) = beginning.rsplit_once('/').unwrap_or(("", beginning));
        let mut names: Vec<_> = fs::read_dir(self.backup().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.file_name().unwrap().as_encoded_bytes().starts_with(start.as_bytes())
            })
            .collect();
        names.sort();
        names.remove(0)
    }
}

fn submit(journal: &EmbeddedJournal, number: usize) -> Vec<QueueId> {
    let submitted = (0..number).map(|_| submit_one(journal));
    submitted.map(|(id, stored)| stored.map(|()| id).unwrap()).collect()
}

fn problems(error: BackupError) -> Vec<Problem> {
    match error {
        BackupError::Damaged { problems, .. } => problems,
        other => panic!("{other}"),
    }
}

#[test]
fn everything_acknowledged_before_is_there_although_others_write_and_compact() {
    let place = Place::new();
    let journal = place.open();
    let done = AtomicBool::new(false);
    let retention = Retention { max_total_octets: Some(64 * 1024) };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for id in submit(&journal, 4) {
                    deliver(&journal, id).unwrap();
                }
            }
        });
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                journal.expire(at(0), &retention).unwrap();
                journal.compact(u64::MAX).unwrap();
            }
        });
        for _ in 0..8 {
            let kept = submit(&journal, 20);
            place.back_up().unwrap();
            let checked = verify_backup(&place.backup()).unwrap();
            assert_eq!(checked.texts, checked.manifest.messages.total());
            place.restore().unwrap();
            let restored = open_with(&place.restored(), Arc::new(RealDisk));
            assert!(kept.iter().all(|&id| is_whole(&restored, id)));
            drop(restored);
            check_sums(&place.restored());
            fs::remove_dir_all(place.restored()).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_restored_journal_goes_on_where_the_backup_was() {
    let place = Place::new();
    let journal = place.open();
    let ids = submit(&journal, 12);
    deliver(&journal, ids[0]).unwrap();
    let made = place.back_up().unwrap().manifest;
    assert_eq!((made.messages.queued, made.messages.delivered), (11, 1));
    let later = submit(&journal, 3);

    let Restored { checked, missing_key } = place.restore().unwrap();
    assert_eq!(missing_key, None);
    assert_eq!((checked.texts, checked.originals), (12, 12));
    assert!(checked.audit.is_good() && checked.audit.macs_checked);
    assert_eq!(checked.audit.records, made.audit_records);
    let restored = open_with(&place.restored(), Arc::new(RealDisk));
    assert!(ids.iter().all(|&id| is_whole(&restored, id)));
    assert!(later.iter().all(|&id| !is_whole(&restored, id)));
    let state = restored.message(ids[0].into()).unwrap().unwrap().state;
    assert_eq!(state, State::Delivered);
    let (id, stored) = submit_one(&restored);
    stored.unwrap();
    assert!(later.iter().all(|&given| given < id), "no id is given twice: {id} {later:?}");
    let told = AuditFilter { kinds: vec![AuditKind::BackupRestored], ..AuditFilter::default() };
    let told = restored.audit(&told, 0, 10).unwrap();
    assert_eq!(told[0].record.actor.as_deref(), Some("root"));
    assert_eq!(told[0].record.details["backup_begun_at"], made.begun_at);
    // The index is not in the backup.
    assert_eq!(restored.index_messages(1_000).unwrap(), 13);
}

#[test]
fn the_audit_key_is_only_there_when_asked_for() {
    let place = Place::new();
    let journal = place.open();
    submit(&journal, 2);
    place.back_up().unwrap();
    assert!(place.backup().join("audit.key").exists());
    place.back_up_with(BackupOptions::default()).unwrap();
    assert!(!place.backup().join("audit.key").exists(), "that of the backup before is gone");

    let restored = place.restore().unwrap();
    assert_eq!(restored.missing_key, Some(place.restored().join("audit.key")));
    assert!(restored.checked.audit.is_good() && !restored.checked.audit.macs_checked);
    let opened = open_on(&place.restored(), &settings(), Arc::new(RealDisk));
    assert!(matches!(opened, Err(JournalError::AuditKeyMissing { .. })));
    fs::copy(place.journal().join("audit.key"), place.restored().join("audit.key")).unwrap();
    open_with(&place.restored(), Arc::new(RealDisk));
}

#[test]
fn a_key_that_is_put_in_place_first_is_used_and_must_fit() {
    let place = Place::new();
    submit(&place.open(), 2);
    place.back_up_with(BackupOptions::default()).unwrap();
    fs::create_dir(place.restored()).unwrap();
    fs::copy(place.journal().join("audit.key"), place.restored().join("audit.key")).unwrap();
    assert_eq!(place.restore().unwrap().missing_key, None);

    fs::remove_dir_all(place.restored()).unwrap();
    let other = Place::new();
    drop(other.open());
    fs::create_dir(place.restored()).unwrap();
    fs::copy(other.journal().join("audit.key"), place.restored().join("audit.key")).unwrap();
    let error = place.restore().unwrap_err();
    assert!(matches!(error, BackupError::Journal(JournalError::AuditKeyWrong { .. })), "{error}");
    assert!(!place.restored().join("journal.db").exists(), "what was copied is gone again");
}

#[test]
fn what_has_not_changed_is_not_written_again() {
    let place = Place::new();
    let journal = place.open();
    submit(&journal, 40);
    let first = place.back_up().unwrap();
    assert!(first.manifest.segments.len() > 5, "{first:?}");
    assert_eq!(first.kept_segments, 0);
    submit(&journal, 1);
    let second = place.back_up().unwrap();
    let old = first.manifest.segments.len() as u64;
    assert!(second.kept_segments >= old - 1, "{} of {old}", second.kept_segments);
    verify_backup(&place.backup()).unwrap();

    // A copy that was spoilt is made again.
    spoil(&place.file("segments/0000000001"), 900);
    assert!(verify_backup(&place.backup()).is_err());
    place.back_up().unwrap();
    verify_backup(&place.backup()).unwrap();
    // Nothing is left of the backups before.
    let manifest = verify_backup(&place.backup()).unwrap().manifest;
    let copies = fs::read_dir(place.backup().join("segments")).unwrap().count();
    assert_eq!(copies, manifest.segments.len());
    assert_eq!(fs::read_dir(place.backup()).unwrap().count(), 5);
}

fn spoil(path: &Path, place: usize) {
    let mut octets = fs::read(path).unwrap();
    octets[place] ^= 1;
    fs::write(path, octets).unwrap();
}

#[test]
fn a_changed_octet_is_found_wherever_it_is() {
    for (name, place_in_file) in [
        ("segments/0000000001", 900),
        ("journal-", 5_000),
        ("audit.key", 40),
        ("manifest.json", 60),
    ] {
        let place = Place::new();
        submit(&place.open(), 12);
        place.back_up().unwrap();
        let file = place.file(name);
        spoil(&file, place_in_file);
        let restored = place.restore().unwrap_err();
        let error = verify_backup(&place.backup()).unwrap_err();
        for error in [restored, error] {
            assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
        }
        assert!(!place.restored().join("journal.db").exists(), "{name}");
    }
}

#[test]
fn a_missing_or_cut_segment_is_found() {
    let place = Place::new();
    submit(&place.open(), 12);
    place.back_up().unwrap();
    let file = place.file("segments/0000000002");
    let octets = fs::read(&file).unwrap();
    fs::write(&file, &octets[..octets.len() - 1]).unwrap();
    let expected = octets.len() as u64;
    assert_eq!(
        problems(verify_backup(&place.backup()).unwrap_err()),
        [Problem::Size { file: file.clone(), found: expected - 1, expected }]
    );
    fs::remove_file(&file).unwrap();
    assert_eq!(
        problems(verify_backup(&place.backup()).unwrap_err()),
        [Problem::Missing(file.clone())]
    );
    assert_eq!(problems(place.restore().unwrap_err()), [Problem::Missing(file)]);
}

#[test]
fn a_journal_that_lost_a_segment_is_not_backed_up_as_if_it_were_whole() {
    let place = Place::new();
    let journal = place.open();
    submit(&journal, 12);
    place.back_up().unwrap();
    let lost = place.journal().join("segments/0000000002.seg");
    fs::remove_file(&lost).unwrap();
    submit(&journal, 1);
    let error = place.back_up().unwrap_err();
    assert!(matches!(
        &error,
        BackupError::Journal(JournalError::SegmentMissing { file }) if *file == lost
    ));
    assert_eq!(verify_backup(&place.backup()).unwrap().texts, 12, "the earlier one is left");
}

#[test]
fn other_folders_are_left_alone() {
    let place = Place::new();
    let journal = place.open();
    submit(&journal, 1);
    fs::create_dir(place.backup()).unwrap();
    let other = place.backup().join("budget.xlsx");
    fs::write(&other, "mine").unwrap();
    let error = place.back_up().unwrap_err();
    assert!(matches!(error, BackupError::Foreign { .. }), "{error}");
    assert_eq!(fs::read_dir(place.backup()).unwrap().count(), 1);
    fs::remove_file(other).unwrap();
    place.back_up().unwrap();

    let town = Place::new();
    submit(&town.open(), 1);
    let into =
        back_up(&town.journal(), &settings(), &place.backup(), BackupOptions::default(), at(0));
    assert!(matches!(into.unwrap_err(), BackupError::AnotherJournal { .. }));
    verify_backup(&place.backup()).unwrap();

    let nothing =
        back_up(&town.backup(), &settings(), &town.restored(), BackupOptions::default(), at(0));
    assert!(matches!(nothing.unwrap_err(), BackupError::Journal(JournalError::NoJournal { .. })));
    assert!(!town.restored().exists(), "nothing is made for a journal that is not there");
    assert!(matches!(verify_backup(&town.backup()).unwrap_err(), BackupError::NoBackup { .. }));
}

#[test]
fn only_an_empty_folder_that_nobody_uses_is_restored_into() {
    let place = Place::new();
    let journal = place.open();
    submit(&journal, 1);
    place.back_up().unwrap();
    let into =
        |path: &Path| restore(&place.backup(), path, &settings(), "root", at(1)).unwrap_err();
    let error = into(&place.journal());
    assert!(matches!(error, BackupError::Journal(JournalError::InUse { .. })), "{error}");
    drop(journal);
    let error = into(&place.journal());
    assert!(matches!(error, BackupError::NotEmpty { .. }), "{error}");
    let other = place.folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("notes.txt"), "mine").unwrap();
    assert!(matches!(into(&other), BackupError::NotEmpty { found, .. } if found == "notes.txt"));
    assert_eq!(fs::read_dir(&other).unwrap().count(), 1);
}

#[test]
fn a_backup_cut_off_at_its_start_can_be_made_again() {
    let place = Place::new();
    submit(&place.open(), 3);
    fs::create_dir(place.backup()).unwrap();
    fs::write(place.backup().join("backup.lock"), "").unwrap();
    place.back_up().unwrap();
    // And one that was cut off in the middle leaves the earlier one in force.
    fs::write(place.backup().join("unfinished"), "half").unwrap();
    fs::write(place.backup().join("segments/0000000099-00.seg"), "half").unwrap();
    verify_backup(&place.backup()).unwrap();
    place.back_up().unwrap();
    assert!(!place.backup().join("segments/0000000099-00.seg").exists());
}

#[test]
fn two_backups_into_one_folder_do_not_meet() {
    let place = Place::new();
    submit(&place.open(), 1);
    place.back_up().unwrap();
    let held = fs::OpenOptions::new().write(true).open(place.backup().join("backup.lock")).unwrap();
    held.lock().unwrap();
    assert!(matches!(place.back_up().unwrap_err(), BackupError::InUse { .. }));
    assert!(matches!(verify_backup(&place.backup()).unwrap_err(), BackupError::InUse { .. }));
}

#[test]
fn a_full_disk_leaves_the_earlier_backup() {
    let place = Place::new();
    let Some(small) = SmallDisk::mount(&place.backup()) else {
        eprintln!("no right to mount a small disk: not tested");
        return;
    };
    let journal = place.open();
    submit(&journal, 5);
    place.back_up().unwrap();
    let larger = (0..400).map(|_| message(&journal));
    for message in larger {
        let whole = submission(vec![message]);
        wait(|done| journal.submit(whole, done)).unwrap();
    }
    let free = |path: &Path| crate::embedded::disk::Disk::free_octets(&RealDisk, path).unwrap();
    let ballast = usize::try_from(free(&place.backup())).unwrap() - 100_000;
    fs::write(place.backup().join("ballast"), vec![0; ballast]).unwrap();
    let error = place.back_up().unwrap_err();
    assert!(matches!(error, BackupError::NoRoom { .. }), "{error}");
    assert_eq!(verify_backup(&place.backup()).unwrap().texts, 5);
    drop(small);
}

/// A file system of 2 MiB.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(path: &Path) -> Option<Self> {
        fs::create_dir(path).unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(path)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then(|| Self(path.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn every_refusal_names_the_path() {
    let place = Place::new();
    submit(&place.open(), 1);
    fs::write(place.backup(), "a file").unwrap();
    let error = place.back_up().unwrap_err();
    assert!(
        matches!(&error, BackupError::Io { error, .. } if error.kind() == io::ErrorKind::AlreadyExists),
        "{error}"
    );
    assert!(error.to_string().contains(place.backup().to_str().unwrap()), "{error}");
    let manifest: Result<Manifest, _> = serde_json::from_str("{}");
    assert!(manifest.is_err());
}
