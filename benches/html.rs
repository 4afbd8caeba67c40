//! HTML bodies to text, and html2text by itself on the same input. Throughput is of the HTML alone.
//! `mix` is the HTML of all fixture mails but the hostile ones.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use sekimori_benches::{Mail, fixture_mails, octets, run, text_leaves};
use sekimori_html::Options;
use sekimori_mime::scan;
use sekimori_policy::{Language, Limits, LinkMode, LinkPlacement};
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
        link_placement: LinkPlacement::Inline,
        language: Language::Japanese,
    };
    let mut group = criterion.benchmark_group("html");
    let mut sets: Vec<(String, Vec<String>)> =
        [Kind::Newsletter, Kind::Attachment, Kind::Forwarded]
            .map(Mail::of)
            .iter()
            .map(|mail| (mail.kind.to_string(), bodies(&mail.octets, &limits)))
            .collect();
    let mix = fixture_mails().iter().flat_map(|mail| bodies(mail, &limits)).collect();
    sets.push(("mix".to_owned(), mix));
    for (name, set) in &sets {
        group.throughput(octets(set.concat().as_bytes()));
        group.bench_with_input(BenchmarkId::from_parameter(name), set, |b, set| {
            b.iter(|| {
                for html in set {
                    let _ = black_box(sekimori_html::render(black_box(html), &options));
                }
            });
        });
        group.bench_with_input(BenchmarkId::new("html2text", name), set, |b, set| {
            b.iter(|| {
                for html in set {
                    let html = black_box(html).as_bytes();
                    let _ = black_box(html2text::config::plain().string_from_read(html, WIDTH));
                }
            });
        });
    }
}

/// Columns that html2text wraps at, as a mail would be.
const WIDTH: usize = 78;

/// The HTML bodies of a mail as characters; none of one that goes over a limit.
fn bodies(mail: &[u8], limits: &Limits) -> Vec<String> {
    let Ok(message) = scan(mail, limits) else { return Vec::new() };
    text_leaves(&message, "html")
        .map(|leaf| {
            let charset = leaf.content_type.charset();
            sekimori_charset::decode(&leaf.decoded_body().0, charset.as_deref()).text
        })
        .collect()
}
