//! What holds for the writer and the verifier of the text-only profile.

use mail_parser::{MessageParser, MimeHeaders as _};
use sekimori_policy::{Address, Code, Outcome, QueueId, ReferenceNumber, Timestamp};
use sekimori_profile::verify::{MAX_CODES, verify};
use sekimori_profile::{
    AsciiAddress, AutoSubmitted, HostName, ListId, Mailbox, MessageId, Protocol, Received,
    ResultField, SafeLine, SafeText, TextMessage, write,
};

use crate::sanitize::with_line_end;

/// Octets of text that may be in a message.
const BOUND: usize = 1 << 20;

/// What is written of any strings (the pieces between octets 0xFF, in the order body, subject, names,
/// addresses, identifiers, list, host) is taken by the verifier, which reads back what was written.
pub fn profile_write_verify(data: &[u8]) {
    let message = message(data);
    let written = write(&message);
    match verify(&written, BOUND) {
        Ok(verified) => {
            assert_eq!(verified.text, with_line_end(message.body.as_str()), "the body reads back");
            let subject = message.subject.as_ref().map(SafeLine::as_str).filter(|s| !s.is_empty());
            assert_eq!(verified.subject.as_deref(), subject, "the subject reads back");
            let from = message.from.as_slice().first().map(|mailbox| mailbox.address.as_str());
            assert_eq!(Some(verified.from.as_str()), from, "the sender reads back");
            let id = message.message_id.as_ref().map(MessageId::as_str);
            assert_eq!(verified.message_id.as_deref(), id, "the identifier reads back");
            assert_read_by_another(&written, &verified.text);
        }
        Err(violation) => {
            assert_eq!(violation.to_string(), "", "refused: {}", written.escape_ascii());
        }
    }
}

/// Whatever octets the verifier takes, another reader sees as one text part with the same text, and
/// the writer's tables would let all of the text cross as it is, but for the width of spaces.
pub fn profile_verify(data: &[u8]) {
    let Ok(verified) = verify(data, BOUND) else {
        return;
    };
    assert!(data.is_ascii(), "a message of the profile is ASCII");
    for text in [verified.text.as_str(), verified.subject.as_deref().unwrap_or_default()] {
        // Spaces of other widths may cross, though the writer makes spaces of them.
        let plain = text.replace(is_other_space, " ");
        assert_eq!(SafeText::clean(&plain).0.as_str(), plain, "the text is safe");
    }
    assert_read_by_another(data, &verified.text);
}

fn is_other_space(c: char) -> bool {
    matches!(u32::from(c), 0xA0 | 0x1680 | 0x2000..=0x200A | 0x202F | 0x205F)
}

fn assert_read_by_another(message: &[u8], text: &str) {
    let Some(read) = MessageParser::default().parse(message) else {
        assert_eq!(text, "", "another reader reads something");
        return;
    };
    assert_eq!(read.parts.len(), 1, "one part");
    assert_eq!(read.attachment_count(), 0, "no attachment");
    assert_eq!(read.text_body_count(), 1, "one text");
    assert_eq!(read.attachment_name(), None, "no file name");
    let body = read.body_text(0).unwrap_or_default().replace("\r\n", "\n");
    assert_eq!(body, text, "another reader reads the same");
}

fn message(data: &[u8]) -> TextMessage {
    let mut strings = data
        .split(|&b| b == 0xFF)
        .map(|piece| piece.utf8_chunks().map(|chunk| chunk.valid()).collect::<String>());
    let mut next = || strings.next().unwrap_or_default();
    let host = HostName::parse("relay.example.lg.jp").unwrap_or_default();
    let body = SafeText::clean(&next()).0;
    let subject = SafeLine::clean(&next()).0;
    let names = [next(), next()];
    let mut mailboxes = names.map(|name| {
        let address = Address::parse(&next()).ok().and_then(|a| AsciiAddress::new(a).ok());
        Mailbox {
            name: Some(SafeLine::clean(&name).0),
            address: address.unwrap_or_else(|| AsciiAddress::postmaster(&host)),
        }
    });
    let id = MessageId::parse(&next()).ok();
    let references: Vec<_> =
        next().split_whitespace().filter_map(|id| MessageId::parse(id).ok()).collect();
    let list_id = ListId::parse(&next()).ok();
    let host = HostName::parse(&next()).unwrap_or(host);
    let auto_submitted = next().parse::<AutoSubmitted>().ok();
    mailboxes.reverse();
    let [to, from] = mailboxes;
    let date = Timestamp::japanese_time(1_789_977_600_000);
    let codes = Code::ALL.iter().copied().skip(data.len() % 16).take(data.len() % MAX_CODES);
    TextMessage {
        received: vec![Received { host, protocol: Protocol::Esmtps, id: QueueId(0x1A3), date }],
        date,
        from: from.clone().into(),
        sender: Some(to.clone()),
        reply_to: vec![from],
        to: vec![to.clone(), to.clone()],
        cc: vec![to],
        subject: Some(subject),
        message_id: id,
        in_reply_to: references.iter().take(1).cloned().collect(),
        references,
        auto_submitted,
        list_id,
        result: ResultField {
            reference: ReferenceNumber::from_bits(0x12_3456_789A),
            outcome: Outcome::Deliver,
            removed: 2,
            codes: codes.collect(),
        },
        body,
    }
}
