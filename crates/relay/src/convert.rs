//! Threads on which messages are turned into text, each with a known stack, each under a deadline.
//!
//! The conversion is the only work that hostile input steers, so it has threads of its own: a panic
//! in it is caught and told to the caller, and a conversion that does not end is written off after
//! its deadline, with another thread in its place. The conversion itself asks [`Deadline::passed`]
//! between its steps, so that writing off is the last resort.
//!
//! Bounds: [`STACK_OCTETS`] for each thread, a waiting line of [`WAITING_PER_WORKER`] tasks for each
//! worker, and at most as many written-off threads as there are workers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::RelayError;

/// Stack of a converting thread. Nothing in the conversion recurses over its input except the
/// layout library, under the depth gate of [`sekimori_policy::Limits::html_depth`].
pub const STACK_OCTETS: usize = 16 * 1024 * 1024;
/// Most converting threads that may be configured.
pub const MAX_WORKERS: usize = 256;
/// Tasks that may wait for each worker before callers wait themselves.
pub const WAITING_PER_WORKER: usize = 64;
/// How long a conversion that noticed its deadline has to wind up before it is written off.
const GRACE: Duration = Duration::from_secs(2);

/// Why a conversion has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConvertFailure {
    /// It panicked.
    Panicked,
    /// It did not end within its deadline.
    TimedOut,
    /// Every thread is stuck, or the pool is shutting down.
    Unavailable,
}

/// When a conversion has to be over.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// Whether the time is up.
    pub fn passed(&self) -> bool {
        Instant::now() >= self.0
    }
}

type Task = Box<dyn FnOnce() -> AfterTask + Send>;

/// Whether the thread goes on after a task.
enum AfterTask {
    GoOn,
    /// The task was written off meanwhile, and another thread has this one's place.
    Stop,
}

/// The converting threads.
#[derive(Debug)]
pub struct Converter {
    tasks: SyncSender<Task>,
    waiting: Arc<Mutex<Receiver<Task>>>,
    deadline: Duration,
    workers: usize,
    written_off: Arc<AtomicUsize>,
}

impl Converter {
    /// Starts `workers` threads (at least one) whose tasks may take `deadline` each.
    pub fn start(workers: usize, deadline: Duration) -> Result<Self, RelayError> {
        let workers = workers.clamp(1, MAX_WORKERS);
        let (tasks, waiting) = sync_channel(workers.saturating_mul(WAITING_PER_WORKER));
        let waiting = Arc::new(Mutex::new(waiting));
        let written_off = Arc::new(AtomicUsize::new(0));
        let converter = Self { tasks, waiting, deadline, workers, written_off };
        for _ in 0..workers {
            converter.add_thread()?;
        }
        Ok(converter)
    }

    fn add_thread(&self) -> Result<(), RelayError> {
        let waiting = Arc::clone(&self.waiting);
        std::thread::Builder::new()
            .name("convert".to_owned())
            .stack_size(STACK_OCTETS)
            .spawn(move || work(&waiting))
            .map(drop)
            .map_err(RelayError::Thread)
    }

    /// Runs `task` on one of the threads.
    pub async fn run<T, F>(&self, task: F) -> Result<T, ConvertFailure>
    where
        T: Send + 'static,
        F: FnOnce(Deadline) -> T + Send + 'static,
    {
        let (begun, has_begun) = oneshot::channel();
        let (done, result) = oneshot::channel();
        // Set by whoever comes first: the thread at the task's end, or the caller giving it up.
        let settled = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&settled);
        let written_off = Arc::clone(&self.written_off);
        let time = self.deadline;
        self.enqueue(Box::new(move || {
            let _ = begun.send(());
            let deadline = Deadline(Instant::now() + time);
            let outcome = catch_unwind(AssertUnwindSafe(|| task(deadline)));
            let _ = done.send(outcome.map_err(|_| ConvertFailure::Panicked));
            if ended.swap(true, Ordering::AcqRel) {
                written_off.fetch_sub(1, Ordering::AcqRel);
                return AfterTask::Stop;
            }
            AfterTask::GoOn
        }))
        .await?;
        has_begun.await.map_err(|_| ConvertFailure::Unavailable)?;
        match timeout(self.deadline + GRACE, result).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(ConvertFailure::Unavailable),
            Err(_) => {
                self.write_off(&settled);
                Err(ConvertFailure::TimedOut)
            }
        }
    }

    async fn enqueue(&self, task: Task) -> Result<(), ConvertFailure> {
        const PAUSE: Duration = Duration::from_millis(5);
        let mut task = task;
        let give_up = Instant::now() + self.deadline + GRACE;
        loop {
            match self.tasks.try_send(task) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(ConvertFailure::Unavailable),
                Err(TrySendError::Full(returned)) => task = returned,
            }
            if Instant::now() >= give_up {
                return Err(ConvertFailure::Unavailable);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Leaves a stuck thread to itself and starts another, as long as not all of them are stuck.
    fn write_off(&self, settled: &AtomicBool) {
        if self.written_off.fetch_add(1, Ordering::AcqRel) >= self.workers {
            self.written_off.fetch_sub(1, Ordering::AcqRel);
            tracing::error!("conversions are stuck on every thread; no further one is started");
            return;
        }
        if settled.swap(true, Ordering::AcqRel) {
            self.written_off.fetch_sub(1, Ordering::AcqRel);
            return;
        }
        tracing::error!("a conversion did not end within its deadline; its thread is written off");
        if let Err(error) = self.add_thread() {
            tracing::error!(%error, "no thread could be started in its place");
        }
    }
}

fn work(waiting: &Mutex<Receiver<Task>>) {
    loop {
        let task = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match task {
            Ok(task) => {
                if let AfterTask::Stop = task() {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_task_runs_and_its_result_comes_back() {
        let converter = Converter::start(2, LONG).unwrap();
        assert_eq!(converter.run(|_| 1 + 1).await, Ok(2));
    }

    #[tokio::test]
    async fn a_panic_is_told_and_the_thread_goes_on() {
        let converter = Converter::start(1, LONG).unwrap();
        let failure = converter.run(|_| -> u32 { panic!("as hostile mail would have it") }).await;
        assert_eq!(failure, Err(ConvertFailure::Panicked));
        assert_eq!(converter.run(|_| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_task_that_never_ends_is_written_off_and_others_are_served() {
        let converter = Converter::start(1, Duration::from_secs(1)).unwrap();
        let (release, wait) = channel::<()>();
        let stuck = converter.run(move |_| wait.recv().is_ok()).await;
        assert_eq!(stuck, Err(ConvertFailure::TimedOut));
        assert_eq!(converter.run(|_| 7).await, Ok(7));
        drop(release);
    }

    #[tokio::test]
    async fn a_task_sees_its_deadline_pass() {
        let converter = Converter::start(1, Duration::ZERO).unwrap();
        assert_eq!(converter.run(|deadline| deadline.passed()).await, Ok(true));
    }
}
