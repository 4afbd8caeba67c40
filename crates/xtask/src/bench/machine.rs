//! What a run was measured on.

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
use serde::Serialize;
use tempfile::TempDir;

/// `f_type` of a file system in memory (statfs(2)), on which a sync costs nothing.
const TMPFS: u64 = 0x0102_1994;

/// The machine, as far as figures depend on it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Machine {
    processors: usize,
    model: String,
    kernel: String,
    memory_mib: u64,
    folder_in_memory: bool,
    load_average: String,
}

/// Describes this machine; `folder` is where queues will be.
pub(super) fn describe(folder: &Path) -> Result<Machine> {
    let file_system =
        rustix::fs::statfs(folder).with_context(|| format!("{}", folder.display()))?;
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix(':'))
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let memory = value(&read("/proc/meminfo"), "MemTotal");
    let kib: u64 = memory
        .split_ascii_whitespace()
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or_default();
    Ok(Machine {
        processors: std::thread::available_parallelism()?.get(),
        model: value(&read("/proc/cpuinfo"), "model name"),
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        memory_mib: kib / 1024,
        folder_in_memory: u64::try_from(file_system.f_type).is_ok_and(|kind| kind == TMPFS),
        load_average: read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" "),
    })
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} processors ({}), {} MiB, Linux {}, load before {}",
            self.processors, self.model, self.memory_mib, self.kernel, self.load_average
        )?;
        if self.folder_in_memory {
            f.write_str("\nThe queues are in memory: the figures say nothing about durable mail.")?;
        }
        Ok(())
    }
}

/// A folder for measurements, whose subfolders the file system keeps apart from each other.
///
/// Servers that make and delete files for each message leave inodes behind that ext4 does not use again
/// for a minute (without its journal) and searches past, so that whoever is measured next in their
/// neighbourhood pays for them.
pub(super) fn work_folder(parent: &Path) -> Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("sekimori-bench-").tempdir_in(parent)?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    let file = fs::File::open(folder.path())?;
    if let Ok(flags) = ioctl_getflags(&file) {
        // Other file systems have no such flag, and no such trouble.
        let _ = ioctl_setflags(&file, flags | IFlags::TOPDIR);
    }
    Ok(folder)
}
