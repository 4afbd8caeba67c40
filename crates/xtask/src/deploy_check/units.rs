//! The systemd units: as systemd reads them, how exposed they are, and whether they let the program work.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use sekimori_xtask::workspace;

use super::{Ending, heard, traced};
use crate::tools;

/// Most exposure that a unit may have, in tenths (`systemd-analyze security --threshold`).
const MOST_EXPOSURE: &str = "20";

/// Keys newer than the systemd of Debian 12, by which nothing is lost where they are ignored.
const NEWER_KEYS: [&str; 2] = ["RestartSteps", "RestartMaxDelaySec"];

/// What a program does as root alone, and a service's user does not (SQLite gives files their owner).
const OF_ROOT_ALONE: [&str; 1] = ["fchown"];

/// The unit that runs all that there is in one process.
const WHOLE: &str = "sekimori.service";

fn units() -> Result<Vec<PathBuf>> {
    let mut units = Vec::new();
    for entry in fs::read_dir(workspace::root().join("deploy/systemd"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "service" || ending == "timer") {
            units.push(path);
        }
    }
    units.sort();
    ensure!(!units.is_empty(), "there is no unit in deploy/systemd");
    Ok(units)
}

fn systemd_analyze() -> Option<Command> {
    tools::on_path("systemd-analyze").map(Command::new)
}

fn not_installed() -> Ending {
    Ending::NotRun("systemd-analyze is not installed (Debian package systemd)".to_owned())
}

/// Each unit is to be read without a word, but on keys that are known to be newer.
pub(super) fn verify() -> Result<Ending> {
    let folder = tempfile::tempdir()?;
    let mut copies = Vec::new();
    for unit in units()? {
        // The binary is not installed on this machine; what the unit says of it stays a command.
        let text = fs::read_to_string(&unit)?.replace("/usr/bin/sekimori", "/bin/true");
        let copy = folder.path().join(unit.file_name().context("a unit without a name")?);
        fs::write(&copy, text)?;
        copies.push(copy);
    }
    let Some(mut analyze) = systemd_analyze() else { return Ok(not_installed()) };
    let (is_good, said) = heard(analyze.args(["verify", "--man=no"]).args(&copies))?;
    let mistakes: Vec<&str> = said.lines().filter(|line| !is_of_newer_key(line)).collect();
    if !is_good || !mistakes.is_empty() {
        return Ok(Ending::Failed(mistakes.join("\n")));
    }
    Ok(Ending::Passed(format!("systemd takes all {}", copies.len())))
}

fn is_of_newer_key(line: &str) -> bool {
    let unknown = ["Unknown key name ", "Unknown key "];
    NEWER_KEYS.iter().any(|key| unknown.iter().any(|u| line.contains(&format!("{u}'{key}'"))))
}

/// No service is to be more exposed than the bound.
pub(super) fn exposure() -> Result<Ending> {
    let mut levels = Vec::new();
    for unit in units()?.iter().filter(|unit| unit.extension().is_some_and(|e| e == "service")) {
        let Some(mut analyze) = systemd_analyze() else { return Ok(not_installed()) };
        let threshold = format!("--threshold={MOST_EXPOSURE}");
        let (is_good, said) = heard(
            analyze.args(["security", "--no-pager", "--offline=true", &threshold]).arg(unit),
        )?;
        let level = said.lines().find_map(level).with_context(|| said.clone())?;
        if !is_good {
            return Ok(Ending::Failed(format!("{level}, which is too much\n{said}")));
        }
        levels.push(level);
    }
    Ok(Ending::Passed(levels.join(", ")))
}

/// "sekimori.service 1.6" of the line that sums up.
fn level(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("Overall exposure level for ")?;
    let (unit, level) = rest.split_once(": ")?;
    Some(format!("{unit} {}", level.split(' ').next()?))
}

/// The unit's filter is to let all through that the program calls while it takes a mail, delivers it,
/// shows a page and stops.
pub(super) fn system_calls() -> Result<Ending> {
    if tools::on_path("strace").is_none() {
        return Ok(Ending::NotRun("strace is not installed".to_owned()));
    }
    if systemd_analyze().is_none() {
        return Ok(not_installed());
    }
    let unit = fs::read_to_string(workspace::root().join("deploy/systemd").join(WHOLE))?;
    let allowed = filter(&unit)?;
    let called = match traced::calls()? {
        Ok(called) => called,
        Err(reason) => return Ok(Ending::NotRun(reason)),
    };
    let refused: Vec<&str> = called
        .iter()
        .map(String::as_str)
        .filter(|call| !allowed.contains(*call) && !OF_ROOT_ALONE.contains(call))
        .collect();
    if !refused.is_empty() {
        return Ok(Ending::Failed(format!("{WHOLE} refuses {}", refused.join(", "))));
    }
    Ok(Ending::Passed(format!("{WHOLE} lets all {} pass that a relay uses", called.len())))
}

/// The calls that the lines `SystemCallFilter=` of a unit leave, taken in their order.
fn filter(unit: &str) -> Result<BTreeSet<String>> {
    let mut allowed = BTreeSet::new();
    for value in unit.lines().filter_map(|line| line.strip_prefix("SystemCallFilter=")) {
        let (is_refused, names) =
            value.strip_prefix('~').map_or((false, value), |names| (true, names));
        for name in names.split_ascii_whitespace() {
            for call in group(name)? {
                if is_refused {
                    allowed.remove(&call);
                } else {
                    allowed.insert(call);
                }
            }
        }
    }
    Ok(allowed)
}

/// The calls of a group, or the one call of that name.
fn group(name: &str) -> Result<BTreeSet<String>> {
    if !name.starts_with('@') {
        return Ok(BTreeSet::from([name.to_owned()]));
    }
    let mut analyze = systemd_analyze().context("systemd-analyze")?;
    let (is_good, said) = heard(analyze.args(["syscall-filter", "--no-pager", name]))?;
    ensure!(is_good, "{said}");
    let mut calls = BTreeSet::new();
    for line in said.lines().skip(1).map(str::trim).filter(|line| !line.starts_with('#')) {
        calls.extend(group(line)?);
    }
    Ok(calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_read_from_the_line_that_sums_up() {
        let line = "→ Overall exposure level for sekimori.service: 1.6 OK 🙂";
        assert_eq!(level(line).as_deref(), Some("sekimori.service 1.6"));
        assert_eq!(level("✓ PrivateDevices="), None);
    }

    #[test]
    fn only_keys_known_to_be_newer_may_be_unknown() {
        assert!(is_of_newer_key("x:31: Unknown key name 'RestartSteps' in section 'Service', ig"));
        assert!(is_of_newer_key("x:31: Unknown key 'RestartMaxDelaySec' in section [Service], ig"));
        assert!(!is_of_newer_key(
            "x:31: Unknown key 'ProtectSytem' in section [Service], ignoring"
        ));
    }

    #[test]
    fn a_filter_is_taken_line_by_line() {
        let unit = "SystemCallFilter=read write fchown\nSystemCallFilter=~fchown\nUMask=0077\n\
                    SystemCallFilter=seccomp\n";
        let allowed = filter(unit).unwrap();
        assert_eq!(
            allowed.iter().map(String::as_str).collect::<Vec<_>>(),
            ["read", "seccomp", "write"]
        );
    }
}
