//! The documents say what is there: the crates and who may import whom, the decision codes, and the
//! commands that a newcomer types first.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sekimori_policy::{Code, Effect};
use toml_edit::{DocumentMut, Item};

/// The crates that are shipped. Each may depend on those after it only.
const ORDER: [&str; 11] = [
    "sekimori", "review", "relay", "journal", "sanitize", "mime", "charset", "html", "smtp",
    "profile", "policy",
];

/// The crates that developers run. They may depend on anything, and nothing that is shipped on them.
const FOR_DEVELOPERS: [&str; 2] = ["laws", "xtask"];

/// Libraries that parse, store or speak, and the one crate that may use each.
const CONFINED: [(&str, &str); 14] = [
    ("clap", "sekimori"),
    ("config", "sekimori"),
    ("axum", "review"),
    ("lettre", "relay"),
    ("tokio-rustls", "relay"),
    ("rusqlite", "journal"),
    ("hmac", "journal"),
    ("ed25519-dalek", "journal"),
    ("mail-parser", "mime"),
    ("encoding_rs", "charset"),
    ("chardetng", "charset"),
    ("html2text", "html"),
    ("html5gum", "html"),
    ("libsqlite3-sys", "journal"),
];

/// What a crate needs who has a clock, files or sockets. Crates from `sanitize` down have none.
const IMPURE: [&str; 8] = [
    "tokio",
    "getrandom",
    "rustix",
    "socket2",
    "tempfile",
    "rustls",
    "tracing",
    "sekimori-journal",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What a crate depends on when it is shipped: development dependencies are left out.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let manifest: DocumentMut = read(&format!("crates/{folder}/Cargo.toml")).parse().unwrap();
    let mut tables: Vec<Option<&Item>> =
        vec![manifest.get("dependencies"), manifest.get("build-dependencies")];
    for (_, target) in
        manifest.get("target").and_then(Item::as_table_like).iter().flat_map(|t| t.iter())
    {
        tables.extend([target.get("dependencies"), target.get("build-dependencies")]);
    }
    let tables = tables.into_iter().flatten().filter_map(Item::as_table_like);
    tables.flat_map(|table| table.iter().map(|(name, _)| name.to_owned())).collect()
}

fn folders() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("crates")).unwrap().map(Result::unwrap);
    entries
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

#[test]
fn the_architecture_lists_the_crates_that_there_are_in_the_order_that_is_checked() {
    let text = read("ARCHITECTURE.md");
    let table = text.split("| crate | one job |").nth(1).expect("the table of crates");
    let listed: Vec<&str> = table
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let shipped: Vec<&str> =
        listed.iter().copied().filter(|name| !FOR_DEVELOPERS.contains(name)).collect();
    assert_eq!(shipped, ORDER);
    assert_eq!(listed.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>(), folders());
}

#[test]
fn a_crate_depends_only_on_crates_below_it() {
    for (place, folder) in ORDER.iter().enumerate() {
        for dependency in dependencies(folder) {
            let Some(other) = dependency.strip_prefix("sekimori-") else { continue };
            let below = ORDER.iter().skip(place + 1).any(|&name| name == other);
            assert!(below, "{folder} must not depend on {dependency}");
        }
    }
}

#[test]
fn each_library_that_parses_stores_or_speaks_is_used_by_its_own_crate_alone() {
    for folder in ORDER {
        let used = dependencies(folder);
        for (library, home) in CONFINED {
            assert!(folder == home || !used.contains(library), "{folder} must not use {library}");
        }
    }
    for (library, home) in CONFINED.iter().filter(|(library, _)| *library != "libsqlite3-sys") {
        assert!(dependencies(home).contains(*library), "{home} is said to use {library}");
    }
}

#[test]
fn the_crates_that_see_hostile_octets_have_no_clock_no_file_and_no_socket() {
    for folder in ORDER.iter().skip_while(|&&name| name != "sanitize") {
        for dependency in dependencies(folder) {
            assert!(!IMPURE.contains(&dependency.as_str()), "{folder} must not use {dependency}");
        }
    }
}

