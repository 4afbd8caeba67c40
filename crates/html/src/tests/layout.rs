use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::{rendered, text};
use crate::{Language, Options, render};

#[test]
fn paragraphs_headings_and_lists_read_well() {
    for (html, expected) in [
        ("<p>一つ目</p><p>二つ目</p>", "一つ目\n\n二つ目\n"),
        ("<p>a<br>b<br><br>c", "a\nb\n\nc\n"),
        ("<div>a</div><div>b</div>", "a\nb\n"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb\n"),
        ("a<br><br><br><br><br><br>b", "a\n\n\nb\n"),
        ("<h1>お知らせ</h1>本文<h3>小見出し</h3>", "■ お知らせ\n\n本文\n\n● 小見出し\n"),
        ("<h2>◆会場のご案内</h2>", "◆会場のご案内\n"),
        ("<h2></h2>a", "a\n"),
        ("<ul><li>一<li>二</ul>後", "・一\n・二\n\n後\n"),
        ("<ul><li>一<br>続き</ul>", "・一\n  続き\n"),
        ("<ol start=9><li>九<li>十<br>続き</ol>", "9. 九\n10. 十\n    続き\n"),
        ("<ol><li>一<li value=5>五<li>六</ol>", "1. 一\n5. 五\n6. 六\n"),
        ("<ul><li>外<ul><li>内</ul><li>外</ul>", "・外\n  ・内\n・外\n"),
        ("<blockquote>引用<br>二行</blockquote>地", "> 引用\n> 二行\n\n地\n"),
        ("<blockquote><p>一</p><p>二</p></blockquote>", "> 一\n>\n> 二\n"),
        ("<blockquote>外<blockquote>内</blockquote></blockquote>", "> 外\n>\n> > 内\n"),
        ("<dl><dt>日時<dd>9月1日<dt>場所<dd>役場</dl>", "日時\n  9月1日\n場所\n  役場\n"),
        ("<pre>\n a\tb\n\n  c</pre>", " a\tb\n\n  c\n"),
        ("<div style='white-space:pre-wrap'>a\n b</div>", "a\n b\n"),
        ("a<hr>b", "a\n\n----------------------------------------\n\nb\n"),
        ("<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>", "漢字(かんじ)\n"),
        ("<ruby>山<rt>やま<rt></rt></ruby>", "山(やま)\n"),
        ("<s>旧</s> 新", "［取消線：旧］ 新\n"),
        ("<p><del>旧<i>い</i></del><ins>新</ins></p>", "［取消線：旧い］新\n"),
        ("<span style='text-decoration:line-through'>3,980円</span>", "［取消線：3,980円］\n"),
        ("<s> </s>a<s><s>b</s></s>", "a［取消線：b］\n"),
        ("10m<sup>2</sup> 1<sup>st</sup> H<sub>2</sub>O", "10m² 1st H2O\n"),
        ("<span style='display:block'>a</span>b", "a\nb\n"),
        ("", ""),
        ("<p> </p>&nbsp;<br>", ""),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
}

#[test]
fn paragraphs_of_word_are_set_as_closely_as_word_sets_them() {
    let html = "<p class=MsoNormal>行1</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>行2</p>\
                <p style='margin:0'>行3</p><p style='margin:0'>行4</p>";
    assert_eq!(text(html), "行1\n\n行2\n行3\n行4\n");
}

#[test]
fn japanese_is_not_broken_by_the_source_s_lines() {
    let html = "<p>町では、次の\n  とおり<b>説明会</b>\n<i>を</i>開きます。</p>";
    assert_eq!(text(html), "町では、次のとおり説明会を開きます。\n");
    assert_eq!(text("<p>two\nwords <b> and </b> more"), "two words and more\n");
}

#[test]
fn a_data_table_lines_up_by_east_asian_width() {
    let html = "<table><caption>価格</caption><tr><th>品名<th>数量<th>単価</tr>\
                <tr><td>りんご<td>10<td>100円</tr><tr><td>①A<td>&lt;5<td>1,200円</table>";
    assert_eq!(
        text(html),
        "価格\n\
         品名   | 数量 | 単価\n\
         -------+------+--------\n\
         りんご | 10   | 100円\n\
         ①A    | <5   | 1,200円\n"
    );
}

#[test]
fn cells_of_several_lines_and_spans_stay_in_their_columns() {
    let html = "<table border=1><tr><td rowspan=2>甲<td>一<br>二<td>x</tr><tr><td>三<td>y</tr>\
                <tr><td colspan=2>合計<td>z</tr></table>";
    assert_eq!(
        text(html),
        "甲 | 一 | x\n\
         \x20  | 二 |\n\
         \x20  | 三 | y\n\
         合計    | z\n"
    );
}

#[test]
fn line_drawing_and_wide_blanks_in_cells_stay() {
    let html = "<table border=1><tr><td>├　a<td>b</tr><tr><td>│─<td>c</tr></table>";
    let laid = text(html);
    assert!(laid.contains("├　a") && laid.contains("│─"), "{laid}");
}

#[test]
fn a_table_for_layout_becomes_lines_in_order() {
    let nested =
        "<table><tr><td>左<table><tr><td>中</td></tr></table></td><td>右</td></tr></table>";
    assert_eq!(text(nested), "左\n中\n右\n");
    let long = format!("<table><tr><td>{}<td>短い</table>", "長い文です。".repeat(20));
    assert!(text(&long).ends_with("。\n短い\n"));
    let role = "<table role=presentation><tr><td>a<td>b</tr><tr><td>c<td>d</table>";
    assert_eq!(text(role), "a\nb\nc\nd\n");
    let menu = "<table><tr><td>ホーム<td>会社<td>採用</table>";
    assert_eq!(text(menu), "ホーム | 会社 | 採用\n");
}

#[test]
fn a_row_without_text_sets_articles_apart() {
    let html = "<table role=presentation><tr><td>一<br>行</tr><tr><td height=20>&nbsp;<td></tr>\
                <tr><td><img></tr><tr><td>二</tr></table>";
    assert_eq!(text(html), "一\n行\n\n二\n");
}

#[test]
fn a_table_too_wide_to_line_up_has_a_line_for_each_row_and_loses_nothing() {
    let cell = "とても長い見出し".repeat(4);
    let row = format!("<tr><th>{cell}<th>{cell}</tr>");
    let html = format!("<table border=1>{row}<tr><td>a<td>b</tr></table>");
    assert_eq!(text(&html), format!("{cell} | {cell}\na | b\n"));
}

#[test]
fn text_between_the_cells_of_a_table_is_not_lost() {
    let html = "<table border=1>前<b>太</b><tr>中<td>a<td>b</tr>後</table>";
    for word in ["前", "太", "中", "a", "b", "後"] {
        assert!(text(html).contains(word), "{word}: {}", text(html));
    }
}

#[test]
fn a_form_around_the_rows_of_a_table_leaves_it_a_table() {
    let html = "<table border=1><form action=x><tr><td>甲<td>1</tr><tr><td>a<td>2</form></table>";
    assert_eq!(text(html), "甲 | 1\na  | 2\n");
}

#[test]
fn pictures_are_told_by_their_words() {
    for (html, expected) in [
        ("<img src=x alt='会場の地図'>", "[画像: 会場の地図]\n"),
        ("<img src=x alt='' ><img alt=spacer><img alt='***'><img>a", "a\n"),
        ("<img width=1 height=1 alt='計測'>a", "a\n"),
        ("<img alt='a\nb&lt;c&gt;'>", "[画像: a b<c>]\n"),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
    let english = Options { language: Language::English, ..Options::default() };
    assert_eq!(render("<img alt=map>", &english).unwrap().text, "[image: map]\n");
}

#[test]
fn the_title_is_told_apart_from_the_text() {
    let html = "<html><head><title>\n 広報&amp;\n案内 </title></head><body>本文</body></html>";
    let rendered = rendered(html);
    assert_eq!(rendered.text, "本文\n");
    assert_eq!(rendered.title.as_deref(), Some("広報& 案内"));
    assert_eq!(super::rendered("<title> </title>a").title, None);
}

#[test]
fn markup_written_as_text_stays_text() {
    let html = "<p>&lt;table&gt;&amp;amp; &#x1F363; &nbsp;x <td>y";
    assert_eq!(text(html), "<table>&amp; 🍣  x y\n");
    let in_table = "<table border=1><tr><td>&lt;/td&gt;<td>&amp;lt;</tr><tr><td>a<td>b</table>";
    assert_eq!(text(in_table), "</td> | &lt;\na     | b\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_line_up_whatever_stands_in_them(
        rows in prop::collection::vec(prop::array::uniform3("[a-z<&漢カｶ①○─　é]{1,6}"), 2..6)
    ) {
        let mut html = String::from("<table border=1>");
        for row in &rows {
            html.push_str("<tr>");
            for cell in row {
                let escaped = cell.replace('&', "&amp;").replace('<', "&lt;");
                html.push_str(&format!("<td>x{escaped}x"));
            }
        }
        let laid = text(&html);
        let mut bars = Vec::new();
        for (line, row) in laid.lines().zip(&rows) {
            let mut rest = line;
            for cell in row {
                let (_, after) = rest.split_once(&format!("x{cell}x")).expect("each cell is whole");
                rest = after;
            }
            let at: Vec<usize> =
                line.match_indices(" | ").map(|(at, _)| line[..at].width_cjk()).collect();
            bars.push(at);
        }
        prop_assert_eq!(bars.len(), rows.len());
        prop_assert!(bars.windows(2).all(|pair| pair[0] == pair[1]), "{laid}");
    }
}
