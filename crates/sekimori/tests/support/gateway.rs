//! A `sekimori serve` process with a configuration, a journal and a log of its own, all in a temporary
//! folder. It can be killed and started again over the same journal and on the same ports.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::{PATIENCE, wait_for};

/// The domain that the default organisation takes mail for.
pub(crate) const DOMAIN: &str = "town.example.lg.jp";

/// Lines of the log that a failing test shows.
const SHOWN_LINES: usize = 60;

/// The binary under test, ready for arguments.
pub(crate) fn sekimori() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sekimori"));
    command.stdin(Stdio::null());
    command
}

/// A gateway that is to be started.
#[derive(Debug)]
pub(crate) struct Plan {
    folder: TempDir,
    /// Keys with their values in TOML, such as `deliver.retry_first_seconds` and `1`.
    keys: BTreeMap<String, String>,
    /// `[[organisation]]` tables in TOML.
    organisations: String,
    /// The subcommand that runs it.
    subcommand: &'static str,
}

impl Plan {
    /// A gateway that delivers to `next_hop`, takes mail of one organisation for [`DOMAIN`], listens
    /// on free ports, retries within seconds and is content with little free space.
    pub(crate) fn new(next_hop: SocketAddr) -> Self {
        let folder = tempfile::Builder::new().prefix("sekimori-test-").tempdir().unwrap();
        let plan = Self {
            keys: BTreeMap::new(),
            organisations: format!(
                "[[organisation]]\nname = \"山北町\"\ndomains = [\"{DOMAIN}\"]\n"
            ),
            subcommand: "serve",
            folder,
        };
        let journal = plan.folder.path().join("journal");
        plan.set("receive.listen", "[\"127.0.0.1:0\"]")
            .set("receive.hostname", "\"gw.town.example.lg.jp\"")
            .set("deliver.next_hop", &format!("\"{next_hop}\""))
            .set("deliver.retry_first_seconds", "1")
            .set("deliver.retry_longest_seconds", "2")
            .set("journal.path", &format!("\"{}\"", journal.display()))
            .set("journal.reserve_octets", "1048576")
            .set("review.listen", "\"127.0.0.1:0\"")
            .set("log.format", "\"json\"")
    }

    /// Sets a key to a value in TOML: strings with their quotes.
    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.keys.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Runs as the gate, the half in the LGWAN segment.
    pub(crate) fn gate(self) -> Self {
        Self { subcommand: "gate", ..self }.set("segments.side", "\"lgwan\"")
    }

    /// Has these `[[organisation]]` tables instead of the default one.
    pub(crate) fn organisations(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.organisations);
        self
    }

    /// The gateway's folder, for files that its configuration names.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the gateway and waits until it listens.
    pub(crate) fn start(self) -> Gateway {
        let unknown = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let mut gateway = Gateway { plan: self, child: None, mail: unknown, http: unknown };
        gateway.restart();
        gateway
    }

    fn configuration(&self) -> String {
        let keys = self.keys.iter().map(|(key, value)| format!("{key} = {value}\n"));
        keys.chain([self.organisations.clone()]).collect()
    }
}

/// A gateway. Killed when dropped; a failing test shows the end of its log.
#[derive(Debug)]
pub(crate) struct Gateway {
    plan: Plan,
    child: Option<Child>,
    mail: SocketAddr,
    http: SocketAddr,
}

