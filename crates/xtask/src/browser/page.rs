//! A page: loading, asking, and what was recorded of it.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::person::Person;
use super::pipe::{Pipe, text};
use super::record::{Loading, Record, State};
use super::{HEIGHT, WIDTH};

/// The name of the world that questions are asked in: it sees the page but not its scripts, and
/// the page's policy does not bind it.
const WORLD: &str = "sekimori";

/// A page of a person. It closes when this is dropped.
#[derive(Debug)]
pub struct Page {
    pub(super) person: Arc<Person>,
    pub(super) session: String,
    target: String,
}

impl Page {
    pub(super) fn open(person: &Arc<Person>) -> Result<Self> {
        let pipe = &person.pipe;
        let target = json!({ "url": "about:blank", "browserContextId": person.context });
        let target = pipe.call("", "Target.createTarget", &target)?;
        let target = text(&target, "targetId")?.to_owned();
        let attach = json!({ "targetId": target, "flatten": true });
        let attached = pipe.call("", "Target.attachToTarget", &attach)?;
        let session = text(&attached, "sessionId")?.to_owned();
        pipe.look(|state| state.pages.insert(session.clone(), Loading::of_frame(&target)));
        let page = Self { person: Arc::clone(person), session, target };
        for domain in ["Page", "Runtime", "Network", "Log", "Audits", "DOM", "Accessibility"] {
            page.call(&format!("{domain}.enable"), &json!({}))?;
        }
        page.call("Page.setLifecycleEventsEnabled", &json!({ "enabled": true }))?;
        let children =
            json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        page.call("Target.setAutoAttach", &children)?;
        // Each page takes itself for the one in front, as on a machine of its own.
        page.call("Emulation.setFocusEmulationEnabled", &json!({ "enabled": true }))?;
        page.resize(WIDTH, HEIGHT)?;
        page.prefer_language("ja")?;
        Ok(page)
    }

