//! Laws that hold for every message.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod outline;

use std::fmt::Write as _;

use mailparse::MailHeaderMap as _;
use outline::{assert_tiles, outline, scanned};
use proptest::prelude::*;
use sekimori_mime::{Part, scan};
use sekimori_policy::Limits;

/// The structure of a well-formed message.
#[derive(Debug, Clone)]
enum Tree {
    Leaf(&'static str, String),
    Multipart(&'static str, Vec<Tree>),
    Message(Box<Tree>),
}

fn trees() -> impl Strategy<Value = Tree> {
    let types = prop_oneof![Just("text/plain"), Just("text/html"), Just("application/pdf")];
    // No line of a body is a delimiter, though some look like one.
    let line = prop_oneof![
        "[ -~]{0,20}".prop_filter("is no delimiter", |l| !l.starts_with("--b")),
        Just("--".to_owned()),
        Just("--x0--".to_owned()),
        Just("Content-Type: text/html".to_owned()),
        Just(String::new()),
    ];
    let body = prop::collection::vec(line, 0..5).prop_map(|lines| lines.join("\r\n"));
    let leaf = (types, body).prop_map(|(t, b)| Tree::Leaf(t, b));
    leaf.prop_recursive(5, 30, 4, |inner| {
        let subtypes = prop_oneof![Just("mixed"), Just("alternative"), Just("digest")];
        prop_oneof![
            3 => (subtypes, prop::collection::vec(inner.clone(), 1..4))
                .prop_map(|(s, parts)| Tree::Multipart(s, parts)),
            1 => inner.prop_map(|t| Tree::Message(Box::new(t))),
        ]
    })
}

impl Tree {
    /// Writes header and body, without a line end after them. `names` makes boundaries differ.
    fn write(&self, raw: &mut String, names: &mut u32) {
        match self {
            Self::Leaf(content_type, body) => {
                write!(raw, "Content-Type: {content_type}\r\n\r\n{body}").unwrap();
            }
            Self::Message(inner) => {
                raw.push_str("Content-Type: message/rfc822\r\n\r\n");
                inner.write(raw, names);
            }
            Self::Multipart(subtype, parts) => {
                let boundary = format!("b{names}=");
                *names += 1;
                write!(
                    raw,
                    "Content-Type: multipart/{subtype}; boundary=\"{boundary}\"\r\n\r\npre"
                )
                .unwrap();
                for part in parts {
                    write!(raw, "\r\n--{boundary}\r\n").unwrap();
                    part.write(raw, names);
                }
                write!(raw, "\r\n--{boundary}--\r\nepi").unwrap();
            }
        }
    }

    fn outline(&self) -> String {
        match self {
            Self::Leaf(content_type, body) => format!("{content_type}={}", body.len()),
            Self::Message(inner) => format!("message/rfc822({})", inner.outline()),
            Self::Multipart(subtype, parts) => {
                let parts: Vec<_> = parts.iter().map(Self::outline).collect();
                format!("multipart/{subtype}({})", parts.join(" "))
            }
        }
    }
}

/// What mailparse sees: types of leaves and containers.
fn second_opinion(mail: &mailparse::ParsedMail<'_>) -> String {
    let content_type = mail.get_headers().get_first_value("Content-Type");
    let mimetype = content_type
        .map_or("text/plain".to_owned(), |v| v.split(';').next().unwrap_or_default().to_owned());
    if mimetype == "message/rfc822" {
        let inner = mail.get_body_raw().unwrap();
        let inner = mailparse::parse_mail(&inner).unwrap();
        return format!("{mimetype}({})", second_opinion(&inner));
    }
    let parts: Vec<_> = mail.subparts.iter().map(second_opinion).collect();
    if parts.is_empty() { mimetype } else { format!("{mimetype}({})", parts.join(" ")) }
}

/// An outline without the sizes of leaves.
fn types_only(outline: &str) -> String {
    let mut sizes = false;
    outline
        .chars()
        .filter(|c| {
            sizes = *c == '=' || (sizes && c.is_ascii_digit());
            !sizes
        })
        .collect()
}

/// Pieces that hostile messages are made of.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        3 => prop::sample::select(vec![
            "\r\n", "\n", "\r", "\r\n\r\n", "--b", "--b--", "--bc", "--", "--b \t", " ", "\t", "\0", ":", ";", "\"", "(", ")",
            "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: multipart/digest; boundary=\"bc\"\r\n",
            "Content-Type: message/rfc822\r\n", "content-type : text/html; name=x\r\n",
            "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n",
            "Content-Transfer-Encoding: x-uuencode\r\n", "Content-Disposition: attachment; filename*0*=utf-8''%E5; filename*1=x\r\n",
            "From ", "Subject: =?utf-8?b?5bGx?=\r\n", "To: \"a\" <a@b.jp>, g: c@d.jp;\r\n", "References: <a@b> <c@d>\r\n",
            "Date: Mon, 21 Sep 2026 17:00:00 +0900\r\n", "begin 644 x\r\n", "=41", "QUJD", "==", "=\r\n", "\u{1b}$B", "\u{1b}(B",
        ]).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

