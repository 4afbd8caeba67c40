//! A store for the tests of pages: messages in a real journal, the rest in memory.

use std::collections::HashMap;
use std::sync::Mutex;

use sekimori_journal::*;
use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};
use tempfile::TempDir;

/// The store.
pub(crate) struct TestStore {
    journal: EmbeddedJournal,
    accounts: Mutex<Vec<(Account, Credentials)>>,
    sessions: Mutex<HashMap<[u8; 32], Vec<u8>>>,
    requests: Mutex<Vec<Request>>,
    pub(crate) broken: Mutex<bool>,
    _folder: TempDir,
}

impl TestStore {
    pub(crate) fn new() -> Self {
        let folder =
            tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap());
        let settings = Settings { reserve_octets: 0, ..Settings::default() };
        let journal = open(folder.path(), &settings).unwrap();
        Self {
            journal,
            accounts: Mutex::default(),
            sessions: Mutex::default(),
            requests: Mutex::default(),
            broken: Mutex::default(),
            _folder: folder,
        }
    }

    fn whole(&self) -> Result<(), JournalError> {
        if *self.broken.lock().unwrap() {
            return Err(JournalError::Damaged { what: "page 7 of the database".to_owned() });
        }
        Ok(())
    }
}

fn none<T>() -> Result<T, JournalError> {
    Err(JournalError::Misuse("not of the tests of pages"))
}

type Done<T> = Result<T, JournalError>;

impl Journal for TestStore {
    fn allocate(&self) -> Done<(QueueId, ReferenceNumber)> {
        self.journal.allocate()
    }
    fn submit(&self, submission: Submission, done: Completion) {
        self.journal.submit(submission, done);
    }
    fn record(&self, results: Vec<AttemptRecord>, done: Completion) {
        self.journal.record(results, done);
    }
    fn append_audit(&self, record: AuditRecord) {
        self.journal.append_audit(record);
    }
    fn due(&self, now: Timestamp, after: DueCursor, limit: usize) -> Done<Vec<DueMessage>> {
        self.journal.due(now, after, limit)
    }
    fn text(&self, id: QueueId) -> Done<Vec<u8>> {
        self.journal.text(id)
    }
    fn original(&self, id: QueueId) -> Done<Vec<u8>> {
        self.journal.original(id)
    }
    fn message(&self, key: Key) -> Done<Option<StoredMessage>> {
        self.whole()?;
        self.journal.message(key)
    }
    fn list(&self, f: &Filter, c: Option<QueueId>, limit: usize) -> Done<Vec<StoredMessage>> {
        self.journal.list(f, c, limit)
    }
    fn act(
        &self,
        ids: &[QueueId],
        action: Action,
        actor: &Actor,
        now: Timestamp,
    ) -> Done<Vec<ActionResult>> {
        self.journal.act(ids, action, actor, now)
    }
    fn audit(&self, f: &AuditFilter, after: u64, limit: usize) -> Done<Vec<StoredAudit>> {
        self.journal.audit(f, after, limit)
    }
    fn audit_entries(&self, f: &AuditFilter, after: u64, limit: usize) -> Done<Vec<AuditEntry>> {
        self.journal.audit_entries(f, after, limit)
    }
    fn checkpoint(&self, now: Timestamp) -> Done<u64> {
        self.journal.checkpoint(now)
    }
    fn checkpoints(
        &self,
        scope: &AuditScope,
        after: u64,
        limit: usize,
    ) -> Done<Vec<StoredCheckpoint>> {
        self.journal.checkpoints(scope, after, limit)
    }
    fn verify_audit(
        &self,
        public: Option<AuditPublicKey>,
        checkpoints: &mut chain::merge::CheckpointSource<'_>,
    ) -> Done<Verification> {
        self.journal.verify_audit(public, checkpoints)
    }
    fn audit_public_key(&self) -> Done<AuditPublicKey> {
        self.journal.audit_public_key()
    }
    fn followed(&self, follower: Follower) -> Done<u64> {
        self.journal.followed(follower)
    }
    fn set_followed(&self, follower: Follower, position: u64) -> Done<()> {
        self.journal.set_followed(follower, position)
    }
    fn expire(&self, now: Timestamp, retention: &Retention) -> Done<Expired> {
        self.journal.expire(now, retention)
    }
    fn compact(&self, budget: u64) -> Done<Compacted> {
        self.journal.compact(budget)
    }
    fn statistics(&self) -> Done<Statistics> {
        self.journal.statistics()
    }
    fn change_count(&self) -> Done<u64> {
        self.journal.change_count()
    }
}

