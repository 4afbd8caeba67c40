//! The structure scan of a whole mail, and the transfer decoding of its leaves.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use sekimori_benches::{Mail, octets, run, scanned};
use sekimori_mime::PartKind;
use sekimori_policy::Limits;

fn main() {
    run(&[scan, decode_leaves, read_header]);
}

fn scan(criterion: &mut Criterion) {
    let limits = Limits::default();
    let mut group = criterion.benchmark_group("scan");
    for mail in Mail::all() {
        group.throughput(octets(&mail.octets));
        group.bench_with_input(BenchmarkId::from_parameter(mail.kind), &mail.octets, |b, raw| {
            b.iter(|| sekimori_mime::scan(black_box(raw), &limits));
        });
    }
}

fn decode_leaves(criterion: &mut Criterion) {
    let limits = Limits::default();
    let mut group = criterion.benchmark_group("decode_leaves");
    for mail in Mail::all() {
        group.throughput(octets(&mail.octets));
        let message = scanned(&mail.octets, &limits);
        let leaves: Vec<_> = message.parts().filter(|p| p.kind == PartKind::Leaf).collect();
        group.bench_with_input(BenchmarkId::from_parameter(mail.kind), &leaves, |b, leaves| {
            b.iter(|| {
                for leaf in leaves {
                    black_box(leaf.decoded_body());
                }
            });
        });
    }
}

/// The fields that sanitizing reads, of the text mail. Throughput is of the header section alone.
fn read_header(criterion: &mut Criterion) {
    let limits = Limits::default();
    let [mail, ..] = Mail::all();
    let message = scanned(&mail.octets, &limits);
    let root = message.root();
    let mut group = criterion.benchmark_group("read_header");
    group.throughput(octets(mail.octets.get(root.header_range.clone()).unwrap_or_default()));
    group.bench_function(BenchmarkId::from_parameter(mail.kind), |b| {
        b.iter(|| {
            let header = black_box(&root.header);
            black_box((header.addresses("From"), header.addresses("To"), header.date()));
            black_box((header.text("Subject"), header.message_ids("Message-ID")));
        });
    });
}