fn read_everything(part: &Part<'_>) {
    let _ = part.decoded_body();
    for field in part.header.fields() {
        let _ = part.header.text(field.name);
        let addresses = part.header.addresses(field.name);
        for mailbox in addresses.mailboxes {
            assert_eq!(mailbox.address.is_some(), mailbox.unusable.is_none());
        }
        for id in part.header.message_ids(field.name) {
            assert!(id.bytes().all(|b| b.is_ascii_graphic()));
        }
    }
    let _ = part.header.date();
    let _ = part.content_type.charset();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_that_is_written_is_read_as_the_same_tree(tree in trees()) {
        let mut raw = String::new();
        tree.write(&mut raw, &mut 0);
        let message = scanned(raw.as_bytes());
        prop_assert_eq!(outline(&message), tree.outline());
        prop_assert!(message.parts().all(|p| p.faults.is_empty()));
        let other = mailparse::parse_mail(raw.as_bytes()).unwrap();
        prop_assert_eq!(types_only(&outline(&message)), second_opinion(&other));
    }

    #[test]
    fn spans_tile_whatever_comes(raw in hostile()) {
        for limits in [Limits::default(), Limits { depth: 2, parts: 3, header_fields: 2, ..Limits::default() }] {
            if let Ok(message) = scan(&raw, &limits) {
                assert_tiles(&message);
                message.parts().for_each(read_everything);
                let mut sections: Vec<_> = message.parts().map(|p| &p.section).collect();
                sections.sort();
                sections.dedup();
                prop_assert_eq!(sections.len(), message.part_count());
            }
        }
    }

    #[test]
    fn any_octets_in_a_header_field_are_read(value in prop::collection::vec(any::<u8>(), 0..200)) {
        let raw = [&b"To: "[..], &value, b"\r\nDate:", &value, b"\r\nContent-Type: text/plain; name=", &value].concat();
        let message = scan(&raw, &Limits::default()).unwrap();
        assert_tiles(&message);
        message.parts().for_each(read_everything);
    }

    #[test]
    fn encoded_text_never_becomes_an_address(text in "[ -~]{0,30}") {
        let hex: String = text.bytes().map(|b| format!("={b:02X}")).collect();
        for value in [format!("=?utf-8?q?{hex}?="), format!("=?utf-8?q?{hex}?= <ok@b.example>"), format!("x (=?utf-8?q?{hex}?=)")] {
            let raw = format!("From: {value}\r\n\r\n");
            let message = scan(raw.as_bytes(), &Limits::default()).unwrap();
            for mailbox in message.root().header.addresses("From").mailboxes {
                let address = mailbox.address.as_ref().map(sekimori_policy::Address::as_str);
                prop_assert!(matches!(address, None | Some("ok@b.example")), "{:?}", mailbox);
            }
        }
    }
}
