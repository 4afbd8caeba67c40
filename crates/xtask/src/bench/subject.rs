//! The relay that is measured: which binary, and where its queue is.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use sekimori_xtask::relay::{self, Relay};
use sekimori_xtask::workspace::{self, Profile};

/// Options of every command that measures the relay alone.
#[derive(Debug, Args)]
pub(super) struct Subject {
    /// Measure this binary instead of building one.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Folder for the queue.
    #[arg(long, value_name = "FOLDER")]
    work_dir: Option<PathBuf>,
}

impl Subject {
    /// The binary, built if none is given.
    pub(super) fn binary(&self) -> Result<PathBuf> {
        binary(self.binary.as_deref(), Profile::Release)
    }

    /// The folder for the queue.
    pub(super) fn folder(&self) -> PathBuf {
        folder(self.work_dir.as_deref())
    }
}

/// The binary that is given, or one that is built.
pub(super) fn binary(given: Option<&Path>, profile: Profile) -> Result<PathBuf> {
    match given {
        Some(binary) => fs::canonicalize(binary).context("--binary"),
        None => workspace::build_sekimori(profile),
    }
}

/// The folder that is given, or that of temporary files.
pub(super) fn folder(given: Option<&Path>) -> PathBuf {
    given.map_or_else(std::env::temp_dir, Path::to_owned)
}

/// Starts a relay that takes mail for the town that load is sent to.
pub(super) fn start(
    binary: &Path,
    command: &str,
    folder: &Path,
    next_hop: SocketAddr,
) -> Result<Relay> {
    Relay::start(relay::Settings {
        binary: binary.to_owned(),
        command: command.to_owned(),
        next_hop,
        domains: vec!["town.example.lg.jp".to_owned()],
        parent: Some(folder.to_owned()),
        more: String::new(),
    })
}
