//! The one thread that writes messages.
//!
//! A batch is whatever waits when the writer is free, up to the settings' bounds: while one batch is
//! being synced the next gathers, so batches grow with the load. Each call may wait for so long for
//! others to go with: a lone message not at all, a result of a delivery, which nobody waits for, for
//! some milliseconds. The most impatient call of a batch decides.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::append::Appender;
use super::batch::{append, apply, is_one_commands_fault, write_extent};
use super::chains::KeyResult;
use super::database::{Database, Failure};
use super::insert::insert_audit;
use super::prepared::PreparedAudit;
use super::sums::Sums;
use super::waiting::{Command, Waiting, Work};
use crate::{Completion, JournalError, Settings};

/// Longest that an audit record of no message waits for a batch to go with.
const AUDIT_DELAY: Duration = Duration::from_secs(1);
/// Pages of 4 KiB in the write-ahead log after which they are copied to the database. Done after a
/// batch has been answered, so that no answer waits for it.
const CHECKPOINT_PAGES: usize = 4_000;

/// The callers' side of the writer. Dropping it waits until everything handed in is answered.
#[derive(Debug)]
pub(super) struct WriterHandle {
    commands: Option<SyncSender<Command>>,
    thread: Option<JoinHandle<()>>,
    waiting: Arc<Waiting>,
}

impl WriterHandle {
    /// Starts the writer.
    pub(super) fn start(
        database: Database,
        appender: Appender,
        key: KeyResult,
        settings: &Settings,
    ) -> Result<Self, JournalError> {
        let (sender, commands) = sync_channel(settings.queue_calls);
        let waiting = Arc::new(Waiting::new(settings));
        let mut writer = Writer {
            database,
            appender,
            key,
            commands,
            waiting: Arc::clone(&waiting),
            batch_calls: settings.batch_calls.max(1),
            batch_octets: settings.batch_octets,
            log_pages: Arc::new(AtomicUsize::new(0)),
            checkpoint_at: CHECKPOINT_PAGES,
        };
        writer.watch_log()?;
        let thread = thread::Builder::new()
            .name("journal-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| JournalError::io("starting the journal's writer", &error))?;
        Ok(Self { commands: Some(sender), thread: Some(thread), waiting })
    }

    /// Hands work of so many octets to the writer, or answers at once that it cannot. The writer may
    /// wait so long with it for other work.
    pub(super) fn send(&self, work: Work, octets: u64, patience: Duration, done: Completion) {
        if !self.waiting.enter(octets) {
            return done(Err(JournalError::Busy));
        }
        let command = Command { work, octets, due: Instant::now() + patience, done };
        let refused = match &self.commands {
            Some(commands) => match commands.try_send(command) {
                Ok(()) => return,
                Err(TrySendError::Full(command)) => (command, JournalError::Busy),
                Err(TrySendError::Disconnected(command)) => (command, JournalError::NotWriting),
            },
            None => (command, JournalError::NotWriting),
        };
        let (command, error) = refused;
        self.waiting.leave(command.octets);
        (command.done)(Err(error));
    }

    /// What waits for the writer.
    pub(super) fn waiting(&self) -> &Waiting {
        &self.waiting
    }
}

impl Drop for WriterHandle {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer ended in a panic");
        }
    }
}

struct Writer {
    database: Database,
    appender: Appender,
    key: KeyResult,
    commands: Receiver<Command>,
    waiting: Arc<Waiting>,
    batch_calls: usize,
    batch_octets: u64,
    log_pages: Arc<AtomicUsize>,
    checkpoint_at: usize,
}

/// Why a batch did not come through.
struct BatchFailure {
    error: JournalError,
    /// The one command to blame, if the others could do without it.
    culprit: Option<usize>,
}

