//! `audit`: the record of what was decided and done, and whether it is still what was written.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use sekimori_journal::chain::export::{ExportHeader, ExportLine, verify_export};
use sekimori_journal::chain::fault::chain_name;
use sekimori_journal::chain::hexadecimal::to_hex;
use sekimori_journal::chain::key::MAX_KEY_OCTETS;
use sekimori_journal::chain::merge::{CheckpointFile, CheckpointSource};
use sekimori_journal::{
    AuditEntry, AuditFilter, AuditKind, AuditPublicKey, AuditScope, Journal, Key, Order,
    StoredCheckpoint, Verification, cef,
};
use sekimori_policy::csv::BYTE_ORDER_MARK;
use sekimori_policy::{CsvLine, QueueId, ReferenceNumber, Timestamp, csv_row};
use serde_json::json;

use super::queue::open;
use crate::cli::{
    AuditCommand, AuditExportArgs, AuditFilterArgs, AuditListArgs, AuditVerifyArgs, ExportFormat,
};
use crate::exit::{Exit, Failure};

/// Records fetched from the journal at once.
const PAGE: usize = 500;

/// Runs an `audit` command.
pub(crate) fn run(command: AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::List(args) => list(&args),
        AuditCommand::Export(args) => export(&args),
        AuditCommand::Verify(args) => verify(&args),
        AuditCommand::Key(config) => {
            print!("{}", open(&config)?.audit_public_key()?.to_text());
            Ok(())
        }
    }
}

/// The conditions of a list, checked.
fn filter(args: &AuditFilterArgs) -> Result<AuditFilter, Failure> {
    let wrong = |line: String| Failure::new(Exit::Usage, line);
    let mut kinds = Vec::new();
    for name in &args.kind {
        kinds.push(AuditKind::from_name(name).ok_or_else(|| {
            let known: Vec<_> = AuditKind::ALL.iter().map(|kind| kind.as_str()).collect();
            wrong(format!("{name:?} is no kind of record; there are {}", known.join(", ")))
        })?);
    }
    let message = match (&args.queue_id, &args.reference) {
        (Some(text), _) => Some(Key::QueueId(
            text.parse::<QueueId>().map_err(|error| wrong(format!("{text:?}: {error}")))?,
        )),
        (None, Some(text)) => Some(Key::Reference(
            text.parse::<ReferenceNumber>().map_err(|error| wrong(format!("{text:?}: {error}")))?,
        )),
        (None, None) => None,
    };
    Ok(AuditFilter {
        scope: scope(args.organisation.as_ref()),
        kinds,
        message,
        actor: args.actor.clone(),
        since: moment(args.since.as_deref())?,
        until: moment(args.until.as_deref())?,
        order: Order::NewestFirst,
    })
}

fn scope(organisation: Option<&String>) -> AuditScope {
    organisation.map_or(AuditScope::All, |name| AuditScope::Organisation(name.clone()))
}

/// A day or a moment of Japanese time, or a moment with its offset.
fn moment(text: Option<&str>) -> Result<Option<Timestamp>, Failure> {
    let Some(text) = text else { return Ok(None) };
    Timestamp::parse_rfc3339(text).map(Some).ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            format!("{text:?} is no time; write it as 2026-09-21 or 2026-09-21T17:00:00+09:00"),
        )
    })
}

fn list(args: &AuditListArgs) -> Result<(), Failure> {
    let filter = filter(&args.filter)?;
    let journal = open(&args.filter.config)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut left = args.limit;
    each_entry(&journal, &filter, 0, |entry| {
        if left == 0 {
            return Ok(false);
        }
        left -= 1;
        if args.json {
            writeln!(out, "{}", ExportLine::Record(Box::new(entry)).to_json())?;
        } else {
            writeln!(
                out,
                "{} {} {} {} {} {} {}",
                entry.sequence,
                entry.at.rfc3339(),
                entry.kind,
                chain_name(entry.organisation.as_deref()),
                entry.queue_id.map_or_else(|| "-".to_owned(), |id| id.to_string()),
                entry.actor.as_deref().unwrap_or("-").escape_debug(),
                entry.details,
            )?;
        }
        Ok(true)
    })?;
    Ok(out.flush()?)
}

