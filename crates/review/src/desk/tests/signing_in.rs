//! Passwords, locks, second factors and sessions.

use super::*;

const CLIENT: Origin = Origin::Address(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));

/// Sets a password of the person's own up, for which he is asked nothing more.
fn with_password(town: &Town, id: AccountId) {
    let machine = Person::machine("root", clock());
    let temporary = town.desk.set_password(&machine, id, None).unwrap();
    let login = town.journal_account(id).login;
    let signed_in = town.desk.sign_in(&login, &temporary, None, CLIENT).unwrap();
    assert!(signed_in.person.steps().contains(&Step::ChangePassword));
    assert!(!signed_in.person.may_anywhere(Right::SeeOwn, clock()));
    let renewed = town.desk.change_password(&signed_in.person, &temporary, PASSWORD).unwrap();
    assert!(!renewed.steps().contains(&Step::ChangePassword));
}

#[test]
fn whatever_is_wrong_the_answer_is_the_same() {
    let town = Town::new();
    let id = town.account("tanaka", MINE, &[Role::Requester]);
    with_password(&town, id);
    let machine = Person::machine("root", clock());
    town.account("nobody", MINE, &[]);
    for (login, password) in
        [("tanaka", "wrong"), ("unknown", PASSWORD), ("nobody", PASSWORD), ("", ""), ("tanaka", "")]
    {
        let refused = town.desk.sign_in(login, password, None, CLIENT);
        assert_eq!(refused, Err(SignInRefusal::Refused), "{login}");
    }
    assert!(town.desk.sign_in(" ＴＡＮＡＫＡ ", PASSWORD, None, CLIENT).is_ok());
    let change = sekimori_journal::AccountChange {
        valid_until: Some(Some(clock().plus_days(1))),
        ..Default::default()
    };
    town.desk.change_account(&machine, id, &change, "退職").unwrap();
    wait(86_400);
    let late = town.desk.sign_in("tanaka", PASSWORD, None, CLIENT);
    assert_eq!(late, Err(SignInRefusal::Refused));
}

#[test]
fn five_failures_lock_an_account_for_a_minute_and_a_sixth_for_two() {
    let town = Town::new();
    let id = town.account("tanaka", MINE, &[Role::Requester]);
    with_password(&town, id);
    let fail = || assert!(town.desk.sign_in("tanaka", "wrong", None, CLIENT).is_err());
    for _ in 0..5 {
        fail();
    }
    let right = || town.desk.sign_in("tanaka", PASSWORD, None, CLIENT);
    assert_eq!(right(), Err(SignInRefusal::Refused));
    wait(60);
    fail();
    wait(119);
    assert_eq!(right(), Err(SignInRefusal::Refused));
    wait(1);
    assert!(right().is_ok());
    assert_eq!(town.desk.register().credentials(id).unwrap().failures, 0);
}

#[test]
fn an_approver_sets_a_second_factor_up_before_anything_else_and_each_code_works_once() {
    let town = Town::new();
    let id = town.account("sato", MINE, &[Role::Approver]);
    with_password(&town, id);
    let person = town.desk.sign_in("sato", PASSWORD, None, CLIENT).unwrap().person;
    assert_eq!(person.steps(), [Step::SetUpSecondFactor]);
    assert!(!person.may(Right::See, MINE, clock()));
    let offer = town.desk.begin_second_factor(&person).unwrap();
    assert!(offer.uri.contains(&offer.secret));
    let secret = totp_rs::Secret::try_from_base32(&offer.secret).unwrap();
    let authenticator = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let code = || {
        let seconds = u64::try_from(clock().unix_millis() / 1_000).unwrap();
        authenticator.generate(seconds).to_string()
    };
    assert!(town.desk.confirm_second_factor(&person, &offer.secret, "000000x").is_err());
    let (person, codes) = town.desk.confirm_second_factor(&person, &offer.secret, &code()).unwrap();
    assert!(person.may(Right::See, MINE, clock()));
    assert_eq!(codes.len(), RECOVERY_CODES);

    let sign_in = |code: Option<&str>| town.desk.sign_in("sato", PASSWORD, code, CLIENT);
    assert_eq!(sign_in(None), Err(SignInRefusal::CodeNeeded));
    wait(60);
    let used = code();
    assert!(sign_in(Some(&used)).is_ok());
    assert_eq!(sign_in(Some(&used)), Err(SignInRefusal::Refused));
    let recovered = sign_in(Some(&codes[0])).unwrap();
    assert_eq!(recovered.recovery_codes_left, Some(RECOVERY_CODES - 1));
    assert_eq!(sign_in(Some(&codes[0])), Err(SignInRefusal::Refused));
}

#[test]
fn a_session_ends_when_its_account_changes() {
    let town = Town::new();
    let id = town.account("tanaka", MINE, &[Role::Requester]);
    let version = town.journal_account(id).version;
    let session = || town.desk.session_person(id, version, CLIENT).unwrap();
    assert!(session().is_some());
    let disabled = sekimori_journal::AccountChange { disabled: Some(true), ..Default::default() };
    let machine = Person::machine("root", clock());
    town.desk.change_account(&machine, id, &disabled, "異動").unwrap();
    assert_eq!(session(), None);
}
