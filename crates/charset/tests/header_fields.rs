//! Subjects, names and file names as senders write them.

use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS};
use sekimori_charset::{decode_extended_value, decode_field, decode_phrase, unfold_structured};

fn field(raw: &str) -> String {
    decode_field(raw.as_bytes()).text
}

fn structured(raw: &str) -> String {
    unfold_structured(raw.as_bytes()).text
}

#[test]
fn encoded_words_decode_in_either_encoding_and_any_case() {
    for raw in [
        "=?UTF-8?B?5bGx5YyX55S6?=",
        "=?utf-8?b?5bGx5YyX55S6?=",
        "=?utf-8*ja?B?5bGx5YyX55S6?=",
        "=?\"utf-8\"?B?5bGx5YyX55S6?=",
        "=?UTF-8?Q?=E5=B1=B1=E5=8C=97=E7=94=BA?=",
        "=?UTF-8?q?=e5=b1=b1=e5=8c=97=e7=94=ba?=",
        "=?ISO-2022-JP?B?GyRCOzNLTEQuGyhC?=",
        "=?iso-2022-jp?Q?=1B$B;3KLD.=1B(B?=",
        "=?Shift_JIS?B?jlKWa5Ks?=",
        "=?EUC-JP?B?u7PLzMSu?=",
        "=?x-unknown?B?5bGx5YyX55S6?=",
        "=??B?5bGx5YyX55S6?=",
        "=?utf-8?B?5bGx5Y yX55S6?=",
        "=?utf-8?B?5bGx5Y\r\n yX55S6?=",
        "=?utf-8?Q?=E5=B1=B1=E5=8C\r\n =97=E7=94=BA?=",
        "  =?UTF-8?B?5bGx5YyX55S6?=\r\n",
    ] {
        assert_eq!(field(raw), "山北町", "{raw}");
    }
    assert!(decode_field(b"=?x-unknown?B?5bGx5YyX55S6?=").guessed);
    assert!(!decode_field(b"=?utf-8?B?5bGx5YyX55S6?=").guessed);
}

#[test]
fn words_may_stand_anywhere_and_only_the_space_between_them_goes() {
    for (raw, text) in [
        ("Re: =?UTF-8?B?5bGx?= =?UTF-8?B?5YyX?=\r\n\t=?UTF-8?Q?=E7=94=BA?= (2)", "Re: 山北町 (2)"),
        ("\"=?UTF-8?B?5bGx?=\" a@b", "\"山\" a@b"),
        ("Re:=?UTF-8?B?5bGx?=[1]", "Re:山[1]"),
        ("=?UTF-8?B?5bGx?==?UTF-8?B?5YyX?=", "山北"),
        ("=?UTF-8?B?5bGx?= =?EUC-JP?B?y8w=?=", "山北"),
        ("=?UTF-8?Q?a_b c=3D?=", "a b c="),
        ("=?UTF-8?Q?a=3?= x", "a=3 x"),
        ("=?UTF-8?Q?Hello\r\n world?=", "Hello world"),
        ("=?UTF-8?Q??= x", " x"),
        ("folded\r\n here\r\n\tand here", "folded here\tand here"),
        ("bare\nLF and\rCR", "bare LF and CR"),
    ] {
        assert_eq!(field(raw), text, "{raw}");
    }
}

#[test]
fn raw_octets_inside_a_word_of_a_name_are_decoded_once() {
    let raw = b"=?windows-1252?Q?\x93Caf\xE9\x94_=96_Bar?=";
    assert_eq!(decode_field(raw).text, "“Café” – Bar");
    assert_eq!(decode_phrase(raw).text, "“Café” – Bar");
    let quoted = [b"\"", &raw[..], b"\""].concat();
    assert_eq!(decode_phrase(&quoted).text, "“Café” – Bar");
    assert_eq!(unfold_structured(&quoted).text, "\"“Café” – Bar\"");
}

#[test]
fn what_is_no_encoded_word_stays_as_it_is() {
    for raw in [
        "=?UTF-8?X?abc?=",
        "=?UTF-8?B?abc",
        "=?UTF-8?B?ab(c)?=",
        "=?UTF-8?Bx?abc?=",
        "=?UTF 8?B?5bGx?=",
        "a =? b ?= c",
        "=?",
        "=?=?=?=",
    ] {
        assert_eq!(field(raw), raw);
    }
    assert_eq!(field("=?UTF-8?B?5bGx =?UTF-8?B?5bGx?="), "=?UTF-8?B?5bGx 山");
}

