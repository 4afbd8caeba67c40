//! What the verifier refuses, and that it says why and where.

use crate::verify::{MAX_CODES, MAX_HEADER_OCTETS, MAX_LINE, MAX_MARKS, MAX_RECEIVED};
use crate::{Fault, verify};
pub(super) const BOUND: usize = 1 << 20;

/// A message of the profile, as written by hand.
const GOOD: &str = "\
Received: by relay.example.lg.jp (sekimori) with ESMTPS id 00000001A3; Mon, 21 Sep 2026 17:00:00 +0900\r\n\
Date: Mon, 21 Sep 2026 17:00:00 +0900\r\n\
From: \"Yamakita, Town\" <soumu@town.example.lg.jp>\r\n\
Sender: a..b@example.jp\r\n\
Reply-To: =?UTF-8?B?5bGx5YyX55S6?= <c@example.jp>\r\n\
To: d@example.jp, E F\r\n <e@example.jp>\r\n\
Cc: \"x y\"@example.jp\r\n\
Subject: =?UTF-8?Q?caf=C3=A9_1?= =?UTF-8?B?5LqI566X?=\r\n\
Message-ID: <a@b>\r\n\
In-Reply-To: <c@d>\r\n\
References: <a@b> <c@d>\r\n\
Auto-Submitted: no\r\n\
List-Id: <kouhou.example.jp>\r\n\
MIME-Version: 1.0\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: 7bit\r\n\
Sekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0; codes=html-to-text,\r\n text-cut\r\n\
\r\n\
text\tof\r\n\
\r\n\
three lines\r\n";

fn refused(message: &[u8]) -> (Fault, usize, Option<&'static str>) {
    match verify::verify(message, BOUND) {
        Err(violation) => (violation.fault, violation.line, violation.field),
        Ok(_) => panic!("taken: {}", message.escape_ascii()),
    }
}

/// The good message with `from` in it replaced by `to`.
fn with(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(GOOD.matches(from).count(), 1, "{from:?} stands once");
    GOOD.replace(from, to).into_bytes()
}

/// The good message with another body.
pub(super) fn with_body(encoding: &str, body: &str) -> Vec<u8> {
    let (header, _) = GOOD.split_once("\r\n\r\n").unwrap();
    format!("{}\r\n\r\n{body}", header.replace("7bit", encoding)).into_bytes()
}

/// Canonical base64 of short texts, by hand of the test.
pub(super) fn base64(text: &str) -> String {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in text.as_bytes().chunks(3) {
        let bits =
            (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(*group.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= group.len() { char::from(symbol) } else { '=' });
        }
    }
    let lines = out.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap());
    lines.flat_map(|line| [line, "\r\n"]).collect()
}

#[test]
fn the_good_message_is_taken_and_read() {
    let verified = verify::verify(GOOD.as_bytes(), BOUND).unwrap();
    assert_eq!(verified.text, "text\tof\n\nthree lines\n");
    assert_eq!(verified.from, "soumu@town.example.lg.jp");
    assert_eq!(verified.subject.as_deref(), Some("café 1予算"));
    assert_eq!(verified.message_id.as_deref(), Some("<a@b>"));
    assert_eq!((verified.reference.as_str(), verified.outcome.as_str()), ("7F3K-9Q2M", "deliver"));
    assert_eq!(verified.received, 1);
}

