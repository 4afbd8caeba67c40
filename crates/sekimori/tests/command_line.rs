//! The command line keeps its contracts: exit codes of sysexits.h, data on standard output and talk
//! on standard error, mistakes with file and line, the same output for the same input.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sekimori_profile::verify;
use serde_json::Value;
use support::gateway::sekimori;
use support::run::{Run, finish, run};
use tempfile::TempDir;

const ORGANISATION: &str =
    "[[organisation]]\nname = \"山北町\"\ndomains = [\"town.example.lg.jp\"]\n";
const MAIL: &[u8] = "From: 住民 <resident@example.jp>\r\nTo: soumu@town.example.lg.jp\r\n\
    Subject: test\r\nDate: Tue, 22 Sep 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
    こんにちは。\r\n\
    --b\r\nContent-Type: application/pdf; name=plan.pdf\r\n\
    Content-Disposition: attachment; filename=plan.pdf\r\n\r\n%PDF-1.4 body\r\n--b--\r\n"
    .as_bytes();

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("sekimori-test-").tempdir().unwrap()
}

fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

/// The arguments, with `@` for a path.
fn with_path(arguments: &[&str], path: &Path) -> Run {
    let path = path.to_str().unwrap();
    run(arguments.iter().map(|&argument| if argument == "@" { path } else { argument }))
}

#[test]
fn a_wrong_command_line_is_64_with_the_reason_on_standard_error() {
    let good = folder();
    let config = write(&good, "good.toml", ORGANISATION);
    for arguments in [
        &[][..],
        &["--nonsense"],
        &["nonsense"],
        &["sanitize", "--nonsense"],
        &["sanitize", "a.eml", "b.eml"],
        &["replay"],
        &["replay", "--jobs", "0", "a.eml"],
        &["replay", "--jobs", "many", "a.eml"],
        &["config"],
        &["completions", "no-shell"],
        &["queue", "hold", "--all"],
        &["queue", "hold", "--reason", "why"],
        &["queue", "hold", "--reason", "why", "--all", "1A3"],
        &["queue", "hold", "--config", "@", "--reason", "  ", "--all"],
        &["queue", "list", "--config", "@", "--state", "nowhere"],
        &["sanitize", "--config", "@", "--organisation", "nobody"],
    ] {
        let Run { code, out, talk } = with_path(arguments, &config);
        assert_eq!(code, 64, "{arguments:?}: {talk}");
        assert!(out.is_empty(), "{arguments:?}");
        assert!(!talk.is_empty(), "{arguments:?}");
    }
}

#[test]
fn what_is_asked_for_is_data_and_0() {
    for (arguments, said) in [
        (&["--help"][..], "Usage: sekimori"),
        (&["--version"], "sekimori "),
        (&["queue", "--help"], "release"),
        (&["help", "sanitize"], "--json"),
    ] {
        let run = run(arguments).good();
        assert!(run.text().contains(said), "{arguments:?}: {}", run.text());
        assert_eq!(run.talk, "");
    }
}

#[test]
fn what_is_no_mail_is_65_and_what_is_not_there_66() {
    let files = folder();
    let empty = write(&files, "empty.eml", "");
    let large = write(&files, "large.eml", "x".repeat(70_000));
    let config =
        write(&files, "c.toml", format!("[receive]\nmax_message_octets = 65536\n{ORGANISATION}"));
    let config = config.to_str().unwrap();
    for (arguments, path, code, said) in [
        (&["sanitize", "@"][..], empty.as_path(), 65, "is empty"),
        (&["sanitize", "@"], files.path(), 65, "is a folder"),
        (&["sanitize", "--config", config, "@"], &large, 65, "larger than 65536 octets"),
        (&["sanitize", "@"], Path::new("no/such.eml"), 66, "No such file"),
        (&["replay", "@"], Path::new("no/such/folder"), 66, "No such file"),
        (&["queue", "list", "--config", config], Path::new(""), 66, "var/sekimori"),
    ] {
        let mut command = sekimori();
        let path = path.to_str().unwrap();
        command.args(arguments.iter().map(|&a| if a == "@" { path } else { a }));
        let run = finish(command.current_dir(files.path()), b"");
        assert_eq!(run.code, code, "{arguments:?} {path}: {}", run.talk);
        assert!(run.out.is_empty());
        assert!(run.talk.contains(said), "{said}: {}", run.talk);
        assert!(run.talk.contains(path), "the file is named: {}", run.talk);
    }
    let from_stdin = run(["sanitize"]);
    assert_eq!((from_stdin.code, from_stdin.out.len()), (65, 0), "{}", from_stdin.talk);
}

