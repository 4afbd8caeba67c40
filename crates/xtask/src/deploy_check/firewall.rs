//! The firewall rules, read by nft.

use std::process::Command;

use anyhow::Result;
use sekimori_xtask::workspace;

use super::{Ending, heard};
use crate::tools;

/// Rulesets are to be good by `nft --check`, each by itself.
pub(super) fn check() -> Result<Ending> {
    let Some(nft) = tools::on_path("nft") else {
        return Ok(Ending::NotRun("nft is not installed (Debian package nftables)".to_owned()));
    };
    let mut read = Vec::new();
    for entry in std::fs::read_dir(workspace::root().join("deploy/nftables"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "nft") {
            continue;
        }
        let (is_good, said) = heard(Command::new(&nft).args(["--check", "--file"]).arg(&path))?;
        if !is_good && said.contains("Operation not permitted") {
            return Ok(Ending::NotRun("nft may not ask the kernel here".to_owned()));
        }
        if !is_good || !said.is_empty() {
            return Ok(Ending::Failed(said));
        }
        read.extend(path.file_name().map(|name| name.display().to_string()));
    }
    read.sort();
    if read.is_empty() {
        return Ok(Ending::Failed("there is no ruleset in deploy/nftables".to_owned()));
    }
    Ok(Ending::Passed(format!("nft takes {}", read.join(", "))))
}