#[test]
fn layout_that_readers_disagree_about_is_refused() {
    for (from, to, fault, line) in [
        ("Cc:", "Cc: a@b\nX-Bad: 1\r\nCc:", Fault::LineEnd, 8),
        ("Cc:", "\rCc:", Fault::LineEnd, 8),
        ("three lines\r\n", "three lines", Fault::LineEnd, 23),
        ("three lines", "three\nlines", Fault::LineEnd, 23),
        ("three lines", "three\rlines", Fault::LineEnd, 23),
        ("three lines", "three\u{0}lines", Fault::Control, 23),
        ("three lines", "three\u{1b}$Blines", Fault::Control, 23),
        ("three lines", "three\u{7f}lines", Fault::Control, 23),
        ("three lines", "三 lines", Fault::NotAscii, 23),
        ("E F\r\n", "É F\r\n", Fault::NotAscii, 6),
        ("Received:", " folded\r\nReceived:", Fault::FieldSyntax, 1),
        ("Cc:", " \r\nCc:", Fault::FieldSyntax, 8),
        ("Cc:", "no field\r\nCc:", Fault::FieldSyntax, 8),
        ("Cc:", "Bcc: a@b\r\nCc:", Fault::FieldUnknown, 8),
        ("Cc:", "cc:", Fault::FieldUnknown, 8),
        ("Cc:", "Cc :", Fault::FieldUnknown, 8),
        ("Cc:", ": a\r\nCc:", Fault::FieldUnknown, 8),
    ] {
        let (got, at, _) = refused(&with(from, to));
        assert_eq!((got, at), (fault, line), "{from:?} to {to:?}");
    }
    assert_eq!(refused(b""), (Fault::HeaderUnended, 1, None));
    let (header, _) = GOOD.split_once("\r\n\r\n").unwrap();
    assert_eq!(refused(format!("{header}\r\n").as_bytes()).0, Fault::HeaderUnended);
}

#[test]
fn each_field_stands_at_most_once_and_five_must_stand() {
    for line in GOOD.lines().take_while(|line| !line.is_empty()).filter(|l| !l.starts_with(' ')) {
        let name = line.split(':').next().unwrap();
        if name != "Received" {
            let again = format!("{line}\r\n");
            let twice = GOOD.replacen(&again, &again.repeat(2), 1);
            if !line.ends_with(',') && !line.ends_with(" F") {
                let (fault, _, field) = refused(twice.as_bytes());
                assert_eq!((fault, field), (Fault::FieldRepeated, Some(name)));
            }
        }
    }
    for name in ["Date", "From", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"] {
        let kept: String = GOOD
            .split_inclusive("\r\n")
            .filter(|line| !line.starts_with(&format!("{name}:")))
            .collect();
        let (fault, _, field) = refused(kept.as_bytes());
        assert_eq!((fault, field), (Fault::FieldMissing, Some(name)));
    }
    let at = GOOD.find("Sekimori-Result").unwrap();
    let end = GOOD.find("\r\n\r\n").unwrap();
    let kept = format!("{}{}", &GOOD[..at], &GOOD[end + 2..]);
    assert_eq!(refused(kept.as_bytes()).2, Some("Sekimori-Result"));
}

