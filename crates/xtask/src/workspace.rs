//! The checkout that this crate was built in, and the binary built from it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// The folder that the workspace's `Cargo.toml` is in.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_path_buf()
}

/// How the binary is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build, slow to run.
    Debug,
    /// As it is shipped.
    Release,
}

/// Which binary is built. Both are named `sekimori`, and cargo builds both to the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// With all that there is.
    Full,
    /// The gate of the LGWAN half alone, without a decoder of mail.
    Gate,
}

/// A line of cargo's output for machines.
#[derive(Debug, Deserialize)]
struct Artifact {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

/// Builds the full binary `sekimori` and tells where it is. Cargo's talk goes to standard error.
pub fn build_sekimori(profile: Profile) -> Result<PathBuf> {
    build(profile, Build::Full)
}

/// Builds a binary and tells where it is until the other one is built.
pub fn build(profile: Profile, which: Build) -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo
        .args(["build", "--package", "sekimori", "--bin", "sekimori"])
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped());
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    if which == Build::Gate {
        cargo.arg("--no-default-features");
    }
    let output = cargo.stderr(Stdio::inherit()).output().context("starting cargo")?;
    ensure!(output.status.success(), "sekimori did not build");
    executable(str::from_utf8(&output.stdout)?, "sekimori").context("cargo named no executable")
}

/// Runs this crate's own command in a release build, with these arguments.
pub fn run_in_release(arguments: impl Iterator<Item = OsString>) -> Result<()> {
    let status = cargo()
        .args(["run", "--release", "--quiet", "--package", "sekimori-xtask", "--"])
        .args(arguments)
        .current_dir(std::env::current_dir()?)
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "the command failed in its release build");
    Ok(())
}

/// The cargo that runs this, or the one on the path, in the workspace.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Artifact>(line).ok())
        .filter(|artifact| artifact.target.as_ref().is_some_and(|t| t.name == name))
        .find_map(|artifact| artifact.executable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_where_the_workspace_is() {
        assert!(root().join("crates/xtask/Cargo.toml").exists());
    }

    #[test]
    fn the_executable_is_the_one_of_the_right_target() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"other"},"executable":"/x/other"}
{"reason":"compiler-artifact","target":{"name":"sekimori"},"executable":null}
not json
{"reason":"compiler-artifact","target":{"name":"sekimori"},"executable":"/x/sekimori"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages, "sekimori"), Some(PathBuf::from("/x/sekimori")));
        assert_eq!(executable(messages, "absent"), None);
    }
}
