//! The laws that every input must keep, as plain functions: fuzz targets and stable tests drive them.
//!
//! A law takes any octets and panics when a promise of a crate is broken for them. [`LAWS`] lists
//! them. `fuzz/` at the repository's top has a target for each, which looks for octets that break it;
//! `tests/laws.rs` here holds each to all of `fixtures/mail` and to `fixtures/found/<law>`, where
//! every input stays that once broke it.
//!
//! Layout: a file for each crate whose promises are held to; [`seeds`] what fuzzing begins with.
#![forbid(unsafe_code)]
#![expect(
    clippy::missing_panics_doc,
    reason = "a law panics when it is broken, and each says what the law is"
)]

mod charset;
mod html;
mod mime;
mod profile;
mod sanitize;
pub mod seeds;
mod smtp;

pub use charset::{charset_decode, charset_field};
pub use html::html_render;
pub use mime::mime_scan;
pub use profile::{profile_verify, profile_write_verify};
pub use sanitize::{crossing, plain_text, sanitize};
pub use smtp::{proxy_header, smtp_session, smtp_status};

/// One law.
#[derive(Debug, Clone, Copy)]
pub struct Law {
    /// Its name: that of the function, of the fuzz target and of the folder under `fixtures/found`.
    pub name: &'static str,
    /// Panics when `data` breaks it.
    pub check: fn(&[u8]),
    /// What the law can be held to of a mail.
    pub seeds: fn(&[u8]) -> Vec<Vec<u8>>,
}

/// Every law.
pub const LAWS: [Law; 11] = [
    Law { name: "sanitize", check: sanitize, seeds: seeds::whole },
    Law { name: "plain_text", check: plain_text, seeds: seeds::texts },
    Law { name: "mime_scan", check: mime_scan, seeds: seeds::whole },
    Law { name: "charset_decode", check: charset_decode, seeds: seeds::labelled_texts },
    Law { name: "charset_field", check: charset_field, seeds: seeds::fields },
    Law { name: "html_render", check: html_render, seeds: seeds::html },
    Law {
        name: "profile_write_verify",
        check: profile_write_verify,
        seeds: seeds::strings_to_write,
    },
    Law { name: "profile_verify", check: profile_verify, seeds: seeds::crossing_text },
    Law { name: "smtp_session", check: smtp_session, seeds: seeds::sessions },
    Law { name: "proxy_header", check: proxy_header, seeds: seeds::proxied },
    Law { name: "smtp_status", check: smtp_status, seeds: seeds::statuses },
];
