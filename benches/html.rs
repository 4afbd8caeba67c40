//! HTML bodies to text. Throughput is of the HTML alone.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use sekimori_benches::{Mail, octets, run, scanned, text_leaves};
use sekimori_html::Options;
use sekimori_policy::{Language, Limits, LinkMode};
use sekimori_xtask::mail::Kind;

fn main() {
    run(&[render]);
}

fn render(criterion: &mut Criterion) {
    let limits = Limits::default();
    let options = Options {
        max_depth: limits.html_depth,
        max_octets: limits.html_octets,
        links: LinkMode::Text,
        language: Language::Japanese,
    };
    let mut group = criterion.benchmark_group("html");
    for mail in [Kind::Newsletter, Kind::Attachment, Kind::Forwarded].map(Mail::of) {
        let message = scanned(&mail.octets, &limits);
        let leaf = text_leaves(&message, "html").next();
        let body = leaf.map(|leaf| leaf.decoded_body().0).unwrap_or_default();
        let html = sekimori_charset::decode(&body, Some("utf-8")).text;
        group.throughput(octets(html.as_bytes()));
        group.bench_with_input(BenchmarkId::from_parameter(mail.kind), &html, |b, html| {
            b.iter(|| sekimori_html::render(black_box(html), &options));
        });
    }
}
