//! The pages as browsers ask for them.

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use sekimori_journal::{
    Actor, ClientRecord, EmbeddedJournal, Grant, Journal, JournalError, NewAccount, NewMessage,
    Register, Role, Route, Settings, Submission, Summary,
};
use sekimori_policy::{Address, Domain, Envelope, Limits, Organisation, QueueId, ReversePath};
use sekimori_sanitize::{Context, sanitize};
use tempfile::TempDir;
use time::OffsetDateTime;
use tower::ServiceExt;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::SessionStore;

use super::failure::Failure;
use super::session_store::Sessions;
use super::{PageSettings, clock, router, security};
use crate::desk::{Desk, DeskSettings, Refusal};

const TOWN: &str = "山北町";
const CITY: &str = "南山市";
const TOKEN: &str = "the-token-of-the-session";

/// Pages over a store with two organisations and one account for each role.
struct Pages {
    store: Arc<EmbeddedJournal>,
    desk: Desk,
    router: Router,
    _folder: TempDir,
}

/// A person's cookie.
#[derive(Clone)]
struct Cookie(String);

impl Pages {
    fn new() -> Self {
        let folder =
            tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap());
        let settings = Settings { reserve_octets: 0, ..Settings::default() };
        let store = Arc::new(sekimori_journal::open(folder.path(), &settings).unwrap());
        let organisation = |name: &str, domain: &str| {
            Arc::new(Organisation {
                mode: sekimori_policy::Mode::Review,
                ..Organisation::new(name, vec![Domain::parse(domain).unwrap()])
            })
        };
        let all = vec![
            organisation(TOWN, "town.example.lg.jp"),
            organisation(CITY, "city.example.lg.jp"),
        ];
        let register: Arc<dyn Register> = Arc::clone(&store) as Arc<dyn Register>;
        let settings = DeskSettings { second_factor_required: false, ..DeskSettings::default() };
        let desk = Desk::new(register, Arc::new(RwLock::new(all)), settings, clock::now);
        let pages = PageSettings { secure_cookies: false, ..PageSettings::default() };
        let router = router(desk.clone(), pages);
        Self { store, desk, router, _folder: folder }
    }

    /// Somebody with a role in an organisation, signed in.
    async fn sign_in(&self, login: &str, organisation: &str, role: Role) -> Cookie {
        let grant = Grant { organisation: organisation.to_owned(), role, from: None, until: None };
        let new = NewAccount {
            login: login.to_owned(),
            name: format!("{login} <b>さん</b>"),
            organisation: Some(organisation.to_owned()),
            addresses: vec![Address::parse("bousai@town.example.lg.jp").unwrap()],
            grants: vec![grant],
            ..NewAccount::default()
        };
        let id = self.store.add_account(&new, &Actor::named("test", ""), clock::now()).unwrap();
        let version = self.store.account(id).unwrap().unwrap().version;
        let now = clock::now().unix_millis();
        let person = serde_json::json!({
            "account": id.0, "version": version, "token": TOKEN, "since": now, "seen": now,
        });
        let mut record = Record {
            id: Id::default(),
            data: [("person".to_owned(), person)].into(),
            expiry_date: OffsetDateTime::now_utc() + time::Duration::HOUR,
        };
        let sessions = Sessions::new(Arc::clone(self.desk.register()));
        sessions.create(&mut record).await.unwrap();
        Cookie(format!("sekimori={}", record.id))
    }

    /// A message as it came, held for review.
    fn receive(&self, organisation: &str, recipient: &str, raw: &str) -> QueueId {
        let (queue_id, reference) = self.store.allocate().unwrap();
        let now = clock::now();
        let envelope = Envelope {
            sender: ReversePath(Some(Address::parse("sender@example.com").unwrap())),
            recipients: vec![Address::parse(recipient).unwrap()],
        };
        let raw = raw.replace('\n', "\r\n").into_bytes();
        let held = self.desk.organisation(organisation).unwrap();
        let sanitized = sanitize(
            &raw,
            &Context {
                queue_id,
                reference,
                received_at: now,
                keep_until: now.plus_days(30),
                envelope: &envelope,
                host: "gw.example.jp",
                protocol: "ESMTP",
                organisation: &held,
                exceptions: &[],
                may_refuse: true,
                limits: &Limits::default(),
                stop: &|| false,
            },
        );
        let message = NewMessage {
            queue_id,
            reference,
            route: Route::Forward,
            organisation: organisation.to_owned(),
            envelope,
            received_at: now,
            keep_until: now.plus_days(30),
            client: ClientRecord { address: "192.0.2.25".to_owned(), ..ClientRecord::default() },
            outcome: sanitized.outcome,
            summary: Summary {
                from: sanitized.summary.from,
                subject: sanitized.summary.subject,
                message_id: sanitized.summary.message_id,
                date: sanitized.summary.date,
            },
            size: u64::try_from(raw.len()).unwrap(),
            text: sekimori_journal::Body::compress(&sanitized.message),
            decisions: sanitized.decisions,
            removed: sanitized.removed,
        };
        let submission = Submission {
            original: Some(sekimori_journal::Body::compress(&raw)),
            messages: vec![message],
            ..Submission::default()
        };
        let (answer, answered) = sync_channel(1);
        self.store.submit(submission, Box::new(move |result| drop(answer.send(result))));
        answered.recv().unwrap().unwrap();
        queue_id
    }

    async fn ask(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn get(
        &self,
        path: &str,
        cookie: Option<&Cookie>,
        language: &str,
    ) -> (StatusCode, String) {
        let mut request = Request::get(path);
        let cookies = cookie.map(|c| format!("{}; ", c.0)).unwrap_or_default();
        request = request.header(header::COOKIE, format!("{cookies}sekimori-language={language}"));
        let response = self.ask(request.body(Body::empty()).unwrap()).await;
        (response.status(), body(response).await)
    }

    async fn post(&self, path: &str, cookie: &Cookie, form: &[(&str, &str)]) -> Response<Body> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(path)
            .header(header::COOKIE, &cookie.0)
            .header(header::HOST, "review.example.lg.jp")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(form)).unwrap()).await
    }
}

