//! What each stage of a message costs by itself, one after the other on one thread, as a table of
//! microseconds: `cargo bench -p sekimori-benches --bench stages`.
//!
//! Caches are warm, so that a stage in the running relay costs more: `cargo xtask bench` prints both.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a measurement that prints a table")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use sekimori_benches::session::{converse, reads, settings};
use sekimori_benches::{Mail, Receipt};
use sekimori_journal::Body;
use sekimori_profile::verify;
use sekimori_sanitize::sanitize;

/// How long each stage is repeated for, and how often that is done: the best counts, the others were
/// disturbed.
const TIME: Duration = Duration::from_millis(150);
const ROUNDS: u32 = 5;

fn microseconds(mut work: impl FnMut()) -> f64 {
    let round = |work: &mut dyn FnMut()| {
        let (begun, mut times) = (Instant::now(), 0_u32);
        while begun.elapsed() < TIME {
            work();
            times += 1;
        }
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(times)
    };
    (0..ROUNDS).map(|_| round(&mut work)).fold(f64::MAX, f64::min)
}

fn main() {
    let receipt = Receipt::new();
    let context = receipt.context();
    let settings = settings(&receipt);
    println!(
        "| µs of | session | sanitize | verify | compress the original | compress the text | sum |\n\
         | --- | --- | --- | --- | --- | --- | --- |"
    );
    for mail in Mail::all() {
        let reads = reads(&mail, &receipt);
        let text = sanitize(&mail.octets, &context).message;
        let most = context.limits.text_octets;
        let stages = [
            microseconds(|| drop(black_box(converse(&settings, &reads)))),
            microseconds(|| drop(black_box(sanitize(black_box(&mail.octets), &context)))),
            microseconds(|| drop(black_box(verify::verify(black_box(&text), most)))),
            microseconds(|| drop(black_box(Body::compress(&mail.octets)))),
            microseconds(|| drop(black_box(Body::compress(&text)))),
        ];
        let sum: f64 = stages.iter().sum();
        let [session, sanitize, verify, original, text] = stages;
        println!(
            "| {} | {session:.0} | {sanitize:.0} | {verify:.0} | {original:.0} | {text:.0} | {sum:.0} |",
            mail.kind
        );
    }
}
