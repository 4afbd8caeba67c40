//! `review`: the pages alone, over the store of a relay that runs as a process of its own.

use std::path::Path;
use std::sync::Arc;

use sekimori_journal::{Register, open_for_actions};
use sekimori_policy::Timestamp;
use sekimori_review::desk::{Health, HealthReport, RecentError};
use sekimori_review::{Probe, Server};

use super::pages::{self, Known};
use super::signals::Signals;
use crate::configuration;
use crate::confinement;
use crate::exit::{Exit, Failure};
use crate::logging;
use crate::recent::Recent;
use crate::runtime;

/// What supervisors ask of pages without a relay.
struct Apart {
    register: Arc<dyn Register>,
    reserve_octets: u64,
    started_at: Timestamp,
    recent: Recent,
}

impl Probe for Apart {
    fn hindrances(&self) -> Vec<String> {
        match self.register.statistics() {
            Ok(_) => Vec::new(),
            Err(error) => vec![format!("the journal fails: {error}; nothing can be reviewed")],
        }
    }

    fn metrics(&self) -> String {
        // The relay has the numbers.
        "# EOF\n".to_owned()
    }
}

impl Health for Apart {
    fn health(&self) -> HealthReport {
        HealthReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.started_at,
            hindrances: self.hindrances(),
            statistics: self.register.statistics().ok(),
            reserve_octets: self.reserve_octets,
            hops: Vec::new(),
            errors: self.recent.errors().into_iter().map(RecentError::from).collect(),
        }
    }
}

/// Serves the pages until SIGTERM or SIGINT.
pub(crate) fn run(config: &Path) -> Result<(), Failure> {
    let (source, checked) = configuration::read(Some(config))?;
    let recent = logging::start_remembering(checked.log_format, &checked.log_level);
    confinement::confine(config, &source, &checked)?;
    let runtime = runtime::start()?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let register: Arc<dyn Register> =
            Arc::new(open_for_actions(&checked.journal_path, &checked.journal)?);
        let server = Server::bind(checked.review_listen).await.map_err(|error| {
            let line = format!("cannot listen on {}: {error}", checked.review_listen);
            Failure::new(Exit::Unavailable, line)
        })?;
        tracing::info!(address = %server.address(), review = true, "listening for HTTP");
        let apart = Apart {
            register: Arc::clone(&register),
            reserve_octets: checked.journal.reserve_octets,
            started_at: pages::now(),
            recent,
        };
        let known = Known::new(&checked);
        let review = pages::review(register, &known, &checked);
        let stopped = async move {
            while signals.is_reload().await {
                match configuration::read(Some(config)) {
                    Ok((_, checked)) => known.replace(&checked),
                    Err(failure) => {
                        for mistake in failure.lines {
                            tracing::error!(%mistake, "the configuration was not reloaded; nothing is changed");
                        }
                    }
                }
            }
        };
        let (stop, told) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(Arc::new(apart), Some(review), async {
            // Whether told or dropped, the end is the same.
            let _ = told.await;
        }));
        stopped.await;
        drop(stop);
        serving.await.map_err(|error| Failure::new(Exit::Software, error))??;
        tracing::info!("stopped");
        Ok(())
    })
}
