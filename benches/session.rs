//! A whole SMTP session, from the greeting to QUIT, with one mail in it. Throughput is of the mail on
//! the wire.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use sekimori_benches::session::{converse, reads, settings};
use sekimori_benches::{Mail, Receipt, octets, run};

fn main() {
    run(&[session]);
}

fn session(criterion: &mut Criterion) {
    let receipt = Receipt::new();
    let settings = settings(&receipt);
    let mut group = criterion.benchmark_group("session");
    for mail in Mail::all() {
        let reads = reads(&mail, &receipt);
        let received = converse(&settings, &reads).map(|message| message.data);
        assert_eq!(received.as_ref(), Some(&mail.octets), "the mail arrives as it is");
        group.throughput(octets(&mail.wire));
        group.bench_with_input(BenchmarkId::from_parameter(mail.kind), &reads, |b, reads| {
            b.iter(|| converse(black_box(&settings), reads));
        });
    }
}