async fn body(response: Response<Body>) -> String {
    let octets = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(octets.to_vec()).unwrap()
}

const HOSTILE: &str = "From: \"<script>alert(1)</script>\" <a@example.com>\n\
    To: bousai@town.example.lg.jp\nSubject: </title><script>alert('x')</script>\" onload=\"y\n\
    MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n\
    --b\nContent-Type: text/plain\n\n<img src=x onerror=alert(2)> & </pre>\n\
    --b\nContent-Type: application/octet-stream\n\
    Content-Disposition: attachment; filename=\"<svg onload=alert(3)>.exe\"\n\nMZ\n--b--\n";

/// Paths of every page that a GET shows, with `ID` for a message and `NUMBER` for a request.
const PAGES: [&str; 10] = [
    "/sign-in?back=/messages",
    "/messages",
    "/messages?state=held&text=x&requested=1",
    "/messages?text=nothing-matches",
    "/messages/ID",
    "/messages/ID?ask=2&back=/messages%23m-1",
    "/requests",
    "/requests?state=all",
    "/requests/NUMBER",
    "/password",
];

async fn hostile() -> (Pages, Cookie, Cookie, QueueId) {
    let pages = Pages::new();
    let approver = pages.sign_in("sato", TOWN, Role::Approver).await;
    let requester = pages.sign_in("suzuki", TOWN, Role::Requester).await;
    let id = pages.receive(TOWN, "bousai@town.example.lg.jp", HOSTILE);
    let asked = [("token", TOKEN), ("wanted", "original"), ("reason", "<i>業務</i>")];
    let response = pages.post(&format!("/messages/{id}/request"), &requester, &asked).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    (pages, approver, requester, id)
}

fn path(pattern: &str, id: QueueId) -> String {
    pattern.replace("ID", &id.to_string()).replace("NUMBER", "1")
}

#[tokio::test]
async fn every_page_renders_in_both_languages() {
    let (pages, approver, requester, id) = hostile().await;
    for pattern in PAGES {
        for cookie in [&approver, &requester] {
            let path = path(pattern, id);
            let (status, japanese) = pages.get(&path, Some(cookie), "ja").await;
            assert_eq!(status, StatusCode::OK, "{path}");
            let (_, english) = pages.get(&path, Some(cookie), "en").await;
            assert!(japanese.contains("<html lang=\"ja\">"), "{path}");
            assert!(english.contains("<html lang=\"en\">"), "{path}");
            assert_ne!(japanese, english, "{path}");
        }
    }
}

