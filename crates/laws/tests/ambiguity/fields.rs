//! Header ends that readers see in different places, and fields that carry what no field should.

use crate::mail::{
    Case, HEAD, Must, TEXT, TEXT_PART, crlf, file_part, mail, mixed, multipart_body,
};
use crate::payload::{MARKER, base64, files, hex, lines};

/// What stands before the fields of a message.
const BEFORE: &[&str] = &[
    "\r\n",
    "\r\n\r\n",
    "\n",
    " \r\n",
    "\t\r\n",
    "\r",
    "\u{FEFF}",
    "From taro@example.jp Mon Sep 21 16:00:00 2026\r\n",
    ">From taro@example.jp Mon Sep 21 16:00:00 2026\r\n",
    " folded before anything\r\n",
    "no colon\r\n",
    ": no name\r\n",
    "\0\r\n",
    "HTTP/1.1 200 OK\r\n",
    "--bnd\r\n",
    "<html>\r\n",
];

/// What stands between the fields of a message or part and its body.
const BETWEEN: &[&str] = &[
    "\r\n\r\n",
    "\n\n",
    "\r\r",
    "\r\n\n",
    "\n\r\n",
    "\r\r\n\r\r\n",
    "\r\n \r\n",
    "\r\n\t\r\n",
    "\r\n \r\n\r\n",
    "\r\n\0\r\n",
    "\r\n\u{A0}\r\n",
    "\r\nno colon\r\n\r\n",
    "\r\n\u{B}\r\n\r\n",
    "\r\n\r\r\n",
    "\r\n",
];

/// A field that carries `{D}`.
const CARRIERS: &[&str] = &[
    "Subject: {D}\n",
    "Subject: minutes {D}\n",
    "Subject:\n {D}\n",
    "From: {D} <taro@example.jp>\n",
    "From: \"{D}\" <taro@example.jp>\n",
    "From: taro@example.jp ({D})\n",
    "To: {D} <soumu@town.example.lg.jp>\n",
    "Cc: {D} <soumu@town.example.lg.jp>\n",
    "Reply-To: \"{D}\" <taro@example.jp>\n",
    "Sender: {D} <taro@example.jp>\n",
    "List-Id: {D} <list.example.jp>\n",
    "Message-ID: <{D}@example.jp>\n",
    "References: <{D}@example.jp> <b@example.jp>\n",
    "In-Reply-To: <{D}@example.jp>\n",
    "X-Data: {D}\n",
    "Comments: {D}\n",
    "Keywords: {D}\n",
    "Content-Description: {D}\n",
    "Content-ID: <{D}@example.jp>\n",
    "Content-Location: data:application/zip;base64,{D}\n",
    "Content-Type: text/plain; charset=utf-8; x=\"{D}\"\n",
    "MIME-Version: 1.0 ({D})\n",
    "Auto-Submitted: {D}\n",
    "Date: {D}\n",
    "Received: from {D} by example.jp; Mon, 21 Sep 2026 16:00:00 +0900\n",
    "Sekimori-Result: {D}\n",
];

pub(crate) fn cases() -> Vec<Case> {
    let files = files();
    let mut cases = Vec::new();
    let multipart = "Content-Type: multipart/mixed; boundary=\"bnd\"";
    for (n, file) in files.iter().enumerate() {
        let part = file_part(file);
        let body = crlf(multipart_body("bnd", &part).as_bytes());
        let head = crlf(HEAD.as_bytes());
        for before in BEFORE {
            let raw =
                [before.as_bytes(), &head[..], multipart.as_bytes(), b"\r\n\r\n", &body].concat();
            cases.push(Case::raw(format!("file {n} before {before:?}"), raw, Must::TextAndName));
            let raw =
                [&head[..], before.as_bytes(), multipart.as_bytes(), b"\r\n\r\n", &body].concat();
            cases.push(Case::raw(format!("file {n} within {before:?}"), raw, Must::TextAndName));
        }
        for between in BETWEEN {
            let raw = [&head[..], multipart.as_bytes(), between.as_bytes(), &body].concat();
            cases.push(Case::raw(format!("file {n} after {between:?}"), raw, Must::TextAndName));
            let raw =
                [&head[..], b"X: y", between.as_bytes(), multipart.as_bytes(), b"\r\n\r\n", &body]
                    .concat();
            cases.push(Case::raw(format!("file {n} in two {between:?}"), raw, Must::TextAndName));
            let (fields, data) = part.split_once("\n\n").unwrap();
            let part =
                [&crlf(fields.as_bytes())[..], between.as_bytes(), &crlf(data.as_bytes())].concat();
            let text = crlf(format!("--bnd\n{TEXT_PART}--bnd\n").as_bytes());
            let raw =
                [&head[..], multipart.as_bytes(), b"\r\n\r\n", &text, &part, b"\r\n--bnd--\r\n"]
                    .concat();
            cases.push(Case::raw(format!("file {n} part {between:?}"), raw, Must::TextAndList));
        }
        for ending in ["\n", "\r", "\r\r\n", "\n\r"] {
            let raw = mixed(&[TEXT_PART, &part]).replace('\n', ending).into_bytes();
            cases.push(Case::raw(format!("file {n} ending {ending:?}"), raw, Must::TextAndName));
        }
    }
    for (n, file) in files.iter().enumerate() {
        let encoded = base64(file);
        for carrier in CARRIERS {
            for (how, data) in [
                ("base64", encoded.clone()),
                ("folded", lines(&encoded, 60).trim_end().replace('\n', "\n ")),
                ("hexadecimal", hex(file)),
                ("word", words(file)),
                ("data", format!("data:application/zip;base64,{encoded}")),
                ("small", base64(MARKER.as_bytes())),
            ] {
                let is_field = |field: &str| carrier.starts_with(field);
                let head: String = HEAD
                    .split_inclusive('\n')
                    .filter(|line| !line.split_once(':').is_some_and(|(name, _)| is_field(name)))
                    .collect();
                if how == "word" && n == 4 {
                    // What a word says in plain text is text.
                    continue;
                }
                let raw = format!("{head}{}\n{TEXT}\n", carrier.replace("{D}", &data));
                cases.push(Case::new(format!("file {n} {carrier:?} {how}"), &raw, Must::Text));
            }
        }
    }
    cases.push(Case::new(
        "body before header",
        &format!("{TEXT}\n\n{HEAD}{multipart}\n\n{}", multipart_body("bnd", &file_part(&files[0]))),
        Must::TextAndName,
    ));
    cases.push(Case::new(
        "two headers",
        &mail(
            "",
            &format!("{HEAD}{multipart}\n\n{}", multipart_body("bnd", &file_part(&files[0]))),
        ),
        Must::TextAndList,
    ));
    cases
}

/// A file in encoded-words.
fn words(file: &[u8]) -> String {
    let words =
        file.chunks(30).map(|part| format!("=?utf-8?b?{}?=", base64(&base64(part).into_bytes())));
    words.collect::<Vec<_>>().join("\n ")
}
