//! Files inside text: encoded in every way, laid out in every way, in every kind of text.

use crate::mail::{Case, Must, NAME, TEXT, mail};
use crate::payload::{
    base32, base64, binhex, dump, escaped, files, hex, lines, quoted_printable, uuencode,
    uuencoded_lines,
};

/// The encodings in which a file may stand in a text, each in lines.
fn encodings(file: &[u8]) -> Vec<(&'static str, String)> {
    let plain = base64(file);
    let utf16: Vec<u8> = file.iter().flat_map(|b| [*b, 0]).collect();
    let words = |width: usize, by: &str| {
        lines(&plain, width).trim_end().split('\n').collect::<Vec<_>>().join(by) + "\n"
    };
    let numbered: String = lines(&plain, 60)
        .trim_end()
        .split('\n')
        .enumerate()
        .map(|(n, line)| format!("{:02}: {line}\n", n + 1))
        .collect();
    vec![
        ("base64 76", lines(&plain, 76)),
        ("base64 40", lines(&plain, 40)),
        ("base64 16", lines(&plain, 16)),
        ("base64 one line", plain.clone() + "\n"),
        ("base64 after a word", format!("Data: {plain} (end)\n")),
        ("base64 spaced", words(8, " ")),
        ("base64 blank lines", words(60, "\n\n")),
        ("base64 quoted", format!("> {}", words(60, "\n> "))),
        ("base64 in table", format!("| {} |\n", words(20, " | "))),
        ("base64 in cells", format!("| {} |\n", words(60, " |\n| "))),
        ("base64 in commas", format!("\"{}\"\n", words(40, "\",\n\"").trim_end())),
        ("base64 added", format!("s = \"{}\"\n", words(40, "\" +\n    \"").trim_end())),
        ("base64 and words", words(30, " and ")),
        ("base64 and word lines", words(40, "\nthen\n")),
        ("base64 numbered", numbered),
        ("base64 url-safe", lines(&plain.replace('+', "-").replace('/', "_"), 76)),
        ("base64 soft hyphens", lines(&words(6, "\u{AD}"), 200)),
        ("base64 zero width", words(6, "\u{200B}")),
        ("base64 variation", words(6, "\u{FE0F}")),
        ("base64 controls", words(6, "\u{1}")),
        ("base64 of UTF-16", lines(&base64(&utf16), 76)),
        ("base64 of base64", lines(&base64(plain.as_bytes()), 76)),
        ("begin-base64", format!("begin-base64 644 {NAME}\n{}====\n", lines(&plain, 60))),
        (
            "PEM",
            format!(
                "-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n",
                lines(&plain, 64)
            ),
        ),
        (
            "PGP",
            format!(
                "-----BEGIN PGP MESSAGE-----\nVersion: 1\n\n{}=abcd\n-----END PGP MESSAGE-----\n",
                lines(&plain, 64)
            ),
        ),
        (
            "PEM indented",
            format!("  -----BEGIN X-----\n  {}  -----END X-----\n", words(64, "\n  ")),
        ),
        ("PEM unclosed", format!("-----BEGIN X-----\n{}", lines(&plain, 64))),
        ("data URI", format!("data:application/zip;base64,{plain}\n")),
        ("data URI split", format!("data:application/zip;base64,\n{}", lines(&plain, 60))),
        ("data URI split within", format!("see data:application/zip;base64,{}", lines(&plain, 60))),
        ("data URI spaced", format!("data:application/zip;base64,{}\n", words(40, " "))),
        (
            "data URI percent",
            format!("data:text/plain,{}\n", escaped(file, |b| format!("%{b:02X}"))),
        ),
        ("data URI charset", format!("DATA:text/plain;charset=utf-8;base64,{plain}\n")),
        ("hexadecimal", lines(&hex(file), 76)),
        ("hexadecimal 32", lines(&hex(file), 32)),
        ("hexadecimal capitals", lines(&hex(file).to_uppercase(), 76)),
        ("hexadecimal one line", hex(file) + "\n"),
        ("hexadecimal spaced", lines(&escaped(file, |b| format!("{b:02x} ")), 48)),
        ("hexadecimal 0x", lines(&escaped(file, |b| format!("0x{b:02x}, ")), 72)),
        ("hexadecimal escapes", lines(&escaped(file, |b| format!("\\x{b:02x}")), 80)),
        ("hexadecimal colons", lines(&escaped(file, |b| format!("{b:02X}:")), 48)),
        ("percent", lines(&escaped(file, |b| format!("%{b:02X}")), 72)),
        ("quoted-printable", quoted_printable(file)),
        ("decimal references", lines(&escaped(file, |b| format!("&#{b};")), 200)),
        ("hexadecimal references", lines(&escaped(file, |b| format!("&#x{b:X};")), 200)),
        ("uuencode", uuencode(file, NAME)),
        (
            "uuencode quoted",
            "> ".to_owned() + &uuencode(file, NAME).trim_end().replace('\n', "\n> ") + "\n",
        ),
        (
            "uuencode indented",
            "  ".to_owned() + &uuencode(file, NAME).trim_end().replace('\n', "\n  ") + "\n",
        ),
        ("uuencode no name", uuencode(file, "")),
        ("uuencode odd mode", uuencode(file, NAME).replace("begin 644", "begin 0100644")),
        ("uuencode capital", uuencode(file, NAME).replace("begin", "Begin")),
        ("uuencode no begin", uuencoded_lines(file)),
        ("uuencode no end", format!("begin 644 {NAME}\n{}", uuencoded_lines(file))),
        ("uuencode blank lines", uuencode(file, NAME).replace('\n', "\n\n")),
        ("uuencode spaces", uuencode(file, NAME).replace('`', " ")),
        (
            "yEnc",
            format!(
                "=ybegin line=128 size=99 name={NAME}\n{}\n=yend size=99\n",
                escaped(file, |b| char::from(b.wrapping_add(42))
                    .to_string()
                    .replace(['\n', '\r', '\0'], "="))
            ),
        ),
        ("base32", lines(&base32(file), 72)),
        ("base64 in a row", words(2, ".")),
        ("base64 in a column", lines(&plain, 4)),
        ("dump", dump(file)),
        ("BinHex", binhex(file, NAME)),
        ("BinHex without its mark", binhex(file, NAME).split_off(47)),
        (
            "entity",
            format!(
                "--x\nContent-Type: application/zip; name=\"{NAME}\"\nContent-Transfer-Encoding: base64\n\n{}--x--\n",
                lines(&plain, 76)
            ),
        ),
        (
            "entity without delimiter",
            format!(
                "Content-Type: application/zip; name=\"{NAME}\"\nContent-Transfer-Encoding: base64\n\n{}",
                lines(&plain, 76)
            ),
        ),
        (
            "entity after MIME-Version",
            format!(
                "MIME-Version: 1.0\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n{}",
                lines(&plain, 16)
            ),
        ),
    ]
}

