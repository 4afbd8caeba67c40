use mail_parser::{MessageParser, MimeHeaders as _};

use super::*;

fn wire(kind: Kind, number: u64) -> Vec<u8> {
    let mut buffer = Vec::new();
    Template::of(kind).fill(&mut buffer, Marker { run: 7, number });
    buffer
}

#[test]
fn each_kind_has_the_size_that_results_are_published_for() {
    for (kind, kilobytes) in [
        (Kind::Text, 3.0),
        (Kind::Newsletter, 67.0),
        (Kind::Attachment, 316.0),
        (Kind::Forwarded, 95.0),
    ] {
        let length = f64::from(u32::try_from(Template::of(kind).len()).unwrap()) / 1000.0;
        assert!((length / kilobytes - 1.0).abs() < 0.02, "{kind}: {length}");
    }
}

#[test]
fn a_message_can_be_written_over_the_one_before() {
    for kind in Kind::ALL {
        let template = Template::of(kind);
        let mut reused = Vec::new();
        template.fill(&mut reused, Marker { run: 1, number: 1 });
        template.fill(&mut reused, Marker { run: 7, number: 42 });
        assert_eq!(reused, wire(kind, 42), "{kind}");
    }
}

#[test]
fn the_marker_is_in_the_message_id_and_in_each_form_of_the_body() {
    for kind in Kind::ALL {
        let sent = wire(kind, 42);
        let message = MessageParser::default().parse(&sent).unwrap();
        let marker = Marker { run: 7, number: 42 };
        assert!(message.message_id().unwrap().contains(&marker.to_string()));
        let bodies: Vec<_> = message.text_bodies().chain(message.html_bodies()).collect();
        assert!(!bodies.is_empty());
        for body in bodies.iter().filter(|b| !b.is_message()) {
            assert_eq!(Marker::find(body.contents()), Some(marker), "{kind}");
        }
    }
}

#[test]
fn the_newsletter_has_its_45_kilobytes_of_html_and_the_attachment_is_whole() {
    let sent = wire(Kind::Newsletter, 1);
    let message = MessageParser::default().parse(&sent).unwrap();
    let html = message.html_bodies().next().unwrap().contents().len();
    assert!((43_500..46_500).contains(&html), "{html}");
    let sent = wire(Kind::Attachment, 1);
    let message = MessageParser::default().parse(&sent).unwrap();
    let file = message.attachments().next().unwrap();
    assert_eq!(file.attachment_name(), Some("成果品（案）.pdf"));
    assert_eq!(file.contents().len(), 217_500);
}

#[test]
fn what_is_sent_ends_at_its_last_dot_only() {
    for kind in Kind::ALL {
        let sent = wire(kind, 1);
        assert!(sent.ends_with(b"\r\n.\r\n"));
        assert_eq!(memmem::find_iter(&sent, "\r\n.\r\n").count(), 1);
        let bare = sent.split_inclusive(|&b| b == b'\n').all(|l| l.ends_with(b"\r\n"));
        assert!(bare, "{kind}");
        assert!(sent.split(|&b| b == b'\n').all(|l| l.len() <= 998), "{kind}");
    }
}

#[test]
fn markers_read_back_and_nothing_else_does() {
    let marker = Marker { run: 0xAB, number: 12_345_678_901 };
    assert_eq!(marker.to_string().len(), Marker::LENGTH);
    assert_eq!(marker.to_string().parse(), Ok(marker));
    assert_eq!(Marker::find(format!("skm-x skm-{marker}").as_bytes()), Some(marker));
    for text in ["", "skm-", "skm-1-1", "skm-000000ab-1234567890", "skm-"] {
        assert_eq!(text.parse::<Marker>(), Err(NoMarker));
        assert_eq!(Marker::find(text.as_bytes()), None);
    }
}

#[test]
fn a_large_mail_has_its_marker_in_what_each_session_writes_itself() {
    let template = Template::large(5_000_000);
    assert!((4_990_000..=5_010_000).contains(&template.len()), "{}", template.len());
    let mut head = Vec::new();
    template.fill(&mut head, Marker { run: 7, number: 9 });
    assert!(head.len() < 64 * 1024, "{}", head.len());
    assert_eq!(head.len() + template.tail().len(), template.len());
    assert_eq!(Marker::find(&head), Some(Marker { run: 7, number: 9 }));
    assert_eq!(Marker::find(template.tail()), None);
}
