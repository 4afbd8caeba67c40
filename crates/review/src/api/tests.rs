//! The calls as programs make them, over a real store with two organisations.

use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};

use axum::body::Body;
use axum::http::Request;
use sekimori_journal::{
    Grant, Key, NewAccount, NewRequest, Register, RequestId, RequestState, Role, Scope, Settings,
    State, Wanted, Way,
};
use sekimori_policy::{Address, Domain, Mode, Organisation, QueueId};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::desk::{DeskSettings, Origin, Person, TokenRequest};
use crate::pages::clock::now;
use crate::test_store::store_message;

const TOWN: &str = "山北町";
const CITY: &str = "南山市";
const PASSWORD: &str = "関所の門は日没の後に閉まる";

struct Office {
    desk: Desk,
    router: Router,
    store: Arc<sekimori_journal::EmbeddedJournal>,
    _folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let folder =
            tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap());
        let settings = Settings { reserve_octets: 0, ..Settings::default() };
        let store = Arc::new(sekimori_journal::open(folder.path(), &settings).unwrap());
        let organisations =
            [(TOWN, "town.example.lg.jp"), (CITY, "city.example.lg.jp")].map(|(name, domain)| {
                let domains = vec![Domain::parse(domain).unwrap()];
                Arc::new(Organisation { mode: Mode::Review, ..Organisation::new(name, domains) })
            });
        let settings = DeskSettings { second_factor_required: false, ..DeskSettings::default() };
        let register = Arc::clone(&store) as Arc<dyn Register>;
        let organisations = Arc::new(RwLock::new(organisations.to_vec()));
        let desk = Desk::new(register, organisations, settings, now);
        let router = router(desk.clone());
        Self { desk, router, store, _folder: folder }
    }

    fn person(&self, login: &str, organisation: &str, roles: &[Role]) -> Person {
        let grants = roles.iter().map(|&role| Grant {
            organisation: organisation.to_owned(),
            role,
            from: None,
            until: None,
        });
        let new = NewAccount {
            login: login.to_owned(),
            name: login.to_owned(),
            organisation: Some(organisation.to_owned()),
            addresses: vec![Address::parse(&format!("{login}@town.example.lg.jp")).unwrap()],
            grants: grants.collect(),
            ..NewAccount::default()
        };
        let machine = Person::machine("root", now());
        let id = self.desk.add_account(&machine, &new).unwrap();
        let temporary = self.desk.set_password(&machine, id, None).unwrap();
        let signed_in = self.desk.sign_in(login, &temporary, None, Origin::CommandLine).unwrap();
        self.desk.change_password(&signed_in.person, &temporary, PASSWORD).unwrap()
    }

    fn token(&self, person: &Person, scopes: &[Scope]) -> String {
        let asked = TokenRequest {
            name: "test".to_owned(),
            scopes: scopes.to_vec(),
            expires_at: now().plus_days(1),
        };
        self.desk.add_token(person, &asked).unwrap().secret
    }

    fn receive(&self) -> QueueId {
        let held = self.desk.organisation(TOWN).unwrap();
        let mail = "From: a@example.com\nSubject: secret\nContent-Type: application/pdf\n\n%PDF";
        store_message(&self.store, &held, "suzuki@town.example.lg.jp", mail)
    }

    async fn call(&self, token: &str, method: &str, path: &str, body: &Value) -> (u16, Vec<u8>) {
        let method = method.to_uppercase();
        let request = Request::builder()
            .method(method.as_str())
            .uri(format!("{PREFIX}{path}"))
            .header("authorization", format!("Bearer {token}"))
            .body(if body.is_null() { Body::empty() } else { Body::from(body.to_string()) });
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 24).await.unwrap();
        (status, body.to_vec())
    }

    async fn json(&self, token: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (status, body) = self.call(token, method, path, body).await;
        (status, serde_json::from_slice(&body).unwrap())
    }
}

#[test]
fn every_call_is_described_and_every_description_is_a_call() {
    let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
    let mut described = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            described.insert((method.clone(), path.clone()));
        }
    }
    let called: BTreeSet<_> =
        routes().iter().map(|(m, p, _)| ((*m).to_owned(), (*p).to_owned())).collect();
    assert_eq!(described, called);
}

