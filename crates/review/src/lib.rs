//! The HTTP side of sekimori: what supervisors ask, and quarantine review.
//!
//! # Invariants
//! - No GET changes the state of a message, a request or an account. What a GET leaves behind is at
//!   most the record that somebody looked, and the time at which a session was last used.
//! - Every page is complete without script, loads nothing from elsewhere, and shows what came with a
//!   mail as escaped text under a policy that lets nothing else run.
//! - What belongs to another organisation is answered like what does not exist.
//!
//! # Layout
//! [`endpoints`] what supervisors ask; [`desk`] the operations of quarantine review, without HTTP;
//! [`server`] the listener; [`pages`] the pages, each with a template in `templates/` and its words
//! in `words`; [`api`] the same for programs;
//! [`openid`] an identity provider;
//! [`report`] what organisations show to those who audit them.
#![forbid(unsafe_code)]

pub mod api;
pub mod desk;
pub mod endpoints;
pub mod openid;
pub mod pages;
pub mod report;
pub mod server;
#[cfg(test)]
mod test_store;
mod words;

pub use endpoints::Probe;
pub use pages::PageSettings;
pub use server::{Review, Server};