/// Visits the records of a filter in its order until told that it is enough.
fn each_entry(
    journal: &impl Journal,
    filter: &AuditFilter,
    after: u64,
    mut visit: impl FnMut(AuditEntry) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let mut after = after;
    loop {
        let page = journal.audit_entries(filter, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.sequence;
        for entry in page {
            if !visit(entry)? {
                return Ok(());
            }
        }
    }
}

fn export(args: &AuditExportArgs) -> Result<(), Failure> {
    let (since, until) = (moment(args.since.as_deref())?, moment(args.until.as_deref())?);
    let scope = scope(args.organisation.as_ref());
    let journal = open(&args.config)?;
    let timed = AuditFilter { scope: scope.clone(), since, until, ..AuditFilter::default() };
    let mut out = BufWriter::new(std::io::stdout().lock());
    match args.format {
        ExportFormat::Jsonl => {
            let header = ExportHeader::new(args.organisation.clone(), since, until);
            writeln!(out, "{}", ExportLine::Header(header).to_json())?;
            export_lines(&journal, &timed, &mut out)?;
        }
        ExportFormat::Csv => {
            out.write_all(BYTE_ORDER_MARK.as_bytes())?;
            out.write_all(csv_row(CSV_COLUMNS).as_bytes())?;
            each_entry(&journal, &timed, 0, |entry| {
                out.write_all(csv_line(&entry).as_bytes())?;
                Ok(true)
            })?;
        }
        ExportFormat::Cef => each_entry(&journal, &timed, 0, |entry| {
            writeln!(out, "{}", cef::record(&entry, env!("CARGO_PKG_VERSION")))?;
            Ok(true)
        })?,
    }
    Ok(out.flush()?)
}

/// Writes records and checkpoints from the first to the last of a span of time. What lies between is
/// never left out, though a record may be some milliseconds out of the span: a chain with gaps could
/// not be checked.
fn export_lines(
    journal: &impl Journal,
    timed: &AuditFilter,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let at_end = |order| -> Result<Option<u64>, Failure> {
        let filter = AuditFilter { order, ..timed.clone() };
        Ok(journal.audit_entries(&filter, 0, 1)?.first().map(|entry| entry.sequence))
    };
    let (Some(first), Some(last)) = (at_end(Order::OldestFirst)?, at_end(Order::NewestFirst)?)
    else {
        return Ok(());
    };
    let every = AuditFilter { scope: timed.scope.clone(), ..AuditFilter::default() };
    let mut checkpoints = Vec::new().into_iter();
    let mut checkpoint_id = 0;
    let mut pending: Option<StoredCheckpoint> = None;
    let mut begun = BTreeSet::new();
    each_entry(journal, &every, first.saturating_sub(1), |mut entry| {
        if entry.sequence > last {
            return Ok(false);
        }
        // The checkpoints about what came before.
        loop {
            let mut next = pending.take().or_else(|| checkpoints.next());
            if next.is_none() {
                checkpoints = journal.checkpoints(&timed.scope, checkpoint_id, PAGE)?.into_iter();
                next = checkpoints.next();
            }
            let Some(next) = next else { break };
            checkpoint_id = next.id;
            if next.checkpoint.sequence >= entry.sequence {
                pending = Some(next);
                break;
            }
            if next.checkpoint.sequence >= first {
                writeln!(out, "{}", ExportLine::Checkpoint(next.checkpoint).to_json())?;
            }
        }
        if begun.insert(entry.organisation.clone()) && entry.number.is_some_and(|n| n > 1) {
            entry.previous = before(journal, &entry)?;
        }
        writeln!(out, "{}", ExportLine::Record(Box::new(entry)).to_json())?;
        Ok(true)
    })?;
    let mut rest: Vec<_> = pending.into_iter().chain(checkpoints).collect();
    while let Some(newest) = rest.last().map(|stored| stored.id).or(Some(checkpoint_id)) {
        for stored in rest.drain(..).filter(|stored| stored.checkpoint.sequence <= last) {
            writeln!(out, "{}", ExportLine::Checkpoint(stored.checkpoint).to_json())?;
        }
        rest = journal.checkpoints(&timed.scope, newest, PAGE)?;
        if rest.is_empty() || rest.iter().all(|stored| stored.checkpoint.sequence > last) {
            break;
        }
    }
    Ok(())
}

/// The hash of the record before one in its chain.
fn before(
    journal: &impl Journal,
    entry: &AuditEntry,
) -> Result<Option<sekimori_journal::chain::Hash>, Failure> {
    let scope = entry.organisation.clone().map_or(AuditScope::Gateway, AuditScope::Organisation);
    let filter = AuditFilter { scope, order: Order::NewestFirst, ..AuditFilter::default() };
    Ok(journal.audit_entries(&filter, entry.sequence, 1)?.first().and_then(|before| before.hash))
}

const CSV_COLUMNS: [&str; 11] = [
    "通番 sequence",
    "番号 number",
    "日時 at",
    "日時（和暦）",
    "種類 kind",
    "団体 organisation",
    "キューID queue_id",
    "受付番号 reference",
    "操作者 actor",
    "詳細 details",
    "ハッシュ hash",
];

fn csv_line(entry: &AuditEntry) -> String {
    let text = |value: Option<String>| value.unwrap_or_default();
    CsvLine::new()
        .number(entry.sequence)
        .cell(&text(entry.number.map(|number| number.to_string())))
        .moment(Some(entry.at))
        .cell(&entry.kind)
        .cell(entry.organisation.as_deref().unwrap_or_default())
        .cell(&text(entry.queue_id.map(|id| id.to_string())))
        .cell(&text(entry.reference.map(|number| number.to_string())))
        .cell(entry.actor.as_deref().unwrap_or_default())
        .cell(&entry.details)
        .cell(&text(entry.hash.map(|hash| to_hex(&hash))))
        .finish()
}

fn public_key(path: &Path) -> Result<AuditPublicKey, Failure> {
    let cannot = |error: std::io::Error| {
        let failure = Failure::from(error);
        Failure::new(failure.exit, format!("{}: {}", path.display(), failure.lines.join(" ")))
    };
    let mut text = String::new();
    let file = File::open(path).map_err(cannot)?;
    std::io::Read::read_to_string(&mut std::io::Read::take(file, MAX_KEY_OCTETS), &mut text)
        .map_err(cannot)?;
    AuditPublicKey::from_text(&text).ok_or_else(|| {
        let what = "is no public key; \"sekimori audit key\" prints it";
        Failure::new(Exit::Data, format!("{} {what}", path.display()))
    })
}

fn reader(path: &PathBuf) -> Result<Box<dyn BufRead>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(path).map_err(|error| {
        let text = format!("{}: {error}", path.display());
        Failure::new(Failure::from(error).exit, text)
    })?;
    Ok(Box::new(BufReader::new(file)))
}

