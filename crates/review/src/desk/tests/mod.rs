//! The desk over a real journal, with two towns and people of every role.

mod accounts;
mod deciding;
mod organisation;
mod reporting;
mod rights;
mod signing_in;

use std::cell::Cell;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, RwLock};

use sekimori_journal::{
    AccountId, Body, ClientRecord, EmbeddedJournal, Grant, Journal, NewAccount, NewMessage, Role,
    Route, Settings, Submission, Summary,
};
use sekimori_policy::{
    Address, Domain, Envelope, Limits, Organisation, Outcome, QueueId, ReversePath, Timestamp,
};
use sekimori_sanitize::{Context, sanitize};

use super::*;

const MINE: &str = "山北町";
const THEIRS: &str = "開成町";
const PASSWORD: &str = "関所の門は日没の後に閉まる";

thread_local! {
    /// Seconds since the tests' own beginning of time.
    static SECONDS: Cell<i64> = const { Cell::new(0) };
}

fn clock() -> Timestamp {
    Timestamp::japanese_time(1_789_977_600_000 + SECONDS.get() * 1_000)
}

fn wait(seconds: i64) {
    SECONDS.set(SECONDS.get() + seconds);
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

const MAIL: &str = "From: =?UTF-8?B?55yM?= <info@pref.example.jp>\r\n\
    To: soumu@town.yamakita.example.jp\r\nSubject: kaigi\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhonbun\r\n--b\r\n\
    Content-Type: application/vnd.ms-excel; name=a.xlsm\r\n\
    Content-Disposition: attachment; filename=a.xlsm\r\nContent-Transfer-Encoding: base64\r\n\r\n\
    UEsDBGdlbmhvbg==\r\n--b--\r\n";

struct Town {
    desk: Desk,
    journal: Arc<EmbeddedJournal>,
    _folder: tempfile::TempDir,
}

impl Town {
    fn new() -> Self {
        Self::with(DeskSettings::default())
    }

    fn with(settings: DeskSettings) -> Self {
        SECONDS.set(0);
        let folder =
            tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap());
        let bounds = Settings { reserve_octets: 0, ..Settings::default() };
        let journal = Arc::new(sekimori_journal::open(folder.path(), &bounds).unwrap());
        let organisations = [(MINE, "yamakita"), (THEIRS, "kaisei")].map(|(name, label)| {
            let domain = Domain::parse(&format!("town.{label}.example.jp")).unwrap();
            Arc::new(Organisation::new(name, vec![domain]))
        });
        let organisations = Arc::new(RwLock::new(organisations.to_vec()));
        let desk = Desk::new(journal.clone(), organisations, settings, clock);
        Self { desk, journal, _folder: folder }
    }

    /// Stores a held message for some recipients.
    fn message(&self, organisation: &str, recipients: &[&str]) -> QueueId {
        let (queue_id, reference) = self.journal.allocate().unwrap();
        let envelope = Envelope {
            sender: ReversePath(Some(address("info@pref.example.jp"))),
            recipients: recipients.iter().map(|r| address(r)).collect(),
        };
        let sanitized = sanitize(
            MAIL.as_bytes(),
            &Context {
                queue_id,
                reference,
                received_at: clock(),
                keep_until: clock().plus_days(30),
                envelope: &envelope,
                host: "gate.example.jp",
                protocol: "ESMTP",
                organisation: &Organisation::new(organisation, Vec::new()),
                exceptions: &[],
                may_refuse: true,
                limits: &Limits::default(),
                stop: &|| false,
            },
        );
        let message = NewMessage {
            queue_id,
            reference,
            route: Route::Forward,
            organisation: organisation.to_owned(),
            envelope,
            received_at: clock(),
            keep_until: clock().plus_days(30),
            client: ClientRecord::default(),
            outcome: Outcome::Hold,
            summary: Summary { subject: "kaigi".to_owned(), ..Summary::default() },
            size: MAIL.len() as u64,
            text: Body::compress(&sanitized.message),
            decisions: sanitized.decisions,
            removed: sanitized.removed,
        };
        let submission = Submission {
            original: Some(Body::compress(MAIL.as_bytes())),
            messages: vec![message],
            ..Submission::default()
        };
        let (answer, answered) = sync_channel(1);
        self.journal.submit(submission, Box::new(move |result| drop(answer.send(result))));
        answered.recv().unwrap().unwrap();
        queue_id
    }

    fn account(&self, login: &str, organisation: &str, roles: &[Role]) -> AccountId {
        let grants = roles.iter().map(|&role| Grant {
            organisation: organisation.to_owned(),
            role,
            from: None,
            until: None,
        });
        let new = NewAccount {
            login: login.to_owned(),
            name: login.to_owned(),
            organisation: Some(organisation.to_owned()),
            addresses: vec![address(&format!("{login}@town.yamakita.example.jp"))],
            grants: grants.collect(),
            ..NewAccount::default()
        };
        self.desk.add_account(&Person::machine("root", clock()), &new).unwrap()
    }

    /// A person with roles in an organisation, who has signed in.
    fn person(&self, login: &str, organisation: &str, roles: &[Role]) -> Person {
        let id = self.account(login, organisation, roles);
        self.signed_in(id)
    }

    fn signed_in(&self, id: AccountId) -> Person {
        let account = self.journal_account(id);
        self.desk.session_person(id, account.version, Origin::CommandLine).unwrap().unwrap()
    }

    fn journal_account(&self, id: AccountId) -> sekimori_journal::Account {
        self.desk.register().account(id).unwrap().unwrap()
    }

    fn kinds(&self, person: &Person, id: QueueId) -> Vec<AuditKind> {
        let timeline = self.desk.timeline(person, id).unwrap();
        timeline.into_iter().map(|stored| stored.record.kind).collect()
    }
}
