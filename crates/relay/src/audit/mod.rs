//! Checkpoints of the audit chains at intervals, and copies of them and of the records elsewhere.
//!
//! Both tasks follow the journal from a place kept in it. Whatever they write to may be away for as
//! long as it likes: they go on where they were, and mail does not wait for them.

mod checkpoint_file;
mod syslog;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sekimori_journal::Journal;

use crate::now;
use crate::settings;
use crate::stop::Stop;

pub(crate) use syslog::{Target, send};

/// How often is looked for what is new.
const POLL: Duration = Duration::from_secs(1);

/// Makes checkpoints at intervals and at the end, and appends each to the file, if there is one.
pub(crate) async fn keep_checkpoints(
    journal: Arc<dyn Journal>,
    settings: settings::Audit,
    mut stopping: Stop,
) {
    let mut made = Instant::now();
    loop {
        let stopped = tokio::select! {
            () = stopping.given() => true,
            () = tokio::time::sleep(POLL.min(settings.interval)) => false,
        };
        let is_due = stopped || made.elapsed() >= settings.interval;
        if is_due {
            made = Instant::now();
        }
        let (journal, file) = (Arc::clone(&journal), settings.checkpoint_file.clone());
        let round = tokio::task::spawn_blocking(move || round(&*journal, file, is_due)).await;
        match round {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "checkpoints of the audit record"),
            Err(error) => tracing::error!(%error, "checkpoints of the audit record"),
        }
        if stopped {
            return;
        }
    }
}

fn round(
    journal: &dyn Journal,
    file: Option<PathBuf>,
    is_due: bool,
) -> Result<(), checkpoint_file::AppendError> {
    if is_due {
        journal.checkpoint(now())?;
    }
    match file {
        Some(file) => checkpoint_file::append(journal, &file),
        None => Ok(()),
    }
}
