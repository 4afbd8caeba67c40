//! How the cost of a message grows with the messages that are stored, and whether expiry keeps up:
//! `cargo bench -p sekimori-benches --bench retention -- --messages 3500000 [--plot FILE]`.
//!
//! The store is generated as seven days of a prefectural cloud: small bodies, each message delivered and
//! indexed. At each size the next messages are timed; at the end one day's messages expire while new
//! ones come. Without `--messages`, a small store shows that it works.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that fails says what it saw"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Instant;

use sekimori_journal::{
    AttemptRecord, AttemptResult, Body, ClientRecord, EmbeddedJournal, Journal, JournalError,
    NewMessage, Order, Register, Retention, Route, Search, Settings, Submission, Summary,
};
use sekimori_policy::{Address, Decisions, Envelope, Outcome, QueueId, ReversePath, Timestamp};
use sekimori_xtask::plot::{Curve, curves};

const TOWN: &str = "湯川町";
/// Calls handed in before their answers are awaited: as many as a busy relay has sessions.
const AT_ONCE: usize = 50;
/// Messages that are timed at each size.
const TIMED: usize = 5_000;
/// Days that messages are kept.
const DAYS: i64 = 7;
const DAY_MS: i64 = 86_400_000;
/// When the first message came.
const BEGUN_MS: i64 = 1_789_977_600_000;
/// How often each search is made.
const TIMES: usize = 9;
/// Smaller than by default, as the bodies are, so that a day's are several segments.
const SEGMENT_OCTETS: u64 = 16 * 1024 * 1024;
/// Octets that a round of compaction may copy, as in the relay.
const COMPACTION_OCTETS: u64 = 64 * 1024 * 1024;

const WORDS: [&str; 16] = [
    "見積書",
    "請求書",
    "会議資料",
    "調査票",
    "申請書",
    "名簿",
    "工程表",
    "議事録",
    "道路補修",
    "防災訓練",
    "健康診査",
    "図書館",
    "学校給食",
    "水道管",
    "観光",
    "森林整備",
];

struct Store {
    journal: Arc<EmbeddedJournal>,
    /// Messages so far, and how many there are to be.
    stored: usize,
    all: usize,
    /// Stored last, and not yet delivered.
    undelivered: Vec<QueueId>,
    original: Body,
    text: Body,
}

/// Microseconds a message.
#[derive(Clone, Copy)]
struct Costs {
    stored: usize,
    store: f64,
    index: f64,
    searches: [f64; 4],
}

impl Store {
    fn received_at(&self, number: usize) -> Timestamp {
        let number = i64::try_from(number).unwrap();
        let all = i64::try_from(self.all.max(1)).unwrap();
        Timestamp::japanese_time(BEGUN_MS + number * (DAYS * DAY_MS) / all)
    }

    fn message(&self, number: usize) -> NewMessage {
        let (queue_id, reference) = self.journal.allocate().unwrap();
        let received_at = self.received_at(number);
        let sender = format!("tantou{}@office{}.example.jp", number % 50_000, number % 700);
        let word = |step: usize| WORDS[number / step % WORDS.len()];
        NewMessage {
            queue_id,
            reference,
            route: Route::Forward,
            organisation: TOWN.to_owned(),
            envelope: Envelope {
                sender: ReversePath(Some(Address::parse(&sender).unwrap())),
                recipients: vec![
                    Address::parse(&format!("ka{}@town.example.lg.jp", number % 9_000)).unwrap(),
                ],
            },
            received_at,
            keep_until: received_at.plus_days(u32::try_from(DAYS).unwrap()),
            client: ClientRecord::default(),
            outcome: Outcome::Deliver,
            summary: Summary {
                from: format!("担当 {} <{sender}>", number % 50_000),
                subject: format!("【{}】{}の送付（第{number}号）", word(16), word(1)),
                ..Summary::default()
            },
            size: 900,
            text: self.text.clone(),
            decisions: Decisions::new(),
            removed: Vec::new(),
        }
    }

