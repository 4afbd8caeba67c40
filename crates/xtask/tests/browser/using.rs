//! What people do with pages: forms, finding, the keyboard.

use sekimori_xtask::browser::Find;

use crate::site::{Answer, Site};
use crate::{person, showing};

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
    assert_eq!(page.tab_to("link", "最初").unwrap(), 2, "by way of outside the page");
    let error = page.tab_to("button", "承認").unwrap_err().to_string();
    assert!(error.contains("button “探す”"), "{error}");
    page.evaluate("document.querySelector('#log').textContent = ''").unwrap();
    page.focus(Find::role("button", "探す")).unwrap();
    page.press("Shift+Tab").unwrap();
    page.type_keys("Ab1?甲x").unwrap();
    page.press("Backspace").unwrap();
    assert_eq!(page.text("#log").unwrap(), "Tab A b 1 ? x Backspace");
    page.load_by(|page| page.press("Enter")).unwrap();
    assert_eq!(page.text("p").unwrap(), "found");
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
