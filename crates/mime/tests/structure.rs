//! Structure that readers disagree about: what is seen here, and what is said of it.

mod outline;

use outline::{faults, outline, scanned};
use sekimori_mime::{Fault, PartKind, SpanKind, TransferEncoding, scan};
use sekimori_policy::Limits;

/// One message, its outline and the faults that are noted.
struct Case {
    what: &'static str,
    raw: &'static str,
    outline: &'static str,
    faults: &'static str,
}

/// Lines are given with LF and sent with CRLF.
fn check(cases: &[Case]) {
    for case in cases {
        let raw = case.raw.replace('\n', "\r\n");
        let message = scanned(raw.as_bytes());
        assert_eq!(outline(&message), case.outline, "{}", case.what);
        assert_eq!(faults(&message), case.faults, "{}", case.what);
    }
}

const MIXED: &str = "Content-Type: multipart/mixed; boundary=b\n\n";

#[test]
fn well_formed_messages_have_no_faults() {
    check(&[
        Case {
            what: "no MIME at all",
            raw: "Subject: x\n\nhello\n",
            outline: "text/plain=7",
            faults: "",
        },
        Case {
            what: "preamble, two parts, epilogue",
            raw: "Content-Type: multipart/mixed; boundary=\"b\"\n\npre\n--b\n\none\n--b  \nContent-Type: text/html\n\n<p>\n--b--\nepi\n",
            outline: "multipart/mixed(text/plain=3 text/html=3)",
            faults: "",
        },
        Case {
            what: "nested, inner closed",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\n1\n--c\n\n22\n--c--\n\n--b\n\n333\n--b--\n",
            outline: "multipart/mixed(multipart/alternative(text/plain=1 text/plain=2) text/plain=3)",
            faults: "",
        },
        Case {
            what: "a forwarded multipart",
            raw: "Content-Type: message/rfc822\n\nSubject: in\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n",
            outline: "message/rfc822(multipart/mixed(text/plain=1))",
            faults: "",
        },
        Case {
            what: "a digest's parts are messages",
            raw: "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: 1\n\nx\n--b\nContent-Type: text/plain\n\ny\n--b--\n",
            outline: "multipart/digest(message/rfc822(text/plain=1) text/plain=1)",
            faults: "",
        },
        Case {
            what: "appledouble",
            raw: "Content-Type: multipart/appledouble; boundary=b\n\n--b\nContent-Type: application/applefile\n\nx\n--b\nContent-Type: image/png\n\ny\n--b--\n",
            outline: "multipart/appledouble(application/applefile=1 image/png=1)",
            faults: "",
        },
        Case {
            what: "partial and external bodies are leaves",
            raw: "Content-Type: message/partial; id=1; number=1\n\nSubject: x\n\ny\n",
            outline: "message/partial=17",
            faults: "",
        },
        Case {
            what: "an empty part directly between delimiters",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b\n\n--b--\n",
            outline: "multipart/mixed(text/plain=0 text/plain=0)",
            faults: "",
        },
        Case {
            what: "two hyphens alone are text",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n-- \n--\n--c\n--b--\n",
            outline: "multipart/mixed(text/plain=12)",
            faults: "",
        },
    ]);
}

