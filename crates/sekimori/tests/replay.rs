//! `replay` takes any corpus, writes a text for every mail and a report of all, and nothing stops it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sekimori_policy::Limits;
use sekimori_profile::verify::{self, Verified};
use serde_json::Value;
use support::gateway::sekimori;
use support::run::{Run, finish, run};
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");

struct Corpus(TempDir);

impl Corpus {
    fn new() -> Self {
        Self(tempfile::Builder::new().prefix("sekimori-test-").tempdir().unwrap())
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Replays these paths into the folder `out`.
    fn replay(&self, further: &[&str], paths: &[&Path]) -> Run {
        let mut command = sekimori();
        command.arg("replay").arg("--out").arg(self.path("out")).args(further).args(paths);
        finish(&mut command, b"")
    }

    fn report(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("out/report.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The texts that were written, by their path below the output folder.
    fn texts(&self) -> BTreeMap<String, Vec<u8>> {
        let out = self.path("out");
        let mut texts = BTreeMap::new();
        let mut folders = vec![out.clone()];
        while let Some(folder) = folders.pop() {
            for item in fs::read_dir(folder).unwrap() {
                let path = item.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path != self.path("out/report.jsonl") {
                    let relative = path.strip_prefix(&out).unwrap().to_str().unwrap().to_owned();
                    texts.insert(relative, fs::read(path).unwrap());
                }
            }
        }
        texts
    }
}

fn mail(subject: &str) -> String {
    format!(
        "From: a@example.jp\nSubject: {subject}\nDate: Tue, 22 Sep 2026 09:00:00 +0900\n\ntext\n"
    )
}

fn verified(text: &[u8]) -> Verified {
    verify::verify(text, Limits::default().text_octets).unwrap()
}

fn members<'a>(report: &'a [Value], name: &str) -> Vec<&'a str> {
    report.iter().map(|line| line[name].as_str().unwrap()).collect()
}

#[test]
fn mails_mboxes_maildirs_and_folders_become_texts_at_their_own_place() {
    let corpus = Corpus::new();
    corpus.write("in/a.eml", mail("one"));
    corpus.write("in/deep/er/b.eml", mail("two"));
    corpus.write("in/list.mbox", format!("From x\n{}\nFrom y\n{}", mail("three"), mail("four")));
    corpus.write("in/box/new/1.host", mail("five"));
    corpus.write("in/box/cur/2.host:2,S", mail("six"));
    corpus.write("in/box/tmp/3.host", "half deliv");
    corpus.write("in/00001.7c53", mail("seven"));
    corpus.write("in/readme.txt", "From: nobody\n\nno mail\n");
    let run = corpus.replay(&[], &[&corpus.path("in")]).good();
    assert!(run.out.is_empty(), "the report is in the folder");
    assert!(run.talk.contains("7 mails"), "{}", run.talk);
    let subjects: BTreeMap<String, String> = corpus
        .texts()
        .into_iter()
        .map(|(path, text)| (path, verified(&text).subject.unwrap()))
        .collect();
    let expected = [
        ("00001.7c53.eml", "seven"),
        ("a.eml", "one"),
        ("box/cur/2.host:2,S.eml", "six"),
        ("box/new/1.host.eml", "five"),
        ("deep/er/b.eml", "two"),
        ("list.mbox/000001.eml", "three"),
        ("list.mbox/000002.eml", "four"),
    ];
    assert_eq!(subjects, expected.map(|(p, s)| (p.to_owned(), s.to_owned())).into());
    let report = corpus.report();
    assert_eq!(
        members(&report, "path").into_iter().collect::<BTreeSet<_>>(),
        [
            "00001.7c53",
            "a.eml",
            "box/cur/2.host:2,S",
            "box/new/1.host",
            "deep/er/b.eml",
            "list.mbox/000001",
            "list.mbox/000002",
        ]
        .into()
    );
    for line in &report {
        assert_eq!(line["outcome"], "deliver");
        assert!(line["decisions"].is_array() && line["removed"].is_array(), "{line}");
        assert!(line["micros"].as_u64().unwrap() > 0, "{line}");
        let text = &corpus.texts()[line["output"].as_str().unwrap()];
        assert_eq!(line["bytes_out"], text.len());
        assert!(line["bytes_in"].as_u64().unwrap() >= mail("one").len() as u64, "{line}");
    }
}

#[test]
fn single_files_are_taken_whatever_they_are_called() {
    let corpus = Corpus::new();
    let one = corpus.write("in/no-ending", mail("one"));
    let two = corpus.write("in/mail.txt", mail("two"));
    let three = corpus.write("in/inbox", format!("From x\n{}", mail("three")));
    corpus.replay(&[], &[&one, &two, &three]).good();
    let paths: Vec<_> = corpus.texts().into_keys().collect();
    assert_eq!(paths, ["inbox/000001.eml", "mail.txt.eml", "no-ending.eml"]);
}

#[test]
fn mails_of_one_name_all_keep_their_texts() {
    let corpus = Corpus::new();
    let one = corpus.write("first/a.eml", mail("one"));
    let two = corpus.write("second/a.eml", mail("two"));
    corpus.write("third/b.eml", mail("three"));
    corpus.write("third/b", mail("four"));
    corpus.replay(&[], &[&one, &two, &corpus.path("third")]).good();
    let texts = corpus.texts();
    let subject = |path: &str| verified(&texts[path]).subject.unwrap();
    assert_eq!(
        ["a.eml", "a.2.eml", "b.eml", "b.2.eml"].map(subject),
        ["one", "two", "four", "three"],
        "in the order in which they are given, and of their names"
    );
    let report = corpus.report();
    let outputs: BTreeSet<&str> = members(&report, "output").into_iter().collect();
    assert_eq!(outputs, texts.keys().map(String::as_str).collect());
}

#[test]
fn a_text_that_cannot_be_written_is_told_and_stops_nothing() {
    let corpus = Corpus::new();
    // The text of the first would stand where the second needs a folder.
    corpus.write("in/a", mail("one"));
    corpus.write("in/a.eml/b.eml", mail("two"));
    corpus.write("in/z.eml", mail("three"));
    let run = corpus.replay(&["--jobs", "1"], &[&corpus.path("in")]);
    assert_eq!(run.code, 74, "{}", run.talk);
    let report = corpus.report();
    assert_eq!(report.len(), 3, "{report:#?}");
    let told: Vec<_> = report.iter().filter(|line| line["error"].is_string()).collect();
    assert_eq!(told.len(), 1, "{report:#?}");
    assert!(corpus.texts().contains_key("z.eml"));
}

#[test]
fn without_a_folder_the_report_is_the_data() {
    let corpus = Corpus::new();
    let path = corpus.write("a.eml", mail("one"));
    let run = run([Path::new("replay"), &path]).good();
    let object = run.object();
    assert_eq!(object["path"], "a.eml");
    assert_eq!(object["outcome"], "deliver");
}

#[test]
fn a_held_mail_is_written_as_it_would_cross_on_approval() {
    let corpus = Corpus::new();
    corpus.write("in/a.eml", mail("one"));
    let review =
        "[[organisation]]\nname = \"x\"\ndomains = [\"town.example.lg.jp\"]\nmode = \"review\"\n";
    let config = corpus.write("c.toml", review);
    let config = config.to_str().unwrap();
    corpus.replay(&["--config", config], &[&corpus.path("in")]).good();
    assert_eq!(members(&corpus.report(), "outcome"), ["hold"]);
    let texts = corpus.texts();
    assert!(verified(&texts["a.eml"]).text.contains("text"));
}

/// A fixed stream of octets that looks random (xorshift).
fn noise(seed: u64, octets: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..octets).map(|_| next()).collect()
}

