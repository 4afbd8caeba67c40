//! Header fields that readers disagree about: the reading that hides most is taken and noted.

mod outline;

use outline::{outline, scanned};
use sekimori_mime::{Fault, TransferEncoding};

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
        ("; boundary=b; boundary*0=c", 2, Fault::BoundariesDiffer, true),
        ("; boundary=b(c)", 2, Fault::BoundariesDiffer, true),
        ("; boundary=b c", 2, Fault::BoundariesDiffer, true),
        ("; boundary=\"\\b\"", 2, Fault::BoundariesDiffer, true),
        ("; boundary=\"b", 2, Fault::BoundariesDiffer, true),
        ("; boundary=\"b \"", 2, Fault::BoundarySyntax, false),
        (&format!("; boundary={long}"), 1, Fault::BoundaryLong, true),
        (&format!("; boundary={endless}"), 1, Fault::BoundaryTooLong, true),
    ] {
        let raw = format!("Content-Type: multipart/mixed{parameters}{body}");
        let message = scanned(raw.as_bytes());
        assert_eq!(message.part_count(), parts, "{parameters}");
        let root = message.root();
        assert!(root.faults.contains(fault), "{parameters}: {:?}", root.faults);
        assert_eq!(root.is_ambiguous(), ambiguous, "{parameters}: {:?}", root.faults);
    }
    let raw =
        format!("Content-Type: multipart/mixed; boundary={long}\n\n--{long}\n\nx\n--{long}--\n");
    assert_eq!(outline(&scanned(raw.as_bytes())), "multipart/mixed(text/plain=1)");
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
        ("Content-Type: multipart(x)/mixed; boundary=b\n", mixed, Fault::CommentInType, true),
        ("Content-Type: multipart/(x)mixed; boundary=b\n", mixed, Fault::CommentInType, true),
        (
            "Content-Type: multipart/mixed\0; boundary=b\n",
            "application/octet-stream=13",
            Fault::ContentTypeUnreadable,
            true,
        ),
        ("Content-Type: \n", "application/octet-stream=13", Fault::ContentTypeUnreadable, true),
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
        ("Content-Type: text\n", "text/plain=13", Fault::ContentTypeBareText, false),
        ("Content-Type : multipart/mixed; boundary=b\n", mixed, Fault::ContentFieldSpaced, true),
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
        assert_eq!(root.is_ambiguous(), ambiguous, "{fields}: {:?}", root.faults);
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
        (field("8bit") + &field("base64"), Base64, Some(Fault::EncodingsDiffer)),
        (field("base64") + &field("8bit"), Base64, Some(Fault::EncodingsDiffer)),
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
fn fr_om_is_not_from() {
    let message =
        scanned(b"Fr om: a@b.example\r\nFrom : c@d.example\r\nSub\0ject: x\r\n: y\r\n\r\n");
    let header = &message.root().header;
    assert_eq!(header.field("from"), Some(&b" c@d.example"[..]));
    assert_eq!((header.fields().count(), header.malformed_lines()), (1, 3));
    assert!(message.root().faults.contains(Fault::SpaceBeforeColon));
    assert!(message.root().faults.contains(Fault::NulInHeader));
}
