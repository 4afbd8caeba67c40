//! `cargo xtask fixtures`: shows and accepts changes of what becomes of the fixture mails.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sekimori_xtask::fixtures::{self, Settings};
use sekimori_xtask::workspace::{self, Profile};

/// Compare what becomes of the fixture mails with what was reviewed.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Make what comes out now the new expectation. Read it before you commit it.
    #[arg(long)]
    accept: bool,
    /// Use this binary instead of building one.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Only mails whose path has this in it.
    filter: Option<String>,
}

/// Prints every difference. The exit code is 0 only if there is none, or all were accepted, and every
/// judgement holds.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let binary = match &options.binary {
        Some(binary) => std::fs::canonicalize(binary)?,
        None => workspace::build_sekimori(Profile::Debug)?,
    };
    let review = fixtures::review(&Settings {
        binary,
        folder: workspace::root().join("fixtures"),
        filter: options.filter.clone(),
        accept: options.accept,
    })?;
    for change in &review.changes {
        println!("{change}");
    }
    for violation in &review.violations {
        println!("{violation}");
    }
    println!(
        "{} mails; {} expectations {}; {} judgements do not hold",
        review.mails,
        review.changes.len(),
        if options.accept { "rewritten" } else { "differ" },
        review.violations.len(),
    );
    let changed = !review.changes.is_empty() && !options.accept;
    let failed = changed || !review.violations.is_empty();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
