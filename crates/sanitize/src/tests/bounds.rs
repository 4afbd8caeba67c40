//! Every bound, and a message over it.

use std::cell::Cell;

use sekimori_policy::{Code, Outcome};
use sekimori_profile::verify::verify;

use super::Town;
use crate::removal::MAX_BLOCKS;
use crate::sanitize;

#[test]
fn text_over_the_bound_is_cut_at_a_line_and_said_so() {
    let mut town = Town::new();
    town.limits.text_octets = 5_000;
    let result =
        town.run_with("Content-Type: text/plain; charset=utf-8", &"一行の文です。\n".repeat(1_000));
    assert!(result.text.len() <= 5_000);
    assert!(result.text.len() > 4_800);
    assert!(result.text.ends_with(
        "一行の文です。\n〔以下は上限を超えるため省略しました。全文は原本にあります。〕\n"
    ));
    assert!(result.decisions.contains(Code::TextCut));
    assert_eq!(result.outcome, Outcome::Deliver);
}

#[test]
fn a_bound_smaller_than_the_notice_is_kept_too() {
    let mut town = Town::new();
    for octets in [0, 1, 10, 100, 400] {
        town.limits.text_octets = octets;
        let context = town.context();
        let raw = format!("From: a@example.jp\r\n\r\n{}", "あ".repeat(1_000));
        let result = sanitize(raw.as_bytes(), &context);
        assert!(verify(&result.message, octets).is_ok(), "{octets}");
    }
}

#[test]
fn structure_over_a_bound_is_held_with_its_header_read() {
    let mut town = Town::new();
    town.limits.depth = 3;
    town.limits.parts = 10;
    let deep: String = (0..6)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
        .collect();
    let many = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(20));
    for (raw, code) in [(deep, Code::HoldDepth), (many, Code::HoldParts)] {
        let result = town
            .run(format!("From: a@example.jp\nSubject: s\n{raw}").replace('\n', "\r\n").as_bytes());
        assert_eq!(result.outcome, Outcome::Hold);
        assert!(result.decisions.contains(code));
        assert_eq!(result.summary.subject, "s");
        assert!(result.text.contains("7F3K-9Q2M"));
    }
    town.limits.header_fields = 5;
    let result = town.run("X: 1\r\n".repeat(9).as_bytes());
    assert!(result.decisions.contains(Code::HoldHeader));
}

#[test]
fn html_over_a_bound_is_held() {
    let mut town = Town::new();
    town.limits.html_octets = 100;
    let result = town.run_with("Content-Type: text/html", &"<p>text</p>".repeat(50));
    assert_eq!(result.outcome, Outcome::Hold);
    assert_eq!(result.removed[0].reason, Code::HoldHtml);
}

#[test]
fn too_many_characters_that_cannot_be_read_hold_the_message() {
    let town = Town::new();
    let mut raw = b"From: a@example.jp\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n".to_vec();
    raw.extend_from_slice("読める文です。".as_bytes());
    raw.extend(std::iter::repeat_n([0xE3, 0x81, b'x'], 20).flatten());
    let result = town.run(&raw);
    assert!(result.decisions.contains(Code::HoldCharset), "{:?}", result.decisions);
    assert!(result.text.contains('〓'));
}

#[test]
fn a_stop_between_two_steps_holds_the_message() {
    let town = Town::new();
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 2
    };
    let context = crate::Context { stop: &stop, ..town.context() };
    let raw = b"From: a@example.jp\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na\r\n--b\r\n\r\nb\r\n--b--\r\n";
    let result = sanitize(raw, &context);
    assert_eq!(result.outcome, Outcome::Hold);
    assert!(result.decisions.contains(Code::HoldTime));
    assert_eq!(result.summary.subject, "s");
    assert!(!result.text.contains("\na\n"), "{}", result.text);
}

#[test]
fn deep_nesting_costs_no_call_stack() {
    let mut town = Town::new();
    town.limits.depth = 10_000;
    town.limits.parts = 50_000;
    let messages = "Content-Type: message/rfc822\n\n".repeat(3_000);
    let result =
        town.run(format!("From: a@example.jp\n{messages}\nend\n").replace('\n', "\r\n").as_bytes());
    assert!(result.decisions.count(Code::ForwardedAsText) > 2_000);
}

#[test]
fn more_encoded_blocks_than_are_listed_hold_the_message() {
    let most = usize::try_from(MAX_BLOCKS).unwrap();
    let with = |count: usize| Town::new().run_with("Subject: x", &"data:a/b,x\n".repeat(count));
    assert_eq!(with(most).outcome, Outcome::Deliver);
    let result = with(most + 50);
    assert_eq!(result.outcome, Outcome::Hold);
    assert!(result.decisions.contains(Code::HoldParts));
    assert_eq!(result.removed.len(), most);
    assert!(!result.text.contains("data:a/b"));
}