#[test]
fn base64_cut_anywhere_and_padded_anyhow_is_read() {
    for raw in [
        "=?UTF-8?B?5bGx5Yy?= =?UTF-8?B?X55S6?=",
        "=?UTF-8?B?5bGx5?= =?UTF-8?B?YyX55S6?=",
        "=?UTF-8?B?5bGx5Q==?= =?UTF-8?B?jJfnlLo=?=",
        "=?UTF-8?B?5bGx5Q?= =?UTF-8?B?jJfnlLo=?=",
        "=?UTF-8?B?5bGx5Q?= =?UTF-8?Q?=8C=97=E7=94=BA?=",
        "=?UTF-8?B?5bGx5YyX55S6====?=",
        "=?UTF-8?B?5bGx=5YyX=55S6?=",
    ] {
        assert_eq!(field(raw), "山北町", "{raw}");
    }
}

#[test]
fn a_shift_state_lasts_from_word_to_word() {
    let raw = "=?ISO-2022-JP?B?GyRCOzM=?= =?ISO-2022-JP?B?S0xELhsoQg==?= =?ISO-2022-JP?Q?=1B?=\r\n \
               =?ISO-2022-JP?Q?$B;3=1B(B?=";
    assert_eq!(field(raw), "山北町山");
}

#[test]
fn raw_text_is_told_from_its_octets_in_all_of_the_field_at_once() {
    let text = "【重要】山北町からのお知らせ";
    for encoding in [SHIFT_JIS, EUC_JP, ISO_2022_JP] {
        let decoded = decode_field(&encoding.encode(text).0);
        assert_eq!((decoded.text.as_str(), decoded.guessed), (text, true));
    }
    let decoded = decode_field(text.as_bytes());
    assert_eq!((decoded.text.as_str(), decoded.guessed), (text, false), "RFC 6532");

    let mut mixed = SHIFT_JIS.encode("山").0.into_owned();
    mixed.extend_from_slice(b" =?UTF-8?B?5YyX?= ");
    mixed.extend_from_slice(&SHIFT_JIS.encode("町役場からのお知らせ").0);
    assert_eq!(decode_field(&mixed).text, "山 北 町役場からのお知らせ");
}

#[test]
fn no_line_end_comes_out_of_a_word() {
    for raw in [
        "=?UTF-8?Q?a=0D=0ABcc:_x@y?=",
        "=?UTF-8?B?YQ0KQmNjOiB4QHk=?=",
        "=?UTF-16BE?B?AGEADQAKAEIAYwBjADoAIAB4AEAAeQ==?=",
        "=?UTF-7?Q?a+AA0ACg-Bcc:_x@y?=",
        "=?ISO-2022-JP?Q?a=0D=0ABcc:_x@y?=",
    ] {
        assert_eq!(field(raw), "a Bcc: x@y", "{raw}");
    }
}

#[test]
fn lost_characters_of_a_field_are_counted() {
    let decoded = decode_field(b"=?UTF-8?Q?=E5=B1=B1=E5=8C=97=E5=FF?= =?Shift_JIS?Q?=FF?=");
    assert_eq!(decoded.text, "山北〓〓〓");
    assert_eq!((decoded.replaced, decoded.characters, decoded.charset), (3, 5, "utf-8"));
}

#[test]
fn a_phrase_loses_its_quotes() {
    for (raw, text) in [
        ("\"=?UTF-8?B?5bGx5YyX55S6?=\"", "山北町"),
        ("=?UTF-8?B?5bGx?= =?UTF-8?B?5YyX?= \"x \\\"y\\\"\"", "山北 x \"y\""),
        ("Yamakita (=?UTF-8?B?5bGx?=)", "Yamakita (山)"),
    ] {
        assert_eq!(decode_phrase(raw.as_bytes()).text, text, "{raw}");
    }
}

