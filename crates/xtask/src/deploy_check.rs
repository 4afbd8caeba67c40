//! `cargo xtask deploy-check`: what is in `deploy/`, checked by the programs that will read it.
//!
//! Nothing is skipped silently: a check that cannot run here says why. The machine stays as it is; the
//! packages are installed in a throw-away root, and made from quickly built binaries so that the check
//! takes a minute (`cargo xtask package` makes those that are shipped).

mod alerts;
mod firewall;
mod packages;
mod traced;
mod units;

use std::fmt;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Args;

use crate::verify::packages::ensure_for_deployment;

/// Check units, packages, firewall rules and alerts of deploy/.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Install no Debian package: name those that are missing and fail
    #[arg(long)]
    no_install: bool,
}

/// How a check ended.
#[derive(Debug, PartialEq, Eq)]
enum Ending {
    /// With this to say.
    Passed(String),
    /// What was wrong.
    Failed(String),
    /// Why it cannot run on this machine.
    NotRun(String),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(what) => write!(f, "passed: {what}"),
            Self::Failed(why) => write!(f, "FAILED: {why}"),
            Self::NotRun(why) => write!(f, "not run: {why}"),
        }
    }
}

/// A check, and what it is called.
type Check = (&'static str, fn() -> Result<Ending>);

const CHECKS: [Check; 6] = [
    ("units", units::verify),
    ("exposure", units::exposure),
    ("system calls", units::system_calls),
    ("firewall", firewall::check),
    ("alerts", alerts::check),
    ("packages", packages::check),
];

/// Runs all checks, also after one has failed.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    ensure_for_deployment(options.no_install)?;
    let mut has_failed = false;
    for (name, check) in CHECKS {
        let begin = Instant::now();
        let ending = check().unwrap_or_else(|error| Ending::Failed(format!("{error:#}")));
        println!("{}", line(name, begin.elapsed(), &ending));
        has_failed |= matches!(ending, Ending::Failed(_));
    }
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn line(name: &str, time: Duration, ending: &Ending) -> String {
    format!("{name:<14} {:>5.1} s  {ending}", time.as_secs_f64())
}

/// Everything a program says, and whether it ended well.
fn heard(command: &mut Command) -> Result<(bool, String)> {
    let output =
        command.output().with_context(|| format!("{}", command.get_program().display()))?;
    let mut said = String::from_utf8(output.stdout)?;
    said.push_str(str::from_utf8(&output.stderr)?);
    Ok((output.status.success(), said.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_did_not_run_says_why() {
        let ending = Ending::NotRun("no overlay over /".to_owned());
        let line = line("packages", Duration::from_millis(1_260), &ending);
        assert_eq!(line, "packages         1.3 s  not run: no overlay over /");
    }

    #[test]
    fn both_outputs_of_a_program_are_heard() {
        let (is_good, said) =
            heard(Command::new("sh").args(["-c", "echo one; echo two >&2; exit 2"])).unwrap();
        assert!(!is_good);
        assert_eq!(said, "one\ntwo");
    }
}
