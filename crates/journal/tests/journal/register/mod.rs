//! What quarantine review keeps in the journal.

mod deciding;
mod people;
mod searching;

use sekimori_journal::register::{AccountId, Grant, NewAccount, Role};
use sekimori_journal::{Actor, EmbeddedJournal, Register, Settings};
use tempfile::TempDir;

use crate::fixtures::{address, at, folder};

/// A journal in a folder of its own.
pub(super) fn open() -> (TempDir, EmbeddedJournal) {
    let folder = folder();
    let settings = Settings { reserve_octets: 0, ..Settings::default() };
    let journal = sekimori_journal::open(folder.path(), &settings).unwrap();
    (folder, journal)
}

/// Makes an account of 山北町 with a role there.
pub(super) fn account(register: &dyn Register, login: &str, role: Role) -> Actor {
    let new = NewAccount {
        login: login.to_owned(),
        name: format!("{login}さん"),
        organisation: Some("山北町".to_owned()),
        addresses: vec![address(&format!("{login}@town.example.lg.jp"))],
        grants: vec![Grant { organisation: "山北町".to_owned(), role, from: None, until: None }],
        ..NewAccount::default()
    };
    let id = register.add_account(&new, &operator(), at(0)).unwrap();
    person(register, id)
}

/// Whoever sits at the machine.
pub(super) fn operator() -> Actor {
    Actor::named("operator:root", "set up").acting_from("command line")
}

/// The person of an account.
pub(super) fn person(register: &dyn Register, id: AccountId) -> Actor {
    Actor::person(&register.account(id).unwrap().unwrap(), "").acting_from("192.0.2.7")
}
