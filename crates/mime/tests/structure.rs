//! The structure of messages, well formed and not: what is seen, and what is said of it.

mod outline;

use outline::{faults, outline, scanned};
use sekimori_mime::{Fault, PartKind, SpanKind, scan};
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
            what: "blank lines before the header",
            raw: "\n\nSubject: x\n\nhello\n",
            outline: "text/plain=7",
            faults: "0: leading-blank-line",
        },
        Case {
            what: "a blank line before a text with a colon",
            raw: "\nNote: x\n\nhello\n",
            outline: "text/plain=18",
            faults: "0: header-empty",
        },
        Case { what: "nothing", raw: "", outline: "text/plain=0", faults: "0: header-empty" },
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
    assert_eq!(outline(&message), "multipart/mixed(text/plain=1 text/html=1)");
    assert!(message.root().faults.contains(Fault::BareCrStructure));
    assert!(message.parts().all(sekimori_mime::Part::is_ambiguous));

    let message = scanned(b"Subject: x\r\n\r\na\rb\r\n");
    assert_eq!(faults(&message), "0: bare-cr");
}

#[test]
fn every_octet_is_named() {
    let raw = b"From x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\nx\r\n--b--\r\nepi";
    let message = scanned(raw);
    let root = message.root().id;
    let child = message.root().children[0];
    let named: Vec<_> = message.spans().map(|s| (&raw[s.range.clone()], s.what)).collect();
    assert_eq!(
        named,
        [
            (&b"From x\r\n"[..], SpanKind::MboxFrom(root)),
            (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", SpanKind::Header(root)),
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
    assert_eq!(sections, ["TEXT", "1", "2", "2.TEXT", "2.1", "2.2", "2.2.1"]);
    let roots: Vec<_> = message.parts().map(sekimori_mime::Part::is_message_root).collect();
    assert_eq!(roots, [true, false, false, true, false, false, true]);
    assert_eq!(message.part(message.root().children[1]).kind, PartKind::Message);
}

#[test]
fn a_message_at_each_limit_is_read_and_one_over_it_is_not() {
    use sekimori_policy::Code;
    let tight =
        Limits { depth: 1, parts: 3, header_fields: 2, header_octets: 80, ..Limits::default() };
    let part = "--b\n\nx\n";
    for (raw, code) in [
        (format!("{MIXED}{part}{part}--b--\n"), None),
        (format!("{MIXED}{part}{part}{part}--b--\n"), Some(Code::HoldParts)),
        (format!("{MIXED}--b\nContent-Type: message/rfc822\n\n{part}"), Some(Code::HoldDepth)),
        ("A: b\nC: d\n\n".to_owned(), None),
        ("A: b\nC: d\nE: f\n\n".to_owned(), Some(Code::HoldHeader)),
        ("A: b\nC: d\njunk\n\n".to_owned(), Some(Code::HoldHeader)),
        (format!("A: {}\n\n", "x".repeat(75)), None),
        (format!("A: {}\n\n", "x".repeat(77)), Some(Code::HoldHeader)),
        (format!("A: b\n{}\n", " x\n".repeat(30)), Some(Code::HoldHeader)),
    ] {
        assert_eq!(
            scan(raw.as_bytes(), &tight).err().map(sekimori_mime::ScanError::code),
            code,
            "{raw}"
        );
    }
}
