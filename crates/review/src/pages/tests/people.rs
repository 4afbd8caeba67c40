//! Accounts, tokens and exceptions.

use sekimori_journal::{ExceptionState, Scope};

use super::*;
use crate::desk::{Origin, TokenRequest};

fn account(pages: &Pages, login: &str) -> sekimori_journal::Account {
    pages.store.account_by_login(login).unwrap().unwrap()
}

#[tokio::test]
async fn an_administrator_adds_somebody_gives_roles_and_closes_the_account() {
    let pages = Pages::new();
    let kanri = pages.sign_in("kanri", TOWN, Role::Administrator).await;
    let new = [
        ("token", TOKEN),
        ("login", "tanaka"),
        ("name", "<b>田中</b>"),
        ("organisation", TOWN),
        ("role", "requester"),
        ("addresses", "tanaka@town.example.lg.jp"),
    ];
    let response = pages.post("/accounts", &kanri, &new).await;
    assert_eq!(response.status(), StatusCode::OK);
    let html = body(response).await;
    let password = html.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
    assert!(!html.contains("<b>田中"), "{html}");
    let signed_in = pages.desk.sign_in("tanaka", password, None, Origin::CommandLine);
    assert!(signed_in.is_ok(), "{signed_in:?}");
    let id = account(&pages, "tanaka").id.0;
    let change = [
        ("token", TOKEN),
        ("name", "田中"),
        ("0-approver", "1"),
        ("0-approver-from", "2027-04-01"),
        ("0-approver-until", "2028-03-31"),
        ("reason", "4月の異動"),
    ];
    let response = pages.post(&format!("/accounts/{id}"), &kanri, &change).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let changed = account(&pages, "tanaka");
    let [grant] = &changed.grants[..] else { panic!("{changed:?}") };
    assert_eq!(grant.role, Role::Approver);
    assert_eq!(grant.from.unwrap().rfc3339(), "2027-04-01T00:00:00.000+09:00");
    assert_eq!(grant.until.unwrap().rfc3339(), "2028-04-01T00:00:00.000+09:00");
    let (_, html) = pages.get(&format!("/accounts/{id}"), Some(&kanri), "ja").await;
    assert!(
        html.contains("value=\"2027-04-01\"") && html.contains("value=\"2028-03-31\""),
        "{html}"
    );
    let close = [("token", TOKEN), ("disabled", "1"), ("reason", "退職")];
    pages.post(&format!("/accounts/{id}/disabled"), &kanri, &close).await;
    assert!(account(&pages, "tanaka").disabled);
    let response =
        pages.post(&format!("/accounts/{id}/password"), &kanri, &[("token", TOKEN)]).await;
    assert!(body(response).await.contains("<code>"));
}

