//! Octets to text: the text leaves of each mail with the charset they name, and one letter in the
//! charsets of Japanese mail without a name.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use sekimori_benches::{Mail, octets, run, scanned, text_leaves};
use sekimori_policy::Limits;
use sekimori_xtask::mail::Kind;

fn main() {
    run(&[labelled, unlabelled, field]);
}

fn labelled(criterion: &mut Criterion) {
    let limits = Limits::default();
    let mut group = criterion.benchmark_group("charset_labelled");
    for mail in Mail::all() {
        let message = scanned(&mail.octets, &limits);
        let leaves: Vec<_> = text_leaves(&message, "plain")
            .chain(text_leaves(&message, "html"))
            .map(|leaf| (leaf.decoded_body().0, leaf.content_type.charset()))
            .collect();
        let octets: u64 = leaves.iter().map(|(body, _)| body.len() as u64).sum();
        group.throughput(Throughput::Bytes(octets));
        group.bench_with_input(BenchmarkId::from_parameter(mail.kind), &leaves, |b, leaves| {
            b.iter(|| {
                for (body, label) in leaves {
                    black_box(sekimori_charset::decode(body, label.as_deref()));
                }
            });
        });
    }
}

fn unlabelled(criterion: &mut Criterion) {
    let limits = Limits::default();
    let mail = Mail::of(Kind::Text);
    let message = scanned(&mail.octets, &limits);
    let letter = sekimori_charset::decode(message.root().raw_body, Some("iso-2022-jp")).text;
    let mut group = criterion.benchmark_group("charset_unlabelled");
    for name in ["iso-2022-jp", "shift_jis", "euc-jp", "utf-8"] {
        let Some(encoding) = encoding_rs::Encoding::for_label(name.as_bytes()) else {
            continue;
        };
        let (body, ..) = encoding.encode(&letter);
        group.throughput(octets(&body));
        group.bench_with_input(BenchmarkId::from_parameter(name), &body, |b, body| {
            b.iter(|| sekimori_charset::decode(black_box(body), None));
        });
    }
}

/// A subject in folded encoded-words.
fn field(criterion: &mut Criterion) {
    let limits = Limits::default();
    let mail = Mail::of(Kind::Text);
    let message = scanned(&mail.octets, &limits);
    let subject = message.root().header.field("Subject").unwrap_or_default();
    let mut group = criterion.benchmark_group("charset_field");
    group.throughput(octets(subject));
    group.bench_function("subject", |b| {
        b.iter(|| sekimori_charset::decode_field(black_box(subject)));
    });
}
