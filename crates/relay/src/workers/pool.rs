//! Workers as the relay has them.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sekimori_sanitize::{Context, Sanitized};
use tokio::sync::Notify;

use super::spawner::Spawner;
use super::{Answer, MESSAGES, Request, frame};

/// How long a worker that noticed its deadline has to answer. Less than a converting thread has.
const GRACE: Duration = Duration::from_secs(1);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Not in time.
    TimedOut,
    /// The worker died.
    Died,
    /// There is none, and none can be started.
    Unavailable,
}

/// A worker that waits for a message.
#[derive(Debug)]
struct Worker {
    number: u32,
    socket: UnixStream,
    served: u32,
}

/// Workers, as many as messages are sanitized at a time.
#[derive(Debug)]
pub struct Pool {
    spawner: Mutex<Spawner>,
    idle: Mutex<Vec<Worker>>,
    /// Told when the spawner does not answer.
    gone: Notify,
}

impl Pool {
    /// Starts the spawner, from `program`, and the first worker. To be called before the process confines
    /// itself.
    ///
    /// # Errors
    /// When a process cannot be started.
    pub fn start(program: &Path) -> io::Result<Self> {
        let spawner = Spawner::start(program)?;
        let pool =
            Self { spawner: Mutex::new(spawner), idle: Mutex::default(), gone: Notify::new() };
        let first = pool.new_worker()?;
        lock(&pool.idle).push(first);
        Ok(pool)
    }

    /// Waits until no worker can be started any more: the relay has to be started anew then, since a
    /// confined one cannot start another spawner.
    pub async fn gone(&self) {
        self.gone.notified().await;
    }

    /// Sanitizes a message in a worker that has until `deadline`; in another one, if that dies.
    pub(crate) fn sanitize(
        &self,
        raw: &[u8],
        context: &Context<'_>,
        deadline: Instant,
    ) -> Result<Sanitized, Failed> {
        match self.try_once(raw, context, deadline) {
            // One that waited may have died of something else, long ago.
            Err(Failed::Died) => self.try_once(raw, context, deadline),
            other => other,
        }
    }

    fn try_once(
        &self,
        raw: &[u8],
        context: &Context<'_>,
        deadline: Instant,
    ) -> Result<Sanitized, Failed> {
        let mut worker = match self.idle_worker() {
            Some(worker) => worker,
            None => self.new_worker().map_err(|error| {
                tracing::error!(%error, "no worker process can be started");
                self.gone.notify_one();
                Failed::Unavailable
            })?,
        };
        match ask(&mut worker, raw, context, deadline) {
            Ok(sanitized) => {
                worker.served = worker.served.saturating_add(1);
                // One that has done its share ends by itself when its socket is dropped.
                if worker.served < MESSAGES {
                    lock(&self.idle).push(worker);
                }
                Ok(sanitized)
            }
            Err(error) => {
                let failed = match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Failed::TimedOut,
                    _ => Failed::Died,
                };
                tracing::error!(%error, ?failed, "a worker process did not answer; it is replaced");
                if let Err(error) = lock(&self.spawner).kill(worker.number) {
                    tracing::error!(%error, "a worker process may still run");
                }
                Err(failed)
            }
        }
    }

    fn idle_worker(&self) -> Option<Worker> {
        lock(&self.idle).pop()
    }

    fn new_worker(&self) -> io::Result<Worker> {
        let (number, socket) = lock(&self.spawner).worker()?;
        Ok(Worker { number, socket, served: 0 })
    }
}

fn ask(
    worker: &mut Worker,
    raw: &[u8],
    context: &Context<'_>,
    deadline: Instant,
) -> io::Result<Sanitized> {
    let left = deadline.saturating_duration_since(Instant::now());
    let millis = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
    let patience = Some(left + GRACE);
    worker.socket.set_write_timeout(patience)?;
    worker.socket.set_read_timeout(patience)?;
    let request = serde_json::to_vec(&Request::new(context, millis))?;
    frame::write(&mut worker.socket, &request, raw)?;
    let answer = frame::read(&mut worker.socket)?;
    let (object, message) = answer.ok_or(io::ErrorKind::UnexpectedEof)?;
    let answer: Answer = serde_json::from_slice(&object)?;
    Ok(answer.sanitized(message))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
