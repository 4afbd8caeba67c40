//! Messages put into a journal as if they had been received some time ago, for what takes hours or
//! days in life.

use std::path::Path;
use std::sync::mpsc::channel;
use std::time::{Duration, SystemTime};

use sekimori_journal::{
    Body, ClientRecord, Journal, NewMessage, Route, Settings, Submission, Summary,
};
use sekimori_policy::{
    Address, Decisions, Envelope, Organisation, Outcome, QueueId, ReversePath, Timestamp,
};

use super::run::finish;
use super::{PATIENCE, gateway};

/// The time now, in the journal's terms.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::japanese_time(i64::try_from(since.as_millis()).unwrap())
}

/// A queued message that was received some time ago.
#[derive(Debug, Clone)]
pub(crate) struct Stored<'a> {
    pub(crate) sender: &'a str,
    pub(crate) recipient: &'a str,
    pub(crate) route: Route,
    pub(crate) ago: Duration,
}

/// Puts a message for the next hop into the journal of a gateway that does not run.
pub(crate) fn store(folder: &Path, sender: &str, recipient: &str, ago: Duration) -> QueueId {
    store_all(folder, &[Stored { sender, recipient, route: Route::Forward, ago }]).remove(0)
}

/// Puts messages into the journal of a gateway that does not run, at most a thousand.
pub(crate) fn store_all(folder: &Path, messages: &[Stored<'_>]) -> Vec<QueueId> {
    let settings = Settings { reserve_octets: 1024 * 1024, ..Settings::default() };
    let journal = sekimori_journal::open(&folder.join("journal"), &settings).unwrap();
    let mail = "From: <a@example.jp>\r\nSubject: stored\r\n\r\nThe text.\r\n";
    let text = finish(gateway::sekimori().arg("sanitize"), mail.as_bytes()).good().out;
    let text = Body::compress(&text);
    let messages: Vec<NewMessage> =
        messages.iter().map(|message| message.queued(&journal, text.clone())).collect();
    let ids = messages.iter().map(|message| message.queue_id).collect();
    let original = Some(Body::compress(mail.as_bytes()));
    let submission = Submission { original, messages, ..Submission::default() };
    let (done, answer) = channel();
    journal.submit(submission, Box::new(move |result| drop(done.send(result))));
    answer.recv_timeout(PATIENCE).unwrap().unwrap();
    ids
}

/// Changes one record of the audit record of a gateway that does not run, behind the journal's back.
pub(crate) fn change_audit(journal: &Path) {
    const SCRIPT: &str = "import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute('DROP TRIGGER audit_is_never_changed')
database.execute(\"UPDATE audit SET details = '{}' WHERE sequence = 2\")
database.commit()";
    let database = journal.join("journal.db");
    let mut python = std::process::Command::new("python3");
    finish(python.args(["-c", SCRIPT]).arg(database), b"").good();
}

impl Stored<'_> {
    fn queued(&self, journal: &impl Journal, text: Body) -> NewMessage {
        let (queue_id, reference) = journal.allocate().unwrap();
        let ago = i64::try_from(self.ago.as_millis()).unwrap();
        let received_at = Timestamp::japanese_time(now().unix_millis() - ago);
        NewMessage {
            queue_id,
            reference,
            route: self.route,
            organisation: "山北町".to_owned(),
            envelope: Envelope {
                sender: ReversePath(Some(Address::parse(self.sender).unwrap())),
                recipients: vec![Address::parse(self.recipient).unwrap()],
            },
            received_at,
            keep_until: received_at.plus_days(Organisation::DEFAULT_RETENTION_DAYS),
            client: ClientRecord::default(),
            outcome: Outcome::Deliver,
            summary: Summary::default(),
            size: 1,
            text,
            decisions: Decisions::new(),
            removed: Vec::new(),
        }
    }
}
