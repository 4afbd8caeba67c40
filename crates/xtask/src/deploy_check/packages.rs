//! The Debian packages, installed and removed in a root that is thrown away.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use sekimori_xtask::workspace::Profile;

use super::Ending;
use crate::{package, tools};

/// Does the work; its head says how.
const SCRIPT: &str = include_str!("throwaway.sh");

/// The code by which the script says that this machine has no throw-away root to give.
const CANNOT: i32 = 75;

/// Builds both packages from quickly built binaries, and has the script try them.
pub(super) fn check() -> Result<Ending> {
    let cargo_deb = tools::cargo_deb(true)?;
    // The full binary last: it is the one that other steps look for where cargo puts both.
    let mut built: Vec<PathBuf> = Vec::new();
    for package in package::PACKAGES.iter().rev() {
        built.push(package::build(*package, Profile::Debug, &cargo_deb)?);
    }
    built.reverse();
    if !rustix::process::geteuid().is_root() {
        return Ok(Ending::NotRun("built, but only root can install them for a trial".to_owned()));
    }
    built.push(tools::logrotate(true)?);
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("throwaway.sh");
    fs::write(&script, SCRIPT)?;
    let output = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh"])
        .arg(script)
        .args(built)
        .output()
        .context("starting unshare")?;
    let said = String::from_utf8(output.stdout)? + str::from_utf8(&output.stderr)?;
    let said = said.trim().to_owned();
    Ok(match output.status.code() {
        Some(0) => Ending::Passed(said),
        Some(CANNOT) => Ending::NotRun(said),
        // unshare itself, where namespaces are not allowed.
        _ if said.starts_with("unshare:") => Ending::NotRun(said),
        _ => Ending::Failed(said),
    })
}
