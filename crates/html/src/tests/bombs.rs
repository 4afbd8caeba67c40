use sekimori_policy::Code;

use super::{options, rendered, text};
use crate::{HtmlError, LinkMode, MAX_TAGS, MAX_TEXT_OCTETS, Options, render};

#[test]
fn over_a_bound_is_an_error() {
    let small = Options { max_octets: 10, ..options(LinkMode::Text) };
    assert_eq!(render("<p>0123456789", &small), Err(HtmlError::TooLarge { octets: 13, limit: 10 }));
    let many = "<b></b>".repeat(MAX_TAGS / 2 + 1);
    let large = Options { max_octets: many.len(), ..options(LinkMode::Text) };
    assert_eq!(render(&many, &large), Err(HtmlError::TooManyTags { limit: MAX_TAGS }));
    let long = "あ".repeat(MAX_TEXT_OCTETS / 3 + 1);
    let large = Options { max_octets: long.len(), ..options(LinkMode::Text) };
    assert_eq!(render(&long, &large), Err(HtmlError::OutputTooLarge { limit: MAX_TEXT_OCTETS }));
}

#[test]
fn indents_stop_growing() {
    let html = format!("{}a", "<blockquote><ul><li>".repeat(60));
    assert!(text(&html).trim_end().len() < 40, "{}", text(&html));
}

#[test]
fn deep_nesting_is_flattened_and_keeps_its_text() {
    for element in ["div", "blockquote", "ul><li", "table><tr><td", "b", "x-y"] {
        let html = format!("{}底", format!("<{element}>").repeat(20_000));
        let rendered = rendered(&html);
        assert!(rendered.text.contains('底'), "{element}");
        assert!(rendered.text.len() < 1_000, "{element}: {}", rendered.text.len());
        assert_eq!(rendered.decisions.count(Code::HtmlFlattened), 1, "{element}");
    }
}

#[test]
fn after_a_deep_part_the_document_goes_on_as_before() {
    let html = format!("{}底{}<ul><li>a</ul>", "<div>".repeat(5_000), "</div>".repeat(5_000));
    assert_eq!(text(&html), "底\n\n・a\n");
}

#[test]
fn so_many_tables_are_lined_up_and_the_rest_are_rows() {
    let table = "<table border=1><tr><td>長い<td>b<tr><td>c<td>d</table>";
    let laid = text(&table.repeat(3_000));
    assert!(laid.starts_with("長い | b\nc    | d\n"));
    assert!(laid.ends_with("長い | b\nc | d\n"));
}

/// Seconds that a bomb may take, on a busy machine. What is not linear would take many times as long;
/// `cargo xtask bench-hostile` measures.
const PATIENCE: u64 = if cfg!(debug_assertions) { 60 } else { 5 };

#[test]
fn bombs_are_laid_out_and_stay_small() {
    let bombs = [
        "<".repeat(1_000_000),
        "</".repeat(500_000),
        "<a ".repeat(300_000),
        "<a b=".repeat(100_000),
        "&".repeat(500_000),
        "&lt".repeat(200_000),
        "]]>".repeat(100_000),
        format!("<p title=\"{}\">x", "a".repeat(1_000_000)),
        format!("<p style=\"{}\">x", "(;".repeat(500_000)),
        format!("<p class=\"{}\">x", "a ".repeat(500_000)),
        format!("<a href=\"https://{}\">x", "a.".repeat(500_000)),
        format!("<{}>x", "a".repeat(1_000_000)),
        format!("<p {}>x", "a=1 ".repeat(100_000)),
        format!("<!--{}", "a-".repeat(500_000)),
        format!("<style>{}</style>", ".a{display:none}".repeat(30_000)),
        format!(
            "<style>{}</style>{}",
            ".c{opacity:1}".repeat(9_000),
            "<p class='c c c c'>".repeat(9_000)
        ),
        format!("<style>{}", "{".repeat(500_000)),
        format!("<script>{}", "<!--<script>".repeat(50_000)),
        "<table border=1><tr><td>a</td></tr></table>".repeat(2_000),
        format!("<table border=1>{}</table>", "<tr><td>a<td>b</tr>".repeat(5_000)),
        "<table><tr><td rowspan=65534 colspan=1000>".repeat(1_000),
        format!("<table border=1>{}", "<tr><td rowspan=64 colspan=64>a".repeat(3_000)),
        format!("<table border=1><tr>{}<tr><td>b", "<td>a".repeat(30_000)),
        "<ul><li>".repeat(10_000),
        "<p><b>a".repeat(10_000),
        "<b style='color:red'>".repeat(150) + &"<p>a</p>".repeat(10_000),
        "<a href=//x.jp><div>".repeat(10_000),
        "<br>".repeat(100_000),
        "<svg><g>".repeat(20_000),
        "<select><table><tr><td>".repeat(5_000),
        "<ruby><rt>".repeat(20_000),
        "<font><table>".repeat(10_000),
    ];
    for bomb in bombs {
        let head: String = bomb.chars().take(40).collect();
        let started = std::time::Instant::now();
        let rendered = render(&bomb, &options(LinkMode::Defanged));
        let rendered = rendered.unwrap_or_else(|error| panic!("{head}: {error}"));
        assert!(rendered.text.len() <= bomb.len() * 8, "{head}: {}", rendered.text.len());
        let seconds = started.elapsed().as_secs();
        assert!(seconds < PATIENCE, "{head}: {seconds} s");
    }
}
