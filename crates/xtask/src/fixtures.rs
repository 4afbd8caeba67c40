//! Fixture mails against what was reviewed and judged of them.
//!
//! Beside each `NAME.eml` stand `NAME.must.toml`, a person's judgement that is never rewritten, and
//! `NAME.txt` and `NAME.json`, what came of the mail when a person last looked. [`review`] has the
//! binary convert all mails at once (`sekimori replay`) and tells every difference.

mod decode;
mod diff;
mod must;
mod replay;

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use must::Must;
use replay::Converted;

/// What to review.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The binary that converts.
    pub binary: PathBuf,
    /// The folder of `fixtures.toml` and `mail`.
    pub folder: PathBuf,
    /// Only mails whose path below `mail` has this in it.
    pub filter: Option<String>,
    /// Whether differences become the new expectation.
    pub accept: bool,
}

/// What a review found.
#[derive(Debug, Clone, Default)]
pub struct Review {
    /// Mails looked at.
    pub mails: usize,
    /// Differences from what was reviewed, a file each.
    pub changes: Vec<Change>,
    /// Judgements that do not hold. Accepting changes does not make them hold.
    pub violations: Vec<Violation>,
}

impl Review {
    /// Whether everything is as reviewed and as judged.
    pub fn is_clean(&self) -> bool {
        self.changes.is_empty() && self.violations.is_empty()
    }
}

/// An expectation that differs from what comes out now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file, below `mail`.
    pub path: String,
    /// What is different, in lines that begin with ` `, `-` (reviewed) or `+` (now).
    pub difference: String,
}

/// A judgement that does not hold for what comes out now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The mail, below `mail`.
    pub path: String,
    /// What does not hold.
    pub fault: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--- {}\n{}", self.path, self.difference)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.fault)
    }
}

/// Converts the mails and compares. Fails when the binary or a file does; what comes out wrong is in
/// the review.
pub fn review(settings: &Settings) -> Result<Review> {
    let root = settings.folder.join("mail");
    let wanted = |path: &str| settings.filter.as_ref().is_none_or(|part| path.contains(part));
    let mails: Vec<String> = files(&root, "eml")?.into_iter().filter(|path| wanted(path)).collect();
    ensure!(!mails.is_empty(), "no mail below {} is meant", root.display());
    let configuration = settings.folder.join("fixtures.toml");
    let mut converted = replay::replay(&settings.binary, &configuration, &root)?;
    let mut review = Review { mails: mails.len(), ..Review::default() };
    for path in &mails {
        match converted.remove(path) {
            Some(one) => compare(settings.accept, &root, path, &one, &mut review)?,
            None => review.violations.push(Violation {
                path: path.clone(),
                fault: "the report does not have it".to_owned(),
            }),
        }
    }
    let known: BTreeSet<&str> = mails.iter().filter_map(|mail| mail.strip_suffix(".eml")).collect();
    for ending in ["txt", "json", "must.toml"] {
        for path in files(&root, ending)?.into_iter().filter(|path| wanted(path)) {
            let name = path.strip_suffix(ending).and_then(|name| name.strip_suffix('.'));
            if name.is_some_and(|name| !known.contains(name)) {
                let fault = "there is no mail of this name".to_owned();
                review.violations.push(Violation { path, fault });
            }
        }
    }
    Ok(review)
}

fn compare(
    accept: bool,
    root: &Path,
    path: &str,
    converted: &Converted,
    review: &mut Review,
) -> Result<()> {
    let name = path.strip_suffix(".eml").unwrap_or(path);
    let judgement = root.join(format!("{name}.must.toml"));
    if judgement.exists() {
        let text = fs::read_to_string(&judgement)?;
        let must = Must::parse(&text).with_context(|| judgement.display().to_string())?;
        review.violations.extend(
            must.faults(converted)
                .into_iter()
                .map(|fault| Violation { path: path.to_owned(), fault }),
        );
    }
    let text = match &converted.message {
        Some(message) => decode::decode(message).with_context(|| path.to_owned())?.to_string(),
        None => "Nothing crosses.\n".to_owned(),
    };
    for (ending, now) in [("txt", text), ("json", converted.result_as_json()?)] {
        let path = format!("{name}.{ending}");
        let file = root.join(&path);
        let reviewed = if file.exists() { fs::read_to_string(&file)? } else { String::new() };
        if reviewed != now {
            let difference = diff::lines(&reviewed, &now);
            review.changes.push(Change { path, difference });
            if accept {
                fs::write(&file, &now)?;
            }
        }
    }
    Ok(())
}

/// The files below `root` with this ending, as paths relative to it with `/`, in order.
pub fn files(root: &Path, ending: &str) -> Result<Vec<String>> {
    let mut pending = vec![root.to_path_buf()];
    let mut found = Vec::new();
    while let Some(folder) = pending.pop() {
        let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else if let Some(relative) = path.strip_prefix(root)?.to_str()
                && relative.strip_suffix(ending).is_some_and(|name| name.ends_with('.'))
            {
                found.push(relative.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests;
