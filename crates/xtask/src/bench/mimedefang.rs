//! A private MIMEDefang beside a Postfix: the peer that does our job with a Perl filter.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sekimori_xtask::process;
use tempfile::TempDir;

/// Our filter, which is written for every instance.
const FILTER: &str = include_str!("mimedefang-filter.pl");
/// The user that Debian's package makes.
const USER: &str = "defang";
/// Perl processes, which take as many mails at once. More of them take more CPU on two processors.
const WORKERS: &str = "2";
/// Requests after which a Perl process is replaced: none within a measurement.
const REQUESTS: &str = "1000000";
/// Requests that may wait for one of them: the most that it takes.
const WAITING: &str = "128";
/// How long it may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running instance.
#[derive(Debug)]
pub(super) struct MimeDefang {
    address: SocketAddr,
    multiplexor: Child,
    milter: Child,
    _folder: TempDir,
}

impl MimeDefang {
    /// Starts one under `parent` and waits until it listens. Fails when Debian's packages `mimedefang`,
    /// `libhtml-format-perl` and `libnet-dns-perl` are not installed, or not as root.
    pub(super) fn start(parent: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("mimedefang").tempdir_in(parent)?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let (spool, kept) = (folder.path().join("spool"), folder.path().join("kept"));
        let filter = folder.path().join("filter.pl");
        fs::write(&filter, FILTER)?;
        for path in [&spool, &kept] {
            fs::create_dir(path)?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
            let owned = Command::new("chown").arg(USER).arg(path).status()?;
            ensure!(owned.success(), "there is no user {USER} (Debian package mimedefang)");
        }
        let socket = spool.join("multiplexor.sock");
        let address = process::free_address()?;
        let log = |name: &str| File::create(folder.path().join(name));
        let multiplexor = Command::new("mimedefang-multiplexor")
            .args(["-D", "-E", "-U", USER, "-m", WORKERS, "-x", WORKERS, "-q", WAITING])
            // All of them started at once, before anything is measured.
            .args(["-w", "0", "-r", REQUESTS])
            .arg("-z")
            .arg(&spool)
            .arg("-s")
            .arg(&socket)
            .arg("-F")
            .arg(&filter)
            .env("KEPT_ORIGINALS", &kept)
            .stdin(Stdio::null())
            .stdout(log("multiplexor.out")?)
            .stderr(log("multiplexor.err")?)
            .spawn()
            .context("starting mimedefang-multiplexor (Debian package mimedefang)")?;
        let milter = Command::new("mimedefang")
            .args(["-D", "-X", "-q", "-U", USER])
            .arg("-z")
            .arg(&spool)
            .arg("-m")
            .arg(&socket)
            .arg("-p")
            .arg(format!("inet:{}@127.0.0.1", address.port()))
            .stdin(Stdio::null())
            .stdout(log("milter.out")?)
            .stderr(log("milter.err")?)
            .spawn()
            .context("starting mimedefang")?;
        let instance = Self { address, multiplexor, milter, _folder: folder };
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(address).is_err() || !socket.exists() {
            ensure!(Instant::now() < deadline, "MIMEDefang did not listen within {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(instance)
    }

    /// Where it speaks the milter protocol.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The processes that all others of it descend from.
    pub(super) fn roots(&self) -> [u32; 2] {
        [self.multiplexor.id(), self.milter.id()]
    }
}

impl Drop for MimeDefang {
    fn drop(&mut self) {
        for root in self.roots() {
            // Children first would be started anew.
            for pid in process::tree(root) {
                if let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw)
                {
                    // One that has ended meanwhile needs no signal.
                    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
                }
            }
        }
        for child in [&mut self.multiplexor, &mut self.milter] {
            let _ = child.wait();
        }
    }
}
