//! A small message to start from.

use crate::{
    AsciiAddress, HostName, Mailbox, Protocol, Received, ResultField, SafeLine, SafeText,
    TextMessage,
};
use sekimori_policy::{Address, Code, Outcome, QueueId, ReferenceNumber, Timestamp};

fn address(text: &str) -> AsciiAddress {
    AsciiAddress::new(Address::parse(text).unwrap()).unwrap()
}

pub(super) fn message() -> TextMessage {
    let date = Timestamp::japanese_time(1_789_977_600_000);
    TextMessage {
        received: vec![Received {
            host: HostName::parse("relay.example.lg.jp").unwrap(),
            protocol: Protocol::Esmtps,
            id: QueueId(0x1A3),
            date,
        }],
        date,
        from: Mailbox {
            name: Some(SafeLine::clean("山北町 総務課").0),
            address: address("soumu@town.example.lg.jp"),
        }
        .into(),
        sender: None,
        reply_to: Vec::new(),
        to: vec![Mailbox { name: None, address: address("juumin@example.jp") }],
        cc: Vec::new(),
        subject: Some(SafeLine::clean("令和8年度の予算について").0),
        message_id: None,
        in_reply_to: Vec::new(),
        references: Vec::new(),
        auto_submitted: None,
        list_id: None,
        result: ResultField {
            reference: "7F3K-9Q2M".parse::<ReferenceNumber>().unwrap(),
            outcome: Outcome::Deliver,
            removed: 2,
            codes: vec![Code::HtmlToText, Code::AttachmentRemoved, Code::HtmlToText],
        },
        body: SafeText::clean("お世話になっております。\n").0,
    }
}