/// Texts that a file may stand in, the fields and the body of each with `{D}` for the data.
fn carriers() -> Vec<(&'static str, &'static str)> {
    vec![
        ("Content-Type: text/plain; charset=utf-8\n", "{T}\n\n{D}\nbest regards\n"),
        ("Content-Type: text/plain; charset=utf-8\n", "{D}\n\n{T}\n"),
        ("", "{T}\n{D}"),
        ("Content-Type: text/plain; charset=utf-8; format=flowed\n", "{T}\n\n{D}\n"),
        ("Content-Type: text/html; charset=utf-8\n", "<p>{T}</p><pre>{D}</pre>\n"),
        ("Content-Type: text/html; charset=utf-8\n", "<p>{T}</p><p>{D}</p>\n"),
        (
            "Content-Type: text/html; charset=utf-8\n",
            "<p>{T}</p><table><tr><td>{D}</td></tr></table>\n",
        ),
        (
            "Content-Type: text/html; charset=utf-8\n",
            "<p>{T}</p><div style=\"display:none\">{D}</div>\n",
        ),
        (
            "Content-Type: text/html; charset=utf-8\n",
            "<p>{T}</p><script>{D}</script><!-- {D} -->\n",
        ),
        ("Content-Type: text/html; charset=utf-8\n", "<p>{T}</p><textarea>{D}</textarea>\n"),
        ("Content-Type: text/html; charset=utf-8\n", "<p>{T}</p><img alt=\"{D}\" src=\"cid:x\">\n"),
        ("Content-Type: text/enriched\n", "{T}\n\n{D}\n"),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (n, file) in files().iter().enumerate() {
        for (how, data) in encodings(file) {
            for (at, (fields, body)) in carriers().iter().enumerate() {
                let is_html = fields.contains("html");
                let data = if is_html && !how.contains("references") {
                    data.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
                } else {
                    data.clone()
                };
                if is_html && how.contains("references") {
                    // In HTML they are the characters themselves: what they spell is text.
                    continue;
                }
                let is_line = is_html && !body.contains("<pre>");
                if is_line && ["dump", "base64 in a row", "base64 in a column"].contains(&how) {
                    // Rows and columns are told by their lines, which HTML does not keep.
                    continue;
                }
                if is_html && how == "uuencode spaces" && !body.contains("<pre>") {
                    // Blanks that HTML takes together are lost to every reader.
                    continue;
                }
                let filled = body.replace("{T}", TEXT).replace("{D}", &data);
                let must = match *fields {
                    f if f.contains("enriched") || *how == *"base64 controls" => Must::List,
                    // What HTML does not show is no file to any reader.
                    _ if is_html => Must::Text,
                    // Words of a running text: the pieces of it that are data are no file.
                    _ => Must::TextAndList,
                };
                cases.push(Case::new(
                    format!("file {n} {how} in {at}"),
                    &mail(fields, &filled),
                    must,
                ));
            }
        }
    }
    cases
}
