//! Sanitizing in worker processes: the same text, by processes that have nothing and may die.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::PathBuf;

use rustix::process::{Pid, Signal, kill_process};
use sekimori_profile::verify::verify;
use sekimori_xtask::process;
use support::client::{Client, Reply};
use support::gateway::{Gateway, Plan};
use support::next_hop::{Manners, NextHop};
use support::wait_for;

const MAIL: &[u8] = b"From: <a@example.jp>\r\nSubject: a\r\nMIME-Version: 1.0\r\n\
Content-Type: text/html\r\n\r\n<p>See <b>this</b><script>run()</script></p>\r\n";

fn plan(hop: &NextHop) -> Plan {
    Plan::new(hop.address()).set("sanitize.run_in", "\"processes\"").set("sanitize.workers", "1")
}

fn hand_over(gateway: &Gateway) -> Reply {
    Client::greeted(gateway.mail()).hand_over("a@example.jp", "clerk@town.example.lg.jp", MAIL)
}

/// The processes of a gateway with this subcommand.
fn processes(gateway: &Gateway, subcommand: &str) -> Vec<u32> {
    let is_it = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.contains(subcommand))
    };
    process::tree(gateway.pid().unwrap()).into_iter().filter(is_it).collect()
}

fn worker(gateway: &Gateway) -> u32 {
    wait_for("a worker runs", || processes(gateway, "sanitize-worker").first().copied())
}

/// What a process has open, each once.
fn open_files(process: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let mut open: Vec<PathBuf> =
        files.filter_map(|file| fs::read_link(file.unwrap().path()).ok()).collect();
    open.sort();
    open.dedup();
    open
}

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), signal).unwrap();
}

#[test]
fn a_worker_makes_the_text_and_has_nothing_but_its_socket() {
    let hop = NextHop::start(Manners::default());
    let gateway = plan(&hop).start();
    assert_eq!(hand_over(&gateway).code, 250);
    let taken = hop.wait_for_taken(1).remove(0);
    let text = verify(&taken.data, 1024 * 1024).unwrap().text;
    assert!(text.contains("See this") && !text.contains("run()"), "{text}");
    let worker = worker(&gateway);
    let status = fs::read_to_string(format!("/proc/{worker}/status")).unwrap();
    for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "Threads:\t2"] {
        assert!(status.lines().any(|l| l == line), "{line}: {status}");
    }
    let mut open = open_files(&worker.to_string());
    // What this test was given by whoever runs it goes on to all that it starts.
    let inherited = open_files("self");
    open.retain(|file| file == &PathBuf::from("/dev/null") || !inherited.contains(file));
    let [null, socket] = &open[..] else { panic!("{open:?}") };
    assert_eq!(null, &PathBuf::from("/dev/null"));
    assert!(socket.to_str().is_some_and(|link| link.starts_with("socket:")), "{open:?}");
    let environment = fs::read(format!("/proc/{worker}/environ")).unwrap();
    assert!(environment.is_empty(), "{}", environment.escape_ascii());
}

#[test]
fn a_worker_that_dies_is_replaced_and_its_mail_is_not_lost() {
    let hop = NextHop::start(Manners::default());
    let gateway = plan(&hop).start();
    let first = worker(&gateway);
    // It has the mail, and dies over it.
    signal(first, Signal::STOP);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| hand_over(&gateway));
        wait_for("the worker has the mail", || {
            let waiting = gateway.metric("sekimori_octets_in_flight");
            waiting.filter(|&octets| octets > 0)
        });
        signal(first, Signal::KILL);
        assert_eq!(sending.join().unwrap().code, 250);
    });
    assert_eq!(hop.wait_for_taken(1).len(), 1);
    assert_ne!(worker(&gateway), first);
}

#[test]
fn a_worker_that_does_not_answer_is_ended_and_its_mail_is_held() {
    let hop = NextHop::start(Manners::default());
    let gateway = plan(&hop).set("sanitize.deadline_seconds", "1").start();
    let first = worker(&gateway);
    signal(first, Signal::STOP);
    assert_eq!(hand_over(&gateway).code, 250);
    assert_eq!(gateway.metric("sekimori_messages{state=\"held\"}"), Some(1));
    assert_eq!(gateway.metric("sekimori_conversions_failed_total"), Some(1));
    let is_gone = || (!processes(&gateway, "sanitize-worker").contains(&first)).then_some(());
    wait_for("it is ended", is_gone);
    assert_eq!(hand_over(&gateway).code, 250);
    // The text, and before it the notice that the first is held.
    assert_eq!(hop.wait_for_taken(2).len(), 2);
}

#[test]
fn a_relay_without_a_spawner_ends_to_be_started_anew_and_loses_nothing() {
    let hop = NextHop::start(Manners::default());
    let mut gateway = plan(&hop).start();
    let worker = worker(&gateway);
    signal(processes(&gateway, "sanitize-spawner").remove(0), Signal::KILL);
    signal(worker, Signal::KILL);
    assert_eq!(hand_over(&gateway).code, 451);
    let status = gateway.wait();
    assert_eq!(status.code(), Some(69));
    gateway.restart();
    assert_eq!(hand_over(&gateway).code, 250);
    assert_eq!(hop.wait_for_taken(1).len(), 1);
}

#[test]
fn no_worker_outlives_its_relay() {
    let hop = NextHop::start(Manners::default());
    let mut gateway = plan(&hop).start();
    let mut all = processes(&gateway, "sanitize-spawner");
    all.push(worker(&gateway));
    gateway.kill();
    let are_gone = || all.iter().all(|pid| !fs::exists(format!("/proc/{pid}/cmdline")).unwrap());
    wait_for("they are gone", || are_gone().then_some(()));
}
