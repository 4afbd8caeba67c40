use std::collections::BTreeMap;

use proptest::prelude::*;
use sekimori_policy::Code;

use super::{options, text};
use crate::document::is_invisible;
use crate::flow::lay_out;
use crate::{LinkMode, Rendered, declared_charset, reduce, render};

/// Markup as it comes: real elements, broken ones, and text between.
fn markup() -> impl Strategy<Value = String> {
    let element = "(p|div|b|a href=https://e\\.jp/x|font color=white|span style='display:none'|table|table border=1|tr|td|td rowspan=3 colspan=2|th|tbody|caption|ul|ol|li|dl|dd|blockquote|pre|h1|br|hr|img alt=x|script|style|title|textarea|select|option|svg|math|template|noscript|iframe|ruby|rt|button|x-y|!--|!\\[CDATA\\[|\\?|)";
    let tag = format!("(<|</|<!)?{element}[ />]{{0,2}}");
    let word = "[a-zあ漢－ &;<>\"'=\n\t\u{0}\u{1b}\u{a0}\u{3000}\u{200b}\u{202e}]{0,6}";
    let tag = prop::string::string_regex(&tag).unwrap();
    prop::collection::vec(prop_oneof![3 => tag, 2 => word], 0..60).prop_map(|parts| parts.concat())
}

/// How often each character stands in a text, blanks left out.
fn inked(text: &str) -> BTreeMap<char, usize> {
    let mut counts = BTreeMap::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        *counts.entry(c).or_default() += 1;
    }
    counts
}

/// Whether each decision that left octets out was taken. Markup is no decision of its own.
fn is_decided(rendered: &Rendered) -> bool {
    let mut codes = rendered.octets.dropped.keys();
    codes.all(|&code| code == Code::HtmlToText || rendered.decisions.contains(code))
}

#[test]
fn each_octet_is_seen_or_left_out_by_a_decision() {
    let html = "<!doctype html><title>t</title><style>b{}</style><p>12345 &amp;</p><!-- 7 -->\
        <p style='display:none'>1234567</p><script>12</script><select><option>123</select>\r\n";
    let octets = render(html, &options(LinkMode::Text)).unwrap().octets;
    assert_eq!(octets.seen, "12345 &amp;".len());
    let dropped = |code| octets.dropped.get(&code).copied().unwrap_or_default();
    assert_eq!(dropped(Code::HtmlHiddenDropped), 7);
    assert_eq!(dropped(Code::HtmlScriptDropped), 2);
    assert_eq!(dropped(Code::HtmlFormDropped), 3);
    assert_eq!(dropped(Code::HtmlStyleDropped), "b{}".len());
    assert_eq!(dropped(Code::HtmlCommentDropped), "<!-- 7 -->".len());
    assert_eq!(octets.total(), html.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markup_becomes_clean_text(html in markup()) {
        let rendered = render(&html, &options(LinkMode::Defanged)).unwrap();
        let is_odd = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || is_invisible(c);
        prop_assert!(!rendered.text.contains(is_odd), "{:?}", rendered.text);
        prop_assert!(!rendered.text.contains("\n\n\n\n"), "{:?}", rendered.text);
        prop_assert!(rendered.text.lines().all(|line| !line.ends_with([' ', '\t'])));
        prop_assert!(rendered.text.is_empty() || rendered.text.ends_with('\n'));
        prop_assert_eq!(rendered.octets.total(), html.len(), "{:?}", rendered.octets);
        prop_assert!(is_decided(&rendered), "{:?} {:?}", rendered.octets, rendered.decisions);
        let title = rendered.title.clone().unwrap_or_default();
        prop_assert!(!title.contains(char::is_control));
        prop_assert_eq!(Ok(rendered), render(&html, &options(LinkMode::Defanged)));
    }

    #[test]
    fn all_that_is_seen_is_laid_out(html in markup()) {
        let reduced = reduce(&html, &options(LinkMode::Text)).unwrap();
        let laid = inked(&lay_out(&reduced.document).unwrap());
        for (c, count) in inked(&reduced.document.text) {
            prop_assert!(laid.get(&c) >= Some(&count), "{c:?} in {:?}", reduced.document.text);
        }
    }

    #[test]
    fn any_string_is_taken(html in "\\PC{0,200}", octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = render(&html, &options(LinkMode::Text));
        let _ = declared_charset(&octets);
    }

    #[test]
    fn what_is_seen_comes_out_in_order_and_what_is_hidden_does_not(
        pieces in prop::collection::vec((0_usize..12, 0_usize..10), 1..30)
    ) {
        let mut html = String::new();
        let mut seen = Vec::new();
        for (at, &(visible, hidden)) in pieces.iter().enumerate() {
            let word = format!("seen{at:03}");
            let wrapped = match visible {
                0 => format!("<p>{word}</p>"),
                1 => format!("<div><b>{word}</div>"),
                2 => format!("<ul><li>{word}</ul>"),
                3 => format!("<table border=1><tr><td>{word}<td>x</tr><tr><td>y</table>"),
                4 => format!("<table><tr><td><table><tr><td>{word}</table></table>"),
                5 => format!("<blockquote>{word}</blockquote>"),
                6 => format!("<pre>{word}</pre>"),
                7 => format!("<a href=https://e.jp/>{word}</a>"),
                8 => format!("<p>{word}"),
                9 => format!("<h2>{word}</h2>"),
                10 => format!("<font color=red>{word}</font>"),
                _ => format!(" {word} "),
            };
            let salt = match hidden {
                0 => "<script>SALT</script>",
                1 => "<style>SALT{}</style>",
                2 => "<div style='display:none'><p>SALT</p></div>",
                3 => "<span hidden>SALT</span>",
                4 => "<!-- SALT -->",
                5 => "<table hidden><tr><td>SALT</table>",
                6 => "<select><option>SALT</select>",
                7 => "<svg><desc>SALT</desc></svg>",
                8 => "<font color=#ffffff>SALT</font>",
                _ => "<title>SALT</title>",
            };
            html.push_str(&wrapped);
            html.push_str(salt);
            seen.push(word);
        }
        let laid = text(&html);
        prop_assert!(!laid.contains("SALT"), "{html}\n{laid}");
        let mut rest = laid.as_str();
        for word in seen {
            let found = rest.split_once(word.as_str());
            prop_assert!(found.is_some(), "{word} in {html}\n{laid}");
            rest = found.map_or("", |(_, after)| after);
        }
    }
}