#[tokio::test]
async fn nobody_gets_in_without_a_good_token() {
    let office = Office::new();
    let sato = office.person("sato", TOWN, &[Role::Approver]);
    for token in ["", "skm_guess", PASSWORD] {
        for (method, path, _) in routes() {
            if path == "/openapi.json" {
                continue;
            }
            let path = path.replace("{key}", "1").replace("{id}", "1").replace("{token}", "1");
            let (status, problem) = office.json(token, method, &path, &Value::Null).await;
            assert_eq!((status, &problem["code"]), (401, &json!("token")), "{method} {path}");
        }
    }
    let token = office.token(&sato, &[Scope::Read]);
    assert_eq!(office.json(&token, "get", "/messages", &Value::Null).await.0, 200);
    let id = office.receive();
    let text = format!("/messages/{id}/text");
    assert_eq!(office.json(&token, "get", &text, &Value::Null).await.0, 403, "another scope");
    let mine = office.desk.tokens(&sato, sato.account.id).unwrap();
    office.desk.revoke_token(&sato, sato.account.id, mine[0].id).unwrap();
    assert_eq!(office.json(&token, "get", "/messages", &Value::Null).await.0, 401, "revoked");
}

#[tokio::test]
async fn nobody_approves_his_own_request_and_another_does() {
    let office = Office::new();
    let [sato, ito] = ["sato", "ito"].map(|n| office.person(n, TOWN, &[Role::Approver]));
    let [sato, ito] = [sato, ito].map(|person| office.token(&person, &Scope::ALL));
    let id = office.receive();
    let asked = json!({ "wanted": { "what": "original" }, "reason": "業務" });
    let path = format!("/messages/{id}/requests");
    let (status, request) = office.json(&sato, "post", &path, &asked).await;
    assert_eq!(status, 200, "{request}");
    let approve = format!("/requests/{}/approve", request["request"]);
    let (status, problem) = office.json(&sato, "post", &approve, &json!({})).await;
    assert_eq!((status, &problem["code"]), (403, &json!("own-request")), "{problem}");
    let original = format!("/messages/{id}/original");
    assert_eq!(office.call(&sato, "post", &original, &Value::Null).await.0, 403);
    assert_eq!(office.json(&ito, "post", &approve, &json!({})).await.0, 200);
    let (status, octets) = office.call(&sato, "post", &original, &Value::Null).await;
    assert_eq!(status, 200);
    assert!(octets.starts_with(b"From: a@example.com\r\n"));
}

#[tokio::test]
async fn what_a_call_does_not_know_is_refused_in_words() {
    let office = Office::new();
    let sato = office.person("sato", TOWN, &[Role::Approver]);
    let token = office.token(&sato, &Scope::ALL);
    for (method, path, body) in [
        ("get", "/messages?colour=red", Value::Null),
        ("get", "/messages?limit=1001", Value::Null),
        ("get", "/messages?state=lost", Value::Null),
        ("post", "/messages/release", json!({ "ids": [], "reason": "x" })),
        ("post", "/messages/release", json!({ "ids": ["1"], "reason": "x", "force": true })),
        ("post", "/reports", json!({ "kind": "monthly", "organisation": TOWN, "period": "?" })),
    ] {
        let (status, problem) = office.json(&token, method, path, &body).await;
        assert_eq!((status, &problem["code"]), (422, &json!("form")), "{method} {path}");
        assert!(problem["detail_ja"].as_str().unwrap().contains("読み取れません"));
    }
    assert_eq!(office.json(&token, "get", "/nothing", &Value::Null).await.0, 404);
    assert_eq!(office.json(&token, "delete", "/messages", &Value::Null).await.0, 405);
}

#[tokio::test]
async fn results_are_told_for_each_message() {
    let office = Office::new();
    let sato = office.person("sato", TOWN, &[Role::Approver]);
    let token = office.token(&sato, &Scope::ALL);
    let ids = [office.receive(), office.receive()];
    let (_, problem) = office
        .json(&token, "post", "/messages/delete", &json!({"ids": [ids[0]], "reason": "x"}))
        .await;
    assert_eq!(problem["results"][0]["result"], "done");
    let both = json!({ "ids": ids, "reason": "迷惑メール" });
    let (status, answer) = office.json(&token, "post", "/messages/delete", &both).await;
    assert_eq!(status, 200);
    assert_eq!(answer["results"][0]["result"], "wrong-state");
    assert_eq!(answer["results"][1], json!({ "queue_id": ids[1], "result": "done" }));
}