#[tokio::test]
async fn what_came_with_a_mail_stays_text() {
    let (pages, approver, requester, id) = hostile().await;
    for pattern in PAGES {
        for cookie in [&approver, &requester] {
            let (_, html) = pages.get(&path(pattern, id), Some(cookie), "ja").await;
            let scripts = html.matches("<script").count();
            let ours = html.matches("<script src=\"/assets/").count();
            assert_eq!(scripts, ours, "{pattern}");
            for mark in ["<img src=x", "<svg onload", "<b>さん", "<i>業務", "\" onload=\""] {
                assert!(!html.contains(mark), "{pattern} holds {mark}");
            }
            assert!(!html.contains("style=\"") && !html.contains("onclick="), "{pattern}");
        }
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let (pages, approver, _, id) = hostile().await;
    for pattern in PAGES.into_iter().chain(["/nowhere", "/messages/FFFFFFFFFF", "/sign-out"]) {
        let request = Request::get(path(pattern, id)).header(header::COOKIE, &approver.0);
        let response = pages.ask(request.body(Body::empty()).unwrap()).await;
        let value = |name: &str| {
            response.headers().get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
        };
        assert_eq!(value("content-security-policy"), security::POLICY, "{pattern}");
        assert_eq!(value("x-content-type-options"), "nosniff", "{pattern}");
        assert_eq!(value("referrer-policy"), "same-origin", "{pattern}");
        assert_eq!(value("cache-control"), "no-store", "{pattern}");
        assert_eq!(value("cross-origin-opener-policy"), "same-origin", "{pattern}");
    }
}

#[tokio::test]
async fn a_form_without_the_token_or_from_elsewhere_does_nothing() {
    let (pages, approver, _, id) = hostile().await;
    let action = format!("/messages/{id}/delete");
    for form in [&[("reason", "x")][..], &[("reason", "x"), ("token", "guessed")]] {
        let response = pages.post(&action, &approver, form).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
    }
    let request = Request::post(&action)
        .header(header::COOKIE, &approver.0)
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(format!("reason=x&token={TOKEN}")));
    assert_eq!(pages.ask(request.unwrap()).await.status(), StatusCode::FORBIDDEN);
    let (_, html) = pages.get(&format!("/messages/{id}"), Some(&approver), "en").await;
    assert!(html.contains("Held"), "{html}");
    let response = pages.post(&action, &approver, &[("reason", "x"), ("token", TOKEN)]).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let (_, html) = pages.get(&format!("/messages/{id}"), Some(&approver), "en").await;
    assert!(html.contains("削除しました。元に戻すときは"), "{html}");
}

#[tokio::test]
async fn what_is_another_organisation_s_looks_like_nothing() {
    let (pages, _, _, id) = hostile().await;
    let other = pages.sign_in("tanaka", CITY, Role::Approver).await;
    let unknown = QueueId(id.0 + 100);
    for (theirs, nothing) in [
        (format!("/messages/{id}"), format!("/messages/{unknown}")),
        ("/requests/1".to_owned(), "/requests/999".to_owned()),
    ] {
        let theirs = pages.get(&theirs, Some(&other), "ja").await;
        assert_eq!(theirs.0, StatusCode::NOT_FOUND);
        assert_eq!(theirs, pages.get(&nothing, Some(&other), "ja").await);
    }
    for what in ["release", "delete", "original", "request"] {
        let form = [("token", TOKEN), ("reason", "x"), ("wanted", "original")];
        let theirs = pages.post(&format!("/messages/{id}/{what}"), &other, &form).await;
        let nothing = pages.post(&format!("/messages/{unknown}/{what}"), &other, &form).await;
        assert_eq!(theirs.status(), StatusCode::NOT_FOUND, "{what}");
        assert_eq!(body(theirs).await, body(nothing).await, "{what}");
    }
    let (_, list) = pages.get("/messages", Some(&other), "ja").await;
    assert!(list.contains("メールはまだありません"), "{list}");
}

