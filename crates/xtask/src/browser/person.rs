//! Somebody who uses the browser: cookies and files of their own.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::page::Page;
use super::pipe::{Pipe, text};

/// Somebody with cookies and a folder for downloads of their own.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) pipe: Arc<Pipe>,
    /// The browser's identifier of the context.
    pub(super) context: String,
    pub(super) downloads: TempDir,
}

/// A cookie that the browser keeps for a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// What is sent back.
    pub value: String,
    /// The path below which it is sent.
    pub path: String,
    /// Whether scripts cannot read it.
    pub http_only: bool,
    /// Whether it is sent over TLS only.
    pub secure: bool,
    /// `Strict`, `Lax` or `None`; none where the server did not say.
    pub same_site: Option<String>,
    /// Whether it ends with the browser.
    pub session: bool,
}

impl Person {
    pub(super) fn new(pipe: Arc<Pipe>) -> Result<Self> {
        let downloads = tempfile::tempdir()?;
        let created = pipe.call("", "Target.createBrowserContext", &json!({}))?;
        let context = text(&created, "browserContextId")?.to_owned();
        let person = Self { pipe, context, downloads };
        // Named by identifier, so that a file of the same name does not get another.
        let behaviour = json!({
            "behavior": "allowAndName", "browserContextId": person.context,
            "downloadPath": person.downloads.path(), "eventsEnabled": true,
        });
        person.pipe.call("", "Browser.setDownloadBehavior", &behaviour)?;
        Ok(person)
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        // Where the browser has ended, so has the context.
        let context = json!({ "browserContextId": self.context });
        let _ = self.pipe.call("", "Target.disposeBrowserContext", &context);
    }
}

impl Page {
    /// All cookies of the person, whichever server set them.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn cookies(&self) -> Result<Vec<Cookie>> {
        let context = json!({ "browserContextId": self.person.context });
        let mut answer = self.pipe().call("", "Storage.getCookies", &context)?;
        let cookies = answer.get_mut("cookies").map(Value::take).context("no cookies")?;
        Ok(serde_json::from_value(cookies)?)
    }

    /// Forgets all cookies of the person, as when the browser is closed.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn clear_cookies(&self) -> Result<()> {
        let context = json!({ "browserContextId": self.person.context });
        self.pipe().call("", "Storage.clearCookies", &context).map(drop)
    }
}
