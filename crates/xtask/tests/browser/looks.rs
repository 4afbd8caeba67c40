//! Pictures, accessibility and links.

use sekimori_xtask::browser::{Extent, Kind, Media};
use serde_json::json;

use crate::site::{Answer, Site};
use crate::{person, showing};

#[test]
fn pictures_have_the_size_of_the_window_or_of_the_page() {
    let (_site, page) = showing(
        "<style>body { margin: 0; height: 2000px; background: #fff }
         @media print { body { background: #f00 } @page { size: A4; margin: 20mm } }
         p { transition: none } @media (prefers-reduced-motion: reduce) { p { color: #00f } }
         </style><p>山北町役場 総務課<input autofocus>",
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
        "/a" => {
            Some(Answer::page("<a href=/>back</a><a href='/b?x=1#other'>b</a><a href=/d>d</a>"))
        }
        "/b?x=1" => Some(Answer::page("b")),
        "/old" => Some(Answer::to("/a")),
        "/file" => Some(Answer::file("a.csv", b"1,2")),
        _ => None,
    });
    let page = person();
    let mut seen = Vec::new();
    let visited = page
        .crawl(
            &site.url("/"),
            100,
            |url| !url.ends_with("/leave"),
            |page, here| {
                seen.push((page.url()?, here.status));
                Ok(())
            },
        )
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
