//! A disk that waits at a gate, to see what gathers meanwhile.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use super::{at, delivered, folder, is_whole, message, settings, submission, submit_one, wait};
use crate::embedded::disk::{Disk, RealDisk};
use crate::embedded::opening::open_on;
use crate::embedded::prepared::{Attempts, Prepared};
use crate::embedded::waiting::Work;
use crate::{
    AuditFilter, AuditKind, AuditRecord, Body, EmbeddedJournal, Journal, JournalError, NewMessage,
    Settings, Submission,
};

/// Each sync reports its start, then waits to be let through.
#[derive(Debug)]
struct Gate {
    started: Mutex<Sender<()>>,
    passes: Mutex<Receiver<()>>,
    syncs: AtomicU64,
}

impl Disk for Gate {
    fn sync(&self, file: &File) -> io::Result<()> {
        self.started.lock().unwrap().send(()).unwrap();
        // Once the test is over everything may pass.
        let _ = self.passes.lock().unwrap().recv();
        self.syncs.fetch_add(1, Ordering::Relaxed);
        RealDisk.sync(file)
    }
}

type Answer = Result<(), JournalError>;

struct Gated {
    journal: EmbeddedJournal,
    disk: Arc<Gate>,
    started: Receiver<()>,
    pass: Sender<()>,
    answers: Sender<Answer>,
    answered: Receiver<Answer>,
    _folder: tempfile::TempDir,
}

impl Gated {
    fn new(settings: &Settings) -> Self {
        let (start, started) = channel();
        let (pass, passes) = channel();
        let (answers, answered) = channel();
        let disk = Arc::new(Gate {
            started: Mutex::new(start),
            passes: Mutex::new(passes),
            syncs: AtomicU64::new(0),
        });
        let folder = folder();
        let journal = open_on(folder.path(), settings, Arc::clone(&disk) as Arc<dyn Disk>).unwrap();
        Self { journal, disk, started, pass, answers, answered, _folder: folder }
    }

    fn submit(&self, message: NewMessage) {
        self.submit_whole(submission(vec![message]));
    }

    fn submit_whole(&self, whole: Submission) {
        let answers = self.answers.clone();
        self.journal.submit(whole, Box::new(move |answer| answers.send(answer).unwrap()));
    }

    /// Submits one message and waits until its batch is being synced.
    fn occupy(&self) {
        self.submit(message(&self.journal));
        self.started.recv().unwrap();
    }
}

#[test]
fn what_gathers_during_a_sync_is_committed_together() {
    let gated = Gated::new(&settings());
    gated.occupy();
    let messages: Vec<_> = (0..40).map(|_| message(&gated.journal)).collect();
    let ids: Vec<_> = messages.iter().map(|m| m.queue_id).collect();
    for message in messages {
        gated.submit(message);
    }
    assert!(gated.answered.try_recv().is_err(), "no answer before the sync");
    gated.pass.send(()).unwrap();
    gated.started.recv().unwrap();
    gated.pass.send(()).unwrap();
    for _ in 0..41 {
        assert_eq!(gated.answered.recv().unwrap(), Ok(()));
    }
    assert_eq!(gated.disk.syncs.load(Ordering::Relaxed), 2);
    assert_eq!(gated.journal.statistics().unwrap().commits, 2);
    assert!(ids.iter().all(|&id| is_whole(&gated.journal, id)));
}

#[test]
fn what_may_wait_goes_with_the_next_that_may_not() {
    let folder = folder();
    let journal = open_on(folder.path(), &settings(), Arc::new(RealDisk)).unwrap();
    let (id, stored) = submit_one(&journal);
    stored.unwrap();
    let commits = || journal.statistics().unwrap().commits;
    let before = commits();
    let (answer, answered) = channel();
    let patient = Attempts::new(vec![delivered(id)]).unwrap();
    let done = Box::new(move |result| answer.send(result).unwrap());
    // Far longer than the test runs.
    let patience = Duration::from_secs(3_600);
    journal.writing().unwrap().writer.send(Work::Record(patient), 100, patience, done);
    submit_one(&journal).1.unwrap();
    assert_eq!(answered.recv().unwrap(), Ok(()));
    assert_eq!(commits(), before + 1);
}

#[test]
fn a_submission_whose_others_never_come_is_committed_alone() {
    let folder = folder();
    let journal = open_on(folder.path(), &settings(), Arc::new(RealDisk)).unwrap();
    let message = message(&journal);
    let id = message.queue_id;
    let whole = Submission { others_follow: true, ..submission(vec![message]) };
    wait(|done| journal.submit(whole, done)).unwrap();
    assert!(is_whole(&journal, id));
}