#[test]
fn delimiters_that_readers_disagree_about_are_noted() {
    check(&[
        Case {
            what: "an outer boundary ends an unclosed inner multipart",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--b\n\ny\n--b--\n",
            outline: "multipart/mixed(multipart/mixed(text/plain=1) text/plain=1)",
            faults: "1: boundary-unclosed",
        },
        Case {
            what: "an unclosed multipart runs to the end",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\ny\n",
            outline: "multipart/mixed(text/plain=6)",
            faults: "0: boundary-unclosed",
        },
        Case {
            what: "a boundary that never comes",
            raw: "Content-Type: multipart/mixed; boundary=b\n\nx\n",
            outline: "multipart/mixed=3",
            faults: "0: boundary-never-seen",
        },
        Case {
            what: "a delimiter with something after it is text here",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--bc\ny\n--b--\n",
            outline: "multipart/mixed(text/plain=10)",
            faults: "0: boundary-prefix; 1: boundary-prefix inside-ambiguous",
        },
        Case {
            what: "a boundary inside a line is text",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx --b\n --b\n--b--\n",
            outline: "multipart/mixed(text/plain=11)",
            faults: "",
        },
        Case {
            what: "an inner boundary that goes on from the outer one",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bc\n\n--bc\n\nx\n--bc--\n--b--\n",
            outline: "multipart/mixed(multipart/mixed(text/plain=1))",
            faults: "",
        },
        Case {
            what: "an outer boundary that goes on from the inner one",
            raw: "Content-Type: multipart/mixed; boundary=bc\n\n--bc\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--bc--\n",
            outline: "multipart/mixed(multipart/mixed(text/plain=1))",
            faults: "1: boundary-prefix boundary-unclosed; 2: boundary-prefix inside-ambiguous",
        },
        Case {
            what: "the same boundary twice",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\ny\n--b--\n",
            outline: "multipart/mixed(multipart/mixed(text/plain=1))",
            faults: "0: boundary-overlap; 1: boundary-reused boundary-overlap inside-ambiguous; 2: inside-ambiguous",
        },
        Case {
            what: "a line that closes one multipart and divides another",
            raw: "Content-Type: multipart/mixed; boundary=b--\n\n--b--\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n",
            outline: "multipart/mixed(multipart/mixed(text/plain=1))",
            faults: "0: boundary-overlap boundary-unclosed; 1: boundary-overlap inside-ambiguous; 2: inside-ambiguous",
        },
        Case {
            what: "a delimiter after the closing one",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n--b\n\ny\n",
            outline: "multipart/mixed(text/plain=1)",
            faults: "0: delimiter-after-close",
        },
        Case {
            what: "closed before it has a part",
            raw: "Content-Type: multipart/mixed; boundary=b\n\nx\n--b--\n",
            outline: "multipart/mixed",
            faults: "0: multipart-empty",
        },
    ]);
}

#[test]
fn boundary_parameters_that_readers_disagree_about_are_ambiguous() {
    let body = "\n\n--b\n\nx\n--b--\n";
    let long = "b".repeat(71);
    let endless = "b".repeat(sekimori_mime::MAX_BOUNDARY + 1);
    for (parameters, parts, fault, ambiguous) in [
        ("", 1, Fault::BoundaryMissing, true),
        ("; boundary=", 1, Fault::BoundaryEmpty, true),
        ("; boundary=\"\"", 1, Fault::BoundaryEmpty, true),
        ("; boundary=b; boundary=c", 2, Fault::BoundariesDiffer, true),
        ("; boundary=c; boundary=b", 1, Fault::BoundariesDiffer, true),
        ("; boundary*=us-ascii''b", 2, Fault::BoundaryExtended, true),
        ("; boundary*0=b", 2, Fault::BoundaryExtended, true),
        (
            "; boundary=b; boundary*0=c",
            2,
            Fault::BoundariesDiffer,
            true,
        ),
        ("; boundary=b(c)", 2, Fault::BoundariesDiffer, true),
        ("; boundary=b c", 2, Fault::BoundariesDiffer, true),
        ("; boundary=\"\\b\"", 2, Fault::BoundariesDiffer, true),
        ("; boundary=\"b", 2, Fault::BoundariesDiffer, true),
        ("; boundary=\"b \"", 2, Fault::BoundarySyntax, false),
        (&format!("; boundary={long}"), 1, Fault::BoundaryLong, true),
        (
            &format!("; boundary={endless}"),
            1,
            Fault::BoundaryTooLong,
            true,
        ),
    ] {
        let raw = format!("Content-Type: multipart/mixed{parameters}{body}");
        let message = scanned(raw.as_bytes());
        assert_eq!(message.part_count(), parts, "{parameters}");
        let root = message.root();
        assert!(
            root.faults.contains(fault),
            "{parameters}: {:?}",
            root.faults
        );
        assert_eq!(
            root.is_ambiguous(),
            ambiguous,
            "{parameters}: {:?}",
            root.faults
        );
    }
    let raw =
        format!("Content-Type: multipart/mixed; boundary={long}\n\n--{long}\n\nx\n--{long}--\n");
    assert_eq!(
        outline(&scanned(raw.as_bytes())),
        "multipart/mixed(text/plain=1)"
    );
    let same = format!("Content-Type: multipart/mixed; boundary=b; boundary=\"b\"{body}");
    assert!(!scanned(same.as_bytes()).root().is_ambiguous());
}