#[test]
fn an_address_parser_sees_quoted_strings_instead_of_encoded_words() {
    for (raw, text) in [
        ("=?UTF-8?B?5bGx?=\r\n =?UTF-8?B?5YyX?= <a@b.jp>", "\"山北\" <a@b.jp>"),
        ("\"=?UTF-8?B?5bGx?=\" <a@b.jp>,\r\n c@d.jp", "\"山\" <a@b.jp>, c@d.jp"),
        ("a@b.jp (=?UTF-8?B?5bGx?= (x))", "a@b.jp (山 \\(x\\))"),
        ("Mr. =?UTF-8?B?5bGx?=x <a@b>", "Mr. \"山\" x <a@b>"),
        ("Mr.=?UTF-8?B?5bGx?=<a@b>", "Mr. \"山\"<a@b>"),
        ("山北 <a@b.jp>", "山北 <a@b.jp>"),
        ("\"a \\\\ \\\" b\" <a@b>", "\"a \\\\ \\\" b\" <a@b>"),
        ("g: =?UTF-8?B?5bGx?=:;", "g: \"山\":;"),
    ] {
        assert_eq!(structured(raw), text, "{raw}");
    }
    let raw = SHIFT_JIS.encode("表示 <a@b.jp>, \"ソ能\" <c@d.jp>").0;
    assert_eq!(unfold_structured(&raw).text, "表示 <a@b.jp>, \"ソ能\" <c@d.jp>");
    let raw = ISO_2022_JP.encode("山北町役場 <a@b.jp>").0;
    assert_eq!(unfold_structured(&raw).text, "山北町役場 <a@b.jp>");
}

#[test]
fn decoded_text_cannot_forge_an_address() {
    for (raw, text) in [
        ("=?UTF-8?Q?x=22_=3Cevil=40e=3E=2C_=22?= <a@b>", "\"x\\\" <evil@e>, \\\"\" <a@b>"),
        ("\"=?UTF-8?Q?x=22_=3Cevil=40e=3E?=\" <a@b>", "\"x\\\" <evil@e>\" <a@b>"),
        ("=?UTF-8?Q?x=5C?= <a@b>", "\"x\\\\\" <a@b>"),
        ("a@b (=?UTF-8?Q?x=29_=3Cevil=40e=3E_=28?=)", "a@b (x\\) <evil@e> \\()"),
        ("=?UTF-8?Q?x=0D=0A_y?= <a@b>", "\"x y\" <a@b>"),
        ("=?UTF-8?Q?evil=40e?= <a@b>", "\"evil@e\" <a@b>"),
        ("<=?UTF-8?Q?evil=40e=3E?=@b>", "<=?UTF-8?Q?evil=40e=3E?=@b>"),
        ("=?UTF-8?Q?evil=40e=2C?=@b", "\"=?UTF-8?Q?evil=40e=2C?=\"@b"),
        ("\"never closed <a@b>", " never closed <a@b>"),
        ("(never closed <a@b>", " never closed <a@b>"),
        ("a\\\" b\" <a@b>", "a \" b\" <a@b>"),
        ("=?UTF-8?Q?=3D=3FUTF-8=3FQ=3F=3D22=3F=3D?= <a@b>", "\"=?UTF-8?Q?=22?=\" <a@b>"),
    ] {
        assert_eq!(structured(raw), text, "{raw}");
    }
}

#[test]
fn parameter_values_decode_by_rfc_2231() {
    let value = |pieces: &[(&str, bool)], charset| {
        let pieces: Vec<(&[u8], bool)> =
            pieces.iter().map(|(piece, encoded)| (piece.as_bytes(), *encoded)).collect();
        decode_extended_value(&pieces, charset).text
    };
    assert_eq!(value(&[("utf-8'ja'%E5%B1%B1.xlsx", true)], None), "山.xlsx");
    assert_eq!(value(&[("%E5%B1%b1.xlsx", true)], Some("utf-8")), "山.xlsx");
    assert_eq!(value(&[("''%E5%B1%B1", true)], None), "山", "no charset named");
    assert_eq!(value(&[("%E5%B1%B1 100%", true)], None), "山 100%", "no apostrophes");
    assert_eq!(
        value(&[("iso-2022-jp''%1B$B;3", true), ("KL", false), ("D.%1B(B.txt", true)], None),
        "山北町.txt"
    );
    assert_eq!(value(&[("shift_jis''%8ER%96", true), ("k.txt", false)], None), "山北.txt");
    assert_eq!(value(&[("=?UTF-8?B?5bGx?=.txt", false)], None), "山.txt");
    assert_eq!(value(&[("=?UTF-8?B?5b", false), ("Gx?=.txt", false)], None), "山.txt");
    assert_eq!(value(&[("山.txt", false)], None), "山.txt");
    assert_eq!(value(&[("utf-8''a%0D%0Ab", true)], None), "a b");
    assert_eq!(value(&[], None), "");
}
