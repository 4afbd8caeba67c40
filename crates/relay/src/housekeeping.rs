//! Retention: what is over its time is removed, and its space given back; and the search index.

use std::sync::Arc;

use sekimori_journal::{Journal, Register, Retention};

use crate::now;
use crate::settings;
use crate::stop::Stop;

/// Octets that one round of compaction may copy, so that it never keeps the disk busy for long.
const COMPACTION_OCTETS: u64 = 64 * 1024 * 1024;

/// Messages taken into the search index at once.
const INDEXED_AT_ONCE: usize = 4_000;
/// Pause between two looks at what is not in the search index yet, and at what has ended.
const INDEX_PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// Keeps the search index up and ends what ends by itself, until told to stop.
pub(crate) async fn keep_register(register: Arc<dyn Register>, mut stopping: Stop) {
    loop {
        let journal = Arc::clone(&register);
        let round = tokio::task::spawn_blocking(move || {
            journal.tidy(now())?;
            journal.index_messages(INDEXED_AT_ONCE)
        });
        let pause = match round.await {
            Ok(Ok(indexed)) if indexed >= INDEXED_AT_ONCE => std::time::Duration::ZERO,
            Ok(Ok(_)) => INDEX_PAUSE,
            Ok(Err(error)) => {
                tracing::error!(%error, "the search index was not kept up");
                INDEX_PAUSE
            }
            Err(error) => {
                tracing::error!(%error, "the search index was not kept up");
                INDEX_PAUSE
            }
        };
        tokio::select! {
            () = stopping.given() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Expires and compacts at intervals until told to stop.
pub(crate) async fn keep_house(
    journal: Arc<dyn Journal>,
    retention: settings::Retention,
    mut stopping: Stop,
) {
    let mut tick = tokio::time::interval(retention.interval);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let bounds = Retention { max_total_octets: retention.max_octets };
    loop {
        tokio::select! {
            () = stopping.given() => return,
            _ = tick.tick() => {}
        }
        let journal = Arc::clone(&journal);
        let round = tokio::task::spawn_blocking(move || {
            let expired = journal.expire(now(), &bounds)?;
            let compacted = journal.compact(COMPACTION_OCTETS)?;
            Ok::<_, sekimori_journal::JournalError>((expired, compacted))
        });
        match round.await {
            Ok(Ok((expired, compacted))) => {
                if expired.by_age + expired.by_size > 0 || compacted.segments > 0 {
                    tracing::info!(
                        by_age = expired.by_age,
                        by_size = expired.by_size,
                        segments = compacted.segments,
                        freed_octets = compacted.freed_octets,
                        "messages over their time were removed"
                    );
                }
            }
            Ok(Err(error)) => tracing::error!(%error, "retention did not run"),
            Err(error) => tracing::error!(%error, "retention did not run"),
        }
    }
}