#[test]
fn types_that_readers_disagree_about_take_the_reading_that_hides_most() {
    let body = "\n--b\n\nx\n--b--\n";
    let mixed = "multipart/mixed(text/plain=1)";
    for (fields, seen, fault, ambiguous) in [
        (
            "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n",
            mixed,
            Fault::ContentTypesDiffer,
            true,
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\nContent-Type: text/plain\n",
            mixed,
            Fault::ContentTypesDiffer,
            true,
        ),
        (
            "Content-Type: text/plain\nContent-Type: TEXT/plain\n",
            "text/plain=13",
            Fault::ContentTypeRepeated,
            false,
        ),
        (
            "Content-Type: multipart(x)/mixed; boundary=b\n",
            mixed,
            Fault::CommentInType,
            true,
        ),
        (
            "Content-Type: multipart/(x)mixed; boundary=b\n",
            mixed,
            Fault::CommentInType,
            true,
        ),
        (
            "Content-Type: multipart/mixed\0; boundary=b\n",
            "application/octet-stream=13",
            Fault::ContentTypeUnreadable,
            true,
        ),
        (
            "Content-Type: \n",
            "application/octet-stream=13",
            Fault::ContentTypeUnreadable,
            true,
        ),
        (
            "Content-Type: multipart\n",
            "application/octet-stream=13",
            Fault::ContentTypeUnreadable,
            true,
        ),
        (
            "Content-Type: text/plain/x\n",
            "application/octet-stream=13",
            Fault::ContentTypeUnreadable,
            true,
        ),
        (
            "Content-Type: \"text/plain\"\n",
            "application/octet-stream=13",
            Fault::ContentTypeUnreadable,
            true,
        ),
        (
            "Content-Type: text\n",
            "text/plain=13",
            Fault::ContentTypeBareText,
            false,
        ),
        (
            "Content-Type : multipart/mixed; boundary=b\n",
            mixed,
            Fault::ContentFieldSpaced,
            true,
        ),
        (
            "Cont ent-Type: multipart/mixed; boundary=b\n",
            "text/plain=13",
            Fault::ContentFieldMalformed,
            true,
        ),
        (
            "junk\nContent-Type: multipart/mixed; boundary=b\n",
            mixed,
            Fault::MalformedBeforeContent,
            true,
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n",
            "multipart/mixed=13",
            Fault::MultipartEncoded,
            true,
        ),
        (
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n",
            "message/rfc822=13",
            Fault::MessageEncoded,
            false,
        ),
        (
            "Content-Type: text/plain;\n boundary=x;;; =; y\n",
            "text/plain=13",
            Fault::ParameterGarbage,
            false,
        ),
    ] {
        let raw = format!("{fields}{body}");
        let message = scanned(raw.as_bytes());
        assert_eq!(outline(&message), seen, "{fields}");
        let root = message.root();
        assert!(root.faults.contains(fault), "{fields}: {:?}", root.faults);
        assert_eq!(
            root.is_ambiguous(),
            ambiguous,
            "{fields}: {:?}",
            root.faults
        );
    }
}

