//! Messages to store, and calls that wait for their answer.

use std::sync::mpsc::sync_channel;

use sekimori_journal::{
    Actor, AttemptRecord, AttemptResult, AuditFilter, AuditRecord, Body, ClientRecord, Completion,
    DueCursor, DueMessage, Filter, Journal, JournalError, NewMessage, Route, State, StoredMessage,
    Submission, Summary,
};
use sekimori_policy::{
    Address, Code, Decisions, Envelope, Outcome, QueueId, RemovedPart, ReversePath, Timestamp,
};

/// 2026-09-21 17:00:00 in Japan.
const START: i64 = 1_789_977_600_000;

/// So many seconds after the tests' own beginning of time.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::japanese_time(START + seconds * 1_000)
}

/// A folder in memory where there is one, for tests that sync thousands of times.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// A message to 山北町 with one recipient, received at [`at`]`(0)` and kept for a day.
pub(crate) fn message(journal: &dyn Journal) -> NewMessage {
    let (queue_id, reference) = journal.allocate().unwrap();
    let mut decisions = Decisions::new();
    decisions.add_detailed(Code::CharsetGuessed, "iso-2022-jp");
    NewMessage {
        queue_id,
        reference,
        route: Route::Forward,
        organisation: "山北町".to_owned(),
        envelope: Envelope {
            sender: ReversePath(Some(address("info@pref.example.jp"))),
            recipients: vec![address("soumu@town.example.lg.jp")],
        },
        received_at: at(0),
        keep_until: at(86_400),
        client: ClientRecord {
            address: "192.0.2.1".to_owned(),
            helo: "mx.pref.example.jp".to_owned(),
            protocol: "ESMTP".to_owned(),
            ..ClientRecord::default()
        },
        outcome: Outcome::Deliver,
        summary: Summary {
            from: "県 <info@pref.example.jp>".to_owned(),
            subject: "会議の件".to_owned(),
            message_id: Some("1@pref.example.jp".to_owned()),
            date: Some(at(-60)),
        },
        size: 1_000,
        text: Body::compress(&text_of(queue_id)),
        decisions,
        removed: vec![RemovedPart {
            section: "2".to_owned(),
            name: "見積書.xlsm".to_owned(),
            declared_type: "application/vnd.ms-excel".to_owned(),
            detected_type: "application/zip".to_owned(),
            size: 48_213,
            sha256: "0".repeat(64),
            reason: Code::AttachmentRemoved,
        }],
    }
}

/// The text that [`message`] gives a message.
pub(crate) fn text_of(id: QueueId) -> Vec<u8> {
    format!("本文 {id}\r\n").repeat(20).into_bytes()
}

/// The original that [`submission`] gives a message: 1,200 octets that do not compress.
pub(crate) fn original_of(id: QueueId) -> Vec<u8> {
    let mut state = id.0;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(1_200).collect()
}

/// A submission of messages that share the first one's original.
pub(crate) fn submission(messages: Vec<NewMessage>) -> Submission {
    Submission {
        original: Some(Body::compress(&original_of(messages[0].queue_id))),
        messages,
        ..Submission::default()
    }
}

/// Makes a call and waits for its answer.
pub(crate) fn wait(call: impl FnOnce(Completion)) -> Result<(), JournalError> {
    let (answer, answered) = sync_channel(1);
    call(Box::new(move |result| answer.send(result).unwrap()));
    answered.recv().unwrap()
}

pub(crate) fn submit(journal: &dyn Journal, submission: Submission) -> Result<(), JournalError> {
    wait(|done| journal.submit(submission, done))
}

/// Stores one message with its original, and gives its id.
pub(crate) fn store(journal: &dyn Journal, message: NewMessage) -> QueueId {
    let id = message.queue_id;
    submit(journal, submission(vec![message])).unwrap();
    id
}

pub(crate) fn record(
    journal: &dyn Journal,
    results: Vec<AttemptRecord>,
) -> Result<(), JournalError> {
    wait(|done| journal.record(results, done))
}

/// A result for one recipient.
pub(crate) fn attempt(
    queue_id: QueueId,
    recipient: u32,
    seconds: i64,
    result: AttemptResult,
) -> AttemptRecord {
    AttemptRecord {
        queue_id,
        recipient,
        at: at(seconds),
        result,
        reply: "250 2.0.0 Ok".to_owned(),
        hop: "mail.lgwan.example:25".to_owned(),
    }
}

/// Stores one message and delivers it.
pub(crate) fn store_delivered(journal: &dyn Journal, message: NewMessage) -> QueueId {
    let id = store(journal, message);
    record(journal, vec![attempt(id, 0, 1, AttemptResult::Delivered)]).unwrap();
    id
}

pub(crate) fn stored(journal: &dyn Journal, id: QueueId) -> StoredMessage {
    journal.message(id.into()).unwrap().unwrap()
}

pub(crate) fn state(journal: &dyn Journal, id: QueueId) -> State {
    stored(journal, id).state
}

pub(crate) fn due(journal: &dyn Journal, seconds: i64) -> Vec<DueMessage> {
    journal.due(at(seconds), DueCursor::default(), 1_000).unwrap()
}

pub(crate) fn due_ids(journal: &dyn Journal, seconds: i64) -> Vec<QueueId> {
    due(journal, seconds).iter().map(|m| m.queue_id).collect()
}

/// Every message that a filter has, page by page.
pub(crate) fn listed(journal: &dyn Journal, filter: &Filter) -> Vec<QueueId> {
    let mut ids = Vec::new();
    loop {
        let page = journal.list(filter, ids.last().copied(), 1_000).unwrap();
        if page.is_empty() {
            return ids;
        }
        ids.extend(page.iter().map(|m| m.queue_id));
    }
}

pub(crate) fn actor() -> Actor {
    Actor::named("佐藤", "本人の依頼")
}

/// Every audit record.
pub(crate) fn audit(journal: &dyn Journal) -> Vec<AuditRecord> {
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let page = journal.audit(&AuditFilter::default(), after, 1_000).unwrap();
        let Some(last) = page.last() else { return all };
        after = last.sequence;
        all.extend(page.into_iter().map(|stored| stored.record));
        assert_eq!(after, all.len() as u64, "no gap in the sequence");
    }
}

/// The audit records on one message.
pub(crate) fn audit_of(journal: &dyn Journal, id: QueueId) -> Vec<AuditRecord> {
    let mut all = audit(journal);
    all.retain(|record| record.queue_id == Some(id));
    all
}
