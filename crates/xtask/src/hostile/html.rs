//! Hostile HTML bodies.

use std::fmt::Write as _;

use super::{Family, family, filled, head};

pub(super) const FAMILIES: [Family; 30] = [
    family!("nested div", |octets| repeated("<div>", "x", "</div>", octets)),
    family!("nested table", |octets| repeated("<table><tr><td>", "x", "</table>", octets)),
    family!("nested b", |octets| repeated("<b>", "x", "</b>", octets)),
    family!("nested font", |octets| repeated("<font color=red>", "x", "</font>", octets)),
    family!("nested a", |octets| repeated("<a href=http://a.jp/>", "x", "</a>", octets)),
    family!("nested lists", |octets| repeated("<ul><li>", "x", "</ul>", octets)),
    family!("unclosed tags", |octets| body(filled("<p><b><i style=color:red><li><td>x", octets))),
    family!("crossing tags", |octets| body(filled("<b><p><i></b><a href=x></p></i>x", octets))),
    family!("end tags alone", |octets| body(filled("</p></br></div></td></b>", octets))),
    family!("tables in cells of links", |octets| {
        body(filled("<table><tr><td><a href=http://a.jp/>x<table>", octets))
    }),
    family!("links, then pictures", |octets| {
        let mut html = filled("<a href=http://a.jp>x</a>", octets / 2);
        html.extend(filled("<img alt=x src=y>", octets / 2));
        body(html)
    }),
    family!("one large attribute", |octets| {
        body([b"<p style=\"", filled("color:red;", octets).as_slice(), b"\">x"].concat())
    }),
    family!("one large target", |octets| {
        body([b"<a href=\"http://", filled("a.@/", octets).as_slice(), b"\">x</a>"].concat())
    }),
    family!("attributes", |octets| {
        let mut html = "<p".to_owned();
        for number in 0..=octets / 10 {
            let _ = write!(html, " a{number}=bcde");
        }
        body(format!("{html}>x").into_bytes())
    }),
    family!("classes and rules", |octets| {
        let mut html = "<style>".to_owned();
        let mut number = 0;
        while html.len() < octets / 2 {
            let _ = write!(html, "p.c{number} a,.c{number}{{color:red;display:block}}");
            number += 1;
        }
        html.push_str("</style>");
        while html.len() < octets {
            let _ = write!(html, "<p class='c{number} c1 c{} c3'>x", number / 2);
            number += 1;
        }
        body(html.into_bytes())
    }),
    family!("rules of descendants", |octets| {
        let rules = filled(".z .y > .a{color:red}", octets / 4);
        let mut html = [b"<style>", rules.as_slice(), b"</style>"].concat();
        html.extend(filled("<b class=z>", 2_000));
        html.extend(filled("<p class=a>x</p>", octets / 4 * 3));
        body(html)
    }),
    family!("style sheets of one rule", |octets| {
        body(filled("<style>p{color:red}</style><p>x", octets))
    }),
    family!("style sheet of braces", |octets| {
        body([b"<style>".as_slice(), &filled("@media{a{\"", octets)].concat())
    }),
    family!("style sheet of comments", |octets| {
        body([b"<style>".as_slice(), &filled("/*/**/\\", octets)].concat())
    }),
    family!("entities", |octets| body(filled("&amp;", octets))),
    family!("entities without end", |octets| body(filled("&notit&#x41", octets))),
    family!("less-than signs", |octets| body(filled("<", octets))),
    family!("comments", |octets| body(filled("<!--x-->a", octets))),
    family!("comment without end", |octets| body(filled("<!--<!-", octets))),
    family!("CDATA", |octets| body(filled("<![CDATA[x]]><svg><![CDATA[x]]></svg>a", octets))),
    family!("script without end", |octets| body(filled("<script><!--<script></scrip", octets))),
    family!("one wide table", |octets| {
        body([b"<table border=1><tr>".as_slice(), &filled("<td>x", octets)].concat())
    }),
    family!("small tables", |octets| {
        let table = "<table border=1><tr><th>a<th>b<tr><td>1<td>2</table>";
        body(filled(table, octets))
    }),
    family!("spans of columns and rows", |octets| {
        let row = "<tr><td colspan=9999 rowspan=9999>x<td rowspan=65534>y";
        body([b"<table border=1>".as_slice(), &filled(row, octets)].concat())
    }),
    family!("struck and raised text", |octets| {
        body(filled("<s>x<ruby>y<rt>z<sup>1</sup></rt></ruby></s>", octets))
    }),
];

fn body(html: Vec<u8>) -> Vec<u8> {
    let mut out = head("text/html; charset=utf-8");
    out.extend(html);
    out
}

/// `start` and `end` so often that both have about `octets`, with text between.
fn repeated(start: &str, text: &str, end: &str, octets: usize) -> Vec<u8> {
    let times = octets / (start.len() + text.len() + end.len()) + 1;
    body([[start, text].concat().repeat(times), end.repeat(times)].concat().into_bytes())
}
