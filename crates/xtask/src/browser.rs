//! A headless Chromium, told what to do over its debugging pipe.
//!
//! A [`Browser`] holds [`Page`]s. Each page that it opens belongs to a person of its own, with cookies
//! and downloads apart; [`Page::tab`] opens another of the same person. Everything that acts on an
//! element finds it as a person would ([`Find`]) and wants exactly one. Nothing sleeps: what is
//! waited for is an event of the browser, at most for [`PATIENCE`]. What a page asks of the network
//! and what it complains of is recorded ([`Record`]).
//!
//! Only 127.0.0.1 can be reached: other names resolve to nothing, and the proxy for other addresses
//! is a port that nobody listens on.
//!
//! Layout: `pipe` the process, its commands and answers; `record` what it tells unasked; `page`
//! loading; `person` cookies; `find` and `act` elements; `focus` and `keys` the keyboard; `picture` images and print; `download`
//! files; `axe` the check for accessibility; `crawl` following links.

mod act;
mod axe;
mod crawl;
mod download;
mod find;
mod focus;
mod keys;
mod page;
mod person;
mod picture;
mod pipe;
mod record;

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use anyhow::Result;

pub use axe::{AXE_VERSION, Violation, fetch_axe};
pub use crawl::Visited;
pub use download::Download;
pub use find::Find;
pub use focus::Focused;
pub use page::Page;
pub use person::Cookie;
pub use picture::{Extent, Media};
pub use record::{Complaint, Dialog, Kind, Record, Request};

use person::Person;
use pipe::Pipe;

/// How long a page, an answer or a file is waited for, on a machine under load.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The window, in CSS pixels, each of which is a pixel of a picture.
pub const WIDTH: u32 = 1_280;
/// The height of the window.
pub const HEIGHT: u32 = 800;

/// What pages can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Files only.
    Nothing,
    /// Servers on 127.0.0.1.
    Loopback,
}

/// A running Chromium. It ends when the last clone and the last page of it are gone.
#[derive(Debug, Clone)]
pub struct Browser {
    pipe: Arc<Pipe>,
}

/// The one of this process, for as long as anybody uses it.
static SHARED: Mutex<Weak<Pipe>> = Mutex::new(Weak::new());

impl Browser {
    /// Starts a Chromium whose pages reach 127.0.0.1 and nothing else.
    ///
    /// # Errors
    /// If it is not installed or does not answer.
    pub fn start() -> Result<Self> {
        Ok(Self { pipe: Arc::new(Pipe::start(Reach::Loopback)?) })
    }

    /// Starts a Chromium whose pages reach nothing, 127.0.0.1 included.
    ///
    /// # Errors
    /// If it is not installed or does not answer.
    pub fn without_network() -> Result<Self> {
        Ok(Self { pipe: Arc::new(Pipe::start(Reach::Nothing)?) })
    }

    /// The browser that tests of this process share, started where none runs.
    ///
    /// # Errors
    /// If it is not installed or does not answer.
    pub fn shared() -> Result<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipe) = shared.upgrade().filter(|pipe| !pipe.has_ended()) {
            return Ok(Self { pipe });
        }
        let browser = Self::start()?;
        *shared = Arc::downgrade(&browser.pipe);
        Ok(browser)
    }

    /// Opens an empty page for a new person: no cookies, no downloads, Japanese preferred.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub fn person(&self) -> Result<Page> {
        Page::open(&Arc::new(Person::new(Arc::clone(&self.pipe))?))
    }
}
