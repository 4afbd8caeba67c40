//! Messages made to exhaust a reader: each is refused by a limit or read in linear time.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod outline;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use outline::assert_tiles;
use sekimori_mime::{Message, ScanError, scan};
use sekimori_policy::Limits;

/// Far more than any of them takes when built without optimisation, far less than a quadratic
/// reading would.
const PATIENCE: Duration = Duration::from_secs(10);

fn within_patience<T>(work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    assert!(begun.elapsed() < PATIENCE, "took {:?}", begun.elapsed());
    done
}

/// Without the limits that would end it early.
fn wide() -> Limits {
    Limits {
        depth: 10_000,
        parts: 1_000_000,
        header_fields: 1_000_000,
        header_octets: usize::MAX,
        ..Limits::default()
    }
}

fn refused(raw: &str) -> Option<ScanError> {
    within_patience(|| scan(raw.as_bytes(), &Limits::default()).err())
}

/// Reads every part of it as a sanitizer does, on a stack that recursion would overflow.
fn read_all(raw: &str) -> usize {
    let work = |raw: &str| {
        let message = scan(raw.as_bytes(), &wide()).expect("no limit is reached");
        assert_tiles(&message);
        touch(&message);
        message.part_count()
    };
    within_patience(|| {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(128 * 1024);
            let handle = thread.spawn_scoped(scope, || work(raw)).unwrap();
            handle.join().unwrap()
        })
    })
}

fn touch(message: &Message<'_>) {
    for part in message.parts() {
        let _ = part.decoded_body();
        let _ = part.header.addresses("To");
        let _ = part.header.message_ids("References");
        let _ = part.header.date();
        let _ = part.header.text("Subject");
    }
}

fn nested_multiparts(count: usize) -> String {
    (0..count).fold(String::new(), |mut raw, n| {
        write!(raw, "Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n").unwrap();
        raw
    })
}

#[test]
fn a_thousand_nested_multiparts_are_refused_and_could_be_read() {
    let raw = nested_multiparts(1_000);
    assert_eq!(refused(&raw), Some(ScanError::Depth { limit: 50 }));
    assert_eq!(read_all(&raw), 1_001);
}

#[test]
fn three_hundred_nested_messages_are_refused_and_could_be_read() {
    let raw = "Content-Type: message/rfc822\r\n\r\n".repeat(300);
    assert_eq!(refused(&raw), Some(ScanError::Depth { limit: 50 }));
    assert_eq!(read_all(&raw), 301);
}

#[test]
fn fifty_thousand_parts_are_refused_and_could_be_read() {
    let raw = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
        "--b\r\n\r\nx\r\n".repeat(50_000)
    );
    assert_eq!(refused(&raw), Some(ScanError::Parts { limit: 2_000 }));
    assert_eq!(read_all(&raw), 50_001);
}

#[test]
fn a_hundred_thousand_header_fields_are_refused_and_could_be_read() {
    let raw = "A:b\r\n".repeat(100_000);
    let limit = Limits::default().header_fields;
    assert_eq!(refused(&raw), Some(ScanError::HeaderFields { limit }));
    assert_eq!(read_all(&raw), 1);
}

#[test]
fn an_endless_header_is_refused_and_could_be_read() {
    let raw = format!("To: {}\r\n\r\n", "\r\n x".repeat(300_000));
    let limit = Limits::default().header_octets;
    assert_eq!(refused(&raw), Some(ScanError::HeaderOctets { limit }));
    assert_eq!(read_all(&raw), 1);
}

#[test]
fn twenty_thousand_parameters_are_cut_and_said() {
    for parameter in ["; a=b", ";\r\n a*0=b", "; name=\"x", ";(", ";boundary*1*=%41"] {
        let raw = format!("Content-Type: text/plain{}\r\n\r\n", parameter.repeat(20_000));
        assert_eq!(read_all(&raw), 1);
    }
    let raw = format!("Content-Type: text/plain{}\r\n\r\n", "; a=b".repeat(20_000));
    let message = scan(raw.as_bytes(), &Limits::default()).unwrap();
    assert!(message.root().faults.contains(sekimori_mime::Fault::ParametersCut));
}

#[test]
fn fields_repeated_by_the_hundred_are_kept_a_few() {
    let mut raw = String::new();
    for n in 0..300 {
        write!(raw, "Content-Type: a/b{n}\r\nContent-Disposition: attachment; filename=x{n}\r\n")
            .unwrap();
    }
    let message = scan(raw.as_bytes(), &Limits::default()).unwrap();
    let root = message.root();
    assert_eq!(root.other_content_types.len(), sekimori_mime::MAX_OTHER_TYPES);
    let kept = root.disposition.as_ref().map(|d| d.parameters.len());
    assert_eq!(kept, Some(sekimori_mime::MAX_PARAMETERS));
    assert!(root.is_ambiguous());
}

#[test]
fn two_thousand_multiparts_whose_boundary_never_comes_are_read() {
    let mut raw = String::from("Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    let filler = "--x and some text that follows it\r\n".repeat(72);
    for n in 0..2_000 {
        write!(raw, "--b\r\nContent-Type: multipart/mixed; boundary=never{n}\r\n\r\n{filler}")
            .unwrap();
    }
    assert!(raw.len() > 5_000_000);
    assert_eq!(read_all(&raw), 2_001);
}

#[test]
fn fifty_open_boundaries_are_compared_with_a_million_lines() {
    let shared = "x".repeat(60);
    let mut raw = String::new();
    for n in 10..59 {
        write!(raw, "Content-Type: multipart/mixed; boundary={shared}{n}\r\n\r\n--{shared}{n}\r\n")
            .unwrap();
    }
    raw.push_str("\r\n");
    raw.push_str(&format!("--{shared}\r\n").repeat(50_000));
    let message = within_patience(|| scan(raw.as_bytes(), &Limits::default()).unwrap());
    assert_eq!(message.part_count(), 50);
}

#[test]
fn fields_made_to_be_read_for_ever_are_read_in_time() {
    for piece in [
        "a@b.jp,",
        "<",
        "<a@b.jp>",
        "\"",
        "(",
        "()",
        "\\",
        "=?utf-8?q?",
        "=?utf-8?q?a?= ",
        "[",
        ":",
        ";",
        "@",
        "a:",
        ">",
        "\x1b$B",
        ",=?",
        "<a@b",
    ] {
        let value = piece.repeat(250_000 / piece.len());
        for name in ["To", "References", "Date", "Subject"] {
            let raw = format!("{name}: {value}\r\n\r\n");
            within_patience(|| {
                let message = scan(raw.as_bytes(), &Limits::default()).unwrap();
                touch(&message);
            });
        }
    }
}
