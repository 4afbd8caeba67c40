//! How long the pages of quarantine review take over a large store:
//! `cargo bench -p sekimori-benches --bench review -- --messages 1000000`.
//!
//! The store is generated, all messages held; the pages are asked over a real connection by somebody
//! who signed in. Without `--messages`, a small store shows that it works.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that fails says what it saw"
)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::mpsc::channel;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sekimori_journal::{
    Body, ClientRecord, EmbeddedJournal, Grant, Journal, NewAccount, NewMessage, Register, Role,
    Route, Settings, Submission, Summary,
};
use sekimori_policy::{
    Address, Domain, Envelope, Limits, Mode, Organisation, QueueId, ReversePath, Timestamp,
};
use sekimori_review::desk::{Desk, DeskSettings, Health, HealthReport, Origin, Person};
use sekimori_review::{PageSettings, Probe, Review, Server};
use sekimori_sanitize::{Context, Sanitized, sanitize};

const TOWN: &str = "山北町";
const DOMAIN: &str = "town.example.lg.jp";
const PASSWORD: &str = "関所の門は日没の後に閉まる";
/// Messages handed to the journal before their answers are awaited.
const AT_ONCE: usize = 2_000;
/// How often each page is asked for.
const TIMES: usize = 7;

const WHAT: [&str; 12] = [
    "見積書",
    "請求書",
    "会議資料",
    "調査票",
    "申請書",
    "名簿",
    "工程表",
    "議事録",
    "予算案",
    "契約書",
    "報告書",
    "通知文",
];
const ABOUT: [&str; 12] = [
    "道路補修",
    "側溝清掃",
    "防災訓練",
    "健康診査",
    "図書館",
    "学校給食",
    "水道管更新",
    "観光案内所",
    "森林整備",
    "子育て支援",
    "庁舎改修",
    "電子入札",
];
const DOING: [&str; 4] = ["の送付", "の提出依頼", "に関する照会", "の再送"];

struct Machine;

impl Probe for Machine {
    fn hindrances(&self) -> Vec<String> {
        Vec::new()
    }

    fn metrics(&self) -> String {
        String::new()
    }
}

