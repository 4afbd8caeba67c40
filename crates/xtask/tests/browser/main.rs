//! The browser that tests drive, on a small web site.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking and says what it saw"
)]

mod site;

use sekimori_xtask::browser::{Browser, Dialog, Extent, Find, Kind, Media, Page};
use serde_json::json;

use site::{Answer, Site};

/// What our own pages are sent with.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'";

fn person() -> Page {
    Browser::shared().unwrap().person().unwrap()
}

/// A site of one page.
fn site_of(html: &'static str) -> Site {
    Site::start(move |came| (came.path == "/").then(|| Answer::page(html)))
}

/// A page that shows this.
fn showing(html: &'static str) -> (Site, Page) {
    let site = site_of(html);
    let page = person();
    page.goto(&site.url("/")).unwrap();
    (site, page)
}

#[test]
fn a_form_is_filled_in_and_sent_and_its_answer_is_read() {
    let site = Site::start(|came| match (came.method.as_str(), came.path.as_str()) {
        ("GET", "/") => Some(Answer::page(
            "<title>窓口</title><form method=post action=/send>
             <label>名前 <input name=name value=old></label>
             <label>日付 <input type=date name=day></label>
             <label>部署 <select name=office><option>総務課<option value=tax>税務課</select></label>
             <label><input type=checkbox name=urgent> 至急</label>
             <button>送信</button></form>",
        )),
        ("POST", "/send") => Some(Answer::to("/done")),
        ("GET", "/done") => Some(Answer::page("<h1>受け付けました</h1>").status(201)),
        _ => None,
    });
    let page = person();
    page.goto(&site.url("/")).unwrap();
    assert_eq!((page.title().unwrap(), page.status().unwrap()), ("窓口".to_owned(), Some(200)));
    page.fill(Find::role("textbox", "名前"), "山田 花子").unwrap();
    page.set("[name=day]", "2026-04-01").unwrap();
    page.choose(Find::role("combobox", "部署"), "税務課").unwrap();
    page.check(Find::role("checkbox", "至急"), true).unwrap();
    page.follow(Find::role("button", "送信")).unwrap();
    assert_eq!(page.text("h1").unwrap(), "受け付けました");
    assert_eq!((page.url().unwrap(), page.status().unwrap()), (site.url("/done"), Some(201)));
    let sent = site.came().into_iter().find(|came| came.method == "POST").unwrap();
    let expected = "name=%E5%B1%B1%E7%94%B0+%E8%8A%B1%E5%AD%90&day=2026-04-01&office=tax&urgent=on";
    assert_eq!(sent.body, expected);
    assert!(sent.fields.contains("accept-language: ja"), "{}", sent.fields);
    page.back().unwrap();
    assert_eq!(page.url().unwrap(), site.url("/"));
    page.prefer_language("en").unwrap();
    page.reload().unwrap();
    assert!(site.came().last().unwrap().fields.contains("accept-language: en"));
}

#[test]
fn what_does_not_answer_is_an_error_and_so_is_a_click_on_what_leads_nowhere_to_be_clicked() {
    let page = person();
    let closed = sekimori_xtask::process::free_address().unwrap();
    let error = page.goto(&format!("http://{closed}/")).unwrap_err().to_string();
    assert!(error.contains("ERR_CONNECTION_REFUSED"), "{error}");
    let (_site, page) = showing(
        "<button>one</button><button>one</button><button disabled id=off>off</button>
         <button id=under>under</button><button id=gone hidden>gone</button>
         <div style='position:fixed;top:0;left:0;right:0;height:500px' id=cover></div>",
    );
    let refused = |find: Find| page.click(find).unwrap_err().to_string();
    assert!(refused("button.none".into()).contains("does not have `button.none`"));
    assert!(refused(Find::text("one")).contains("2 elements"));
    assert!(refused("#off".into()).contains("disabled"));
    assert!(refused("#under".into()).contains("id=\"cover\""));
    assert!(refused("#gone".into()).contains("clicking `#gone`"));
}