/// Every mistake that a configuration can hold, with the place and the reason that are told.
const MISTAKES: [(&str, &str); 21] = [
    ("[receive\n", ":1: "),
    ("[receive]\nlisten_on = 25\n", ":2: receive.listen_on: unknown field"),
    ("[receiver]\n", ":1: receiver: unknown field"),
    ("[receive]\nmax_recipients = \"many\"\n", ":2: receive.max_recipients: invalid type"),
    ("[receive]\nmax_recipients = -1\n", ":2: receive.max_recipients: "),
    ("[receive]\n\nlisten = [\"here\"]\n", ":3: receive.listen[0]: \"here\" is no address"),
    ("[receive]\nbare_line_ends = \"keep\"\n", ":2: receive.bare_line_ends: unknown variant"),
    ("[receive]\ntrusted_peers = []\n", ":2: receive.trusted_peers: names no peer"),
    ("[receive]\ntls_certificate = \"/no/cert\"\n", ":2: receive.tls_certificate: "),
    ("[receive]\nroom_wait_seconds = 0\n", ":2: receive.room_wait_seconds: must be at least 1"),
    ("[deliver]\nnext_hop = \"mail\"\n", ":2: deliver.next_hop: \"mail\" is no mail server"),
    ("[deliver]\ngive_up_hours = 0\n", ":2: deliver.give_up_hours: must be at least 1"),
    ("[deliver]\ntls = \"verify\"\n", ":2: deliver.tls: \"verify\" needs tls_authorities"),
    ("[deliver]\nuser = \"u\"\n", ":2: deliver.user: user and password_file belong together"),
    ("[reports]\nfrom = \"a@b.jp\"\n", ":2: reports.from: needs reports.hop"),
    ("[journal]\npath = \"\"\n", ":2: journal.path: names no folder"),
    ("[review]\nlisten = \"everywhere\"\n", ":2: review.listen: \"everywhere\" is no address"),
    ("[sanitize.limits]\ndepth = 0\n", ":2: sanitize.limits.depth: must be at least 1"),
    ("[log]\nlevel = \"a=loud\"\n", ":2: log.level: "),
    (
        "[segments]\nmynumber = [\"10.3.0.0/16\"]\n[deliver]\nnext_hop = \"10.3.0.1:25\"\n",
        ":4: deliver.next_hop: 10.3.0.1 is in the forbidden segment mynumber",
    ),
    (
        "[segments]\ninternet = [\"10.1.0.0/16\"]\n[deliver]\nfallback_hops = [\"10.1.0.1:25\"]\n",
        ":4: deliver.fallback_hops[0]: 10.1.0.1 is in the forbidden segment internet",
    ),
];

#[test]
fn each_mistake_of_a_configuration_is_78_with_file_line_and_reason() {
    let files = folder();
    for (mistake, said) in MISTAKES {
        let path = write(&files, "c.toml", format!("{mistake}{ORGANISATION}"));
        let run = with_path(&["config", "check", "--config", "@"], &path);
        assert_eq!(run.code, 78, "{mistake}: {}", run.talk);
        assert!(run.out.is_empty());
        let expected = format!("sekimori: {}{said}", path.display());
        assert!(run.talk.lines().any(|line| line.starts_with(&expected)), "{said}\n{}", run.talk);
    }
}

#[test]
fn every_command_that_reads_a_configuration_refuses_a_bad_one() {
    let files = folder();
    let mail = write(&files, "a.eml", MAIL);
    let mail = mail.to_str().unwrap();
    let path = write(&files, "c.toml", format!("[receive]\nlisten = [\"here\"]\n{ORGANISATION}"));
    for arguments in [
        &["serve", "--config", "@"][..],
        &["relay", "--config", "@"],
        &["config", "check", "--config", "@"],
        &["config", "show", "--config", "@"],
        &["sanitize", "--config", "@", mail],
        &["replay", "--config", "@", mail],
        &["queue", "list", "--config", "@"],
        &["queue", "show", "--config", "@", "1A3"],
        &["queue", "flush", "--config", "@", "--reason", "why", "--all"],
    ] {
        let run = with_path(arguments, &path);
        assert_eq!(run.code, 78, "{arguments:?}: {}", run.talk);
        assert!(run.talk.contains(":2: receive.listen[0]: "), "{}", run.talk);
        let run = with_path(arguments, Path::new("/no/such.toml"));
        assert_eq!(run.code, 78, "{arguments:?}: {}", run.talk);
        assert!(run.talk.contains("/no/such.toml"), "{}", run.talk);
    }
}

