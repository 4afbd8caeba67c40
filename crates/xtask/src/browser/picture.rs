//! Pictures of pages, and how they look in print or to those who want no movement.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::page::Page;

/// A4 in inches.
const A4: (f64, f64) = (8.267, 11.693);

/// The highest picture, in pixels: what is further down is cut off.
const MOST_HEIGHT: f64 = 16_000.0;

/// Letters are there, what was changed has been drawn, and no caret blinks: pictures of the same page
/// are the same.
const SETTLED: &str = "document.documentElement.style.caretColor = 'transparent';
document.fonts.ready.then(() => new Promise((drawn) =>
  requestAnimationFrame(() => requestAnimationFrame(() => drawn(true)))))";

/// How much of a page a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What the window shows.
    Window,
    /// All that one could scroll to downwards.
    Whole,
}

/// What a page is told of who looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// As on paper.
    Print,
    /// By somebody who wants no movement (`prefers-reduced-motion`).
    ReducedMotion,
    /// By somebody who wants light letters on dark (`prefers-color-scheme`).
    Dark,
    /// By somebody whose system takes over all colours (`forced-colors`).
    ForcedColors,
}

impl Page {
    /// Sets how the page is looked at, until it is set again: all of these, and none of the others.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn emulate(&self, media: &[Media]) -> Result<()> {
        let feature = |which: Media, name: &str, yes: &str, no: &str| json!({ "name": name, "value": if media.contains(&which) { yes } else { no } });
        let features = [
            feature(Media::ReducedMotion, "prefers-reduced-motion", "reduce", "no-preference"),
            feature(Media::Dark, "prefers-color-scheme", "dark", "light"),
            feature(Media::ForcedColors, "forced-colors", "active", "none"),
        ];
        let paper = if media.contains(&Media::Print) { "print" } else { "" };
        let ask = json!({ "media": paper, "features": features });
        self.call("Emulation.setEmulatedMedia", &ask).map(drop)
    }

    /// A picture as PNG, a pixel for each CSS pixel, 1280 wide unless resized.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn screenshot(&self, extent: Extent) -> Result<Vec<u8>> {
        self.evaluate(SETTLED)?;
        let mut ask = json!({ "format": "png", "captureBeyondViewport": extent == Extent::Whole });
        if extent == Extent::Whole {
            let metrics = self.call("Page.getLayoutMetrics", &json!({}))?;
            let side = |name: &str| {
                let side = metrics.pointer(&format!("/cssContentSize/{name}"));
                side.and_then(Value::as_f64).with_context(|| format!("no {name} of the page"))
            };
            let clip = json!({
                "x": 0, "y": 0, "width": side("width")?, "height": side("height")?.min(MOST_HEIGHT),
                "scale": 1,
            });
            ask.as_object_mut().context("no parameters")?.insert("clip".to_owned(), clip);
        }
        let picture = self.data_of("Page.captureScreenshot", &ask)?;
        self.evaluate("document.documentElement.style.removeProperty('caret-color')")?;
        Ok(picture)
    }

    /// Writes a picture into a file, whose folder is made where it is missing.
    ///
    /// # Errors
    /// If the browser does not answer, or the file cannot be written.
    pub fn save_screenshot(&self, extent: Extent, file: &Path) -> Result<()> {
        let picture = self.screenshot(extent)?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, picture).with_context(|| file.display().to_string())
    }

    /// The page printed on A4, as PDF, with the margins that its own style asks for.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn pdf(&self) -> Result<Vec<u8>> {
        self.evaluate(SETTLED)?;
        let paper = json!({
            "paperWidth": A4.0, "paperHeight": A4.1, "printBackground": true,
            "preferCSSPageSize": true,
        });
        self.data_of("Page.printToPDF", &paper)
    }

    fn data_of(&self, method: &str, parameters: &Value) -> Result<Vec<u8>> {
        let answer = self.call(method, parameters)?;
        let data = answer.get("data").and_then(Value::as_str).context("no data")?;
        Ok(STANDARD.decode(data)?)
    }
}
