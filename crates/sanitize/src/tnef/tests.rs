use super::*;

/// An attribute with a checksum that is never looked at.
fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    [&[level][..], &id.to_le_bytes(), &length.to_le_bytes(), data, &[0, 0]].concat()
}

fn stream(attributes: &[Vec<u8>]) -> Vec<u8> {
    [b"\x78\x9F\x3E\x22\x01\x00".to_vec(), attributes.concat()].concat()
}

fn code_page(page: u32) -> Vec<u8> {
    attribute(1, attributes::OEM_CODE_PAGE, &[page.to_le_bytes(), [0; 4]].concat())
}

/// Properties of one value each.
fn properties(all: &[(u16, u16, &[u8])]) -> Vec<u8> {
    let mut out = u32::try_from(all.len()).unwrap().to_le_bytes().to_vec();
    for (id, kind, value) in all {
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&id.to_le_bytes());
        if *id >= 0x8000 {
            out.extend_from_slice(&[7; 16]);
            out.extend_from_slice(&[1, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3, 0]);
        }
        if matches!(kind, 0x1E | 0x1F | 0x0D | 0x0102) {
            out.extend_from_slice(&1_u32.to_le_bytes());
            out.extend_from_slice(&u32::try_from(value.len()).unwrap().to_le_bytes());
        }
        out.extend_from_slice(value);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

fn body_of(all: &[(u16, u16, &[u8])], page: u32) -> Option<Body> {
    let message = attribute(1, attributes::MESSAGE_PROPERTIES, &properties(all));
    read(&stream(&[code_page(page), message]), 10).body
}

#[test]
fn the_text_is_read_in_every_form_it_may_have() {
    let sjis = b"\x8E\x52\x96\x6B\x92\xAC\0";
    let text = |body: Option<Body>| body.map(|body| body.text().to_owned());
    assert_eq!(text(body_of(&[(0x1000, 0x1E, sjis)], 932)).as_deref(), Some("山北町"));
    assert_eq!(text(body_of(&[(0x1000, 0x1F, &wide("山北町"))], 1252)).as_deref(), Some("山北町"));
    let named: (u16, u16, &[u8]) = (0x8001, 0x0B, &[1, 0]);
    let html = b"<p>\x8E\x52\x96\x6B\x92\xAC</p>";
    let body = body_of(&[named, (0x1013, 0x0102, html), (0x3FDE, 3, &[0xA4, 3, 0, 0])], 0);
    assert!(matches!(&body, Some(Body::Html(html)) if html.text == "<p>山北町</p>"), "{body:?}");
    let rtf = lzfu::tests::folded(b"{\\rtf1\\ansi\\ansicpg932 \\'8e\\'52\\'96\\'6b}");
    let body = body_of(&[(0x1000, 0x1E, b" \0"), (0x1009, 0x0102, &rtf)], 0);
    assert!(matches!(&body, Some(Body::Plain(text)) if text.text == "山北"), "{body:?}");
    let old = stream(&[code_page(932), attribute(1, attributes::BODY, sjis)]);
    assert_eq!(text(read(&old, 10).body).as_deref(), Some("山北町"));
}

#[test]
fn files_have_their_long_names_and_their_octets() {
    let long = wide("名簿（最新版）.xlsx");
    let properties_of = |all: &[(u16, u16, &[u8])]| {
        attribute(2, attributes::ATTACHMENT_PROPERTIES, &properties(all))
    };
    let begin = || attribute(2, attributes::ATTACHMENT_BEGINS, &[0; 14]);
    let title = attribute(2, attributes::ATTACHMENT_TITLE, b"\x96\xBC\x95\xEB~1.XLS\0");
    let data = attribute(2, attributes::ATTACHMENT_DATA, b"PK\x03\x04");
    let object = [&[9; 16][..], b"\x78\x9F\x3E\x22\x01\x00"].concat();
    let octets = stream(&[
        code_page(932),
        begin(),
        title.clone(),
        data.clone(),
        properties_of(&[(0x3707, 0x1F, &long), (0x370E, 0x1E, b"application/x-test\0")]),
        begin(),
        title,
        data,
        begin(),
        properties_of(&[
            (0x3705, 3, &[5, 0, 0, 0]),
            (0x3001, 0x1E, b"Re: x\0"),
            (0x3701, 0x0D, &object),
        ]),
        begin(),
    ]);
    let opened = read(&octets, 10);
    let files: Vec<_> = opened
        .files
        .iter()
        .map(|f| (f.name.as_deref().unwrap(), f.declared_type.as_str(), f.octets))
        .collect();
    assert_eq!(
        files,
        [
            ("名簿（最新版）.xlsx", "application/x-test", &b"PK\x03\x04"[..]),
            ("名簿~1.XLS", "application/octet-stream", b"PK\x03\x04"),
            ("Re: x", "application/ms-tnef", b"\x78\x9F\x3E\x22\x01\x00"),
        ]
    );
    assert!(!opened.has_more);
    let opened = read(&octets, 2);
    assert!(opened.has_more && opened.files.len() == 2);
}

#[test]
fn a_damaged_stream_is_read_as_far_as_it_goes() {
    let text =
        properties(&[(0x1000, 0x1E, b"text\0"), (0x8001, 0x1F, b"x"), (0x1009, 0x0102, b"y")]);
    let whole = stream(&[
        code_page(932),
        attribute(1, attributes::MESSAGE_PROPERTIES, &text),
        attribute(2, attributes::ATTACHMENT_BEGINS, &[0; 14]),
        attribute(2, attributes::ATTACHMENT_TITLE, b"a.txt\0"),
        attribute(2, attributes::ATTACHMENT_DATA, b"0123456789"),
    ]);
    for length in 0..whole.len() {
        let _ = read(&whole[..length], 10);
        let mut damaged = whole.clone();
        damaged[length] = 0xFF;
        let _ = read(&damaged, 10);
    }
    let cut = read(&whole[..whole.len() - 8], 10);
    assert_eq!(cut.body.unwrap().text(), "text");
    assert_eq!((cut.files[0].name.as_deref(), cut.files[0].octets), (Some("a.txt"), &b"0123"[..]));
    let endless = properties(&[(0x1000, 0x1003, &[0xFF; 4]), (0x1000, 0x1003, &[0; 400])]);
    assert!(
        read(&stream(&[attribute(1, attributes::MESSAGE_PROPERTIES, &endless)]), 1).body.is_none()
    );
}
