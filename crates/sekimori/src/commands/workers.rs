//! The processes behind `sanitize.run_in = "processes"`: not for people.

use std::io::{self, BufReader, BufWriter};
use std::path::PathBuf;
use std::sync::Arc;

use sekimori_relay::convert::STACK_OCTETS;
use sekimori_relay::workers::{self, Pool};

use crate::configuration::{Checked, RunIn, Source};
use crate::confinement;
use crate::exit::{Exit, Failure};

/// Starts worker processes where the configuration wants them. To be called before the process
/// confines itself.
pub(super) fn start(source: &Source, checked: &mut Checked) -> Result<(), Failure> {
    let wanted = match source.settings.sanitize.run_in {
        RunIn::Threads => false,
        RunIn::Processes => true,
        RunIn::Auto => source.settings.deliver.gate,
    };
    if wanted {
        let pool = Pool::start(&program()).map_err(|error| {
            Failure::new(Exit::Unavailable, format!("worker processes cannot be started: {error}"))
        })?;
        checked.relay.convert.pool = Some(Arc::new(pool));
        tracing::info!("sanitizing runs in worker processes");
    }
    Ok(())
}

/// Waits until the worker processes of a relay cannot be replaced any more; for ever where it has none.
pub(super) async fn gone(checked: &Checked) {
    match &checked.relay.convert.pool {
        Some(pool) => pool.gone().await,
        None => std::future::pending().await,
    }
}

/// This program, as the kernel knows it: also after its file was replaced by an upgrade.
fn program() -> PathBuf {
    PathBuf::from("/proc/self/exe")
}

/// A worker.
pub(super) fn work() -> Result<(), Failure> {
    confinement::confine_worker()?;
    let work = || {
        let mut out = BufWriter::new(io::stdout());
        workers::serve(&mut BufReader::new(io::stdin()), &mut out)
    };
    // After the confinement, under which it is.
    let thread = std::thread::Builder::new().stack_size(STACK_OCTETS).spawn(work)?;
    match thread.join() {
        Ok(ended) => Ok(ended?),
        Err(_) => Err(Failure::new(Exit::Software, "sanitizing panicked")),
    }
}

/// The spawner.
pub(super) fn spawn() -> Result<(), Failure> {
    confinement::confine_spawner();
    Ok(workers::spawn(&program())?)
}