#[test]
fn a_batch_has_no_more_calls_and_octets_than_its_bounds() {
    for (batch_calls, calls_worth_of_octets) in [(10, 1_000), (1_000, 10)] {
        let sample = Gated::new(&settings());
        let whole = submission(vec![message(&sample.journal)]);
        let each = Prepared::new(whole, &settings()).unwrap().octets();
        let gated = Gated::new(&Settings {
            batch_calls,
            batch_octets: each * calls_worth_of_octets - each / 2,
            ..settings()
        });
        gated.occupy();
        for _ in 0..40 {
            gated.submit(message(&gated.journal));
        }
        for _ in 0..41 {
            gated.pass.send(()).unwrap();
        }
        for _ in 0..41 {
            assert_eq!(gated.answered.recv().unwrap(), Ok(()));
        }
        assert_eq!(gated.disk.syncs.load(Ordering::Relaxed), 5);
    }
}

#[test]
fn one_call_more_than_may_wait_is_refused() {
    let gated = Gated::new(&Settings { queue_calls: 3, ..settings() });
    gated.occupy();
    for _ in 0..3 {
        gated.submit(message(&gated.journal));
    }
    assert!(gated.answered.try_recv().is_err());
    gated.submit(message(&gated.journal));
    assert_eq!(gated.answered.try_recv(), Ok(Err(JournalError::Busy)));
    assert_eq!(JournalError::Busy.reply_code(), (452, "4.3.2"));
    gated.pass.send(()).unwrap();
    gated.pass.send(()).unwrap();
    for _ in 0..4 {
        assert_eq!(gated.answered.recv().unwrap(), Ok(()));
    }
}

#[test]
fn more_octets_than_may_wait_are_refused_but_a_large_body_alone_is_not() {
    let gated = Gated::new(&Settings { queue_octets: 1_000, ..settings() });
    // Larger than the bound by itself, but alone.
    gated.occupy();
    gated.submit(message(&gated.journal));
    assert_eq!(gated.answered.try_recv(), Ok(Err(JournalError::Busy)));
    gated.pass.send(()).unwrap();
    assert_eq!(gated.answered.recv().unwrap(), Ok(()));
    gated.occupy();
    gated.pass.send(()).unwrap();
    assert_eq!(gated.answered.recv().unwrap(), Ok(()));
}

#[test]
fn a_body_over_the_bound_is_refused_before_it_waits() {
    let gated = Gated::new(&Settings { max_body_octets: 1_000, ..settings() });
    let large = Submission {
        original: Some(Body::compress(&[b'a'; 1_001])),
        messages: vec![message(&gated.journal)],
        ..Submission::default()
    };
    gated.submit_whole(large);
    let error = JournalError::BodyTooLarge { octets: 1_001, limit: 1_000 };
    assert_eq!(error.reply_code(), (552, "5.3.4"));
    assert_eq!(gated.answered.try_recv(), Ok(Err(error)));
}

#[test]
fn audit_records_over_the_bound_are_counted_on_the_record() {
    let gated = Gated::new(&Settings { audit_records: 3, ..settings() });
    gated.occupy();
    for n in 0..5 {
        gated.journal.append_audit(AuditRecord {
            at: at(n),
            kind: AuditKind::Refused,
            organisation: None,
            queue_id: None,
            reference: None,
            actor: None,
            details: json!({}),
        });
    }
    gated.submit(message(&gated.journal));
    for _ in 0..2 {
        gated.pass.send(()).unwrap();
        assert_eq!(gated.answered.recv().unwrap(), Ok(()));
    }
    let records = gated.journal.audit(&AuditFilter::default(), 0, 100).unwrap();
    let kinds: Vec<_> = records.iter().map(|r| r.record.kind).collect();
    assert_eq!(
        kinds,
        [
            AuditKind::Received,
            AuditKind::Received,
            AuditKind::Refused,
            AuditKind::Refused,
            AuditKind::Refused,
            AuditKind::Lost
        ]
    );
    let lost = &records[5].record;
    assert_eq!((lost.at, &lost.details), (at(4), &json!({ "records": 2 })));
    assert_eq!(gated.journal.statistics().unwrap().audit_lost, 2);
}

#[test]
fn a_caller_that_panics_on_its_answer_harms_nobody_else() {
    let folder = folder();
    let journal = open_on(folder.path(), &settings(), Arc::new(RealDisk)).unwrap();
    let whole = submission(vec![message(&journal)]);
    journal.submit(whole, Box::new(|_| panic!("a fault of the caller's")));
    assert_eq!(submit_one(&journal).1, Ok(()));
}

#[test]
fn closing_answers_everything_first() {
    let gated = Gated::new(&settings());
    gated.occupy();
    for _ in 0..10 {
        gated.submit(message(&gated.journal));
    }
    let Gated { journal, pass, answered, answers, .. } = gated;
    drop((pass, answers));
    drop(journal);
    let all: Vec<Answer> = answered.iter().collect();
    assert_eq!(all, vec![Ok(()); 11]);
}
