//! Mails made to exhaust the gateway: each is answered in time, whatever it becomes.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use sekimori_laws::crossing;

/// What the slowest may take: five seconds as it is shipped, and more without optimisation.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 5 });

/// A tenth of the sizes without optimisation: quadratic work would still show.
const SCALE: usize = if cfg!(debug_assertions) { 10 } else { 1 };

#[expect(clippy::print_stderr, reason = "which bomb it is that takes long")]
fn answered(name: &str, raw: &str) {
    let begun = Instant::now();
    let result = crossing(raw.as_bytes());
    let taken = begun.elapsed();
    eprintln!("{name}: {taken:?}, {} octets in, {} out", raw.len(), result.message.len());
    assert!(taken < PATIENCE, "{name} took {taken:?}");
}

fn text(kind: &str, body: &str) -> String {
    format!("From: a@example.jp\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{body}")
}

/// A piece, so often that it fills `megabytes`.
fn filled(piece: &str, megabytes: usize) -> String {
    piece.repeat(megabytes * 1_000_000 / SCALE / piece.len())
}

#[test]
fn pieces_of_text_that_could_begin_encoded_data() {
    for piece in [
        "begin 644 a\r\n",
        "begin 644\r\n",
        "begin 644 a\r\nM\r\n",
        "begin-base64 644 a\r\n",
        "=ybegin line=1 name=a\r\n",
        "=ybegin =yend ",
        "data:",
        "data:,",
        "data:a/b;base64,",
        "data:a/b;base64,QUJD ",
        "-----BEGIN X-----\r\n",
        "-----BEGIN PGP MESSAGE-----\r\nQUJD\r\n",
        "--b\r\nContent-Type: text/plain\r\n\r\n",
        "--b\r\nContent-Type: application/zip\r\n\r\n",
        "--b\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: text/plain\r\n\r\n",
        "Content-Transfer-Encoding: base64\r\n\r\n",
        "MIME-Version: 1.0\r\n",
        "(This file must be converted with BinHex 4.0)\r\n",
        ":\r\n",
        "e,[p4'd*f*e,[p4'd*f*e,[p4'd*f*e,[p4'd*f*e,[p4'd*f*e,[p4'd*f*e,[p\r\n",
        "M4$L#!!0``````\"4$L#!!0``````\"4$L#!!0``````\"4$L#!!0``````\"4$L#!\r\n",
        "QWJjRGVm\r\n",
        "QWJj\r\n",
        "QWJj ",
        "aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uVwXyZ+/aB1cD2eF3gH4\r\nand a line of words\r\n",
        "aB1c.aB1cD2.",
        "aB1cD2eF ",
        "ab12cd34ef56ab78\r\n",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n",
        "=41",
        "=41 ",
        "%41",
        "%41.",
        "41 ",
        "4",
        "A",
        "aA1",
        "&#65;",
        "0x41, ",
        "\\x41",
        "https://a/",
        "://",
        "www.",
        "> ",
        "|",
        "\r\n",
        "\r",
        " ",
        "- ",
        "a",
        "あ",
        "\u{200B}",
    ] {
        answered(&format!("{piece:?}"), &text("text/plain", &filled(piece, 2)));
        answered(&format!("HTML {piece:?}"), &text("text/html", &filled(piece, 1)));
    }
}

#[test]
fn fields_and_comments_by_the_hundred_thousand() {
    for piece in
        ["; a=b", "(", "\"", ";", ",", "=", " ", "\r\n ", "; boundary*0=a", "/", "text/plain,"]
    {
        let value = piece.repeat(900_000 / SCALE / piece.len());
        for field in [
            "Content-Type: multipart/mixed",
            "Content-Disposition: attachment",
            "Content-Transfer-Encoding: base64",
            "Subject: ",
            "From: a",
            "References: ",
        ] {
            answered(&format!("{field} {piece:?}"), &format!("{field}{value}\r\n\r\nx"));
        }
    }
}

#[test]
fn parts_and_messages_by_the_thousand() {
    let head = "From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let many = |piece: &str, count: usize| piece.repeat(count / SCALE);
    for (name, raw) in [
        ("tiny parts", format!("{head}\r\n{}", many("--b\r\n\r\nx\r\n", 200_000))),
        ("lines like delimiters", format!("{head}\r\n{}", many("--bx\r\n", 200_000))),
        (
            "delimiters after the end",
            format!(
                "{head}\r\n--b--\r\n{}",
                many("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", 100_000)
            ),
        ),
        (
            "parts of a multipart in doubt",
            format!(
                "{head}Content-Type: text/plain\r\n\r\n{}",
                many("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", 1_900)
            ),
        ),
        (
            "parts of a whole in doubt",
            format!(
                "From: a@example.jp\r\nContent-Type: multipart/mixed\r\n\r\n{}",
                many("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", 100_000)
            ),
        ),
        (
            "delimiters within parts in doubt",
            format!(
                "{head}Content-Type: text/plain\r\n\r\n{}",
                many(
                    "--b\r\n\r\n--c\r\nContent-Type: a/b\r\n\r\n--c\r\nContent-Type: a/b\r\n\r\nx\r\n",
                    1_900
                )
            ),
        ),
        ("messages in messages", "Content-Type: message/rfc822\r\n\r\n".repeat(300)),
        (
            "multiparts in a multipart in doubt",
            (0..40).fold(format!("{head}Content-Type: text/plain\r\n\r\n--b\r\n"), |mut raw, n| {
                let _ =
                    write!(raw, "Content-Type: multipart/mixed; boundary=c{n}\r\n\r\n--c{n}\r\n");
                raw
            }),
        ),
        ("one line", text("text/plain", &"x".repeat(10_000_000 / SCALE))),
        ("one line of symbols", text("text/plain", &many("aB3xY9", 1_600_000))),
        (
            "one line in doubt",
            format!(
                "{head}Content-Type: text/plain\r\n\r\n--b\r\n\r\n{}",
                many("aB3xY9 ", 1_400_000)
            ),
        ),
        (
            "HTML parts",
            text("text/html", &many("<p>--b\r\nContent-Type: text/html\r\n\r\n", 100_000)),
        ),
    ] {
        answered(name, &raw);
    }
}
