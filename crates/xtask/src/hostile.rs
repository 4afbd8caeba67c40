//! Mails made to cost time: one family for each way in which reading a message might take more than
//! linear time, at any size.
//!
//! Layout: this file puts the mails together; `html` has the HTML bodies, `wrapped` what wraps others.

mod html;
mod wrapped;

/// Mails of one kind that differ in size alone.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// What they are made of.
    pub name: &'static str,
    make: fn(usize) -> Vec<u8>,
}

impl Family {
    /// A mail of about so many octets.
    pub fn mail(&self, octets: usize) -> Vec<u8> {
        (self.make)(octets)
    }
}

/// All families.
pub fn families() -> Vec<Family> {
    let mut families = html::FAMILIES.to_vec();
    families.extend(STRUCTURES);
    families.extend(FIELDS);
    families.extend(TEXTS);
    families.extend(wrapped::FAMILIES);
    families
}

/// A family of this name.
macro_rules! family {
    ($name:literal, $make:expr) => {
        Family { name: $name, make: $make }
    };
}
use family;

const STRUCTURES: [Family; 10] = [
    family!("nested multiparts", |octets| {
        // As deep as is read, again and again.
        let mut out = head("multipart/mixed; boundary=b0");
        let mut number = 0;
        while out.len() < octets {
            if number % 20 == 0 {
                out.extend_from_slice(b"--b0\r\n");
            } else {
                out.extend_from_slice(format!("--b{number}\r\n").as_bytes());
            }
            number += 1;
            let part = format!("Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n{LINE}");
            out.extend_from_slice(part.as_bytes());
        }
        out
    }),
    family!("many parts", |octets| {
        mixed(octets, "--b\r\nContent-Type: text/plain\r\n\r\nA line of text.\r\n")
    }),
    family!("many large parts", |octets| {
        let part =
            format!("--b\r\nContent-Type: text/plain\r\n\r\n{}", LINE.repeat(octets / 4_000));
        mixed(octets, &part)
    }),
    family!("alternatives in alternatives", |octets| {
        let mut out = head("multipart/alternative; boundary=a0");
        for level in 1..15 {
            let part = format!(
                "--a{}\r\nContent-Type: multipart/alternative; boundary=a{level}\r\n\r\n",
                level - 1
            );
            out.extend_from_slice(part.as_bytes());
        }
        for kind in ["plain", "html"] {
            out.extend_from_slice(format!("--a14\r\nContent-Type: text/{kind}\r\n\r\n").as_bytes());
            out.extend(filled(LINE, octets / 2));
        }
        out
    }),
    family!("lines that begin a delimiter", |octets| mixed(octets, "--\r\n--c\r\n--bb\r\n")),
    family!("messages in messages", |octets| {
        let mut out = head("message/rfc822");
        for _ in 0..15 {
            out.extend_from_slice(b"Subject: x\r\nContent-Type: message/rfc822\r\n\r\n");
        }
        out.extend(filled(LINE, octets));
        out
    }),
    family!("base64 with junk", |octets| encoded("base64", "QUJD!RE*VG", octets)),
    family!("base64 blocks of one group", |octets| encoded("base64", "QQ==", octets)),
    family!("quoted-printable of bad escapes", |octets| {
        encoded("quoted-printable", "==X=4=4G= \t", octets)
    }),
    family!("quoted-printable of soft line breaks", |octets| {
        encoded("quoted-printable", "=E3=\r\n", octets)
    }),
];

const FIELDS: [Family; 7] = [
    family!("parameters", |octets| field("Content-Type: text/plain", "; a*0*=x'y'%41\r\n", octets)),
    family!("encoded-words", |octets| field("Subject:", " =?utf-8?B?44GC?=\r\n", octets)),
    family!("broken encoded-words", |octets| field("Subject:", " =?utf-8?B?=?=?\r\n", octets)),
    family!("parentheses", |octets| field("To: a", "((((((((\r\n ", octets)),
    family!("quotes", |octets| field("To: a", "\"\\\"\"\r\n ", octets)),
    family!("addresses", |octets| field("To: a@example.jp", ",\r\n b@example.jp", octets)),
    family!("fields", |octets| field("X-A: b", "\r\nX-A: b", octets)),
];

