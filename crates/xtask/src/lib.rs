//! What sekimori's tests and developer commands run against.
//!
//! Layout: [`postfix`] private Postfix instances; [`sink`] a next hop that takes everything;
//! [`load`] senders; [`mail`] what they send; [`process`] CPU time and memory of a server under
//! test; [`sequence`] numbers that look random.

pub mod load;
pub mod mail;
pub mod postfix;
pub mod process;
pub mod sequence;
pub mod sink;
