//! Quarantine review from the command line.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking and says what it saw")]

mod support;

use std::fs;
use std::io::Write as _;

use sekimori_journal::{Role, Scope, State};
use sekimori_review::desk::{Person, TokenRequest};
use serde_json::Value;

use support::next_hop::{Manners, NextHop};
use support::run::{Run, finish};
use support::village::{DOMAIN, OTHER, OTHER_DOMAIN, PASSWORD, VILLAGE, Village, now};

const QUOTATION: &[u8] = include_bytes!("../../../fixtures/mail/tender/quotation-xlsm.eml");
const INQUIRY: &[u8] = include_bytes!("../../../fixtures/mail/person/resident-road-inquiry.eml");

/// A token of somebody for everything that he may do.
fn token(village: &Village, person: &Person) -> String {
    let asked = TokenRequest {
        name: "test".to_owned(),
        scopes: Scope::ALL.to_vec(),
        expires_at: now().plus_days(1),
    };
    village.desk.add_token(person, &asked).unwrap().secret
}

/// Runs a command as the person of a token; as whoever sits at the machine with an empty one.
fn run(village: &Village, token: &str, arguments: &[&str]) -> Run {
    run_with(village, token, arguments, b"")
}

fn run_with(village: &Village, token: &str, arguments: &[&str], input: &[u8]) -> Run {
    let mut command = village.gateway.command(arguments);
    finish(command.env("SEKIMORI_TOKEN", token), input)
}

/// Somebody new, with a token.
fn somebody(village: &Village, login: &str, organisation: &str, role: Role) -> String {
    let person = village.inhabitant(login, organisation, &[role]);
    token(village, &person)
}

#[test]
fn one_asks_another_approves_and_the_text_crosses() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let tanaka = somebody(&village, "tanaka", VILLAGE, Role::Requester);
    let sato = somebody(&village, "sato", VILLAGE, Role::Approver);
    let message = village.receive(&format!("tanaka@{DOMAIN}"), INQUIRY);
    let reference = message.reference.to_string();
    let listed = run(&village, &tanaka, &["quarantine", "list", "--json"]).good().object();
    assert_eq!(listed["reference"], reference.as_str());
    assert_eq!(listed["state"], "held");
    let text = run(&village, &tanaka, &["quarantine", "cat", &reference]).good();
    assert!(text.text().contains("側溝"), "{}", text.text());
    let reason = ["--reason", "住民への回答"];
    let asked = [&["quarantine", "request", "--json"][..], &reason, &[&reference]].concat();
    let asked = run(&village, &tanaka, &asked).good().object();
    assert_eq!(asked["request"], 1);
    // A requester decides nothing.
    let approve = ["quarantine", "approve", "--request", "1", "--reason", "ok"];
    assert_eq!(run(&village, &tanaka, &approve).code, 77);
    let requests = run(&village, &sato, &["quarantine", "requests", "--json"]).good().object();
    assert_eq!(requests["reason"], "住民への回答");
    run(&village, &sato, &approve).good();
    let taken = next_hop.wait_for_taken(1);
    assert!(taken[0].text().contains("Sekimori-Result:"));
    village.wait_for_state(message.queue_id, State::Delivered);
    let shown = run(&village, &sato, &["quarantine", "show", "--json", &reference]).good().object();
    assert_eq!(shown["state"], "delivered");
    assert_eq!(shown["requests"][0]["state"], "approved");
}

#[test]
fn nobody_approves_his_own_request() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let sato = somebody(&village, "sato", VILLAGE, Role::Approver);
    let ito = somebody(&village, "ito", VILLAGE, Role::Approver);
    let message = village.receive(&format!("sato@{DOMAIN}"), QUOTATION);
    let id = message.queue_id.to_string();
    let ask = ["quarantine", "request", "--original", "--reason", "確かめる", &id];
    run(&village, &sato, &ask).good();
    let approve = ["quarantine", "approve", "--request", "1", "--reason", "ok", "--json"];
    let own = run(&village, &sato, &approve);
    assert_eq!(own.code, 77, "{own:?}");
    assert_eq!(own.object()["result"], "own-request");
    let file = village.gateway.folder().join("original.eml");
    let out = file.to_str().unwrap();
    let hand_over = ["quarantine", "hand-over", "--out", out, &id];
    assert_eq!(run(&village, &sato, &hand_over).code, 77);
    assert!(!file.exists());
    run(&village, &ito, &approve).good();
    run(&village, &sato, &hand_over).good();
    assert_eq!(fs::read(&file).unwrap(), [QUOTATION, b"\r\n"].concat());
    // What is there is never written over.
    assert_ne!(run(&village, &sato, &hand_over).code, 0);
    assert!(next_hop.handed().is_empty(), "an original never goes to the next hop");
}

