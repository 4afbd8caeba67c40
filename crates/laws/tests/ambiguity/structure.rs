//! Multiparts: types and boundaries that are doubled, broken, hidden or missing.

use crate::mail::{Case, HEAD, Must, TEXT, TEXT_PART, crlf, file_part, mail, multipart_body};
use crate::payload::{base64, files, lines, quoted_printable};

/// Content fields of a message that some reader takes for a multipart with the boundary `bnd`.
const FIELDS: &[&str] = &[
    "Content-Type: multipart/mixed; boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=\"bnd\"\n",
    "Content-Type: multipart/mixed;\n boundary=\"bnd\"\n",
    "Content-Type: multipart/mixed;\n\tboundary=\"bnd\"\n",
    "Content-Type:multipart/mixed;boundary=bnd\n",
    "CONTENT-TYPE: MULTIPART/MIXED; BOUNDARY=bnd\n",
    "content-type: Multipart/Mixed; Boundary=\"bnd\"; charset=utf-8\n",
    "Content-Type : multipart/mixed; boundary=bnd\n",
    "Content-Type\t: multipart/mixed; boundary=bnd\n",
    "Content-Type:\n multipart/mixed; boundary=bnd\n",
    "Content-Type:\n\tmultipart/mixed;\n\tboundary=bnd\n",
    "Content-Type: multipart/mixed;\n \n boundary=bnd\n",
    "Content-Type: multipart/mixed boundary=bnd\n",
    "Content-Type: multipart/mixed boundary=\"bnd\"\n",
    "Content-Type: multipart/mixed, boundary=bnd\n",
    "Content-Type: multipart/mixed: boundary=bnd\n",
    "Content-Type: multipart/mixed;; boundary=bnd\n",
    "Content-Type: multipart/mixed; ; boundary=bnd;\n",
    "Content-Type: multipart/mixed; foo; boundary=bnd\n",
    "Content-Type: multipart/mixed; foo=\"a; boundary=x\"; boundary=bnd\n",
    "Content-Type: multipart/mixed; foo=\"a\\\"; boundary=x; \"; boundary=bnd\n",
    "Content-Type: multipart/mixed; foo=\"; boundary=bnd\n",
    "Content-Type: multipart/mixed (a comment); boundary=bnd\n",
    "Content-Type: multipart/mixed; (a comment) boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=bnd (a comment)\n",
    "Content-Type: multipart/mixed; boundary=(a comment)bnd\n",
    "Content-Type: multipart/mixed; boundary=(a comment)\"bnd\"\n",
    "Content-Type: multipart/mixed; boundary(c)=bnd\n",
    "Content-Type: multipart/mixed; (boundary=x) boundary=bnd\n",
    "Content-Type: multipart/mixed; (a (nested\\) comment); boundary=bnd) boundary=bnd\n",
    "Content-Type: (c) multipart/mixed; boundary=bnd\n",
    "Content-Type: multipart(c)/mixed; boundary=bnd\n",
    "Content-Type: multipart/(c)mixed; boundary=bnd\n",
    "Content-Type: multipart / mixed; boundary=bnd\n",
    "Content-Type: \"multipart/mixed\"; boundary=bnd\n",
    "Content-Type: multipart/mixed\0; boundary=bnd\n",
    "Content-Type: multipart/\0mixed; boundary=bnd\n",
    "Content-Type: multipart/mixed; \0boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=bnd\0\n",
    "Content-Type: multipart/mixed; boundary=bnd\0x\n",
    "Content-Type: multipart/mixed; boundary=\"bnd\0x\"\n",
    "Content-Type: multipart/; boundary=bnd\n",
    "Content-Type: multipart; boundary=bnd\n",
    "Content-Type: multipart/mixed/mixed; boundary=bnd\n",
    "Content-Type: multipart/mixed/; boundary=bnd\n",
    "Content-Type: /mixed; boundary=bnd\n",
    "Content-Type: multipart/x-unknown; boundary=bnd\n",
    "Content-Type: multipart/foo.bar; boundary=bnd\n",
    "Content-Type: multipart/related; boundary=bnd\n",
    "Content-Type: multipart/parallel; boundary=bnd\n",
    "Content-Type: multipart/form-data; boundary=bnd\n",
    "Content-Type: multipart/report; boundary=bnd; report-type=x\n",
    "Content-Type: multipart/signed; boundary=bnd; protocol=x\n",
    "Content-Type: multipart/alternative; boundary=bnd\n",
    "Content-Type: multipart/appledouble; boundary=bnd\n",
    "Content-Type: =?utf-8?q?multipart/mixed?=; boundary=bnd\n",
    "Content-Type: =?utf-8?b?bXVsdGlwYXJ0L21peGVk?=; boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary==?utf-8?q?bnd?=\n",
    "Content-Type: multipart/mixed; boundary=\"=?utf-8?q?bnd?=\"\n",
    "Content-Type: multipart/mixed; =?utf-8?q?boundary=3Dbnd?=\n",
    "Content-Type: multipart/mixed; boundary*=us-ascii''bnd\n",
    "Content-Type: multipart/mixed; boundary*=utf-8'en'%62nd\n",
    "Content-Type: multipart/mixed; boundary*=%62nd\n",
    "Content-Type: multipart/mixed; boundary*0=bn; boundary*1=d\n",
    "Content-Type: multipart/mixed; boundary*1=d; boundary*0=bn\n",
    "Content-Type: multipart/mixed; boundary*0*=us-ascii''b%6E; boundary*1=d\n",
    "Content-Type: multipart/mixed; boundary*0=bnd; boundary*2=x\n",
    "Content-Type: multipart/mixed; boundary*00=bn; boundary*01=d\n",
    "Content-Type: multipart/mixed; boundary*=us-ascii''other; boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=other; boundary*=us-ascii''bnd\n",
    "Content-Type: multipart/mixed; boundary*0=oth; boundary*1=er; boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=bnd; boundary=other\n",
    "Content-Type: multipart/mixed; boundary=other; boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=; boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=\"\"; boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=bnd; boundary=\n",
    "Content-Type: multipart/mixed; boundary=\"bnd\n",
    "Content-Type: multipart/mixed; boundary=bnd\"\n",
    "Content-Type: multipart/mixed; boundary='bnd'\n",
    "Content-Type: multipart/mixed; boundary=\"b\\nd\"\n",
    "Content-Type: multipart/mixed; boundary=\"\\b\\n\\d\"\n",
    "Content-Type: multipart/mixed; boundary=b\\nd\n",
    "Content-Type: multipart/mixed; boundary=\"bnd\"garbage\n",
    "Content-Type: multipart/mixed; boundary=\"bn\"d\n",
    "Content-Type: multipart/mixed; boundary=\"bn\" \"d\"\n",
    "Content-Type: multipart/mixed; boundary=\"bnd \"\n",
    "Content-Type: multipart/mixed; boundary=\" bnd\"\n",
    "Content-Type: multipart/mixed; boundary= bnd \n",
    "Content-Type: multipart/mixed; boundary =bnd\n",
    "Content-Type: multipart/mixed; boundary = bnd\n",
    "Content-Type: multipart/mixed; boundary\n =bnd\n",
    "Content-Type: multipart/mixed; boundary=\n bnd\n",
    "Content-Type: multipart/mixed; boundary=\"bn\n d\"\n",
    "Content-Type: multipart/mixed; boundary=bnd other\n",
    "Content-Type: multipart/mixed; boundary=bnd,other\n",
    "Content-Type: multipart/mixed; boundary:bnd\n",
    "Content-Type: multipart/mixed; boundary bnd\n",
    "Content-Type: multipart/mixed; boundarY=bnd\n",
    "Content-Type: multipart/mixed; x-boundary=bnd\n",
    "Content-Type: multipart/mixed\n",
    "Content-Type: multipart/mixed;\n",
    "Content-Type: multipart/mixed; boundary=\n",
    "Content-Type: multipart/mixed; boundary=\"\"\n",
    "Content-Type: multipart/mixed; boundary=never\n",
    "Content-Type: multipart/mixed\nContent-Type: ; boundary=bnd\n",
    "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=bnd\nContent-Type: text/plain\n",
    "Content-Type: text/html\nContent-Type: multipart/mixed; boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=bnd\nContent-Type: multipart/mixed; boundary=other\n",
    "Content-Type: multipart/mixed; boundary=other\nContent-Type: multipart/mixed; boundary=bnd\n",
    "Content-Type: multipart/alternative; boundary=bnd\nContent-Type: multipart/mixed; boundary=bnd\n",
    "Content-Type: image/png\nContent-Type: multipart/mixed; boundary=bnd\n",
    "Content-Type:\nContent-Type: multipart/mixed; boundary=bnd\n",
    "Content-Type: text/plain, multipart/mixed; boundary=bnd\n",
    "Content-Type: text/plain; multipart/mixed; boundary=bnd\n",
    "Content-Type: text/plain; boundary=bnd\n",
    "Content-Type: text/html; boundary=bnd\n",
    "Content-Type: text; boundary=bnd\n",
    "Content-Type: message/rfc822; boundary=bnd\n",
    "Content-Type: application/octet-stream; boundary=bnd\n",
    "Content-Type; multipart/mixed; boundary=bnd\n",
    "Content-Type multipart/mixed; boundary=bnd\n",
    "Content Type: multipart/mixed; boundary=bnd\n",
    "Content-Type\0: multipart/mixed; boundary=bnd\n",
    "\0Content-Type: multipart/mixed; boundary=bnd\n",
    "Content-\0Type: multipart/mixed; boundary=bnd\n",
    " Content-Type: multipart/mixed; boundary=bnd\n",
    "X: y\n Content-Type: multipart/mixed; boundary=bnd\n",
    "X: y\rContent-Type: multipart/mixed; boundary=bnd\n",
    "X: y\r\rContent-Type: multipart/mixed; boundary=bnd\n",
    "no colon here\nContent-Type: multipart/mixed; boundary=bnd\n",
    ": no name\nContent-Type: multipart/mixed; boundary=bnd\n",
    "\u{FEFF}Content-Type: multipart/mixed; boundary=bnd\n",
    "X: y\u{B}Content-Type: multipart/mixed; boundary=bnd\n",
    "X: y\u{85}Content-Type: multipart/mixed; boundary=bnd\n",
    "X: y\u{2028}Content-Type: multipart/mixed; boundary=bnd\n",
    "",
    "Content-Type: multipart/mixed; boundary=bnd\nContent-Transfer-Encoding: base64\n",
    "Content-Type: multipart/mixed; boundary=bnd\nContent-Transfer-Encoding: quoted-printable\n",
    "Content-Type: multipart/mixed; boundary=bnd\nContent-Transfer-Encoding: x-uuencode\n",
    "Content-Type: multipart/mixed; boundary=bnd\nContent-Transfer-Encoding: foo\n",
    "Content-Type: multipart/mixed; boundary=bnd\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n",
    "Content-Type: multipart/mixed; boundary=bnd\nContent-Disposition: attachment; filename=\"minutes.eml\"\n",
    "Content-Type: multipart/mixed;\u{C}boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary=\u{B}bnd\n",
    "Content-Type: multipart/mixed; boundary*0=bnd; boundary=other\n",
    "Content-Type: multipart/mixed; boundary*0=bn; boundary*0=xx; boundary*1=d\n",
    "Content-Type: multipart/mixed; boundary*=utf-8''bnd%00x\n",
    "Content-Type: multipart/mixed; name=a\"; boundary=other; x=\"; boundary=bnd\n",
    "Content-Type: multipart/mixed; (unclosed boundary=bnd\n",
    "Content-Type: multipart/mixed; boundary==bnd\n",
    "Content-Type: multipart/mixed; \"boundary\"=bnd\n",
    "Content-Type: multipart/mixed; boundary=bnd(c)\n",
    "Content-Type: multipart/mixed; boundary=\u{201C}bnd\u{201D}\n",
    "Content-Type:: multipart/mixed; boundary=bnd\n",
    "=?utf-8?q?Content-Type?=: multipart/mixed; boundary=bnd\n",
];

