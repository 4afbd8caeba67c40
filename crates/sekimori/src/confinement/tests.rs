//! What a confined process cannot do. Each trial runs in a process of its own, which is this test's
//! binary once more: nobody is let out again.
#![allow(clippy::print_stderr, reason = "a test says why it did not run")]

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::calls;
use super::files::{Extent, Permitted};

/// Tells the binary which trial it is to run.
const TRIAL: &str = "SEKIMORI_TRIAL";
/// The folder that a trial may write to.
const FOLDER: &str = "SEKIMORI_TRIAL_FOLDER";
/// A port on which somebody listens.
const PORT: &str = "SEKIMORI_TRIAL_PORT";

/// SIGSYS, by which seccomp ends a process (signal(7)).
const SIGSYS: i32 = 31;

fn try_out(trial: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "confinement::tests::inside", "--ignored", "--test-threads=1"])
        .env(TRIAL, trial)
        .env(FOLDER, folder.path())
        .env(PORT, listener.local_addr().unwrap().port().to_string())
        .output()
        .unwrap()
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap()
}

#[test]
#[ignore = "the inside of the others"]
fn inside() {
    let folder = PathBuf::from(variable(FOLDER));
    let port: u16 = variable(PORT).parse().unwrap();
    match variable(TRIAL).as_str() {
        "files" => files(&folder, port),
        "ports" => ports(&folder, port),
        "calls" => system_calls(),
        "program" => {
            calls::restrict().unwrap();
            // In place of this process, not as a child of it.
            panic!("{}", Command::new("/bin/true").exec());
        }
        other => panic!("no trial is named {other}"),
    }
}

fn permitted(folder: &Path, ports: impl IntoIterator<Item = u16>) -> Permitted {
    Permitted {
        written: BTreeSet::from([folder.to_path_buf()]),
        connected: ports.into_iter().collect(),
        ..Permitted::default()
    }
}

fn files(folder: &Path, port: u16) {
    let outside = tempfile::tempdir().unwrap();
    permitted(folder, [port]).restrict().unwrap();
    fs::write(folder.join("mail"), "text").unwrap();
    assert_eq!(fs::read_to_string(folder.join("mail")).unwrap(), "text");
    for (what, denied) in [
        ("reading", fs::read("/etc/passwd").err()),
        ("listing", fs::read_dir("/").err()),
        ("writing", fs::write(outside.path().join("mail"), "text").err()),
        ("linking", fs::hard_link(folder.join("mail"), outside.path().join("mail")).err()),
        ("running", Command::new("/bin/true").status().err()),
    ] {
        let kind = denied.map(|error| error.kind());
        let is_denied =
            matches!(kind, Some(ErrorKind::PermissionDenied | ErrorKind::CrossesDevices));
        assert!(is_denied, "{what} is not denied: {kind:?}");
    }
}

fn ports(folder: &Path, port: u16) {
    if permitted(folder, [port]).restrict().unwrap() == Extent::Part {
        eprintln!("not run: this kernel's Landlock has no ports");
        return;
    }
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let elsewhere = TcpStream::connect((Ipv4Addr::LOCALHOST, port ^ 1)).unwrap_err();
    assert_eq!(elsewhere.kind(), ErrorKind::PermissionDenied);
    let listening = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap_err();
    assert_eq!(listening.kind(), ErrorKind::PermissionDenied);
}

fn system_calls() {
    calls::restrict().unwrap();
    std::thread::spawn(|| ()).join().unwrap();
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let raised = rustix::process::setpriority_process(None, 5).unwrap_err();
    assert_eq!(raised, rustix::io::Errno::NOSYS);
    let child = Command::new("/bin/true").status().unwrap_err();
    assert_eq!(child.raw_os_error(), Some(libc::ENOSYS), "there can be no other process");
}

#[test]
fn files_that_are_not_configured_are_out_of_reach() {
    let output = try_out("files");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn ports_that_are_not_configured_are_out_of_reach() {
    let output = try_out("ports");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn other_system_calls_are_answered_as_if_there_were_none() {
    let output = try_out("calls");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn whoever_runs_a_program_is_ended() {
    let output = try_out("program");
    assert_eq!(output.status.signal(), Some(SIGSYS), "{output:?}");
}
