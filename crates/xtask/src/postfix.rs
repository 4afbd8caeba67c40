//! A private Postfix instance: a neighbour of the relay in tests, and the peer in benchmarks.
//!
//! Everything an instance reads or writes is under one temporary folder, so that a Postfix of the
//! system is neither needed nor touched. It has to be started as root, since Postfix gives up its
//! own rights for the user `postfix` that Debian's package makes.
//!
//! An instance ends when it is dropped. Should the process that started it be killed, the instance
//! ends by itself after [`LIFETIME`].

mod configuration;
mod folders;

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::process;
use folders::Folders;

/// Where Debian's package has the daemons.
const DAEMONS: &str = "/usr/lib/postfix/sbin";

/// How long an instance lives at most. Longer than any test or benchmark runs.
pub const LIFETIME: Duration = Duration::from_hours(2);

/// How long an instance may take until it greets, and until it has stopped.
const PATIENCE: Duration = Duration::from_secs(30);

/// Ports tried before giving up, since a free port may be taken by another process meanwhile.
const PORTS_TRIED: usize = 3;

/// What an instance does with mail.
#[derive(Debug, Clone)]
pub enum Role {
    /// Takes mail from this machine and relays it all to one next hop, in the clear, without any
    /// look-up: the bare relay that sekimori is measured against.
    Relay {
        /// Where everything goes.
        next_hop: SocketAddr,
        /// The milter that every mail goes through.
        milter: Option<SocketAddr>,
    },
    /// As a town's Internet-side server: takes mail from this machine, relays it to sekimori and
    /// retries within seconds.
    Sending {
        /// Where everything goes.
        next_hop: SocketAddr,
        /// Whether the next hop is spoken to under TLS.
        tls: NextHopTls,
        /// Whether the true client is told by XFORWARD.
        xforward: bool,
    },
    /// As a town's LGWAN-side server: takes mail for some domains and keeps it.
    Receiving {
        /// The domains whose every address exists.
        domains: Vec<String>,
        /// What STARTTLS is offered with. `None`: it is not offered.
        certificate: Option<Certificate>,
        /// Where mail ends.
        delivery: Delivery,
    },
}

/// Whether an instance speaks TLS to its next hop. The certificate is not verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextHopTls {
    /// Never.
    Never,
    /// When the next hop offers STARTTLS.
    WhenOffered,
    /// Always: without STARTTLS the mail waits.
    Required,
}

/// Where a receiving instance puts mail.
#[derive(Debug, Clone, Copy)]
pub enum Delivery {
    /// Into one Maildir, read by [`Postfix::delivered`].
    Maildir,
    /// On to a sink.
    NextHop(SocketAddr),
}

/// A certificate chain and its private key, both PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The chain, the server's own certificate first.
    pub chain_pem: String,
    /// The private key.
    pub key_pem: String,
}

/// What to start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the instance does with mail.
    pub role: Role,
    /// Where it listens. `None`: a free port of 127.0.0.1. Given when an instance is to come back
    /// where one was before.
    pub listen: Option<SocketAddr>,
    /// The folder that the instance's own is made in. `None`: the system's for temporary files.
    pub parent: Option<PathBuf>,
}

impl Settings {
    /// An instance of this role on a free port.
    pub fn new(role: Role) -> Self {
        Self { role, listen: None, parent: None }
    }
}

/// A running instance.
#[derive(Debug)]
pub struct Postfix {
    folders: Folders,
    address: SocketAddr,
    master: Child,
}

impl Postfix {
    /// Whether an instance can run here: Debian's package is installed and we are root. The error
    /// says what is missing.
    pub fn can_run() -> Result<()> {
        ensure!(
            Path::new(DAEMONS).join("master").exists(),
            "Postfix is not installed (Debian package postfix)"
        );
        ensure!(
            rustix::process::geteuid().is_root(),
            "a private Postfix has to be started as root"
        );
        Ok(())
    }

    /// Starts an instance and waits until it greets.
    ///
    /// Fails when Postfix is not installed, when not run as root, and when the instance does not
    /// come up; the error then holds its log.
    pub fn start(settings: &Settings) -> Result<Self> {
        Self::can_run()?;
        let mut last = None;
        for _ in 0..PORTS_TRIED {
            match Self::start_once(settings) {
                Ok(instance) => return Ok(instance),
                Err(error) if settings.listen.is_some() => return Err(error),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| anyhow::anyhow!("no port was tried")))
    }

    fn start_once(settings: &Settings) -> Result<Self> {
        let address = match settings.listen {
            Some(address) => address,
            None => process::free_address()?,
        };
        let folders = Folders::create(settings.parent.as_deref())?;
        configuration::write(&folders, address, &settings.role)?;
        let master = Command::new(Path::new(DAEMONS).join("master"))
            .arg("-c")
            .arg(folders.configuration())
            .arg("-d")
            .args(["-e", &LIFETIME.as_secs().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folders.path().join("master.stderr"))?)
            .spawn()
            .context("starting the Postfix master")?;
        let mut instance = Self { folders, address, master };
        instance.wait_for_greeting()?;
        Ok(instance)
    }

    fn wait_for_greeting(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.master.try_wait()? {
                bail!("Postfix ended at start ({status}): {}", self.complaints());
            }
            if process::greets(self.address) {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "Postfix did not greet within {PATIENCE:?}: {}",
                self.complaints()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn complaints(&self) -> String {
        let stderr = fs::read_to_string(self.folders.path().join("master.stderr"));
        format!("{}{}", stderr.unwrap_or_default(), self.log())
    }

    /// Where the instance takes mail.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process whose children all of the instance's daemons are.
    pub fn master_pid(&self) -> u32 {
        self.master.id()
    }

    /// The processes of the instance that are alive now, the master first.
    pub fn pids(&self) -> Vec<u32> {
        process::tree(self.master_pid())
    }

    /// The mail log's path.
    pub fn log_path(&self) -> PathBuf {
        self.folders.log_file()
    }

    /// The mail log so far. Empty when there is none yet.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// The messages in the queue, waiting or under way.
    pub fn queued(&self) -> Result<usize> {
        self.folders.queued()
    }

    /// The messages that the Maildir holds, in order of delivery, as they were received: CRLF line
    /// ends, without the fields that Postfix put on top.
    pub fn delivered(&self) -> Result<Vec<Vec<u8>>> {
        self.folders.delivered()
    }

    /// Stops the instance. What is queued is lost with its folder.
    pub fn stop(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        if self.master.try_wait()?.is_some() {
            return Ok(());
        }
        if let Some(pid) = Pid::from_raw(i32::try_from(self.master.id())?) {
            kill_process(pid, Signal::TERM).context("stopping Postfix")?;
        }
        let deadline = Instant::now() + PATIENCE;
        while self.master.try_wait()?.is_none() {
            if Instant::now() > deadline {
                self.master.kill()?;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            // Nobody is left to return the error to.
            drop(writeln!(std::io::stderr(), "Postfix did not stop: {error:#}"));
        }
    }
}

#[cfg(test)]
mod tests;
