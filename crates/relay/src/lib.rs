//! Receive and deliver: the tokio drivers that join the crates below into the running relay
#![forbid(unsafe_code)]