/// Mails as nobody should write them.
fn hostile() -> Vec<(String, Vec<u8>)> {
    let mut mails: Vec<(String, Vec<u8>)> = vec![
        ("empty".to_owned(), Vec::new()),
        ("one-octet".to_owned(), b"\n".to_vec()),
        ("nul".to_owned(), vec![0; 100_000]),
        ("nul-in-header".to_owned(), b"Subject: a\0b\r\nFrom: \0\r\n\r\n\0\0\r\n".to_vec()),
        ("no-line-end".to_owned(), b"Subject: x".to_vec()),
        ("only-cr".to_owned(), b"Subject: x\rFrom: y\r\rtext\r.\r".to_vec()),
        ("long-line".to_owned(), [b"Subject: x\r\n\r\n".to_vec(), vec![b'x'; 10 << 20]].concat()),
        ("long-field".to_owned(), [b"Subject: ".to_vec(), vec![b'x'; 10 << 20]].concat()),
        ("header-only".to_owned(), b"X-A: 1\r\n".repeat(100_000)),
        ("colons".to_owned(), vec![b':'; 1 << 20]),
        ("escapes".to_owned(), b"\x1b$B\x1b(B".repeat(50_000)),
    ];
    for seed in 1..=20 {
        mails.push((format!("noise-{seed}"), noise(seed, 4_096)));
        let head = b"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n".to_vec();
        mails.push((format!("noise-in-part-{seed}"), [head, noise(seed, 4_096)].concat()));
    }
    let mut deep = Vec::new();
    for level in 0..5_000 {
        deep.extend(
            format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n").bytes(),
        );
    }
    mails.push(("deep".to_owned(), deep));
    let html = format!("Content-Type: text/html\n\n{}text", "<div>".repeat(100_000));
    mails.push(("deep-html".to_owned(), html.into_bytes()));
    mails
}

