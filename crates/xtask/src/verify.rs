//! `cargo xtask test`: everything that has to hold before a change is taken, set-up included.

pub(crate) mod packages;

use std::fmt;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Args;
use sekimori_xtask::postfix::Postfix;
use sekimori_xtask::workspace;

/// Check format, lints, tests and documentation, after installing what tests need.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Install nothing: name the Debian packages that are missing and fail.
    #[arg(long)]
    no_install: bool,
}

/// A command of the run.
struct Step {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: Option<(&'static str, &'static str)>,
}

impl Step {
    const fn new(name: &'static str, arguments: &'static [&'static str]) -> Self {
        Self { name, arguments, environment: None }
    }
}

const FORMAT: Step = Step::new("format", &["fmt", "--all", "--check"]);
const LINTS: Step =
    Step::new("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
/// The gate's own build, in which code that only the full one uses would be dead.
const GATE_LINTS: Step = Step::new(
    "gate lints",
    &["clippy", "--package", "sekimori", "--no-default-features", "--", "-D", "warnings"],
);
const NEXTEST: Step = Step::new("tests", &["nextest", "run", "--workspace", "--no-fail-fast"]);
const TESTS: Step = Step::new("tests", &["test", "--workspace", "--all-targets"]);
const DOC_TESTS: Step = Step::new("examples", &["test", "--doc", "--workspace"]);
const DOCUMENTATION: Step = Step {
    name: "documentation",
    arguments: &["doc", "--workspace", "--no-deps"],
    environment: Some(("RUSTDOCFLAGS", "-D warnings")),
};
const FIDELITY: Step = Step::new(
    "fidelity",
    &["run", "--quiet", "--package", "sekimori-xtask", "--", "fidelity", "--no-install"],
);
/// Only whether it works: no machine that checks changes is quiet enough to time anything.
const SMOKE: Step = Step::new(
    "bench-relay",
    &["run", "--quiet", "--package", "sekimori-xtask", "--", "bench-relay", "--smoke"],
);
const DEPLOYMENT: Step = Step::new(
    "deployment",
    &["run", "--quiet", "--package", "sekimori-xtask", "--", "deploy-check", "--no-install"],
);
/// Says by itself why it cannot run, where that is so.
const LAB: Step = Step::new("lab", &["run", "--quiet", "--package", "sekimori-xtask", "--", "lab"]);
const DENY: Step = Step::new("dependencies", &["deny", "check"]);

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It succeeded.
    Passed,
    /// It ended with this code; 1 where a signal ended it.
    Failed(u8),
    /// What it needs is not installed.
    NotRun,
}

struct Performed {
    name: &'static str,
    ending: Ending,
    time: Duration,
}

impl fmt::Display for Performed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.ending {
            Ending::Passed => "passed",
            Ending::Failed(_) => "FAILED",
            Ending::NotRun => "not run",
        };
        write!(f, "{:<14} {word:<8} {:>6.1} s", self.name, self.time.as_secs_f64())
    }
}

/// Runs all steps, also after one has failed, and ends with the code of the first that did.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    packages::ensure(options.no_install)?;
    if let Err(reason) = Postfix::can_run() {
        println!("Tests that need a private Postfix will not run: {reason}.");
    }
    let mut steps = vec![FORMAT, LINTS, GATE_LINTS];
    steps.push(if has("nextest") { NEXTEST } else { TESTS });
    steps.extend([DOC_TESTS, DOCUMENTATION, FIDELITY, DEPLOYMENT, LAB]);
    if Postfix::can_run().is_ok() {
        steps.push(SMOKE);
    }
    let mut results = Vec::new();
    for step in &steps {
        results.push(perform(step)?);
    }
    if has("deny") {
        results.push(perform(&DENY)?);
    } else {
        println!("\ncargo-deny is not installed: licences and advisories are not checked.");
        results.push(Performed { name: DENY.name, ending: Ending::NotRun, time: Duration::ZERO });
    }
    println!();
    for result in &results {
        println!("{result}");
    }
    Ok(ExitCode::from(exit_code(&results)))
}

fn exit_code(results: &[Performed]) -> u8 {
    results
        .iter()
        .find_map(|result| match result.ending {
            Ending::Failed(code) => Some(code),
            Ending::Passed | Ending::NotRun => None,
        })
        .unwrap_or(0)
}

/// Whether cargo has this subcommand.
fn has(subcommand: &str) -> bool {
    workspace::cargo()
        .args([subcommand, "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}

fn perform(step: &Step) -> Result<Performed> {
    let mut command = workspace::cargo();
    command.args(step.arguments);
    if let Some((name, value)) = step.environment {
        command.env(name, value);
    }
    println!("\n== {}: {}", step.name, line(&command));
    let begin = Instant::now();
    let status = command.status().context("starting cargo")?;
    let ending = if status.success() {
        Ending::Passed
    } else {
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ending::Failed(code.unwrap_or(1).max(1))
    };
    let result = Performed { name: step.name, ending, time: begin.elapsed() };
    println!("== {result}");
    Ok(result)
}

/// A command as one would type it.
fn line(command: &Command) -> String {
    let settings = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}=\"{}\" ", name.display(), value?.display())));
    let arguments = command.get_args().map(|a| format!(" {}", a.display()));
    settings.chain(std::iter::once("cargo".to_owned())).chain(arguments).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(endings: &[Ending]) -> Vec<Performed> {
        let result = |&ending| Performed { name: "step", ending, time: Duration::from_secs(1) };
        endings.iter().map(result).collect()
    }

    #[test]
    fn the_first_failure_gives_the_exit_code() {
        use Ending::{Failed, NotRun, Passed};
        assert_eq!(exit_code(&results(&[Passed, NotRun])), 0);
        assert_eq!(exit_code(&results(&[Passed, Failed(101), Failed(1)])), 101);
    }

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = workspace::cargo();
        command.args(DOCUMENTATION.arguments).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(line(&command), "RUSTDOCFLAGS=\"-D warnings\" cargo doc --workspace --no-deps");
    }
}
