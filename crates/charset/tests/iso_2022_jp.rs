//! ISO-2022-JP as mail programs and gateways leave it.

use sekimori_charset::{Decoded, decode};

fn read(bytes: &[u8]) -> Decoded {
    decode(bytes, Some("ISO-2022-JP"))
}

fn assert_reads(bytes: &[u8], text: &str, repaired: bool) {
    let decoded = read(bytes);
    assert_eq!(decoded.text, text, "{}", bytes.escape_ascii());
    assert_eq!((decoded.replaced, decoded.repaired), (0, repaired), "{text}");
    assert_eq!(decoded.charset, "iso-2022-jp");
}

#[test]
fn every_escape_sequence_of_the_family_is_known() {
    for (bytes, text) in [
        (&b"\x1B$B;3KLD.\x1B(B OK"[..], "山北町 OK"),
        (b"\x1B$@;3KLD.\x1B(J OK", "山北町 OK"),
        (b"\x1B&@\x1B$B;3\x1B(B", "山"),
        (b"\x1B$(B;3\x1B(B", "山"),
        (b"\x1B(I5@\x1B(B.", "ｵﾀ."),
        (b"\x1B$(D0l\x1B(B", "佒"),
        (b"\x1B$(O;3-!\x1B(B", "山①"),
        (b"\x1B$(Q;3\x1B(B", "山"),
        (b"\x1B$A!!\x1B(B", "\u{3000}"),
        (b"\x1B$(C0!\x1B(B", "가"),
        (b"\x1B.A\x1BNi\x1B.F\x1BNa", "éα"),
        (b"\x1B$B-!-j|b\x1B(B", "①㈱髙"),
    ] {
        assert_reads(bytes, text, false);
    }
}

#[test]
fn the_yen_sign_and_overline_of_jis_roman_read_as_windows_reads_them() {
    assert_reads(
        b"\x1B$B;3\x1B(J \\\\server\\a http://a/~b",
        "山 \\\\server\\a http://a/~b",
        false,
    );
}

#[test]
fn kana_come_by_escape_by_shift_and_by_the_eighth_bit() {
    assert_reads(b"\x1B(I\x5A\x5F\x37\x40\x1B(B", "ﾚﾟｷﾀ", false);
    assert_reads(b"\x0E\x37\x40\x0F abc", "ｷﾀ abc", false);
    assert_reads(b"\x1B$B;3\x1B(B\xB7\xC0 \x1B$BKL\xB7\x1B(B", "山ｷﾀ 北ｷ", false);
}

#[test]
fn a_missing_final_escape_ends_with_the_line() {
    assert_reads(b"\x1B$B;3KLD.\r\nRegards\r\n", "山北町\r\nRegards\r\n", true);
    assert_reads(b"\x1B$B;3KLD.\r\n\r\n====\r\n", "山北町\r\n\r\n====\r\n", true);
    assert_reads(b"\x1B$B;3KLD.", "山北町", true);
    assert_reads(b"\x1B$B;3KLD.\r\n", "山北町\r\n", true);
    assert_reads(b"\x1B$B;3KLD.\r\n\x1B(BRegards", "山北町\r\nRegards", false);
    assert_reads(b"\x1B(I\x37\x40\r\nabc", "ｷﾀ\r\nabc", true);
}

#[test]
fn two_byte_text_that_goes_on_over_a_line_end_is_followed() {
    let bytes = b"\x1B$B$*CN$i$;\r\n$*CN$i$;\x1B(B\r\nend";
    assert_reads(bytes, "お知らせ\r\nお知らせ\r\nend", true);
    assert_reads(b"\x1B$B;3KLD.\r\n;3KLD.\x1B(B end", "山北町\r\n山北町 end", true);
}

#[test]
fn escapes_that_lost_their_esc_are_put_back_where_nothing_else_makes_sense() {
    assert_reads(b"$B;3KLD.(B OK", "山北町 OK", true);
    assert_reads(b"To: $B;3KLD.(B and $B$*CN$i$;(J.", "To: 山北町 and お知らせ.", true);
    assert_reads(b"\x1B$B;3KLD.(B OK \x1B$B;3\x1B(B", "山北町 OK 山", true);
    assert_reads(b"$B$*CN$i$;;3KLD.\r\n", "お知らせ山北町\r\n", true);
    for label in [None, Some("us-ascii")] {
        let decoded = decode(b"$B;3KLD.(B OK", label);
        assert_eq!((decoded.text.as_str(), decoded.guessed), ("山北町 OK", true));
    }
}

#[test]
fn program_text_and_prices_are_not_repaired() {
    for text in [
        "price $Bill(B) $B and $@",
        "$A$B$C$D$E",
        "my ($B, $C) = @_; $Bar(B",
        "echo $B$C$D(B",
        "US$B12,000(B)",
        "a $B",
        "$Bpppp(B",
    ] {
        let decoded = read(text.as_bytes());
        assert_eq!((decoded.text.as_str(), decoded.repaired), (text, false));
    }
    assert_eq!(decode(b"$B;3KLD.(B", Some("utf-8")).text, "$B;3KLD.(B", "UTF-8 says what it means");
}

#[test]
fn what_no_table_has_is_one_mark_for_each_character() {
    for (bytes, text) in [
        (&b"\x1B$B;3)!KL\x1B(B"[..], "山〓北"),
        (b"\x1B$(P0!0\"\x1B(B", "〓〓"),
        (b"\x1B$(Oz!\x1B(B", "〓"),
        (b"\x1B$B;3K\x1B(B", "山〓"),
        (b"\x1B$B;3K\r\nabc", "山〓\r\nabc"),
        (b"\x1B(I\x7E\x1B(B", "〓"),
    ] {
        let decoded = read(bytes);
        assert_eq!(decoded.text, text, "{}", bytes.escape_ascii());
        assert_eq!(decoded.replaced, text.matches('〓').count() as u64);
    }
}

#[test]
fn a_footer_in_another_charset_is_read_too() {
    let mut bytes = b"\x1B$B;3KLD.\x1B(B\r\n-- \r\n".to_vec();
    bytes.extend_from_slice(&encoding_rs::SHIFT_JIS.encode("このメールは自動配信です。\r\n").0);
    bytes.extend_from_slice(b"\x1B$BKL\x1B(B");
    assert_reads(&bytes, "山北町\r\n-- \r\nこのメールは自動配信です。\r\n北", false);
}

#[test]
fn controls_and_unknown_escapes_stay_in_the_text() {
    assert_eq!(read(b"\x1B$B;3\t KL\x1B(B\x1B[31m\0").text, "山\t 北\x1B[31m\0");
    assert_eq!(read(b"\x1B").text, "\x1B");
    assert_eq!(decode(b"\x1B[31mred\x1B[0m", None).text, "\x1B[31mred\x1B[0m");
}