impl Health for Machine {
    fn health(&self) -> HealthReport {
        HealthReport {
            version: String::new(),
            started_at: now(),
            hindrances: Vec::new(),
            statistics: None,
            reserve_octets: 0,
            hops: Vec::new(),
            errors: Vec::new(),
        }
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::japanese_time(i64::try_from(since.as_millis()).unwrap())
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn organisation() -> Organisation {
    let domains = vec![Domain::parse(DOMAIN).unwrap()];
    Organisation { mode: Mode::Review, ..Organisation::new(TOWN, domains) }
}

fn subject(number: usize) -> String {
    let (what, about) = (WHAT[number % 12], ABOUT[number / 12 % 12]);
    format!("【{about}】{what}{}（第{}号）", DOING[number / 144 % 4], number)
}

/// One mail converted, whose text all messages share.
fn sample() -> (Vec<u8>, Sanitized) {
    let mail = "From: a@example.jp\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n\
        Content-Type: application/vnd.ms-excel; name=a.xlsm\r\n\
        Content-Disposition: attachment; filename=a.xlsm\r\n\r\nPK\r\n--b--\r\n";
    let envelope = Envelope {
        sender: ReversePath(Some(address("a@example.jp"))),
        recipients: vec![address("soumu@town.example.lg.jp")],
    };
    let organisation = organisation();
    let limits = Limits::default();
    let context = Context {
        queue_id: QueueId(1),
        reference: "7F3K-9Q2M".parse().unwrap(),
        received_at: now(),
        keep_until: now().plus_days(30),
        envelope: &envelope,
        host: "gw.example.jp",
        protocol: "ESMTP",
        organisation: &organisation,
        exceptions: &[],
        may_refuse: true,
        limits: &limits,
        stop: &|| false,
    };
    (mail.as_bytes().to_vec(), sanitize(mail.as_bytes(), &context))
}

fn fill(journal: &EmbeddedJournal, messages: usize) {
    let (original, sanitized) = sample();
    let begun = now().unix_millis() - 30 * 86_400_000;
    let (answer, answered) = channel();
    for number in 0..messages {
        let (queue_id, reference) = journal.allocate().unwrap();
        let age =
            i64::try_from(number).unwrap() * (30 * 86_400_000) / i64::try_from(messages).unwrap();
        let received_at = Timestamp::japanese_time(begun + age);
        let sender = format!("tantou{}@office{}.example.jp", number % 50_000, number % 700);
        let message = NewMessage {
            queue_id,
            reference,
            route: Route::Forward,
            organisation: TOWN.to_owned(),
            envelope: Envelope {
                sender: ReversePath(Some(address(&sender))),
                recipients: vec![address(&format!("ka{}@{DOMAIN}", number % 130))],
            },
            received_at,
            keep_until: received_at.plus_days(60),
            client: ClientRecord::default(),
            outcome: sanitized.outcome,
            summary: Summary {
                from: format!("担当 {} <{sender}>", number % 50_000),
                subject: subject(number),
                ..Summary::default()
            },
            size: 3_000,
            text: Body::compress(&sanitized.message),
            decisions: sanitized.decisions.clone(),
            removed: sanitized.removed.clone(),
        };
        let submission = Submission {
            original: Some(Body::compress(&original)),
            messages: vec![message],
            ..Submission::default()
        };
        let answer = answer.clone();
        journal.submit(submission, Box::new(move |result| drop(answer.send(result))));
        if (number + 1) % AT_ONCE == 0 || number + 1 == messages {
            let waiting = number % AT_ONCE + 1;
            for _ in 0..waiting {
                answered.recv().unwrap().unwrap();
            }
        }
    }
}

struct Client {
    address: SocketAddr,
    cookie: String,
}

impl Client {
    fn ask(&self, request: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let (length, cookie) = (body.len(), &self.cookie);
        let head = format!(
            "{request} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn sign_in(&mut self, login: &str) {
        let mut body = format!("login={login}&password=");
        for octet in PASSWORD.bytes() {
            body.push_str(&format!("%{octet:02X}"));
        }
        let answer = self.ask("POST /sign-in", &body);
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        cookie.expect(&answer).split(';').next().unwrap().clone_into(&mut self.cookie);
    }

    /// Milliseconds of each of some times, sorted, and the octets of the page.
    fn times(&self, path: &str) -> (Vec<f64>, usize) {
        let mut times = Vec::new();
        let mut octets = 0;
        for _ in 0..TIMES {
            let begun = Instant::now();
            let answer = self.ask(&format!("GET {path}"), "");
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            let status = answer.get(9..12).unwrap();
            assert!(matches!(status, "200" | "303"), "{path}: {status}");
            octets = answer.len();
        }
        times.sort_by(f64::total_cmp);
        (times, octets)
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|octet| format!("%{octet:02X}")).collect()
}

fn paths(last: QueueId, reference: &str) -> Vec<(&'static str, String)> {
    let text = |words: &str| format!("/messages?text={}", encoded(words));
    vec![
        ("list", "/messages".to_owned()),
        ("list, held", "/messages?state=held".to_owned()),
        ("list, oldest first", "/messages?oldest=1".to_owned()),
        ("a page in the middle", format!("/messages?after={}", QueueId(last.0 / 2))),
        ("two letters that a twelfth has", text("給食")),
        ("three letters that a twelfth has", text("図書館")),
        ("letters that all have", text("第")),
        ("a phrase", text("学校給食】契約書")),
        ("two words", text("防災 名簿")),
        ("a number that one has", text("第4321号")),
        ("nothing matches", text("無害化試験")),
        ("a sender's domain", "/messages?from=office77.example.jp".to_owned()),
        ("a recipient", "/messages?to=ka77%40".to_owned()),
        ("a file's name", "/messages?part=xlsm".to_owned()),
        ("a decision", "/messages?code=attachment-removed".to_owned()),
        ("a week, a word, held", {
            let day = now().plus_days(0).unix_millis() - 10 * 86_400_000;
            let day = Timestamp::japanese_time(day).rfc3339()[..10].to_owned();
            format!("/messages?state=held&since={day}&text={}", encoded("工程表"))
        }),
        ("with a request", "/messages?requested=1".to_owned()),
        ("受付番号 to the message", format!("/messages?go=1&text={reference}")),
        ("one message", format!("/messages/{last}")),
        ("requests", "/requests?state=all".to_owned()),
        ("audit record", "/audit".to_owned()),
        ("audit record, one kind", "/audit?kind=looked".to_owned()),
        ("audit record, a message", format!("/audit?key={reference}")),
        ("accounts", "/accounts".to_owned()),
    ]
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let asked = arguments.iter().position(|word| word == "--messages");
    let messages = asked.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(2_000);
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { reserve_octets: 0, ..Settings::default() };
    let journal = Arc::new(sekimori_journal::open(folder.path(), &settings).unwrap());
    let begun = Instant::now();
    fill(&journal, messages);
    let filled = begun.elapsed();
    let begun = Instant::now();
    while journal.index_messages(10_000).unwrap() > 0 {}
    let indexed = begun.elapsed();
    println!("{messages} messages: stored in {filled:.1?}, indexed in {indexed:.1?}");
    let register = Arc::clone(&journal) as Arc<dyn Register>;
    let organisations = Arc::new(RwLock::new(vec![Arc::new(organisation())]));
    let settings = DeskSettings { second_factor_required: false, ..DeskSettings::default() };
    let desk = Desk::new(register, organisations, settings, now);
    let all = [Role::Approver, Role::Auditor, Role::Administrator].map(|role| Grant {
        organisation: TOWN.to_owned(),
        role,
        from: None,
        until: None,
    });
    let new = NewAccount {
        login: "sato".to_owned(),
        name: "sato".to_owned(),
        organisation: Some(TOWN.to_owned()),
        grants: all.to_vec(),
        ..NewAccount::default()
    };
    let machine = Person::machine("bench", now());
    let id = desk.add_account(&machine, &new).unwrap();
    let temporary = desk.set_password(&machine, id, None).unwrap();
    let signed_in = desk.sign_in("sato", &temporary, None, Origin::CommandLine).unwrap();
    desk.change_password(&signed_in.person, &temporary, PASSWORD).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::bind((Ipv4Addr::LOCALHOST, 0).into())).unwrap();
    let address = server.address();
    let pages = PageSettings { secure_cookies: false, ..PageSettings::default() };
    let review = Review { desk: desk.clone(), pages };
    runtime.spawn(server.serve(Arc::new(Machine), Some(review), std::future::pending()));
    let mut client = Client { address, cookie: String::new() };
    client.sign_in("sato");
    let search = sekimori_journal::Search {
        organisations: vec![TOWN.to_owned()],
        order: sekimori_journal::Order::NewestFirst,
        ..Default::default()
    };
    let newest = journal.search(&search, None, 1).unwrap().messages.remove(0);
    println!("| page | median ms | worst ms | octets |\n| --- | --- | --- | --- |");
    for (name, path) in paths(newest.queue_id, &newest.reference.to_string()) {
        let (times, octets) = client.times(&path);
        println!("| {name} | {:.1} | {:.1} | {octets} |", times[TIMES / 2], times[TIMES - 1]);
    }
    runtime.shutdown_timeout(Duration::from_secs(1));
}
