//! Bodies as municipalities get them: what a clerk reads must be what was written.

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, ISO_2022_JP, SHIFT_JIS};
use sekimori_charset::{Decoded, decode};

const PHRASES: [&str; 6] = [
    "令和八年度 山北町予算書（案）について、ご確認をお願いいたします。\r\n",
    "①見積書 ②請求書\r\n㈱髙﨑商店 Ⅲ期工事\r\n",
    "ﾔﾏｷﾀﾏﾁ役場 総務課\r\n",
    "受付時間：９時～１７時 ―－∥￠￡￢\r\n",
    "お世話になっております。\r\n--\r\nhttp://www.example.jp/~soumu/ \\\\server\\share\r\n",
    "渡邊・齋藤・濵田・德永・神邊\r\n",
];

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy, "{text} in {}", encoding.name());
    bytes.into_owned()
}

fn assert_text(decoded: &Decoded, text: &str, charset: &str, guessed: bool) {
    assert_eq!(decoded.text, text);
    assert_eq!(
        (decoded.charset, decoded.guessed, decoded.replaced),
        (charset, guessed, 0),
        "{text}"
    );
    assert_eq!(decoded.characters, text.chars().count() as u64);
}

#[test]
fn a_rightly_labelled_body_is_read_as_its_label_says() {
    for text in PHRASES {
        for (label, name, encoding) in [
            ("Shift_JIS", "shift_jis", SHIFT_JIS),
            ("cp932", "shift_jis", SHIFT_JIS),
            ("EUC-JP", "euc-jp", EUC_JP),
            ("utf-8", "utf-8", encoding_rs::UTF_8),
        ] {
            assert_text(&decode(&encoded(text, encoding), Some(label)), text, name, false);
        }
        // The encoder has no half-width kana, as the standard has it.
        let text = text.replace("ﾔﾏｷﾀﾏﾁ", "ヤマキタマチ");
        let decoded = decode(&encoded(&text, ISO_2022_JP), Some("ISO-2022-JP"));
        assert_text(&decoded, &text, "iso-2022-jp", false);
        assert!(!decoded.repaired);
    }
}

#[test]
fn a_body_without_a_label_is_told_from_its_octets() {
    for text in PHRASES {
        for label in
            [None, Some("unknown-8bit"), Some("x-unknown"), Some("binary"), Some("us-ascii")]
        {
            assert_text(&decode(&encoded(text, SHIFT_JIS), label), text, "shift_jis", true);
            assert_text(&decode(&encoded(text, EUC_JP), label), text, "euc-jp", true);
            assert_text(&decode(text.as_bytes(), label), text, "utf-8", true);
            let text = text.replace("ﾔﾏｷﾀﾏﾁ", "ヤマキタマチ");
            assert_text(&decode(&encoded(&text, ISO_2022_JP), label), &text, "iso-2022-jp", true);
        }
    }
}

#[test]
fn a_label_that_the_octets_contradict_gives_way() {
    for text in PHRASES {
        for label in ["iso-8859-1", "windows-1252", "utf-8", "euc-jp", "iso-2022-jp", "iso-8859-15"]
        {
            assert_text(&decode(&encoded(text, SHIFT_JIS), Some(label)), text, "shift_jis", true);
        }
        for label in ["iso-8859-1", "windows-1252", "utf-8", "shift_jis", "iso-2022-jp"] {
            assert_text(&decode(&encoded(text, EUC_JP), Some(label)), text, "euc-jp", true);
        }
        for label in ["iso-8859-1", "windows-1252", "euc-jp", "shift_jis", "iso-2022-jp", "koi8-r"]
        {
            assert_text(&decode(text.as_bytes(), Some(label)), text, "utf-8", true);
        }
        let text = text.replace("ﾔﾏｷﾀﾏﾁ", "ヤマキタマチ");
        for label in ["iso-8859-1", "utf-8", "euc-jp", "shift_jis", "us-ascii"] {
            let decoded = decode(&encoded(&text, ISO_2022_JP), Some(label));
            assert_text(&decoded, &text, "iso-2022-jp", true);
        }
    }
}