#[tokio::test]
async fn a_file_is_looked_at_before_it_is_done() {
    let pages = Pages::new();
    let kanri = pages.sign_in("kanri", TOWN, Role::Administrator).await;
    pages.sign_in("sato", TOWN, Role::Approver).await;
    let saved = body(pages.post("/accounts/csv", &kanri, &[("token", TOKEN)]).await).await;
    assert!(saved.starts_with('\u{FEFF}') && saved.contains("sato"), "{saved}");
    let head = saved.lines().next().unwrap();
    let wrong = format!("{head}\r\n{}\r\n", vec!["?"; head.split(',').count()].join(","));
    let tried = [("token", TOKEN), ("csv", wrong.as_str()), ("apply", "1")];
    let html = body(pages.post("/accounts/import", &kanri, &tried).await).await;
    assert!(html.contains("直す必要のある行があります"), "{html}");
    assert!(!html.contains("name=\"apply\""), "{html}");
    let tried = [("token", TOKEN), ("csv", saved.as_str())];
    let html = body(pages.post("/accounts/import", &kanri, &tried).await).await;
    assert!(html.contains("name=\"apply\"") && html.contains("まだ登録していません"), "{html}");
    let done = [("token", TOKEN), ("csv", saved.as_str()), ("apply", "1")];
    let response = pages.post("/accounts/import", &kanri, &done).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn one_s_own_tokens_are_seen_and_revoked() {
    let pages = Pages::new();
    let sato = pages.sign_in("sato", TOWN, Role::Approver).await;
    let mine = account(&pages, "sato");
    let person =
        pages.desk.session_person(mine.id, mine.version, Origin::CommandLine).unwrap().unwrap();
    let asked = TokenRequest {
        name: "<i>夜間の集計</i>".to_owned(),
        scopes: vec![Scope::Read],
        expires_at: clock::now().plus_days(3),
    };
    let made = pages.desk.add_token(&person, &asked).unwrap();
    let path = format!("/accounts/{}", mine.id.0);
    let (_, html) = pages.get(&path, Some(&sato), "ja").await;
    assert!(html.contains("夜間の集計") && !html.contains("<i>夜間"), "{html}");
    assert!(!html.contains(&made.secret) && !html.contains("パスワードを発行"), "{html}");
    let id = made.id.0.to_string();
    let revoke = [("token", TOKEN), ("id", id.as_str())];
    let response = pages.post(&format!("{path}/revoke"), &sato, &revoke).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(pages.desk.token_person(&made.secret, Origin::CommandLine).unwrap(), None);
}

#[tokio::test]
async fn an_exception_is_asked_for_by_one_and_approved_by_another() {
    let pages = Pages::new();
    let sato = pages.sign_in("sato", TOWN, Role::Approver).await;
    let ito = pages.sign_in("ito", TOWN, Role::Approver).await;
    let today = clock::now().rfc3339()[..10].to_owned();
    let asked = [
        ("token", TOKEN),
        ("organisation", TOWN),
        ("sender", "pref.example.jp"),
        ("begins_at", today.as_str()),
        ("ends_at", today.as_str()),
        ("reason", "<u>災害対応</u>"),
    ];
    let response = pages.post("/exceptions", &sato, &asked).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let (_, html) = pages.get("/exceptions", Some(&sato), "ja").await;
    assert!(
        html.contains("自分の申請は自分で承認できません") && !html.contains("<u>災害"),
        "{html}"
    );
    let approve = [("token", TOKEN), ("state", "approved"), ("reason", "")];
    let response = pages.post("/exceptions/1/decide", &sato, &approve).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    pages.post("/exceptions/1/decide", &ito, &approve).await;
    let names = [TOWN.to_owned()];
    let kept = pages.store.exceptions(Some(&names)).unwrap();
    assert_eq!(kept[0].state, ExceptionState::Approved);
    assert_eq!(kept[0].conditions["sender"][0], "pref.example.jp");
    let backwards = [&asked[..4], &[("ends_at", "2020-01-01"), ("reason", "x")]].concat();
    let response = pages.post("/exceptions", &sato, &backwards).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn people_of_another_organisation_are_not_there() {
    let pages = Pages::new();
    pages.sign_in("sato", TOWN, Role::Approver).await;
    let id = account(&pages, "sato").id.0;
    let sato = pages.sign_in("ito", TOWN, Role::Approver).await;
    let today = clock::now().rfc3339()[..10].to_owned();
    let asked = [
        ("token", TOKEN),
        ("organisation", TOWN),
        ("sender", "pref.example.jp"),
        ("begins_at", today.as_str()),
        ("ends_at", today.as_str()),
        ("reason", "secret"),
    ];
    pages.post("/exceptions", &sato, &asked).await;
    let other = pages.sign_in("kita", CITY, Role::Administrator).await;
    let (_, html) = pages.get("/accounts", Some(&other), "ja").await;
    assert!(html.contains("kita") && !html.contains("sato"), "{html}");
    let theirs = pages.get(&format!("/accounts/{id}"), Some(&other), "ja").await;
    assert_eq!(theirs.0, StatusCode::NOT_FOUND);
    assert_eq!(theirs, pages.get("/accounts/9999", Some(&other), "ja").await);
    let form = [("token", TOKEN), ("name", "x"), ("reason", "x"), ("disabled", "1"), ("id", "1")];
    for what in ["", "/password", "/second-factor", "/disabled", "/revoke"] {
        let response = pages.post(&format!("/accounts/{id}{what}"), &other, &form).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{what}");
        let forged = [("token", "guessed"), ("reason", "x")];
        let response = pages.post(&format!("/accounts/{id}{what}"), &other, &forged).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{what}");
    }
    let (_, html) = pages.get("/exceptions", Some(&other), "ja").await;
    assert!(!html.contains("secret"), "{html}");
    assert_eq!(pages.post("/exceptions", &other, &asked).await.status(), StatusCode::NOT_FOUND);
    let decide = [("token", TOKEN), ("state", "ended"), ("reason", "x")];
    let response = pages.post("/exceptions/1/decide", &other, &decide).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    // Whoever keeps no accounts has no such pages.
    for path in ["/accounts", "/accounts/import"] {
        assert_eq!(pages.get(path, Some(&sato), "ja").await.0, StatusCode::FORBIDDEN, "{path}");
    }
}