#[test]
fn values_outside_the_grammar_are_refused_with_their_field() {
    for (from, to, field) in [
        ("MIME-Version: 1.0", "MIME-Version: 1.1", "MIME-Version"),
        ("MIME-Version: 1.0", "MIME-Version:1.0", "MIME-Version"),
        ("MIME-Version: 1.0", "MIME-Version: 1.0 ", "MIME-Version"),
        ("MIME-Version: 1.0", "MIME-Version: (c) 1.0", "MIME-Version"),
        ("text/plain; charset=utf-8", "text/html; charset=utf-8", "Content-Type"),
        ("text/plain; charset=utf-8", "text/plain", "Content-Type"),
        ("text/plain; charset=utf-8", "text/plain; charset=\"utf-8\"", "Content-Type"),
        ("text/plain; charset=utf-8", "text/plain; charset=utf-8; name=a.exe", "Content-Type"),
        ("text/plain; charset=utf-8", "multipart/mixed; boundary=b", "Content-Type"),
        ("Encoding: 7bit", "Encoding: 8bit", "Content-Transfer-Encoding"),
        ("Encoding: 7bit", "Encoding: BASE64", "Content-Transfer-Encoding"),
        ("Encoding: 7bit", "Encoding: x-uuencode", "Content-Transfer-Encoding"),
        ("Date: Mon, 21", "Date: 21", "Date"),
        ("Date: Mon, 21", "Date: Mon, 021", "Date"),
        ("Date: Mon, 21", "Date: Mon, 32", "Date"),
        ("Date: Mon, 21", "Date: Mon,  21", "Date"),
        ("Date: Mon, 21 Sep 2026 17", "Date: Mon, 21 Sep 26 17", "Date"),
        ("Date: Mon, 21 Sep 2026 17", "Date: Mon, 21 9 2026 17", "Date"),
        ("Date: Mon, 21 Sep 2026 17", "Date: Mon, 21 Sep 2026 24", "Date"),
        ("+0900\r\nFrom", "JST\r\nFrom", "Date"),
        ("+0900\r\nFrom", "+0960\r\nFrom", "Date"),
        ("+0900\r\nFrom", "+0900 (JST)\r\nFrom", "Date"),
        ("Sender: a..b@example.jp", "Sender: ", "Sender"),
        ("Sender: a..b@example.jp", "Sender: a@b, c@d", "Sender"),
        ("Sender: a..b@example.jp", "Sender: ..@b", "Sender"),
        ("Sender: a..b@example.jp", "Sender: @b", "Sender"),
        ("Sender: a..b@example.jp", "Sender: a@", "Sender"),
        ("Sender: a..b@example.jp", "Sender: a@-b", "Sender"),
        ("Sender: a..b@example.jp", "Sender: a@[300.1.1.1]", "Sender"),
        ("Sender: a..b@example.jp", "Sender: a@b (c)", "Sender"),
        ("Sender: a..b@example.jp", "Sender: a@b,", "Sender"),
        ("Sender: a..b@example.jp", "Sender: a b@c", "Sender"),
        ("Sender: a..b@example.jp", "Sender: <@x:a@b>", "Sender"),
        ("Sender: a..b@example.jp", "Sender: n<a@b>", "Sender"),
        ("Sender: a..b@example.jp", "Sender: \"n\"<a@b>", "Sender"),
        ("Sender: a..b@example.jp", "Sender: \"n\tm\" <a@b>", "Sender"),
        ("Sender: a..b@example.jp", "Sender: \"n\" <a@b", "Sender"),
        ("Sender: a..b@example.jp", "Sender: \"n <a@b>", "Sender"),
        ("Sender: a..b@example.jp", "Sender: \"\"@b", "Sender"),
        ("Sender: a..b@example.jp", "Sender: n. m <a@b>", "Sender"),
        ("Sender: a..b@example.jp", "Sender: n  m <a@b>", "Sender"),
        ("Sender: a..b@example.jp", "Sender: <a@b>", "Sender"),
        ("Sender: a..b@example.jp", "Sender: undisclosed-recipients:;", "Sender"),
        ("Sender: a..b@example.jp", "Sender: list: a@b;", "Sender"),
        ("Message-ID: <a@b>", "Message-ID: a@b", "Message-ID"),
        ("Message-ID: <a@b>", "Message-ID: <a@b> <c@d>", "Message-ID"),
        ("Message-ID: <a@b>", "Message-ID: <a@b@c>", "Message-ID"),
        ("Message-ID: <a@b>", "Message-ID: <a b@c>", "Message-ID"),
        ("<c@d>\r\nReferences", "<c@d>, <e@f>\r\nReferences", "In-Reply-To"),
        ("<a@b> <c@d>", "<a@b>  <c@d>", "References"),
        ("Submitted: no", "Submitted: No", "Auto-Submitted"),
        ("List-Id: <", "List-Id: news <", "List-Id"),
        ("(sekimori)", "(Postfix)", "Received"),
        ("Received: by", "Received: from a by", "Received"),
        ("id 00000001A3", "id 00000001a3", "Received"),
        ("id 00000001A3", "id 1A3", "Received"),
        ("with ESMTPS", "with HTTP", "Received"),
        ("v=1", "v=2", "Sekimori-Result"),
        ("7F3K-9Q2M", "7F3K-9Q2U", "Sekimori-Result"),
        ("7F3K-9Q2M", "7F3K9Q2M", "Sekimori-Result"),
        ("outcome=deliver", "outcome=pass", "Sekimori-Result"),
        ("removed=0", "removed=", "Sekimori-Result"),
        ("removed=0", "removed=-1", "Sekimori-Result"),
        ("codes=html-to-text", "codes=", "Sekimori-Result"),
        ("codes=html-to-text", "codes=HTML", "Sekimori-Result"),
        ("\r\n text-cut", "\r\n text-cut; x=1", "Sekimori-Result"),
    ] {
        let (fault, _, at) = refused(&with(from, to));
        assert_eq!((fault, at), (Fault::Value, Some(field)), "{from:?} to {to:?}");
    }
}