#[test]
fn damaged_utf8_stays_utf8_with_marks_where_it_is_damaged() {
    let mut bytes = "山北町役場からのお知らせです。".as_bytes().to_vec();
    bytes.remove(4);
    for label in [Some("utf-8"), None] {
        let decoded = decode(&bytes, label);
        assert_eq!(decoded.text, "山〓町役場からのお知らせです。");
        assert_eq!((decoded.charset, decoded.replaced), ("utf-8", 1));
        assert_eq!(decoded.guessed, label.is_none());
    }
}

#[test]
fn a_damaged_character_does_not_change_the_charset_of_the_others() {
    let text = "山北町役場からのお知らせです。ご確認ください。";
    let mut bytes = encoded(text, SHIFT_JIS);
    bytes.insert(2, 0xFF);
    for label in [Some("shift_jis"), None] {
        let decoded = decode(&bytes, label);
        assert_eq!(decoded.text, text.replacen('山', "山〓", 1));
        assert_eq!((decoded.charset, decoded.replaced), ("shift_jis", 1));
    }
}

#[test]
fn the_wave_dash_and_its_friends_are_the_same_in_every_japanese_charset() {
    let wanted = "～∥－￠￡￢";
    let sjis = b"\x81\x60\x81\x61\x81\x7C\x81\x91\x81\x92\x81\xCA";
    let euc = b"\xA1\xC1\xA1\xC2\xA1\xDD\xA1\xF1\xA1\xF2\xA2\xCC";
    let jis = b"\x1B$B!A!B!]!q!r\"L\x1B(B";
    assert_eq!(decode(sjis, Some("shift_jis")).text, wanted);
    assert_eq!(decode(euc, Some("euc-jp")).text, wanted);
    assert_eq!(decode(jis, Some("iso-2022-jp")).text, wanted);
    assert_eq!(
        decode("〜～".as_bytes(), Some("utf-8")).text,
        "〜～",
        "what was written in Unicode stays"
    );
}

#[test]
fn characters_that_the_organisation_made_itself_stay_private_use() {
    let decoded = decode(b"\x8ER\xF0\x40\xF9\xFC", Some("windows-31j"));
    assert_eq!(decoded.text, "山\u{E000}\u{E757}");
    assert_eq!(decoded.replaced, 0);
}

#[test]
fn plain_ascii_is_never_a_guess() {
    for label in [None, Some("iso-2022-jp"), Some("x-unknown"), Some("utf-8"), Some("utf-7")] {
        let decoded = decode(b"Hello ~ $100 \\ \0 \x07\r\n", label);
        assert_text(&decoded, "Hello ~ $100 \\ \0 \x07\r\n", "us-ascii", false);
    }
}

#[test]
fn a_replacement_character_in_the_text_counts_as_lost() {
    let decoded = decode("山\u{FFFD}町".as_bytes(), Some("utf-8"));
    assert_eq!((decoded.text.as_str(), decoded.replaced), ("山〓町", 1));
}

#[test]
fn a_byte_order_mark_of_utf8_is_dropped() {
    for (label, guessed) in [(Some("utf-8"), false), (None, true), (Some("shift_jis"), true)] {
        assert_text(&decode("\u{FEFF}山北町".as_bytes(), label), "山北町", "utf-8", guessed);
    }
    assert_eq!(decode(b"\xEF\xBB\xBFplain", Some("utf-8")).text, "plain");
}

#[test]
fn other_scripts_are_read_by_their_labels() {
    for (label, name, text) in [
        ("iso-8859-1", "windows-1252", "Müller, café “naïve” 5 €"),
        ("koi8-r", "koi8-r", "Привет"),
        ("windows-1251", "windows-1251", "Привет, мир"),
        ("gb2312", "gbk", "会议资料，请查收。"),
        ("big5", "big5", "會議資料，請查收。"),
        ("euc-kr", "euc-kr", "회의 자료입니다"),
        ("gb18030", "gb18030", "会议资料"),
    ] {
        let encoding = Encoding::for_label(label.as_bytes()).unwrap();
        assert_text(&decode(&encoded(text, encoding), Some(label)), text, name, false);
    }
}

