//! `config show --paths`: the connections that a configuration needs, and rules that let no others
//! pass.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and says why it did not run"
)]

mod support;

use std::process::Command;

use support::run::{finish, run};

const CONFIGURATION: &str = "\
[segments]
internet = [\"192.0.2.0/24\", \"2001:db8:1::/64\"]
lgwan = [\"198.51.100.0/24\"]
mynumber = [\"10.9.0.0/16\"]
[receive]
listen = [\"192.0.2.5:25\"]
trusted_peers = [\"192.0.2.25\", \"192.0.2.26\"]
[deliver]
next_hop = \"198.51.100.25:25\"
fallback_hops = [\"198.51.100.26:2525\"]
[reports]
hop = \"192.0.2.25:25\"
from = \"postmaster@town.example.lg.jp\"
[review]
listen = \"127.0.0.1:8025\"
[[organisation]]
name = \"山北町\"
domains = [\"town.example.lg.jp\"]
";

fn described() -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sekimori.toml");
    std::fs::write(&path, CONFIGURATION).unwrap();
    let path = path.to_str().unwrap();
    run(["config", "show", "--paths", "--config", path]).good().text().to_owned()
}

#[test]
fn every_connection_is_told_with_its_segment_and_has_a_rule() {
    let text = described();
    for line in [
        "# in   internet  192.0.2.25/32, 192.0.2.26/32 -> 192.0.2.5:25",
        "# in   internet  anywhere -> 127.0.0.1:8025",
        "# out  lgwan     198.51.100.25:25",
        "# out  lgwan     198.51.100.26:2525",
        "# out  internet  192.0.2.25:25",
        "ip saddr { 192.0.2.25/32, 192.0.2.26/32 } ip daddr 192.0.2.5 tcp dport 25 accept",
        "ip daddr 198.51.100.25 tcp dport 25 accept",
        "ip daddr 198.51.100.26 tcp dport 2525 accept",
        "ip daddr 192.0.2.25 tcp dport 25 accept",
    ] {
        assert!(text.lines().any(|l| l.trim_start().starts_with(line)), "{line}\n{text}");
    }
    assert_eq!(text.matches("policy drop").count(), 3, "{text}");
    // What listens on this machine alone needs no rule but the one for the loopback.
    assert!(!text.contains("dport 8025"), "{text}");
}

#[test]
fn nftables_takes_the_rules() {
    let nft = |rules: &str| {
        finish(Command::new("/usr/sbin/nft").args(["--check", "--file", "-"]), rules.as_bytes())
    };
    let is_there = Command::new("/usr/sbin/nft").arg("--version").output().is_ok();
    if !is_there || nft("table inet x {}\n").code != 0 {
        println!(
            "not run: nftables is not installed (Debian package nftables), or not allowed here"
        );
        return;
    }
    nft(&described()).good();
}
