//! A headless Chromium, told what to do over its debugging pipe.
//!
//! It reads commands from file descriptor 3 and answers on 4, each message JSON ended by NUL
//! (`--remote-debugging-pipe`). A shell lays its own standard input and output there, so that
//! neither sockets nor a driver are needed. Scripts of pages are off, and there is no network: names
//! resolve to nothing and the proxy is a port that nobody listens on.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

/// What decides in the page what is seen of it.
const SEEN: &str = include_str!("seen.js");

/// Where Chromium may be.
const PROGRAMS: [&str; 3] =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// The window, in CSS pixels.
const WIDTH: u32 = 1_000;
const HEIGHT: u32 = 800;

/// What a person sees of a page, and the text of it that nobody sees.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Seen {
    pub(super) shown: String,
    pub(super) hidden: String,
}

/// A running Chromium with one page.
#[derive(Debug)]
pub(super) struct Browser {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: TempDir,
    session: String,
    last_id: u64,
}

impl Browser {
    /// Starts Chromium.
    ///
    /// # Errors
    /// If it is not installed or does not answer.
    pub(super) fn start() -> Result<Self> {
        let program = program().context("Chromium is not installed (Debian package chromium)")?;
        let folder = tempfile::tempdir()?;
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh"])
            .arg(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--remote-debugging-pipe", "--hide-scrollbars", "--no-first-run"])
            .args(["--disable-extensions", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND"])
            .arg("--proxy-server=127.0.0.1:9")
            .arg(format!("--window-size={WIDTH},{HEIGHT}"))
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting Chromium")?;
        let commands = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("no pipe from Chromium")?);
        let session = String::new();
        let mut browser = Self { child, commands, answers, folder, session, last_id: 0 };
        browser.open_page()?;
        Ok(browser)
    }

    fn open_page(&mut self) -> Result<()> {
        let page = self.call("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": text(&page, "targetId")?, "flatten": true });
        let attached = self.call("Target.attachToTarget", &attach)?;
        text(&attached, "sessionId")?.clone_into(&mut self.session);
        self.call("Page.enable", &json!({}))?;
        self.call("Emulation.setScriptExecutionDisabled", &json!({ "value": true }))?;
        let window = json!({
            "width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": false
        });
        self.call("Emulation.setDeviceMetricsOverride", &window)?;
        Ok(())
    }

    /// Loads a document and tells what is seen of it.
    pub(super) fn look_at(&mut self, html: &str) -> Result<Seen> {
        let file = self.folder.path().join("page.html");
        // The mark at the start outranks what the document says of its charset, which is the one
        // it was decoded from.
        fs::write(&file, format!("\u{feff}{}", without_equivalents(html)))?;
        let url = format!("file://{}", file.display());
        let loaded = self.call("Page.navigate", &json!({ "url": url }))?;
        if let Some(error) = loaded.get("errorText") {
            bail!("the page did not load: {error}");
        }
        while self.receive()?.get("method").and_then(Value::as_str) != Some("Page.loadEventFired") {
        }
        let ask = json!({ "expression": SEEN, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", &ask)?;
        let seen = answer.pointer("/result/value").and_then(Value::as_str);
        let seen = seen.with_context(|| format!("no answer from the page: {answer}"))?;
        Ok(serde_json::from_str(seen)?)
    }

    /// Sends a command and waits for its answer. Events that come before it are passed over.
    fn call(&mut self, method: &str, parameters: &Value) -> Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(members) = command.as_object_mut().filter(|_| !self.session.is_empty()) {
            members.insert("sessionId".to_owned(), json!(self.session));
        }
        let commands = self.commands.as_mut().context("the pipe is closed")?;
        commands.write_all(command.to_string().as_bytes())?;
        commands.write_all(b"\0")?;
        commands.flush()?;
        loop {
            let mut answer = self.receive()?;
            if answer.get("id").and_then(Value::as_u64) == Some(id) {
                if let Some(error) = answer.get("error") {
                    bail!("{method}: {error}");
                }
                return Ok(answer.get_mut("result").map(Value::take).unwrap_or_default());
            }
        }
    }

    fn receive(&mut self) -> Result<Value> {
        let mut message = Vec::new();
        self.answers.read_until(0, &mut message)?;
        ensure!(message.pop() == Some(0), "Chromium has ended");
        Ok(serde_json::from_slice(&message)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends when its pipe closes, its helpers with it.
        let _ = self.call("Browser.close", &json!({}));
        self.commands = None;
        let _ = self.child.wait();
    }
}

/// Where Chromium is, if it is installed.
fn program() -> Option<PathBuf> {
    PROGRAMS.iter().map(Path::new).find(|path| path.exists()).map(Path::to_path_buf)
}

fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str> {
    value.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in {value}"))
}

/// Without `meta http-equiv`: a page that loads another is not the one to be looked at.
fn without_equivalents(html: &str) -> String {
    const NAME: &str = "http-equiv";
    let lower = html.to_ascii_lowercase();
    let mut out = String::with_capacity(html.len());
    let mut copied = 0;
    for (at, found) in lower.match_indices(NAME) {
        out.push_str(html.get(copied..at).unwrap_or_default());
        out.push_str("data-equiv");
        copied = at + found.len();
    }
    out.push_str(html.get(copied..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stays_where_it_is() {
        assert_eq!(
            without_equivalents("あ<META HTTP-EQUIV=refresh><p>http-equiv"),
            "あ<META data-equiv=refresh><p>data-equiv"
        );
        assert_eq!(without_equivalents("<p>x"), "<p>x");
    }
}
