//! Every octet of the input is accounted for, and what is said of it is true.

use sekimori_policy::{Code, Limits};

use super::Town;
use crate::{Fate, Sanitized};

/// The fate of the octets where `text` stands in `raw`.
fn fate(result: &Sanitized, raw: &str, text: &str) -> Fate {
    let at = raw.find(text).unwrap();
    let stretches = result.account.stretches();
    let found = stretches.iter().find(|stretch| stretch.range.contains(&at)).unwrap();
    assert!(found.range.end >= at + text.len(), "{text} has one fate: {found:?}");
    found.fate
}

const MIXED: &str = "From: a@example.jp\r\nSubject: x\r\nSubject: y\r\nX-Spam: no\r\n\
    Message-ID: nonsense\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nno field\r\n\r\n\
    preamble\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\n\
    Content-Disposition: attachment; filename=a.bin\r\n\r\nfile\r\n--b\r\n\
    Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nX-Inner: 1\r\n\r\nforwarded\r\n--b--\r\n";

#[test]
fn each_octet_of_a_multipart_has_its_fate() {
    let result = Town::new().run(MIXED.as_bytes());
    for (text, expected) in [
        ("From: a@example.jp\r\n", Fate::Crosses),
        ("Subject: x", Fate::Crosses),
        ("Subject: y", Fate::Dropped(Code::HeaderRepaired)),
        ("X-Spam: no", Fate::Dropped(Code::HeaderDropped)),
        ("no field", Fate::Dropped(Code::HeaderDropped)),
        ("Message-ID: nonsense", Fate::Dropped(Code::HeaderRepaired)),
        ("Content-Type: multipart/mixed; boundary=b", Fate::Crosses),
        ("preamble", Fate::Dropped(Code::PreambleDropped)),
        ("--b\r\nContent-Type: text/plain\r\n\r\n", Fate::Dropped(Code::StructureDropped)),
        ("hello", Fate::Crosses),
        ("Content-Disposition: attachment; filename=a.bin\r\n\r\nfile", Fate::Removed(0)),
        ("Subject: inner", Fate::Crosses),
        ("X-Inner: 1", Fate::Dropped(Code::ForwardedAsText)),
        ("forwarded", Fate::Crosses),
        ("\r\n--b--\r\n", Fate::Dropped(Code::StructureDropped)),
    ] {
        assert_eq!(fate(&result, MIXED, text), expected, "{text}");
    }
    let totals = result.account.totals();
    let dropped: usize = totals.dropped.values().sum();
    assert_eq!(totals.crosses + totals.removed + dropped, MIXED.len());
    assert!(totals.dropped.keys().all(|&code| result.decisions.contains(code)), "{totals:?}");
}

#[test]
fn a_message_over_a_bound_is_dropped_by_the_decision_that_holds_it() {
    let mut town = Town::new();
    town.limits = Limits { parts: 2, ..Limits::default() };
    let result = town.run(MIXED.as_bytes());
    assert_eq!(fate(&result, MIXED, "From: a@example.jp"), Fate::Crosses);
    assert_eq!(fate(&result, MIXED, "hello"), Fate::Dropped(Code::HoldParts));
}

#[test]
fn a_message_that_time_is_up_for_is_dropped_by_that_decision() {
    let town = Town::new();
    let context = crate::Context { stop: &|| true, ..town.context() };
    let result = crate::sanitize(MIXED.as_bytes(), &context);
    assert_eq!(fate(&result, MIXED, "hello"), Fate::Dropped(Code::HoldTime));
}

#[test]
fn a_message_inside_that_is_removed_takes_its_parts_along() {
    let raw = "From: a@example.jp\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n\
        Content-Type: application/pkcs7-signature\r\n\r\nsignature\r\n--b--\r\n";
    let result = Town::new().run(raw.as_bytes());
    assert_eq!(fate(&result, raw, "signature"), Fate::Removed(0));
}
