//! A file part whose transfer encoding, type or disposition readers disagree about.

use crate::mail::{Case, Must, NAME, TEXT_PART, mail, mixed};
use crate::payload::{base64, files, lines, quoted_printable, uuencode};

/// Transfer encodings that some reader takes for base64.
const ENCODINGS: &[&str] = &[
    "Content-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: BASE64\n",
    "Content-Transfer-Encoding: bAse64\n",
    "Content-Transfer-Encoding:base64\n",
    "Content-Transfer-Encoding:\n base64\n",
    "Content-Transfer-Encoding:\n\tbase64\n",
    "Content-Transfer-Encoding: base\n 64\n",
    "Content-Transfer-Encoding: base64;\n",
    "Content-Transfer-Encoding: base64 ;x=y\n",
    "Content-Transfer-Encoding: base64 foo\n",
    "Content-Transfer-Encoding: base64,7bit\n",
    "Content-Transfer-Encoding: 7bit base64\n",
    "Content-Transfer-Encoding: foo base64\n",
    "Content-Transfer-Encoding: base64 (comment)\n",
    "Content-Transfer-Encoding: (comment) base64\n",
    "Content-Transfer-Encoding: base(c)64\n",
    "Content-Transfer-Encoding: base 64\n",
    "Content-Transfer-Encoding: base_64\n",
    "Content-Transfer-Encoding: base-64\n",
    "Content-Transfer-Encoding: x-base64\n",
    "Content-Transfer-Encoding: \"base64\"\n",
    "Content-Transfer-Encoding: 'base64'\n",
    "Content-Transfer-Encoding: =?utf-8?q?base64?=\n",
    "Content-Transfer-Encoding: =?utf-8?b?YmFzZTY0?=\n",
    "Content-Transfer-Encoding: b\n",
    "Content-Transfer-Encoding: base64\0\n",
    "Content-Transfer-Encoding: base\u{0}64\n",
    "Content-Transfer-Encoding: base64x\n",
    "Content-Transfer-Encoding: base64.\n",
    "Content-Transfer-Encoding: base64-foo\n",
    "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n",
    "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: quoted-printable\nContent-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: quoted-printable\n",
    "Content-Transfer-Encoding: foo\nContent-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding : base64\n",
    "Content-Transfer-Encoding\t:base64\n",
    "Content-Transfer-Encoding; base64\n",
    "Content-Transfer Encoding: base64\n",
    "Content-Transfer-Encoding\0: base64\n",
    "Content_Transfer_Encoding: base64\n",
    "Content-Encoding: base64\n",
    "Transfer-Encoding: base64\n",
    "X: y\n Content-Transfer-Encoding: base64\n",
    "X: y\rContent-Transfer-Encoding: base64\n",
    "no colon\nContent-Transfer-Encoding: base64\n",
    " Content-Transfer-Encoding: base64\n",
    " \nContent-Transfer-Encoding: base64\n",
    "",
];

