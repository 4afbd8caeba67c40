//! `replay`: a corpus of mails in, their texts and a report out.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sekimori_policy::{Code, Decisions, Outcome, RemovedPart};
use sekimori_relay::ConvertFailure;
use sekimori_relay::convert::Converter;
use serde::Serialize;
use tokio::task::JoinSet;

use super::corpus::{Entry, Kind, entries, split_mbox};
use super::offline::{Converted, Offline, PrintedDecision, printed};
use crate::cli::ReplayArgs;
use crate::exit::{Exit, Failure};

/// A line of the report. Members are only ever added.
#[derive(Serialize)]
struct Line<'a> {
    path: String,
    outcome: Outcome,
    decisions: Vec<PrintedDecision<'a>>,
    removed: &'a [RemovedPart],
    bytes_in: usize,
    bytes_out: usize,
    micros: u64,
    /// Where the text was written, relative to the output folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    /// Why there is no text, when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A mail to be converted.
struct Mail {
    relative: PathBuf,
    /// Where its text goes, below the output folder.
    output: PathBuf,
    octets: Arc<Vec<u8>>,
}

/// What became of a mail.
struct Done {
    mail: Mail,
    converted: Result<Converted, (Exit, String)>,
}

/// Runs `replay`.
pub(crate) fn run(args: &ReplayArgs) -> Result<(), Failure> {
    let offline = Offline::new(args.config.as_deref(), args.organisation.as_deref())?;
    let mut files = Vec::new();
    for path in &args.paths {
        let found = entries(path).map_err(|error| {
            let failure = Failure::from(error);
            Failure::new(failure.exit, format!("{}: {}", path.display(), failure.lines.join(", ")))
        })?;
        files.extend(found);
    }
    let report: Box<dyn Write> = match &args.out {
        Some(folder) => {
            fs::create_dir_all(folder)?;
            Box::new(io::BufWriter::new(fs::File::create(folder.join("report.jsonl"))?))
        }
        None => Box::new(io::BufWriter::new(io::stdout())),
    };
    let jobs = args.jobs.map_or_else(|| offline.workers(), usize::from);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let mut replay = Replay {
        offline,
        out: args.out.clone(),
        report,
        taken: HashSet::new(),
        count: 0,
        failed: None,
    };
    runtime.block_on(replay.run(files, jobs))?;
    replay.report.flush()?;
    eprintln!("sekimori: {} mails were converted", replay.count);
    match replay.failed {
        Some((exit, count)) => {
            Err(Failure::new(exit, format!("{count} mails have no text; the report says why")))
        }
        None => Ok(()),
    }
}

struct Replay {
    offline: Offline,
    out: Option<PathBuf>,
    report: Box<dyn Write>,
    /// The places of texts so far, below the output folder.
    taken: HashSet<PathBuf>,
    count: u64,
    /// How many mails have no text, and the exit code for that.
    failed: Option<(Exit, u64)>,
}

impl Replay {
    async fn run(&mut self, files: Vec<Entry>, jobs: usize) -> Result<(), Failure> {
        let converter = Converter::start(jobs, self.offline.deadline())
            .map_err(|error| Failure::new(Exit::Unavailable, error))?;
        let converter = Arc::new(converter);
        let mut running = JoinSet::new();
        for entry in files {
            for mail in self.mails(&entry)? {
                if mail.octets.len() > self.offline.max_message_octets() {
                    self.done(&Done { mail, converted: Ok(Converted::too_large()) })?;
                    continue;
                }
                while running.len() >= jobs {
                    self.join(&mut running).await?;
                }
                running.spawn(convert(Arc::clone(&converter), self.offline.clone(), mail));
            }
        }
        while !running.is_empty() {
            self.join(&mut running).await?;
        }
        Ok(())
    }

    async fn join(&mut self, running: &mut JoinSet<Done>) -> Result<(), Failure> {
        match running.join_next().await {
            Some(Ok(done)) => self.done(&done),
            Some(Err(error)) => Err(Failure::new(Exit::Software, error)),
            None => Ok(()),
        }
    }