const TEXTS: [Family; 19] = [
    family!("prose", |octets| plain("utf-8", "議会の日程についてお知らせします。\r\n", octets)),
    family!("ISO-2022-JP escapes", |octets| {
        plain("iso-2022-jp", "\u{1b}$B$\"\u{1b}(Ba\u{1b}(I1", octets)
    }),
    family!("escapes without ESC", |octets| plain("iso-2022-jp", "$B$\"(Ba", octets)),
    family!("mixed charsets", |octets| {
        latin("shift_jis", b"\xE3\x81\x82\x82\xA0\xA4\xA2\x1b$B$\"\x1b(B", octets)
    }),
    family!("unlabelled octets", |octets| latin("", b"\x81\xFE\xA4\xE9\xFF\x80 ", octets)),
    family!("combining marks", |octets| plain("utf-8", "\u{301}\u{323}\u{5b0}", octets)),
    family!("marks out of order", |octets| {
        plain("utf-8", "a\u{301}\u{323}\u{301}\u{323}\u{1161}\u{11a8}", octets)
    }),
    family!("uuencode starts", |octets| plain("us-ascii", "begin 644 a\r\n", octets)),
    family!("uuencode lines", |octets| {
        let line = format!("M{}\r\n", "0".repeat(60));
        plain("us-ascii", &format!("{}x\r\n", line.repeat(3)), octets)
    }),
    family!("yEnc starts", |octets| plain("us-ascii", "=ybegin line=1 name=a\r\n", octets)),
    family!("PEM starts", |octets| plain("us-ascii", "-----BEGIN A-----\r\n", octets)),
    family!("BinHex starts", |octets| {
        plain("us-ascii", "(This file must be converted with BinHex 4.0)\r\n\r\n", octets)
    }),
    family!("entities in text", |octets| {
        plain("us-ascii", "--b\r\nContent-Type: application/zip\r\n", octets)
    }),
    family!("data: starts", |octets| plain("us-ascii", "data:data:a/b,", octets)),
    family!("dense lines", |octets| {
        plain("us-ascii", &format!("{}\r\n\r\n\r\n", "Ab0".repeat(20)), octets)
    }),
    family!("URLs", |octets| plain("us-ascii", "http://www.a.jp/:.//", octets)),
    family!("calendar events", |octets| {
        let mut out = head("text/calendar; charset=utf-8");
        out.extend_from_slice(b"BEGIN:VCALENDAR\r\n");
        let event = "BEGIN:VEVENT\r\nSUMMARY:x\r\n y\r\nATTENDEE;CN=\"a\":mailto:a@b.jp\r\n\
                     DTSTART:20260101T000000Z\r\nDESCRIPTION:z\\n\r\nEND:VEVENT\r\n";
        out.extend(filled(event, octets));
        out
    }),
    family!("format=flowed", |octets| plain(
        "utf-8; format=flowed",
        "> > a \r\n>> b \r\n ",
        octets
    )),
    family!("one line", |octets| plain("us-ascii", "Ab c:d.e/f=", octets)),
];

const LINE: &str = "A line of text, and then some more of it.\r\n";

/// The header of a mail whose fields end with its type.
fn head(content_type: &str) -> Vec<u8> {
    format!(
        "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
         Content-Type: {content_type}\r\n\r\n"
    )
    .into_bytes()
}

/// `unit` so often that it has about `octets`.
fn filled(unit: &str, octets: usize) -> Vec<u8> {
    unit.as_bytes().repeat(octets / unit.len().max(1) + 1)
}

fn plain(charset: &str, unit: &str, octets: usize) -> Vec<u8> {
    latin(charset, unit.as_bytes(), octets)
}

fn latin(charset: &str, unit: &[u8], octets: usize) -> Vec<u8> {
    let mut out = match charset {
        "" => head("text/plain"),
        charset => head(&format!("text/plain; charset={charset}")),
    };
    out.extend(unit.repeat(octets / unit.len().max(1) + 1));
    out
}

fn mixed(octets: usize, part: &str) -> Vec<u8> {
    let mut out = head("multipart/mixed; boundary=b");
    out.extend(filled(part, octets));
    out
}

fn encoded(encoding: &str, unit: &str, octets: usize) -> Vec<u8> {
    let mut out = format!(
        "From: a@example.jp\r\nTo: b@example.jp\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    .into_bytes();
    out.extend(filled(unit, octets));
    out
}

/// A mail of one field that goes on and on.
fn field(start: &str, unit: &str, octets: usize) -> Vec<u8> {
    let mut out = b"From: a@example.jp\r\nMIME-Version: 1.0\r\n".to_vec();
    out.extend_from_slice(start.as_bytes());
    for line in filled(unit, octets).split_inclusive(|&b| b == b'\n') {
        if !line.starts_with(b" ") && !line.starts_with(b"X-A") {
            out.push(b' ');
        }
        out.extend_from_slice(line);
    }
    out.extend_from_slice(b"\r\n\r\ntext\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_a_name_of_its_own_and_mails_of_the_size_asked_for() {
        let mut names: Vec<_> = families().iter().map(|family| family.name).collect();
        for family in families() {
            for octets in [10_000, 200_000] {
                let length = family.mail(octets).len();
                assert!((octets..octets * 2).contains(&length), "{} {length}", family.name);
            }
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), families().len());
    }
}