impl Register for TestStore {
    fn accounts(&self, _: Option<&[String]>) -> Done<Vec<Account>> {
        none()
    }
    fn account(&self, id: AccountId) -> Done<Option<Account>> {
        let all = self.accounts.lock().unwrap();
        Ok(all.iter().find(|(a, _)| a.id == id).map(|(a, _)| a.clone()))
    }
    fn account_by_login(&self, login: &str) -> Done<Option<Account>> {
        let all = self.accounts.lock().unwrap();
        Ok(all.iter().find(|(a, _)| a.login == login).map(|(a, _)| a.clone()))
    }
    fn account_by_subject(&self, _: &str, _: &str) -> Done<Option<Account>> {
        none()
    }
    fn add_account(&self, new: &NewAccount, _: &Actor, now: Timestamp) -> Done<AccountId> {
        let mut all = self.accounts.lock().unwrap();
        let id = AccountId(i64::try_from(all.len()).unwrap() + 1);
        let new = new.clone();
        let account = Account {
            id,
            login: new.login,
            name: new.name,
            organisation: new.organisation,
            addresses: new.addresses,
            grants: new.grants,
            operator: new.operator,
            valid_from: new.valid_from,
            valid_until: new.valid_until,
            disabled: false,
            language: new.language,
            created_at: now,
            version: 1,
            has_second_factor: false,
            has_password: false,
            locked_until: None,
            last_sign_in: None,
        };
        all.push((account, Credentials::default()));
        Ok(id)
    }
    fn change_account(&self, _: AccountId, _: &AccountChange, _: &Actor, _: Timestamp) -> Done<()> {
        none()
    }
    fn credentials(&self, id: AccountId) -> Done<Credentials> {
        let all = self.accounts.lock().unwrap();
        Ok(all.iter().find(|(a, _)| a.id == id).unwrap().1.clone())
    }
    fn set_credentials(
        &self,
        id: AccountId,
        new: &Credentials,
        _: &Actor,
        _: Timestamp,
    ) -> Done<()> {
        let mut all = self.accounts.lock().unwrap();
        let (account, credentials) = all.iter_mut().find(|(a, _)| a.id == id).unwrap();
        account.version += 1;
        *credentials = new.clone();
        Ok(())
    }
    fn note_sign_in(
        &self,
        _: AccountId,
        _: SignInOutcome,
        _: Option<i64>,
        _: &Actor,
        _: Timestamp,
    ) -> Done<bool> {
        Ok(true)
    }
    fn save_session(&self, key: &[u8; 32], data: &[u8], _: Timestamp) -> Done<()> {
        self.sessions.lock().unwrap().insert(*key, data.to_owned());
        Ok(())
    }
    fn session(&self, key: &[u8; 32], _: Timestamp) -> Done<Option<Vec<u8>>> {
        Ok(self.sessions.lock().unwrap().get(key).cloned())
    }
    fn delete_session(&self, key: &[u8; 32]) -> Done<()> {
        self.sessions.lock().unwrap().remove(key);
        Ok(())
    }
    fn tidy(&self, _: Timestamp) -> Done<u64> {
        none()
    }
    fn add_token(&self, _: &NewToken, _: &Actor, _: Timestamp) -> Done<TokenId> {
        none()
    }
    fn token_by_hash(&self, _: &[u8; 32]) -> Done<Option<Token>> {
        none()
    }
    fn tokens(&self, _: AccountId) -> Done<Vec<Token>> {
        none()
    }
    fn revoke_token(&self, _: TokenId, _: &Actor, _: Timestamp) -> Done<bool> {
        none()
    }
    fn add_request(&self, new: &NewRequest, actor: &Actor, now: Timestamp) -> Done<RequestId> {
        let message = self.journal.message(Key::QueueId(new.queue_id))?.unwrap();
        let mut all = self.requests.lock().unwrap();
        let id = RequestId(i64::try_from(all.len()).unwrap() + 1);
        let new = new.clone();
        all.push(Request {
            id,
            queue_id: new.queue_id,
            reference: message.reference,
            organisation: message.organisation,
            subject: message.summary.subject,
            wanted: new.wanted,
            recipients: new.recipients,
            way: new.way,
            requester: actor.account.unwrap(),
            requester_name: actor.name.clone(),
            reason: new.reason,
            state: RequestState::Open,
            created_at: now,
            decided_by: None,
            decided_by_name: None,
            decided_at: None,
            decision_reason: None,
            usable_until: None,
            downloads: 0,
        });
        Ok(id)
    }
    fn request(&self, id: RequestId) -> Done<Option<Request>> {
        Ok(self.requests.lock().unwrap().iter().find(|r| r.id == id).cloned())
    }
    fn requests(
        &self,
        f: &RequestFilter,
        _: Option<RequestId>,
        limit: usize,
    ) -> Done<Vec<Request>> {
        let matches = |r: &&Request| {
            f.organisations.contains(&r.organisation)
                && (f.states.is_empty() || f.states.contains(&r.state))
                && f.requester.is_none_or(|id| r.requester == id)
                && f.queue_id.is_none_or(|id| r.queue_id == id)
        };
        Ok(self
            .requests
            .lock()
            .unwrap()
            .iter()
            .rev()
            .filter(matches)
            .take(limit)
            .cloned()
            .collect())
    }
    fn decide(
        &self,
        id: RequestId,
        verdict: &Verdict,
        actor: &Actor,
        now: Timestamp,
    ) -> Done<Decided> {
        let mut all = self.requests.lock().unwrap();
        let request = all.iter_mut().find(|r| r.id == id).unwrap();
        request.state = match verdict {
            Verdict::Approve { usable_until, .. } => {
                request.usable_until = Some(*usable_until);
                if request.wanted == Wanted::Text {
                    let action = Action::Release { recipients: None };
                    self.journal.act(&[request.queue_id], action, actor, now)?;
                }
                RequestState::Approved
            }
            Verdict::Reject => RequestState::Rejected,
            Verdict::Return => RequestState::Returned,
        };
        request.decided_by_name = Some(actor.name.clone());
        request.decided_at = Some(now);
        Ok(Decided::Done)
    }
    fn amend(&self, id: RequestId, reason: Option<&str>, _: &Actor, _: Timestamp) -> Done<Decided> {
        let mut all = self.requests.lock().unwrap();
        let request = all.iter_mut().find(|r| r.id == id).unwrap();
        request.state = if reason.is_some() { RequestState::Open } else { RequestState::Withdrawn };
        Ok(Decided::Done)
    }
    fn note_download(&self, _: RequestId, _: &Wanted, _: &Actor, _: Timestamp) -> Done<bool> {
        Ok(true)
    }
    fn note_look(&self, _: QueueId, _: &Actor, _: Timestamp) -> Done<()> {
        Ok(())
    }
    fn add_exception(&self, _: &NewException, _: &Actor, _: Timestamp) -> Done<ExceptionId> {
        none()
    }
    fn exceptions(&self, _: Option<&[String]>) -> Done<Vec<StoredException>> {
        none()
    }
    fn decide_exception(
        &self,
        _: ExceptionId,
        _: ExceptionState,
        _: &Actor,
        _: Timestamp,
    ) -> Done<Decided> {
        none()
    }
    fn due_hand_overs(&self, _: Timestamp, _: usize) -> Done<Vec<HandOver>> {
        none()
    }
    fn hand_overs(&self, _: RequestId) -> Done<Vec<HandOver>> {
        Ok(Vec::new())
    }
    fn record_hand_over(&self, _: HandOverId, _: &HandOverResult, _: Timestamp) -> Done<()> {
        none()
    }
    fn search(&self, search: &Search, cursor: Option<QueueId>, limit: usize) -> Done<Hits> {
        self.whole()?;
        let filter =
            Filter { states: search.states.clone(), order: search.order, ..Filter::default() };
        let all = self.journal.list(&filter, None, 1_000)?;
        let matches = |m: &&StoredMessage| {
            search.organisations.contains(&m.organisation)
                && search.text.as_ref().is_none_or(|t| m.summary.subject.contains(t.as_str()))
        };
        let found: Vec<&StoredMessage> = all.iter().filter(matches).collect();
        let listed = |m: &&StoredMessage| Listed {
            queue_id: m.queue_id,
            reference: m.reference,
            state: m.state,
            organisation: m.organisation.clone(),
            received_at: m.received_at,
            keep_until: m.keep_until,
            from: m.summary.from.clone(),
            sender: m.envelope.sender.as_str().to_owned(),
            subject: m.summary.subject.clone(),
            size: m.size,
            recipients: m.envelope.recipients.iter().take(3).cloned().collect(),
            recipient_count: u32::try_from(m.envelope.recipients.len()).unwrap(),
            removed_count: u32::try_from(m.removed.len()).unwrap(),
            codes: m.decisions.iter().map(|d| d.code).collect(),
            requested: false,
        };
        let after =
            cursor.and_then(|id| found.iter().position(|m| m.queue_id == id)).map_or(0, |p| p + 1);
        let messages: Vec<Listed> = found.iter().skip(after).take(limit).map(listed).collect();
        let next = messages.last().map(|m| m.queue_id).filter(|_| after + limit < found.len());
        Ok(Hits { messages, next, count: Count::Exactly(u64::try_from(found.len()).unwrap()) })
    }
    fn search_ids(&self, search: &Search, limit: usize) -> Done<Vec<QueueId>> {
        Ok(self.search(search, None, limit)?.messages.iter().map(|m| m.queue_id).collect())
    }
    fn index_messages(&self, _: usize) -> Done<usize> {
        none()
    }
}
