//! The embedded engine: the conformance suite, and what is its own.

use std::path::Path;

use sekimori_journal::{EmbeddedJournal, Journal, Settings};

use crate::conformance::{Open, conformance_suite};

/// Segments so small that every test goes through several.
fn settings() -> Settings {
    Settings {
        segment_octets: 8 * 1024,
        reserve_octets: 0,
        ..Settings::default()
    }
}

fn open(path: &Path) -> EmbeddedJournal {
    sekimori_journal::open(path, &settings()).unwrap()
}

fn on_embedded_store(check: impl Fn(Open<'_>)) {
    let folder = tempfile::tempdir().unwrap();
    check(&|| -> Box<dyn Journal> { Box::new(open(folder.path())) });
}

conformance_suite!(on_embedded_store);
