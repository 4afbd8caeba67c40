//! Files in messages inside messages, in what stands around the parts, and in text of odd charsets.

use crate::mail::{
    Case, HEAD, Must, TEXT, TEXT_PART, crlf, file_part, mail, mixed, multipart_body,
};
use crate::payload::{base64, files, lines, quoted_printable, uuencode};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (n, file) in files().iter().enumerate() {
        let part = file_part(file);
        let inner = mixed(&[TEXT_PART, &part]);
        let bare = mail("", &format!("{}\n", lines(&base64(file), 60)));
        for kind in [
            "message/rfc822",
            "message/global",
            "message/news",
            "message/foo",
            "message/delivery-status",
            "message/partial; id=x; number=1",
            "text/rfc822-headers",
            "application/mbox",
        ] {
            for (encoding, body) in [
                ("7bit", inner.clone()),
                ("base64", lines(&base64(&crlf(inner.as_bytes())), 76)),
                ("quoted-printable", quoted_printable(&crlf(inner.as_bytes()))),
                ("x-uuencode", uuencode(&crlf(inner.as_bytes()), "minutes.eml")),
                ("foo", inner.clone()),
                ("7bit", bare.clone()),
            ] {
                let wrapped = format!(
                    "Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n{body}\n"
                );
                let must =
                    if kind == "text/rfc822-headers" { Must::Text } else { Must::TextAndList };
                let name = format!("file {n} {kind} {encoding}");
                cases.push(Case::new(name.clone(), &mixed(&[TEXT_PART, &wrapped]), must));
                let name = format!("{name} whole");
                cases.push(Case::new(name, &format!("{HEAD}{wrapped}"), Must::Nothing));
            }
        }
        let digest = format!("--d\n\n{inner}\n--d\n\n{bare}\n--d--\n");
        cases.push(Case::new(
            format!("file {n} digest"),
            &mail("Content-Type: multipart/digest; boundary=d\n", &digest),
            Must::TextAndList,
        ));
        for (where_, body) in [
            ("preamble", format!("{part}\n{}", multipart_body("bnd", "\n"))),
            (
                "preamble uuencode",
                format!("{}\n{}", uuencode(file, "minutes.exe"), multipart_body("bnd", "\n")),
            ),
            (
                "preamble delimited",
                format!("--old\n{part}--old--\n{}", multipart_body("bnd", "\n")),
            ),
            ("epilogue", format!("{}\n{part}", multipart_body("bnd", "\n"))),
            (
                "epilogue delimited",
                format!("{}--old\n{part}--old--\n", multipart_body("bnd", "\n")),
            ),
            ("epilogue reopened", format!("{}--bnd\n{part}--bnd--\n", multipart_body("bnd", "\n"))),
            (
                "epilogue uuencode",
                format!("{}{}", multipart_body("bnd", "\n"), uuencode(file, "minutes.exe")),
            ),
        ] {
            let raw = mail("Content-Type: multipart/mixed; boundary=bnd\n", &body);
            cases.push(Case::new(format!("file {n} {where_}"), &raw, Must::TextAndList));
        }
        for body in [
            format!("--in\n{TEXT_PART}--in\n{part}--in--\n"),
            format!(
                "{HEAD}Content-Type: multipart/mixed; boundary=in\n\n--in\n{TEXT_PART}--in\n{part}--in--\n"
            ),
            format!(
                "From taro Mon Sep 21 16:00:00 2026\n{HEAD}Content-Type: multipart/mixed; boundary=in\n\n--in\n{TEXT_PART}--in\n{part}--in--\n"
            ),
            format!("{TEXT}\n{part}"),
            format!("{TEXT}\n \n{part}"),
        ] {
            for fields in
                ["", "Content-Type: text/plain\n", "Content-Type: text/plain; boundary=in\n"]
            {
                cases.push(Case::new(
                    format!("file {n} written out {body:.20?}"),
                    &mail(fields, &body),
                    Must::TextAndList,
                ));
                let whole = mixed(&[&format!("{fields}\n{body}")]);
                cases.push(Case::new(
                    format!("file {n} part written out {body:.20?}"),
                    &whole,
                    Must::TextAndList,
                ));
            }
        }
        for charset in ["utf-16", "utf-16le", "utf-16be", "utf-32"] {
            let fields = format!("Content-Type: text/plain; charset={charset}\n");
            let raw = mail(&fields, &format!("{TEXT}\n\n{}", uuencode(file, "minutes.exe")));
            cases.push(Case::new(
                format!("file {n} in name only {charset}"),
                &raw,
                Must::TextAndList,
            ));
        }
        let encoded = format!("{TEXT}\n\n{}", lines(&base64(file), 60));
        for charset in [
            "utf-7",
            "utf-16",
            "utf-16le",
            "utf-16be",
            "utf-32",
            "ebcdic",
            "cp037",
            "iso-2022-jp",
            "x-foo",
        ] {
            let octets: Vec<u8> = match charset {
                "utf-16" => {
                    [0xFF, 0xFE].into_iter().chain(encoded.bytes().flat_map(|b| [b, 0])).collect()
                }
                "utf-16le" => encoded.bytes().flat_map(|b| [b, 0]).collect(),
                "utf-16be" => encoded.bytes().flat_map(|b| [0, b]).collect(),
                "utf-32" => encoded.bytes().flat_map(|b| [0, 0, 0, b]).collect(),
                _ => encoded.clone().into_bytes(),
            };
            for kind in ["text/plain", "text/html"] {
                let fields = format!(
                    "Content-Type: {kind}; charset={charset}\nContent-Transfer-Encoding: base64\n"
                );
                let raw = mail(&fields, &lines(&base64(&octets), 76));
                let name = format!("file {n} {kind} {charset}");
                let is_lost = matches!(charset, "utf-32" | "ebcdic" | "cp037");
                let must = if is_lost { Must::Nothing } else { Must::TextAndList };
                cases.push(Case::new(name, &raw, must));
            }
        }
    }
    cases
}