#[tokio::test]
async fn nobody_approves_his_own_request_and_another_does() {
    let pages = Pages::new();
    let one = pages.sign_in("sato", TOWN, Role::Approver).await;
    let another = pages.sign_in("ito", TOWN, Role::Approver).await;
    let id = pages.receive(TOWN, "bousai@town.example.lg.jp", HOSTILE);
    let asked = [("token", TOKEN), ("wanted", "original"), ("reason", "業務")];
    pages.post(&format!("/messages/{id}/request"), &one, &asked).await;
    let (_, html) = pages.get("/requests/1", Some(&one), "ja").await;
    assert!(html.contains("自分の申請を自分で承認することはできません"), "{html}");
    assert!(!html.contains("name=\"verdict\""), "{html}");
    let verdict = [("token", TOKEN), ("verdict", "approve")];
    let response = pages.post("/requests/1/decide", &one, &verdict).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(body(response).await.contains("自分の申請を自分で"));
    let response = pages.post("/requests/1/decide", &another, &verdict).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let download = pages.post("/requests/1/original", &one, &[("token", TOKEN)]).await;
    assert_eq!(download.status(), StatusCode::OK);
    let value = |name: &str| download.headers()[name].to_str().unwrap().to_owned();
    assert!(value("content-disposition").starts_with("attachment; filename="));
    assert_eq!(value("content-type"), "application/octet-stream");
    assert_eq!(value("content-security-policy"), "sandbox");
    let response = pages.post("/requests/1/original", &another, &[("token", TOKEN)]).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_typed_reference_number_leads_straight_to_its_message() {
    let (pages, approver, _, id) = hostile().await;
    let message = pages.store.message(id.into()).unwrap().unwrap();
    let typed = message.reference.to_string().to_lowercase().replace('-', "+");
    for path in [format!("/messages?text={typed}&go=1"), format!("/look-up?reference={typed}")] {
        let request = Request::get(&path).header(header::COOKIE, &approver.0);
        let response = pages.ask(request.body(Body::empty()).unwrap()).await;
        let to = response.headers()[header::LOCATION].to_str().unwrap();
        assert!(to.starts_with(&format!("/messages/{id}")), "{path} leads to {to}");
    }
    // Who is not signed in comes back to it afterwards.
    let request = Request::get(format!("/look-up?reference={typed}")).body(Body::empty()).unwrap();
    let response = pages.ask(request).await;
    let to = response.headers()[header::LOCATION].to_str().unwrap();
    assert!(to.starts_with("/sign-in?back=%2Flook-up%3Freference%3D"), "{to}");
}

#[tokio::test]
async fn a_bulk_of_messages_is_confirmed_and_told_one_by_one() {
    let (pages, approver, _, first) = hostile().await;
    let second = pages.receive(TOWN, "bousai@town.example.lg.jp", "Subject: 二通目\n\n本文\n");
    pages
        .post(&format!("/messages/{first}/delete"), &approver, &[("token", TOKEN), ("reason", "x")])
        .await;
    let form = [("token", TOKEN), ("action", "delete"), ("whole", "1"), ("filter", "")];
    let html = body(pages.post("/messages/confirm", &approver, &form).await).await;
    assert!(html.contains("対象：2件") && html.contains("二通目"), "{html}");
    let ids = format!("{first} {second}");
    let form = [("token", TOKEN), ("action", "delete"), ("ids", &ids), ("reason", "整理")];
    let html = body(pages.post("/messages/apply", &approver, &form).await).await;
    assert!(html.contains("1件を処理し、1件は処理できませんでした"), "{html}");
    assert!(html.contains("削除済み"), "{html}");
}

#[tokio::test]
async fn an_empty_quarantine_and_a_broken_one_look_different() {
    let pages = Pages::new();
    let approver = pages.sign_in("sato", TOWN, Role::Approver).await;
    let (status, empty) = pages.get("/messages", Some(&approver), "ja").await;
    assert_eq!(status, StatusCode::OK);
    assert!(empty.contains("隔離は空です"), "{empty}");
    let damage = JournalError::Damaged { what: "page 7 of the database".to_owned() };
    let broken = Failure::from(Refusal::Store(damage)).into_response();
    assert_eq!(broken.status(), StatusCode::SERVICE_UNAVAILABLE);
    let broken = body(broken).await;
    assert!(broken.contains("隔離が空という意味ではありません"), "{broken}");
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let (pages, approver, ..) = hostile().await;
    let response = pages.post("/sign-out", &approver, &[("token", TOKEN)]).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let (status, _) = pages.get("/messages", Some(&approver), "ja").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_gives_a_new_session() {
    let (pages, approver, ..) = hostile().await;
    let id = pages.store.account_by_login("sato").unwrap().unwrap().id;
    let machine = crate::desk::Person::machine("root", clock::now());
    pages.desk.set_password(&machine, id, Some("a long pass phrase of ours")).unwrap();
    let form = [("login", "sato"), ("password", "wrong"), ("back", "/requests")];
    let response = pages.post("/sign-in", &approver, &form).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let form =
        [("login", "sato"), ("password", "a long pass phrase of ours"), ("back", "/requests")];
    let response = pages.post("/sign-in", &approver, &form).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let renewed = Cookie(cookie.split(';').next().unwrap().to_owned());
    assert_ne!(renewed.0, approver.0);
    assert_eq!(pages.get("/requests", Some(&approver), "ja").await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_s_whole_time_is_bounded() {
    let (pages, approver, ..) = hostile().await;
    let id: Id = approver.0.strip_prefix("sekimori=").unwrap().parse().unwrap();
    let sessions = Sessions::new(Arc::clone(pages.desk.register()));
    let mut record = sessions.load(&id).await.unwrap().unwrap();
    let long_ago = clock::now().unix_millis() - 13 * 60 * 60 * 1_000;
    record.data.get_mut("person").unwrap()["since"] = long_ago.into();
    sessions.save(&record).await.unwrap();
    assert_eq!(pages.get("/messages", Some(&approver), "ja").await.0, StatusCode::SEE_OTHER);
}

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
