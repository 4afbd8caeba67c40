use proptest::prelude::*;

use super::*;

fn options() -> Options {
    Options {
        max_depth: 200,
        max_octets: 4 * 1024 * 1024,
        links: LinkMode::Text,
        language: Language::Japanese,
    }
}

fn text(html: &str) -> String {
    render(html, &options()).unwrap().text
}

fn decisions(html: &str) -> Decisions {
    render(html, &options()).unwrap().decisions
}

#[test]
fn paragraphs_headings_and_lists_read_well() {
    let html = "<h1>お知らせ</h1><p>町民の<b>皆さま</b>へ</p><p>次のとおり。</p>\
                <ul><li>防災訓練<li>清掃</ul><ol start=3><li>三<li>四</ol>";
    assert_eq!(
        text(html),
        "■ お知らせ\n\n町民の皆さまへ\n\n次のとおり。\n\n・防災訓練\n・清掃\n\n3. 三\n4. 四\n"
    );
}

#[test]
fn quotes_preformatted_text_and_rules_stay() {
    assert_eq!(text("<blockquote>引用<br>二行目</blockquote>"), "> 引用\n> 二行目\n");
    assert_eq!(text("<pre>a  b\n  c</pre>"), "a  b\n  c\n");
    assert!(text("a<hr>b").contains("a\n――"));
}

#[test]
fn a_table_of_data_keeps_its_columns_by_east_asian_width() {
    let html = "<table border=1><tr><th>品名<th>数量</tr><tr><td>りんご<td>3</tr>\
                <tr><td>A<td>12</tr></table>";
    let laid = text(html);
    let columns: Vec<_> = laid
        .lines()
        .filter(|line| line.contains('│'))
        .map(|line| {
            let before: String = line.chars().take_while(|&c| c != '│').collect();
            unicode_width::UnicodeWidthStr::width(before.as_str())
        })
        .collect();
    assert_eq!(columns.len(), 3, "{laid}");
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{laid}");
}

#[test]
fn a_table_for_layout_becomes_lines() {
    let html = "<table><tr><td><table><tr><td><p>本文の一行目</p></td></tr></table></td></tr>\
                <tr><td>二行目</td></tr></table>";
    assert_eq!(text(html), "本文の一行目\n\n二行目\n");
    assert_eq!(text("<table><tr><td>氏名</td><td>山田</td></tr></table>"), "氏名  山田\n");
}

#[test]
fn a_link_keeps_its_text_and_its_true_target() {
    let html = "<a href='https://example.jp/a'>こちら</a>";
    assert_eq!(text(html), "こちら <https://example.jp/a>\n");
    let lure = "<a href='https://evil.example/'>https://www.bank.co.jp/</a>";
    assert_eq!(text(lure), "https://www.bank.co.jp/ <https://evil.example/>（表示と異なる宛先）\n");
    assert_eq!(decisions(lure).count(Code::LinkHostDiffers), 1);
    assert_eq!(text("<a href='javascript:alert(1)'>押す</a>"), "押す\n");
}

#[test]
fn what_runs_or_hides_is_dropped_and_counted() {
    let html = "<style>.x{display:none}</style><script>alert('MARK')</script><p>見える</p>\
                <div class=x>MARK</div><p style='font-size:0'>MARK</p><!-- MARK -->\
                <span style='color:#fff;background:#fff'>MARK</span><form><input value=MARK></form>\
                <object data=x>MARK</object><noscript>MARK</noscript>";
    let rendered = render(html, &options()).unwrap();
    assert_eq!(rendered.text, "見える\n");
    for code in [
        Code::HtmlToText,
        Code::HtmlScriptDropped,
        Code::HtmlStyleDropped,
        Code::HtmlHiddenDropped,
        Code::HtmlCommentDropped,
        Code::HtmlFormDropped,
        Code::HtmlObjectDropped,
    ] {
        assert!(rendered.decisions.contains(code), "{code}");
    }
}

