#![allow(
    clippy::print_stdout,
    reason = "printing is what a developer command does"
)]
//! `cargo xtask …`: the developer commands.
fn main() {}
