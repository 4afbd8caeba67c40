//! Laws that hold for every text and every octet string.

use std::sync::LazyLock;

use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS};
use proptest::prelude::*;
use sekimori_charset::{
    GETA, decode, decode_extended_value, decode_field, decode_phrase, unfold_structured,
};

const LOST: char = char::REPLACEMENT_CHARACTER;

/// Every character of code page 932 that has two octets, NEC's and IBM's among them. The encoders
/// write `\u{A5}` and `\u{203E}` as `\` and `~`; they are not in the table.
static CHARACTERS: LazyLock<Vec<char>> = LazyLock::new(|| {
    let octets = (0x81..=0xFC).flat_map(|lead| (0x40..=0xFC).map(move |trail| [lead, trail]));
    let texts = octets.filter_map(|octets| {
        let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&octets)?;
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none())
    });
    texts.filter(|c| *c != GETA && !('\u{E000}'..='\u{F8FF}').contains(c)).collect()
});

fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => prop::sample::select(CHARACTERS.as_slice()),
        3 => prop::char::range('ぁ', 'ん'),
        1 => prop::char::range('A', 'z'),
        1 => Just(' '),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(character(), 1..40).prop_map(|chars| chars.into_iter().collect())
}

/// A charset's label and the octets of `text` in it.
fn in_every_charset(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let table = |encoding: &'static Encoding| {
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy, "{text} in {}", encoding.name());
        bytes.into_owned()
    };
    vec![
        ("utf-8", text.as_bytes().to_vec()),
        ("shift_jis", table(SHIFT_JIS)),
        ("euc-jp", table(EUC_JP)),
        ("iso-2022-jp", table(ISO_2022_JP)),
        ("utf-16be", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("utf-16le", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("utf-32le", text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
    ]
}

fn base64(octets: &[u8]) -> String {
    let digit = |bits: u32| match (bits & 63) as u8 {
        n @ 0..=25 => char::from(b'A' + n),
        n @ 26..=51 => char::from(b'a' + n - 26),
        n @ 52..=61 => char::from(b'0' + n - 52),
        62 => '+',
        _ => '/',
    };
    let mut text = String::new();
    for chunk in octets.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        text.push(digit(bits >> 18));
        text.push(digit(bits >> 12));
        text.push(if chunk.len() > 1 { digit(bits >> 6) } else { '=' });
        text.push(if chunk.len() > 2 { digit(bits) } else { '=' });
    }
    text
}

fn quoted(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |text, octet| text + &format!("={octet:02X}"))
}

