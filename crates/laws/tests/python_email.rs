//! Whatever the verifier takes, Python's `email` reads as one text part with the same text: what the
//! fixtures become, and what is left of it after thousands of changes that the verifier lets pass.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sekimori_laws::LAWS;
use sekimori_profile::verify::verify;

const BOUND: usize = 1 << 20;
/// Changes tried on each message.
const CHANGES: usize = 150;
/// Octets of the messages that are changed, at most: larger ones are read as they are.
const CHANGED: usize = 6_000;

/// The files below a folder that end in `ending`.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Numbers that look random and are the same in every run (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

/// A message with one thing changed: an octet, a line twice, a line less, lines changed about, or
/// something put in that other readers take for structure.
fn changed(message: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const STRUCTURE: [&str; 12] = [
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "Content-Disposition: attachment; filename=a.exe\r\n",
        "content-transfer-encoding: base64\r\n",
        "MIME-Version: 1.0\r\n",
        "\r\n--b\r\n",
        "\r\n\r\n",
        "begin 644 a\r\n",
        " ",
        "=\r\n",
        ";\r\n name=a.exe",
        "\r\n\t",
        "=?utf-8?q?a?=",
    ];
    const OCTETS: &[u8] = b" \t\r\n:;=-.\"\\()<>@,aZ09_/+";
    let mut octets = message.to_vec();
    let at = numbers.below(octets.len());
    let lines: Vec<&[u8]> = message.split_inclusive(|&b| b == b'\n').collect();
    let line = numbers.below(lines.len());
    match numbers.below(5) {
        0 => octets[at] = OCTETS[numbers.below(OCTETS.len())],
        1 => {
            octets.remove(at);
        }
        2 => {
            let added = STRUCTURE[numbers.below(STRUCTURE.len())].as_bytes().iter().copied();
            octets.splice(at..at, added);
        }
        3 => {
            let mut lines = lines;
            let moved = lines.remove(line);
            lines.insert(numbers.below(lines.len()), moved);
            octets = lines.concat();
        }
        _ => {
            let mut lines = lines;
            lines.insert(line, STRUCTURE[numbers.below(4)].as_bytes());
            octets = lines.concat();
        }
    }
    octets
}

#[test]
fn python_reads_what_the_verifier_takes_as_one_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let law = LAWS.iter().find(|law| law.name == "profile_verify").unwrap();
    let mut taken = Vec::new();
    let mut numbers = Numbers(1);
    for path in files(&root.join("fixtures/mail"), ".eml") {
        for message in (law.seeds)(&fs::read(&path).unwrap()) {
            if message.len() <= CHANGED {
                for _ in 0..CHANGES {
                    taken.push(changed(&message, &mut numbers));
                }
            }
            taken.push(message);
        }
    }
    let tried = taken.len();
    let found = files(&root.join("fixtures/found/profile_verify"), "");
    taken.extend(found.iter().map(|path| fs::read(path).unwrap()));
    let mut expected = Vec::new();
    taken.retain(|message| {
        let verified = verify(message, BOUND);
        expected.extend(verified.as_ref().ok().map(|verified| verified.text.clone()));
        verified.is_ok()
    });
    assert!(taken.len() > tried / 50, "{} of {tried} are taken", taken.len());
    assert!(taken.len() < tried, "some are not");
    // mail-parser reads the same.
    for message in &taken {
        (law.check)(message);
    }

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/email_readings.py");
    let mut python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = python.stdin.take().unwrap();
    let sent = taken.clone();
    let writer = std::thread::spawn(move || {
        for message in &sent {
            input.write_all(format!("{}\n", message.len()).as_bytes()).unwrap();
            input.write_all(message).unwrap();
        }
    });
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let readings: Vec<[serde_json::Value; 2]> = str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(readings.len(), taken.len());
    for ((message, text), readings) in taken.iter().zip(&expected).zip(&readings) {
        for reading in readings {
            let shown = message.escape_ascii();
            assert_eq!(reading["types"], serde_json::json!(["text/plain"]), "{shown}");
            assert_eq!(reading["charset"], "utf-8", "{shown}");
            assert_eq!(reading["file_name"], serde_json::Value::Null, "{shown}");
            assert_eq!(reading["disposition"], serde_json::Value::Null, "{shown}");
            assert_eq!(reading["defects"], serde_json::json!([]), "{shown}");
            assert_eq!(reading["text"], *text, "{shown}");
        }
    }
}
