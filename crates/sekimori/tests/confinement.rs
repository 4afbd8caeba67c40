//! What an auditor sees of a running process: every thread of it is confined, and it leaves no core dump.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;

use support::client::Client;
use support::gateway::{Gateway, Plan};
use support::next_hop::{Manners, NextHop};

/// The value of a line of `/proc/PID/status` for each thread.
fn of_threads(gateway: &Gateway, name: &str) -> Vec<String> {
    let tasks = fs::read_dir(format!("/proc/{}/task", gateway.pid().unwrap())).unwrap();
    let value = |status: String| {
        status.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()))
    };
    tasks
        .filter_map(|task| value(fs::read_to_string(task.unwrap().path().join("status")).ok()?))
        .collect()
}

#[test]
fn every_thread_of_a_working_relay_is_confined() {
    let hop = NextHop::start(Manners::default());
    let gateway = Plan::new(hop.address()).start();
    let mail = b"From: <a@example.jp>\r\nSubject: a\r\n\r\nText.\r\n";
    let mut client = Client::greeted(gateway.mail());
    let reply = client.hand_over("a@example.jp", "clerk@town.example.lg.jp", mail);
    assert_eq!(reply.code, 250, "{reply:?}");
    assert_eq!(hop.wait_for_taken(1).len(), 1);
    let no_new_privileges = of_threads(&gateway, "NoNewPrivs:");
    assert!(no_new_privileges.len() > 4, "{no_new_privileges:?}");
    assert!(no_new_privileges.iter().all(|value| value == "1"), "{no_new_privileges:?}");
    let filtered = of_threads(&gateway, "Seccomp:");
    assert!(filtered.iter().all(|mode| mode == "2"), "{filtered:?}");
    let filters = of_threads(&gateway, "Seccomp_filters:");
    assert!(filters.iter().all(|count| count.parse::<u32>().unwrap() >= 2), "{filters:?}");
    let limits = fs::read_to_string(format!("/proc/{}/limits", gateway.pid().unwrap())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let values: Vec<&str> = core.split_whitespace().filter(|word| *word == "0").collect();
    assert_eq!(values.len(), 2, "{core}");
    let said =
        gateway.log().iter().filter(|line| line["target"] == "sekimori::confinement").count();
    assert!(said >= 1, "{}", gateway.log_text());
}

#[test]
fn a_relay_that_is_not_to_be_confined_says_so() {
    let hop = NextHop::start(Manners::default());
    let gateway = Plan::new(hop.address()).set("confinement.mode", "\"off\"").start();
    assert_eq!(gateway.logged("not confined: confinement.mode is \"off\"").len(), 1);
    assert!(of_threads(&gateway, "Seccomp:").iter().all(|mode| mode != "2"));
}