#[test]
fn transfer_encodings_that_readers_disagree_about_are_noted() {
    use TransferEncoding::{Base64, EightBit, QuotedPrintable, SevenBit, Unknown, Uuencode};
    let field = |value: &str| format!("Content-Transfer-Encoding: {value}\n");
    for (fields, encoding, noted) in [
        (field("BASE64"), Base64, None),
        (field("x-uuencode"), Uuencode, None),
        (field("base64;"), Base64, None),
        (String::new(), SevenBit, None),
        (field("base64 (x)"), Base64, Some(Fault::EncodingCommented)),
        (field("7bit base64"), Base64, Some(Fault::EncodingGarbled)),
        (field("\"base64\""), Base64, Some(Fault::EncodingGarbled)),
        (field("base64, 7bit"), Base64, Some(Fault::EncodingGarbled)),
        (field("base-64"), Unknown, Some(Fault::EncodingUnknown)),
        (
            field("8bit") + &field("base64"),
            Base64,
            Some(Fault::EncodingsDiffer),
        ),
        (
            field("base64") + &field("8bit"),
            Base64,
            Some(Fault::EncodingsDiffer),
        ),
        (
            field("quoted-printable") + &field("quoted-printable"),
            QuotedPrintable,
            Some(Fault::EncodingRepeated),
        ),
        (field("8bit"), EightBit, None),
    ] {
        let raw = format!("Subject: x\n{fields}\nx\n");
        let message = scanned(raw.as_bytes());
        let root = message.root();
        assert_eq!(root.transfer_encoding, encoding, "{fields}");
        let found: Vec<_> = root.faults.iter().filter(|f| *f != Fault::BareLf).collect();
        assert_eq!(found, Vec::from_iter(noted), "{fields}");
    }
}

#[test]
fn headers_without_an_end_keep_their_text() {
    check(&[
        Case {
            what: "a header and nothing else",
            raw: "Subject: x\n",
            outline: "text/plain=0",
            faults: "0: header-unended",
        },
        Case {
            what: "text without the blank line",
            raw: "Subject: x\nhello there\nsecond line\n",
            outline: "text/plain=26",
            faults: "0: malformed-header-line header-unended",
        },
        Case {
            what: "text without the blank line in a part",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\nhello\n--b--\n",
            outline: "multipart/mixed(text/plain=5)",
            faults: "1: malformed-header-line header-unended",
        },
        Case {
            what: "a field after the text begins",
            raw: "Subject: x\nhello\nContent-Type: text/html\n",
            outline: "text/plain=32",
            faults: "0: malformed-header-line malformed-before-content header-unended header-unended-inside",
        },
        Case {
            what: "no header",
            raw: "\nhello\n",
            outline: "text/plain=7",
            faults: "0: header-empty",
        },
        Case {
            what: "nothing",
            raw: "",
            outline: "text/plain=0",
            faults: "0: header-empty",
        },
        Case {
            what: "a delimiter inside a header",
            raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n--b\nContent-Type: message/rfc822\n--b--\n",
            outline: "multipart/mixed(multipart/mixed=0 message/rfc822(text/plain=0))",
            faults: "1: header-unended boundary-never-seen; 2: header-unended; 3: header-empty",
        },
        Case {
            what: "a fold of blanks",
            raw: "Subject: x\n \n y\n\nz\n",
            outline: "text/plain=3",
            faults: "0: blank-fold",
        },
        Case {
            what: "a line of an mbox file",
            raw: "From a@b Mon Sep 21 17:00:00 2026\nSubject: x\n\nz\n",
            outline: "text/plain=3",
            faults: "0: mbox-from",
        },
    ]);
}

#[test]
fn line_ends_of_files_are_read_and_noted() {
    let raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n";
    let message = scanned(raw);
    assert_eq!(outline(&message), "multipart/mixed(text/plain=1)");
    assert_eq!(faults(&message), "0: bare-lf; 1: bare-lf");

    let raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r--b\rContent-Type: text/html\r\ry\r\n--b--\r\n";
    let message = scanned(raw);
    assert_eq!(
        outline(&message),
        "multipart/mixed(text/plain=1 text/html=1)"
    );
    assert!(message.root().faults.contains(Fault::BareCrStructure));
    assert!(message.parts().all(sekimori_mime::Part::is_ambiguous));

    let message = scanned(b"Subject: x\r\n\r\na\rb\r\n");
    assert_eq!(faults(&message), "0: bare-cr");
}

