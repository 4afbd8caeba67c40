//! Quarantine review from the command line: the desk over the store, and who acts.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, RwLock};

use sekimori_journal::{Register, open_for_actions};
use sekimori_policy::Language;
use sekimori_review::desk::{self, Desk, Origin, Person, Refusal};

use super::pages;
use super::queue::actor_name;
use crate::cli::ConfigArgs;
use crate::configuration::{self, Checked};
use crate::exit::{Exit, Failure};

/// The environment variable with a person's token.
const TOKEN: &str = "SEKIMORI_TOKEN";
/// Longest file with a token or a password that is read, in octets.
const MAX_SECRET_OCTETS: u64 = 8 * 1024;

/// Opens the desk that a configuration names, while the relay runs or not.
pub(super) fn open(config: &ConfigArgs) -> Result<Desk, Failure> {
    let (_, checked) = configuration::read(Some(&config.config))?;
    open_as(&checked)
}

/// Opens the desk of a configuration that was read.
pub(super) fn open_as(checked: &Checked) -> Result<Desk, Failure> {
    let register: Arc<dyn Register> =
        Arc::new(open_for_actions(&checked.journal_path, &checked.journal)?);
    let organisations = checked.relay.organisations.iter().cloned().collect();
    let settings = pages::desk_settings(checked);
    Ok(Desk::new(register, Arc::new(RwLock::new(organisations)), settings, pages::now))
}

/// Who acts: the person of the token that is given, or whoever has the machine before him.
pub(super) fn person(desk: &Desk, token_file: Option<&Path>) -> Result<Person, Failure> {
    let token = match token_file {
        Some(file) => Some(secret(file)?.lines().next().unwrap_or_default().to_owned()),
        None => std::env::var(TOKEN).ok().filter(|token| !token.is_empty()),
    };
    let Some(token) = token else {
        return Ok(Person::machine(&actor_name(), desk.now()));
    };
    let found = desk.token_person(token.trim(), Origin::CommandLine);
    let found = found.map_err(|refusal| failure(&refusal, Language::default()))?;
    found.ok_or_else(|| {
        let line = "the token is wrong, its time is over, or it was revoked";
        Failure::new(Exit::NotPermitted, line)
    })
}

/// The person of the token that must be given: mail is seen and decided on by people with accounts.
pub(super) fn account(desk: &Desk, token_file: Option<&Path>) -> Result<Person, Failure> {
    let person = person(desk, token_file)?;
    if person.is_machine() {
        let line = format!(
            "whoever sits at the machine sees no mail: give the token of an account in {TOKEN} or \
             with --token-file (`sekimori user token add` makes one)"
        );
        return Err(Failure::new(Exit::NotPermitted, line));
    }
    Ok(person)
}

/// Reads a file with a secret; `-` is standard input.
pub(super) fn secret(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(MAX_SECRET_OCTETS).read_to_string(&mut text)
    } else {
        File::open(file).and_then(|opened| opened.take(MAX_SECRET_OCTETS).read_to_string(&mut text))
    };
    read.map_err(|error| {
        let failure = Failure::from(error);
        Failure {
            lines: failure.lines.iter().map(|l| format!("{}: {l}", file.display())).collect(),
            ..failure
        }
    })?;
    Ok(text)
}

/// A refusal as the end of a command.
pub(super) fn failure(refusal: &Refusal, language: Language) -> Failure {
    Failure::new(exit(refusal), sentence(refusal, language))
}

/// What a refusal says in a language.
pub(super) fn sentence(refusal: &Refusal, language: Language) -> String {
    match language {
        Language::Japanese => refusal.japanese(),
        Language::English => refusal.english(),
    }
}

/// How a command ends that was refused.
pub(super) fn exit(refusal: &Refusal) -> Exit {
    match refusal.exit() {
        desk::Exit::Usage => Exit::Usage,
        desk::Exit::Data => Exit::Data,
        desk::Exit::Io => Exit::Io,
        desk::Exit::TryAgain => Exit::TryAgain,
        desk::Exit::NotPermitted => Exit::NotPermitted,
    }
}

/// The words of one of two languages.
pub(super) fn words(
    person: &Person,
    japanese: &'static str,
    english: &'static str,
) -> &'static str {
    match person.account.language {
        Language::Japanese => japanese,
        Language::English => english,
    }
}
