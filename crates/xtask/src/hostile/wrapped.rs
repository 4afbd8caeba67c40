//! Hostile parts that wrap others: winmail.dat with its RTF, signatures, contacts; and parts that
//! readers disagree about.

use super::{Family, LINE, family, filled, head};

pub(super) const FAMILIES: [Family; 10] = [
    family!("winmail.dat of attributes", |octets| {
        winmail(&filled_with(&attribute(2, 0x0002_9002, &[0; 14]), octets))
    }),
    family!("winmail.dat of properties", |octets| {
        let properties = filled_with(&[3, 0, 0xDE, 0x3F, 0xA4, 3, 0, 0], octets);
        winmail(&message_properties(u32::MAX, &properties))
    }),
    family!("RTF of groups", |octets| rich_text("{\\b x", octets)),
    family!("RTF of characters", |octets| rich_text("\\'82\\'a0\\u12354?\\f1 ", octets)),
    family!("RTF of tables", |octets| rich_text("\\trowd\\cellx1 a\\cell\\row\\par ", octets)),
    family!("compressed RTF of references", |octets| {
        // Eight references to 16 octets of the dictionary, at a place where its writing never stops.
        let items = filled_with(&[&[0xFF_u8][..], &[0x01, 0x0E].repeat(8)].concat(), octets);
        let size = length(&items);
        winmail(&rtf_property(&[&size[..], &size, b"LZFu", &[0; 4], &items].concat()))
    }),
    family!("signature of signatures", |octets| {
        let inside = b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80\x30\x80\x02\x01\x01\x31\x00";
        attached("application/pkcs7-mime; name=smime.p7m", &filled_with(inside, octets))
    }),
    family!("signature of pieces", |octets| {
        let start = b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80\x30\x80\x02\x01\x01\x31\x00\
                      \x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01\xA0\x80\x24\x80";
        let pieces = filled_with(b"\x04\x01x", octets);
        attached("application/pkcs7-mime; name=smime.p7m", &[start, pieces.as_slice()].concat())
    }),
    family!("contacts", |octets| {
        let card =
            "BEGIN:VCARD\r\nN:a;b;;;\r\nTEL;TYPE=work:1\r\n 2\r\nNOTE:x\\,y\r\nEND:VCARD\r\n";
        attached("text/vcard; name=a.vcf", &filled(card, octets))
    }),
    family!("parts in doubt", |octets| {
        let mut out = head("multipart/mixed; boundary=b\r\nContent-Type: text/plain");
        out.extend(filled(&format!("--b\r\nContent-Type: text/plain\r\n\r\n{LINE}"), octets));
        out
    }),
];

/// A mail of one file.
fn attached(content_type: &str, octets: &[u8]) -> Vec<u8> {
    let mut out = head(&format!(
        "{content_type}\r\nContent-Transfer-Encoding: binary\r\nContent-Disposition: attachment"
    ));
    out.extend_from_slice(octets);
    out
}

/// A mail of a winmail.dat with these attributes.
fn winmail(attributes: &[u8]) -> Vec<u8> {
    let octets = [b"\x78\x9F\x3E\x22\x01\x00".as_slice(), attributes].concat();
    attached("application/ms-tnef; name=winmail.dat", &octets)
}

fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
    [&[level][..], &id.to_le_bytes(), &length(data), data, &[0, 0]].concat()
}

fn message_properties(count: u32, properties: &[u8]) -> Vec<u8> {
    attribute(1, 0x0006_9003, &[&count.to_le_bytes(), properties].concat())
}

/// The property that holds the text as RTF.
fn rtf_property(rtf: &[u8]) -> Vec<u8> {
    message_properties(1, &[&[2, 1, 9, 16, 1, 0, 0, 0], length(rtf).as_slice(), rtf].concat())
}

/// A winmail.dat whose text is `unit` in RTF, again and again, not compressed.
fn rich_text(unit: &str, octets: usize) -> Vec<u8> {
    let rtf = [b"{\\rtf1\\ansi\\ansicpg932 ".as_slice(), &filled(unit, octets)].concat();
    let size = length(&rtf);
    winmail(&rtf_property(&[&size[..], &size, b"MELA", &[0; 4], &rtf].concat()))
}

fn length(data: &[u8]) -> [u8; 4] {
    u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes()
}

fn filled_with(unit: &[u8], octets: usize) -> Vec<u8> {
    unit.repeat(octets / unit.len().max(1) + 1)
}
