//! Log lines: text for people, JSON for machines, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, registry};

use crate::configuration::LogFormat;
#[cfg(feature = "internet")]
use crate::recent::Recent;

/// Starts logging. May be called once; later calls change nothing.
pub(crate) fn start(format: LogFormat, level: &str) {
    // A second start finds the first one in place.
    let _ = registry().with(lines(format, level)).try_init();
}

/// Starts logging, and remembers what goes wrong.
#[cfg(feature = "internet")]
pub(crate) fn start_remembering(format: LogFormat, level: &str) -> Recent {
    let recent = Recent::default();
    let _ = registry().with(lines(format, level)).with(recent.clone()).try_init();
    recent
}

fn lines(format: LogFormat, level: &str) -> impl Layer<Registry> {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).boxed(),
    };
    lines.with_filter(filter)
}
