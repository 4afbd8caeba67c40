//! `sanitize`: one mail in, its text out.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;

use sekimori_policy::{Code, Outcome, RemovedPart};
use sekimori_relay::ConvertFailure;
use sekimori_relay::convert::Converter;
use serde::Serialize;

use super::offline::{Offline, PrintedDecision, printed};
use crate::cli::SanitizeArgs;
use crate::exit::{Exit, Failure};

/// The object of `--json`. Members are only ever added.
#[derive(Serialize)]
struct Printed<'a> {
    message: &'a str,
    outcome: Outcome,
    removed: &'a [RemovedPart],
    decisions: Vec<PrintedDecision<'a>>,
    octets: PrintedOctets<'a>,
}

/// What became of the octets of the input: those that cross, are removed or dropped are together all
/// of them.
#[derive(Serialize)]
struct PrintedOctets<'a> {
    crosses: usize,
    removed: usize,
    dropped: &'a BTreeMap<Code, usize>,
    /// Of the HTML that is shown, decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<PrintedHtml<'a>>,
}

#[derive(Serialize)]
struct PrintedHtml<'a> {
    seen: usize,
    dropped: &'a BTreeMap<Code, usize>,
}

/// Runs `sanitize`.
pub(crate) fn run(args: &SanitizeArgs) -> Result<(), Failure> {
    let offline = Offline::new(args.config.as_deref(), args.organisation.as_deref())?;
    let raw = read(&args.file, offline.max_message_octets())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let converted = runtime.block_on(async {
        let converter = Converter::start(1, offline.deadline())
            .map_err(|error| Failure::new(Exit::Unavailable, error))?;
        let (at_work, octets) = (offline.clone(), raw.clone());
        match converter.run(move |deadline| at_work.convert(&octets, deadline)).await {
            Ok(Some(converted)) => Ok(converted),
            Ok(None) => Err(Failure::new(
                Exit::Software,
                "the verifier refused the text; nothing is printed",
            )),
            Err(ConvertFailure::TimedOut) => Ok(offline.failed(&raw, Code::HoldTime)),
            Err(_) => Ok(offline.failed(&raw, Code::HoldError)),
        }
    })?;
    let mut out = std::io::stdout().lock();
    if args.json {
        // The profile is ASCII.
        let message = str::from_utf8(&converted.message)
            .map_err(|error| Failure::new(Exit::Software, error))?;
        let printed = Printed {
            message,
            outcome: converted.outcome,
            removed: &converted.removed,
            decisions: printed(&converted.decisions),
            octets: PrintedOctets {
                crosses: converted.octets.crosses,
                removed: converted.octets.removed,
                dropped: &converted.octets.dropped,
                html: (converted.html.total() > 0).then_some(PrintedHtml {
                    seen: converted.html.seen,
                    dropped: &converted.html.dropped,
                }),
            },
        };
        serde_json::to_writer(&mut out, &printed).map_err(|e| Failure::new(Exit::Io, e))?;
        out.write_all(b"\n")?;
    } else {
        out.write_all(&converted.message)?;
        for decision in &converted.decisions {
            eprintln!(
                "sekimori: {}: {} ({})",
                decision.code,
                decision.code.english(),
                decision.count
            );
        }
    }
    out.flush()?;
    Ok(())
}

/// Reads a mail of bounded size.
fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let name = path.display();
    let wrong = |reason: &str| Failure::new(Exit::Data, format!("{name}: {reason}"));
    let named = |error: std::io::Error| {
        let mut failure = Failure::from(error);
        failure.lines = failure.lines.iter().map(|line| format!("{name}: {line}")).collect();
        failure
    };
    let mut raw = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    if path.as_os_str() == "-" {
        std::io::stdin().lock().take(bound).read_to_end(&mut raw).map_err(named)?;
    } else {
        if path.is_dir() {
            return Err(wrong("is a folder, not a mail; replay takes folders"));
        }
        std::fs::File::open(path)
            .map_err(named)?
            .take(bound)
            .read_to_end(&mut raw)
            .map_err(named)?;
    }
    if raw.is_empty() {
        return Err(wrong("is empty, so it is no mail"));
    }
    if raw.len() > limit {
        return Err(wrong(&format!("is larger than {limit} octets, the largest message taken")));
    }
    Ok(raw)
}
