//! Raw message and policy in; text message, removed parts and decisions out.
//!
//! [`sanitize()`] is a pure function: no clock, no randomness, no file, no socket; the same input
//! and context give the same output. It never fails: whatever cannot be read with certainty, in
//! time or within the bounds holds the message, with a text for its reader all the same.
//!
//! Invariants: the message that comes out obeys the text-only profile; nothing of the input is
//! copied to it but text that was decoded, made safe and searched for encoded data; every octet of
//! the input is in text that crosses, in a removed part, or in a drop that a decision names;
//! sanitizing an output again changes nothing but its trace and result fields (where the
//! organisation does not want a notice in every mail).
//!
//! Bounds: those of [`sekimori_policy::Limits`], [`MAX_OWN_HOPS`] and [`MAX_HOPS`], and the
//! constants of each file. Nesting costs no call stack, and every pass over the input is linear.
//!
//! Layout: `sanitize` the whole way; `header`, `mailboxes` and `name_mark` the header that crosses;
//! `walk` the way through the parts, with `leaf` (what is shown), `alternative` (which form, by
//! `wording`), `doubt` (what readers disagree about), `plain`, `html_body`, `flowed`, `calendar`,
//! `contact` (both of `content_line`), `forwarded` (texts of their kinds), `wrapped` (parts that wrap
//! others: `cms` signatures, `tnef`, contacts), `said` (what is not said twice), `blocks` (encoded
//! data inside text), `links` (bare URLs), `detect`, `encrypted`, `family` and `removal` (removed
//! parts); `password` whether a mail tells one; `notice` the words for people; `compose` the result;
//! `rules` what an organisation's rules and
//! exceptions ask for, with `authentication` and `subject_tag`; `account` what became of every octet; `held` messages of which nothing could be read; `record`
//! what is decided on the way.
#![forbid(unsafe_code)]

mod account;
mod alternative;
mod ascii;
mod authentication;
mod blocks;
mod calendar;
mod cms;
mod compose;
mod contact;
mod content_line;
mod context;
mod detect;
mod doubt;
mod encrypted;
mod extract;
mod family;
mod flowed;
mod forwarded;
mod header;
mod held;
mod html_body;
mod leaf;
mod links;
mod mailboxes;
mod name_mark;
mod notice;
mod password;
mod plain;
mod record;
mod removal;
mod rules;
mod said;
mod sanitize;
mod subject_tag;
#[cfg(test)]
mod tests;
mod tnef;
mod walk;
mod wording;
mod wrapped;

pub use account::{Account, Fate, Stretch, Totals};
pub use context::{Context, Sanitized, Summary};
pub use extract::removed_octets;
pub use header::{MAX_HOPS, MAX_OWN_HOPS};
pub use held::{held, hold_notice};
pub use sanitize::sanitize;
pub use sekimori_html::SourceOctets;