    /// Stores `messages` more, and the deliveries of as many, which follow those of the message before
    /// as in the relay; microseconds for each message.
    fn add(&mut self, messages: usize) -> f64 {
        let (answer, answered) = channel();
        let done = || {
            let answer = answer.clone();
            Box::new(move |result: Result<(), JournalError>| answer.send(result).unwrap())
        };
        let mut spent = 0.0;
        let mut left = messages;
        while left > 0 {
            let now = left.min(AT_ONCE);
            let new: Vec<_> = (0..now).map(|n| self.message(self.stored + n)).collect();
            let ids: Vec<QueueId> = new.iter().map(|m| m.queue_id).collect();
            let delivered = std::mem::replace(&mut self.undelivered, ids);
            let calls = now + delivered.len();
            let begun = Instant::now();
            for queue_id in delivered {
                let result = AttemptRecord {
                    queue_id,
                    recipient: 0,
                    at: self.received_at(self.stored),
                    result: AttemptResult::Delivered,
                    reply: "250 2.0.0 Ok".to_owned(),
                    hop: "lgwan.example.jp:25".to_owned(),
                };
                self.journal.record(vec![result], done());
            }
            for message in new {
                let submission = Submission {
                    original: Some(self.original.clone()),
                    messages: vec![message],
                    ..Submission::default()
                };
                self.journal.submit(submission, done());
            }
            (0..calls).for_each(|_| answered.recv().unwrap().unwrap());
            spent += begun.elapsed().as_secs_f64();
            self.stored += now;
            left -= now;
        }
        spent * 1e6 / f64::from(u32::try_from(messages).unwrap())
    }

    fn index(&self) -> f64 {
        let (begun, mut messages) = (Instant::now(), 0);
        loop {
            match self.journal.index_messages(1_000).unwrap() {
                0 => break,
                more => messages += more,
            }
        }
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(messages.max(1)).unwrap())
    }

    /// Median milliseconds of: a number that one message has, two words, a sender's domain, the list.
    fn search(&self) -> [f64; 4] {
        let words = |text: &str| Search { text: Some(text.to_owned()), ..Search::default() };
        let number = format!("第{}号", self.stored / 2);
        let domain = Search { from: Some("office77.example.jp".to_owned()), ..Search::default() };
        [words(&number), words("学校給食 名簿"), domain, Search::default()].map(|search| {
            let search = Search {
                organisations: vec![TOWN.to_owned()],
                order: Order::NewestFirst,
                ..search
            };
            let mut times: Vec<f64> = (0..TIMES)
                .map(|_| {
                    let begun = Instant::now();
                    let hits = self.journal.search(&search, None, 50).unwrap();
                    assert!(!hits.messages.is_empty(), "{search:?}");
                    begun.elapsed().as_secs_f64() * 1e3
                })
                .collect();
            times.sort_by(f64::total_cmp);
            times[TIMES / 2]
        })
    }

    /// Fills the store up to `size` and times what comes then.
    fn costs_at(&mut self, size: usize) -> Costs {
        self.add(size - self.stored);
        self.index();
        let store = self.add(TIMED);
        let index = self.index();
        Costs { stored: size, store, index, searches: self.search() }
    }
}

/// Octets of the files in a folder and those below.
fn octets(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() { octets(&entry.path()) } else { metadata.len() }
        })
        .sum()
}

fn resident_mib() -> u64 {
    sekimori_xtask::process::resident_memory(std::process::id()) >> 20
}

