//! What sekimori's tests and developer commands run against.
//!
//! Layout: [`relay`] a sekimori process; [`postfix`] private Postfix instances; [`sink`] a next hop
//! that takes everything; [`load`] senders; [`mail`] what they send; [`process`] CPU time and memory
//! of a server under test; [`browser`] a headless Chromium; [`fixtures`] fixture mails against their expectations; [`fidelity`] the
//! text of HTML against what a browser shows; [`hostile`] mails made to cost time; [`certificate`] certificates made on
//! the spot; [`workspace`] the checkout and its binary; [`sequence`] numbers that look random.

pub mod browser;
pub mod certificate;
pub mod fidelity;
pub mod fixtures;
pub mod flame;
pub mod hostile;
pub mod load;
pub mod mail;
pub mod plot;
pub mod postfix;
pub mod process;
pub mod relay;
pub mod sequence;
pub mod sink;
pub mod workspace;
