//! What fuzzing begins with, and what stable tests hold the laws to: inputs made of a mail, in the form
//! that each law reads.

use sekimori_mime::{Message, Part, PartKind, scan};
use sekimori_policy::Limits;

use crate::sanitize::crossing;

/// The mail as it is.
pub fn whole(mail: &[u8]) -> Vec<Vec<u8>> {
    vec![mail.to_vec()]
}

/// Its texts, each after its label and a NUL, where it has a label.
pub fn labelled_texts(mail: &[u8]) -> Vec<Vec<u8>> {
    let is_text = |part: &Part<'_>| part.content_type.kind == "text";
    with_leaves(mail, is_text, |leaf| {
        let mut input = leaf.content_type.charset().unwrap_or_default().into_bytes();
        if !input.is_empty() {
            input.push(0);
        }
        input.extend_from_slice(&leaf.decoded_body().0);
        input
    })
}

/// Its plain texts, in UTF-8.
pub fn texts(mail: &[u8]) -> Vec<Vec<u8>> {
    let is_plain = |part: &Part<'_>| part.content_type.is("text", "plain");
    with_leaves(mail, is_plain, |leaf| {
        let charset = leaf.content_type.charset();
        sekimori_charset::decode(&leaf.decoded_body().0, charset.as_deref()).text.into_bytes()
    })
}

/// The values of its header fields.
pub fn fields(mail: &[u8]) -> Vec<Vec<u8>> {
    with_message(mail, |message| {
        let fields = message.parts().flat_map(|part| part.header.fields());
        let mut values: Vec<_> = fields.map(|field| field.value.to_vec()).collect();
        values.sort_unstable();
        values.dedup();
        values
    })
}

/// Its HTML, in UTF-8.
pub fn html(mail: &[u8]) -> Vec<Vec<u8>> {
    let is_html = |part: &Part<'_>| part.content_type.is("text", "html");
    with_leaves(mail, is_html, |leaf| {
        let charset = leaf.content_type.charset();
        sekimori_charset::decode(&leaf.decoded_body().0, charset.as_deref()).text.into_bytes()
    })
}

/// What it becomes.
pub fn crossing_text(mail: &[u8]) -> Vec<Vec<u8>> {
    vec![crossing(mail).message]
}

/// The strings that a writer would be given of it, between octets 0xFF.
pub fn strings_to_write(mail: &[u8]) -> Vec<Vec<u8>> {
    let result = crossing(mail);
    let summary = result.summary;
    let name = summary.from.split('<').next().unwrap_or_default().trim();
    let id = summary.message_id.unwrap_or_default();
    let strings = [
        &result.text,
        &summary.subject,
        name,
        "\"総務課\", 山北町",
        "\"a b\"@example.jp",
        "soumu@town.example.lg.jp",
        &id,
        "<a@b> <c@d>",
        "kouhou.example.jp",
        "relay.example.lg.jp",
        "auto-replied",
    ];
    vec![strings.map(str::as_bytes).join(&0xFF)]
}

/// Sessions that send it, by DATA and by BDAT.
pub fn sessions(mail: &[u8]) -> Vec<Vec<u8>> {
    let begin = b"EHLO client.example\r\n\
        XFORWARD ADDR=192.0.2.9 NAME=mx.example.jp PROTO=ESMTP HELO=mx IDENT=1A3\r\n\
        MAIL FROM:<a@example.jp> SIZE=900 BODY=8BITMIME\r\n\
        RCPT TO:<soumu@town.example.lg.jp>\r\nRCPT TO:<postmaster>\r\n";
    let mut data = [&[8], &begin[..], b"DATA\r\n"].concat();
    for line in mail.split_inclusive(|&b| b == b'\n') {
        if line.starts_with(b".") {
            data.push(b'.');
        }
        data.extend_from_slice(line);
    }
    data.extend_from_slice(b"\r\n.\r\nRSET\r\nQUIT\r\n");
    let (first, last) = mail.split_at(mail.len() / 2);
    let chunk = |last: &str, octets: &[u8]| {
        [format!("BDAT {}{last}\r\n", octets.len()).as_bytes(), octets].concat()
    };
    let chunks =
        [&[9], &begin[..], &chunk("", first), &chunk(" LAST", last), b"NOOP\r\nQUIT\r\n"].concat();
    vec![data, chunks]
}

/// What a gate answers of as many recipients as the mail has lines, and the same with an end of the mail's.
pub fn statuses(mail: &[u8]) -> Vec<Vec<u8>> {
    let words = ["waiting", "delivered", "failed 5.1.1", "failed 5.7.1"];
    let count = mail.split(|&octet| octet == b'\n').count().min(40);
    let lines: Vec<String> = words
        .iter()
        .cycle()
        .take(count)
        .enumerate()
        .map(|(at, word)| format!("2.0.0 {at} {word}"))
        .collect();
    let whole = lines.join("\n").into_bytes();
    let spoilt = [&whole, mail.get(..64).unwrap_or(mail)].concat();
    vec![whole, spoilt]
}

/// It behind the header of a load balancer, of each family.
pub fn proxied(mail: &[u8]) -> Vec<Vec<u8>> {
    let headers: [(u8, u8, &[u8]); 4] = [
        (0x20, 0x00, &[]),
        (0x21, 0x11, &[192, 0, 2, 7, 198, 51, 100, 1, 0xB2, 0x6E, 0, 25]),
        (0x21, 0x21, &[0x20; 36 + 5]),
        (0x21, 0x31, &[b'/'; 216]),
    ];
    let mail = mail.get(..64).unwrap_or(mail);
    let header = |(command, family, addresses): (u8, u8, &[u8])| {
        let length = u8::try_from(addresses.len()).unwrap_or_default();
        [b"\r\n\r\n\0\r\nQUIT\n", &[command, family, 0, length][..], addresses, mail].concat()
    };
    headers.map(header).to_vec()
}

fn with_message<T: Default>(mail: &[u8], read: impl FnOnce(&Message<'_>) -> T) -> T {
    scan(mail, &Limits::default()).map_or_else(|_| T::default(), |message| read(&message))
}

fn with_leaves(
    mail: &[u8],
    is_wanted: impl Fn(&Part<'_>) -> bool,
    read: impl Fn(&Part<'_>) -> Vec<u8>,
) -> Vec<Vec<u8>> {
    with_message(mail, |message| {
        let leaves = message.parts().filter(|part| part.kind == PartKind::Leaf);
        leaves.filter(|part| is_wanted(part)).map(read).collect()
    })
}
