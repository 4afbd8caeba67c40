//! A power cut before and after every step that changes the disk.
//!
//! The disk of these tests copies the journal's folder at each step. What was not synced may be
//! there, be there in part, or be something else: each copy is opened in each of these forms. The
//! promises hold: what was acknowledged is there and whole, what was not is absent or whole.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use sekimori_policy::QueueId;

use super::{
    at, check_sums, copy, deliver, folder, is_whole, message, open_with, submission, submit_one,
    wait,
};
use crate::embedded::disk::{Disk, RealDisk};
use crate::embedded::segment;
use crate::{Action, Actor, Journal, Key, Retention, State};

/// What the journal has promised so far.
#[derive(Debug, Default, Clone)]
struct Promises {
    /// Acknowledged: there and whole.
    kept: BTreeSet<QueueId>,
    /// Asked for and not answered yet: absent or whole.
    open: BTreeSet<QueueId>,
    /// Expired: absent.
    gone: BTreeSet<QueueId>,
    /// The result of delivery was acknowledged.
    delivered: BTreeSet<QueueId>,
}

/// The folder before or after one step.
struct Moment {
    what: String,
    copy: PathBuf,
    /// Synced length of each segment file; what is not named is synced as a whole.
    synced: HashMap<u64, u64>,
    promises: Promises,
}

#[derive(Debug)]
struct Watched {
    folder: PathBuf,
    copies: PathBuf,
    state: Mutex<Watch>,
}

#[derive(Default)]
struct Watch {
    moments: Vec<Moment>,
    /// Synced and written length by inode.
    lengths: HashMap<u64, (u64, u64)>,
    promises: Promises,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watch")
    }
}

impl Watched {
    fn keep(&self, what: impl Into<String>) {
        let mut watch = self.state.lock().unwrap();
        let to = self.copies.join(watch.moments.len().to_string());
        copy(&self.folder, &to);
        let synced = segment::numbers(&self.folder)
            .unwrap()
            .into_iter()
            .filter_map(|number| {
                let inode = fs::metadata(segment::path(&self.folder, number)).unwrap().ino();
                watch.lengths.get(&inode).map(|&(synced, _)| (number, synced))
            })
            .collect();
        let promises = watch.promises.clone();
        watch.moments.push(Moment { what: what.into(), copy: to, synced, promises });
    }

    fn promise(&self, change: impl FnOnce(&mut Promises)) {
        change(&mut self.state.lock().unwrap().promises);
    }
}

impl Disk for Watched {
    fn create(&self, path: &Path) -> io::Result<File> {
        self.keep("before making a segment");
        let file = RealDisk.create(path)?;
        let inode = file.metadata()?.ino();
        self.state.lock().unwrap().lengths.insert(inode, (0, 0));
        Ok(file)
    }

    fn write(&self, file: &File, offset: u64, octets: &[u8]) -> io::Result<()> {
        self.keep("before writing");
        RealDisk.write(file, offset, octets)?;
        let inode = file.metadata()?.ino();
        let mut watch = self.state.lock().unwrap();
        let lengths = watch.lengths.entry(inode).or_insert((offset, offset));
        assert!(offset >= lengths.0, "what was synced is not written again");
        lengths.1 = offset + octets.len() as u64;
        drop(watch);
        self.keep("after writing");
        Ok(())
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        RealDisk.sync(file)?;
        let inode = file.metadata()?.ino();
        let mut watch = self.state.lock().unwrap();
        let lengths = watch.lengths.get_mut(&inode).unwrap();
        lengths.0 = lengths.1;
        drop(watch);
        self.keep("after syncing");
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.keep(format!("before removing {}", path.display()));
        RealDisk.remove(path)?;
        self.keep("after removing");
        Ok(())
    }

    fn commit(&self, connection: &Connection) -> rusqlite::Result<()> {
        for &(synced, written) in self.state.lock().unwrap().lengths.values() {
            assert_eq!(synced, written, "bodies are synced before rows are committed");
        }
        self.keep("before COMMIT");
        RealDisk.commit(connection)?;
        self.keep("after COMMIT");
        Ok(())
    }
}

/// The forms in which a file's octets beyond its synced length may be found.
#[derive(Debug, Clone, Copy)]
enum Tail {
    Whole,
    Lost,
    Half,
    Zeroes,
}

fn deform(folder: &Path, synced: &HashMap<u64, u64>, tail: Tail) {
    for (&number, &synced) in synced {
        let path = segment::path(folder, number);
        let length = fs::metadata(&path).unwrap().len();
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        match tail {
            Tail::Whole => {}
            Tail::Lost => file.set_len(synced).unwrap(),
            Tail::Half => file.set_len(synced + (length - synced) / 2).unwrap(),
            Tail::Zeroes => {
                let zeroes = vec![0; usize::try_from(length - synced).unwrap()];
                file.write_all_at(&zeroes, synced).unwrap();
            }
        }
    }
}

