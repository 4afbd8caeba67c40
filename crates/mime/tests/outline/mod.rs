//! The structure of a message as one line of text, for comparing.
#![allow(dead_code, reason = "each test file uses its share")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use sekimori_mime::{Fault, Message, Part, PartKind, scan};
use sekimori_policy::Limits;

/// Scans with the default limits.
pub(crate) fn scanned(raw: &[u8]) -> Message<'_> {
    let message = scan(raw, &Limits::default()).expect("within the limits");
    assert_tiles(&message);
    message
}

/// `multipart/mixed(text/plain=12 message/rfc822(text/html=0))`: types and octets of leaves.
pub(crate) fn outline(message: &Message<'_>) -> String {
    let mut out = String::new();
    let mut last_depth = 0;
    for part in message.parts() {
        if part.depth > last_depth {
            out.push('(');
        } else if part.id.index() > 0 {
            out.push_str(&")".repeat(last_depth - part.depth));
            out.push(' ');
        }
        last_depth = part.depth;
        out.push_str(&part.content_type.essence());
        if part.kind == PartKind::Leaf {
            out.push_str(&format!("={}", part.raw_body.len()));
        }
    }
    out.push_str(&")".repeat(last_depth));
    out
}

/// The faults of every part, `0: a b; 2: c`.
pub(crate) fn faults(message: &Message<'_>) -> String {
    let of = |part: &Part<'_>| {
        let names: Vec<_> = part.faults.iter().map(Fault::as_str).collect();
        (!names.is_empty()).then(|| format!("{}: {}", part.id.index(), names.join(" ")))
    };
    message.parts().filter_map(of).collect::<Vec<_>>().join("; ")
}

/// Every octet is in exactly one span, and bodies and ranges agree with each other.
pub(crate) fn assert_tiles(message: &Message<'_>) {
    let mut at = 0;
    for span in message.spans() {
        assert_eq!(span.range.start, at, "{span:?}");
        assert!(span.range.end > at, "{span:?} is empty");
        at = span.range.end;
    }
    assert_eq!(at, message.raw().len());
    for part in message.parts() {
        assert_eq!(&message.raw()[part.body_range.clone()], part.raw_body);
        assert!(part.header_range.end <= part.body_range.start);
        for field in part.header.fields() {
            assert!(part.header_range.start <= field.range.start);
            assert!(field.range.end <= part.header_range.end);
        }
        for child in &part.children {
            let child = message.part(*child);
            assert_eq!(child.parent, Some(part.id));
            assert!(part.body_range.start <= child.header_range.start);
            assert!(child.body_range.end <= part.body_range.end);
        }
    }
}
