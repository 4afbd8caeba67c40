//! `gate`: the half in the LGWAN segment, which takes text alone.

use std::path::Path;
use std::sync::Arc;

use sekimori_journal::Register;
use sekimori_relay::Relay;
use sekimori_relay::settings::Half;

use super::endpoints;
use super::signals::Signals;
use crate::configuration::{self, Checked};
use crate::confinement;
use crate::descriptors;
use crate::exit::{Exit, Failure};
use crate::logging;
use crate::metrics::Supervision;
use crate::runtime;

/// Runs the gate until SIGTERM or SIGINT.
pub(crate) fn run(config: &Path) -> Result<(), Failure> {
    let (source, checked) = configuration::read(Some(config))?;
    require(&checked, Half::Lgwan)?;
    logging::start(checked.log_format, &checked.log_level);
    if cfg!(feature = "internet") {
        tracing::warn!(
            "this build holds the sanitizer too; the package sekimori-gate is the gate alone"
        );
    }
    descriptors::make_room(&checked.relay);
    confinement::confine(config, &source, &checked)?;
    let runtime = runtime::start()?;
    runtime.block_on(serve(config, checked))
}

/// Refuses a configuration of the other half.
pub(super) fn require(checked: &Checked, half: Half) -> Result<(), Failure> {
    if checked.relay.half == half {
        return Ok(());
    }
    let line = match half {
        Half::Lgwan => {
            "this configuration is not the gate's: segments.side must be \"lgwan\" for it"
        }
        Half::Internet => "this configuration is the gate's; run it with `sekimori gate`",
    };
    Err(Failure::new(Exit::Configuration, line))
}

async fn serve(config: &Path, checked: Checked) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let register: Arc<dyn Register> =
        Arc::new(sekimori_journal::open(&checked.journal_path, &checked.journal)?);
    let relay = Relay::start(&checked.relay, &register)
        .map_err(|error| Failure::new(Exit::Unavailable, error))?;
    let relay = Arc::new(relay);
    let http = endpoints::bind(checked.review_listen).await.map_err(|error| {
        let line = format!("cannot listen on {}: {error}", checked.review_listen);
        Failure::new(Exit::Unavailable, line)
    })?;
    for address in relay.addresses() {
        tracing::info!(%address, "listening for text");
    }
    if let Ok(address) = http.local_addr() {
        tracing::info!(%address, "listening for HTTP");
    }
    let supervision = Supervision::new(&relay, &register, &checked);
    let answering = tokio::spawn(endpoints::serve(http, Arc::new(supervision)));
    while signals.is_reload().await {
        reload(config, &relay);
    }
    tracing::info!("stopping: no new connections, messages in hand are finished");
    relay.stop().await;
    answering.abort();
    tracing::info!("stopped");
    Ok(())
}

/// Puts the configuration in force as it stands now. A bad one changes nothing.
fn reload(config: &Path, relay: &Relay) {
    let read = configuration::read(Some(config));
    let taken = read.and_then(|(_, checked)| {
        require(&checked, Half::Lgwan)?;
        relay.reload(checked.relay).map_err(|error| Failure::new(Exit::Configuration, error))
    });
    match taken {
        Ok(()) => tracing::info!(
            "the configuration was reloaded; listeners, next hops and the journal stay as they were started"
        ),
        Err(failure) => {
            for mistake in failure.lines {
                tracing::error!(%mistake, "the configuration was not reloaded; nothing is changed");
            }
        }
    }
}