/// Calls the HTTP API of the running gateway.
fn call(village: &Village, token: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    call_at(village.gateway.http(), token, method, path, body)
}

fn call_at(
    address: std::net::SocketAddr,
    token: &str,
    method: &str,
    path: &str,
    body: &str,
) -> (u16, Value) {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap())
}

#[test]
fn programs_ask_and_approve_over_http_and_the_text_crosses() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let sato = somebody(&village, "sato", VILLAGE, Role::Approver);
    let ito = somebody(&village, "ito", VILLAGE, Role::Approver);
    let message = village.receive(&format!("sato@{DOMAIN}"), INQUIRY);
    let path = format!("/messages/{}/requests", message.reference);
    let ask = r#"{"wanted":{"what":"text"},"reason":"回答に必要"}"#;
    assert_eq!(call(&village, &sato, "POST", &path, ask).1["request"], 1);
    let (status, own) = call(&village, &sato, "POST", "/requests/1/approve", "{}");
    assert_eq!((status, own["code"].as_str()), (403, Some("own-request")));
    assert_eq!(call(&village, &ito, "POST", "/requests/1/approve", "{}").0, 200);
    next_hop.wait_for_taken(1);
    village.wait_for_state(message.queue_id, State::Delivered);
    let path = format!("/messages/{}", message.reference);
    assert_eq!(call(&village, &ito, "GET", &path, "").1["state"], "delivered");
    assert_eq!(call(&village, "nobody", "GET", &path, "").0, 401);
}

#[test]
fn bulk_actions_tell_of_each_and_deletes_are_undone() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let sato = somebody(&village, "sato", VILLAGE, Role::Approver);
    let ids: Vec<_> =
        (0..3).map(|_| village.receive(&format!("soumu@{DOMAIN}"), INQUIRY).queue_id).collect();
    let list: String = ids.iter().map(|id| format!("{id}\n")).collect();
    let delete = ["quarantine", "delete", "--reason", "迷惑メール", "--json", "-"];
    let tried = [&delete[..5], &["--dry-run", "-"]].concat();
    run_with(&village, &sato, &tried, list.as_bytes()).good();
    assert!(ids.iter().all(|&id| village.message(id).state == State::Held));
    let first = ids[0].to_string();
    run(&village, &sato, &[&delete[..5], &[&first]].concat()).good();
    let done = run_with(&village, &sato, &delete, list.as_bytes());
    let results: Vec<Value> = done.objects().iter().map(|o| o["result"].clone()).collect();
    assert_eq!(results, ["wrong-state", "done", "done"], "{done:?}");
    assert_eq!(done.code, 65);
    assert!(ids.iter().all(|&id| village.message(id).state == State::Deleted));
    let restore = ["quarantine", "restore", "--reason", "誤り", "--all", "--state", "deleted"];
    run(&village, &sato, &restore).good();
    assert!(ids.iter().all(|&id| village.message(id).state == State::Held));
    let extend = ["quarantine", "extend", "--days", "90", "--reason", "調査中", &first];
    run(&village, &sato, &extend).good();
    assert!(village.message(ids[0]).keep_until > now().plus_days(80));
    // Without ids, "all" has to be said.
    let delete = ["quarantine", "delete", "--reason", "x"];
    assert_eq!(run(&village, &sato, &delete).code, 64);
}