    /// Opens another page of the same person.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn tab(&self) -> Result<Self> {
        Self::open(&self.person)
    }

    /// Sets the size of the window in CSS pixels.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let window =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &window).map(drop)
    }

    /// Sets what further requests say of languages (`Accept-Language`), such as `en`.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn prefer_language(&self, language: &str) -> Result<()> {
        let agent = self.person.pipe.call("", "Browser.getVersion", &json!({}))?;
        let agent = json!({ "userAgent": text(&agent, "userAgent")?, "acceptLanguage": language });
        self.call("Emulation.setUserAgentOverride", &agent).map(drop)
    }

    /// Turns the page's own scripts off or on, from the next document on.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn allow_scripts(&self, allowed: bool) -> Result<()> {
        self.call("Emulation.setScriptExecutionDisabled", &json!({ "value": !allowed })).map(drop)
    }

    /// Goes to an address and waits until all of it has loaded.
    ///
    /// # Errors
    /// If there is no answer. An answer of any status will do: see [`Page::status`].
    pub fn goto(&self, url: &str) -> Result<()> {
        let answer = self.call("Page.navigate", &json!({ "url": url }))?;
        self.arrive(url, &answer)
    }

    /// Waits for the document that an answer to `Page.navigate` promises.
    pub(super) fn arrive(&self, url: &str, answer: &Value) -> Result<()> {
        if let Some(error) = answer.get("errorText").and_then(Value::as_str) {
            bail!("{url} did not load: {error}");
        }
        match answer.get("loaderId").and_then(Value::as_str) {
            Some(loader) => self.wait_for_load(&format!("loading {url}"), |l| l == loader),
            // Another place in the same document.
            None => Ok(()),
        }
    }

    /// Does something that leads to another document, such as following a link or sending a form,
    /// and waits until all of that has loaded.
    ///
    /// # Errors
    /// If `action` fails, leads nowhere, or leads to a server that does not answer.
    pub fn load_by<T>(&self, action: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let before = self.loading(|loading| loading.loader.clone())?;
        let done = action(self)?;
        self.wait_for_load("another document", |loader| loader != before)?;
        Ok(done)
    }

    /// Loads the page again.
    ///
    /// # Errors
    /// As [`Page::load_by`].
    pub fn reload(&self) -> Result<()> {
        self.load_by(|page| page.call("Page.reload", &json!({})).map(drop))
    }

    /// Goes back to the document before.
    ///
    /// # Errors
    /// If there is none.
    pub fn back(&self) -> Result<()> {
        let history = self.call("Page.getNavigationHistory", &json!({}))?;
        let current = history.get("currentIndex").and_then(Value::as_u64).unwrap_or_default();
        let before = current.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let entry = before.and_then(|before| history.get("entries")?.get(before)?.get("id"));
        let entry = json!({ "entryId": entry.context("there is no document before this")? });
        self.load_by(|page| page.call("Page.navigateToHistoryEntry", &entry).map(drop))
    }

    fn wait_for_load(&self, what: &str, is_it: impl Fn(&str) -> bool) -> Result<()> {
        let unreachable = self.wait(what, |loading| {
            let loader = &loading.loader;
            let is_there = is_it(loader) && loading.loaded.contains(loader);
            is_there.then(|| loading.unreachable.clone())
        })?;
        ensure!(unreachable.is_none(), "{} did not load", unreachable.unwrap_or_default());
        Ok(())
    }

    /// The status of the document's answer; none for what came by no server.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn status(&self) -> Result<Option<u16>> {
        self.loading(|loading| loading.statuses.get(&loading.loader).copied())
    }

    /// The address that the page shows.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn url(&self) -> Result<String> {
        let value = self.evaluate("location.href")?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// The title of the document.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn title(&self) -> Result<String> {
        let value = self.evaluate("document.title")?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Evaluates an expression in the page, apart from its scripts and its policy. A promise is
    /// waited for.
    ///
    /// # Errors
    /// If it throws, or its value is nothing that JSON can hold.
    pub fn evaluate(&self, expression: &str) -> Result<Value> {
        let ask = json!({
            "expression": expression, "contextId": self.world()?,
            "returnByValue": true, "awaitPromise": true, "userGesture": true,
        });
        let mut answer = self.call("Runtime.evaluate", &ask)?;
        refuse_exception(&answer)?;
        Ok(answer.pointer_mut("/result/value").map(Value::take).unwrap_or_default())
    }

    /// Waits until an expression becomes true, which it is asked at each frame drawn.
    ///
    /// # Errors
    /// If it does not.
    pub fn wait_until(&self, expression: &str) -> Result<()> {
        let limit = super::PATIENCE.as_millis() / 2;
        let held = self.evaluate(&format!(
            "new Promise((resolve, reject) => {{
               const end = performance.now() + {limit};
               const look = () => {{
                 try {{
                   if ({expression}) resolve(true);
                   else if (performance.now() > end) resolve(false);
                   else requestAnimationFrame(look);
                 }} catch (error) {{ reject(error); }}
               }};
               look();
             }})"
        ))?;
        ensure!(held == json!(true), "not within {limit} ms: {expression}");
        Ok(())
    }

    /// What the page asked and complained of since it was opened.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn record(&self) -> Result<Record> {
        self.loading(|loading| loading.record.clone())
    }

    /// As [`Page::record`], and begins it anew.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn take_record(&self) -> Result<Record> {
        self.loading(|loading| std::mem::take(&mut loading.record))
    }

    /// Whether dialogs are answered with yes (at first) or no from now on.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn answer_dialogs(&self, says_yes: bool) -> Result<()> {
        self.loading(|loading| loading.says_yes = says_yes)
    }

    pub(super) fn pipe(&self) -> &Pipe {
        &self.person.pipe
    }

    pub(super) fn call(&self, method: &str, parameters: &Value) -> Result<Value> {
        self.pipe().call(&self.session, method, parameters)
    }

    /// The world apart of the document that is shown, made where there is none yet.
    pub(super) fn world(&self) -> Result<Value> {
        let frame = self.loading(|loading| loading.frame.clone())?;
        let ask = json!({ "frameId": frame, "worldName": WORLD, "grantUniveralAccess": false });
        let mut world = self.call("Page.createIsolatedWorld", &ask)?;
        world.get_mut("executionContextId").map(Value::take).context("no world in the page")
    }

    pub(super) fn loading<T>(&self, look: impl FnOnce(&mut Loading) -> T) -> Result<T> {
        let found = self.pipe().look(|state| state.pages.get_mut(&self.session).map(look));
        found.context("the page is gone")
    }

    fn wait<T>(&self, what: &str, mut found: impl FnMut(&Loading) -> Option<T>) -> Result<T> {
        self.wait_in_state(what, |state, session| {
            let loading = state.pages.get(session)?;
            if loading.has_crashed {
                return Some(Err(anyhow::anyhow!("the page crashed")));
            }
            found(loading).map(Ok)
        })?
    }

    pub(super) fn wait_in_state<T>(
        &self,
        what: &str,
        mut found: impl FnMut(&mut State, &str) -> Option<T>,
    ) -> Result<T> {
        self.pipe().wait(what, |state| found(state, &self.session))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // Where the browser has ended, so has the page.
        let _ = self.pipe().call("", "Target.closeTarget", &json!({ "targetId": self.target }));
        self.pipe().look(|state| state.pages.remove(&self.session));
    }
}

/// An exception of what was evaluated becomes an error.
pub(super) fn refuse_exception(answer: &Value) -> Result<()> {
    if let Some(details) = answer.get("exceptionDetails") {
        let words = details.pointer("/exception/description").and_then(Value::as_str);
        let words = words.or_else(|| details.get("text").and_then(Value::as_str));
        bail!("the page threw: {}", words.unwrap_or("something"));
    }
    Ok(())
}
