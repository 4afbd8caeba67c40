//! Every 250 to a message follows the syncs of its bodies and of its record, as the system calls of a
//! running gateway show.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and says why it did not run"
)]

mod support;

use std::collections::HashMap;
use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustix::process::{Pid, Signal, kill_process};
use sekimori_xtask::load::{self, Amount};
use sekimori_xtask::mail::{Kind, Template};
use sekimori_xtask::sink::{self, Sink};
use support::gateway::{Gateway, Plan};
use support::wait_for;

const MESSAGES: u64 = 40;
const SESSIONS: usize = 3;
/// Octets of each call's data that the trace has: more than a message and its commands.
const SHOWN_OCTETS: &str = "20000";
/// How the answer to a message begins.
const TAKEN: &str = "\"250 2.0.0 Ok: queued";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_250_is_sent_after_the_segment_and_then_the_log_were_synced() {
    let sink = Sink::start(sink::Settings::default()).await.unwrap();
    let gateway = Plan::new(sink.address()).start();
    let Some(trace) = Trace::attach(&gateway) else {
        println!("not run: strace is not installed, or may not trace here");
        return;
    };
    let outcome = load::run(load::Settings {
        sessions: SESSIONS,
        amount: Amount::Messages(MESSAGES),
        ..load::Settings::new(gateway.mail(), Arc::new(Template::of(Kind::Text)), 1)
    })
    .await;
    assert_eq!(outcome.accepted.len() as u64, MESSAGES, "{:?}", outcome.troubles);
    let calls = calls(&trace.detach());
    let mut answers = 0;
    for (at, answer) in calls.iter().enumerate().filter(|(_, call)| call.text.contains(TAKEN)) {
        let socket = answer.file().to_owned();
        let received = calls
            .iter()
            .take(at)
            .rev()
            .find(|call| call.is("recvfrom") && call.file() == socket && call.has_dot())
            .unwrap();
        let synced = |file: &str, after: usize| {
            let is_between = |call: &&Call| call.begun > after && call.ended < answer.begun;
            calls
                .iter()
                .filter(|call| call.is_sync() && call.file().ends_with(file))
                .find(is_between)
                .map(|call| call.ended)
        };
        let bodies = synced(".seg>", received.ended);
        let record = bodies.and_then(|after| synced("journal.db-wal>", after));
        assert!(record.is_some(), "a 250 before the syncs: {}", answer.text);
        answers += 1;
    }
    assert_eq!(answers, MESSAGES);
}

/// strace beside a gateway.
struct Trace {
    strace: Child,
    folder: tempfile::TempDir,
}

impl Trace {
    /// `None` where there is no strace, or it may not trace.
    fn attach(gateway: &Gateway) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let talk = folder.path().join("talk");
        let mut strace = Command::new("strace")
            .args(["-f", "-y", "-s", SHOWN_OCTETS])
            .args(["-e", "trace=recvfrom,sendto,write,writev,fsync,fdatasync"])
            .args(["-p", &gateway.pid().unwrap().to_string()])
            .arg("-o")
            .arg(folder.path().join("trace"))
            .stdin(Stdio::null())
            .stderr(File::create(&talk).unwrap())
            .spawn()
            .ok()?;
        wait_for("strace attaches, or ends", || {
            let is_attached = fs::read_to_string(&talk).unwrap().contains("attached");
            let has_ended = strace.try_wait().unwrap().is_some();
            (is_attached || has_ended).then_some(())
        });
        match strace.try_wait().unwrap() {
            Some(_) => None,
            None => Some(Self { strace, folder }),
        }
    }

    /// What was traced.
    fn detach(mut self) -> String {
        let pid = Pid::from_raw(i32::try_from(self.strace.id()).unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        self.strace.wait().unwrap();
        fs::read_to_string(self.folder.path().join("trace")).unwrap()
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        // Ended already, unless the test failed.
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

/// A system call, with the lines of the trace on which it began and ended.
#[derive(Debug)]
struct Call {
    begun: usize,
    ended: usize,
    /// Its name, arguments and result.
    text: String,
}

impl Call {
    fn is(&self, name: &str) -> bool {
        self.text.strip_prefix(name).is_some_and(|rest| rest.starts_with('('))
    }

    fn is_sync(&self) -> bool {
        (self.is("fsync") || self.is("fdatasync")) && self.text.ends_with("= 0")
    }

    /// The file or socket of its first argument, with its number.
    fn file(&self) -> &str {
        let arguments = self.text.split_once('(').map_or("", |(_, arguments)| arguments);
        arguments.split_inclusive('>').next().unwrap_or_default()
    }

    /// Whether the data ends with the dot that ends a message.
    fn has_dot(&self) -> bool {
        self.text.contains(r"\r\n.\r\n")
    }
}

/// The calls of a trace in the order in which they ended.
fn calls(trace: &str) -> Vec<Call> {
    let mut unfinished: HashMap<&str, (usize, &str)> = HashMap::new();
    let mut calls = Vec::new();
    for (line, text) in trace.lines().enumerate() {
        let Some((thread, text)) = text.split_once(' ') else { continue };
        let text = text.trim_start();
        if let Some(begun) = text.strip_suffix(" <unfinished ...>") {
            unfinished.insert(thread, (line, begun));
        } else if let Some(rest) = text.strip_prefix("<... ") {
            let Some((begun, head)) = unfinished.remove(thread) else { continue };
            let rest = rest.split_once("resumed>").map_or("", |(_, rest)| rest);
            calls.push(Call { begun, ended: line, text: format!("{head}{rest}") });
        } else {
            calls.push(Call { begun: line, ended: line, text: text.to_owned() });
        }
    }
    calls
}
