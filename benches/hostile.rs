//! Hostile mails of growing size, to see that sanitizing takes time in proportion to them. Run by
//! `cargo xtask bench-hostile`; the exit code is 1 when it does not.
#![allow(clippy::print_stdout, reason = "printing its table is what it is for")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sekimori_benches::Receipt;
use sekimori_sanitize::sanitize;
use sekimori_xtask::hostile::families;

/// Octets of the mails, each four times the one before.
const SIZES: [usize; 4] = [64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024];
/// How much more an octet may cost in larger mails than in the second size.
const MAX_GROWTH: f64 = 3.0;
/// Time for each family and size; the fastest run counts. There are at least two.
const TIME: Duration = Duration::from_millis(150);
const MIN_RUNS: usize = 2;

fn main() -> ExitCode {
    let mut receipt = Receipt::new();
    // The largest are taken on as well, not held for their size.
    receipt.limits.html_octets = 2 * SIZES.into_iter().max().unwrap_or_default();
    let context = receipt.context();
    println!("Nanoseconds an octet, and how much more of them at 1 or 4 MB than at 256 kB.\n");
    println!("| family | 64 kB | 256 kB | 1 MB | 4 MB | growth |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut is_linear = true;
    for family in families() {
        let costs = SIZES.map(|octets| {
            let mail = family.mail(octets);
            let fastest = fastest(|| {
                black_box(sanitize(black_box(&mail), &context));
            });
            fastest.as_secs_f64() * 1e9 / f64::from(u32::try_from(mail.len()).unwrap_or(u32::MAX))
        });
        let [first, second, third, last] = costs;
        let growth = third.max(last) / second;
        let mark = if growth > MAX_GROWTH { " **not linear**" } else { "" };
        is_linear &= growth <= MAX_GROWTH;
        println!(
            "| {} | {first:.1} | {second:.1} | {third:.1} | {last:.1} | {growth:.2}{mark} |",
            family.name
        );
    }
    if is_linear { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fastest(run: impl Fn()) -> Duration {
    let mut fastest = Duration::MAX;
    let started = Instant::now();
    let mut runs = 0;
    while runs < MIN_RUNS || started.elapsed() < TIME {
        let start = Instant::now();
        run();
        fastest = fastest.min(start.elapsed());
        runs += 1;
    }
    fastest
}