impl Gateway {
    /// Starts the process again after [`kill`](Self::kill) or [`stop`](Self::stop), over the same
    /// journal and on the same ports, and waits until it listens.
    pub(crate) fn restart(&mut self) {
        assert!(self.child.is_none(), "it is running");
        self.write_configuration();
        let earlier = self.log_text().len();
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).unwrap();
        let child = sekimori()
            .arg(self.plan.subcommand)
            .arg("--config")
            .arg(self.config_path())
            .current_dir(self.folder())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let (mail, http) = wait_for("the gateway says where it listens", || {
            let status = self.child.as_mut().and_then(|child| child.try_wait().unwrap());
            let text = self.log_text();
            let own = text.get(earlier..).unwrap_or_default();
            assert!(status.is_none(), "it ended at start ({status:?}): {own}");
            let listening = |message| {
                let line = parsed(own).into_iter().find(|line| line["message"] == message)?;
                line["address"].as_str()?.parse::<SocketAddr>().ok()
            };
            let mail =
                listening("listening for mail").or_else(|| listening("listening for text"))?;
            Some((mail, listening("listening for HTTP")?))
        });
        (self.mail, self.http) = (mail, http);
        self.change("receive.listen", &format!("[\"{mail}\"]"));
        self.change("review.listen", &format!("\"{http}\""));
    }

    /// Changes a key of the configuration file, for the next [`restart`](Self::restart) or SIGHUP.
    pub(crate) fn change(&mut self, key: &str, value: &str) {
        self.plan.keys.insert(key.to_owned(), value.to_owned());
        self.write_configuration();
    }

    /// Has other `[[organisation]]` tables from the next [`restart`](Self::restart) or SIGHUP on.
    pub(crate) fn change_organisations(&mut self, toml: &str) {
        toml.clone_into(&mut self.plan.organisations);
        self.write_configuration();
    }

    fn write_configuration(&self) {
        let new = self.folder().join("sekimori.toml.new");
        fs::write(&new, self.plan.configuration()).unwrap();
        fs::rename(new, self.config_path()).unwrap();
    }

    /// Where it takes mail.
    pub(crate) fn mail(&self) -> SocketAddr {
        self.mail
    }

    /// Where health checks and metrics are.
    pub(crate) fn http(&self) -> SocketAddr {
        self.http
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.plan.folder.path()
    }

    /// Its configuration file.
    pub(crate) fn config_path(&self) -> PathBuf {
        self.folder().join("sekimori.toml")
    }

    /// The folder of its journal.
    pub(crate) fn journal(&self) -> PathBuf {
        self.folder().join("journal")
    }

    fn log_path(&self) -> PathBuf {
        self.folder().join("log.jsonl")
    }

    /// Everything that it said on standard error, in all its lives.
    pub(crate) fn log_text(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// The lines of its log, parsed.
    pub(crate) fn log(&self) -> Vec<Value> {
        parsed(&self.log_text())
    }

    /// The lines of its log that say `message`.
    pub(crate) fn logged(&self, message: &str) -> Vec<Value> {
        self.log().into_iter().filter(|line| line["message"] == message).collect()
    }

    /// Another sekimori command with the gateway's configuration: `gateway.command(&["queue",
    /// "list", "--json"])`.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = sekimori();
        command.args(arguments).arg("--config").arg(self.config_path());
        command
    }

    /// The process, while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Sends a signal to the process.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.pid().and_then(|pid| Pid::from_raw(pid.try_into().ok()?)).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Ends the process with SIGKILL and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Asks the process with SIGTERM to drain and waits until it has ended.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Waits until the process has ended by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        let status = wait_for("the gateway ends", || child.try_wait().unwrap());
        drop(child);
        status
    }

    /// `GET path` on its HTTP side: the status and the body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.get_with(path, "")
    }

    /// The same with cookies.
    pub(crate) fn get_with(&self, path: &str, cookies: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.http).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let host = self.http;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        (status, body.to_owned())
    }

    /// The value of a metric without labels, or with them: `sekimori_messages{state="queued"}`.
    pub(crate) fn metric(&self, name: &str) -> Option<u64> {
        let (_, text) = self.get("/metrics");
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        value.parse().ok()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let text = self.log_text();
            let lines: Vec<&str> = text.lines().collect();
            let end = lines.len().saturating_sub(SHOWN_LINES);
            eprintln!("the end of the gateway's log:\n{}", lines[end..].join("\n"));
        }
    }
}

fn parsed(log: &str) -> Vec<Value> {
    log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// A file with these octets, for configuration keys that name one. Its path in quotes.
pub(crate) fn quoted_file(folder: &Path, name: &str, octets: &[u8]) -> String {
    let path = folder.join(name);
    File::create(&path).and_then(|mut file| file.write_all(octets)).unwrap();
    format!("\"{}\"", path.display())
}