#[test]
fn western_text_without_a_label_is_not_taken_for_japanese() {
    let text =
        "Sehr geehrte Damen und Herren, für die Prüfung möchten wir Ihnen danken. Größe, Straße.";
    let bytes = encoded(text, encoding_rs::WINDOWS_1252);
    assert_text(&decode(&bytes, None), text, "windows-1252", true);
    assert_text(&decode(&bytes, Some("us-ascii")), text, "windows-1252", true);
}

#[test]
fn long_chinese_and_korean_without_a_label_are_told_from_japanese() {
    let chinese = "我们很高兴地通知您，您的申请已经被批准。请在本周内与我们的办公室联系，以便安排下一步的工作。";
    assert_eq!(decode(&encoded(chinese, encoding_rs::GBK), None).text, chinese);
    let korean = "안녕하십니까. 귀하의 신청이 승인되었음을 알려 드립니다. 이번 주 안에 연락 주시기 바랍니다.";
    assert_eq!(decode(&encoded(korean, encoding_rs::EUC_KR), None).text, korean);
}

#[test]
fn words_in_half_width_kana_alone_are_told_from_cyrillic() {
    let kana = "ﾔﾏｷﾀﾏﾁ ｿｳﾑｶ";
    assert_eq!(decode(&encoded(kana, SHIFT_JIS), None).text, kana);
    let cyrillic = "Привет, это пример письма";
    assert_eq!(decode(&encoded(cyrillic, encoding_rs::KOI8_R), None).text, cyrillic);
}

#[test]
fn rare_kanji_alone_do_not_speak_against_a_label_that_fits() {
    let text = "蹇忞";
    assert_text(&decode(&encoded(text, EUC_JP), Some("euc-jp")), text, "euc-jp", false);
}

#[test]
fn one_damaged_character_does_not_turn_a_text_into_another_charset() {
    for (label, text) in [
        ("euc-jp", "会議資料を送付します"),
        ("euc-jp", "会議資料"),
        ("shift_jis", "会議資料"),
        ("euc-kr", "안녕하십니까 신청이 승인되었음을"),
        ("gbk", "我们很高兴地通知您"),
    ] {
        let encoding = Encoding::for_label(label.as_bytes()).unwrap();
        let mut bytes = encoded(text, encoding);
        bytes.push(0xFF);
        let decoded = decode(&bytes, Some(label));
        assert_eq!(decoded.text, format!("{text}〓"));
        assert!(!decoded.guessed, "{label}");
    }
}

#[test]
fn evidence_is_checked_to_the_end() {
    let text = "会議資料を送付します。".repeat(100);
    let mut bytes = "©".as_bytes().to_vec();
    bytes.extend_from_slice(" ".repeat(10_000).as_bytes());
    bytes.extend_from_slice(&encoded(&text, SHIFT_JIS));
    assert_ne!(decode(&bytes, None).charset, "utf-8");
}

#[test]
fn labels_that_no_octet_bears_out_give_way() {
    let text = "お世話になっております。資料をお送りします。";
    let decoded = decode(text.as_bytes(), Some("utf-16"));
    assert_eq!((decoded.text.as_str(), decoded.guessed), (text, true));
    for label in ["gb2312", "gb18030", "big5", "euc-kr"] {
        let decoded = decode(&encoded(text, SHIFT_JIS), Some(label));
        assert_text(&decoded, text, "shift_jis", true);
    }
}

#[test]
fn a_line_of_korean_without_a_label_is_korean_and_one_of_chinese_is_not() {
    let korean = "안녕하세요. 회의 자료를 확인해 주세요. 감사합니다.";
    assert_eq!(decode(&encoded(korean, EUC_KR), None).text, korean);
    let chinese = "会议资料请确认，谢谢您的帮助与支持。我们下周再联系。";
    assert_eq!(decode(&encoded(chinese, GBK), None).text, chinese);
}
