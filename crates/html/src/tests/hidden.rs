use sekimori_policy::Code;

use super::{decisions, text};

const SEEN: &str = "見える";

#[test]
fn each_way_of_hiding_hides_and_is_counted_and_ends_where_it_ends() {
    for hidden in [
        "<div hidden>X</div>",
        "<div style='display:none'>X<p>X</p><table><tr><td>X</table></div>",
        "<div style='visibility:hidden'>X</div>",
        "<span style='visibility:collapse'>X</span>",
        "<span style='opacity:0'>X</span>",
        "<span style='font-size:0px'>X</span>",
        "<span style='font-size:1px'>X</span>",
        "<div style='mso-hide:all'>X</div>",
        "<div style='max-height:0;overflow:hidden'>X</div>",
        "<div style='height:0px;overflow:hidden;'>X</div>",
        "<div style='text-indent:-9999px'>X</div>",
        "<div style='position:absolute;left:-9999px'>X</div>",
        "<font color=white>X</font>",
        "<span style='color:#ffffff'>X</span>",
        "<td>ignored</td><div style='background:#123456'><b style='color:rgb(18,52,86)'>X</b></div>",
        "<p style='display:none'>X<p hidden>X</p>",
        "<ul><li hidden>X<li>a</ul>",
        "<table><div hidden>X<b>X</b></div><tr><td>a</table>",
        "<style>.pre,#x{display:none}</style><div class='a pre'>X</div>",
        "<dialog>X</dialog>",
        "<style>.w > p:not(.s){display:none}</style><div class=w><p>X</p><p class=s>a</p></div>",
        "<div class=late>X</div><style>.late{display:none}</style>",
        "<table><tr><td>a<td class=h>X</table><style>tbody > tr > .h{visibility:hidden}</style>",
        "<body class=b><div>X</div><style>.b > div{display:none}</style>",
        "<style media=screen>#h{display:none}</style><p id=h>X</p>",
        "<p style='display:none!important;display:block'>X</p>",
    ] {
        let html = format!("{hidden}<p>{SEEN}</p>");
        let laid = text(&html);
        assert!(!laid.contains('X'), "{html}: {laid}");
        assert!(laid.contains(SEEN), "{html}: {laid}");
        assert!(decisions(&html).contains(Code::HtmlHiddenDropped), "{html}");
    }
}

#[test]
fn what_only_looks_like_hiding_is_shown() {
    for html in [
        "<div aria-hidden=true>見える</div>",
        "<td style='font-size:0'><span style='font-size:14px'>見える</span>",
        "<div style='font-size:0'><span style='font-size:14px'>見える</span></div>",
        "<div style='visibility:hidden'><p style='visibility:visible'>見える</p></div>",
        "<div style='background:#000;color:#fff'>見える</div>",
        "<table bgcolor=#003366><tr><td style='color:#fff'>見える</table>",
        "<table background=x.png><tr><td style='color:#fff'>見える</table>",
        "<div style='color:#fff'><a href=x>見える</a></div>",
        "<style>@media (max-width:600px){.m{display:none}}</style><p class=m>見える</p>",
        "<style>.m{display:none}</style><p class=m style='display:block'>見える</p>",
        "<style>.m{display:none}</style><p class=m>見える</p><style>p.m{display:block}</style>",
        "<style media=print>p{display:none}</style><p>見える",
        "<style type=text/less>p{display:none}</style><p>見える",
        "<template><style>p{display:none}</style></template><p>見える",
        "<style>table > tr{display:none}</style><table><tr><td>見える</table>",
        "<a href='https://example.jp' style='mso-hide:all'>見える</a>",
        "<!--[if !mso]><!--><div style='mso-hide:all'>見える</div><!--<![endif]-->",
        "<![if !mso]>見える<![endif]>",
        "<div style='display:none'>X</div></div></p></span>見える",
        "<div hidden>X<div>X</div></div>見える",
        "<p hidden>X<div>見える</div>",
        "<table><tr><td hidden>X<td>見える</table>",
        "<table hidden><tr><td>X</table>見える",
        "<select><option>X<p>X</select>見える",
        "<details><summary>a</summary>見える</details>",
        "<body style='background:#000' text=#ffffff>見える",
        "<style>body{background:#000}</style><p style='color:#fff'>見える",
        "<style>table td{background:#000}</style><table><tr><td style='color:#fff'>見える</table>",
        "<style>td + td{background:#000}</style><p style='color:#fff'>見える",
    ] {
        let laid = text(html);
        assert!(laid.contains(SEEN), "{html}: {laid}");
        assert!(!laid.contains('X'), "{html}: {laid}");
    }
}