#[test]
fn hostile_mails_stop_nothing_and_every_text_obeys_the_profile() {
    let corpus = Corpus::new();
    let mails = hostile();
    for (name, octets) in &mails {
        corpus.write(&format!("in/{name}.eml"), octets);
    }
    corpus.write("in/zz-good.eml", mail("the last one"));
    let run = corpus.replay(&["--jobs", "2"], &[&corpus.path("in")]).good();
    assert!(!run.talk.contains("panicked"), "{}", run.talk);
    let report = corpus.report();
    assert_eq!(report.len(), mails.len() + 1);
    let texts = corpus.texts();
    assert_eq!(texts.len(), mails.len() + 1, "each has its text");
    for (path, text) in &texts {
        let checked = verify::verify(text, Limits::default().text_octets);
        assert!(checked.is_ok(), "{path}: {checked:?}");
    }
    assert_eq!(verified(&texts["zz-good.eml"]).subject.unwrap(), "the last one");
}

#[test]
fn a_hostile_mbox_is_as_many_mails_as_it_says() {
    let corpus = Corpus::new();
    let mut mbox = Vec::new();
    for (_, octets) in hostile().into_iter().filter(|(_, octets)| octets.len() < 5_000) {
        mbox.extend_from_slice(b"From x@example.jp\n");
        mbox.extend_from_slice(&octets);
        mbox.extend_from_slice(b"\n\n");
    }
    corpus.write("in/a.mbox", &mbox);
    corpus.write("in/empty.mbox", "");
    corpus.replay(&[], &[&corpus.path("in")]).good();
    let texts = corpus.texts();
    assert!(texts.len() >= 44, "{}", texts.len());
    for text in texts.values() {
        verified(text);
    }
}

#[test]
fn any_number_of_jobs_gives_the_same_texts() {
    let corpus = Corpus::new();
    let mails = PathBuf::from(FIXTURES).join("mail/thread");
    corpus.replay(&["--jobs", "1"], &[&mails]).good();
    let (first, lines) = (corpus.texts(), corpus.report().len());
    assert!(lines > 3);
    fs::remove_dir_all(corpus.path("out")).unwrap();
    corpus.replay(&["--jobs", "7"], &[&mails]).good();
    assert_eq!(corpus.texts(), first);
    assert_eq!(corpus.report().len(), lines);
}

/// Base64 (RFC 4648 section 4), zero bits where a last group is not whole.
fn base64(octets: &[u8]) -> String {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1));
    let bits: Vec<u8> = bits.collect();
    bits.chunks(6)
        .map(|chunk| (0..6).fold(0, |symbol, n| symbol << 1 | chunk.get(n).unwrap_or(&0)))
        .map(|symbol| char::from(SYMBOLS[usize::from(symbol)]))
        .collect()
}

/// Every way in which `secret` could stand in a text: as it is, in hexadecimal, quoted-printable, and
/// Base64 at each of its three alignments.
fn forms(secret: &str) -> Vec<String> {
    let hexadecimal: String = secret.bytes().map(|octet| format!("{octet:02x}")).collect();
    let quoted: String = secret.bytes().map(|octet| format!("={octet:02X}")).collect();
    let mut forms = vec![
        secret.to_owned(),
        hexadecimal.to_uppercase(),
        hexadecimal,
        quoted.to_lowercase(),
        quoted,
    ];
    for before in 0..3 {
        let shifted = [vec![0; before], secret.as_bytes().to_vec()].concat();
        // Without the symbols that also depend on what stands before or after.
        let encoded = base64(&shifted);
        forms.push(encoded[(before * 8).div_ceil(6)..shifted.len() * 8 / 6].to_owned());
    }
    forms
}

#[test]
fn every_form_of_a_secret_is_found() {
    assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    let secret = "SEKIMORI-MARKER-x-1";
    let all = forms(secret);
    for before in ["", "a", "ab", "abc"] {
        let encoded = base64(format!("{before}{secret}tail").as_bytes());
        assert!(all.iter().any(|form| encoded.contains(form.as_str())), "{encoded}");
    }
}

#[test]
fn no_octet_of_an_attachment_of_the_fixtures_crosses_in_any_encoding() {
    let corpus = Corpus::new();
    let mails = PathBuf::from(FIXTURES).join("mail");
    corpus.replay(&[], &[&mails]).good();
    let texts = corpus.texts();
    assert!(texts.len() >= 60, "{}", texts.len());
    let mut secrets = 0;
    for (path, text) in &texts {
        let verified = verified(text);
        let name = path.strip_suffix(".eml").unwrap();
        let judgement = fs::read_to_string(mails.join(format!("{name}.must.toml"))).unwrap();
        let judgement: toml_edit::DocumentMut = judgement.parse().unwrap();
        let lacks = judgement.get("lacks").and_then(|lacks| lacks.as_array()).into_iter().flatten();
        let raw = str::from_utf8(text).unwrap();
        let places =
            [raw, &verified.text].map(|place| place.split_whitespace().collect::<String>());
        for secret in
            lacks.map(|secret| secret.as_str().unwrap()).filter(|s| s.contains("SEKIMORI-"))
        {
            secrets += 1;
            for form in forms(secret) {
                assert!(places.iter().all(|place| !place.contains(&form)), "{path}: {form}");
            }
        }
    }
    assert!(secrets >= 60, "{secrets}");
}