#[test]
fn whoever_sits_at_the_machine_keeps_accounts_and_sees_no_mail() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let message = village.receive(&format!("soumu@{DOMAIN}"), INQUIRY);
    let id = message.queue_id.to_string();
    for arguments in [
        vec!["quarantine", "list"],
        vec!["quarantine", "cat", &id],
        vec!["quarantine", "approve", "--reason", "x", &id],
        vec!["report", "monthly", "--organisation", VILLAGE],
    ] {
        let refused = run(&village, "", &arguments);
        assert_eq!(refused.code, 77, "{arguments:?}: {refused:?}");
    }
    village.inhabitant("ito", VILLAGE, &[Role::Approver]);
    for action in ["release", "delete"] {
        // Nor does the queue lead past reviewers, once there are any.
        let refused = run(&village, "", &["queue", action, "--reason", "x", &id]);
        assert_eq!(refused.code, 77, "{refused:?}");
        assert!(refused.talk.contains("sekimori quarantine"), "{}", refused.talk);
    }
    assert_eq!(village.message(message.queue_id).state, State::Held);
    let add = ["user", "add", "--organisation", VILLAGE, "--role", "approver", "sato"];
    let temporary = run(&village, "", &add).good().text().trim().to_owned();
    let signed_in =
        village.desk.sign_in("sato", &temporary, None, sekimori_review::desk::Origin::CommandLine);
    let person = signed_in.unwrap().person;
    village.desk.change_password(&person, &temporary, PASSWORD).unwrap();
    let make = |password: &str| {
        let arguments = ["user", "token", "add", "--name", "cli", "--scope", "read"];
        let arguments = [&arguments[..], &["--password-file", "-", "sato"]].concat();
        run_with(&village, "", &arguments, password.as_bytes())
    };
    assert_eq!(make("not the password\n").code, 77);
    let token = make(&format!("{PASSWORD}\n")).good().text().trim().to_owned();
    run(&village, &token, &["quarantine", "list"]).good();
    // The token is for reading the list, not content.
    assert_eq!(run(&village, &token, &["quarantine", "cat", &id]).code, 77);
    let disable = ["user", "disable", "--reason", "異動", "sato"];
    run(&village, "", &disable).good();
    assert_eq!(run(&village, &token, &["quarantine", "list"]).code, 77);
    let users = run(&village, "", &["user", "list", "--json"]).good().objects();
    let sato = users.iter().find(|user| user["login"] == "sato").unwrap();
    assert_eq!(sato["disabled"], true);
}

#[test]
fn accounts_come_from_a_file_and_its_faults_are_told_by_line() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let csv = run(&village, "", &["user", "export"]).good().text().to_owned();
    let head = csv.trim_start_matches('\u{FEFF}').lines().next().unwrap().to_owned();
    let columns = head.split(',').count();
    let file = village.gateway.folder().join("accounts.csv");
    let path = file.to_str().unwrap();
    let wrong = format!("{head}\r\n{}\r\n", vec!["?"; columns].join(","));
    fs::File::create(&file).unwrap().write_all(wrong.as_bytes()).unwrap();
    let refused = run(&village, "", &["user", "import", path]);
    assert_eq!(refused.code, 65, "{refused:?}");
    assert!(refused.talk.contains("accounts.csv:2:"), "{}", refused.talk);
}