#[test]
fn what_is_never_closed_hides_as_far_as_a_browser_would() {
    for (html, expected) in [
        ("<div><span hidden>X</div>a", "a\n"),
        ("<table><tr><td><div hidden>X<td>a</table>b", "a\nb\n"),
        // Formatting lives on in the blocks that follow.
        ("<p><font style='display:none'>X<p>X</p>X</font>a", "a\n"),
        ("<p><b style='display:none'>X</p>X<table><tr><td>X</table>", ""),
        // but a table that follows at once is not in it.
        ("<p><b style='display:none'>X</p> <table><tr><td>a</table>b", "a\nb\n"),
        ("<b hidden><p>X</b>a</p>b", "a\nb\n"),
        ("<span hidden><div>X</span>X</div>X", ""),
        ("<x-a hidden>X</x-b>X</x-a>a", "a\n"),
        ("<div hidden><a><div>X</a>X</div>X</div>a", "a\n"),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
}

#[test]
fn scripts_styles_forms_and_objects_go_each_with_its_decision() {
    for (html, code) in [
        ("<script>X</script>", Code::HtmlScriptDropped),
        ("<script><!-- <script> X </script> X --></script>", Code::HtmlScriptDropped),
        ("<template><div>X</template>", Code::HtmlScriptDropped),
        ("<style>X{}</style>", Code::HtmlStyleDropped),
        ("<link rel='stylesheet' href=x>", Code::HtmlStyleDropped),
        ("<iframe src=x><p>X</iframe>", Code::HtmlObjectDropped),
        ("<object data=x><embed src=y></object>", Code::HtmlObjectDropped),
        ("<svg><desc>X</desc><style>X</style></svg>", Code::HtmlObjectDropped),
        ("<svg><title>X</title></svg>", Code::HtmlObjectDropped),
        ("<math><annotation>X</math>", Code::HtmlObjectDropped),
        ("<video>X</video><audio>X</audio>", Code::HtmlObjectDropped),
        ("<input value=X><textarea><p>X</textarea>", Code::HtmlFormDropped),
        ("<select><option>X<option>X</select>", Code::HtmlFormDropped),
        ("<!-- X --><!--X", Code::HtmlCommentDropped),
        ("<!--[if mso]><p>X</p><![endif]-->", Code::HtmlCommentDropped),
        ("<?php X ?>", Code::HtmlCommentDropped),
        ("<img src=X>", Code::HtmlImageDropped),
    ] {
        let html = format!("<p>{SEEN}</p>{html}");
        assert_eq!(text(&html), format!("{SEEN}\n"), "{html}");
        assert!(decisions(&html).contains(code), "{html}");
    }
    for (html, code) in [
        ("<noscript>見える</noscript>", Code::HtmlScriptDropped),
        ("<object data=x>見える<embed src=y></object>", Code::HtmlObjectDropped),
        ("<canvas>見える</canvas>", Code::HtmlObjectDropped),
        ("<svg><text>見える</text></svg>", Code::HtmlObjectDropped),
        ("<math><mi>見える</math>", Code::HtmlObjectDropped),
    ] {
        assert_eq!(text(html), format!("{SEEN}\n"), "what is said in its place: {html}");
        assert!(decisions(html).contains(code), "{html}");
    }
    assert_eq!(text("<button>送信</button>"), "送信\n");
    assert_eq!(text("<input type=submit value=送信>"), "[送信]\n");
    assert_eq!(text("<input type=submit value=X hidden><input type=hidden value=X>"), "");
    // A paragraph ends the drawing, wherever in it.
    assert_eq!(text("<svg><g><p>見える</p></svg>"), "見える\n");
    assert_eq!(text("<svg><style><p>見える</style></svg>"), "見える\n");
}

#[test]
fn what_a_tag_of_the_page_declares_holds_for_what_came_before_it() {
    assert_eq!(text("X<body bgcolor=#000000>X<p><font color=white>見える"), "見える\n");
    assert_eq!(text("<body text=white bgcolor=black>見え<body text=black>る"), "見える\n");
    assert_eq!(text("<body bgcolor=black>X<style>p{color:#fff}</style><p>見える"), "見える\n");
}

#[test]
fn a_table_takes_on_the_colour_of_the_text_around_it_only_with_a_doctype() {
    let table = "<font color=white><table bgcolor=white><tr><td>見える</table></font>";
    assert_eq!(text(table), "見える\n");
    assert_eq!(text(&format!("<!doctype html>{table}")), "");
    let old = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.0 Transitional//EN\">";
    assert_eq!(text(&format!("{old}{table}")), "見える\n");
}

#[test]
fn deep_in_the_flattened_part_hiding_still_holds() {
    let deep = "<div>".repeat(300);
    let html = format!(
        "{deep}<div style='display:none'>X<div>X</div>X</div>a<script>X</script>b<p hidden>X<p>c"
    );
    let laid = text(&html);
    assert!(!laid.contains('X'), "{laid}");
    assert_eq!(laid.split_whitespace().collect::<String>(), "abc");
    assert_eq!(decisions(&html).count(Code::HtmlFlattened), 1);
}

#[test]
fn invisible_characters_are_counted_and_cut_no_word() {
    let html = "<p>見\u{200b}え&shy;る&zwnj;\u{202e}</p>";
    assert_eq!(text(html), "見える\n");
    assert_eq!(decisions(html).count(Code::CharactersRemoved), 4);
}
