//! Processes under measurement: their family tree, CPU time and memory, as `/proc` tells them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// A free address on 127.0.0.1. Another process may take it before it is used.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Whether an SMTP server at `address` greets with 220 now.
pub fn greets(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut code = [0; 3];
        stream.read_exact(&mut code)?;
        stream.write_all(b"QUIT\r\n")?;
        Ok(&code == b"220")
    };
    ask().unwrap_or(false)
}

/// The process `root` and its living descendants, parents before their children.
///
/// Empty when `root` is gone. Processes that start or end meanwhile may be missing.
pub fn tree(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, Stat::read(pid).ok()?.parent)))
        .collect();
    let mut family: Vec<u32> =
        parents.iter().map(|&(pid, _)| pid).filter(|&pid| pid == root).collect();
    let mut next = 0;
    while let Some(&parent) = family.get(next) {
        family.extend(parents.iter().filter(|p| p.1 == parent).map(|p| p.0));
        next += 1;
    }
    family
}

/// CPU time, user and system, that the family of `root` has used since it began.
///
/// For the living, what [`cpu_time_of`] tells; for those that have ended and been waited for, what
/// their parents' `cutime` and `cstime` tell. Postfix's master waits for all of its daemons.
pub fn cpu_time(root: u32) -> Duration {
    tree(root)
        .into_iter()
        .filter_map(|pid| Some(cpu_time_of(pid) + ticks(Stat::read(pid).ok()?.ended_children)))
        .sum()
}

/// CPU time, user and system, that one living process has used itself. Zero when it is gone.
///
/// The greater of two counts that each fall short in another way: `utime` and `stime` are cut off
/// to a whole tick, which is a lot over a hundred short-lived daemons, and the scheduler's count of
/// each thread in nanoseconds does not have the threads that have ended.
pub fn cpu_time_of(pid: u32) -> Duration {
    let counted = ticks(Stat::read(pid).map_or(0, |stat| stat.own));
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let scheduled: u64 = threads
        .into_iter()
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("schedstat")).ok())
        .filter_map(|line| line.split(' ').next()?.parse::<u64>().ok())
        .sum();
    counted.max(Duration::from_nanos(scheduled))
}

fn ticks(number: u64) -> Duration {
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    Duration::from_micros(number.saturating_mul(1_000_000) / per_second)
}

/// CPU time that the living threads of one process have used, summed by their names.
pub fn cpu_time_by_thread(pid: u32) -> BTreeMap<String, Duration> {
    let mut times = BTreeMap::new();
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    for thread in threads.into_iter().flatten().flatten() {
        let of = |file: &str| fs::read_to_string(thread.path().join(file));
        let (Ok(name), Ok(line)) = (of("comm"), of("schedstat")) else { continue };
        let time = line.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default();
        *times.entry(name.trim_end().to_owned()).or_default() += Duration::from_nanos(time);
    }
    times
}

/// The most memory that each living process of the family of `root` has had at one time, summed, in
/// octets (`VmHWM`). Pages that processes share are counted once for each of them.
pub fn peak_memory(root: u32) -> u64 {
    tree(root)
        .into_iter()
        .filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/status")).ok())
        .filter_map(|status| memory(&status, "VmHWM:"))
        .sum()
}

/// The memory that one living process has now, in octets (`VmRSS`). Zero when it is gone.
pub fn resident_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status"));
    status.ok().and_then(|status| memory(&status, "VmRSS:")).unwrap_or_default()
}

fn memory(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// What is read of `/proc/<pid>/stat` (proc(5)).
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// CPU time of the process itself, in ticks.
    own: u64,
    /// CPU time of its children that have ended, in ticks.
    ended_children: u64,
}

impl Stat {
    fn read(pid: u32) -> Result<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat"))?)
    }

    fn parse(line: &str) -> Result<Self> {
        // The name in parentheses may hold anything, parentheses included.
        let (_, rest) = line.rsplit_once(')').context("no name")?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let field = |number: usize| -> Result<&str> {
            fields.get(number - 3).copied().with_context(|| format!("no field {number}"))
        };
        let ticks = |first: usize| -> Result<u64> {
            Ok(field(first)?.parse::<u64>()? + field(first + 1)?.parse::<u64>()?)
        };
        Ok(Self { parent: field(4)?.parse()?, own: ticks(14)?, ended_children: ticks(16)? })
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let line = "42 (a) b) S 7 42 42 0 -1 4194560 1 2 3 4 10 20 300 4000 20 0 1 0 5 6 7";
        assert_eq!(Stat::parse(line).unwrap(), Stat { parent: 7, own: 30, ended_children: 4300 });
    }

    #[test]
    fn a_child_belongs_to_the_tree_and_is_gone_once_waited_for() {
        let mut child = Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let own = std::process::id();
        assert!(tree(own).contains(&child.id()));
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(!tree(own).contains(&child.id()));
    }

    #[test]
    fn work_of_a_child_that_has_ended_is_counted() {
        let before = cpu_time(std::process::id());
        let status = Command::new("sh")
            .args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"])
            .status()
            .unwrap();
        assert!(status.success());
        assert!(cpu_time(std::process::id()) >= before + Duration::from_millis(50));
    }

    #[test]
    fn memory_is_told_in_octets() {
        assert_eq!(
            memory("Name:\tx\nVmHWM:\t   12 kB\nVmRSS:\t 3 kB\n", "VmHWM:"),
            Some(12 * 1024)
        );
        assert!(peak_memory(std::process::id()) > 1024 * 1024);
    }
}