/// Types that some reader offers as a file, with the name or without.
const TYPES: &[&str] = &[
    "Content-Type: application/octet-stream; name=\"N\"\n",
    "Content-Type: application/octet-stream\n",
    "Content-Type: application/x-msdownload; name=N\n",
    "Content-Type: image/png; name=\"N\"\n",
    "Content-Type: text/plain; name=\"N\"\n",
    "Content-Type: text/html; name=\"N\"\n",
    "Content-Type: text/csv\n",
    "Content-Type: text/x-foo\n",
    "Content-Type: text/rtf\n",
    "Content-Type: text/vcard\n",
    "Content-Type: text/plain; filename=\"N\"\n",
    "Content-Type: text/plain; charset=utf-8; NAME=\"N\"\n",
    "Content-Type: text/plain; name*=utf-8''N\n",
    "Content-Type: text/plain; name*0=\"minutes\"; name*1=\".exe\"\n",
    "Content-Type: text/plain; name==?utf-8?q?minutes=2Eexe?=\n",
    "Content-Type: text/plain name=\"N\"\n",
    "Content-Type: text/plain; foo; name=\"N\"\n",
    "Content-Type: text/plain; name=\"N\n",
    "Content-Type: text/plain; name =N\n",
    "Content-Type: text/plain; (c) name (c) = (c) N\n",
    "Content-Type: text/plain\nContent-Type: application/octet-stream; name=\"N\"\n",
    "Content-Type: application/octet-stream; name=\"N\"\nContent-Type: text/plain\n",
    "Content-Type: application/octet-stream, text/plain; name=\"N\"\n",
    "Content-Type: text/plain, application/octet-stream; name=\"N\"\n",
    "Content-Type: application\n",
    "Content-Type: application/\n",
    "Content-Type: /octet-stream\n",
    "Content-Type: exe\n",
    "Content-Type: \n",
    "Content-Type: application/octet-stream\0; name=\"N\"\n",
    "Content-Type: application/pdf(c); name=\"N\"\n",
    "Content-Type: application(c)/pdf; name=\"N\"\n",
    "Content-Type: text/(c)plain; name=\"N\"\n",
    "Content-Type: audio/mpeg\n",
    "Content-Type: video/mp4\n",
    "Content-Type: font/woff\n",
    "Content-Type: model/foo\n",
    "Content-Type: chemical/x-foo\n",
    "Content-Type: x-foo/bar; name=\"N\"\n",
    "Content-Type: message/foo\n",
    "Content-Type: message/partial; id=\"x\"; number=1; total=2\n",
    "Content-Type: message/external-body; access-type=x; name=\"N\"\n",
    "Content-Type: message/http\n",
    "Content-Type : application/octet-stream; name=\"N\"\n",
    "Content-Type; application/octet-stream; name=\"N\"\n",
    "Content-Disposition: attachment; filename=\"N\"\n",
    "Content-Disposition: ATTACHMENT; FILENAME=N\n",
    "Content-Disposition: inline; filename=\"N\"\n",
    "Content-Disposition: attachment\n",
    "Content-Disposition: foo; filename=\"N\"\n",
    "Content-Disposition: foo\n",
    "Content-Disposition: \"attachment\"; filename=\"N\"\n",
    "Content-Disposition: =?utf-8?q?attachment?=; filename=\"N\"\n",
    "Content-Disposition: filename=\"N\"\n",
    "Content-Disposition: ; filename=\"N\"\n",
    "Content-Disposition: attachment filename=\"N\"\n",
    "Content-Disposition: attachment, filename=\"N\"\n",
    "Content-Disposition:\n attachment;\n filename=\"N\"\n",
    "Content-Disposition: (c) attachment (c); (c) filename=\"N\"\n",
    "Content-Disposition: attach\0ment; filename=\"N\"\n",
    "Content-Disposition: inline; attachment; filename=\"N\"\n",
    "Content-Disposition: inline; name=\"N\"\n",
    "Content-Disposition: inline\nContent-Disposition: attachment; filename=\"N\"\n",
    "Content-Disposition: attachment; filename=\"N\"\nContent-Disposition: inline\n",
    "Content-Disposition: attachment; filename*=utf-8''minutes%2Eexe\n",
    "Content-Disposition: attachment; filename*0=\"minutes\"; filename*1=\".exe\"\n",
    "Content-Disposition: attachment; filename*0*=utf-8''minutes; filename*1*=%2Eexe\n",
    "Content-Disposition: attachment; filename=\"=?utf-8?b?bWludXRlcy5leGU=?=\"\n",
    "Content-Disposition: attachment; filename=\"a.txt\"; filename=\"N\"\n",
    "Content-Disposition: attachment; filename=\"N\"; filename*=utf-8''a.txt\n",
    "Content-Disposition : attachment; filename=\"N\"\n",
    "Content-Disposition; attachment; filename=\"N\"\n",
    "Content-Type: text/plain\nContent-Disposition: attachment; filename=\"N\"\n",
    "Content-Type: text/html\nContent-Disposition: attachment\n",
];

