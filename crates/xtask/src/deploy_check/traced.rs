//! The system calls of a gateway at work, as strace sees them.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sekimori_xtask::relay::{Relay, Settings};
use sekimori_xtask::sink::{self, Sink};
use sekimori_xtask::workspace::{self, Profile};

use super::heard;

/// How long the delivery may take, and the last calls to be written after the end.
const PATIENCE: Duration = Duration::from_secs(20);

/// The calls of `sekimori serve` while a mail comes in and goes out, a page is shown and it stops; or
/// why they cannot be seen here.
pub(super) fn calls() -> Result<Result<BTreeSet<String>, String>> {
    let (may_trace, said) =
        heard(Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]))?;
    if !may_trace {
        return Ok(Err(format!("strace may not trace here: {said}")));
    }
    let folder = tempfile::tempdir()?;
    let trace = folder.path().join("trace");
    let wrapped = folder.path().join("sekimori");
    let binary = workspace::build_sekimori(Profile::Debug)?;
    // -D: the process is sekimori itself, and signals reach it.
    let script = format!(
        "#!/bin/sh\nexec strace -D -f -q -o '{}' '{}' \"$@\"\n",
        trace.display(),
        binary.display()
    );
    fs::write(&wrapped, script)?;
    fs::set_permissions(&wrapped, fs::Permissions::from_mode(0o755))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let sink = runtime.block_on(Sink::start(sink::Settings::default()))?;
    let mut relay = Relay::start(Settings {
        binary: wrapped,
        command: "serve".to_owned(),
        next_hop: sink.address(),
        domains: vec!["town.example.lg.jp".to_owned()],
        parent: None,
        // So that the calls of the worker processes and of who starts them are among these.
        more: "[sanitize]\nrun_in = \"processes\"\n".to_owned(),
    })?;
    let server = relay.address().to_string();
    let (is_sent, said) = heard(Command::new("swaks").args([
        "--server",
        &server,
        "--from",
        "sender@example.com",
        "--to",
        "joho@town.example.lg.jp",
    ]))?;
    ensure!(is_sent, "the mail was not taken: {said}");
    ensure!(runtime.block_on(sink.wait_for(1, PATIENCE)), "the mail was not delivered");
    for page in ["readyz", "metrics", "", "sign-in"] {
        let address = format!("http://{}/{page}", relay.review_address());
        let (is_answered, said) =
            heard(Command::new("curl").args(["--silent", "--show-error", &address]))?;
        ensure!(is_answered, "{address}: {said}");
    }
    relay.stop()?;
    Ok(Ok(names(&complete(&trace)?)))
}

/// The trace, once the tracer has written the end of the first process.
fn complete(trace: &Path) -> Result<String> {
    let begin = Instant::now();
    loop {
        let text = fs::read_to_string(trace)?;
        let first = text.split(' ').next().context("an empty trace")?;
        if text.lines().any(|line| line.starts_with(first) && line.contains(" +++ exited with")) {
            return Ok(text);
        }
        ensure!(begin.elapsed() < PATIENCE, "the trace has no end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The names of calls in a trace of `strace -f`.
fn names(trace: &str) -> BTreeSet<String> {
    trace
        .lines()
        .filter_map(|line| line.split_once(' ')?.1.trim_start().split_once('('))
        .map(|(name, _)| name)
        .filter(|name| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_from_what_else_stands_in_a_trace() {
        let trace = "7 execve(\"/usr/bin/sekimori\", []) = 0\n\
                     8 <... futex resumed>) = 0\n\
                     8 --- SIGTERM {si_signo=SIGTERM} ---\n\
                     123456 read(3, \"a(b\", 3) = 3\n\
                     7 +++ exited with 0 +++\n";
        assert_eq!(names(trace).into_iter().collect::<Vec<_>>(), ["execve", "read"]);
    }
}
