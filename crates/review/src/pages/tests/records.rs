//! The audit record, organisations and reports.

use super::*;

#[tokio::test]
async fn reports_are_drawn_up_for_one_s_own_organisation() {
    let pages = Pages::new();
    pages.receive(TOWN, "bousai@town.example.lg.jp", HOSTILE);
    let auditor = pages.sign_in("kansa", TOWN, Role::Auditor).await;
    let (status, form) = pages.get("/reports", Some(&auditor), "ja").await;
    assert_eq!(status, StatusCode::OK);
    assert!(form.contains("<option selected>山北町</option>") && !form.contains(CITY), "{form}");
    let month = clock::now().rfc3339()[..7].to_owned();
    let asked = |organisation: &'static str, period: &str, csv: &'static str| {
        [
            ("token", TOKEN.to_owned()),
            ("kind", "monthly".to_owned()),
            ("organisation", organisation.to_owned()),
            ("period", period.to_owned()),
            ("csv", csv.to_owned()),
        ]
    };
    let post = async |cookie: &Cookie, form: [(&str, String); 5]| {
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        pages.post("/reports", cookie, &form).await
    };
    let response = post(&auditor, asked(TOWN, &month, "")).await;
    assert_eq!(response.status(), StatusCode::OK);
    let html = body(response).await;
    assert!(html.contains("受信したメール") && html.contains("改ざんも欠落もありません"), "{html}");
    let response = post(&auditor, asked(TOWN, &month, "1")).await;
    let disposition = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment; filename=\"monthly-"), "{disposition}");
    assert!(body(response).await.starts_with('\u{FEFF}'));
    let response = post(&auditor, asked(TOWN, "<b>soon", "")).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = body(response).await;
    assert!(html.contains("期間を読み取れません") && !html.contains("<b>soon"), "{html}");
    assert_eq!(post(&auditor, asked(CITY, &month, "")).await.status(), StatusCode::NOT_FOUND);
    let requester = pages.sign_in("suzuki", TOWN, Role::Requester).await;
    assert_eq!(pages.get("/reports", Some(&requester), "ja").await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&requester, asked(TOWN, &month, "")).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_record_is_found_saved_and_checked_by_its_own_auditors() {
    let pages = Pages::new();
    let id = pages.receive(TOWN, "bousai@town.example.lg.jp", HOSTILE);
    pages.receive(CITY, "bousai@city.example.lg.jp", HOSTILE);
    let auditor = pages.sign_in("kansa", TOWN, Role::Auditor).await;
    let (status, html) = pages.get("/audit", Some(&auditor), "ja").await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("受信して無害化しました") && html.contains(&id.to_string()), "{html}");
    assert!(!html.contains("city.example.lg.jp") && !html.contains("<img src=x"), "{html}");
    let (_, html) = pages.get("/audit?kind=deleted", Some(&auditor), "ja").await;
    assert!(html.contains("当てはまる記録はありません"), "{html}");
    let (_, html) = pages.get("/audit?key=%3Cb%3E", Some(&auditor), "ja").await;
    assert!(html.contains("受付番号を確かめてください") && !html.contains("<b>\""), "{html}");
    for (form, begin) in [("csv", "\u{FEFF}番号"), ("lines", "{")] {
        let fields = [("token", TOKEN), ("form", form), ("kind", "received")];
        let response = pages.post("/audit/export", &auditor, &fields).await;
        assert_eq!(response.status(), StatusCode::OK);
        let text = body(response).await;
        assert!(text.starts_with(begin), "{text}");
        assert!(text.contains(&id.to_string()) && !text.contains(CITY), "{text}");
    }
    let (_, html) = pages.get("/audit?kind=exported", Some(&auditor), "en").await;
    assert_eq!(html.matches("Exported<").count(), 2 + 1, "two records and the choice: {html}");
    let response = pages.post("/audit/verify", &auditor, &[("token", TOKEN)]).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let (_, html) = pages.get("/audit", Some(&auditor), "ja").await;
    assert!(html.contains("改ざんも欠落もありません"), "{html}");
    // Another organisation's record is not there, and who is no auditor reads none.
    let (status, _) =
        pages.get(&format!("/audit?organisation={CITY_ENCODED}"), Some(&auditor), "ja").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let approver = pages.sign_in("sato", TOWN, Role::Approver).await;
    assert_eq!(pages.get("/audit", Some(&approver), "ja").await.0, StatusCode::FORBIDDEN);
    for action in ["/audit/export", "/audit/verify"] {
        let response = pages.post(action, &approver, &[("token", TOKEN)]).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{action}");
        let response = pages.post(action, &auditor, &[("token", "guessed")]).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{action}");
    }
}

/// 南山市 as it stands in an address.
const CITY_ENCODED: &str = "%E5%8D%97%E5%B1%B1%E5%B8%82";

#[tokio::test]
async fn organisations_show_what_is_in_force_for_their_own_people() {
    let pages = Pages::new();
    let administrator = pages.sign_in("kanri", TOWN, Role::Administrator).await;
    let (status, html) = pages.get("/organisations", Some(&administrator), "ja").await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("すべて保留して確認") && html.contains("town.example.lg.jp"), "{html}");
    assert!(!html.contains(CITY), "{html}");
    let requester = pages.sign_in("suzuki", TOWN, Role::Requester).await;
    assert_eq!(pages.get("/organisations", Some(&requester), "ja").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_machine_s_state_is_for_its_operators_alone() {
    let pages = Pages::new();
    let administrator = pages.sign_in("kanri", TOWN, Role::Administrator).await;
    assert_eq!(pages.get("/status", Some(&administrator), "ja").await.0, StatusCode::FORBIDDEN);
    let operator = pages.sign_in("operator", TOWN, Role::Requester).await;
    let id = pages.store.account_by_login("operator").unwrap().unwrap().id;
    let change = sekimori_journal::AccountChange { operator: Some(true), ..Default::default() };
    pages.store.change_account(id, &change, &Actor::named("test", ""), clock::now()).unwrap();
    // The change ended the session.
    assert_eq!(pages.get("/status", Some(&operator), "ja").await.0, StatusCode::SEE_OTHER);
    let operator = pages.resume(id).await;
    let (status, html) = pages.get("/status", Some(&operator), "ja").await;
    assert_eq!(status, StatusCode::OK, "{html}");
    for shown in ["応答しません", "198.51.100.25:25", "a hop is down", "保存領域が応答しません"]
    {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    assert!(!html.contains("<b>refused"), "{html}");
}
