//! Commits of the embedded journal on a real disk: so many submissions handed in at once, until the
//! last of them is durable. Throughput counts submissions, and octets of the mails they hold.
//!
//! The disk is that of cargo's target folder. What the journal is given was compressed before, as the
//! converting threads do in the relay.

use std::sync::mpsc;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use sekimori_benches::{Mail, Receipt, run};
use sekimori_journal::{
    Body, ClientRecord, EmbeddedJournal, Journal, JournalError, NewMessage, Route, Settings,
    Submission, Summary, open,
};
use sekimori_sanitize::{Sanitized, sanitize};
use sekimori_xtask::mail::Kind;

/// How many submissions are handed in at once.
const BATCHES: [usize; 3] = [1, 8, 64];

fn main() {
    run(&[commit]);
}

fn commit(criterion: &mut Criterion) {
    let receipt = Receipt::new();
    let mut group = criterion.benchmark_group("commit");
    for mail in [Kind::Text, Kind::Attachment].map(Mail::of) {
        let folder = folder();
        let journal = journal(&folder);
        let template = Template::new(&mail, &receipt);
        for batch in BATCHES {
            let count = u64::try_from(batch).unwrap_or(u64::MAX);
            group.throughput(Throughput::ElementsAndBytes {
                elements: count,
                bytes: count * template.original.plain_octets(),
            });
            group.bench_function(BenchmarkId::new(mail.kind.as_str(), batch), |b| {
                b.iter_batched(
                    || (0..batch).map(|_| template.submission(&journal)).collect(),
                    |submissions: Vec<_>| submit(&journal, submissions),
                    BatchSize::PerIteration,
                );
            });
        }
    }
}

#[expect(clippy::expect_used, reason = "without a disk there is nothing to measure")]
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder")
}

#[expect(clippy::expect_used, reason = "without a journal there is nothing to measure")]
fn journal(folder: &tempfile::TempDir) -> EmbeddedJournal {
    open(&folder.path().join("journal"), &Settings::default()).expect("a journal")
}

/// Hands everything in, then waits until all of it is durable.
#[expect(clippy::expect_used, reason = "a commit that failed must not be measured")]
fn submit(journal: &EmbeddedJournal, submissions: Vec<Submission>) {
    let (answer, answers) = mpsc::channel::<Result<(), JournalError>>();
    for submission in submissions {
        let answer = answer.clone();
        // The receiver outlives every answer.
        journal.submit(submission, Box::new(move |result| drop(answer.send(result))));
    }
    drop(answer);
    for result in answers {
        result.expect("a durable submission");
    }
}

/// What every submission of a mail has in common.
struct Template<'a> {
    receipt: &'a Receipt,
    original: Body,
    text: Body,
    sanitized: Sanitized,
}

impl<'a> Template<'a> {
    fn new(mail: &Mail, receipt: &'a Receipt) -> Self {
        let sanitized = sanitize(&mail.octets, &receipt.context());
        Self {
            receipt,
            original: Body::compress(&mail.octets),
            text: Body::compress(&sanitized.message),
            sanitized,
        }
    }

    #[expect(clippy::expect_used, reason = "a store that gives no number cannot be measured")]
    fn submission(&self, journal: &EmbeddedJournal) -> Submission {
        let (queue_id, reference) = journal.allocate().expect("a queue id");
        let Sanitized { outcome, decisions, removed, summary, .. } = self.sanitized.clone();
        let message = NewMessage {
            queue_id,
            reference,
            route: Route::Forward,
            organisation: self.receipt.organisation.name.clone(),
            envelope: self.receipt.envelope.clone(),
            received_at: self.receipt.received_at,
            keep_until: self.receipt.context().keep_until,
            client: ClientRecord {
                address: "192.0.2.25".to_owned(),
                helo: "mx1.pref.example.jp".to_owned(),
                protocol: "ESMTP".to_owned(),
                ..ClientRecord::default()
            },
            outcome,
            summary: Summary {
                from: summary.from,
                subject: summary.subject,
                message_id: summary.message_id,
                date: summary.date,
            },
            size: self.original.plain_octets(),
            text: self.text.clone(),
            decisions,
            removed,
        };
        Submission {
            original: Some(self.original.clone()),
            messages: vec![message],
            ..Submission::default()
        }
    }
}
