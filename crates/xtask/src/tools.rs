//! Programs that only some checks need, kept in `target/tools` when the machine has none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use sekimori_xtask::workspace;

/// The cargo-deb that packages are built with. Installing it takes a minute or so, once.
const CARGO_DEB_VERSION: &str = "3.8.0";

/// Settings by which cargo-deb builds in half the time; it compresses a few megabytes for us.
const QUICK_BUILD: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
];

fn folder() -> PathBuf {
    workspace::root().join("target/tools")
}

/// The program of that name in a folder of `PATH` or of those that only root has there.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&folders)
        .chain(system)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// cargo-deb: the machine's, or one of our own, which is made where `may_install`.
pub(crate) fn cargo_deb(may_install: bool) -> Result<PathBuf> {
    let own = folder().join("bin/cargo-deb");
    if let Some(found) = on_path("cargo-deb").or_else(|| own.is_file().then(|| own.clone())) {
        return Ok(found);
    }
    ensure!(may_install, "cargo-deb is not installed: cargo install cargo-deb --locked");
    eprintln!("Installing cargo-deb {CARGO_DEB_VERSION} into target/tools; this takes a minute.");
    let status = workspace::cargo()
        .args(["install", "cargo-deb", "--locked", "--quiet", "--version", CARGO_DEB_VERSION])
        .arg("--root")
        .arg(folder())
        .envs(QUICK_BUILD)
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "cargo install cargo-deb failed");
    Ok(own)
}

/// promtool, which checks rules of alerts, out of Debian's package `prometheus`.
pub(crate) fn promtool(may_install: bool) -> Result<PathBuf> {
    of_package("prometheus", "usr/bin/promtool", may_install)
}

/// logrotate, out of Debian's package of that name.
pub(crate) fn logrotate(may_install: bool) -> Result<PathBuf> {
    of_package("logrotate", "usr/sbin/logrotate", may_install)
}

/// A program of a Debian package: the machine's, or one of our own, which is unpacked where
/// `may_install`.
///
/// The package is not installed: that would start a server, or ask for one.
fn of_package(package: &str, path: &str, may_install: bool) -> Result<PathBuf> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let unpacked = folder().join(package);
    let own = unpacked.join(path);
    if let Some(found) = on_path(name).or_else(|| own.is_file().then(|| own.clone())) {
        return Ok(found);
    }
    ensure!(may_install, "{name} is not installed: it is in Debian's package {package}");
    fs::create_dir_all(&unpacked)?;
    eprintln!("Unpacking {name} of Debian's package {package} into target/tools.");
    let download = ["--quiet", "download", package];
    if call(&unpacked, "apt-get", &download).is_err() {
        // A fresh image has no lists of packages.
        call(&unpacked, "apt-get", &["--quiet", "update"])?;
        call(&unpacked, "apt-get", &download)?;
    }
    let archive = archive_in(&unpacked)?;
    let archive = archive.to_str().context("a path that is no text")?;
    call(&unpacked, "dpkg-deb", &["--extract", archive, "."])?;
    fs::remove_file(archive)?;
    ensure!(own.is_file(), "the package {package} has no {path}");
    Ok(own)
}

fn archive_in(folder: &Path) -> Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "deb") {
            return Ok(path);
        }
    }
    bail!("apt-get downloaded nothing");
}

fn call(folder: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .with_context(|| format!("starting {program}"))?;
    let talk = String::from_utf8(output.stderr)?;
    ensure!(output.status.success(), "{program} {}: {}", arguments.join(" "), talk.trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_its_name() {
        assert!(on_path("sh").is_some());
        assert!(on_path("no-such-program").is_none());
    }

    #[test]
    fn a_call_that_fails_says_why() {
        let error = call(Path::new("/"), "sh", &["-c", "echo no room >&2; exit 1"]).unwrap_err();
        assert!(error.to_string().ends_with("no room"), "{error}");
    }
}