#[test]
fn elements_are_found_as_people_find_them() {
    let (_site, page) = showing(
        "<nav><a href=/a>一覧</a></nav>
         <table><tr><td>甲<td><button>承認</button><tr><td>乙<td><button>承認</button></table>
         <button aria-label='検索する'><b>→</b></button>
         <input type=submit value=却下><p hidden>見えない</p><p>これは<em>長い</em>文です。</p>",
    );
    assert_eq!(page.count(Find::role("button", "承認")).unwrap(), 2);
    let second = || Find::role("button", "承認").within(Find::css("tr").having("乙"));
    assert_eq!(page.count(second()).unwrap(), 1);
    assert_eq!(page.attribute(Find::text("一覧"), "href").unwrap().as_deref(), Some("/a"));
    assert!(page.exists(Find::role("link", "一覧").within("nav")).unwrap());
    assert!(page.exists(Find::role("button", "検索する")).unwrap());
    assert_eq!(page.attribute(Find::text("却下"), "type").unwrap().as_deref(), Some("submit"));
    assert!(!page.exists(Find::text("見えない")).unwrap());
    assert!(page.exists("p[hidden]").unwrap());
    assert_eq!(page.text(Find::text("これは長い")).unwrap(), "これは長い文です。");
    assert_eq!(page.texts("td:first-child").unwrap(), ["甲", "乙"]);
    assert_eq!(page.text(Find::css("tr").nth(1)).unwrap().split_whitespace().next(), Some("乙"));
}

#[test]
fn the_keyboard_alone_will_do() {
    let site = Site::start(|came| match came.path.as_str() {
        "/" => Some(Answer::page(
            "<script>document.addEventListener('keydown', (e) =>
               document.querySelector('#log').append(`${e.key} `))</script>
             <a href=/a>最初</a><form action=/b><input aria-label=番号 name=q>
             <button>探す</button></form><p id=log></p>",
        )),
        "/b?q=Ab1%3F%E7%94%B2" => Some(Answer::page("<p>found")),
        _ => None,
    });
    let page = person();
    page.goto(&site.url("/")).unwrap();
    assert_eq!(page.focused().unwrap().tag, "body");
    page.press("Tab").unwrap();
    let link = page.focused().unwrap();
    assert_eq!((link.role.as_str(), link.name.as_str()), ("link", "最初"));
    assert!(link.is_marked);
    page.press("Tab").unwrap();
    assert_eq!(page.focused().unwrap().name, "番号");
    page.press("Tab").unwrap();
    page.press("Shift+Tab").unwrap();
    page.type_keys("Ab1?甲x").unwrap();
    page.press("Backspace").unwrap();
    assert_eq!(page.text("#log").unwrap(), "Tab Tab Tab Tab A b 1 ? x Backspace");
    page.load_by(|page| page.press("Enter")).unwrap();
    assert_eq!(page.text("p").unwrap(), "found");
}

#[test]
fn people_have_cookies_of_their_own() {
    let site = Site::start(|came| {
        let sets = came.path == "/set";
        let answer = Answer::page(&format!("<pre>{}</pre>", came.fields));
        Some(if sets { answer.field("Set-Cookie", "who=me; HttpOnly") } else { answer })
    });
    let (one, other) = (person(), person());
    one.goto(&site.url("/set")).unwrap();
    other.goto(&site.url("/")).unwrap();
    assert!(!other.text("pre").unwrap().contains("who=me"));
    let tab = one.tab().unwrap();
    tab.goto(&site.url("/")).unwrap();
    assert!(tab.text("pre").unwrap().contains("who=me"));
}

#[test]
fn files_arrive_whole_under_the_names_they_were_given() {
    let octets: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let sent = octets.clone();
    let site = Site::start(move |came| match came.path.as_str() {
        "/" => Some(Answer::page("<a href=/file>原本</a><a href=/mail>メール</a>")),
        "/file" => Some(Answer::file("%E5%8E%9F%E6%9C%AC.exe", &sent)),
        "/mail" => Some(Answer::file("a.eml", b"From: a@example.jp\r\n\r\n")),
        _ => None,
    });
    let page = person();
    page.goto(&site.url("/")).unwrap();
    let file = page.download_by(|page| page.click(Find::text("原本"))).unwrap();
    assert_eq!((file.name.as_str(), file.url), ("原本.exe", site.url("/file")));
    assert_eq!(std::fs::read(&file.file).unwrap(), octets);
    let mail = page.download_by(|page| page.click(Find::text("メール"))).unwrap();
    assert_eq!((mail.name.as_str(), mail.octets().unwrap().len()), ("a.eml", 22));
    assert_eq!(page.url().unwrap(), site.url("/"), "the page is still there");
}

