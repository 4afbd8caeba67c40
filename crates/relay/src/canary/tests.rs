//! Each canary through the sanitizer as mail goes through it, and what the sink makes of the result.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use sekimori_policy::{
    Address, Envelope, Limits, Organisation, Outcome, QueueId, ReversePath, Timestamp,
};

use super::mails::Kind;
use super::{Found, HIDDEN, VISIBLE, look};
use crate::conversion::{Conversion, convert_one};

const MOST: usize = 1024 * 1024;

fn recipient() -> Address {
    Address::parse("canary@town.example.lg.jp").unwrap()
}

fn converted(mail: &[u8]) -> Conversion {
    let at = Timestamp::parse_rfc3339("2026-11-27T09:00:00+09:00").unwrap();
    let context = sekimori_sanitize::Context {
        queue_id: QueueId(9),
        reference: "0000-0009".parse().unwrap(),
        received_at: at,
        keep_until: at.plus_days(30),
        envelope: &Envelope { sender: ReversePath::NULL, recipients: vec![recipient()] },
        host: "gw.town.example.lg.jp",
        protocol: "ESMTP",
        organisation: &Organisation::new("山北町", Vec::new()),
        exceptions: &[],
        may_refuse: true,
        limits: &Limits::default(),
        stop: &|| false,
    };
    convert_one(mail, &context).unwrap()
}

#[test]
fn every_kind_is_delivered_and_passes() {
    for kind in Kind::ALL {
        let mail = kind.mail(&recipient(), 0x1234);
        let hidden = HIDDEN.as_bytes();
        assert!(mail.windows(hidden.len()).filter(|window| *window == hidden).count() >= 3);
        let Conversion { sanitized, .. } = converted(&mail);
        assert_eq!(sanitized.outcome, Outcome::Deliver, "{kind:?}: {:?}", sanitized.decisions);
        let shown = str::from_utf8(&sanitized.message).unwrap();
        assert_eq!(look(&sanitized.message, MOST), Found::Passed, "{kind:?}: {shown}");
    }
}

/// A text with this body, as it would cross.
fn text(body: &str) -> Vec<u8> {
    let mail = format!("From: <a@example.jp>\r\nSubject: a\r\n\r\n{body}\r\n");
    converted(mail.as_bytes()).sanitized.message
}

#[test]
fn a_hidden_marker_anywhere_fails_and_mail_without_any_is_no_canary() {
    let visible = format!("{VISIBLE}0000000000001234");
    assert_eq!(look(&text(&visible), MOST), Found::Passed);
    assert_eq!(look(&text(&format!("{visible} {HIDDEN}1")), MOST), Found::Failed);
    // In the form in which text beyond ASCII crosses too.
    assert_eq!(look(&text(&format!("本文 {HIDDEN}1")), MOST), Found::Failed);
    assert_eq!(look(&text("Hello."), MOST), Found::None);
    assert_eq!(look(b"Content-Type: text/html\r\n\r\n<b>", MOST), Found::Failed);
}
