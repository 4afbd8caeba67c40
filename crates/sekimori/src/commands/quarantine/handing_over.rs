//! Approved originals and removed parts, written to a file on the Internet side.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sekimori_review::desk::Source;

use super::super::desk::{self, failure};
use super::choosing::{one, usage};
use crate::cli::HandOverArgs;
use crate::exit::Failure;

pub(super) fn hand_over(args: &HandOverArgs) -> Result<(), Failure> {
    let to_output = args.out == Path::new("-");
    if to_output && io::stdout().is_terminal() {
        return Err(usage(
            "an original is not shown on a terminal: give a file to --out".to_owned(),
        ));
    }
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    let source = Source::Message(one(&desk, &person, &args.id)?);
    let download = match &args.part {
        Some(section) => desk.download_part(&person, source, section),
        None => desk.download_original(&person, source),
    };
    let download = download.map_err(|refusal| failure(&refusal, person.account.language))?;
    if to_output {
        io::stdout().lock().write_all(&download.bytes)?;
        return Ok(());
    }
    // For its reader alone, and never over what is there.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&args.out)?;
    file.write_all(&download.bytes)?;
    eprintln!("sekimori: {} ({} octets)", args.out.display(), download.bytes.len());
    Ok(())
}
