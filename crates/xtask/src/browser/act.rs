//! What a person does to elements and reads of them.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::find::{Element, Find};
use super::page::Page;

/// Why an element cannot be clicked at a point, or nothing.
const HINDRANCE: &str = "function (x, y) {
  if (this.closest(':disabled')) return 'it is disabled';
  const top = document.elementFromPoint(x, y);
  if (!top) return 'it is outside of the window';
  const label = top.closest('label');
  if (top === this || this.contains(top) || top.contains(this) || label?.control === this) {
    return null;
  }
  return 'this is over it: ' + top.outerHTML.slice(0, 200);
}";

const CHOOSE: &str = "function (label) {
  const option = [...this.options].find((o) => o.text.trim() === label || o.value === label);
  if (!option) return [...this.options].map((o) => o.text.trim());
  option.selected = true;
  this.dispatchEvent(new Event('input', { bubbles: true }));
  this.dispatchEvent(new Event('change', { bubbles: true }));
  return null;
}";

const SET: &str = "function (value) {
  this.value = value;
  this.dispatchEvent(new Event('input', { bubbles: true }));
  this.dispatchEvent(new Event('change', { bubbles: true }));
  return this.value;
}";

impl Page {
    /// How many elements there are.
    ///
    /// # Errors
    /// If the browser does not answer, or a selector is faulty.
    pub fn count(&self, find: impl Into<Find>) -> Result<usize> {
        Ok(self.all(&find.into())?.len())
    }

    /// Whether there is such an element, shown or not.
    ///
    /// # Errors
    /// As [`Page::count`].
    pub fn exists(&self, find: impl Into<Find>) -> Result<bool> {
        Ok(self.count(find)? > 0)
    }

    /// Waits until there is such an element, as scripts may make it.
    ///
    /// # Errors
    /// If there is none in time.
    pub fn wait_for(&self, find: impl Into<Find>) -> Result<()> {
        let find = find.into();
        let deadline = std::time::Instant::now() + super::PATIENCE;
        while !self.exists(&find)? {
            ensure!(std::time::Instant::now() < deadline, "the page never had {find}");
            self.evaluate("new Promise((drawn) => requestAnimationFrame(() => drawn(0)))")?;
        }
        Ok(())
    }

    /// The text that an element shows.
    ///
    /// # Errors
    /// If there is not exactly one such element.
    pub fn text(&self, find: impl Into<Find>) -> Result<String> {
        self.shown_text(&self.one(&find.into())?)
    }

    /// The texts that elements show, in the order of the document.
    ///
    /// # Errors
    /// As [`Page::count`].
    pub fn texts(&self, find: impl Into<Find>) -> Result<Vec<String>> {
        self.all(&find.into())?.iter().map(|element| self.shown_text(element)).collect()
    }

    /// An attribute of an element, as written.
    ///
    /// # Errors
    /// If there is not exactly one such element.
    pub fn attribute(&self, find: impl Into<Find>, name: &str) -> Result<Option<String>> {
        let element = self.one(&find.into())?;
        let value =
            self.ask(&element, "function (n) { return this.getAttribute(n) }", &[json!(name)])?;
        Ok(value.as_str().map(str::to_owned))
    }

    /// A property of an element as it is now: `value`, `checked`, `disabled`, `open`.
    ///
    /// # Errors
    /// If there is not exactly one such element.
    pub fn property(&self, find: impl Into<Find>, name: &str) -> Result<Value> {
        let element = self.one(&find.into())?;
        self.ask(&element, "function (n) { return this[n] ?? null }", &[json!(name)])
    }

