//! Files given by pages and handed in.

use sekimori_xtask::browser::Find;

use crate::person;
use crate::site::{Answer, Site};

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