#[test]
fn a_file_is_handed_in() {
    let site = Site::start(|came| match came.method.as_str() {
        "GET" => Some(Answer::page(
            "<form method=post enctype=multipart/form-data><input type=file name=csv><button>go",
        )),
        _ => Some(Answer::page("<p>taken")),
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.csv");
    std::fs::write(&file, "id,name\r\n1,山田\r\n").unwrap();
    let page = person();
    page.goto(&site.url("/")).unwrap();
    page.set_file("[name=csv]", &file).unwrap();
    page.follow("button").unwrap();
    let sent = site.came().into_iter().find(|came| came.method == "POST").unwrap();
    assert!(sent.body.contains("filename=\"people.csv\"") && sent.body.contains("1,山田\r\n"));
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
    let other = person();
    other.goto(&site.url("/refused")).unwrap();
    assert_eq!(other.status().unwrap(), Some(403));
    let record = other.record().unwrap();
    assert!(record.faults().is_empty() && record.of(Kind::Network).len() == 1, "{record:?}");
}

#[test]
fn dialogs_are_answered_and_recorded() {
    let (_site, page) = showing("<button onclick=\"this.id = confirm('本当に？') ? 'yes' : 'no'\">消す");
    page.click("button").unwrap();
    assert_eq!(page.attribute("button", "id").unwrap().as_deref(), Some("yes"));
    page.answer_dialogs(false).unwrap();
    page.click("button").unwrap();
    assert_eq!(page.attribute("button", "id").unwrap().as_deref(), Some("no"));
    let asked = Dialog { kind: "confirm".to_owned(), text: "本当に？".to_owned() };
    assert_eq!(page.record().unwrap().dialogs, [asked.clone(), asked]);
}

#[test]
fn pictures_have_the_size_of_the_window_or_of_the_page() {
    let (_site, page) = showing(
        "<style>body { margin: 0; height: 2000px; background: #fff }
         @media print { body { background: #f00 } @page { size: A4; margin: 20mm } }
         p { transition: none } @media (prefers-reduced-motion: reduce) { p { color: #00f } }
         </style><p>山北町役場 総務課",
    );
    // The size stands in the first chunk of a PNG.
    let size = |png: &[u8]| {
        assert_eq!(png.get(..8).unwrap(), b"\x89PNG\r\n\x1a\n");
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        (side(16), side(20))
    };
    let window = page.screenshot(Extent::Window).unwrap();
    assert_eq!(size(&window), (1280, 800));
    assert_eq!(window, page.screenshot(Extent::Window).unwrap(), "drawn alike each time");
    assert_eq!(size(&page.screenshot(Extent::Whole).unwrap()), (1280, 2000));
    let background = || page.evaluate("getComputedStyle(document.body).backgroundColor").unwrap();
    assert_eq!(background(), json!("rgb(255, 255, 255)"));
    page.emulate(&[Media::Print, Media::ReducedMotion]).unwrap();
    assert_eq!(background(), json!("rgb(255, 0, 0)"));
    let colour = page.evaluate("getComputedStyle(document.querySelector('p')).color").unwrap();
    assert_eq!(colour, json!("rgb(0, 0, 255)"));
    page.emulate(&[]).unwrap();
    assert_eq!(background(), json!("rgb(255, 255, 255)"));
    assert!(page.pdf().unwrap().starts_with(b"%PDF-"));
}

#[test]
fn there_is_a_font_for_japanese() {
    let (_site, page) = showing("<p id=a style='font-size:40px'>町</p>");
    let picture = |text: &str| {
        page.evaluate(&format!("document.querySelector('#a').textContent = '{text}'")).unwrap();
        page.screenshot(Extent::Window).unwrap()
    };
    // Without one, all of them are the same box.
    assert_ne!(picture("町"), picture("村"));
}

#[test]
fn scripts_may_take_their_time() {
    let (_site, page) = showing(
        "<p>early<script>setTimeout(() => document.body.append(
           Object.assign(document.createElement('b'), { textContent: 'late' })), 300)</script>",
    );
    assert!(!page.exists("b").unwrap());
    page.wait_for("b").unwrap();
    assert_eq!(page.text("b").unwrap(), "late");
}

#[test]
fn axe_finds_what_hinders_people_under_the_strictest_policy() {
    let site = Site::start(|came| {
        let page = match came.path.as_str() {
            "/faulty" => "<html><title>x</title><main><h1>x</h1><input><img src=data:,></main>",
            _ => {
                "<!DOCTYPE html><html lang=ja><title>窓口</title><main><h1>窓口</h1>
                 <label>名前 <input></label></main>"
            }
        };
        Some(Answer::page(page).field("Content-Security-Policy", "default-src 'none'"))
    });
    let page = person();
    page.goto(&site.url("/faulty")).unwrap();
    let violations = page.axe().unwrap();
    let mut rules: Vec<&str> = violations.iter().map(|v| v.rule.as_str()).collect();
    rules.sort_unstable();
    assert_eq!(rules, ["html-has-lang", "image-alt", "label"], "{violations:#?}");
    let label = violations.iter().find(|v| v.rule == "label").unwrap();
    assert_eq!((label.impact.as_str(), label.elements[0].selector.as_str()), ("critical", "input"));
    page.goto(&site.url("/clean")).unwrap();
    assert_eq!(page.axe().unwrap(), []);
    let faults = page.record().unwrap();
    assert!(faults.of(Kind::Exception).is_empty(), "{faults:?}");
}

#[test]
fn a_crawl_goes_everywhere_once_and_no_further() {
    let site = Site::start(|came| match came.path.as_str() {
        "/" => Some(Answer::page(
            "<a href=/a>a</a><a href='/b?x=1#part'>b</a><a href=http://other.example/>o</a>
             <a href=/file>f</a><a href=/old>old</a><a href=/leave>l</a><form action=/c><button>",
        )),
        "/a" => Some(Answer::page("<a href=/>back</a><a href='/b?x=1#other'>b</a><a href=/d>d</a>")),
        "/b?x=1" => Some(Answer::page("b")),
        "/old" => Some(Answer::to("/a")),
        "/file" => Some(Answer::file("a.csv", b"1,2")),
        _ => None,
    });
    let page = person();
    let mut seen = Vec::new();
    let visited = page
        .crawl(&site.url("/"), 100, |url| !url.ends_with("/leave"), |page, here| {
            seen.push((page.url()?, here.status));
            Ok(())
        })
        .unwrap();
    let paths: Vec<(&str, u16, bool)> = visited
        .iter()
        .map(|v| (v.url.strip_prefix(&site.origin()).unwrap(), v.status, v.is_file))
        .collect();
    let expected = [
        ("/", 200, false),
        ("/a", 200, false),
        ("/b?x=1", 200, false),
        ("/file", 200, true),
        ("/old", 200, false),
        ("/d", 404, false),
    ];
    assert_eq!(paths, expected);
    assert_eq!(seen.len(), 5, "{seen:?}");
    assert!(page.record().unwrap().foreign(&site.origin()).is_empty());
    let few = page.crawl(&site.url("/"), 2, |_| true, |_, _| Ok(())).unwrap();
    assert_eq!(few.len(), 2);
}

#[test]
fn without_a_network_even_this_machine_is_out_of_reach() {
    let site = site_of("<p>here");
    let page = Browser::without_network().unwrap().person().unwrap();
    let error = page.goto(&site.url("/")).unwrap_err().to_string();
    assert!(error.contains("net::ERR_"), "{error}");
    assert!(site.came().is_empty());
}
