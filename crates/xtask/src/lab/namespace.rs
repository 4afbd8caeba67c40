//! A network namespace of Linux: a machine of the lab, as far as its network goes.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, anyhow, ensure};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// A namespace with its loopback up. It is removed when dropped.
#[derive(Debug)]
pub(crate) struct Namespace {
    /// The name of the system; other runs of the lab have others.
    name: String,
}

impl Namespace {
    /// Makes one. `label` is at most 20 characters of ASCII.
    pub(crate) fn new(label: &str) -> Result<Self> {
        let name = format!("sekimori-{}-{label}", std::process::id());
        call("ip", &["netns", "add", &name])?;
        let namespace = Self { name };
        namespace.call("ip", &["link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    /// The name by which `ip netns` knows it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Does `work` on a thread of its own that is inside. Sockets made there and programs started
    /// there stay inside for good, wherever they are used later.
    pub(crate) fn enter<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let path = Path::new("/run/netns").join(&self.name);
        let link = File::open(&path).with_context(|| path.display().to_string())?;
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                move_into_link_name_space(link.as_fd(), Some(LinkNameSpaceType::Network))
                    .context("entering a network namespace")?;
                work()
            });
            inside.join().map_err(|_| anyhow!("panicked inside {}", self.name))?
        })
    }

    /// Runs a program inside and gives what it printed; fails when it fails.
    pub(crate) fn call(&self, program: &str, arguments: &[&str]) -> Result<String> {
        self.enter(|| call(program, arguments))
    }

    /// Sets a switch of the kernel's network that every namespace has for itself.
    pub(crate) fn switch(&self, name: &str, value: &str) -> Result<()> {
        self.enter(|| {
            // /proc/thread-self shows the network of this thread, /proc/sys that of the process that
            // opens it, which is this thread as well.
            let path = Path::new("/proc/sys/net").join(name);
            fs::write(&path, value).with_context(|| path.display().to_string())
        })
    }

    /// Loads rules of nftables.
    pub(crate) fn load_rules(&self, rules: &str) -> Result<()> {
        self.enter(|| {
            let mut nft = Command::new("/usr/sbin/nft")
                .args(["--file", "-"])
                .stdin(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .context("starting nft")?;
            if let Some(mut stdin) = nft.stdin.take() {
                stdin.write_all(rules.as_bytes())?;
            }
            let output = nft.wait_with_output()?;
            let talk = String::from_utf8(output.stderr)?;
            ensure!(output.status.success(), "nft refused the rules: {}", talk.trim());
            Ok(())
        })
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Err(error) = call("ip", &["netns", "delete", &self.name]) {
            // Nobody is left to return the error to.
            drop(writeln!(std::io::stderr(), "the namespace {} stays: {error:#}", self.name));
        }
    }
}

/// Runs a program and gives what it printed.
pub(super) fn call(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("starting {program}"))?;
    let talk = String::from_utf8(output.stderr)?;
    ensure!(output.status.success(), "{program} {}: {}", arguments.join(" "), talk.trim());
    Ok(String::from_utf8(output.stdout)?)
}

/// Why namespaces with rules of nftables cannot be made here, if they cannot.
pub(crate) fn cannot() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("only root can make network namespaces".to_owned());
    }
    let trial = Namespace::new("trial").and_then(|trial| {
        trial.load_rules("table inet trial { chain c { type filter hook input priority 0\n }\n}\n")
    });
    trial.err().map(|error| format!("{error:#}"))
}