    /// The mails of a file. One that cannot be read is told in its place.
    fn mails(&mut self, entry: &Entry) -> Result<Vec<Mail>, Failure> {
        let mut mail = |relative: PathBuf, octets| Mail {
            output: unique(&output_path(&relative), &mut self.taken),
            relative,
            octets: Arc::new(octets),
        };
        let octets = match fs::read(&entry.file) {
            Ok(octets) => octets,
            Err(error) => {
                let mail = mail(entry.relative.clone(), Vec::new());
                self.done(&Done { mail, converted: Err((Exit::Io, error.to_string())) })?;
                return Ok(Vec::new());
            }
        };
        Ok(match entry.kind {
            Kind::Mail => vec![mail(entry.relative.clone(), octets)],
            Kind::Mbox => split_mbox(&octets)
                .into_iter()
                .enumerate()
                .map(|(n, octets)| mail(entry.relative.join(format!("{:06}", n + 1)), octets))
                .collect(),
        })
    }

    /// Writes the text and the line of the report.
    fn done(&mut self, done: &Done) -> Result<(), Failure> {
        let none = (Decisions::new(), Vec::new());
        let (converted, mut error) = match &done.converted {
            Ok(converted) => (Some(converted), None),
            Err(error) => (None, Some(error.clone())),
        };
        let mut output = None;
        if let (Some(converted), Some(folder)) = (converted, &self.out)
            && !converted.message.is_empty()
        {
            let name = done.mail.output.display();
            match write(&folder.join(&done.mail.output), &converted.message) {
                Ok(()) => output = Some(name.to_string()),
                Err(failure) => error = Some((Exit::Io, format!("{name}: {failure}"))),
            }
        }
        if let Some((exit, _)) = error {
            let count = self.failed.map_or(0, |(_, count)| count);
            self.failed = Some((exit, count + 1));
        }
        let line = Line {
            path: done.mail.relative.display().to_string(),
            outcome: converted.map_or(Outcome::Reject, |c| c.outcome),
            decisions: printed(converted.map_or(&none.0, |c| &c.decisions)),
            removed: converted.map_or(&none.1, |c| &c.removed),
            bytes_in: done.mail.octets.len(),
            bytes_out: converted.map_or(0, |c| c.message.len()),
            micros: converted.map_or(0, |c| c.micros),
            output,
            error: error.map(|(_, reason)| reason),
        };
        serde_json::to_writer(&mut self.report, &line).map_err(|e| Failure::new(Exit::Io, e))?;
        self.report.write_all(b"\n")?;
        self.count += 1;
        Ok(())
    }
}

/// Where the text of a mail goes: its own path, ending in `.eml`.
fn output_path(relative: &Path) -> PathBuf {
    let is_eml = relative.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("eml"));
    if is_eml {
        return relative.to_owned();
    }
    let mut name = relative.as_os_str().to_owned();
    name.push(".eml");
    PathBuf::from(name)
}

/// The path, or one beside it when a mail of the same name came before it.
fn unique(path: &Path, taken: &mut HashSet<PathBuf>) -> PathBuf {
    let mut candidate = path.to_owned();
    let mut number = 1_u64;
    while !taken.insert(candidate.clone()) {
        number += 1;
        candidate = path.with_extension(format!("{number}.eml"));
    }
    candidate
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}

async fn convert(converter: Arc<Converter>, offline: Offline, mail: Mail) -> Done {
    let (at_work, octets) = (offline.clone(), Arc::clone(&mail.octets));
    let converted = match converter.run(move |deadline| at_work.convert(&octets, deadline)).await {
        Ok(Some(converted)) => Ok(converted),
        Ok(None) => Err((Exit::Software, "the verifier refused the text".to_owned())),
        Err(ConvertFailure::TimedOut) => Ok(offline.failed(&mail.octets, Code::HoldTime)),
        Err(_) => Ok(offline.failed(&mail.octets, Code::HoldError)),
    };
    Done { mail, converted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_where_their_mails_stood() {
        for (input, output) in [
            ("a/b.eml", "a/b.eml"),
            ("a/b.EML", "a/b.EML"),
            ("cur/1.host:2,S", "cur/1.host:2,S.eml"),
            ("box.mbox/000001", "box.mbox/000001.eml"),
        ] {
            assert_eq!(output_path(Path::new(input)), Path::new(output));
        }
    }
}
