//! The folder of one instance, laid out as Postfix wants it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

/// Queue folders of the user `postfix`, closed to everyone else.
const QUEUES: [&str; 11] = [
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
    "saved", "trace",
];

/// Queue folders in which messages wait or are under way.
const WAITING: [&str; 4] = ["incoming", "active", "deferred", "hold"];

/// The temporary folder of one instance, removed with it.
#[derive(Debug)]
pub(super) struct Folders {
    root: TempDir,
    owner: u32,
}

impl Folders {
    /// Makes a new folder in `parent`, with everything in it that Postfix does not make itself.
    pub(super) fn create(parent: Option<&Path>) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("sekimori-postfix-");
        let root = match parent {
            Some(parent) => builder.tempdir_in(parent)?,
            None => builder.tempdir()?,
        };
        let folders = Self { root, owner: numeric_id("-u", "postfix")? };
        let group = group_id("postdrop")?;
        let queue = folders.queue();
        // The daemons run as `postfix` and have to get through to their folders.
        folders.make(folders.path(), 0o755, 0, 0)?;
        folders.make(&folders.configuration(), 0o755, 0, 0)?;
        folders.make(&queue, 0o755, 0, 0)?;
        folders.make(&queue.join("pid"), 0o755, 0, 0)?;
        for name in QUEUES {
            folders.make(&queue.join(name), 0o700, folders.owner, 0)?;
        }
        folders.make(&queue.join("maildrop"), 0o730, folders.owner, group)?;
        folders.make(&queue.join("public"), 0o710, folders.owner, group)?;
        for own in ["data", "log", "mail"] {
            folders.make(&folders.path().join(own), 0o700, folders.owner, 0)?;
        }
        Ok(folders)
    }

    fn make(&self, path: &Path, mode: u32, owner: u32, group: u32) -> Result<()> {
        if path != self.path() {
            fs::create_dir(path)?;
        }
        chown(path, Some(owner), Some(group))?;
        fs::set_permissions(path, Permissions::from_mode(mode))?;
        Ok(())
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        self.root.path()
    }

    /// Where `main.cf` and `master.cf` are.
    pub(super) fn configuration(&self) -> PathBuf {
        self.path().join("conf")
    }

    /// Where messages wait.
    pub(super) fn queue(&self) -> PathBuf {
        self.path().join("queue")
    }

    /// Where Postfix keeps what is its own, such as TLS session caches.
    pub(super) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// The mail log.
    pub(super) fn log_file(&self) -> PathBuf {
        self.path().join("log/mail.log")
    }

    /// The folder above the Maildir.
    pub(super) fn mail(&self) -> PathBuf {
        self.path().join("mail")
    }

    /// The numeric id of the user `postfix`.
    pub(super) fn owner(&self) -> u32 {
        self.owner
    }

    /// The messages that wait or are under way.
    pub(super) fn queued(&self) -> Result<usize> {
        let mut pending: Vec<PathBuf> = WAITING.iter().map(|q| self.queue().join(q)).collect();
        let mut files = 0;
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                // A message moves between queues while we look.
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => pending.push(entry.path()),
                    Ok(_) => files += 1,
                    Err(_) => {}
                }
            }
        }
        Ok(files)
    }

    /// The Maildir's messages as they were received, in order of delivery.
    pub(super) fn delivered(&self) -> Result<Vec<Vec<u8>>> {
        let folder = self.mail().join(super::configuration::MAILDIR).join("new");
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            found.push((entry.metadata()?.modified()?, entry.path()));
        }
        found.sort();
        found.iter().map(|(_, path)| Ok(without_own_fields(&fs::read(path)?))).collect()
    }
}

/// The message as it came in: without the fields that Postfix puts on top, the last of which is
/// its own `Received` with its continuation lines, and with the line ends of the wire.
fn without_own_fields(stored: &[u8]) -> Vec<u8> {
    let mut lines = stored.split_inclusive(|&b| b == b'\n').peekable();
    for line in lines.by_ref() {
        if starts_with_ignoring_case(line, b"received:") {
            break;
        }
    }
    while lines.peek().is_some_and(|line| matches!(line.first(), Some(b' ' | b'\t'))) {
        lines.next();
    }
    let mut message = Vec::with_capacity(stored.len());
    for line in lines {
        message.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
        message.extend_from_slice(b"\r\n");
    }
    message
}

fn starts_with_ignoring_case(line: &[u8], start: &[u8]) -> bool {
    line.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

fn numeric_id(option: &str, name: &str) -> Result<u32> {
    let output = Command::new("id").args([option, name]).output()?;
    String::from_utf8(output.stdout)?
        .trim()
        .parse()
        .with_context(|| format!("the user {name} does not exist"))
}

fn group_id(name: &str) -> Result<u32> {
    let groups = fs::read_to_string("/etc/group")?;
    for line in groups.lines() {
        let mut fields = line.split(':');
        if fields.next() == Some(name) {
            return fields
                .nth(1)
                .and_then(|id| id.parse().ok())
                .context("/etc/group is not well formed");
        }
    }
    bail!("the group {name} does not exist")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postfix_put_on_top_is_taken_off_and_nothing_else() {
        let stored = b"Return-Path: <a@example.jp>\nDelivered-To: b@example.jp\n\
            Received: from x\n\tby y;\n\tMon\nReceived: from earlier\nSubject: s\n\nbody\n";
        assert_eq!(
            without_own_fields(stored),
            b"Received: from earlier\r\nSubject: s\r\n\r\nbody\r\n"
        );
    }
}