    /// Clicks in the middle of an element, after scrolling to it.
    ///
    /// # Errors
    /// If there is not exactly one such element, or a person could not click it.
    pub fn click(&self, find: impl Into<Find>) -> Result<()> {
        let find = find.into();
        let element = self.one(&find)?;
        let (x, y) = self.middle(&element).with_context(|| format!("clicking {find}"))?;
        let hindrance = self.ask(&element, HINDRANCE, &[json!(x), json!(y)])?;
        if let Some(hindrance) = hindrance.as_str() {
            bail!("nobody can click {find}: {hindrance}");
        }
        let mouse = |kind: &str, buttons: u8| {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let event = json!({
                "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1
            });
            self.call("Input.dispatchMouseEvent", &event)
        };
        mouse("mouseMoved", 0)?;
        mouse("mousePressed", 1)?;
        mouse("mouseReleased", 0)?;
        Ok(())
    }

    /// Clicks what leads to another document, and waits until that has loaded.
    ///
    /// # Errors
    /// As [`Page::click`] and [`Page::load_by`].
    pub fn follow(&self, find: impl Into<Find>) -> Result<()> {
        self.load_by(|page| page.click(find))
    }

    fn middle(&self, element: &Element) -> Result<(f64, f64)> {
        let object = json!({ "objectId": element.0 });
        self.call("DOM.scrollIntoViewIfNeeded", &object)?;
        let quads = self.call("DOM.getContentQuads", &object)?;
        let quad = quads.pointer("/quads/0").and_then(Value::as_array).context("not shown")?;
        let corners: Vec<f64> = quad.iter().filter_map(Value::as_f64).collect();
        let [left, top, _, _, right, bottom, ..] = corners[..] else { bail!("no corners") };
        Ok((f64::midpoint(left, right), f64::midpoint(top, bottom)))
    }

    /// Clears a field and writes a text into it, as an input method does.
    ///
    /// # Errors
    /// If there is not exactly one such element, or it takes no text.
    pub fn fill(&self, find: impl Into<Find>, text: &str) -> Result<()> {
        let find = find.into();
        let element = self.one(&find)?;
        self.call("DOM.focus", &json!({ "objectId": element.0 }))?;
        let ready =
            self.ask(&element, "function () { this.select?.(); return !this.readOnly }", &[])?;
        ensure!(ready == json!(true), "{find} takes no text");
        if text.is_empty() {
            return self.press("Delete");
        }
        self.call("Input.insertText", &json!({ "text": text })).map(drop)
    }

    /// Sets a field that is not typed into as text, such as a date (`2026-04-01`) or a range.
    ///
    /// # Errors
    /// If there is not exactly one such element, or it does not take the value.
    pub fn set(&self, find: impl Into<Find>, value: &str) -> Result<()> {
        let find = find.into();
        let taken = self.ask(&self.one(&find)?, SET, &[json!(value)])?;
        ensure!(taken == json!(value), "{find} does not take {value}: {taken}");
        Ok(())
    }

    /// Chooses an entry of a list (`select`) by what it shows or by its value.
    ///
    /// # Errors
    /// If there is not exactly one such element, or it has no such entry.
    pub fn choose(&self, find: impl Into<Find>, entry: &str) -> Result<()> {
        let find = find.into();
        let others = self.ask(&self.one(&find)?, CHOOSE, &[json!(entry)])?;
        ensure!(others.is_null(), "{find} does not have {entry}: {others}");
        Ok(())
    }

    /// Clicks a box unless it is as wanted.
    ///
    /// # Errors
    /// As [`Page::click`].
    pub fn check(&self, find: impl Into<Find>, wanted: bool) -> Result<()> {
        let find = find.into();
        if self.property(&find, "checked")? == json!(wanted) {
            return Ok(());
        }
        self.click(&find)?;
        ensure!(self.property(&find, "checked")? == json!(wanted), "{find} does not change");
        Ok(())
    }

    /// Puts a file into a field for files.
    ///
    /// # Errors
    /// If there is not exactly one such element, or it takes no files.
    pub fn set_file(&self, find: impl Into<Find>, file: &Path) -> Result<()> {
        let element = self.one(&find.into())?;
        let files = json!({ "objectId": element.0, "files": [file.canonicalize()?] });
        self.call("DOM.setFileInputFiles", &files).map(drop)
    }
}
