//! Accounts as a CSV file: out to a spreadsheet, and in again before a transfer takes effect.
//!
//! A row has an account and the roles that it has in one organisation for one time; an account may
//! have several rows. Dates are days in Japan, the last one included. An account that the file does
//! not have stays as it is; one that it has gets exactly the roles of its rows, in the organisations
//! that the person administers.

use sekimori_journal::{Account, AccountChange, AccountId, AuditKind, Grant, NewAccount};
use sekimori_policy::csv::{BYTE_ORDER_MARK, csv_row};
use serde_json::json;

use super::csv::{MAX_CSV_OCTETS, rows};
use super::roster::{COLUMNS, Wanted, is_same_moment, rows_of, sorted, wanted};
use super::{Desk, Fault, Person, Refusal, Right, Why};

/// Faults told of one file; reading goes no further.
pub(super) const MAX_FAULTS: usize = 100;

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvFault {
    /// The line of the file, from 1.
    pub line: usize,
    /// The column's name; empty where the row as a whole is wrong.
    pub column: String,
    /// What is wrong.
    pub why: Refusal,
}

/// What an import does, or would do, with one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedAccount {
    /// The line that it first stands on.
    pub line: usize,
    /// Its login.
    pub login: String,
    /// What is done.
    pub change: ImportedChange,
}

/// What an import does with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportedChange {
    /// It is made.
    Added,
    /// These columns of it change.
    Changed(Vec<&'static str>),
    /// It is as the file says.
    Unchanged,
}

/// What an import does, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Import {
    /// Each account of the file, in the order of the file.
    pub accounts: Vec<ImportedAccount>,
    /// What is wrong with the file. With anything wrong, nothing is changed.
    pub faults: Vec<CsvFault>,
    /// Whether it was done: not after faults, and not for a trial.
    pub is_applied: bool,
}

/// What is to be done with an account.
enum Plan {
    Add(Box<NewAccount>, bool),
    Change(AccountId, Box<AccountChange>),
    Nothing,
}

impl Desk {
    /// Reads accounts from a CSV file, and unless `dry_run`, makes and changes them.
    pub fn import_csv(
        &self,
        person: &Person,
        file: &[u8],
        dry_run: bool,
    ) -> Result<Import, Refusal> {
        self.needs(person, Right::People)?;
        if file.len() > MAX_CSV_OCTETS {
            return Err(Refusal::invalid("csv", Fault::TooLong(MAX_CSV_OCTETS)));
        }
        let mut import = Import::default();
        let text = match std::str::from_utf8(file) {
            Ok(text) => text,
            Err(error) => {
                let before = file.get(..error.valid_up_to()).unwrap_or_default();
                let line = before.split(|&octet| octet == b'\n').count();
                import.faults.push(fault(line, "", Refusal::invalid("csv", Fault::Form)));
                return Ok(import);
            }
        };
        let rows = match rows(text) {
            Ok(rows) => rows,
            Err(broken) => {
                let why = if broken.is_too_much {
                    Refusal::TooMany
                } else {
                    Refusal::invalid("csv", Fault::Form)
                };
                import.faults.push(fault(broken.line, &broken.column.to_string(), why));
                return Ok(import);
            }
        };
        let wanted = wanted(&rows, &mut import.faults);
        let mut plans = Vec::new();
        for wanted in wanted {
            if import.faults.len() >= MAX_FAULTS {
                break;
            }
            match self.plan(person, &wanted) {
                Ok((plan, change)) => {
                    let login = wanted.login;
                    import.accounts.push(ImportedAccount { line: wanted.line, login, change });
                    plans.push(plan);
                }
                Err(Refusal::Store(error)) => return Err(error.into()),
                Err(refusal) => {
                    let column = match &refusal {
                        Refusal::Invalid { field, .. } => field,
                        _ => "login",
                    };
                    import.faults.push(fault(wanted.line, column, refusal.clone()));
                }
            }
        }
        if dry_run || !import.faults.is_empty() {
            return Ok(import);
        }
        let actor = person.actor("CSV");
        for plan in plans {
            match plan {
                Plan::Nothing => {}
                Plan::Change(id, change) => {
                    self.0.register.change_account(id, &change, &actor, self.now())?;
                }
                Plan::Add(new, disabled) => {
                    let id = self.0.register.add_account(&new, &actor, self.now())?;
                    if disabled {
                        let change =
                            AccountChange { disabled: Some(true), ..AccountChange::default() };
                        self.0.register.change_account(id, &change, &actor, self.now())?;
                    }
                }
            }
        }
        import.is_applied = true;
        Ok(import)
    }