/// Fields whose message no reader splits, so that a file in it is not offered by name, or whose text
/// is then no text.
const UNSPLIT: &[&str] = &["application/octet-stream", "message/rfc822", "x-uuencode"];

/// Delimiter lines around text and file, `{T}` and `{F}`, of the boundary `bnd`.
const BODIES: &[&str] = &[
    "--bnd\n{T}--bnd\n{F}--bnd--\n",
    "--bnd\n{T}--bnd\n{F}",
    "--bnd\n{T}--bnd\n{F}--bnd\n",
    "--bnd\n{T}--bnd\n{F}--bnd-\n",
    "--bnd\n{T}--bnd\n{F}--bnd--garbage\n",
    "--bnd \n{T}--bnd\t\n{F}--bnd-- \n",
    " --bnd\n{T} --bnd\n{F} --bnd--\n",
    "--bnd\n{T} --bnd\n{F}--bnd--\n",
    "--bnd\n{T}--bndx\n{F}--bnd--\n",
    "--bnd\n{T}--bnd x\n{F}--bnd--\n",
    "--bnd\n{T}--BND\n{F}--bnd--\n",
    "--bnd\n{T}--bn\n{F}--bnd--\n",
    "--bnd\n{T}bnd\n{F}--bnd--\n",
    "--bnd\n{T}-bnd\n{F}--bnd--\n",
    "--bnd\n{T}---bnd\n{F}--bnd--\n",
    "--bnd\n{T}----bnd\n{F}--bnd--\n",
    "--bnd\n{T}-- bnd\n{F}--bnd--\n",
    "--bnd\n{T}x --bnd\n{F}--bnd--\n",
    "--bnd\n{T}--bnd--\n--bnd\n{F}--bnd--\n",
    "--bnd\n{T}--bnd--\n{F}",
    "--bnd\n{T}--bnd--\n\n{F}",
    "--bnd--\n--bnd\n{T}--bnd\n{F}--bnd--\n",
    "{F}--bnd\n{T}--bnd--\n",
    "--bnd\n{T}--bnd--x\n--bnd\n{F}--bnd--\n",
    "--bnd\n\n--bnd\n{T}--bnd\n{F}--bnd--\n",
    "--bnd\n--bnd\n{T}--bnd\n{F}--bnd--\n",
    "--bnd\n{T}\n\n--bnd\n{F}\n\n--bnd--\n\n\n",
    "--bnd\n{T}\r--bnd\n{F}--bnd--\n",
    "--bnd\n{T}\r--bnd\r{F}--bnd--\n",
    "--bnd\n{T}--bnd\0\n{F}--bnd--\n",
    "--bnd\n{T}\0--bnd\n{F}--bnd--\n",
    "--bnd\n{T}--bnd\u{A0}\n{F}--bnd--\n",
    "--bnd\n{T}--bnd\n \n{F}--bnd--\n",
    "--bnd\n{T}--bnd\nX: y\n{F}--bnd--\n",
    "--bnd\n{T}--bnd\nno colon\n{F}--bnd--\n",
    "--bnd\n{T}--bnd\n continued\n{F}--bnd--\n",
    "--bnd\nContent-Type: multipart/mixed; boundary=bnd\n\n--bnd\n{T}--bnd\n{F}--bnd--\n--bnd--\n",
    "--bnd\nContent-Type: multipart/mixed; boundary=bnd2\n\n--bnd2\n{T}--bnd2\n{F}--bnd2--\n--bnd--\n",
    "--bnd\nContent-Type: multipart/mixed; boundary=in\n\n--in\n{T}--bnd\n{F}--in--\n--bnd--\n",
    "--bnd\nContent-Type: multipart/mixed; boundary=in\n\n--in\n{T}--in\n{F}--bnd--\n",
    "--bnd\n{T}--bnd\nContent-Type: multipart/mixed; boundary=\"in\"\n\n{F}--bnd--\n",
    "--bnd\n{T}--bnd\nContent-Type: multipart/mixed; boundary=\"in\"\n\n{F}--in--\n--bnd--\n",
    "--bnd\n{T}--bnd\nContent-Type: message/rfc822\n\n{F}--bnd--\n",
    "--bnd\n{T}--bnd\nContent-Type: message/rfc822\n\nSubject: x\n{F}--bnd--\n",
    "--bnd\n{T}--bnd\u{C}\n{F}--bnd--\n",
    "--bnd\n{T}--bnd(c)\n{F}--bnd--\n",
    "--bnd\n{T}\u{AD}--bnd\n{F}--bnd--\n",
    "--bnd\n{T}--b\0nd\n{F}--bnd--\n",
    "--bnd\n{T}>--bnd\n{F}--bnd--\n",
    "--other\n{T}--other\n{F}--other--\n",
    "--bnd\n{T}--bnd\nContent-Type: multipart/mixed; boundary=bn\n\n--bn\n{F}--bn--\n--bnd--\n",
    "--bnd\n{T}--bnd\nContent-Type: message/delivery-status\n\nAction: failed\n\n--in\n{F}--in--\n--bnd--\n",
    "--bnd\n{T}--bnd\nContent-Type: text/rfc822-headers\n\nSubject: x\n{F}--bnd--\n",
    "--bnd\n{T}--bnd\nContent-Type: message/partial; id=x; number=1; total=1\n\nSubject: x\n{F}--bnd--\n",
];