#[test]
fn encoded_words_are_utf8_well_formed_and_only_in_text() {
    let word = "=?UTF-8?B?5LqI566X?=";
    for to in [
        "=?utf-8?B?5LqI566X?=",
        "=?ISO-2022-JP?B?GyRCPXEbKEI=?=",
        "=?UTF-8?b?5LqI566X?=",
        "=?UTF-8*ja?B?5LqI566X?=",
        "=?UTF-8?B?5LqI566X",
        "=?UTF-8?B?5LqI566?=",
        "=?UTF-8?B?5LqI56==?=",
        "=?UTF-8?B?5LqI5 66X?=",
        "=?UTF-8?B??=",
        "=?UTF-8?B?5LqI5w==?= =?UTF-8?B?rpc=?=",
        "=?UTF-8?Q?a b?=",
        "=?UTF-8?Q?a=e3?=",
        "=?UTF-8?Q?=41?=",
        "=?UTF-8?Q?a=20b?=",
        "=?UTF-8?Q?a?b?=",
        "=?UTF-8?B?YQ==?= plain",
        "plain =?UTF-8?B?YQ==?=",
        "=?UTF-8?B?7aCA?=",
        "=?UTF-8?B?wIA=?=",
    ] {
        let (fault, _, field) = refused(&with(word, to));
        assert_eq!((fault, field), (Fault::EncodedWord, Some("Subject")), "{to}");
    }
    for (from, to, field) in [
        ("c@example.jp", "=?UTF-8?Q?c?=@example.jp", "Reply-To"),
        ("\"Yamakita, Town\"", "\"=?UTF-8?Q?c?=\"", "From"),
        ("Message-ID: <a", "Message-ID: <=?UTF-8?Q?c?=", "Message-ID"),
    ] {
        let (fault, _, at) = refused(&with(from, to));
        assert_eq!((fault, at), (Fault::EncodedWord, Some(field)), "{to}");
    }
    for (to, fault) in [
        ("=?UTF-8?Q?a=0D=0ABcc:_b?=", Fault::EncodedWord),
        ("=?UTF-8?Q?a=0D=0ABcc=3A_b?=", Fault::Character),
        ("=?UTF-8?Q?a=00?=", Fault::Character),
        ("=?UTF-8?Q?=E2=80=AEcod=2Eexe?=", Fault::Character),
        ("=?UTF-8?Q?=E2=80=8B?=", Fault::Character),
        ("=?UTF-8?Q?e=CC=81?=", Fault::NotNormalized),
        ("=?UTF-8?Q?e?= =?UTF-8?Q?=CC=81?=", Fault::NotNormalized),
    ] {
        assert_eq!(refused(&with(word, to)).0, fault, "{to}");
    }
}

