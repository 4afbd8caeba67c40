//! The mails of a corpus: .eml files, mbox files, Maildirs and folders of them.
//!
//! In a folder, files that end in `.eml` or `.mbox` and everything in a Maildir's `cur` and `new`
//! are taken; other files are taken when they begin like a mail or an mbox does and do not end like
//! something else (`.txt`, `.json` and so on, which often lie beside mails).

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Folders inside folders that are followed.
const MAX_DEPTH: usize = 64;
/// Octets of a file that are looked at to tell whether it is a mail.
const SNIFF: usize = 1_024;
/// Endings of files that are no mails though they may begin like one.
const OTHER_ENDINGS: [&str; 14] = [
    "txt", "json", "jsonl", "toml", "md", "html", "csv", "tsv", "py", "sh", "log", "gz", "zip",
    "xz",
];

/// A file of the corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The file.
    pub(crate) file: PathBuf,
    /// Its path relative to the PATH that was given; the file's name when that was a file.
    pub(crate) relative: PathBuf,
    /// What it holds.
    pub(crate) kind: Kind,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One mail.
    Mail,
    /// Many mails, each after a line that begins with `From `.
    Mbox,
}

/// The files of a PATH, in the order of their names.
pub(crate) fn entries(path: &Path) -> io::Result<Vec<Entry>> {
    if !fs::metadata(path)?.is_dir() {
        let relative = path.file_name().map_or_else(|| PathBuf::from("mail"), PathBuf::from);
        let mbox =
            ends_in(path, &["mbox"]) || (!ends_in(path, &["eml"]) && begins_like_mbox(path)?);
        let kind = if mbox { Kind::Mbox } else { Kind::Mail };
        return Ok(vec![Entry { file: path.to_owned(), relative, kind }]);
    }
    let mut found = Vec::new();
    let mut folders = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for item in fs::read_dir(&folder)? {
            let item = item?;
            let (file, kind) = (item.path(), item.file_type()?);
            if kind.is_dir() && depth < MAX_DEPTH {
                folders.push((file, depth + 1));
            } else if kind.is_file()
                && let Some(kind) = kind_in_folder(&file)?
            {
                let relative = file.strip_prefix(path).unwrap_or(&file).to_owned();
                found.push(Entry { file, relative, kind });
            }
        }
    }
    found.sort_by(|a, b| a.relative.cmp(&b.relative));
    Ok(found)
}

fn kind_in_folder(file: &Path) -> io::Result<Option<Kind>> {
    if ends_in(file, &["eml"]) {
        return Ok(Some(Kind::Mail));
    }
    if ends_in(file, &["mbox"]) {
        return Ok(Some(Kind::Mbox));
    }
    let parent = file.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    if matches!(parent, Some("cur" | "new")) {
        return Ok(Some(Kind::Mail));
    }
    let hidden = file.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with('.'));
    if hidden || ends_in(file, &OTHER_ENDINGS) {
        return Ok(None);
    }
    if begins_like_mbox(file)? {
        return Ok(Some(Kind::Mbox));
    }
    Ok(begins_with_field(&sniff(file)?).then_some(Kind::Mail))
}

fn ends_in(file: &Path, endings: &[&str]) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| endings.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}

fn sniff(file: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    let limit = u64::try_from(SNIFF).unwrap_or(u64::MAX);
    fs::File::open(file)?.take(limit).read_to_end(&mut start)?;
    Ok(start)
}

fn begins_like_mbox(file: &Path) -> io::Result<bool> {
    Ok(sniff(file)?.starts_with(b"From "))
}

/// Whether the first line is a header field (RFC 5322 section 2.2).
fn begins_with_field(start: &[u8]) -> bool {
    let name = start.split(|&b| b == b':').next().unwrap_or_default();
    name.len() < start.len() && !name.is_empty() && name.iter().all(|&b| (33..=126).contains(&b))
}

/// Splits an mbox: a message begins after a line that begins with `From ` at the start or after an
/// empty line. One `>` is taken from lines of `>` and `From `, as mboxrd quotes them.
pub(crate) fn split_mbox(octets: &[u8]) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    let mut after_empty = true;
    for line in octets.split_inclusive(|&b| b == b'\n') {
        if after_empty && line.starts_with(b"From ") {
            messages.push(Vec::new());
            after_empty = false;
            continue;
        }
        after_empty = line == b"\n" || line == b"\r\n";
        let quotes = line.iter().take_while(|&&b| b == b'>').count();
        let quoted =
            quotes > 0 && line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
        let line = if quoted { line.get(1..).unwrap_or_default() } else { line };
        match messages.last_mut() {
            Some(message) => message.extend_from_slice(line),
            None => messages.push(line.to_vec()),
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_mbox_is_split_at_its_from_lines_only() {
        let mbox = b"From a@b Mon\nSubject: 1\n\ntext\n>From here\nFrom there\n\nFrom c@d Tue\nSubject: 2\n";
        let messages = split_mbox(mbox);
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0], b"Subject: 1\n\ntext\nFrom here\nFrom there\n\n");
        assert_eq!(messages[1], b"Subject: 2\n");
        assert!(split_mbox(b"").is_empty());
    }

    #[test]
    fn a_folder_gives_its_mails_and_not_what_lies_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        write("b/a.eml", "anything at all");
        write("a.eml", "Subject: x\n\n");
        write("a.txt", "Subject: x\n\n");
        write("a.json", "{}");
        write("00001.7c53", "Return-Path: <a@b.jp>\n\n");
        write("notes", "no mail\n");
        write("inbox", "From a@b Mon\nSubject: x\n\n");
        write("maildir/cur/1.host:2,S", "Subject: x\n\n");
        write("maildir/tmp/1", "not delivered yet\n");
        let found: Vec<_> = entries(folder.path())
            .unwrap()
            .into_iter()
            .map(|entry| (entry.relative.display().to_string(), entry.kind))
            .collect();
        assert_eq!(
            found,
            [
                ("00001.7c53".to_owned(), Kind::Mail),
                ("a.eml".to_owned(), Kind::Mail),
                ("b/a.eml".to_owned(), Kind::Mail),
                ("inbox".to_owned(), Kind::Mbox),
                ("maildir/cur/1.host:2,S".to_owned(), Kind::Mail),
            ]
        );
    }
}