#[test]
fn fr_om_is_not_from() {
    let message =
        scanned(b"Fr om: a@b.example\r\nFrom : c@d.example\r\nSub\0ject: x\r\n: y\r\n\r\n");
    let header = &message.root().header;
    assert_eq!(header.field("from"), Some(&b" c@d.example"[..]));
    assert_eq!((header.fields().count(), header.malformed_lines()), (1, 3));
    assert!(message.root().faults.contains(Fault::SpaceBeforeColon));
    assert!(message.root().faults.contains(Fault::NulInHeader));
}

#[test]
fn every_octet_is_named() {
    let raw = b"From x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\nx\r\n--b--\r\nepi";
    let message = scanned(raw);
    let root = message.root().id;
    let child = message.root().children[0];
    let named: Vec<_> = message
        .spans()
        .map(|s| (&raw[s.range.clone()], s.what))
        .collect();
    assert_eq!(
        named,
        [
            (&b"From x\r\n"[..], SpanKind::MboxFrom(root)),
            (
                b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
                SpanKind::Header(root)
            ),
            (b"pre", SpanKind::Preamble(root)),
            (b"\r\n--b\r\n", SpanKind::Delimiter(root)),
            (b"\r\n", SpanKind::Header(child)),
            (b"x", SpanKind::Body(child)),
            (b"\r\n--b--\r\n", SpanKind::Delimiter(root)),
            (b"epi", SpanKind::Epilogue(root)),
        ]
    );
    assert_eq!(&raw[message.root().preamble.clone()], b"pre");
    assert_eq!(&raw[message.root().epilogue.clone()], b"epi");
}

#[test]
fn sections_are_numbered_as_imap_clients_know_them() {
    let raw = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ny\n--c\nContent-Type: message/rfc822\n\nSubject: z\n\nz\n--c--\n--b--\n";
    let message = scanned(raw.as_bytes());
    let sections: Vec<_> = message.parts().map(|p| p.section.as_str()).collect();
    assert_eq!(
        sections,
        ["TEXT", "1", "2", "2.TEXT", "2.1", "2.2", "2.2.1"]
    );
    let roots: Vec<_> = message
        .parts()
        .map(sekimori_mime::Part::is_message_root)
        .collect();
    assert_eq!(roots, [true, false, false, true, false, false, true]);
    assert_eq!(
        message.part(message.root().children[1]).kind,
        PartKind::Message
    );
}

#[test]
fn a_message_at_each_limit_is_read_and_one_over_it_is_not() {
    use sekimori_policy::Code;
    let tight = Limits {
        depth: 1,
        parts: 3,
        header_fields: 2,
        header_octets: 80,
        ..Limits::default()
    };
    let part = "--b\n\nx\n";
    for (raw, code) in [
        (format!("{MIXED}{part}{part}--b--\n"), None),
        (
            format!("{MIXED}{part}{part}{part}--b--\n"),
            Some(Code::HoldParts),
        ),
        (
            format!("{MIXED}--b\nContent-Type: message/rfc822\n\n{part}"),
            Some(Code::HoldDepth),
        ),
        ("A: b\nC: d\n\n".to_owned(), None),
        ("A: b\nC: d\nE: f\n\n".to_owned(), Some(Code::HoldHeader)),
        ("A: b\nC: d\njunk\n\n".to_owned(), Some(Code::HoldHeader)),
        (format!("A: {}\n\n", "x".repeat(75)), None),
        (format!("A: {}\n\n", "x".repeat(77)), Some(Code::HoldHeader)),
        (
            format!("A: b\n{}\n", " x\n".repeat(30)),
            Some(Code::HoldHeader),
        ),
    ] {
        assert_eq!(
            scan(raw.as_bytes(), &tight)
                .err()
                .map(sekimori_mime::ScanError::code),
            code,
            "{raw}"
        );
    }
}
