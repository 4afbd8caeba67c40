//! The process, its commands and its answers.
//!
//! Chromium reads commands from file descriptor 3 and answers on 4, each message JSON ended by NUL
//! (`--remote-debugging-pipe`). A shell lays its own standard input and output there, so that
//! neither sockets nor a driver are needed. One thread reads all that comes: answers go to whoever
//! waits for them, events to the record of their page.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::record::State;
use super::{HEIGHT, PATIENCE, Reach, WIDTH};

/// Where Chromium may be.
const PROGRAMS: [&str; 3] =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// What differs from the browser of a person: nothing is asked of the network on its own account,
/// frames of other sites stay in the process of their page, and pages are drawn alike everywhere.
const SWITCHES: [&str; 17] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-site-isolation-trials",
    "--disable-features=BackForwardCache,IsolateSandboxedIframes,Translate,AutofillServerCommunication",
    "--hide-scrollbars",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--lang=ja",
    "--proxy-server=127.0.0.1:9",
];

/// How long Chromium may take to end before it is killed.
const FAREWELL: Duration = Duration::from_secs(10);

/// A running Chromium. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Pipe {
    child: Mutex<Child>,
    shared: Arc<Shared>,
    /// The profile, removed at the end.
    #[expect(dead_code, reason = "held so that it is there as long as the browser")]
    folder: TempDir,
}

/// What the reading thread and those who wait have in common.
#[derive(Debug)]
struct Shared {
    commands: Mutex<ChildStdin>,
    last_id: AtomicU64,
    hub: Mutex<Hub>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Hub {
    has_ended: bool,
    /// By the identifier of the command: an answer, or none yet.
    answers: HashMap<u64, Option<Value>>,
    state: State,
}

impl Pipe {
    pub(super) fn start(reach: Reach) -> Result<Self> {
        let program = program().context("Chromium is not installed (Debian package chromium)")?;
        let folder = tempfile::tempdir()?;
        let rules = match reach {
            Reach::Nothing => "MAP * ~NOTFOUND",
            Reach::Loopback => "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        };
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh"])
            .arg(program)
            .args(SWITCHES)
            .arg(format!("--host-resolver-rules={rules}"))
            .arg(format!("--window-size={WIDTH},{HEIGHT}"))
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting Chromium")?;
        let commands = Mutex::new(child.stdin.take().context("no pipe to Chromium")?);
        let answers = BufReader::new(child.stdout.take().context("no pipe from Chromium")?);
        let shared = Arc::new(Shared {
            commands,
            last_id: AtomicU64::new(0),
            hub: Mutex::default(),
            changed: Condvar::new(),
        });
        let reader = Arc::clone(&shared);
        std::thread::spawn(move || reader.read(answers));
        let pipe = Self { child: Mutex::new(child), shared, folder };
        pipe.call("", "Browser.getVersion", &json!({}))?;
        Ok(pipe)
    }

    /// Whether Chromium is gone.
    pub(super) fn has_ended(&self) -> bool {
        self.shared.hub().has_ended
    }

    /// Sends a command and waits for its answer. An empty session is the browser itself.
    pub(super) fn call(&self, session: &str, method: &str, parameters: &Value) -> Result<Value> {
        let id = self.shared.next_id();
        self.shared.hub().answers.insert(id, None);
        let answered = self.shared.send(id, session, method, parameters).and_then(|()| {
            self.shared.wait(method, |hub| hub.answers.get_mut(&id).and_then(Option::take))
        });
        self.shared.hub().answers.remove(&id);
        let mut answer = answered?;
        if let Some(error) = answer.get("error") {
            let message = error.get("message").and_then(Value::as_str).unwrap_or("refused");
            bail!("{method}: {message}");
        }
        Ok(answer.get_mut("result").map(Value::take).unwrap_or_default())
    }

    /// Waits until what was told unasked has something to give; `what` names it in the error.
    pub(super) fn wait<T>(
        &self,
        what: &str,
        mut found: impl FnMut(&mut State) -> Option<T>,
    ) -> Result<T> {
        self.shared.wait(what, |hub| found(&mut hub.state))
    }

    /// Looks at what was told unasked.
    pub(super) fn look<T>(&self, at: impl FnOnce(&mut State) -> T) -> T {
        at(&mut self.shared.hub().state)
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // It answers, or it has ended by itself.
        let _ = self.call("", "Browser.close", &json!({}));
        let hub = self.shared.hub();
        let waited = self.shared.changed.wait_timeout_while(hub, FAREWELL, |hub| !hub.has_ended);
        drop(waited);
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.has_ended() {
            let _ = child.kill();
        }
        let _ = child.wait();
    }
}

impl Shared {
    fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn send(&self, id: u64, session: &str, method: &str, parameters: &Value) -> Result<()> {
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(members) = command.as_object_mut().filter(|_| !session.is_empty()) {
            members.insert("sessionId".to_owned(), json!(session));
        }
        let mut line = command.to_string().into_bytes();
        line.push(0);
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        commands.write_all(&line)?;
        Ok(commands.flush()?)
    }

    fn wait<T>(&self, what: &str, mut found: impl FnMut(&mut Hub) -> Option<T>) -> Result<T> {
        let deadline = Instant::now() + PATIENCE;
        let mut hub = self.hub();
        loop {
            if let Some(found) = found(&mut hub) {
                return Ok(found);
            }
            ensure!(!hub.has_ended, "Chromium has ended before it gave: {what}");
            let left = deadline.saturating_duration_since(Instant::now());
            ensure!(!left.is_zero(), "not within {} s: {what}", PATIENCE.as_secs());
            let woken = self.changed.wait_timeout(hub, left);
            hub = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes all that comes until the pipe closes.
    fn read(&self, mut answers: BufReader<ChildStdout>) {
        let mut message = Vec::new();
        while answers.read_until(0, &mut message).is_ok() && message.pop() == Some(0) {
            // What is no JSON is nobody's answer: who waits is told at the deadline.
            if let Ok(value) = serde_json::from_slice(&message) {
                self.take(value);
            }
            message.clear();
        }
        self.hub().has_ended = true;
        self.changed.notify_all();
    }

    fn take(&self, message: Value) {
        let mut hub = self.hub();
        let reactions = match message.get("id").and_then(Value::as_u64) {
            Some(id) => {
                // Answers that nobody waits for are those to reactions, and late ones.
                if let Some(place) = hub.answers.get_mut(&id) {
                    *place = Some(message);
                }
                Vec::new()
            }
            None => hub.state.take(&message),
        };
        drop(hub);
        self.changed.notify_all();
        for reaction in reactions {
            let parameters = &reaction.parameters;
            // The pipe fails only where the browser has ended, which the reading will tell.
            let _ = self.send(self.next_id(), &reaction.session, reaction.method, parameters);
        }
    }
}

/// Where Chromium is, if it is installed.
fn program() -> Option<PathBuf> {
    PROGRAMS.iter().map(Path::new).find(|path| path.exists()).map(Path::to_path_buf)
}

/// A text of an answer.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str> {
    value.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in {value}"))
}
