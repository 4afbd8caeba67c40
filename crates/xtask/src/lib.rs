//! What sekimori's tests and developer commands run against.
//!
//! Layout: [`postfix`] private Postfix instances; [`process`] CPU time and memory of a server under
//! test.

pub mod postfix;
pub mod process;
