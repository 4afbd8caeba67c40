//! A connection that writes, and the turns that all such connections of a process take.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::disk::Disk;
use crate::JournalError;

/// Why a transaction did not come through.
#[derive(Debug)]
pub(super) enum Failure {
    /// Before its COMMIT: nothing of it can ever be seen.
    Undone(JournalError),
    /// In its COMMIT. It may have taken place, and even when nothing of it is to be seen now, a
    /// restart could find it whole in the write-ahead log, until another is committed over it.
    Unsettled(JournalError),
}

/// A connection for transactions.
#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    disk: Arc<dyn Disk>,
    turns: Arc<Turns>,
}

impl Database {
    /// A connection that takes turns with the others of this process.
    pub(super) fn new(connection: Connection, disk: Arc<dyn Disk>, turns: Arc<Turns>) -> Self {
        Self { connection, disk, turns }
    }

    /// The connection, for what needs no transaction.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection, to be set up.
    pub(super) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Does `work` in one transaction that takes the write lock at its start.
    pub(super) fn transaction<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        self.attempt(work).map_err(|failure| match failure {
            Failure::Undone(error) | Failure::Unsettled(error) => error,
        })
    }

    /// As [`Database::transaction`], telling the two kinds of failure apart.
    pub(super) fn attempt<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError>,
    ) -> Result<T, Failure> {
        let connection = &self.connection;
        let _turn = self.turns.wait();
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|error| Failure::Undone(error.into()))?;
        match work(connection) {
            Ok(done) => match self.disk.commit(connection) {
                Ok(()) => Ok(done),
                Err(error) => {
                    roll_back(connection);
                    Err(Failure::Unsettled(error.into()))
                }
            },
            Err(error) => {
                roll_back(connection);
                Err(Failure::Undone(error))
            }
        }
    }
}

fn roll_back(connection: &Connection) {
    // Some errors end the transaction by themselves.
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

/// Who may write next: first come, first served.
///
/// `SQLite` itself has waiting connections look again after some time, so that one which writes
/// without pause, as expiry does, could keep the writer of messages out for long. With turns each
/// waits for at most one transaction of each other. Another process still has to wait `SQLite`'s way.
#[derive(Debug, Default)]
pub(super) struct Turns {
    tickets: Mutex<Tickets>,
    served: Condvar,
}

#[derive(Debug, Default)]
struct Tickets {
    next: u64,
    serving: u64,
}

/// A turn; over when dropped.
struct Turn<'a>(&'a Turns);

impl Turns {
    fn wait(&self) -> Turn<'_> {
        let mut tickets = self.tickets();
        let mine = tickets.next;
        tickets.next += 1;
        while tickets.serving != mine {
            tickets = self.served.wait(tickets).unwrap_or_else(PoisonError::into_inner);
        }
        Turn(self)
    }

    fn tickets(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.tickets().serving += 1;
        self.0.served.notify_all();
    }
}