    /// What is to be done so that an account becomes what the file says.
    fn plan(&self, person: &Person, wanted: &Wanted) -> Result<(Plan, ImportedChange), Refusal> {
        let new = NewAccount {
            login: wanted.login.clone(),
            name: wanted.name.clone(),
            organisation: Some(wanted.organisation.clone()),
            addresses: wanted.addresses.clone().unwrap_or_default(),
            grants: wanted.grants.clone(),
            valid_from: wanted.valid_from,
            valid_until: wanted.valid_until,
            ..NewAccount::default()
        };
        let new = self.checked_account(person, &new)?;
        let Some(account) = self.0.register.account_by_login(&wanted.login)? else {
            return Ok((Plan::Add(Box::new(new), wanted.disabled), ImportedChange::Added));
        };
        if !person.is_machine() && account.id == person.account.id {
            return match self.changes(person, &account, &new, wanted) {
                (_, columns) if columns.is_empty() => {
                    Ok((Plan::Nothing, ImportedChange::Unchanged))
                }
                _ => Err(Refusal::NotPermitted(Why::OwnAccount)),
            };
        }
        match self.kept_account(person, account.id) {
            // That there is one elsewhere shows in the login being taken, as it does everywhere.
            Err(Refusal::NotFound | Refusal::NotPermitted(_)) => {
                return Err(Refusal::Conflict(super::Clash::LoginTaken));
            }
            other => other?,
        };
        let (change, columns) = self.changes(person, &account, &new, wanted);
        if columns.is_empty() {
            return Ok((Plan::Nothing, ImportedChange::Unchanged));
        }
        Ok((Plan::Change(account.id, Box::new(change)), ImportedChange::Changed(columns)))
    }

    /// What of an account is not as the file has it.
    fn changes(
        &self,
        person: &Person,
        account: &Account,
        new: &NewAccount,
        wanted: &Wanted,
    ) -> (AccountChange, Vec<&'static str>) {
        let administered = self.organisations(person, Right::People);
        let is_own =
            |grant: &&Grant| person.is_machine() || administered.contains(&grant.organisation);
        let mut columns = Vec::new();
        let mut differs = |column, differs: bool| {
            if differs {
                columns.push(column);
            }
            differs
        };
        let mut change = AccountChange::default();
        if differs("name", account.name != new.name) {
            change.name = Some(new.name.clone());
        }
        if differs("organisation", account.organisation != new.organisation) {
            change.organisation = Some(new.organisation.clone());
        }
        if differs("addresses", account.addresses != new.addresses) {
            change.addresses = Some(new.addresses.clone());
        }
        let now: Vec<Grant> = sorted(account.grants.iter().filter(is_own).cloned().collect());
        let then = sorted(new.grants.clone());
        if differs("roles", now != then) {
            let foreign = account.grants.iter().filter(|grant| !is_own(grant)).cloned();
            change.grants = Some(then.into_iter().chain(foreign).collect());
        }
        if differs("valid_from", !is_same_moment(account.valid_from, new.valid_from)) {
            change.valid_from = Some(new.valid_from);
        }
        if differs("valid_until", !is_same_moment(account.valid_until, new.valid_until)) {
            change.valid_until = Some(new.valid_until);
        }
        if differs("disabled", account.disabled != wanted.disabled) {
            change.disabled = Some(wanted.disabled);
        }
        (change, columns)
    }

    /// The accounts that the person keeps as a CSV file that can be read in again. The export is on
    /// record.
    pub fn export_csv(&self, person: &Person) -> Result<String, Refusal> {
        let accounts = self.accounts(person)?;
        let mut file = BYTE_ORDER_MARK.to_owned();
        file.push_str(&csv_row(COLUMNS.map(|(name, _)| name)));
        let mut count = 0_usize;
        for account in accounts.iter().filter(|account| account.organisation.is_some()) {
            count += 1;
            for row in rows_of(account) {
                file.push_str(&csv_row(row.iter().map(String::as_str)));
            }
        }
        let administered = self.organisations(person, Right::People);
        let organisation = match administered.as_slice() {
            [only] => Some(only.clone()),
            _ => person.account.organisation.clone(),
        };
        let details = json!({ "accounts": count });
        self.record(person, AuditKind::Exported, None, organisation, "", details)?;
        Ok(file)
    }
}

pub(super) fn fault(line: usize, column: &str, why: Refusal) -> CsvFault {
    CsvFault { line, column: column.to_owned(), why }
}