impl Writer {
    fn watch_log(&mut self) -> Result<(), JournalError> {
        let pages = Arc::clone(&self.log_pages);
        self.database.connection_mut().wal_hook(Some(move |_: &mut _, in_log: i32| {
            pages.store(usize::try_from(in_log).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(())
    }

    fn run(mut self) {
        loop {
            match self.commands.recv_timeout(AUDIT_DELAY) {
                Ok(first) => {
                    let batch = self.gather(first);
                    self.commit(batch);
                }
                Err(RecvTimeoutError::Timeout) => self.commit_audit(),
                Err(RecvTimeoutError::Disconnected) => return self.commit_audit(),
            }
            self.checkpoint();
        }
    }

    fn gather(&self, first: Command) -> Vec<Command> {
        let (mut octets, mut due) = (first.octets, first.due);
        let mut batch = vec![first];
        while batch.len() < self.batch_calls && octets < self.batch_octets {
            let patience = due.saturating_duration_since(Instant::now());
            let next = if patience.is_zero() {
                self.commands.try_recv().ok()
            } else {
                self.commands.recv_timeout(patience).ok()
            };
            // Nothing more came in time, or ever will.
            let Some(next) = next else { break };
            octets = octets.saturating_add(next.octets);
            due = due.min(next.due);
            batch.push(next);
        }
        batch
    }

    fn commit_audit(&mut self) {
        if self.waiting.has_audit() {
            self.commit(Vec::new());
        }
    }

    /// Commits a batch and answers each of its callers.
    fn commit(&mut self, mut batch: Vec<Command>) {
        let audit = self.waiting.take_audit();
        loop {
            match self.try_commit(&batch, &audit) {
                Ok(()) => return self.answer_all(batch, &Ok(())),
                Err(BatchFailure { error, culprit: Some(place) }) if place < batch.len() => {
                    let command = batch.remove(place);
                    self.answer(command, Err(error));
                    if batch.is_empty() && audit.is_empty() {
                        return;
                    }
                }
                Err(BatchFailure { error, .. }) => {
                    tracing::error!(%error, calls = batch.len(), "a batch was not committed");
                    self.waiting.put_back_audit(audit);
                    return self.answer_all(batch, &Err(error));
                }
            }
        }
    }

    fn answer_all(&self, batch: Vec<Command>, result: &Result<(), JournalError>) {
        for command in batch {
            self.answer(command, result.clone());
        }
    }

    fn answer(&self, command: Command, result: Result<(), JournalError>) {
        let Command { work, octets, done, .. } = command;
        drop(work);
        self.waiting.leave(octets);
        // A caller's fault must not end the writer for all the others.
        if catch_unwind(AssertUnwindSafe(|| done(result))).is_err() {
            tracing::error!("a caller of the journal panicked on its answer");
        }
    }

    fn try_commit(
        &mut self,
        batch: &[Command],
        audit: &[PreparedAudit],
    ) -> Result<(), BatchFailure> {
        let mut culprit = None;
        match self.write(batch, audit, &mut culprit) {
            Ok(()) => {
                self.appender.keep();
                self.waiting.commits.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(Failure::Undone(error)) => {
                self.appender.undo();
                let culprit = culprit.filter(|_| is_one_commands_fault(&error));
                Err(BatchFailure { error, culprit })
            }
            Err(Failure::Unsettled(error)) => {
                // Should a restart find the transaction after all, it must find the bodies too:
                // the next batch goes behind them, and compaction gives their space back.
                self.appender.keep();
                Err(BatchFailure { error, culprit: None })
            }
        }
    }

    /// The order of writes: bodies, sync, rows, COMMIT.
    fn write(
        &mut self,
        batch: &[Command],
        audit: &[PreparedAudit],
        culprit: &mut Option<usize>,
    ) -> Result<(), Failure> {
        let mut places = Vec::with_capacity(batch.len());
        for (number, command) in batch.iter().enumerate() {
            *culprit = Some(number);
            places.push(append(&mut self.appender, &command.work).map_err(Failure::Undone)?);
        }
        *culprit = None;
        let extent = self.appender.sync().map_err(Failure::Undone)?;
        self.database.attempt(|connection| {
            let mut sums = Sums::new(self.key.clone());
            if let Some(extent) = extent {
                write_extent(connection, extent)?;
            }
            for (number, (command, place)) in batch.iter().zip(&places).enumerate() {
                *culprit = Some(number);
                apply(connection, &mut sums, &command.work, place)?;
            }
            *culprit = None;
            for record in audit {
                insert_audit(connection, &mut sums, record)?;
            }
            sums.write(connection)
        })
    }

    fn checkpoint(&mut self) {
        if self.log_pages.load(Ordering::Relaxed) < self.checkpoint_at {
            return;
        }
        let progress: rusqlite::Result<(i64, i64)> =
            self.database.connection().query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
                Ok((row.get(1)?, row.get(2)?))
            });
        match progress {
            // A reader still needs the rest: ask again when there is as much more.
            Ok((in_log, copied)) if copied < in_log => {
                self.checkpoint_at = usize::try_from(in_log).unwrap_or(0) + CHECKPOINT_PAGES;
            }
            Ok(_) => self.checkpoint_at = CHECKPOINT_PAGES,
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be copied"),
        }
    }
}