#[test]
fn bodies_that_are_not_canonical_are_refused() {
    for (encoding, body) in [
        ("quoted-printable", "a=\r\n"),
        ("quoted-printable", "a= \r\nb\r\n"),
        ("quoted-printable", "a \r\n"),
        ("quoted-printable", "a\t\r\n"),
        ("quoted-printable", "=e3=81=82\r\n"),
        ("quoted-printable", "=41\r\n"),
        ("quoted-printable", "a=0D=0Ab\r\n"),
        ("quoted-printable", "a==b\r\n"),
        ("quoted-printable", "a=E\r\n"),
        ("base64", "YQ0K YQ0K\r\n"),
        ("base64", "YQ0K\r\n\r\n"),
        ("base64", "YQ0K\r\nYQ0K\r\n"),
        ("base64", "YQ0\r\n"),
        ("base64", "YQ0=\r\n"),
        ("base64", "YR==\r\n"),
        ("base64", "YQ==YQ0K\r\n"),
        ("base64", "=QQQ\r\n"),
        ("base64", "YQ0*\r\n"),
        ("base64", "----\r\n"),
        ("base64", "YWJj\r\n"),
        ("base64", "YQpiDQo=\r\n"),
    ] {
        assert_eq!(refused(&with_body(encoding, body)).0, Fault::BodyEncoding, "{body:?}");
    }
    let long = format!("{}\r\n", "a".repeat(77));
    assert_eq!(refused(&with_body("quoted-printable", &long)).0, Fault::BodyEncoding);
    let long = format!("{}\r\n", "YQ0K".repeat(20));
    assert_eq!(refused(&with_body("base64", &long)).0, Fault::BodyEncoding);
    assert_eq!(refused(&with_body("quoted-printable", "=E3=81\r\n")).0, Fault::BodyNotUtf8);
    assert_eq!(refused(&with_body("quoted-printable", "=C0=80\r\n")).0, Fault::BodyNotUtf8);
    assert_eq!(refused(&with_body("quoted-printable", "=00\r\n")).0, Fault::Character);
    assert_eq!(refused(&with_body("base64", &base64("a\rb\r\n"))).0, Fault::Character);
}

#[test]
fn each_bound_is_kept() {
    let long = "x".repeat(MAX_LINE + 1);
    assert_eq!(refused(&with("three lines", &long)).0, Fault::LineTooLong);
    assert!(verify::verify(&with("three lines", &long[1..]), BOUND).is_ok());
    let wide = format!("E F {}", "=?".repeat(40));
    assert_eq!(refused(&with("E F", &wide)).0, Fault::LineTooLong);

    let (received, _) = GOOD.split_once("Date:").unwrap();
    let hops = format!("{}{GOOD}", received.repeat(MAX_RECEIVED));
    let (fault, line, field) = refused(hops.as_bytes());
    assert_eq!((fault, line, field), (Fault::FieldRepeated, MAX_RECEIVED + 1, Some("Received")));

    let codes = "codes=".to_owned() + &"a,\r\n ".repeat(MAX_CODES) + "html-to-text";
    assert_eq!(refused(&with("codes=html-to-text", &codes)).0, Fault::Value);

    let id = format!("Message-ID: <{}@b>", "a".repeat(500));
    assert_eq!(refused(&with("Message-ID: <a@b>", &id)).0, Fault::Value);
    let list = format!("List-Id: <{}", "a.".repeat(130));
    assert_eq!(refused(&with("List-Id: <", &list)).0, Fault::Value);
    let local = format!("Sender: {}", "a".repeat(256));
    assert_eq!(refused(&with("Sender: ", &local)).0, Fault::Value);

    let lines = format!("Cc: {}", "f@example.jp,\r\n ".repeat(MAX_HEADER_OCTETS / 16));
    assert_eq!(refused(&with("Cc: ", &lines)).0, Fault::HeaderTooLarge);

    let marks = |count| with_body("base64", &base64(&format!("a{}\r\n", "\u{332}".repeat(count))));
    assert_eq!(refused(&marks(MAX_MARKS + 1)).0, Fault::Marks);
    assert!(verify::verify(&marks(MAX_MARKS), BOUND).is_ok());

    for (encoding, body) in [
        ("7bit", "four\r\n".to_owned()),
        ("quoted-printable", "four\r\n".to_owned()),
        ("base64", base64("four\r\n")),
    ] {
        let message = with_body(encoding, &body);
        assert!(verify::verify(&message, 5).is_ok());
        assert_eq!(verify::verify(&message, 4).unwrap_err().fault, Fault::BodyTooLarge);
    }
}

#[test]
fn every_fault_has_a_code_of_its_own() {
    let codes: std::collections::HashSet<_> = Fault::ALL.iter().map(|f| f.as_str()).collect();
    assert_eq!(codes.len(), Fault::ALL.len());
    let (fault, ..) = refused(&with("Cc:", "cc:"));
    let violation = verify::verify(&with("Cc:", "cc:"), BOUND).unwrap_err();
    assert_eq!(violation.to_string(), format!("{fault} in line 8"));
}
