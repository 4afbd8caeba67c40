//! Threads on which messages are turned into text, each with a known stack, each under a deadline.
//!
//! The conversion is the only work that hostile input steers, so it has threads of its own: a panic
//! in it is caught and told to the caller, and a conversion that does not end is written off after
//! its deadline, with another thread in its place. The conversion itself asks [`Deadline::passed`]
//! between its steps, so that writing off is the last resort.
//!
//! Bounds: [`STACK_OCTETS`] for each thread, a waiting line of [`WAITING_PER_WORKER`] tasks for each
//! worker, and at most as many written-off threads as there are workers.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::timeout_at;

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
    /// The moment.
    #[cfg(feature = "internet")]
    pub(crate) fn at(self) -> Instant {
        self.0
    }

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

/// Tasks that wait for a thread. One that comes wakes one thread alone.
#[derive(Default)]
struct Line {
    state: Mutex<LineState>,
    came: Condvar,
}

#[derive(Default)]
struct LineState {
    tasks: VecDeque<Task>,
    is_closed: bool,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a task at the line's end, or gives it back when there are `most` already.
    fn push(&self, task: Task, most: usize) -> Result<(), Task> {
        let mut state = self.state();
        if state.tasks.len() >= most {
            return Err(task);
        }
        state.tasks.push_back(task);
        drop(state);
        self.came.notify_one();
        Ok(())
    }

    /// The next task, waited for. `None` when the line is closed.
    fn next(&self) -> Option<Task> {
        let mut state = self.state();
        while !state.is_closed {
            if let Some(task) = state.tasks.pop_front() {
                return Some(task);
            }
            state = self.came.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    /// Drops the tasks that wait, and lets the threads go.
    fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let dropped = std::mem::take(&mut state.tasks);
        drop(state);
        drop(dropped);
        self.came.notify_all();
    }
}

/// How far a task has come.
#[derive(Default)]
struct Progress {
    begun: OnceLock<Instant>,
    /// Set by whoever comes first: the thread at the task's end, or the caller giving it up.
    settled: AtomicBool,
}

/// The converting threads.
pub struct Converter {
    line: Arc<Line>,
    deadline: Duration,
    workers: usize,
    written_off: Arc<AtomicUsize>,
}

impl Drop for Converter {
    fn drop(&mut self) {
        self.line.close();
    }
}

impl Converter {
    /// Starts `workers` threads (at least one) whose tasks may take `deadline` each.
    pub fn start(workers: usize, deadline: Duration) -> Result<Self, RelayError> {
        let workers = workers.clamp(1, MAX_WORKERS);
        let written_off = Arc::new(AtomicUsize::new(0));
        let converter = Self { line: Arc::default(), deadline, workers, written_off };
        for _ in 0..workers {
            converter.add_thread()?;
        }
        Ok(converter)
    }

    fn add_thread(&self) -> Result<(), RelayError> {
        let line = Arc::clone(&self.line);
        std::thread::Builder::new()
            .name("convert".to_owned())
            .stack_size(STACK_OCTETS)
            .spawn(move || work(&line))
            .map(drop)
            .map_err(RelayError::Thread)
    }

    /// Runs `task` on one of the threads.
    pub async fn run<T, F>(&self, task: F) -> Result<T, ConvertFailure>
    where
        T: Send + 'static,
        F: FnOnce(Deadline) -> T + Send + 'static,
    {
        let (done, result) = oneshot::channel();
        let progress = Arc::new(Progress::default());
        let seen = Arc::clone(&progress);
        let written_off = Arc::clone(&self.written_off);
        let time = self.deadline;
        self.enqueue(Box::new(move || {
            let begun = *seen.begun.get_or_init(Instant::now);
            let outcome = catch_unwind(AssertUnwindSafe(|| task(Deadline(begun + time))));
            let _ = done.send(outcome.map_err(|_| ConvertFailure::Panicked));
            if seen.settled.swap(true, Ordering::AcqRel) {
                written_off.fetch_sub(1, Ordering::AcqRel);
                return AfterTask::Stop;
            }
            AfterTask::GoOn
        }))
        .await?;
        let mut result = pin!(result);
        let longest = self.deadline + GRACE;
        let mut limit = Instant::now() + longest;
        loop {
            match timeout_at(limit.into(), &mut result).await {
                Ok(Ok(outcome)) => return outcome,
                Ok(Err(_)) => return Err(ConvertFailure::Unavailable),
                Err(_) => {}
            }
            let now = Instant::now();
            // The time counts from the task's beginning, however long it stood in the line.
            limit = progress.begun.get().map_or(now, |&begun| begun) + longest;
            if limit <= now {
                self.write_off(&progress.settled);
                return Err(ConvertFailure::TimedOut);
            }
        }
    }

    async fn enqueue(&self, task: Task) -> Result<(), ConvertFailure> {
        const PAUSE: Duration = Duration::from_millis(5);
        let mut task = task;
        let most = self.workers.saturating_mul(WAITING_PER_WORKER);
        let give_up = Instant::now() + self.deadline + GRACE;
        while let Err(returned) = self.line.push(task, most) {
            task = returned;
            if Instant::now() >= give_up {
                return Err(ConvertFailure::Unavailable);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
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

fn work(line: &Line) {
    while let Some(task) = line.next() {
        if let AfterTask::Stop = task() {
            return;
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

    #[test]
    fn a_full_line_gives_a_task_back_and_a_closed_one_ends() {
        let line = Line::default();
        let task = || Box::new(|| AfterTask::GoOn);
        assert!(line.push(task(), 2).is_ok() && line.push(task(), 2).is_ok());
        assert!(line.push(task(), 2).is_err());
        assert!(line.next().is_some());
        assert!(line.push(task(), 2).is_ok());
        line.close();
        assert!(line.next().is_none());
    }

    #[tokio::test]
    async fn a_task_sees_its_deadline_pass() {
        let converter = Converter::start(1, Duration::ZERO).unwrap();
        assert_eq!(converter.run(|deadline| deadline.passed()).await, Ok(true));
    }
}