/// Other spellings of the same base64.
pub(crate) fn mangled(file: &[u8]) -> Vec<(&'static str, String)> {
    let plain = base64(file);
    let short = |every: usize, by: &str| {
        lines(&plain, every).trim_end().split('\n').collect::<Vec<_>>().join(by) + "\n"
    };
    let padded: String = file.chunks(1).map(base64).collect();
    let padded_lines: String = file.chunks(25).map(|part| base64(part) + "\n").collect();
    let first = plain.find('A').map_or(4, |at| at / 4 * 4);
    vec![
        ("76", lines(&plain, 76)),
        ("one line", plain.clone() + "\n"),
        ("short", lines(&plain, 20)),
        ("quads", lines(&plain, 4)),
        ("single", lines(&plain, 1)),
        ("odd", lines(&plain, 57)),
        ("spaced", short(4, " ")),
        ("tabs", short(12, "\t")),
        ("blank lines", short(76, "\n\n")),
        ("junk", short(8, "*")),
        ("stops", short(2, ".")),
        ("junk line", short(40, "\n!!!!\n")),
        ("8-bit junk", short(8, "\u{3042}")),
        ("NUL", short(8, "\0")),
        ("equals", short(8, "=")),
        ("comment", short(40, "\n(comment)\n")),
        ("quoted", short(60, "\n> ")),
        ("early padding", format!("QUJDRA==\n{}", lines(&plain, 76))),
        ("concatenated", padded_lines),
        ("padded octets", lines(&padded, 76)),
        ("no padding", lines(plain.trim_end_matches('='), 76)),
        ("more padding", lines(&format!("{plain}===="), 76)),
        ("url-safe", lines(&plain.replace('+', "-").replace('/', "_"), 76)),
        ("leading junk", format!("=\n=\n{}", lines(&plain, 76))),
        ("leading text", format!("This is text.\n\n{}", lines(&plain, 76))),
        ("trailing text", format!("{}\n-- \nsent by a list\n", lines(&plain, 76))),
        ("dash", format!("{}-\n{}", lines(&plain[..first], 76), lines(&plain[first..], 76))),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    let files = files();
    let mut cases = Vec::new();
    let typical = format!(
        "Content-Type: application/octet-stream; name=\"{NAME}\"\n\
         Content-Disposition: attachment; filename=\"{NAME}\"\n"
    );
    for (n, file) in files.iter().enumerate() {
        let body = lines(&base64(file), 76);
        for encoding in ENCODINGS {
            for kind in [typical.as_str(), "Content-Type: image/png; name=\"minutes.png\"\n"] {
                // Fields after a line of spaces are a body for some, so that the name is told before.
                let part = format!("{kind}{encoding}\n{body}");
                let name = format!("file {n} {kind:?} {encoding:?}");
                cases.push(Case::new(name, &mixed(&[TEXT_PART, &part]), Must::TextAndName));
            }
            let name = format!("file {n} text {encoding:?}");
            let unnamed = format!("Content-Type: text/plain\n{encoding}\n{body}");
            if n < 4 && *encoding != ENCODINGS[0] {
                // A text that only some readers decode: it is no file, and no encoded data either.
                let must = if decodes(encoding) { Must::Text } else { Must::TextAndList };
                if !decodes(encoding) {
                    cases.push(Case::new(name, &mixed(&[TEXT_PART, &unnamed]), must));
                }
            }
        }
        for kind in TYPES {
            let kind = kind.replace("=N", &format!("={NAME}")).replace("\"N", &format!("\"{NAME}"));
            let kind =
                kind.replace("''N", &format!("''{NAME}")).replace(" N\n", &format!(" {NAME}\n"));
            // A line that is no field names nothing.
            let is_named = kind.contains("minutes")
                && !kind.contains("-Type;")
                && !kind.contains("-Disposition;");
            let must = if is_named { Must::TextAndName } else { Must::TextAndList };
            for encoding in [ENCODINGS[0], "Content-Transfer-Encoding: 7bit\n", ""] {
                let is_base64 = encoding == ENCODINGS[0];
                let content = String::from_utf8_lossy(file).replace('\u{FFFD}', "x");
                let body = if is_base64 { body.clone() } else { content };
                for part in
                    [format!("{kind}{encoding}\n{body}\n"), format!("{encoding}{kind}\n{body}\n")]
                {
                    let name = format!("file {n} {kind:?} {encoding:?}");
                    cases.push(Case::new(name, &mixed(&[TEXT_PART, &part]), must));
                }
            }
            let whole = mail(&format!("{kind}{}", ENCODINGS[0]), &body);
            let must = if must == Must::TextAndName { Must::List } else { Must::Nothing };
            cases.push(Case::new(format!("file {n} whole {kind:?}"), &whole, must));
        }
        for (how, body) in mangled(file) {
            let part = format!("{typical}{}\n{body}", ENCODINGS[0]);
            cases.push(Case::new(
                format!("file {n} {how}"),
                &mixed(&[TEXT_PART, &part]),
                Must::TextAndName,
            ));
            let kind = "Content-Type: application/pdf\n";
            let part = format!("{kind}{}\n{body}", ENCODINGS[0]);
            cases.push(Case::new(
                format!("file {n} {how}"),
                &mixed(&[TEXT_PART, &part]),
                Must::TextAndList,
            ));
        }
        for (how, body) in [
            ("quoted-printable", quoted_printable(file)),
            ("quoted-printable", quoted_printable(file).to_ascii_lowercase()),
            ("quoted-printable", quoted_printable(file).replace("=\n", "= \n")),
            ("quoted-printable", quoted_printable(file).replace("=4", "=\n4")),
            ("x-uuencode", uuencode(file, NAME)),
            ("uuencode", uuencode(file, NAME)),
            ("x-yenc", uuencode(file, NAME)),
            ("binhex", uuencode(file, NAME)),
            ("mac-binhex40", uuencode(file, NAME)),
        ] {
            let part = format!("{typical}Content-Transfer-Encoding: {how}\n\n{body}");
            cases.push(Case::new(
                format!("file {n} {how}"),
                &mixed(&[TEXT_PART, &part]),
                Must::TextAndName,
            ));
        }
    }
    cases
}

/// Whether a transfer encoding is base64 to this reader, so that a text under it is read.
fn decodes(encoding: &str) -> bool {
    let parsed = |value: &str| sekimori_mime::TransferEncoding::parse(value.as_bytes());
    encoding.split('\n').any(|line| {
        let value =
            line.split_once(':').filter(|(name, _)| !name.contains(' ')).map_or("", |p| p.1);
        let whole =
            if value.is_empty() { encoding.split_once(':').map_or("", |p| p.1) } else { value };
        parsed(whole).0 == sekimori_mime::TransferEncoding::Base64
    })
}
