//! What the writer writes, the verifier takes, and both it and another reader read the same.

use crate::{AsciiAddress, Mailbox, MessageId, SafeLine, SafeText, TextMessage, verify, write};
use mail_parser::MessageParser;
use proptest::prelude::*;
use sekimori_policy::Address;

const BOUND: usize = 1 << 20;

fn line(text: &str) -> SafeLine {
    SafeLine::clean(text).0
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~\n]{0,300}",
        "([ぁ-ん亜-腕ァ-ヶa-z \n\t=.]){0,200}",
        "[a-zé =\t\n]{0,400}",
        "x{990,1010}",
        "(=\\?UTF-8\\?B\\?[a-z]{0,5}\\?= ?){0,5}",
        "([a-z]{60,80} ){0,4}",
    ]
}

fn any_address() -> impl Strategy<Value = AsciiAddress> {
    prop_oneof![
        "[a-z0-9.!#$%&'*+/=^_`{|}~-]{1,40}@[a-z]{1,20}\\.jp",
        "\"[ -!#-\\[\\]-~]{1,40}\"@[a-z]{1,60}\\.lg\\.jp",
        "[a-z]{1,250}@([a-z]{1,60}\\.){1,3}jp",
        Just("a@[192.0.2.1]".to_owned()),
    ]
    .prop_filter_map("an address", |text| AsciiAddress::new(Address::parse(&text).ok()?).ok())
}

fn any_mailbox() -> impl Strategy<Value = Mailbox> {
    (proptest::option::of(any_text()), any_address())
        .prop_map(|(name, address)| Mailbox { name: name.map(|name| line(&name)), address })
}

fn any_id() -> impl Strategy<Value = MessageId> {
    "<[!#$%&'*+./0-9:=?A-Z^_`a-z{|}~-]{1,90}@[a-z0-9.:\\[\\]-]{1,30}>"
        .prop_filter_map("an identifier", |text| MessageId::parse(&text).ok())
}

prop_compose! {
    fn any_message()(
        body in any_text(),
        subject in proptest::option::of(any_text()),
        from in any_mailbox(),
        sender in proptest::option::of(any_mailbox()),
        to in proptest::collection::vec(any_mailbox(), 0..4),
        message_id in proptest::option::of(any_id()),
        references in proptest::collection::vec(any_id(), 0..6),
    ) -> TextMessage {
        TextMessage {
            body: SafeText::clean(&body).0,
            subject: subject.map(|subject| line(&subject)),
            from: from.into(),
            sender,
            cc: to.clone(),
            to,
            message_id,
            references,
            ..super::sample::message()
        }
    }
}

fn with_last_line_end(text: &str) -> String {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_verifier_takes_and_reads_back_whatever_is_written(message in any_message()) {
        let written = write(&message);
        let verified = verify::verify(&written, BOUND);
        let verified = verified.map_err(|v| TestCaseError::fail(format!("{v}\n{}", written.escape_ascii())))?;
        prop_assert_eq!(verified.text, with_last_line_end(message.body.as_str()));
        let subject = message.subject.map(|s| s.as_str().to_owned()).filter(|s| !s.is_empty());
        prop_assert_eq!(verified.subject, subject);
        prop_assert_eq!(verified.from, message.from.as_slice()[0].address.as_str());
        prop_assert_eq!(verified.message_id, message.message_id.map(|id| id.to_string()));
        prop_assert!(written.split(|&b| b == b'\n').all(|line| line.len() <= 999));
    }

    #[test]
    fn another_reader_reads_the_same(message in any_message()) {
        let written = write(&message);
        let read = MessageParser::default().parse(&written).unwrap();
        let body = read.body_text(0).unwrap_or_default().replace("\r\n", "\n");
        prop_assert_eq!(body, with_last_line_end(message.body.as_str()));
        // mail-parser 0.11 drops spaces at the ends of encoded-words, so spaces are left out.
        let squeeze = |text: &str| text.replace(' ', "");
        let subject = message.subject.as_ref().map_or("", SafeLine::as_str);
        prop_assert_eq!(squeeze(read.subject().unwrap_or_default()), squeeze(subject));
        let from = read.from().and_then(|list| list.first()).unwrap();
        let address = message.from.as_slice()[0].address.as_str();
        // mail-parser 0.11 reads a quoted local part as a display name.
        if !address.starts_with('"') {
            prop_assert_eq!(from.address(), Some(address));
        }
        let name = message.from.as_slice()[0].name.as_ref().map_or("", SafeLine::as_str);
        if !address.starts_with('"') {
            prop_assert_eq!(squeeze(from.name().unwrap_or_default()), squeeze(name));
        }
    }
}
