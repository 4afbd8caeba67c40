//! Accounts, credentials, sessions and tokens.

use sekimori_journal::register::account::MAX_ADDRESSES;
use sekimori_journal::register::credential::MAX_SESSION_OCTETS;
use sekimori_journal::register::token::MAX_TOKENS;
use sekimori_journal::register::{
    AccountChange, Credentials, Grant, NewAccount, NewToken, Role, Scope, SignInOutcome,
};
use sekimori_journal::{AuditFilter, AuditKind, Journal, JournalError, Register};

use super::{account, open, operator};
use crate::fixtures::{address, at};

#[test]
fn an_account_is_found_by_login_in_any_case_and_by_organisation() {
    let (_folder, journal) = open();
    let yamada = account(&journal, "Yamada", Role::Requester);
    let found = journal.account_by_login("YAMADA").unwrap().unwrap();
    assert_eq!((Some(found.id), found.login.as_str()), (yamada.account, "yamada"));
    assert!(found.has_role("山北町", Role::Requester, at(0)));
    assert!(!found.has_role("川南村", Role::Requester, at(0)));
    let of = |name: &str| journal.accounts(Some(&[name.to_owned()])).unwrap().len();
    assert_eq!((of("山北町"), of("川南村")), (1, 0));
    let again = NewAccount { login: "yamada".to_owned(), ..NewAccount::default() };
    let refused = journal.add_account(&again, &operator(), at(1));
    assert_eq!(refused, Err(JournalError::LoginTaken("yamada".to_owned())));
}

#[test]
fn a_grant_holds_between_its_dates_and_a_change_of_it_ends_sessions() {
    let (_folder, journal) = open();
    let id = account(&journal, "suzuki", Role::Requester).account.unwrap();
    let before = journal.account(id).unwrap().unwrap().version;
    let grants = vec![Grant {
        organisation: "川南村".to_owned(),
        role: Role::Approver,
        from: Some(at(100)),
        until: Some(at(200)),
    }];
    let change = AccountChange { grants: Some(grants), ..AccountChange::default() };
    journal.change_account(id, &change, &operator(), at(1)).unwrap();
    let found = journal.account(id).unwrap().unwrap();
    assert!(found.version > before);
    let held = |seconds| found.has_role("川南村", Role::Approver, at(seconds));
    assert_eq!([99, 100, 199, 200].map(held), [false, true, true, false]);
}

#[test]
fn a_time_step_of_the_second_factor_is_taken_once() {
    let (_folder, journal) = open();
    let suzuki = account(&journal, "suzuki", Role::Approver);
    let id = suzuki.account.unwrap();
    let credentials = Credentials { totp_secret: Some(vec![7; 20]), ..Credentials::default() };
    journal.set_credentials(id, &credentials, &suzuki, at(1)).unwrap();
    let sign_in = |step| {
        journal.note_sign_in(id, SignInOutcome::Succeeded, Some(step), &suzuki, at(2)).unwrap()
    };
    assert_eq!([sign_in(10), sign_in(10), sign_in(9), sign_in(11)], [true, false, false, true]);
}

#[test]
fn failures_are_counted_until_a_success() {
    let (_folder, journal) = open();
    let suzuki = account(&journal, "suzuki", Role::Approver);
    let id = suzuki.account.unwrap();
    let fail = SignInOutcome::Failed { locked_until: Some(at(60)) };
    journal.note_sign_in(id, fail, None, &suzuki, at(1)).unwrap();
    journal.note_sign_in(id, fail, None, &suzuki, at(2)).unwrap();
    assert_eq!(journal.credentials(id).unwrap().failures, 2);
    assert_eq!(journal.account(id).unwrap().unwrap().locked_until, Some(at(60)));
    journal.note_sign_in(id, SignInOutcome::Succeeded, None, &suzuki, at(3)).unwrap();
    assert_eq!(journal.credentials(id).unwrap().failures, 0);
    let filter = AuditFilter {
        kinds: vec![AuditKind::SignInFailed, AuditKind::SignedIn],
        ..AuditFilter::default()
    };
    assert_eq!(journal.audit(&filter, 0, 10).unwrap().len(), 3);
}

#[test]
fn a_session_ends_with_its_time_or_when_it_is_forgotten() {
    let (_folder, journal) = open();
    journal.save_session(&[1; 32], b"one", at(10)).unwrap();
    journal.save_session(&[2; 32], b"two", at(100)).unwrap();
    assert_eq!(journal.session(&[1; 32], at(9)).unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(journal.session(&[1; 32], at(10)).unwrap(), None);
    assert_eq!(journal.tidy(at(50)).unwrap(), 1);
    journal.delete_session(&[2; 32]).unwrap();
    assert_eq!(journal.session(&[2; 32], at(50)).unwrap(), None);
    let long = vec![0; MAX_SESSION_OCTETS + 1];
    let refused = journal.save_session(&[3; 32], &long, at(100));
    assert!(matches!(refused, Err(JournalError::OverBound { .. })), "{refused:?}");
}

#[test]
fn tokens_are_kept_by_their_hash_and_are_bounded() {
    let (_folder, journal) = open();
    let suzuki = account(&journal, "suzuki", Role::Approver);
    let id = suzuki.account.unwrap();
    let token = |n: u8| NewToken {
        account: id,
        name: format!("script {n}"),
        scopes: vec![Scope::Read, Scope::Decide],
        expires_at: at(1_000),
        hash: [n; 32],
    };
    let first = journal.add_token(&token(0), &suzuki, at(1)).unwrap();
    let found = journal.token_by_hash(&[0; 32]).unwrap().unwrap();
    assert_eq!((found.id, found.account, found.expires_at), (first, id, at(1_000)));
    assert!(journal.revoke_token(first, &suzuki, at(2)).unwrap());
    assert!(!journal.revoke_token(first, &suzuki, at(3)).unwrap());
    assert_eq!(journal.token_by_hash(&[0; 32]).unwrap(), None);
    for n in 1..=u8::try_from(MAX_TOKENS).unwrap() {
        journal.add_token(&token(n), &suzuki, at(4)).unwrap();
    }
    let refused = journal.add_token(&token(200), &suzuki, at(5));
    assert!(matches!(refused, Err(JournalError::OverBound { .. })), "{refused:?}");
}

#[test]
fn an_account_over_a_bound_is_refused() {
    let (_folder, journal) = open();
    let many = NewAccount {
        login: "x".to_owned(),
        addresses: vec![address("a@town.example.lg.jp"); MAX_ADDRESSES + 1],
        ..NewAccount::default()
    };
    let refused = journal.add_account(&many, &operator(), at(0));
    assert!(matches!(refused, Err(JournalError::OverBound { .. })), "{refused:?}");
}
