//! `cargo xtask fidelity`: how much of what a person sees of HTML is in our text, and how much of what
//! nobody sees.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use sekimori_xtask::fidelity::{self, Fidelity, Judge, LEAST_KEPT, MOST_LEAKED};
use sekimori_xtask::workspace;

/// Compare the text made of HTML with what Chromium shows a person.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Tell a line for each document, and which words are missing or leaked.
    #[arg(long)]
    verbose: bool,
    /// Install nothing: name the Debian packages that are missing and fail.
    #[arg(long)]
    no_install: bool,
    /// Mails (.eml), pages (.html) or folders of them.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Measures and prints. The exit code is 0 only if the totals are as they must be.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    crate::verify::packages::ensure_browser(options.no_install)?;
    let paths = if options.paths.is_empty() {
        fidelity::usual_paths(&workspace::root())
    } else {
        options.paths.clone()
    };
    let sources = fidelity::sources(&paths)?;
    ensure!(!sources.is_empty(), "there is no HTML in the paths given");
    let begin = Instant::now();
    let judge = Judge::start()?;
    let (mut ours, mut html2text) = (Fidelity::default(), Fidelity::default());
    for source in &sources {
        let measured = judge.measure(&source.html).with_context(|| source.name.clone())?;
        ours.add(measured.ours);
        html2text.add(measured.html2text);
        let is_faulty = !(measured.missing.is_empty() && measured.leaked.is_empty());
        if options.verbose || is_faulty {
            println!("{}: {}", source.name, measured.ours);
        }
        if options.verbose {
            tell("missing", &measured.missing);
            tell("leaked", &measured.leaked);
        }
    }
    println!();
    println!("sekimori:  {ours}");
    println!("html2text: {html2text}");
    println!(
        "{} documents in {:.1} s; at least {LEAST_KEPT} % and at most {MOST_LEAKED} % are required",
        sources.len(),
        begin.elapsed().as_secs_f64(),
    );
    Ok(if ours.is_enough() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(what: &str, words: &[String]) {
    if !words.is_empty() {
        println!("    {what}: {}", words.join(" "));
    }
}
