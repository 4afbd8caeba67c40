//! The check for accessibility by axe-core, which comes from npm.
//!
//! It is fetched once, of one version whose octets are known, and kept under `target/`; none of it
//! is in this repository (MPL-2.0). It runs in the world apart, so that the page's policy, which
//! allows no scripts but its own, neither hinders it nor is loosened for it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use sha2::{Digest as _, Sha512};

use super::page::Page;
use crate::workspace;

/// The version of axe-core.
pub const AXE_VERSION: &str = "4.14.1";

/// The SHA-512 of its package, in hexadecimal (the `integrity` that the registry tells, in Base64).
const AXE_SHA512: &str = "1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b73\
                          4f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5";

/// WCAG 2.2 at level AA with all that it includes, and what axe-core recommends beyond.
const RUN: &str = "axe.run(document, {
  runOnly: {
    type: 'tag',
    values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  },
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations'],
  iframes: false,
}).then(({ violations }) => violations.map(({ id, impact, help, nodes }) => ({
  rule: id, impact: impact ?? '', help,
  elements: nodes.map(({ target, html, failureSummary }) => ({
    selector: target.join(' '), html, summary: failureSummary ?? '',
  })),
})))";

/// A rule that a page breaks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Violation {
    /// The name of the rule, such as `label`.
    pub rule: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    pub impact: String,
    /// What the rule asks.
    pub help: String,
    /// Where it is broken.
    pub elements: Vec<Faulty>,
}

/// An element that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Faulty {
    /// A CSS selector that finds it.
    pub selector: String,
    /// The element as written.
    pub html: String,
    /// What would mend it.
    pub summary: String,
}

/// Fetches axe-core where it is not there yet, and tells the file of its script.
///
/// # Errors
/// If the registry cannot be reached, or gives other octets than those known.
pub fn fetch_axe() -> Result<PathBuf> {
    let folder = workspace::root().join("target").join(format!("axe-core-{AXE_VERSION}"));
    let script = folder.join("axe.min.js");
    if script.exists() {
        return Ok(script);
    }
    // Tests of other processes may do the same at the same time: the file appears whole or not at all.
    fs::create_dir_all(&folder)?;
    let work = tempfile::tempdir_in(&folder)?;
    let package = work.path().join("axe-core.tgz");
    let url = format!("https://registry.npmjs.org/axe-core/-/axe-core-{AXE_VERSION}.tgz");
    run(Command::new("curl")
        .args(["--fail", "--silent", "--show-error", "--location", "--max-time", "120"])
        .args(["--retry", "3", "--output"])
        .arg(&package)
        .arg(&url))?;
    ensure_known(&fs::read(&package)?).with_context(|| url)?;
    run(Command::new("tar")
        .args(["--extract", "--gzip", "--file"])
        .arg(&package)
        .arg("--directory")
        .arg(work.path())
        .args(["package/axe.min.js", "package/LICENSE"]))?;
    fs::rename(work.path().join("package/LICENSE"), folder.join("LICENSE"))?;
    fs::rename(work.path().join("package/axe.min.js"), &script)?;
    Ok(script)
}

fn ensure_known(package: &[u8]) -> Result<()> {
    let hash = Sha512::digest(package);
    let hash: String = hash.iter().map(|octet| format!("{octet:02x}")).collect();
    ensure!(hash == AXE_SHA512, "not the package that is known: its SHA-512 is {hash}");
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_owned();
    let status = command.status().with_context(|| format!("starting {}", program.display()))?;
    ensure!(status.success(), "{} failed ({status})", program.display());
    Ok(())
}

impl Page {
    /// What of the page hinders people, by the rules of WCAG 2.2 AA and axe-core's own advice. What
    /// is in frames is not looked at.
    ///
    /// # Errors
    /// If axe-core cannot be fetched or does not run.
    pub fn axe(&self) -> Result<Vec<Violation>> {
        let script = fetch_axe()?;
        self.evaluate(&format!("{};true", fs::read_to_string(script)?))?;
        Ok(serde_json::from_value(self.evaluate(RUN)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_package_is_refused() {
        let error = ensure_known(b"other").unwrap_err().to_string();
        assert!(error.contains("not the package that is known"), "{error}");
    }
}
