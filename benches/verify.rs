//! The text-only profile: making a text safe, writing the message, verifying what was written.
//! Throughput is of the text for the first two, of the written message for the last.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use sekimori_benches::{Mail, Receipt, octets, run};
use sekimori_policy::{Outcome, QueueId};
use sekimori_profile::{
    AsciiAddress, HostName, Mailbox, Protocol, Received, ResultField, SafeLine, SafeText,
    TextMessage, verify,
};
use sekimori_sanitize::sanitize;

fn main() {
    run(&[profile]);
}

fn profile(criterion: &mut Criterion) {
    let receipt = Receipt::new();
    for mail in Mail::all() {
        let sanitized = sanitize(&mail.octets, &receipt.context());
        let parameter = BenchmarkId::from_parameter(mail.kind);
        let mut group = criterion.benchmark_group("profile_clean");
        group.throughput(octets(sanitized.text.as_bytes()));
        group.bench_with_input(parameter.clone(), &sanitized.text, |b, text| {
            b.iter(|| SafeText::clean(black_box(text)));
        });
        group.finish();

        let message = message(&receipt, &sanitized.summary.subject, &sanitized.text);
        let mut group = criterion.benchmark_group("profile_write");
        group.throughput(octets(sanitized.text.as_bytes()));
        group.bench_with_input(parameter.clone(), &message, |b, message| {
            b.iter(|| sekimori_profile::write(black_box(message)));
        });
        group.finish();

        let mut group = criterion.benchmark_group("profile_verify");
        group.throughput(octets(&sanitized.message));
        group.bench_with_input(parameter, &sanitized.message, |b, octets| {
            b.iter(|| verify::verify(black_box(octets), receipt.limits.text_octets));
        });
        group.finish();
    }
}

fn message(receipt: &Receipt, subject: &str, text: &str) -> TextMessage {
    let host = HostName::default();
    let mailbox = |name: &str| Mailbox {
        name: Some(SafeLine::clean(name).0),
        address: AsciiAddress::postmaster(&host),
    };
    TextMessage {
        received: vec![Received {
            host: host.clone(),
            protocol: Protocol::Esmtp,
            id: QueueId(0x1A3),
            date: receipt.received_at,
        }],
        date: receipt.received_at,
        from: mailbox("広域組合事務局").into(),
        sender: None,
        reply_to: Vec::new(),
        to: vec![mailbox("湯川町 総務課")],
        cc: Vec::new(),
        subject: Some(SafeLine::clean(subject).0),
        message_id: None,
        in_reply_to: Vec::new(),
        references: Vec::new(),
        auto_submitted: None,
        list_id: None,
        result: ResultField {
            reference: receipt.context().reference,
            outcome: Outcome::Deliver,
            removed: 0,
            codes: Vec::new(),
        },
        body: SafeText::clean(text).0,
    }
}