/// A document with every decision code, in one language.
fn decisions(head: &str, columns: &str, meaning: fn(Code) -> &'static str) -> String {
    let mut text = format!("{head}\n{columns}\n| --- | --- | --- |\n");
    for &code in Code::ALL {
        text.push_str(&format!("| `{code}` | {} | {} |\n", code.effect().as_str(), meaning(code)));
    }
    text
}

const ENGLISH: &str = "# Decision codes

Every decision on a mail has a code. It stands in the log, in `sekimori queue show`, in the output of
`sanitize --json` and `replay`, on the audit record, and in the `Sekimori-Result` field of the text that
crosses. Codes are only ever added; their meaning does not change.

A `note` changes nothing of the message. A `change` shows the same content in another form. A `drop`
leaves something out, which the original still has. A `hold` makes the message wait for a person. A
`reject` refuses it in the SMTP dialogue.

This file is written from `crates/policy/src/catalogue.rs`:
`SEKIMORI_UPDATE=1 cargo test -p sekimori --test documents`.
";

const JAPANESE: &str = "# 判定コード

メールに対する判定には、すべてコードが付きます。コードは、ログ、`sekimori queue show`、`sanitize --json`と
`replay`の出力、監査記録、および通過するテキストの`Sekimori-Result`ヘッダーに記録されます。コードは追加される
ことはあっても、意味が変わったり、削除されたりすることはありません。

`note`は記録のみで、メールは変わりません。`change`は同じ内容を別の形で表します。`drop`は一部を通さないことを
示し、その内容は原本に残ります。`hold`は担当者の確認待ちとして保留します。`reject`はSMTPの応答で拒否します。

このファイルは`crates/policy/src/catalogue.rs`から次のコマンドで作成します：
`SEKIMORI_UPDATE=1 cargo test -p sekimori --test documents`
";

#[test]
fn every_decision_code_is_explained_in_both_languages() {
    for (path, text) in [
        ("docs/decisions.md", decisions(ENGLISH, "| code | effect | meaning |", Code::english)),
        ("docs/decisions.ja.md", decisions(JAPANESE, "| コード | 効果 | 意味 |", Code::japanese)),
    ] {
        if std::env::var_os("SEKIMORI_UPDATE").is_some() {
            fs::write(root().join(path), &text).unwrap();
        }
        let is_current = read(path) == text;
        assert!(
            is_current,
            "{path} is out of date: SEKIMORI_UPDATE=1 cargo test -p sekimori --test documents"
        );
    }
}

/// The headings of a text in Markdown, by their depth. What stands in code blocks is none.
fn headings(text: &str) -> Vec<usize> {
    let mut in_code = false;
    let mut depths = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if !in_code && line.starts_with('#') {
            depths.push(line.chars().take_while(|&c| c == '#').count());
        }
    }
    depths
}

#[test]
fn both_readmes_have_the_same_parts_and_the_two_commands() {
    let [english, japanese] = ["README.md", "README.ja.md"].map(read);
    assert_eq!(headings(&english), headings(&japanese));
    assert!(headings(&english).len() > 5);
    for command in ["cargo run --release -- demo", "cargo xtask test"] {
        for (name, text) in [("README.md", &english), ("README.ja.md", &japanese)] {
            assert!(text.lines().any(|line| line.trim() == command), "{name}: {command}");
        }
    }
    assert!(english.contains("](README.ja.md)") && japanese.contains("](README.md)"));
}

#[test]
fn links_between_documents_lead_somewhere() {
    let documents = ["", "docs", "deploy", "fixtures"].map(|folder| root().join(folder));
    let mut checked = 0;
    for folder in documents {
        let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        for file in files.filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
            let text = fs::read_to_string(&file).unwrap();
            for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                if target.contains("://") || target.starts_with('#') {
                    continue;
                }
                let target = target.split('#').next().unwrap();
                assert!(folder.join(target).exists(), "{}: {target}", file.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 0);
}

/// What a row of the table of sanitizing claims: decisions, and what proves them.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    codes: Vec<String>,
    proofs: Vec<String>,
}

