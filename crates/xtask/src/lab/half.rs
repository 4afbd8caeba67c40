//! A half of sekimori in the lab: its folder, its configuration, its process.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use sekimori_xtask::certificate::Issued;
use sekimori_xtask::relay::last_lines;
use tempfile::TempDir;

use super::namespace::Namespace;
use super::network::{Machine, Network};

/// How long a half may take to listen.
const PATIENCE: Duration = Duration::from_mins(1);

/// The port for mail.
pub(crate) const SMTP: u16 = 25;

/// Where each half has its health and metrics, on its own machine alone.
const REVIEW: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8025);

/// The domain of the lab's town.
pub(crate) const DOMAIN: &str = "town.example.lg.jp";

/// A half, running or not. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Half {
    machine: Machine,
    binary: PathBuf,
    folder: TempDir,
    child: Option<Child>,
}

impl Half {
    /// The Internet half, with all that it needs and not yet started.
    pub(crate) fn internet(binary: &Path, gate: &Issued, own: &Issued) -> Result<Self> {
        let half = Self::new(Machine::InternetHalf, binary)?;
        let authority = half.write("gate-ca.pem", &gate.authority_pem)?;
        let certificate = half.write("own.pem", &own.certificate_pem)?;
        let key = half.write("own.key", &own.key_pem)?;
        half.configure(&format!(
            "[receive]\nlisten = [\"{own_address}:{SMTP}\"]\ntrusted_peers = [\"{server}\"]\n\
             [deliver]\nnext_hop = \"{gate_address}:{SMTP}\"\ngate = true\ntls = \"verify\"\n\
             tls_authorities = \"{authority}\"\ntls_certificate = \"{certificate}\"\ntls_key = \"{key}\"\n\
             retry_first_seconds = 1\nretry_longest_seconds = 2\n\
             [reports]\nhop = \"{server}:{SMTP}\"\nfrom = \"postmaster@{DOMAIN}\"\n",
            own_address = Machine::InternetHalf.address(),
            server = Machine::Internet.address(),
            gate_address = Machine::Gate.address(),
        ))?;
        Ok(half)
    }

    /// The gate, with all that it needs and not yet started.
    pub(crate) fn gate(binary: &Path, own: &Issued, internet_half: &Issued) -> Result<Self> {
        let half = Self::new(Machine::Gate, binary)?;
        let certificate = half.write("gate.pem", &own.certificate_pem)?;
        let key = half.write("gate.key", &own.key_pem)?;
        let clients = half.write("internet-half-ca.pem", &internet_half.authority_pem)?;
        half.configure(&format!(
            "[receive]\nlisten = [\"{own_address}:{SMTP}\"]\ntrusted_peers = [\"{peer}\"]\n\
             tls_certificate = \"{certificate}\"\ntls_key = \"{key}\"\ntls_client_authorities = \"{clients}\"\n\
             [deliver]\nnext_hop = \"{server}:{SMTP}\"\n\
             retry_first_seconds = 1\nretry_longest_seconds = 2\n",
            own_address = Machine::Gate.address(),
            peer = Machine::InternetHalf.address(),
            server = Machine::Lgwan.address(),
        ))?;
        Ok(half)
    }

    fn new(machine: Machine, binary: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("sekimori-lab-").tempdir()?;
        // Cargo builds both binaries to one place: each half keeps its own.
        let own = folder.path().join("sekimori");
        fs::copy(binary, &own).with_context(|| binary.display().to_string())?;
        Ok(Self { machine, binary: own, folder, child: None })
    }

