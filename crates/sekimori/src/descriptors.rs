//! Room for as many open files and sockets as the configuration may need.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sekimori_relay::settings::Settings;

/// Descriptors for everything but mail connections: the journal's files and readers, the HTTP side,
/// connections that are being turned away.
const OTHERS: u64 = 512;

/// Raises this process's limit of open descriptors to what `settings` may need, as far as the system
/// allows it: shells and systemd start services with 1,024, about as many as connections alone.
pub(crate) fn make_room(settings: &Settings) {
    let reports = usize::from(settings.reports.is_some());
    let outgoing = settings.deliver.concurrency.saturating_mul(1 + reports);
    let connections = settings.receive.max_connections.saturating_add(outgoing);
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let possible = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = Rlimit { current: Some(possible), maximum: limit.maximum };
    if setrlimit(Resource::Nofile, raised).is_err() || possible < wanted {
        tracing::warn!(
            wanted,
            allowed = ?getrlimit(Resource::Nofile).current,
            "fewer files may be open than receive.max_connections may need"
        );
    }
}
