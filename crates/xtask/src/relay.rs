//! A sekimori process under test, with a configuration of its own in a temporary folder.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::process;

/// How long the process may take until it greets, and to drain after SIGTERM.
const PATIENCE: Duration = Duration::from_mins(1);

/// What to start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The binary.
    pub binary: PathBuf,
    /// Its subcommand, `relay` or `serve`.
    pub command: String,
    /// Where it delivers to.
    pub next_hop: SocketAddr,
    /// The domains it takes mail for.
    pub domains: Vec<String>,
    /// The folder that its own is made in. `None`: the system's for temporary files.
    pub parent: Option<PathBuf>,
    /// Lines of TOML for the end of the configuration, such as further tables.
    pub more: String,
}

/// A relay that can be killed and started again over the same journal. It is killed when dropped.
#[derive(Debug)]
pub struct Relay {
    settings: Settings,
    folder: TempDir,
    address: SocketAddr,
    review: SocketAddr,
    child: Option<Child>,
}

impl Relay {
    /// Starts a relay with an empty journal and waits until it greets.
    pub fn start(settings: Settings) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("sekimori-relay-");
        let folder = match &settings.parent {
            Some(parent) => builder.tempdir_in(parent)?,
            None => builder.tempdir()?,
        };
        let mut relay = Self {
            address: process::free_address()?,
            review: process::free_address()?,
            settings,
            folder,
            child: None,
        };
        relay.restart()?;
        Ok(relay)
    }

    /// Starts the process again, after it was killed or stopped, on the same port and journal.
    pub fn restart(&mut self) -> Result<()> {
        ensure!(self.child.is_none(), "the relay is running");
        let file = self.folder.path().join("sekimori.toml");
        fs::write(&file, self.configuration())?;
        let talk = fs::OpenOptions::new().create(true).append(true).open(self.log_path())?;
        let child = Command::new(&self.settings.binary)
            .arg(&self.settings.command)
            .arg("--config")
            .arg(&file)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(talk.try_clone()?)
            .stderr(talk)
            .spawn()
            .with_context(|| format!("starting {}", self.settings.binary.display()))?;
        self.child = Some(child);
        self.wait_for_greeting()
    }

    fn wait_for_greeting(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(child) = &mut self.child
                && let Some(status) = child.try_wait()?
            {
                self.child = None;
                bail!("sekimori ended at start ({status}): {}", self.last_talk());
            }
            if process::greets(self.address) {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "sekimori did not greet within {PATIENCE:?}: {}",
                self.last_talk()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn configuration(&self) -> String {
        let domains: Vec<String> =
            self.settings.domains.iter().map(|domain| format!("\"{domain}\"")).collect();
        format!(
            "[receive]\nlisten = [\"{}\"]\ntrusted_peers = [\"127.0.0.0/8\"]\n\
             [deliver]\nnext_hop = \"{}\"\n\
             [journal]\npath = \"{}\"\n\
             [review]\nlisten = \"{}\"\n\
             [[organisation]]\nname = \"湯川町\"\ndomains = [{}]\nmode = \"deliver\"\n{}",
            self.address,
            self.settings.next_hop,
            self.journal().display(),
            self.review,
            domains.join(", "),
            self.settings.more,
        )
    }

    /// Where the relay takes mail.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where review and metrics are.
    pub fn review_address(&self) -> SocketAddr {
        self.review
    }

    /// The folder of its journal.
    pub fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    /// Its configuration file.
    pub fn configuration_path(&self) -> PathBuf {
        self.folder.path().join("sekimori.toml")
    }

    /// Where its talk goes, of all its lives.
    pub fn log_path(&self) -> PathBuf {
        self.folder.path().join("sekimori.log")
    }

    /// The process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Ends the process at once, as a power cut would, and waits until it is gone.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Asks the process to drain and waits until it is gone. Fails when it ends otherwise than with 0.
    pub fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        if let Some(pid) = Pid::from_raw(i32::try_from(child.id())?) {
            kill_process(pid, Signal::TERM)?;
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait()? {
                ensure!(status.success(), "sekimori ended with {status}: {}", self.last_talk());
                return Ok(());
            }
            if Instant::now() > deadline {
                child.kill()?;
                child.wait()?;
                bail!("sekimori did not drain within {PATIENCE:?}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn last_talk(&self) -> String {
        last_lines(&self.log_path(), 20)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Err(error) = self.kill() {
            // Nobody is left to return the error to.
            drop(writeln!(std::io::stderr(), "sekimori did not end: {error:#}"));
        }
    }
}

/// The last `count` lines of a file, or nothing where there is none.
pub fn last_lines(path: &Path, count: usize) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(count);
    lines.get(from..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(binary: &str) -> Settings {
        Settings {
            binary: binary.into(),
            command: "relay".to_owned(),
            next_hop: process::free_address().unwrap(),
            domains: vec!["town.example.lg.jp".to_owned()],
            parent: None,
            more: String::new(),
        }
    }

    #[test]
    fn a_process_that_ends_at_start_is_told_with_its_talk() {
        let error = Relay::start(settings("/bin/ls")).unwrap_err().to_string();
        assert!(error.contains("ended at start"), "{error}");
        assert!(error.contains("ls:"), "{error}");
    }

    #[test]
    fn a_binary_that_is_not_there_is_named() {
        let error = format!("{:#}", Relay::start(settings("/nowhere/sekimori")).unwrap_err());
        assert!(error.contains("/nowhere/sekimori"), "{error}");
    }
}