#[test]
fn all_mistakes_are_said_at_once() {
    let files = folder();
    let text = format!(
        "[receive]\nlisten = [\"here\"]\nhostname = \"a b\"\n[deliver]\nnext_hop = \"x\"\n{ORGANISATION}"
    );
    let path = write(&files, "c.toml", text);
    let run = with_path(&["config", "check", "--config", "@"], &path);
    assert_eq!(run.talk.lines().count(), 3, "{}", run.talk);
}

#[test]
fn the_first_configuration_is_good_and_is_not_written_over() {
    let files = folder();
    let printed = run(["config", "init"]).good();
    let path = files.path().join("sekimori.toml");
    let written = with_path(&["config", "init", "@"], &path).good();
    assert!(written.out.is_empty(), "the file has it");
    assert_eq!(fs::read(&path).unwrap(), printed.out);
    let checked = with_path(&["config", "check", "--config", "@"], &path).good();
    assert!(checked.out.is_empty());
    let again = with_path(&["config", "init", "@"], &path);
    assert_eq!(again.code, 74, "{}", again.talk);
    assert_eq!(fs::read(&path).unwrap(), printed.out);
}

#[test]
fn the_configuration_in_force_is_shown_with_where_each_value_comes_from() {
    let files = folder();
    let text = format!("[receive]\nhostname = \"gw.example.jp\"\nmax_errors = 7\n{ORGANISATION}");
    let path = write(&files, "c.toml", text);
    let show = |json: bool| {
        let mut command = sekimori();
        command.env("SEKIMORI__RECEIVE__MAX_ERRORS", "9").arg("config").arg("show");
        command.arg("--config").arg(&path);
        finish(if json { command.arg("--json") } else { &mut command }, b"").good()
    };
    let shown = show(false);
    let file = path.display();
    for line in [
        format!("receive.hostname = \"gw.example.jp\"  # {file}:2"),
        "receive.max_errors = 9  # environment variable SEKIMORI__RECEIVE__MAX_ERRORS".to_owned(),
        "receive.max_recipients = 1000  # default".to_owned(),
        "deliver.next_hop = \"127.0.0.1:2600\"  # default".to_owned(),
        "log.level = \"info\"  # default".to_owned(),
        format!("organisation[0].domains = [\"town.example.lg.jp\"]  # {file}:6"),
        "organisation[0].retention_days = 30  # default".to_owned(),
    ] {
        assert!(shown.text().lines().any(|l| l == line), "{line}\n{}", shown.text());
    }
    let object = show(true).object();
    assert_eq!(object["receive"]["max_errors"], 9);
    assert_eq!(object["organisation"][0]["name"], "山北町");
}

#[test]
fn a_mistake_in_the_environment_is_78_and_names_the_variable() {
    let files = folder();
    let path = write(&files, "c.toml", ORGANISATION);
    for (variable, value) in [
        ("SEKIMORI__RECEIVE__MAX_ERRORS", "few"),
        ("SEKIMORI__RECEIVE__NO_SUCH_KEY", "1"),
        ("SEKIMORI__DELIVER__NEXT_HOP", "nowhere"),
    ] {
        let mut command = sekimori();
        command.env(variable, value).args(["config", "check", "--config"]).arg(&path);
        let run = finish(&mut command, b"");
        assert_eq!(run.code, 78, "{}", run.talk);
        let expected = format!("sekimori: environment variable {variable}: ");
        assert!(run.talk.starts_with(&expected), "{}", run.talk);
    }
}

#[test]
fn a_mail_becomes_text_on_standard_output_whichever_way_it_comes() {
    let files = folder();
    let path = write(&files, "a.eml", MAIL);
    let from_file = with_path(&["sanitize", "@"], &path).good();
    let verified = verify::verify(&from_file.out, 1024 * 1024).unwrap();
    assert!(verified.text.contains("こんにちは。"), "{}", verified.text);
    assert!(verified.text.contains("plan.pdf"), "{}", verified.text);
    assert!(from_file.talk.contains("attachment-removed"), "{}", from_file.talk);
    for arguments in [&["sanitize"][..], &["sanitize", "-"]] {
        let from_stdin = finish(sekimori().args(arguments), MAIL).good();
        assert_eq!(from_stdin, from_file);
    }
}

