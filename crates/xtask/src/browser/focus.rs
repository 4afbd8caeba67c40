//! The keyboard in use: what has the focus, and keys pressed.

use anyhow::{Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::find::Find;
use super::keys::Key;
use super::page::Page;

/// No page of ours has so many places to stop at.
const MOST_STOPS: usize = 2_000;

/// The element that takes what is typed, as those are told who hear the page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Focused {
    /// Its role, such as `button`; `none`, of the tag `body`, where nothing has the focus.
    #[serde(default)]
    pub role: String,
    /// Its name: its label, or the text it shows.
    #[serde(default)]
    pub name: String,
    /// The name of the element in lower case, such as `input`.
    pub tag: String,
    /// Its `id`, or empty.
    pub id: String,
    /// Whether the page is to show that it has the focus (`:focus-visible`).
    pub is_marked: bool,
}

impl Page {
    /// Gives an element the focus.
    ///
    /// # Errors
    /// If there is not exactly one such element, or it cannot have it.
    pub fn focus(&self, find: impl Into<Find>) -> Result<()> {
        let element = self.one(&find.into())?;
        self.call("DOM.focus", &json!({ "objectId": element.0 })).map(drop)
    }

    /// Presses keys together and lets go of them: `Tab`, `Shift+Tab`, `Enter`, `ArrowDown`, `j`,
    /// `Control+a`, `?`. Names are those of `KeyboardEvent.key`.
    ///
    /// # Errors
    /// If there is no such key.
    pub fn press(&self, keys: &str) -> Result<()> {
        let key = Key::parse(keys)?;
        self.call("Input.dispatchKeyEvent", &key.down())?;
        self.call("Input.dispatchKeyEvent", &key.up()).map(drop)
    }

    /// Types a text key by key into what has the focus. What no key writes comes as from an input
    /// method.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn type_keys(&self, text: &str) -> Result<()> {
        for letter in text.chars() {
            if letter.is_ascii_graphic() || letter == ' ' {
                self.press(&letter.to_string())?;
            } else {
                self.call("Input.insertText", &json!({ "text": letter }))?;
            }
        }
        Ok(())
    }

    /// What has the focus.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn focused(&self) -> Result<Focused> {
        let element = self.element_of("document.activeElement ?? document.documentElement")?;
        let ask = json!({ "objectId": element.0, "fetchRelatives": false });
        let tree = self.call("Accessibility.getPartialAXTree", &ask)?;
        let heard = |pointer: &str| {
            tree.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let own = "function () {
          return { tag: this.localName, id: this.id, is_marked: this.matches(':focus-visible') }
        }";
        let focused: Focused = serde_json::from_value(self.ask(&element, own, &[])?)?;
        let role = heard("/nodes/0/role/value");
        Ok(Focused { role, name: heard("/nodes/0/name/value"), ..focused })
    }

    /// Presses Tab until an element of this role and name has the focus, and tells how often that
    /// took.
    ///
    /// # Errors
    /// If Tab does not lead there: the error names where it leads.
    pub fn tab_to(&self, role: &str, name: &str) -> Result<usize> {
        let mut passed = Vec::new();
        while passed.len() < MOST_STOPS {
            self.press("Tab")?;
            let stop = self.focused()?;
            if stop.role == role && stop.name == name {
                return Ok(passed.len() + 1);
            }
            // Behind the last stop, the focus leaves the page and comes in again at its beginning.
            let is_outside = stop.tag == "body";
            let stop = format!("{} “{}” {}", stop.role, stop.name, stop.id);
            if is_outside && passed.iter().filter(|other| **other == stop).count() > 1 {
                break;
            }
            passed.push(stop);
        }
        bail!("Tab does not lead to the {role} “{name}”, but to: {}", passed.join(", "))
    }
}