/// What is sent with each call that names something of another organisation.
fn bodies(path: &str, id: QueueId) -> Value {
    match path {
        p if p.ends_with("/part") => json!({ "section": "1" }),
        p if p.ends_with("/requests") => json!({ "wanted": { "what": "text" }, "reason": "x" }),
        p if p.ends_with("/approve") => json!({}),
        "/messages/extend" => json!({ "ids": [id], "reason": "x", "days": 5 }),
        p if p.starts_with("/messages/") && !p.contains('{') => {
            json!({ "ids": [id], "reason": "x" })
        }
        "/exceptions" => json!({ "organisation": TOWN, "conditions": { "sender": ["a@b.jp"] },
            "reason": "x", "begins_at": "2026-01-01", "ends_at": "2099-01-01" }),
        "/exceptions/{id}/decide" => json!({ "state": "ended", "reason": "x" }),
        "/reports" => json!({ "kind": "monthly", "organisation": TOWN, "period": "2026-11" }),
        "/accounts" => json!({ "login": "new", "name": "new", "organisation": TOWN }),
        "/accounts/{id}" => json!({ "name": "changed", "reason": "x" }),
        "/accounts/{id}/password" | "/requests/{id}/withdraw" => Value::Null,
        p if p.ends_with("/original") => Value::Null,
        _ => json!({ "reason": "x" }),
    }
}

/// Every call is either about something named, which must then be answered like what is not there,
/// or lists what the caller has, which must hold nothing of another's. A new call is one of these.
#[tokio::test]
async fn what_is_another_organisation_s_is_answered_like_what_is_not_there() {
    let office = Office::new();
    let suzuki = office.person("suzuki", TOWN, &[Role::Requester]);
    let id = office.receive();
    let asked = NewRequest {
        queue_id: id,
        wanted: Wanted::Original,
        recipients: Vec::new(),
        way: Way::Download,
        reason: "a secret reason".to_owned(),
    };
    office.desk.request(&suzuki, &asked).unwrap();
    office.token(&suzuki, &[Scope::Read]);
    let all = [Role::Requester, Role::Approver, Role::Auditor, Role::Administrator];
    let other = office.person("tanaka", CITY, &all);
    let other = office.token(&other, &Scope::ALL);
    let (theirs, nothing) = (suzuki.account.id.0.to_string(), "999".to_owned());
    for (method, path, _) in routes() {
        if path == "/openapi.json" {
            continue;
        }
        let named = path.contains('{') || method == "post";
        if !named {
            let (status, body) = office.call(&other, method, path, &Value::Null).await;
            let body = String::from_utf8(body).unwrap();
            assert_eq!(status, 200, "{method} {path}: {body}");
            for secret in ["secret", "suzuki", TOWN, &id.to_string()] {
                assert!(!body.contains(secret), "{method} {path} tells {secret}: {body}");
            }
            continue;
        }
        if path == "/accounts.csv" {
            continue;
        }
        let number = if path.starts_with("/accounts") { theirs.as_str() } else { "1" };
        let filled = |key: &str, number: &str| {
            path.replace("{key}", key).replace("{id}", number).replace("{token}", "1")
        };
        let there =
            office.call(&other, method, &filled(&id.to_string(), number), &bodies(path, id)).await;
        let unknown = QueueId(id.0 + 1_000);
        let not_there = office
            .call(&other, method, &filled(&unknown.to_string(), &nothing), &bodies(path, unknown))
            .await;
        if path.contains('{') {
            assert_eq!(there, not_there, "{method} {path}");
            assert_eq!(there.0, 404, "{method} {path}");
        } else {
            let text = String::from_utf8(there.1).unwrap();
            let other_text = String::from_utf8(not_there.1).unwrap();
            let same = text.replace(&id.to_string(), &unknown.to_string());
            assert_eq!((there.0, same), (not_there.0, other_text), "{method} {path}");
            assert!(!text.contains("\"done\"") && !text.contains("\"account\""), "{path}: {text}");
        }
    }
    let item = office.desk.register().message(Key::QueueId(id)).unwrap().unwrap();
    assert_eq!(item.state, State::Held);
    assert_eq!(
        office.desk.register().request(RequestId(1)).unwrap().unwrap().state,
        RequestState::Open
    );
    assert_eq!(office.desk.tokens(&suzuki, suzuki.account.id).unwrap().len(), 1);
}