fn claims(path: &str) -> Vec<Claim> {
    let quoted =
        |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let text = read(path);
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let claims = rows.map(|row| {
        let mut cells = row.trim_matches('|').rsplit(" | ").map(quoted);
        let proofs = cells.next().unwrap_or_default();
        Claim { codes: cells.next().unwrap_or_default(), proofs }
    });
    claims.filter(|claim| !claim.proofs.is_empty()).collect()
}

#[derive(serde::Deserialize)]
struct Reviewed {
    decisions: Vec<Decided>,
}

#[derive(serde::Deserialize)]
struct Decided {
    code: String,
}

/// The decisions that were reviewed of a fixture mail.
fn reviewed(fixture: &str) -> Option<BTreeSet<String>> {
    let path = root().join(format!("fixtures/mail/{fixture}.json"));
    let result: Reviewed = serde_json::from_str(&fs::read_to_string(path).ok()?).unwrap();
    Some(result.decisions.into_iter().map(|decision| decision.code).collect())
}

/// Whether a crate has a test of that name.
fn is_tested(folder: &str, test: &str) -> bool {
    let mut folders = vec![root().join("crates").join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::read_to_string(&path).is_ok_and(|s| s.contains(&format!("fn {test}("))) {
                return true;
            }
        }
    }
    false
}

/// Decisions of what happens outside of sanitizing: they have no row.
const ELSEWHERE: [Code; 5] = [
    Code::HoldError,
    Code::HoldVerifier,
    Code::HoldOperator,
    Code::HoldUndeliverable,
    Code::GateVerified,
];

#[test]
fn each_row_on_sanitizing_is_proved_by_what_it_names() {
    let claimed = claims("docs/sanitizing.md");
    assert_eq!(claimed, claims("docs/sanitizing.ja.md"), "both languages claim the same");
    assert!(claimed.len() > 60, "{} rows", claimed.len());
    for Claim { codes, proofs } in &claimed {
        let mut decided = BTreeSet::new();
        let mut has_test = false;
        for proof in proofs {
            if let Some((folder, test)) = proof.split_once("::") {
                assert!(is_tested(folder, test), "{proof} is no test");
                has_test = true;
            } else {
                decided.extend(reviewed(proof).unwrap_or_else(|| panic!("{proof} is no fixture")));
            }
        }
        for code in codes.iter().filter(|_| !has_test) {
            assert!(decided.contains(code), "{code} is no decision on {proofs:?}");
        }
    }
    let claimed: BTreeSet<&str> =
        claimed.iter().flat_map(|claim| claim.codes.iter().map(String::as_str)).collect();
    for &code in Code::ALL {
        let is_outside = ELSEWHERE.contains(&code) || code.effect() == Effect::Reject;
        let has_row = claimed.contains(code.as_str()) || code == Code::SignedRemoved;
        assert_ne!(is_outside, has_row, "{code}");
    }
}

#[test]
fn each_step_of_the_argument_is_shown_by_what_it_names() {
    let claimed = claims("docs/assurance.md");
    assert_eq!(claimed, claims("docs/assurance.ja.md"), "both languages argue the same");
    let steps: Vec<&Claim> = claimed
        .iter()
        .filter(|claim| claim.proofs.iter().any(|proof| proof.contains("::")))
        .collect();
    assert!(steps.len() >= 15, "{}", steps.len());
    for proof in steps.iter().flat_map(|claim| &claim.proofs) {
        match proof.split_once("::") {
            Some((folder, test)) => assert!(is_tested(folder, test), "{proof} is no test"),
            None => assert!(proof.starts_with("cargo xtask "), "{proof} is no command"),
        }
    }
    for path in ["docs/assurance.md", "docs/assurance.ja.md"] {
        let text = read(path);
        for number in 1..=14 {
            assert!(text.contains(&format!("| R{number} ")), "{path}: R{number}");
        }
    }
}