pub(crate) fn cases() -> Vec<Case> {
    let files = files();
    let mut cases = Vec::new();
    let plain = |file: &[u8]| {
        format!(
            "Content-Type: text/plain; name=\"minutes.vbs\"\nContent-Disposition: attachment; \
             filename=\"minutes.vbs\"\n\n{}\n",
            String::from_utf8_lossy(file)
        )
    };
    let quoted = |file: &[u8]| {
        format!(
            "Content-Type: application/pdf; name=\"minutes.pdf\"\n\
             Content-Transfer-Encoding: quoted-printable\n\n{}\n",
            quoted_printable(file)
        )
    };
    let parts = [
        file_part(&files[0]),
        file_part(&files[4]),
        file_part(&files[1]),
        plain(&files[4]),
        quoted(&files[2]),
    ];
    for fields in FIELDS {
        let unsplit = UNSPLIT.iter().any(|unsplit| fields.contains(unsplit));
        let must = if unsplit { Must::List } else { Must::TextAndName };
        for (n, part) in parts.iter().enumerate() {
            let body = multipart_body("bnd", part);
            let raw = mail(fields, &body);
            cases.push(Case::new(format!("{fields:?} part {n}"), &raw, must));
            if n == 0 {
                cases.push(Case::raw(format!("{fields:?} LF"), raw.into_bytes(), must));
                let early = format!("{fields}{HEAD}\n{body}");
                cases.push(Case::new(format!("{fields:?} first"), &early, Must::List));
            }
        }
    }
    for body in BODIES {
        for (n, part) in parts.iter().enumerate() {
            let filled = body.replace("{T}", TEXT_PART).replace("{F}", part);
            let fields = "Content-Type: multipart/mixed; boundary=\"bnd\"\n";
            // A file in what all readers leave out, or that goes on from the text, is not offered.
            let must = Must::TextAndList;
            cases.push(Case::new(format!("{body:?} part {n}"), &mail(fields, &filled), must));
            let raw = mail(fields, &filled).into_bytes();
            cases.push(Case::raw(format!("{body:?} part {n} LF"), raw, must));
        }
    }
    cases.extend(encoded_multiparts(&parts[0]));
    cases.extend(long_boundaries(&parts[0]));
    cases
}