#[test]
fn pictures_are_told_by_their_words() {
    assert_eq!(text("<img src=x alt='会場の地図'>"), "[画像: 会場の地図]\n");
    assert_eq!(text("<p>a<img src=x width=1 height=1 alt='会場の地図'></p>"), "a\n");
}

#[test]
fn markup_written_as_text_stays_text() {
    assert_eq!(text("&lt;script&gt;a&lt;/script&gt; &amp;amp;"), "<script>a</script> &amp;\n");
    assert_eq!(
        text("<p>a &lt;b&gt; <table border=1><tr><td>&lt;td&gt;<td>x</table>")
            .matches("<td>")
            .count(),
        1
    );
}

#[test]
fn the_title_is_told_apart_from_the_text() {
    let rendered = render("<title> 広報\n9月 </title><p>本文", &options()).unwrap();
    assert_eq!((rendered.title.as_deref(), rendered.text.as_str()), (Some("広報 9月"), "本文\n"));
}

#[test]
fn over_a_bound_is_an_error() {
    let small = Options { max_octets: 10, ..options() };
    assert_eq!(render("<p>0123456789", &small), Err(HtmlError::TooLarge { octets: 13, limit: 10 }));
    let many = "<b></b>".repeat(MAX_TAGS / 2 + 1);
    assert_eq!(render(&many, &options()), Err(HtmlError::TooManyTags { limit: MAX_TAGS }));
}

#[test]
fn deep_nesting_is_flattened_and_keeps_its_text() {
    for element in ["div", "blockquote", "ul><li", "table><tr><td", "b", "span"] {
        let html = format!("{}底", format!("<{element}>").repeat(5_000));
        let rendered = render(&html, &options()).unwrap();
        assert!(rendered.text.contains('底'), "{element}");
        assert!(rendered.text.len() < 10_000, "{element}: {}", rendered.text.len());
        assert!(rendered.decisions.contains(Code::HtmlFlattened), "{element}");
    }
}

#[test]
fn bombs_are_laid_out_or_refused() {
    let bombs = [
        "<".repeat(1_000_000),
        format!("<p title=\"{}\">x", "a".repeat(1_000_000)),
        format!("<!--{}", "a".repeat(1_000_000)),
        "<table><tr><td>a</td></tr></table>".repeat(5_000),
        format!("<table border=1>{}</table>", "<tr><td>a<td>b</tr>".repeat(5_000)),
        "<td colspan=1000 rowspan=1000>".repeat(10_000),
        "<ul><li>".repeat(20_000),
        "<p><b>a".repeat(20_000),
        "&amp;".repeat(200_000),
        "<br>".repeat(100_000),
    ];
    for bomb in bombs {
        if let Ok(rendered) = render(&bomb, &options()) {
            assert!(rendered.text.len() <= bomb.len() * 4, "{:.40}", bomb);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markup_is_laid_out_without_controls(html in "(<(/?)(p|div|table|tr|td|th|ul|li|ol|b|a href=x|script|style|pre|br|img alt=x|select|svg|title|span style='display:none')>|[a-z あ漢&;<>\"'=\n\t\u{0}\u{202e}]{0,6}){0,60}") {
        let rendered = render(&html, &options());
        if let Ok(rendered) = rendered {
            prop_assert!(rendered.text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
            let has_bidi = rendered.text.contains('\u{202e}');
            prop_assert!(!has_bidi);
        }
    }

    #[test]
    fn text_outside_of_tags_is_there_and_text_of_scripts_is_not(words in proptest::collection::vec("[a-z]{8}", 1..20)) {
        let html: String = words
            .iter()
            .enumerate()
            .map(|(n, word)| match n % 4 {
                0 => format!("<p>{word}</p><script>hidden{n}</script>"),
                1 => format!("<div><i>{word}</i><style>hidden{n}</style></div>"),
                2 => format!("<table><tr><td>{word}<td style='display:none'>hidden{n}</table>"),
                _ => format!("{word}<!--hidden{n}--> "),
            })
            .collect();
        let laid = text(&html);
        prop_assert!(words.iter().all(|word| laid.contains(word)), "{laid}");
        prop_assert!(!laid.contains("hidden"), "{laid}");
    }
}
