//! Who keeps whose accounts, and accounts as a CSV file.

use sekimori_journal::AccountChange;

use super::*;

#[test]
fn an_administrator_keeps_his_organisations_people_and_no_others() {
    let town = Town::new();
    let administrator = town.person("kanri", MINE, &[Role::Administrator]);
    let own = town.account("tanaka", MINE, &[Role::Requester]);
    let foreign = town.account("suzuki", THEIRS, &[Role::Requester]);
    let logins: Vec<String> =
        town.desk.accounts(&administrator).unwrap().into_iter().map(|a| a.login).collect();
    assert_eq!(logins, ["kanri", "tanaka"]);
    assert_eq!(town.desk.account(&administrator, foreign), Err(Refusal::NotFound));
    let rename = AccountChange { name: Some("田中".to_owned()), ..Default::default() };
    town.desk.change_account(&administrator, own, &rename, "").unwrap();
    let refused = town.desk.change_account(&administrator, foreign, &rename, "");
    assert_eq!(refused, Err(Refusal::NotFound));
    assert_eq!(town.desk.set_password(&administrator, foreign, None), Err(Refusal::NotFound));
    assert_eq!(town.desk.tokens(&administrator, foreign), Err(Refusal::NotFound));
    let grant = |organisation: &str| Grant {
        organisation: organisation.to_owned(),
        role: Role::Approver,
        from: None,
        until: None,
    };
    let abroad = AccountChange { grants: Some(vec![grant(THEIRS)]), ..Default::default() };
    let unknown = Err(Refusal::invalid("organisation", Fault::Unknown));
    assert_eq!(town.desk.change_account(&administrator, own, &abroad, ""), unknown);
    let himself = AccountChange { grants: Some(vec![grant(MINE)]), ..Default::default() };
    let refused = town.desk.change_account(&administrator, administrator.account.id, &himself, "");
    assert_eq!(refused, Err(Refusal::NotPermitted(Why::OwnAccount)));
}

#[test]
fn a_file_of_accounts_is_tried_first_then_taken_and_comes_back_the_same() {
    let town = Town::new();
    let administrator = town.person("kanri", MINE, &[Role::Administrator]);
    let file = "\u{FEFF}ログイン名,名前,組織,メールアドレス,権限,利用終了日,権限開始日\r\n\
        tanaka,'=田中,山北町,tanaka@town.yamakita.example.jp,申請者,2027/3/31,\r\n\
        tanaka,'=田中,山北町,,承認者;監査者,,2027-01-01\r\n";
    let tried = town.desk.import_csv(&administrator, file.as_bytes(), true).unwrap();
    assert_eq!(tried.accounts[0].change, ImportedChange::Added);
    assert!(!tried.is_applied && tried.faults.is_empty());
    assert_eq!(town.desk.accounts(&administrator).unwrap().len(), 1);
    let done = town.desk.import_csv(&administrator, file.as_bytes(), false).unwrap();
    assert!(done.is_applied);
    let accounts = town.desk.accounts(&administrator).unwrap();
    let account = accounts.iter().find(|a| a.login == "tanaka").unwrap();
    assert_eq!(account.name, "=田中");
    assert_eq!(account.valid_until.unwrap().rfc3339(), "2027-04-01T00:00:00.000+09:00");
    assert!(account.has_role(MINE, Role::Requester, clock()));
    assert!(!account.has_role(MINE, Role::Approver, clock()));
    assert!(account.has_role(MINE, Role::Approver, clock().plus_days(120)));

    let exported = town.desk.export_csv(&administrator).unwrap();
    assert!(exported.contains("'=田中"), "{exported}");
    let again = town.desk.import_csv(&administrator, exported.as_bytes(), false).unwrap();
    assert!(again.faults.is_empty(), "{:?}", again.faults);
    assert!(again.accounts.iter().all(|a| a.change == ImportedChange::Unchanged), "{again:?}");
}

#[test]
fn a_file_with_a_fault_changes_nothing() {
    let town = Town::new();
    let administrator = town.person("kanri", MINE, &[Role::Administrator]);
    town.account("suzuki", THEIRS, &[Role::Requester]);
    let head = "login,name,organisation,roles\n";
    for (rows, line, column) in [
        ("tanaka,x,山北町,requester\nito,x,開成町,requester\n", 3, "organisation"),
        ("tanaka,x,山北町,requester\nsuzuki,x,山北町,requester\n", 3, "login"),
        ("tanaka,,山北町,requester\n", 2, "name"),
    ] {
        let file = format!("{head}{rows}");
        let import = town.desk.import_csv(&administrator, file.as_bytes(), false).unwrap();
        assert!(!import.is_applied);
        let places: Vec<_> = import.faults.iter().map(|f| (f.line, f.column.as_str())).collect();
        assert_eq!(places, [(line, column)], "{rows}");
    }
    let shift_jis = town.desk.import_csv(&administrator, b"login\n\x83\x8D,", false).unwrap();
    assert_eq!(shift_jis.faults[0].line, 2);
    assert_eq!(town.desk.accounts(&administrator).unwrap().len(), 1);
    let large = vec![b','; MAX_CSV_OCTETS + 1];
    let too_large = town.desk.import_csv(&administrator, &large, true);
    assert_eq!(too_large, Err(Refusal::invalid("csv", Fault::TooLong(MAX_CSV_OCTETS))));
}
