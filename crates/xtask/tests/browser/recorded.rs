//! What pages ask of the network and complain of, and what they keep apart.

use sekimori_xtask::browser::{Browser, Dialog, Kind, Record};
use serde_json::json;

use crate::site::{Answer, Site};
use crate::{person, showing, site_of};

/// What our own pages are sent with.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'";

#[test]
fn people_have_cookies_of_their_own() {
    let site = Site::start(|came| {
        let sets = came.path == "/set";
        let answer = Answer::page(&format!("<pre>{}</pre>", came.fields));
        Some(if sets {
            answer.field("Set-Cookie", "__Host-who=me; Path=/; HttpOnly; Secure; SameSite=Lax")
        } else {
            answer
        })
    });
    let (one, other) = (person(), person());
    one.goto(&site.url("/set")).unwrap();
    let [cookie] = &one.cookies().unwrap()[..] else { panic!("one cookie was set") };
    assert_eq!((cookie.name.as_str(), cookie.value.as_str()), ("__Host-who", "me"));
    assert!(cookie.http_only && cookie.secure && cookie.session);
    assert_eq!(cookie.same_site.as_deref(), Some("Lax"));
    other.goto(&site.url("/")).unwrap();
    assert!(!other.text("pre").unwrap().contains("who=me"));
    let tab = one.tab().unwrap();
    tab.goto(&site.url("/")).unwrap();
    assert!(tab.text("pre").unwrap().contains("who=me"));
    one.clear_cookies().unwrap();
    tab.reload().unwrap();
    assert!(!tab.text("pre").unwrap().contains("who=me"));
}

#[test]
fn nothing_goes_anywhere_but_to_127_0_0_1_and_what_would_have_is_recorded() {
    let other = site_of("other");
    let link = other.url("/picture.png");
    let html = format!(
        "<img src=http://tracker.example/a.png><link rel=stylesheet href=https://192.0.2.1/a.css>
         <img src={link}><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>
         <iframe sandbox=allow-scripts srcdoc='<img src=http://framed.example/b.png>'></iframe>
         <script>new Worker(URL.createObjectURL(new Blob(
           ['fetch(\"http://worker.example/\").catch(() => postMessage(1))'])))
           .onmessage = () => document.title = 'done'</script>"
    );
    let site = Site::start(move |came| (came.path == "/").then(|| Answer::page(&html)));
    let page = person();
    page.goto(&site.url("/")).unwrap();
    page.wait_until("document.title === 'done'").unwrap();
    let record = page.record().unwrap();
    let foreign = record.foreign(&site.origin());
    let mut urls: Vec<&str> = foreign.iter().map(|request| request.url.as_str()).collect();
    urls.sort_unstable();
    let expected = [
        link.as_str(),
        "http://framed.example/b.png",
        "http://tracker.example/a.png",
        "http://worker.example/",
        "https://192.0.2.1/a.css",
    ];
    assert_eq!(urls, expected);
    for request in foreign.iter().filter(|request| request.url != link) {
        assert!(request.failed.is_some(), "{request:?}");
    }
    assert!(record.faults().is_empty(), "{record:?}");
    assert!(!record.of(Kind::Network).is_empty());
}

#[test]
fn complaints_are_recorded_by_kind() {
    let site = Site::start(|came| match came.path.as_str() {
        "/" => Some(
            Answer::page(
                "<body style='color:red'><script>console.error('inline')</script>
                 <script src=/own.js></script><img src=http://tracker.example/a.png>",
            )
            .field("Content-Security-Policy", POLICY),
        ),
        "/own.js" => Some(
            Answer::page("console.error('wrong', 3); console.log('fine'); missing()")
                .field("Content-Type", "text/javascript"),
        ),
        "/refused" => Some(Answer::page("<p>refused").status(403)),
        _ => None,
    });
    let page = person();
    page.goto(&site.url("/")).unwrap();
    let record = page.record().unwrap();
    let texts = |kind| record.of(kind).iter().map(|c| c.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(Kind::Console), ["wrong 3"]);
    let thrown = texts(Kind::Exception);
    assert!(thrown.len() == 1 && thrown[0].contains("missing is not defined"), "{thrown:?}");
    let policy = texts(Kind::Policy);
    assert_eq!(policy.len(), 3, "{record:#?}");
    for part in ["style-src-attr forbids", "script-src-elem forbids", "tracker.example/a.png"] {
        assert!(policy.iter().any(|text| text.contains(part)), "{part}: {policy:?}");
    }
    assert_eq!(record.foreign(&site.origin())[0].failed.as_deref(), Some("csp"));
    assert_eq!(page.evaluate("1 + 1").unwrap(), json!(2), "the policy binds the page only");
    assert_eq!(page.take_record().unwrap(), record);
    assert_eq!(page.record().unwrap(), Record::default());
    let other = person();
    other.goto(&site.url("/refused")).unwrap();
    assert_eq!(other.status().unwrap(), Some(403));
    let record = other.record().unwrap();
    assert!(record.faults().is_empty() && record.of(Kind::Network).len() == 1, "{record:?}");
}

#[test]
fn dialogs_are_answered_and_recorded() {
    let (_site, page) =
        showing("<button onclick=\"this.id = confirm('本当に？') ? 'yes' : 'no'\">消す");
    page.click("button").unwrap();
    assert_eq!(page.attribute("button", "id").unwrap().as_deref(), Some("yes"));
    page.answer_dialogs(false).unwrap();
    page.click("button").unwrap();
    assert_eq!(page.attribute("button", "id").unwrap().as_deref(), Some("no"));
    let asked = Dialog { kind: "confirm".to_owned(), text: "本当に？".to_owned() };
    assert_eq!(page.record().unwrap().dialogs, [asked.clone(), asked]);
}

#[test]
fn without_a_network_even_this_machine_is_out_of_reach() {
    let site = site_of("<p>here");
    let page = Browser::without_network().unwrap().person().unwrap();
    let error = page.goto(&site.url("/")).unwrap_err().to_string();
    assert!(error.contains("net::ERR_"), "{error}");
    assert!(site.came().is_empty());
}

#[test]
fn windows_that_a_page_opens_beside_itself_are_recorded() {
    let (site, page) = showing(
        "<title>0</title><button onclick=\"window.open('http://window.example/?1').close();
           document.title = '1'\">open</button>
         <a target=_blank href=http://link.example/?2 onclick=\"setTimeout(() =>
           document.title = '2')\">link</a>",
    );
    page.click("button").unwrap();
    page.wait_until("document.title === '1'").unwrap();
    page.click("a").unwrap();
    page.wait_until("document.title === '2'").unwrap();
    let record = page.record().unwrap();
    let foreign = record.foreign(&site.origin());
    let urls: Vec<&str> = foreign.iter().map(|request| request.url.as_str()).collect();
    assert_eq!(urls, ["http://window.example/?1", "http://link.example/?2"]);
}