/// Multiparts whose whole body is in a transfer encoding.
fn encoded_multiparts(part: &str) -> Vec<Case> {
    let body = crlf(multipart_body("bnd", part).as_bytes());
    let base64_body = lines(&base64(&body), 76);
    let quoted = quoted_printable(&body);
    let uu = crate::payload::uuencode(&body, "minutes.eml");
    let mut cases = Vec::new();
    for (encoding, body) in
        [("base64", base64_body), ("quoted-printable", quoted), ("x-uuencode", uu)]
    {
        for kind in ["multipart/mixed", "multipart/alternative", "multipart/x-foo"] {
            let fields = format!(
                "Content-Type: {kind}; boundary=bnd\nContent-Transfer-Encoding: {encoding}\n"
            );
            let must = if encoding == "x-uuencode" { Must::List } else { Must::TextAndName };
            cases.push(Case::new(format!("{kind} {encoding}"), &mail(&fields, &body), must));
            let nested = format!("--out\n{TEXT_PART}--out\n{fields}\n{body}--out--\n");
            let outer = mail("Content-Type: multipart/mixed; boundary=out\n", &nested);
            cases.push(Case::new(format!("inner {kind} {encoding}"), &outer, Must::TextAndList));
        }
    }
    cases
}

fn long_boundaries(part: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for length in [69, 70, 71, 100, 255, 256, 257, 900, 5_000] {
        let long = "b".repeat(length);
        for used in [length, 70, 256, 60] {
            let delimiter = &long[..used.min(length)];
            let fields = format!("Content-Type: multipart/mixed; boundary=\"{long}\"\n");
            let body = multipart_body(delimiter, part);
            cases.push(Case::new(
                format!("{length} {used}"),
                &mail(&fields, &body),
                Must::TextAndName,
            ));
        }
    }
    assert!(cases.iter().all(|case| String::from_utf8_lossy(&case.raw).contains(TEXT)));
    cases
}