/// Lets the first day's messages go while new ones come.
fn expire(store: &mut Store, folder: &Path) {
    let gibibytes = |folder: &Path| {
        let mebibytes = u32::try_from(octets(folder) >> 20).unwrap_or(u32::MAX);
        f64::from(mebibytes) / 1024.0
    };
    let before = gibibytes(folder);
    let now = Timestamp::japanese_time(BEGUN_MS + (DAYS + 1) * DAY_MS);
    let is_over = Arc::new(AtomicBool::new(false));
    let journal = Arc::clone(&store.journal);
    let over = Arc::clone(&is_over);
    let expiry = std::thread::spawn(move || {
        let begun = Instant::now();
        let expired = journal.expire(now, &Retention::default()).unwrap();
        let expiring = begun.elapsed();
        let (begun, mut rounds, mut freed) = (Instant::now(), 0_u32, 0);
        loop {
            let compacted = journal.compact(COMPACTION_OCTETS).unwrap();
            rounds += 1;
            freed += compacted.freed_octets;
            if compacted.segments == 0 {
                break;
            }
        }
        over.store(true, Ordering::Release);
        (expired, expiring, begun.elapsed(), rounds, freed)
    });
    let (mut messages, mut spent) = (0, 0.0);
    while !is_over.load(Ordering::Acquire) {
        spent += store.add(500);
        messages += 1;
    }
    let (expired, expiring, compacting, rounds, freed) = expiry.join().unwrap();
    let begun = Instant::now();
    store.index();
    let each =
        expiring.as_secs_f64() * 1e6 / f64::from(u32::try_from(expired.by_age.max(1)).unwrap());
    println!(
        "\nThe first day's {} messages expired in {expiring:.1?} ({each:.0} µs each), meanwhile new ones \
         cost {:.0} µs each; {rounds} rounds of compaction gave {} MiB of bodies back in \
         {compacting:.1?}; the search index followed in {:.1?}. {before:.1} GiB before, {:.1} GiB \
         after; {} MiB of memory.",
        expired.by_age,
        spent / f64::from(messages.max(1)),
        freed >> 20,
        begun.elapsed(),
        gibibytes(folder),
        resident_mib(),
    );
}

fn plot(costs: &[Costs]) -> String {
    let curve = |name: &str, of: &dyn Fn(&Costs) -> f64| Curve {
        name: name.to_owned(),
        points: costs
            .iter()
            .map(|c| (f64::from(u32::try_from(c.stored).unwrap()), of(c)))
            .collect(),
    };
    curves(
        "Cost of one message by messages stored",
        "messages stored",
        "µs a message",
        &[
            curve("store it and its delivery", &|c| c.store),
            curve("take it into the search index", &|c| c.index),
        ],
    )
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|word| word == name)?;
        arguments.get(at + 1).cloned()
    };
    let all = value("--messages").map_or(20_000, |number| number.parse().expect("--messages"));
    let folder = tempfile::tempdir().unwrap();
    let settings =
        Settings { reserve_octets: 0, segment_octets: SEGMENT_OCTETS, ..Settings::default() };
    let journal = Arc::new(sekimori_journal::open(folder.path(), &settings).unwrap());
    let original = "From: a@example.jp\r\nSubject: x\r\n\r\n本文は短い。\r\n".repeat(8);
    let mut store = Store {
        journal,
        stored: 0,
        all,
        undelivered: Vec::new(),
        original: Body::compress(original.as_bytes()),
        text: Body::compress("本文は短い。\r\n".as_bytes()),
    };
    let sizes = [10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000];
    let mut table = String::from(
        "| stored | store and deliver µs | index µs | a number ms | two words ms | a domain ms | \
         the list ms | memory MiB |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut costs = Vec::new();
    for size in sizes.into_iter().filter(|size| size + TIMED <= all) {
        let c = store.costs_at(size);
        let [number, words, domain, list] = c.searches;
        let memory = resident_mib();
        let line = format!(
            "| {size} | {:.0} | {:.0} | {number:.1} | {words:.1} | {domain:.1} | {list:.1} | \
             {memory} |",
            c.store, c.index
        );
        println!("{line}");
        writeln!(table, "{line}").unwrap();
        costs.push(c);
    }
    store.add(all - store.stored);
    store.index();
    println!("\n{table}");
    expire(&mut store, folder.path());
    if let Some(file) = value("--plot") {
        std::fs::write(file, plot(&costs)).unwrap();
    }
}
