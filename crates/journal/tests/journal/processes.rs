//! Several processes on one store, and processes that are killed.
//!
//! The other process is this test program again, told by an environment variable to be one of the
//! children below.

use std::collections::HashSet;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use sekimori_journal::{Action, Filter, Journal, JournalError, State, open_for_actions};
use sekimori_policy::QueueId;

use crate::embedded::{open, settings};
use crate::fixtures::{
    actor, at, audit_of, due, listed, message, original_of, state, store, submission, text_of,
};

const FOLDER: &str = "SEKIMORI_JOURNAL_TEST_FOLDER";

/// Starts this program again as one of the children below.
fn child(name: &str, folder: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("processes::{name}")])
        .args(["--ignored", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn given_folder() -> Option<std::path::PathBuf> {
    env::var_os(FOLDER).map(Into::into)
}

/// Lines that a child prints for its parent begin with this.
const MARK: &str = "@ ";

#[test]
#[ignore = "a child of an_acknowledged_message_survives_a_kill"]
fn child_that_submits_for_ever() {
    let Some(folder) = given_folder() else { return };
    let journal = open(&folder);
    let output = Mutex::new(std::io::stdout());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let id = store(&journal, message(&journal));
                    let mut output = output.lock().unwrap();
                    writeln!(output, "{MARK}{id}").unwrap();
                    output.flush().unwrap();
                }
            });
        }
    });
}

#[test]
fn an_acknowledged_message_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::<QueueId>::new();
    for _ in 0..4 {
        let mut child = child("child_that_submits_for_ever", folder.path());
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let mut killed = false;
        let mut seen = 0;
        // What the child printed before it died counts too.
        while output.read_line(&mut line).unwrap() > 0 {
            if let Some(id) = line.trim_end().strip_prefix(MARK) {
                acknowledged.insert(id.parse().unwrap());
                seen += 1;
            }
            if seen == 25 && !killed {
                child.kill().unwrap();
                killed = true;
            }
            line.clear();
        }
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        let journal = open(folder.path());
        let there = listed(&journal, &Filter::default());
        for id in &there {
            assert_eq!(journal.text(*id).unwrap(), text_of(*id));
            assert_eq!(journal.original(*id).unwrap(), original_of(*id));
            assert_eq!(audit_of(&journal, *id).len(), 1);
        }
        let there: HashSet<_> = there.into_iter().collect();
        assert!(acknowledged.is_subset(&there));
    }
    assert!(acknowledged.len() >= 100);
}

#[test]
#[ignore = "a child of another_process_acts_while_the_relay_runs"]
fn child_that_holds_everything() {
    let Some(folder) = given_folder() else { return };
    let journal = open_for_actions(&folder, &settings()).unwrap();
    let ids = listed(&journal, &Filter::default());
    for id in ids {
        journal.act(&[id], Action::Hold, &actor(), at(1)).unwrap();
    }
}

#[test]
fn another_process_acts_while_the_relay_runs() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let ids: Vec<_> = (0..30).map(|_| store(&journal, message(&journal))).collect();
    let before = journal.change_count().unwrap();
    let mut child = child("child_that_holds_everything", folder.path());
    let mut meanwhile = 0;
    while child.try_wait().unwrap().is_none() {
        store(&journal, message(&journal));
        meanwhile += 1;
    }
    assert!(child.wait().unwrap().success());
    assert!(meanwhile > 0);
    assert!(ids.iter().all(|&id| state(&journal, id) == State::Held));
    assert!(journal.change_count().unwrap() >= before + 30);
    let held = Filter { states: vec![State::Held], ..Filter::default() };
    let held = listed(&journal, &held);
    let due: Vec<_> = due(&journal, 1).iter().map(|m| m.queue_id).collect();
    assert_eq!(held.len() + due.len(), 30 + meanwhile);
    assert!(due.iter().all(|id| !held.contains(id)));
}

#[test]
fn a_second_relay_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let path = folder.path().to_owned();
    let second = sekimori_journal::open(&path, &settings()).unwrap_err();
    assert_eq!(second, JournalError::InUse { path: path.clone() });
    assert!(second.to_string().contains("in use by another"));
    drop(first);
    drop(open(&path));
}

#[test]
fn opened_for_actions_nothing_can_be_submitted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    assert_eq!(
        open_for_actions(&path, &settings()).unwrap_err(),
        JournalError::NoJournal { path: path.clone() }
    );
    drop(open(&path));
    let journal = open_for_actions(&path, &settings()).unwrap();
    let refused = crate::fixtures::submit(&journal, submission(vec![message(&journal)]));
    assert_eq!(refused, Err(JournalError::NotWriting));
    assert_eq!(journal.compact(0), Err(JournalError::NotWriting));
}
