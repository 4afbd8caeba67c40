//! What `deploy/` says is what the program does: metrics, configurations, documents.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use support::run::run;

/// Metrics that Prometheus itself has.
const OF_PROMETHEUS: [&str; 1] = ["up"];

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("deploy")
}

fn read(path: &str) -> String {
    fs::read_to_string(deploy().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The words of a text that look like metrics of ours.
fn metrics_in(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("sekimori_"))
        .map(str::to_owned)
        .collect()
}

/// The names of the metrics in the answer to `/metrics`.
fn printed() -> BTreeSet<String> {
    let gateway = support::gateway::Plan::new(([127, 0, 0, 1], 9).into()).start();
    let (_, text) = gateway.get("/metrics");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split([' ', '{']).next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn alerts_and_dashboard_name_metrics_that_are_printed() {
    let known = printed();
    for file in ["prometheus/alerts.yaml", "grafana/sekimori.json"] {
        let named = metrics_in(&read(file));
        assert!(named.len() > 8, "{file}: {named:?}");
        for metric in named {
            assert!(known.contains(&metric), "{file} names {metric}, which /metrics does not have");
        }
    }
}

/// The metrics of an expression, ours and others: what stands before a brace or a bracket.
fn expressions(alerts: &str) -> impl Iterator<Item = &str> {
    alerts.lines().filter_map(|line| line.trim_start().strip_prefix("expr: "))
}

#[test]
fn every_alert_is_about_a_metric_is_tried_and_sends_to_the_runbook() {
    let alerts = read("prometheus/alerts.yaml");
    let tried = read("prometheus/alerts_test.yaml");
    for expression in expressions(&alerts) {
        let is_ours = !metrics_in(expression).is_empty();
        let is_other = OF_PROMETHEUS.iter().any(|name| expression.starts_with(name));
        assert!(is_ours || is_other, "{expression}");
    }
    let names: Vec<&str> =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(names.len() > 10);
    for name in &names {
        assert!(tried.contains(&format!("alertname=\"{name}\"")), "{name} is not tried");
    }
    for part in ["summary: ", "summary_ja: ", "runbook: ", "{ severity: "] {
        assert_eq!(alerts.matches(part).count(), names.len(), "{part}");
    }
}

/// An example with files that are there in place of those that its owner has to make.
fn example(folder: &Path, path: &str) -> String {
    let file = folder.join("present.pem");
    fs::write(&file, "").unwrap();
    let mut text = read(path);
    for name in [
        "gate.pem",
        "gate.key",
        "internet-half-ca.pem",
        "gate-ca.pem",
        "internet-half.pem",
        "internet-half.key",
    ] {
        text = text.replace(&format!("/etc/sekimori/{name}"), file.to_str().unwrap());
    }
    text
}

#[test]
fn the_firewall_examples_are_what_the_configurations_need() {
    let folder = tempfile::tempdir().unwrap();
    for (example, configuration) in [
        ("nftables/internet-half.nft", example(folder.path(), "nftables/internet-half.toml")),
        ("nftables/gate.nft", example(folder.path(), "debian/gate.toml")),
    ] {
        let path = folder.path().join("sekimori.toml");
        fs::write(&path, configuration).unwrap();
        let arguments = ["config", "show", "--paths", "--config", path.to_str().unwrap()];
        let rules = run(arguments).good().text().to_owned();
        if std::env::var_os("SEKIMORI_UPDATE").is_some() {
            fs::write(deploy().join(example), &rules).unwrap();
        }
        let is_current = read(example) == rules;
        assert!(
            is_current,
            "{example}: SEKIMORI_UPDATE=1 cargo test -p sekimori --test deployment"
        );
    }
}

#[test]
fn both_halves_of_the_examples_know_each_other() {
    let (internet, gate) = (read("nftables/internet-half.toml"), read("debian/gate.toml"));
    assert!(internet.contains("gate = true") && internet.contains("tls = \"verify\""));
    let hop = "next_hop = \"198.51.100.5:25\"";
    assert!(internet.contains(hop) && gate.contains("listen = [\"198.51.100.5:25\"]"));
    assert!(internet.contains("\"192.0.2.5:25\"") && gate.contains("[\"192.0.2.5\"]"));
}

#[test]
fn the_backup_of_the_timer_is_made_and_checked_in_the_folder_of_the_packages() {
    let unit = read("systemd/sekimori-backup.service");
    let starts: Vec<&str> =
        unit.lines().filter_map(|line| line.strip_prefix("ExecStart=/usr/bin/sekimori ")).collect();
    assert_eq!(
        starts,
        ["backup --to /var/backups/sekimori", "backup verify /var/backups/sekimori"],
    );
    assert!(read("debian/postinst").contains("/var/backups/sekimori"));
    for script in ["postinst", "prerm"] {
        assert!(read(&format!("debian/{script}")).contains("sekimori-backup.timer"), "{script}");
    }
}

#[test]
fn units_and_packages_name_the_same_configurations() {
    for (unit, command, configuration) in [
        ("sekimori", "serve", "/etc/sekimori/sekimori.toml"),
        ("sekimori-relay", "relay", "/etc/sekimori/sekimori.toml"),
        ("sekimori-review", "review", "/etc/sekimori/sekimori.toml"),
        ("sekimori-gate", "gate", "/etc/sekimori/gate.toml"),
    ] {
        let text = read(&format!("systemd/{unit}.service"));
        let start = format!("ExecStart=/usr/bin/sekimori {command} --config {configuration}");
        let check = format!("=/usr/bin/sekimori config check --config {configuration}");
        assert!(text.lines().any(|line| line == start), "{unit}: {start}");
        for key in ["ExecStartPre", "ExecReload"] {
            assert!(text.lines().any(|line| line == format!("{key}{check}")), "{unit}: {key}");
        }
        assert!(read("debian/postinst").contains(configuration));
        assert!(read("debian/postinst").contains(&format!("{unit}.service")));
        assert!(run([command, "--help"]).good().text().contains("--config"));
    }
}

/// A document of `docs/`.
fn document(name: &str) -> String {
    let path = deploy().with_file_name("docs").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn headings(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("## ")).collect()
}

/// What stands between backticks and begins with `sekimori `, a subcommand and its own.
fn commands(text: &str) -> Vec<String> {
    let joined = text.replace("\n   ", " ").replace('\n', " ");
    let spans = joined.split('`').skip(1).step_by(2);
    let spans = spans.map(|span| span.strip_prefix("sudo -u sekimori ").unwrap_or(span));
    spans.filter_map(|span| span.strip_prefix("sekimori ")).map(str::to_owned).collect()
}

#[test]
fn every_alert_leads_to_a_chapter_of_the_runbook() {
    let english = document("runbook.md");
    let chapters = headings(&english);
    let alerts = read("prometheus/alerts.yaml");
    let named =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("runbook: \"runbook.md: "));
    for chapter in named {
        assert!(chapters.contains(&chapter.trim_end_matches('"')), "{chapter}");
    }
    let alarmed = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
    let alarmed: BTreeSet<&str> = alarmed.collect();
    for word in english.split(|c: char| !c.is_ascii_alphanumeric()) {
        let is_alert = word.len() > "Sekimori".len() && word.starts_with("Sekimori");
        assert!(!is_alert || alarmed.contains(word), "there is no alert {word}");
    }
}

#[test]
fn the_runbook_says_the_same_in_both_languages_with_commands_that_exist() {
    let [english, japanese] = ["runbook.md", "runbook.ja.md"].map(document);
    assert_eq!(headings(&english).len(), headings(&japanese).len());
    let steps = |text: &str| -> Vec<usize> {
        let chapters = text.split("\n## ").skip(1);
        let is_step = |line: &&str| line.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        chapters.map(|chapter| chapter.lines().filter(is_step).count()).collect()
    };
    assert_eq!(steps(&english), steps(&japanese));
    assert_eq!(commands(&english), commands(&japanese));
    for command in commands(&english) {
        let words = command.split(' ');
        let is_word = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase());
        let mut arguments: Vec<&str> = words.take_while(is_word).collect();
        arguments.push("--help");
        run(&arguments).good();
        for option in command.split(' ').filter(|word| word.starts_with("--")) {
            let help = run(&arguments).good();
            assert!(help.text().contains(option), "{command}: {option}");
        }
    }
}
