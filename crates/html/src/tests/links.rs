use sekimori_policy::{Code, Language, LinkMode, LinkPlacement};

use super::{decisions, options, text};
use crate::{Options, render};

fn in_mode(html: &str, mode: LinkMode) -> String {
    render(html, &options(mode)).unwrap().text
}

#[test]
fn a_link_is_written_in_the_way_that_is_asked_for() {
    let html = "詳細は<a href='https://www.example.jp/a'>こちら</a>へ";
    assert_eq!(in_mode(html, LinkMode::Text), "詳細はこちら <https://www.example.jp/a>へ\n");
    assert_eq!(
        in_mode(html, LinkMode::Defanged),
        "詳細はこちら <hxxps://www[.]example[.]jp/a>へ\n"
    );
    assert_eq!(in_mode(html, LinkMode::Removed), "詳細はこちらへ\n");
    assert_eq!(decisions(html).count(Code::LinkNeutralised), 1);
}

#[test]
fn a_target_is_said_once_and_never_one_that_runs() {
    for (html, expected) in [
        ("<a href='https://example.jp/'>https://example.jp/</a>", "https://example.jp/\n"),
        ("<a href='mailto:a@example.jp'>a@example.jp</a>", "a@example.jp\n"),
        ("<a href='mailto:a@example.jp'>担当</a>", "担当 <a@example.jp>\n"),
        ("<a href='tel:0465-00-0000'>電話</a>", "電話 <0465-00-0000>\n"),
        ("<a href='javascript:alert(1)'>押す</a>", "押す\n"),
        ("<a href='data:text/html,x'>押す</a><a href='#top'>上へ</a>", "押す上へ\n"),
        ("<a href='https://example.jp/x'></a><a href='https://example.jp/y'> </a>", ""),
        ("<a href='https://example.jp/x'><img src=b.png></a>", "[画像] <https://example.jp/x>\n"),
        ("<a href='https://example.jp/x'><img width=1 src=b.png></a>", ""),
        ("<a href='https://e.jp/x'><img alt='入口' src=b></a>", "[画像: 入口] <https://e.jp/x>\n"),
        ("<a href='https://e.jp/x'><div>枠</div></a>次", "枠 <https://e.jp/x>\n次\n"),
        (
            "<a href='https://e.jp/1'>一<a href='https://e.jp/2'>二</a>",
            "一 <https://e.jp/1>二 <https://e.jp/2>\n",
        ),
        ("<p><a href='https://e.jp/1'>一<p>二</a>三", "一 <https://e.jp/1>\n\n二三\n"),
        ("<base href='https://e.jp/d/'><a href='x'>一</a>", "一 <https://e.jp/d/x>\n"),
        ("<a href='x.html'>一</a>", "一\n"),
        ("<a href='https://e.jp/a&amp;b=&lt;p&gt;'>一</a>", "一 <https://e.jp/a&b=%3Cp%3E>\n"),
        ("<div hidden><a href='https://e.jp/'>X</a></div>", ""),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
    let script = "<a href='javascript:x'>a</a><a href='#b'>c</a>";
    assert_eq!(decisions(script).count(Code::LinkNeutralised), 1);
}

#[test]
fn a_link_that_leads_elsewhere_than_it_says_is_marked_in_words() {
    let html = "<a href='https://evil.example/x'>https://www.bank.co.jp/</a>";
    assert_eq!(
        text(html),
        "https://www.bank.co.jp/ <https://evil.example/x>（表示と異なる宛先）\n"
    );
    assert_eq!(decisions(html).count(Code::LinkHostDiffers), 1);
    assert_eq!(in_mode(html, LinkMode::Removed), "https://www.bank.co.jp/（表示と異なる宛先）\n");
    let english = Options { language: Language::English, ..options(LinkMode::Removed) };
    let laid = render(html, &english).unwrap().text;
    assert_eq!(laid, "https://www.bank.co.jp/ (leads elsewhere)\n");
    for split in [
        "<a href='https://evil.example/x'>www.ba<b>nk.co</b>.jp</a>",
        "<a href='https://evil.example/x'>www.ba&#8203;nk.co.jp</a>",
        "<a href='https://www.bank.co.jp@evil.example/'>www.bank.co.jp</a>",
        "<a href='https:\\\\evil.example'>bank.co.jp</a>",
    ] {
        assert_eq!(decisions(split).count(Code::LinkHostDiffers), 1, "{split}");
    }
    let same = "<a href='https://shop.bank.co.jp/'>www.bank.co.jp</a>";
    assert_eq!(decisions(same).count(Code::LinkHostDiffers), 0);
}

#[test]
fn targets_stand_in_a_list_under_the_text_where_that_is_asked_for() {
    let html = "<p><a href='https://e.jp/a'>一</a>と<a href='https://e.jp/b'>二</a>、\
        <a href='https://e.jp/a'>また一</a></p><p><a href=https://evil.example/>www.bank.co.jp</a>\
        <a href=https://e.jp/c>https://e.jp/c</a>";
    let numbered = |links| {
        let options = Options { link_placement: LinkPlacement::Numbered, ..options(links) };
        render(html, &options).unwrap().text
    };
    assert_eq!(
        numbered(LinkMode::Text),
        "一 [1]と二 [2]、また一 [1]\n\nwww.bank.co.jp [3]（表示と異なる宛先）https://e.jp/c\n\n\
         〔リンク先〕\n[1] https://e.jp/a\n[2] https://e.jp/b\n[3] https://evil.example/\n"
    );
    assert!(numbered(LinkMode::Defanged).ends_with("\n[3] hxxps://evil[.]example/\n"));
    assert!(!numbered(LinkMode::Removed).contains("リンク先"));
    let options = Options { link_placement: LinkPlacement::Numbered, ..options(LinkMode::Text) };
    assert_eq!(render("<p>一", &options).unwrap().text, "一\n");
}