    /// Writes the configuration: `tables`, and what both halves have alike.
    fn configure(&self, tables: &str) -> Result<()> {
        let side = if self.machine == Machine::Gate { "side = \"lgwan\"\n" } else { "" };
        let journal = self.folder.path().join("journal");
        let text = format!(
            "{tables}[segments]\n{side}internet = [\"192.0.2.0/24\"]\nlgwan = [\"198.51.100.0/24\"]\n\
             mynumber = [\"203.0.113.0/24\"]\n\
             [journal]\npath = \"{}\"\nreserve_octets = 1048576\n\
             [review]\nlisten = \"{REVIEW}\"\n\
             [canary]\nrecipient = \"canary@{DOMAIN}\"\n\
             [[organisation]]\nname = \"山北町\"\ndomains = [\"{DOMAIN}\"]\nmode = \"deliver\"\n",
            journal.display()
        );
        fs::write(self.configuration(), text)?;
        Ok(())
    }

    fn write(&self, name: &str, text: &str) -> Result<String> {
        let path = self.folder.path().join(name);
        fs::write(&path, text)?;
        Ok(path.display().to_string())
    }

    fn configuration(&self) -> PathBuf {
        self.folder.path().join("sekimori.toml")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("sekimori.log")
    }

    /// Where it takes mail.
    pub(crate) fn address(&self) -> SocketAddr {
        (self.machine.address(), SMTP).into()
    }

    /// Runs a subcommand over its configuration and gives what it printed.
    pub(crate) fn command(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(&self.binary)
            .args(arguments)
            .arg("--config")
            .arg(self.configuration())
            .output()
            .context("starting sekimori")?;
        let talk = String::from_utf8(output.stderr)?;
        ensure!(output.status.success(), "sekimori {}: {}", arguments.join(" "), talk.trim());
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The rules of nftables that its configuration needs.
    pub(crate) fn rules(&self) -> Result<String> {
        self.command(&["config", "show", "--paths"])
    }

    /// Starts it on its machine and waits until it listens.
    pub(crate) fn start(&mut self, network: &Network) -> Result<()> {
        ensure!(self.child.is_none(), "the {} runs", self.machine.as_str());
        let talk = fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        let subcommand = if self.machine == Machine::Gate { "gate" } else { "serve" };
        let namespace = network.of(self.machine);
        let mut command = Command::new(&self.binary);
        command
            .args([subcommand, "--config"])
            .arg(self.configuration())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(talk.try_clone()?)
            .stderr(talk);
        self.child = Some(namespace.enter(|| command.spawn().context("starting sekimori"))?);
        self.wait_until_it_listens(namespace)
    }

    fn wait_until_it_listens(&mut self, namespace: &Namespace) -> Result<()> {
        let address = self.address();
        let deadline = Instant::now() + PATIENCE;
        // It greets its peers alone; its own machine is none of them.
        while !namespace.enter(|| Ok(TcpStream::connect(address).is_ok()))? {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                self.child = None;
                bail!("the {} ended at start ({status}): {}", self.machine.as_str(), self.talk());
            }
            ensure!(
                Instant::now() < deadline,
                "the {} did not listen within {PATIENCE:?}: {}",
                self.machine.as_str(),
                self.talk()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Status and body of what its HTTP server answers, such as to `/readyz`.
    pub(crate) fn get(&self, network: &Network, path: &str) -> Result<(u16, String)> {
        network.of(self.machine).enter(|| {
            let mut stream = TcpStream::connect(REVIEW)?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            write!(stream, "GET {path} HTTP/1.1\r\nHost: {REVIEW}\r\nConnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            let status = answer.get(9..12).context("no status line")?.parse()?;
            let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            Ok((status, body.to_owned()))
        })
    }

    /// A metric by its name with labels.
    pub(crate) fn metric(&self, network: &Network, name: &str) -> Result<u64> {
        let (_, text) = self.get(network, "/metrics")?;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.with_context(|| format!("no metric {name}"))
    }

    fn talk(&self) -> String {
        last_lines(&self.log(), 20)
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        if let Err(error) = self.kill() {
            // Nobody is left to return the error to.
            drop(writeln!(std::io::stderr(), "the {} stays: {error:#}", self.machine.as_str()));
        }
    }
}
