//! What holds for every message that is scanned.

use sekimori_mime::{Message, Part, PartKind, scan};
use sekimori_policy::Limits;

/// Any octets are scanned within the limits or refused; the spans tile the message; parts stand within
/// the parts that hold them; decoding never makes a body longer; and nothing read from a header holds
/// a line end.
pub fn mime_scan(data: &[u8]) {
    let limits = Limits::default();
    let Ok(message) = scan(data, &limits) else {
        return;
    };
    assert!(message.part_count() <= limits.parts, "parts are bounded");
    let mut at = 0;
    for span in message.spans() {
        assert_eq!(span.range.start, at, "spans follow each other");
        assert!(span.range.end > at, "no span is empty");
        at = span.range.end;
    }
    assert_eq!(at, data.len(), "the spans are the whole message");
    let mut count = 0;
    for part in message.parts() {
        assert_eq!(part.id.index(), count, "ids count the parts");
        count += 1;
        place(&message, part);
        body(part);
        header(part, &limits);
    }
    assert_eq!(count, message.part_count());
}

fn place(message: &Message<'_>, part: &Part<'_>) {
    assert_eq!(message.raw().get(part.body_range.clone()), Some(part.raw_body));
    assert!(part.header_range.end <= part.body_range.start, "the body follows the header");
    for field in part.header.fields() {
        assert!(part.header_range.start <= field.range.start);
        assert!(field.range.end <= part.header_range.end, "a field stands in its header");
    }
    for child in &part.children {
        let child = message.part(*child);
        assert_eq!(child.parent, Some(part.id));
        assert!(part.id < child.id, "a container stands before what it holds");
        assert!(part.body_range.start <= child.header_range.start);
        assert!(child.body_range.end <= part.body_range.end, "a part stands in its container");
        assert!(child.is_ambiguous() || !part.is_ambiguous(), "doubt is inherited");
    }
    let children = match part.kind {
        PartKind::Leaf => part.children.is_empty(),
        PartKind::Message => part.children.len() == 1,
        PartKind::Multipart { .. } => true,
    };
    assert!(children, "a {:?} has {} children", part.kind, part.children.len());
}

fn body(part: &Part<'_>) {
    let (decoded, _) = part.decoded_body();
    assert!(decoded.len() <= part.raw_body.len(), "decoding never adds octets");
}

fn header(part: &Part<'_>, limits: &Limits) {
    let one_line = |text: &str| assert!(!text.contains(['\r', '\n']), "{text:?} is one line");
    for name in ["From", "Sender", "Reply-To", "To", "Cc"] {
        let addresses = part.header.addresses(name);
        assert!(addresses.mailboxes.len() <= limits.addresses, "addresses are bounded");
        for mailbox in addresses.mailboxes {
            assert_eq!(mailbox.address.is_none(), mailbox.unusable.is_some());
            if let Some(name) = mailbox.name {
                one_line(&name);
                assert!(!name.trim().is_empty(), "a name is not blank");
            }
        }
        addresses.groups.iter().for_each(|group| one_line(group));
    }
    for name in ["Message-ID", "In-Reply-To", "References"] {
        for id in part.header.message_ids(name) {
            assert!(id.chars().all(|c| !c.is_control()), "{id:?} has no control");
        }
    }
    if let Some(subject) = part.header.text("Subject") {
        one_line(&subject.text);
    }
    let _ = part.header.date();
    if let Some(name) = &part.file_name {
        one_line(name);
    }
}
