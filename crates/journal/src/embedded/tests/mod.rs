//! Tests that stop the engine, or its disk, at each step of the order of writes.

mod audit;
mod backup;
mod crash;
mod faults;
mod gates;
mod index;
mod recovery;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use rusqlite::Connection;
use sekimori_policy::{Address, Decisions, Envelope, Outcome, QueueId, ReversePath, Timestamp};
use tempfile::TempDir;

use super::EmbeddedJournal;
use super::connection::{Purpose, connect};
use super::disk::Disk;
use super::opening::open_on;
use crate::{
    AttemptRecord, AttemptResult, Body, ClientRecord, Completion, Journal, JournalError,
    NewMessage, Route, Settings, Submission, Summary,
};

/// Small segments, so that every test goes through several.
fn settings() -> Settings {
    Settings { segment_octets: 4 * 1024, reserve_octets: 0, ..Settings::default() }
}

/// A folder in memory where there is one, since these tests sync thousands of times.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

fn open_with(path: &Path, disk: Arc<dyn Disk>) -> EmbeddedJournal {
    open_on(path, &settings(), disk).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::japanese_time(1_789_977_600_000 + seconds * 1_000)
}

/// A text of some 700 octets that does not compress.
fn text_of(id: QueueId) -> Vec<u8> {
    noise(id.0, 700)
}

fn original_of(id: QueueId) -> Vec<u8> {
    noise(id.0 + 1_000_000, 900)
}

fn noise(seed: u64, octets: usize) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(octets).collect()
}

fn message(journal: &dyn Journal) -> NewMessage {
    let (queue_id, reference) = journal.allocate().unwrap();
    NewMessage {
        queue_id,
        reference,
        route: Route::Forward,
        organisation: "山北町".to_owned(),
        envelope: Envelope {
            sender: ReversePath::NULL,
            recipients: vec![Address::parse("soumu@town.example.lg.jp").unwrap()],
        },
        received_at: at(0),
        keep_until: at(10),
        client: ClientRecord::default(),
        outcome: Outcome::Deliver,
        summary: Summary::default(),
        size: 1_000,
        text: Body::compress(&text_of(queue_id)),
        decisions: Decisions::new(),
        removed: Vec::new(),
    }
}

/// A submission whose messages share the first one's original.
fn submission(messages: Vec<NewMessage>) -> Submission {
    Submission {
        original: Some(Body::compress(&original_of(messages[0].queue_id))),
        messages,
        ..Submission::default()
    }
}

fn wait(call: impl FnOnce(Completion)) -> Result<(), JournalError> {
    let (answer, answered) = sync_channel(1);
    call(Box::new(move |result| answer.send(result).unwrap()));
    answered.recv().unwrap()
}

/// Submits one message with an original; its id and the answer.
fn submit_one(journal: &dyn Journal) -> (QueueId, Result<(), JournalError>) {
    let message = message(journal);
    let id = message.queue_id;
    let whole = submission(vec![message]);
    (id, wait(|done| journal.submit(whole, done)))
}

fn delivered(id: QueueId) -> AttemptRecord {
    AttemptRecord {
        queue_id: id,
        recipient: 0,
        at: at(1),
        result: AttemptResult::Delivered,
        reply: String::new(),
        hop: String::new(),
    }
}

fn deliver(journal: &dyn Journal, id: QueueId) -> Result<(), JournalError> {
    wait(|done| journal.record(vec![delivered(id)], done))
}

/// Whether a message is there. When it is, both its bodies must be whole.
fn is_whole(journal: &dyn Journal, id: QueueId) -> bool {
    let Some(message) = journal.message(id.into()).unwrap() else {
        assert_eq!(journal.text(id), Err(JournalError::UnknownMessage(id)));
        return false;
    };
    assert_eq!(message.recipients.len(), 1);
    assert_eq!(journal.text(id).unwrap(), text_of(id));
    assert!(!journal.original(id).unwrap().is_empty());
    true
}

/// Counts everything anew and compares with the sums that the store keeps.
fn check_sums(path: &Path) {
    let connection = connect(path, Purpose::Reading).unwrap();
    let wrong = |sql: &str| -> i64 { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    let tallies = "SELECT count(*) FROM tally WHERE
        messages <> (SELECT count(*) FROM message WHERE message.state = tally.state) OR
        octets <> (SELECT coalesce(sum(size), 0) FROM message WHERE message.state = tally.state)";
    assert_eq!(wrong(tallies), 0, "tallies");
    let live = "SELECT count(*) FROM segment WHERE live <>
        (SELECT coalesce(sum(text_length), 0) FROM message WHERE text_segment = number) +
        (SELECT coalesce(sum(original_share), 0) FROM message WHERE original_segment = number)";
    assert_eq!(wrong(live), 0, "live octets");
    let stray = "SELECT count(*) FROM recipient WHERE message NOT IN (SELECT id FROM message)";
    assert_eq!(wrong(stray), 0, "stray recipients");
    let unrecorded = "SELECT count(*) FROM message WHERE id NOT IN
        (SELECT queue_id FROM audit WHERE kind = 'received')";
    assert_eq!(wrong(unrecorded), 0, "messages without a record of receipt");
    let gaps = "SELECT count(*) FROM (SELECT max(number) AS newest, count(*) AS records,
        max(sequence) AS last, organisation FROM audit GROUP BY organisation) AS own
        WHERE newest <> records OR NOT EXISTS (SELECT 1 FROM chain
            WHERE chain.organisation = coalesce(own.organisation, 0) AND number = newest
                AND sequence = last)";
    assert_eq!(wrong(gaps), 0, "chains with gaps, or with a head elsewhere");
}

/// Copies a journal's folder as a power cut would leave it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join(super::segment::FOLDER)).unwrap();
    for folder in [PathBuf::new(), PathBuf::from(super::segment::FOLDER)] {
        for entry in std::fs::read_dir(from.join(&folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap();
            // The index of the log is memory shared between processes: no power cut leaves one.
            if path.is_file() && !name.as_encoded_bytes().ends_with(b"-shm") {
                std::fs::copy(&path, to.join(&folder).join(name)).unwrap();
            }
        }
    }
}

/// Runs a query on a journal's database.
fn query(path: &Path, sql: &str) -> i64 {
    let connection: Connection = connect(path, Purpose::Reading).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}
