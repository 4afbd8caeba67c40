//! Makes the results of deliveries durable, without keeping the worker that got them.
//!
//! A message stays in its lane until its results are durable, so that it cannot be begun again
//! before. At most [`MAX_UNRECORDED`] messages wait at once; then workers wait too.

use std::sync::Arc;
use std::time::Duration;

use sekimori_journal::{Journal, JournalError, Submission};
use sekimori_policy::QueueId;
use tokio::sync::{Semaphore, oneshot};
use tracing::Instrument;

use super::ledger::Ledger;
use crate::stop::Stop;

/// Messages whose results may wait to become durable. After a crash as many may be delivered twice.
pub(super) const MAX_UNRECORDED: usize = 256;
/// Pause before results are recorded again when the journal did not take them.
const PAUSE: Duration = Duration::from_secs(1);

/// Records results.
#[derive(Clone)]
pub(crate) struct Recorder {
    journal: Arc<dyn Journal>,
    ledger: Arc<Ledger>,
    stopping: Stop,
    places: Arc<Semaphore>,
}

impl Recorder {
    pub(super) fn new(journal: Arc<dyn Journal>, ledger: Arc<Ledger>, stopping: Stop) -> Self {
        Self { journal, ledger, stopping, places: Arc::new(Semaphore::new(MAX_UNRECORDED)) }
    }

    /// Records what became of a message; when it is durable the message leaves its lane. Returns as
    /// soon as there is a place for it.
    pub(super) async fn record(&self, id: QueueId, submission: Submission) {
        // The semaphore is never closed.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let recorder = self.clone();
        let work = async move {
            recorder.write(submission).await;
            recorder.ledger.finish(id);
            drop(place);
        };
        tokio::spawn(work.in_current_span());
    }

    /// Waits until everything handed in is durable, or was given up on a stop.
    pub(super) async fn finish(&self) {
        let all = u32::try_from(MAX_UNRECORDED).unwrap_or(u32::MAX);
        let _ = self.places.acquire_many(all).await;
    }

    /// The journal may be short of space for a while: until it takes the results, the message stays
    /// in its lane and is not tried again.
    async fn write(&self, submission: Submission) {
        loop {
            match self.submit(submission.clone()).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::error!(%error, "the results of a delivery cannot be recorded yet");
                    if self.stopping.is_given() {
                        return;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn submit(&self, submission: Submission) -> Result<(), JournalError> {
        let (done, answer) = oneshot::channel();
        let completion = Box::new(move |result| {
            let _ = done.send(result);
        });
        if submission.messages.is_empty() {
            self.journal.record(submission.attempts, completion);
        } else {
            self.journal.submit(submission, completion);
        }
        answer.await.unwrap_or(Err(JournalError::NotWriting))
    }
}