#[test]
fn the_object_of_a_mail_has_the_members_that_tools_rely_on() {
    let run = finish(sekimori().args(["sanitize", "--json"]), MAIL).good();
    assert_eq!(run.talk, "");
    let object = run.object();
    let message = object["message"].as_str().unwrap();
    verify::verify(message.as_bytes(), 1024 * 1024).unwrap();
    assert_eq!(object["outcome"], "deliver");
    let removed = &object["removed"][0];
    assert_eq!(removed["name"], "plan.pdf", "{object:#}");
    assert_eq!(removed["size"], "%PDF-1.4 body".len());
    assert_eq!(removed["sha256"].as_str().map(str::len), Some(64));
    for member in ["section", "detected_type", "reason"] {
        assert!(removed[member].is_string(), "{member}: {removed:#}");
    }
    let decisions = object["decisions"].as_array().unwrap();
    let decision = decisions.iter().find(|d| d["code"] == "attachment-removed").unwrap();
    assert_eq!(decision["effect"], "drop");
    assert_eq!(decision["count"], 1);
}

#[test]
fn a_held_mail_is_0_with_the_text_that_would_cross() {
    let files = folder();
    let review = format!("{ORGANISATION}mode = \"review\"\n");
    let path = write(&files, "c.toml", review);
    let mut command = sekimori();
    command.args(["sanitize", "--json", "--config"]).arg(&path);
    let object = finish(&mut command, MAIL).good().object();
    assert_eq!(object["outcome"], "hold");
    let message = object["message"].as_str().unwrap();
    let verified = verify::verify(message.as_bytes(), 1024 * 1024).unwrap();
    assert!(verified.text.contains("こんにちは。"));
    let codes: Vec<&Value> =
        object["decisions"].as_array().unwrap().iter().map(|d| &d["code"]).collect();
    assert!(codes.contains(&&Value::from("hold-review")), "{codes:?}");
}

#[test]
fn the_same_mail_gives_the_same_output_at_any_time() {
    let first = finish(sekimori().args(["sanitize", "--json"]), MAIL).good();
    // A mail without a date has no time of its own to be received at.
    let undated = b"Subject: x\r\n\r\ny\r\n";
    let other = finish(sekimori().args(["sanitize", "--json"]), undated).good();
    assert_eq!(finish(sekimori().args(["sanitize", "--json"]), MAIL), first);
    assert_eq!(finish(sekimori().args(["sanitize", "--json"]), undated), other);
}

#[test]
fn completions_and_manual_pages_are_written() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = run(["completions", shell]).good();
        assert!(run.text().contains("sekimori") && run.text().contains("sanitize"), "{shell}");
        assert_eq!(run.talk, "");
    }
    let files = folder();
    let pages = files.path().join("share/man1");
    with_path(&["man", "@"], &pages).good();
    for page in ["sekimori.1", "sekimori-serve.1", "sekimori-replay.1", "sekimori-queue-hold.1"] {
        let text = fs::read_to_string(pages.join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
}

#[test]
fn a_reader_that_goes_away_is_an_error_of_writing_and_no_bug() {
    let files = folder();
    let path = write(&files, "c.toml", ORGANISATION);
    let mail = write(&files, "a.eml", MAIL);
    let mail = mail.to_str().unwrap();
    for arguments in [
        &["config", "show", "--config", "@"][..],
        &["config", "show", "--json", "--config", "@"],
        &["config", "init"],
        &["completions", "bash"],
        &["sanitize", mail],
        &["replay", mail],
    ] {
        let path = path.to_str().unwrap();
        let mut command = sekimori();
        command.args(arguments.iter().map(|&a| if a == "@" { path } else { a }));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let talk = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(74), "{arguments:?}: {talk}");
        assert!(!talk.contains("panicked"), "{talk}");
    }
}

#[test]
fn the_demonstration_shows_all_twelve_mails_and_leaves_nothing_behind() {
    let files = folder();
    let mut command = sekimori();
    let run = finish(command.args(["demo", "--once"]).env("TMPDIR", files.path()), b"").good();
    let listed =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/demo.txt"));
    for (number, mail) in listed.unwrap().lines().enumerate() {
        let name = mail.trim_start_matches("mail/");
        let head = format!("━━ {}/12  {name}", number + 1);
        assert!(run.text().contains(&head), "{head}\n{}", run.text());
    }
    let shown = |what: &str| run.text().matches(what).count();
    assert_eq!(shown("came in: "), 12);
    assert_eq!(shown("went on: "), 12, "{}", run.text());
    assert_eq!(shown("受付番号: "), 12);
    assert_eq!(shown("not a text-only message"), 0);
    assert!(!run.text().contains("SEKIMORI-MARKER"));
    assert_eq!(shown("quarantine review: http://127.0.0.1:"), 1, "{}", run.text());
    assert!(run.text().contains("12 mails wait for review"), "{}", run.text());
    for login in ["tanaka", "sato", "suzuki"] {
        assert_eq!(shown(&format!("    {login} ")), 1, "{}", run.text());
    }
    assert_eq!(fs::read_dir(files.path()).unwrap().count(), 0, "the temporary folder is gone");
}
