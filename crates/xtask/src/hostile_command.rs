//! `cargo xtask bench-hostile`: whether sanitizing takes linear time whatever it is given.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};
use clap::Args;
use sekimori_xtask::workspace;

/// Time the sanitizer on hostile mails of growing size, as nanoseconds for each octet.
#[derive(Debug, Args)]
pub(crate) struct Options {}

/// Runs the bench, which has the sanitizer optimised. The exit code is 0 only if every family of mails
/// takes time in proportion to its size.
pub(crate) fn run(_: &Options) -> Result<ExitCode> {
    let status = Command::new("cargo")
        .args(["bench", "--quiet", "--package", "sekimori-benches", "--bench", "hostile"])
        .current_dir(workspace::root())
        .status()
        .context("cargo bench")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
