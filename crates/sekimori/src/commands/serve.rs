//! `serve` and `relay`: the running gateway, its signals and its end.

use std::path::Path;
use std::sync::Arc;

use sekimori_journal::Register;
use sekimori_relay::Relay;
use sekimori_relay::settings::Half;
use sekimori_review::Server;
use tokio::sync::oneshot;

use super::signals::Signals;
use super::supervising::Machine;
use super::{gate, pages, workers};
use crate::configuration::{self, Checked};
use crate::confinement;
use crate::descriptors;
use crate::exit::{Exit, Failure};
use crate::logging;
use crate::metrics::Supervision;
use crate::recent::Recent;
use crate::runtime;

/// Runs the gateway until SIGTERM or SIGINT.
///
/// `with_review` is for the pages of quarantine review; the endpoints for supervisors are there
/// either way.
pub(crate) fn run(config: &Path, with_review: bool) -> Result<(), Failure> {
    let (source, mut checked) = configuration::read(Some(config))?;
    gate::require(&checked, Half::Internet)?;
    let recent = logging::start_remembering(checked.log_format, &checked.log_level);
    descriptors::make_room(&checked.relay);
    workers::start(&source, &mut checked)?;
    confinement::confine(config, &source, &checked)?;
    let runtime = runtime::start()?;
    runtime.block_on(serve(config, checked, with_review, recent))
}

async fn serve(
    config: &Path,
    checked: Checked,
    with_review: bool,
    recent: Recent,
) -> Result<(), Failure> {
    // Before anything can be seen from outside: whoever sees us listen may send a signal.
    let mut signals = Signals::listen()?;
    let journal: Arc<dyn Register> =
        Arc::new(sekimori_journal::open(&checked.journal_path, &checked.journal)?);
    let relay = Relay::start(&checked.relay, &journal)
        .map_err(|error| Failure::new(Exit::Unavailable, error))?;
    let relay = Arc::new(relay);
    let server = Server::bind(checked.review_listen).await.map_err(|error| {
        Failure::new(
            Exit::Unavailable,
            format!("cannot listen on {}: {error}", checked.review_listen),
        )
    })?;
    for address in relay.addresses() {
        tracing::info!(%address, "listening for mail");
    }
    tracing::info!(address = %server.address(), review = with_review, "listening for HTTP");
    let (stop_http, http_stopped) = oneshot::channel::<()>();
    let supervision = supervision(&relay, &journal, &checked, recent);
    let known = pages::Known::new(&checked);
    let review = with_review.then(|| pages::review(journal, &known, &checked));
    let http = tokio::spawn(server.serve(supervision, review, async {
        // Whether told or dropped, the end is the same.
        let _ = http_stopped.await;
    }));
    let ended = tokio::select! {
        () = until_stopped(&mut signals, config, &relay, &known) => Ok(()),
        () = workers::gone(&checked) => Err(Failure::new(
            Exit::Unavailable,
            "worker processes can be started no more: the relay stops, to be started anew",
        )),
    };
    tracing::info!("stopping: no new connections, messages in hand are finished");
    relay.stop().await;
    drop(stop_http);
    if let Ok(Err(error)) = http.await {
        tracing::warn!(%error, "the HTTP side ended with an error");
    }
    tracing::info!("stopped");
    ended
}

/// What supervisors ask.
pub(super) type Supervising = Arc<Machine>;

/// What supervisors ask of a running relay.
pub(super) fn supervision(
    relay: &Arc<Relay>,
    journal: &Arc<dyn Register>,
    checked: &Checked,
    recent: Recent,
) -> Supervising {
    Arc::new(Machine {
        supervision: Supervision::new(relay, journal, checked),
        started_at: pages::now(),
        recent,
    })
}

/// Waits for SIGTERM or SIGINT, reloading at each SIGHUP.
async fn until_stopped(signals: &mut Signals, config: &Path, relay: &Relay, known: &pages::Known) {
    while signals.is_reload().await {
        reload(config, relay, known);
    }
}

/// Puts the configuration in force as it stands now. A bad one changes nothing.
fn reload(config: &Path, relay: &Relay, known: &pages::Known) {
    match configuration::read(Some(config)) {
        Ok((_, checked)) => match relay.reload(checked.relay.clone()) {
            Ok(()) => {
                known.replace(&checked);
                tracing::info!(
                    "the configuration was reloaded; listeners, next hops and the journal stay as they were started"
                );
            }
            Err(error) => {
                tracing::error!(%error, "the configuration was not reloaded; nothing is changed");
            }
        },
        Err(failure) => {
            for mistake in failure.lines {
                tracing::error!(%mistake, "the configuration was not reloaded; nothing is changed");
            }
        }
    }
}