#[test]
fn what_is_another_organisation_s_is_answered_like_what_is_not_there() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let sato = somebody(&village, "sato", VILLAGE, Role::Approver);
    let kita = village.inhabitant("kita", OTHER, &[Role::Requester, Role::Approver]);
    let kita = token(&village, &kita);
    village.receive(&format!("kita@{OTHER_DOMAIN}"), INQUIRY);
    let message = village.receive(&format!("sato@{DOMAIN}"), QUOTATION);
    let ask =
        ["quarantine", "request", "--original", "--reason", "x", &message.queue_id.to_string()];
    run(&village, &sato, &ask).good();
    let listed = run(&village, &kita, &["quarantine", "list", "--json"]).good().object();
    assert_eq!(listed["organisation"], OTHER);
    let (theirs, nothing) = (message.reference.to_string(), "0000-0000".to_owned());
    for arguments in [
        vec!["show", "ID"],
        vec!["cat", "ID"],
        vec!["request", "--reason", "x", "ID"],
        vec!["approve", "--reason", "x", "ID"],
        vec!["reject", "--reason", "x", "ID"],
        vec!["delete", "--reason", "x", "ID"],
        vec!["restore", "--reason", "x", "ID"],
        vec!["extend", "--days", "5", "--reason", "x", "ID"],
        vec!["hand-over", "--out", "-", "ID"],
        vec!["approve", "--reason", "x", "--request", "1"],
        vec!["reject", "--reason", "x", "--request", "1"],
        vec!["send-back", "--reason", "x", "1"],
        vec!["withdraw", "1"],
    ] {
        let with = |id: &str| -> Run {
            let number = if id == nothing { "999" } else { "1" };
            let filled = arguments.iter().map(|&word| match word {
                "ID" => id,
                "1" => number,
                word => word,
            });
            let words: Vec<&str> = ["quarantine"].into_iter().chain(filled).collect();
            let mut run = run(&village, &kita, &words);
            run.talk = run.talk.replace(id, "ID");
            run.out = run.text().replacen(number, "N", 1).into_bytes();
            run
        };
        let (theirs, nothing) = (with(&theirs), with(&nothing));
        assert_eq!(theirs.code, 65, "{arguments:?}: {theirs:?}");
        assert_eq!(theirs, nothing, "{arguments:?}");
    }
    assert!(run(&village, &kita, &["quarantine", "requests"]).good().text().is_empty());
    let export = ["quarantine", "export", "--organisation", VILLAGE];
    assert_ne!(run(&village, &kita, &export).code, 0);
    let report = ["report", "monthly", "--organisation", VILLAGE, "--period", "2026-11"];
    assert_eq!(run(&village, &kita, &report).code, 65);
    assert_eq!(village.message(message.queue_id).state, State::Held);
}

#[test]
fn reports_and_exports_are_written_in_each_form() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let sato = somebody(&village, "sato", VILLAGE, Role::Approver);
    village.receive(&format!("sato@{DOMAIN}"), QUOTATION);
    let month = now().rfc3339()[..7].to_owned();
    for kind in ["monthly", "self-check", "requests"] {
        let write = |format: &str| {
            let arguments = ["report", kind, "--period", &month, "--format", format];
            run(&village, &sato, &arguments).good().text().to_owned()
        };
        assert!(write("html").contains("<html lang=\"ja\">"));
        assert!(write("csv").starts_with('\u{FEFF}'));
        assert!(write("jsonl").starts_with('{'));
    }
    let csv = run(&village, &sato, &["quarantine", "export", "--csv"]).good();
    assert!(csv.text().contains("御見積書送付"), "{}", csv.text());
    assert_eq!(run(&village, &sato, &["report", "monthly", "--period", "soon"]).code, 64);
}

#[test]
fn the_pages_are_served_beside_a_relay_of_its_own() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let sato = somebody(&village, "sato", VILLAGE, Role::Approver);
    let message = village.receive(&format!("sato@{DOMAIN}"), INQUIRY);
    let log = village.gateway.folder().join("review.log");
    let mut command = village.gateway.command(&["review"]);
    command.env("SEKIMORI__REVIEW__LISTEN", "127.0.0.1:0");
    let mut pages = command.stderr(fs::File::create(&log).unwrap()).spawn().unwrap();
    let address: std::net::SocketAddr = support::wait_for("the pages are served", || {
        let text = fs::read_to_string(&log).unwrap();
        let line = text.lines().find(|line| line.contains("listening for HTTP"))?;
        serde_json::from_str::<Value>(line).ok()?["address"].as_str()?.parse().ok()
    });
    let body = format!("{{\"ids\":[\"{}\"],\"reason\":\"確認済み\"}}", message.queue_id);
    let (status, done) = call_at(address, &sato, "POST", "/messages/release", &body);
    assert_eq!((status, done["results"][0]["result"].as_str()), (200, Some("done")));
    // The relay takes it from there.
    next_hop.wait_for_taken(1);
    pages.kill().unwrap();
    pages.wait().unwrap();
}
