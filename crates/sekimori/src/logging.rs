//! Log lines: text for people, JSON for machines, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

use crate::configuration::LogFormat;
use crate::recent::Recent;

/// Starts logging, and remembers what goes wrong. May be called once; later calls change nothing.
pub(crate) fn start(format: LogFormat, level: &str) -> Recent {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).boxed(),
    };
    let recent = Recent::default();
    // A second start finds the first one in place.
    let _ = registry().with(lines.with_filter(filter)).with(recent.clone()).try_init();
    recent
}