/// Opens what a power cut left, and holds the journal to its promises.
fn check(folder: &Path, promises: &Promises, what: &str) {
    let journal = open_with(folder, Arc::new(RealDisk));
    for &id in &promises.kept {
        assert!(is_whole(&journal, id), "{id} is missing {what}");
    }
    for &id in &promises.open {
        is_whole(&journal, id);
    }
    for &id in &promises.gone {
        assert!(!is_whole(&journal, id), "{id} came back {what}");
    }
    for &id in &promises.delivered {
        if let Some(message) = journal.message(Key::QueueId(id)).unwrap() {
            assert_eq!(message.state, State::Delivered, "{id} {what}");
        }
    }
    check_sums(folder);
    let (id, answer) = submit_one(&journal);
    assert_eq!(answer, Ok(()), "{what}");
    assert!(is_whole(&journal, id));
    assert!(!promises.kept.contains(&id) && !promises.open.contains(&id));
}

/// Everything that a journal does, told to the watching disk call by call.
fn life(journal: &dyn Journal, disk: &Watched) {
    let mut ids = Vec::new();
    for round in 0..5 {
        let messages: Vec<_> = (0..=round % 2).map(|_| message(journal)).collect();
        let new: Vec<QueueId> = messages.iter().map(|m| m.queue_id).collect();
        disk.promise(|p| p.open.extend(&new));
        let whole = submission(messages);
        wait(|done| journal.submit(whole, done)).unwrap();
        disk.promise(|p| {
            p.open.clear();
            p.kept.extend(&new);
        });
        ids.extend(new);
    }
    let (done, rest) = ids.split_at(5);
    for &id in done {
        deliver(journal, id).unwrap();
        disk.promise(|p| {
            p.delivered.insert(id);
        });
    }
    let actor = Actor::default();
    journal.act(rest, Action::Hold, &actor, at(2)).unwrap();
    disk.promise(|p| {
        p.kept = rest.iter().copied().collect();
        p.open.extend(done);
    });
    journal.expire(at(20), &Retention::default()).unwrap();
    disk.promise(|p| p.gone = std::mem::take(&mut p.open));
    let compacted = journal.compact(u64::MAX).unwrap();
    assert!(compacted.segments > 0 && compacted.copied_octets > 0);
}

#[test]
fn a_power_cut_at_any_step_breaks_no_promise() {
    let (live, copies) = (folder(), folder());
    let disk = Arc::new(Watched {
        folder: live.path().to_owned(),
        copies: copies.path().to_owned(),
        state: Mutex::default(),
    });
    let journal = open_with(live.path(), Arc::clone(&disk) as Arc<dyn Disk>);
    life(&journal, &disk);
    drop(journal);
    let watch = std::mem::take(&mut *disk.state.lock().unwrap());
    assert!(watch.moments.len() > 60, "{} moments", watch.moments.len());
    for (number, moment) in watch.moments.iter().enumerate() {
        let torn = moment.synced.iter().any(|(&n, &synced)| {
            fs::metadata(segment::path(&moment.copy, n)).unwrap().len() > synced
        });
        let tails = [Tail::Whole, Tail::Zeroes, Tail::Half, Tail::Lost];
        for tail in tails.into_iter().take(if torn { 4 } else { 1 }) {
            let opened = folder();
            copy(&moment.copy, opened.path());
            deform(opened.path(), &moment.synced, tail);
            let what = format!("at moment {number}, {}, tail {tail:?}", moment.what);
            check(opened.path(), &moment.promises, &what);
        }
    }
}

#[test]
fn a_log_cut_anywhere_in_a_transaction_keeps_what_was_acknowledged_before() {
    let live = folder();
    let journal = open_with(live.path(), Arc::new(RealDisk));
    let (first, answer) = submit_one(&journal);
    assert_eq!(answer, Ok(()));
    let log = live.path().join("journal.db-wal");
    let before = fs::metadata(&log).unwrap().len();
    let (second, answer) = submit_one(&journal);
    assert_eq!(answer, Ok(()));
    let after = fs::metadata(&log).unwrap().len();
    assert!(after > before);
    let promises = Promises {
        kept: BTreeSet::from([first]),
        open: BTreeSet::from([second]),
        ..Promises::default()
    };
    let mut found = 0;
    for length in (before..=after).step_by(509) {
        let cut = folder();
        copy(live.path(), cut.path());
        let copied =
            OpenOptions::new().write(true).open(cut.path().join("journal.db-wal")).unwrap();
        copied.set_len(length).unwrap();
        check(cut.path(), &promises, &format!("with {length} octets of log"));
        found += 1;
    }
    assert!(found > 20);
}
