//! `report`: what an organisation shows to those who audit it.

use std::io::Write;

use sekimori_review::desk::Right;
use sekimori_review::report::{Kind, Period};

use super::desk::{self, failure};
use crate::cli::{ReportArgs, ReportCommand, ReportFormat};
use crate::exit::{Exit, Failure};

/// Runs a `report` command.
pub(crate) fn run(command: &ReportCommand) -> Result<(), Failure> {
    match command {
        ReportCommand::Monthly(args) => write(args, Kind::Monthly),
        ReportCommand::SelfCheck(args) => write(args, Kind::SelfCheck),
        ReportCommand::Requests(args) => write(args, Kind::Requests),
    }
}

fn write(args: &ReportArgs, kind: Kind) -> Result<(), Failure> {
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    let language = person.account.language;
    let period = match &args.period {
        Some(text) => Period::parse(text),
        None => Period::month_before(desk.now()),
    };
    let period = period.map_err(|error| Failure::new(Exit::Usage, error))?;
    let organisation = match &args.organisation {
        Some(name) => name.clone(),
        None => match desk.organisations(&person, Right::Report).as_slice() {
            [name] => name.clone(),
            names => {
                let line = format!("--organisation must name one of: {}", names.join(", "));
                return Err(Failure::new(Exit::Usage, line));
            }
        },
    };
    let report = desk
        .report(&person, kind, &organisation, period, language)
        .map_err(|refusal| failure(&refusal, language))?;
    let text = match args.format {
        ReportFormat::Html => report.html().map_err(|e| Failure::new(Exit::Software, e))?,
        ReportFormat::Csv => report.csv(),
        ReportFormat::Jsonl => report.json_lines(),
    };
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}
