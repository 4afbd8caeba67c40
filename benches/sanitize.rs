//! Sanitizing as a whole: a mail in, the message that crosses out. `mix` is all fixture mails but the
//! hostile ones.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use sekimori_benches::{Mail, Receipt, fixture_mails, octets, run};

fn main() {
    run(&[sanitize]);
}

fn sanitize(criterion: &mut Criterion) {
    let receipt = Receipt::new();
    let context = receipt.context();
    let mut group = criterion.benchmark_group("sanitize");
    for mail in Mail::all() {
        group.throughput(octets(&mail.octets));
        group.bench_with_input(BenchmarkId::from_parameter(mail.kind), &mail.octets, |b, raw| {
            b.iter(|| sekimori_sanitize::sanitize(black_box(raw), &context));
        });
    }
    let mails = fixture_mails();
    group.throughput(octets(&mails.concat()));
    group.bench_with_input(BenchmarkId::from_parameter("mix"), &mails, |b, mails| {
        b.iter(|| {
            for raw in mails {
                black_box(sekimori_sanitize::sanitize(black_box(raw), &context));
            }
        });
    });
}
