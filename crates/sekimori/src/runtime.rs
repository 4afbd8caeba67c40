//! The threads that sockets are served on.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// Starts the runtime, with one thread for every two processors.
///
/// What takes time runs on threads of its own: conversion, the journal's writer, everything that may
/// block. Moving octets takes so little beside it that more threads only wake each other: on two
/// processors a second one makes a lone session slower by a fifth.
pub(crate) fn start() -> io::Result<Runtime> {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    Builder::new_multi_thread()
        .worker_threads((processors / 2).max(1))
        .thread_name("runtime")
        .enable_all()
        .build()
}