/// An address list as a parser without mercy sees it: the text outside of quotes and comments, with
/// `"` and `(` left where one of them was. `None` when one is left open.
fn outside_of_quotes(value: &str) -> Option<String> {
    let mut outside = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        outside.push(c);
        let close = match c {
            '"' => '"',
            '(' => ')',
            _ => continue,
        };
        loop {
            match chars.next()? {
                '\\' => drop(chars.next()?),
                c if c == close => break,
                _ => {}
            }
        }
    }
    Some(outside)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_encoded_is_read_back_in_every_charset(text in text()) {
        for (label, octets) in in_every_charset(&text) {
            let decoded = decode(&octets, Some(label));
            prop_assert_eq!(&decoded.text, &text, "{}", label);
            prop_assert!(!decoded.guessed && !decoded.repaired && decoded.replaced == 0);
            let value = decode_extended_value(&[(&octets, false)], Some(label)).text;
            prop_assert_eq!(&value, &text, "{}", label);
        }
    }

    #[test]
    fn half_width_kana_are_read_back_in_the_charsets_that_have_them(text in "[ｦ-ﾟ｡-･ぁ-ん山 A-z]{1,20}") {
        for (label, encoding) in [("shift_jis", SHIFT_JIS), ("euc-jp", EUC_JP)] {
            let decoded = decode(&encoding.encode(&text).0, Some(label));
            prop_assert_eq!(&decoded.text, &text, "{}", label);
        }
    }

    #[test]
    fn encoded_words_split_at_any_octet_read_the_same(
        text in text(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        encodings in prop::collection::vec(any::<bool>(), 5),
    ) {
        for (label, octets) in in_every_charset(&text) {
            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(octets.len())).collect();
            ends.push(octets.len());
            ends.sort_unstable();
            let mut start = 0;
            let words: Vec<String> = ends.iter().zip(&encodings).map(|(end, is_base64)| {
                let piece = &octets[start..*end];
                start = *end;
                if *is_base64 {
                    format!("=?{label}?B?{}?=", base64(piece))
                } else {
                    format!("=?{label}?q?{}?=", quoted(piece))
                }
            }).collect();
            prop_assert_eq!(&decode_field(words.join("\r\n ").as_bytes()).text, &text, "{}", label);
        }
    }

    #[test]
    fn base64_split_between_any_digits_reads_the_same(text in text(), cut in any::<prop::sample::Index>()) {
        let digits = base64(text.as_bytes());
        let digits = digits.trim_end_matches('=');
        // Two digits or three before a word that is whole by itself are taken for a text without its
        // padding, so the cut goes one digit on.
        let mut cut = cut.index(digits.len());
        if cut % 4 > 1 && (digits.len() - cut).is_multiple_of(4) {
            cut += 1;
        }
        let (head, tail) = digits.split_at(cut);
        let raw = format!("=?utf-8?B?{head}?= =?utf-8?B?{tail}?=");
        prop_assert_eq!(decode_field(raw.as_bytes()).text, text);
    }

    #[test]
    fn no_octets_make_a_panic_or_a_line_end_or_a_replacement_character(
        octets in prop::collection::vec(prop_oneof![
            any::<u8>(),
            prop::sample::select(&b"=?BQ\"\\()<>@,\r\n \x1B$@(BJI\x0E\x0F+-&'%"[..]),
        ], 0..200),
        label in prop::sample::select(&[
            "", "utf-8", "shift_jis", "euc-jp", "iso-2022-jp", "utf-7", "utf-16", "utf-32",
            "us-ascii", "iso-8859-1", "gb18030", "big5", "koi8-r",
        ][..]),
    ) {
        let body = decode(&octets, Some(label));
        prop_assert!(!body.text.contains(LOST));
        prop_assert_eq!(body.characters, body.text.chars().count() as u64);
        prop_assert!(body.replaced <= body.characters);
        let lines = [
            decode_field(&octets),
            decode_phrase(&octets),
            unfold_structured(&octets),
            decode_extended_value(&[(&octets, true), (&octets, false)], None),
            decode_extended_value(&[(&octets, true)], Some(label)),
        ];
        for line in lines {
            prop_assert!(!line.text.contains(['\r', '\n', LOST]));
            prop_assert_eq!(line.characters, line.text.chars().count() as u64);
        }
    }

    #[test]
    fn plain_ascii_is_read_as_itself_under_any_label(text in "[ -#%-~\r\n\t]{0,100}") {
        for label in [None, Some("utf-8"), Some("iso-2022-jp"), Some("shift_jis"), Some("x")] {
            let decoded = decode(text.as_bytes(), label);
            prop_assert_eq!(&decoded.text, &text);
            prop_assert_eq!((decoded.charset, decoded.guessed, decoded.replaced), ("us-ascii", false, 0));
        }
    }

    #[test]
    fn decoded_words_never_leave_their_quotes(
        name in "[\"\\\\()<>@,;: a\r\n山]{0,12}",
        wrap in prop::sample::select(&["W <a@b>", "\"W\" <a@b>", "a@b (W)", "x W, y W <a@b>"][..]),
        is_base64 in any::<bool>(),
    ) {
        let word = |name: &str| if is_base64 {
            format!("=?utf-8?B?{}?=", base64(name.as_bytes()))
        } else {
            format!("=?utf-8?Q?{}?=", quoted(name.as_bytes()))
        };
        let forged = unfold_structured(wrap.replace('W', &word(&name)).as_bytes()).text;
        let honest = unfold_structured(wrap.replace('W', &word("n")).as_bytes()).text;
        prop_assert_eq!(outside_of_quotes(&forged), outside_of_quotes(&honest));
        prop_assert!(outside_of_quotes(&forged).is_some(), "{}", forged);
    }

    #[test]
    fn every_structured_value_comes_out_with_its_quotes_and_comments_closed(
        octets in prop::collection::vec(
            prop::sample::select(&b"\"\"((\\)<>@,=?utf-8?Q?=22?= \x83\x5C\x81\x1B$B(B"[..]), 0..60),
    ) {
        let value = unfold_structured(&octets).text;
        prop_assert!(outside_of_quotes(&value).is_some(), "{}", value);
    }
}
