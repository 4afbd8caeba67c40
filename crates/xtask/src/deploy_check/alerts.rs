//! The alerts, read and tried by promtool.

use std::process::Command;

use anyhow::Result;
use sekimori_xtask::workspace;

use super::{Ending, heard};
use crate::tools;

/// Rules are to be good, and to fire and be silent as `alerts_test.yaml` says.
pub(super) fn check() -> Result<Ending> {
    let promtool = tools::promtool(true)?;
    let folder = workspace::root().join("deploy/prometheus");
    for arguments in [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts_test.yaml"]] {
        let (is_good, said) = heard(Command::new(&promtool).args(arguments).current_dir(&folder))?;
        if !is_good {
            return Ok(Ending::Failed(said));
        }
    }
    Ok(Ending::Passed("promtool takes the rules, and each alerts when it should".to_owned()))
}