fn verify(args: &AuditVerifyArgs) -> Result<(), Failure> {
    let public = args.public_key.as_deref().map(public_key).transpose()?;
    let mut nothing = std::iter::empty();
    let mut file = args.checkpoints.as_ref().map(reader).transpose()?.map(CheckpointFile::new);
    let checkpoints: &mut CheckpointSource<'_> = match &mut file {
        Some(file) => file,
        None => &mut nothing,
    };
    let (found, header) = match (&args.export, public) {
        (Some(export), Some(public)) => verify_export(reader(export)?, public, checkpoints)?,
        (Some(_), None) => {
            return Err(Failure::new(Exit::Usage, "an export is checked by --public-key FILE"));
        }
        (None, public) => (open(&args.config)?.verify_audit(public, checkpoints)?, None),
    };
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", report(&found, header.as_ref()))?;
    } else {
        tell(&mut out, &found, header.as_ref(), args.export.is_none())?;
    }
    if found.is_good() {
        return Ok(());
    }
    let count = found.faults.len() as u64 + found.further_faults;
    Err(Failure::new(Exit::Data, format!("the audit record is broken in {count} places")))
}

fn report(found: &Verification, header: Option<&ExportHeader>) -> serde_json::Value {
    let chains = found.chains.iter().map(|chain| {
        json!({"organisation": chain.chain, "first": chain.first, "last": chain.last,
            "checkpoints": chain.checkpoints})
    });
    let faults = found.faults.iter().map(|fault| {
        json!({"problem": fault.problem.as_str(), "organisation": fault.chain,
            "first": fault.first, "last": fault.last, "sequence": fault.sequence,
            "text": fault.to_string()})
    });
    json!({
        "good": found.is_good(),
        "records": found.records,
        "unchained": found.unchained,
        "macs_checked": found.macs_checked,
        "export": header,
        "chains": chains.collect::<Vec<_>>(),
        "faults": faults.collect::<Vec<_>>(),
        "further_faults": found.further_faults,
    })
}

fn tell(
    out: &mut impl Write,
    found: &Verification,
    header: Option<&ExportHeader>,
    is_store: bool,
) -> std::io::Result<()> {
    if let Some(header) = header.filter(|header| header.is_partial()) {
        let side = |name: &str, value: Option<&String>| {
            value.map_or_else(String::new, |value| format!(", {name} {value}"))
        };
        writeln!(
            out,
            "the export says that it is a part: {}{}{}",
            header.organisation.as_deref().unwrap_or("every chain"),
            side("since", header.since.as_ref()),
            side("until", header.until.as_ref()),
        )?;
    }
    for chain in &found.chains {
        writeln!(
            out,
            "{}: records {} to {}, {} checkpoints agree",
            chain_name(chain.chain.as_deref()),
            chain.first,
            chain.last,
            chain.checkpoints
        )?;
    }
    if found.unchained > 0 {
        writeln!(
            out,
            "{} records are from before there were chains: nothing can be said of them",
            found.unchained
        )?;
    }
    if is_store && !found.macs_checked {
        writeln!(out, "the audit key is not here: keyed hashes were not checked")?;
    }
    for fault in &found.faults {
        writeln!(out, "BROKEN {fault}")?;
    }
    if found.further_faults > 0 {
        writeln!(out, "BROKEN and {} more", found.further_faults)?;
    }
    writeln!(out, "{} records: {}", found.records, if found.is_good() { "good" } else { "BROKEN" })
}
