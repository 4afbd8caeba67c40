//! `user`: accounts and tokens.

use std::io::{self, Read, Write};
use std::path::Path;

use sekimori_journal::shapes::plain;
use sekimori_journal::{Account, AccountChange, Grant, NewAccount, Role, Scope, TokenId};
use sekimori_policy::Language;
use sekimori_policy::csv::BYTE_ORDER_MARK;
use sekimori_review::desk::{
    Desk, ImportedChange, MAX_CSV_OCTETS, Origin, Person, Refusal, TokenRequest,
};
use serde_json::json;

use super::desk::{self, failure, sentence};
use super::quarantine::{addresses, moment};
use crate::cli::{TokenAddArgs, TokenCommand, UserAddArgs, UserCommand, WhoArgs};
use crate::exit::{Exit, Failure};

/// Runs a `user` command.
pub(crate) fn run(command: UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::List { who, json } => list(&who, json),
        UserCommand::Add(args) => add(&args),
        UserCommand::Disable { who, undo, reason, login } => {
            let (desk, person) = open(&who)?;
            let account = named(&desk, &person, &login)?;
            let change = AccountChange { disabled: Some(!undo), ..AccountChange::default() };
            said(&person, desk.change_account(&person, account.id, &change, &reason))
        }
        UserCommand::SetPassword { who, login } => {
            let (desk, person) = open(&who)?;
            let account = named(&desk, &person, &login)?;
            let password = said(&person, desk.set_password(&person, account.id, None))?;
            Ok(writeln!(io::stdout(), "{password}")?)
        }
        UserCommand::ResetSecondFactor { who, reason, login } => {
            let (desk, person) = open(&who)?;
            let account = named(&desk, &person, &login)?;
            said(&person, desk.reset_second_factor(&person, account.id, &reason))
        }
        UserCommand::Import { who, dry_run, file } => import(&who, dry_run, &file),
        UserCommand::Export { who } => {
            let (desk, person) = open(&who)?;
            let csv = said(&person, desk.export_csv(&person))?;
            let mark = if csv.starts_with(BYTE_ORDER_MARK) { "" } else { BYTE_ORDER_MARK };
            Ok(write!(io::stdout().lock(), "{mark}{csv}")?)
        }
        UserCommand::Token(command) => token(command),
    }
}

fn open(who: &WhoArgs) -> Result<(Desk, Person), Failure> {
    let desk = desk::open(&who.config)?;
    let person = desk::person(&desk, who.token_file.as_deref())?;
    Ok((desk, person))
}

fn said<T>(person: &Person, result: Result<T, Refusal>) -> Result<T, Failure> {
    result.map_err(|refusal| failure(&refusal, person.account.language))
}

fn named(desk: &Desk, person: &Person, login: &str) -> Result<Account, Failure> {
    let accounts = said(person, desk.accounts(person))?;
    let found = accounts.into_iter().find(|account| account.login == login);
    found.ok_or_else(|| Failure::new(Exit::Data, format!("{login}: no such account")))
}

fn list(who: &WhoArgs, is_json: bool) -> Result<(), Failure> {
    let (desk, person) = open(who)?;
    let mut out = io::stdout().lock();
    for account in said(&person, desk.accounts(&person))? {
        let grants: Vec<String> = account
            .grants
            .iter()
            .map(|grant| format!("{}:{}", grant.organisation, grant.role.as_str()))
            .collect();
        if is_json {
            let object = json!({
                "account": account.id, "login": account.login, "name": account.name,
                "organisation": account.organisation, "addresses": account.addresses,
                "grants": plain(json!(account.grants)), "operator": account.operator,
                "disabled": account.disabled, "second_factor": account.has_second_factor,
                "valid_from": account.valid_from.map(sekimori_policy::Timestamp::rfc3339),
                "valid_until": account.valid_until.map(sekimori_policy::Timestamp::rfc3339),
                "last_sign_in": account.last_sign_in.map(sekimori_policy::Timestamp::rfc3339),
            });
            writeln!(out, "{object}")?;
        } else {
            let closed = if account.disabled { "  (closed)" } else { "" };
            let operator = if account.operator { " operator" } else { "" };
            writeln!(
                out,
                "{:<20} {}  {}{operator}{closed}",
                account.login,
                account.name,
                grants.join(" ")
            )?;
        }
    }
    Ok(())
}

