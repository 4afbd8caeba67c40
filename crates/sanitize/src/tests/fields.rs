//! The header that crosses.

use sekimori_policy::{Address, Code, Outcome, ReversePath};

use super::{Town, codes, fields};
use crate::{MAX_HOPS, MAX_OWN_HOPS};

fn run(header: &str) -> crate::Sanitized {
    Town::new().run(format!("{}\r\n\r\ntext\r\n", header.replace('\n', "\r\n")).as_bytes())
}

const DATE: &str = "Date: Mon, 21 Sep 2026 16:00:00 +0900";

#[test]
fn fields_are_written_again_from_what_they_say() {
    let result = run(&format!(
        "Received: from x (y [192.0.2.1]) by z; Mon, 21 Sep 2026 16:00:00 +0900\nX-Mailer: x\n\
         from:  =?ISO-2022-JP?B?GyRCOzNLTBsoQg==?=\n <a@example.jp>\nTo: undisclosed-recipients:;\n\
         CC: \"B, C\" <b@example.jp>,c@example.jp\nSubject: =?UTF-8?B?5Lu25ZCN?=\n{DATE}\n\
         Message-Id:<m@example.jp>\nIn-reply-to: <i@example.jp>\nReferences: <r@example.jp> <i@example.jp>\n\
         Auto-Submitted: auto-generated (x)\nList-ID: News <news.example.jp>\nReply-To: r@example.jp\n\
         Disposition-Notification-To: a@example.jp\nList-Unsubscribe: <https://example.jp/>"
    ));
    let written = fields(&result.message);
    assert_eq!(
        written[..11],
        [
            "Date: Mon, 21 Sep 2026 16:00:00 +0900",
            "From: =?UTF-8?B?5bGx5YyX?= <a@example.jp>",
            "Reply-To: r@example.jp",
            "Cc: \"B, C\" <b@example.jp>, c@example.jp",
            "Subject: =?UTF-8?B?5Lu25ZCN?=",
            "Message-ID: <m@example.jp>",
            "In-Reply-To: <i@example.jp>",
            "References: <r@example.jp> <i@example.jp>",
            "Auto-Submitted: auto-generated",
            "List-Id: <news.example.jp>",
            "MIME-Version: 1.0",
        ]
    );
    assert_eq!(result.decisions.count(Code::HeaderDropped), 4);
    assert_eq!(result.text, "text\n");
}

#[test]
fn a_missing_sender_is_taken_from_the_envelope() {
    let result = run(DATE);
    assert_eq!(result.summary.from, "bounce@example.com");
    assert!(result.decisions.contains(Code::FromMissing));
    let mut town = Town::new();
    town.envelope.sender = ReversePath::NULL;
    let result = town.run(b"Subject: x\r\n\r\ntext\r\n");
    assert_eq!(result.summary.from, "差出人不明 <postmaster@relay.example.lg.jp>");
    assert!(result.decisions.contains(Code::DateMissing));
    assert_eq!(result.summary.date, Some(town.context().received_at));
    town.envelope.sender = ReversePath(Some(Address::parse("利用者@example.jp").unwrap()));
    let result = town.run(b"From: broken\r\n\r\ntext\r\n");
    assert_eq!(result.summary.from, "差出人不明 <postmaster@relay.example.lg.jp>");
    assert!(result.decisions.contains(Code::AddressDropped));
}

#[test]
fn several_senders_are_all_shown() {
    let result = run(&format!("From: a@example.jp\nFrom: b@example.jp\n{DATE}"));
    let written = fields(&result.message);
    assert!(written.contains(&"From: a@example.jp, b@example.jp".to_owned()), "{written:?}");
    assert!(written.contains(&"Sender: a@example.jp".to_owned()), "{written:?}");
    assert_eq!(codes(&result.decisions), ["header-repaired", "structure-ambiguous"]);
}

#[test]
fn a_display_name_that_misleads_is_marked() {
    for (name, mark, code) in [
        ("boss@pref.example.lg.jp", "【注意：表示名に別のアドレス】", Code::DisplayNameMarked),
        (
            "boss@town.example.lg.jp",
            "【注意：外部の差出人（表示名に自団体のドメイン）】",
            Code::DisplayNameOwnDomain,
        ),
        ("PayP\u{0430}l", "【注意：表示名に似せた文字】", Code::DisplayNameImitates),
    ] {
        let result = run(&format!("From: \"{name}\" <a@example.jp>\n{DATE}"));
        assert_eq!(result.summary.from, format!("{mark}{name} <a@example.jp>"));
        assert!(result.decisions.contains(code), "{name}");
    }
}

#[test]
fn line_breaks_in_encoded_words_make_no_fields() {
    let result = run(&format!(
        "From: =?UTF-8?Q?a=0D=0ABcc:_x@y.jp?= <a@example.jp>\nSubject: =?UTF-8?Q?s=0D=0AX-Evil:_1?=\n{DATE}"
    ));
    assert_eq!(result.summary.subject, "s X-Evil: 1");
    let written = fields(&result.message);
    assert!(!written.iter().any(|line| line.starts_with("Bcc") || line.starts_with("X-")));
}

#[test]
fn a_message_that_came_through_here_too_often_is_refused() {
    let own = "Received: by gw.example.lg.jp (sekimori)\n with ESMTP id 00000001A3;\n Mon, 21 Sep 2026 17:00:00 +0900\n";
    let with = |count: usize| format!("{}From: a@example.jp\n{DATE}", own.repeat(count));
    let town = Town::new();
    let result =
        crate::sanitize(with(MAX_OWN_HOPS).replace('\n', "\r\n").as_bytes(), &town.context());
    assert_eq!(result.outcome, Outcome::Deliver);
    let trace = str::from_utf8(&result.message).unwrap();
    assert_eq!(trace.matches("Received: ").count(), MAX_OWN_HOPS + 1);
    let result = run(&with(MAX_OWN_HOPS + 1));
    assert_eq!(result.outcome, Outcome::Reject);
    assert!(result.decisions.contains(Code::RejectLoop));
    let other = "Received: from a by b; Mon, 21 Sep 2026 16:00:00 +0900\n";
    assert_eq!(run(&format!("{}{DATE}", other.repeat(MAX_HOPS))).outcome, Outcome::Deliver);
    assert_eq!(run(&format!("{}{DATE}", other.repeat(MAX_HOPS + 1))).outcome, Outcome::Reject);
}

#[test]
fn addresses_over_the_limit_are_cut() {
    let mut town = Town::new();
    town.limits.addresses = 3;
    let result =
        town.run_with(&format!("To: {}z@example.jp", "y@example.jp, ".repeat(9)), "text\n");
    assert_eq!(result.decisions.count(Code::AddressesCut), 7);
    assert_eq!(result.text, "text\n", "housekeeping of the header needs no notice");
}
