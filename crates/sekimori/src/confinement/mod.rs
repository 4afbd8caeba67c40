//! Confinement of the process to what it needs, once its configuration is read: no new privileges, no
//! core dumps, files and ports by Landlock, system calls by seccomp.
//!
//! Both hold for the thread that asks for them and for all that it starts, so this comes before any
//! other thread. What a kernel does not have is said in the log; `confinement.mode` decides whether
//! the process goes on without.
//!
//! Layout: `files` what Landlock permits, `calls` what seccomp permits.

mod calls;
mod files;
#[cfg(test)]
mod tests;

use std::path::Path;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use crate::configuration::{Checked, ConfinementMode, Source};
use crate::exit::{Exit, Failure};

/// Confines this process, whose configuration is `config`. To be called with no other thread running.
///
/// # Errors
/// When something is missing and `confinement.mode` is `required`.
pub(crate) fn confine(config: &Path, source: &Source, checked: &Checked) -> Result<(), Failure> {
    forbid_core_dumps();
    if rustix::process::geteuid().is_root() {
        tracing::warn!("running as root: run it as a user of its own that may bind its ports");
    }
    if source.settings.confinement.mode == ConfinementMode::Off {
        tracing::warn!("not confined: confinement.mode is \"off\"");
        return Ok(());
    }
    let mut missing = Vec::new();
    match files::Permitted::of(config, source, checked).restrict() {
        Ok(files::Extent::Whole) => {}
        Ok(files::Extent::Part) => missing.push(
            "this kernel's Landlock is older than that of Linux 6.12: it confines a part of files, ports \
             and signals"
                .to_owned(),
        ),
        Err(why) => missing.push(format!("files and ports are not confined (Landlock): {why}")),
    }
    if let Err(why) = calls::restrict() {
        missing.push(format!("system calls are not confined (seccomp): {why}"));
    }
    if missing.is_empty() {
        tracing::info!("confined: files and ports by Landlock, system calls by seccomp");
        return Ok(());
    }
    for line in &missing {
        tracing::warn!("{line}");
    }
    if source.settings.confinement.mode == ConfinementMode::Required {
        return Err(Failure { exit: Exit::Unavailable, lines: missing });
    }
    Ok(())
}

/// Octets of memory that a worker may have. Mail of 50 MB takes a tenth of it.
#[cfg(feature = "internet")]
const WORKER_MEMORY: u64 = 2 * 1024 * 1024 * 1024;

/// Confines a worker process to its input, its output and some memory.
///
/// # Errors
/// When system calls cannot be confined: a worker does not run without.
#[cfg(feature = "internet")]
pub(crate) fn confine_worker() -> Result<(), Failure> {
    forbid_core_dumps();
    let most = Rlimit { current: Some(WORKER_MEMORY), maximum: Some(WORKER_MEMORY) };
    setrlimit(Resource::As, most)
        .map_err(|error| Failure::new(Exit::Unavailable, format!("limiting memory: {error}")))?;
    // Nothing is permitted. Where there is no Landlock, no call is permitted that opens anything.
    let _ = files::Permitted::default().restrict();
    calls::restrict_worker().map_err(|why| Failure::new(Exit::Unavailable, why))
}

/// Confines the spawner of workers to starting this program, where there is Landlock.
#[cfg(feature = "internet")]
pub(crate) fn confine_spawner() {
    forbid_core_dumps();
    let _ = files::Permitted::for_running().restrict();
}

/// Mail would stand in a core dump. Nor may other processes of the same user look into this one.
fn forbid_core_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps may be written");
    }
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "other processes of this user may look into this one");
    }
}