fn add(args: &UserAddArgs) -> Result<(), Failure> {
    let (desk, person) = open(&args.who)?;
    let mut grants = Vec::new();
    if let Some(organisation) = &args.organisation {
        for name in &args.role {
            let role = Role::ALL.into_iter().find(|role| role.as_str() == name);
            let role = role.ok_or_else(|| {
                let known: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
                let line = format!("{name:?} is no role; there are {}", known.join(", "));
                Failure::new(Exit::Usage, line)
            })?;
            let organisation = organisation.clone();
            grants.push(Grant { organisation, role, from: None, until: None });
        }
    }
    let new = NewAccount {
        login: args.login.clone(),
        name: args.name.clone().unwrap_or_else(|| args.login.clone()),
        organisation: args.organisation.clone(),
        addresses: addresses(&args.address)?,
        grants,
        operator: args.operator,
        valid_from: args.valid_from.as_deref().map(moment).transpose()?,
        valid_until: args.valid_until.as_deref().map(moment).transpose()?,
        language: Language::default(),
    };
    let id = said(&person, desk.add_account(&person, &new))?;
    let password = said(&person, desk.set_password(&person, id, None))?;
    eprintln!("sekimori: 最初のサインインのパスワード / password for the first sign-in:");
    Ok(writeln!(io::stdout(), "{password}")?)
}

fn import(who: &WhoArgs, dry_run: bool, file: &Path) -> Result<(), Failure> {
    let (desk, person) = open(who)?;
    let language = person.account.language;
    let mut octets = Vec::new();
    let most = u64::try_from(MAX_CSV_OCTETS).unwrap_or(u64::MAX).saturating_add(1);
    if file == Path::new("-") {
        io::stdin().lock().take(most).read_to_end(&mut octets)?;
    } else {
        std::fs::File::open(file)?.take(most).read_to_end(&mut octets)?;
    }
    let import = said(&person, desk.import_csv(&person, &octets, dry_run))?;
    for fault in &import.faults {
        let why = sentence(&fault.why, language);
        eprintln!("sekimori: {}:{}: {} {why}", file.display(), fault.line, fault.column);
    }
    let mut out = io::stdout().lock();
    for account in &import.accounts {
        let what = match &account.change {
            ImportedChange::Added => "added".to_owned(),
            ImportedChange::Changed(columns) => format!("changed: {}", columns.join(", ")),
            ImportedChange::Unchanged => "unchanged".to_owned(),
        };
        writeln!(out, "{}  {what}", account.login)?;
    }
    if import.faults.is_empty() {
        return Ok(());
    }
    let line = "nothing was changed: mend the lines above and import the file again";
    Err(Failure::new(Exit::Data, line))
}

fn token(command: TokenCommand) -> Result<(), Failure> {
    match command {
        TokenCommand::Add(args) => add_token(&args),
        TokenCommand::List { who, login } => {
            let (desk, person) = open(&who)?;
            let account = own_or_named(&desk, &person, &login)?;
            let mut out = io::stdout().lock();
            for token in said(&person, desk.tokens(&person, account.id))? {
                writeln!(out, "{}", plain(json!(token)))?;
            }
            Ok(())
        }
        TokenCommand::Revoke { who, login, token } => {
            let (desk, person) = open(&who)?;
            let account = own_or_named(&desk, &person, &login)?;
            said(&person, desk.revoke_token(&person, account.id, TokenId(token)))
        }
    }
}

/// One's own account, which needs no right to see others', or another.
fn own_or_named(desk: &Desk, person: &Person, login: &str) -> Result<Account, Failure> {
    if !person.is_machine() && person.account.login == login {
        return Ok(person.account.clone());
    }
    named(desk, person, login)
}

/// Makes a token for whoever signs in: no token makes another.
fn add_token(args: &TokenAddArgs) -> Result<(), Failure> {
    let desk = desk::open(&args.config)?;
    let scopes = args
        .scope
        .iter()
        .map(|name| {
            let scope = Scope::ALL.into_iter().find(|scope| scope.as_str() == name);
            scope.ok_or_else(|| {
                let known: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
                let line = format!("{name:?} is no scope; there are {}", known.join(", "));
                Failure::new(Exit::Usage, line)
            })
        })
        .collect::<Result<_, _>>()?;
    let secret = desk::secret(&args.password_file)?;
    let mut lines = secret.lines();
    let (password, code) = (lines.next().unwrap_or_default(), lines.next());
    let signed_in = desk
        .sign_in(&args.login, password, code, Origin::CommandLine)
        .map_err(|refusal| Failure::new(Exit::NotPermitted, refusal.english()))?;
    let asked = TokenRequest {
        name: args.name.clone(),
        scopes,
        expires_at: desk.now().plus_days(args.days),
    };
    let person = signed_in.person;
    let made = said(&person, desk.add_token(&person, &asked))?;
    Ok(writeln!(io::stdout(), "{}", made.secret)?)
}
