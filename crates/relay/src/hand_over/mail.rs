//! The mails that hand over.

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use sekimori_journal::register::HandOver;
use sekimori_policy::{Address, Timestamp};

/// A removed part, decoded.
pub(super) struct Part {
    /// Its name, made safe for display.
    pub(super) name: String,
    /// Its octets.
    pub(super) octets: Vec<u8>,
}

/// An original with the trace of its being sent again in front (RFC 5322 section 3.6.6). What
/// follows is what was received, octet for octet.
pub(super) fn resent(
    one: &HandOver,
    from: &Address,
    host: &str,
    now: Timestamp,
    original: &[u8],
) -> Vec<u8> {
    let trace = format!(
        "Resent-Date: {}\r\nResent-From: <{from}>\r\nResent-To: <{}>\r\n\
         Resent-Message-ID: <hand-over.{}.{}@{host}>\r\nSekimori-Hand-Over: {}\r\n",
        now.rfc5322(),
        one.recipient,
        one.queue_id,
        one.id.0,
        one.reference,
    );
    [trace.as_bytes(), original].concat()
}

/// A mail of our own with removed parts attached. Every attachment is declared as octets of no known
/// type, so that no mail program opens it by itself.
pub(super) fn with_parts(
    one: &HandOver,
    from: &Address,
    parts: Vec<Part>,
) -> Result<Vec<u8>, String> {
    let mailbox = |address: &Address| -> Result<Mailbox, String> {
        let address = address.as_str().parse().map_err(|error| format!("{address}: {error}"))?;
        Ok(Mailbox::new(None, address))
    };
    let listed: String = parts.iter().map(|part| format!("  {}\r\n", part.name)).collect();
    let text = format!(
        "申請が承認されたため、添付ファイルの原本をお渡しします。\r\n\
         The attachments below are handed over, as requested and approved.\r\n\r\n\
         受付番号 / reference number: {}\r\n{listed}",
        one.reference,
    );
    let mut body = MultiPart::mixed()
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text));
    for part in parts {
        let octets = ContentType::parse("application/octet-stream").map_err(|e| e.to_string())?;
        body = body.singlepart(Attachment::new(part.name).body(part.octets, octets));
    }
    let message = lettre::Message::builder()
        .from(mailbox(from)?)
        .to(mailbox(&one.recipient)?)
        .subject(format!("【原本の取り出し】受付番号 {}", one.reference))
        .multipart(body)
        .map_err(|error| error.to_string())?;
    Ok(message.formatted())
}

#[cfg(test)]
mod tests {
    use sekimori_journal::register::{HandOverId, HandOverState, RequestId, Wanted};
    use sekimori_policy::{QueueId, ReferenceNumber};

    use super::*;

    fn one(wanted: Wanted) -> HandOver {
        HandOver {
            id: HandOverId(5),
            request: RequestId(3),
            queue_id: QueueId(0x1A3),
            reference: "7F3K-9Q2M".parse::<ReferenceNumber>().unwrap(),
            organisation: "山北町".to_owned(),
            wanted,
            recipient: Address::parse("yamada@inet.town.example.jp").unwrap(),
            state: HandOverState::Waiting,
            attempts: 0,
            last_reply: None,
        }
    }

    fn from() -> Address {
        Address::parse("sekimori@town.example.lg.jp").unwrap()
    }

    #[test]
    fn an_original_follows_its_trace_octet_for_octet() {
        let original = b"From: a@example.jp\r\nSubject: \x8c\x8f\r\n\r\n\x00\xff body\r\n";
        let now = Timestamp::japanese_time(1_789_977_600_000);
        let mail = resent(&one(Wanted::Original), &from(), "gw.example.lg.jp", now, original);
        assert!(mail.ends_with(original));
        let trace = String::from_utf8(mail[..mail.len() - original.len()].to_vec()).unwrap();
        assert_eq!(
            trace,
            "Resent-Date: Mon, 21 Sep 2026 17:00:00 +0900\r\n\
             Resent-From: <sekimori@town.example.lg.jp>\r\n\
             Resent-To: <yamada@inet.town.example.jp>\r\n\
             Resent-Message-ID: <hand-over.00000001A3.5@gw.example.lg.jp>\r\n\
             Sekimori-Hand-Over: 7F3K-9Q2M\r\n"
        );
    }

    #[test]
    fn parts_are_attached_as_octets_of_no_known_type() {
        let parts = vec![Part { name: "見積書.xlsm".to_owned(), octets: vec![0, 255, 7] }];
        let mail = with_parts(&one(Wanted::Parts(vec!["2".to_owned()])), &from(), parts).unwrap();
        let mail = String::from_utf8(mail).unwrap();
        assert!(mail.is_ascii() && mail.contains("application/octet-stream"), "{mail}");
        assert!(
            mail.contains("AP8H") && mail.contains("7F3K-9Q2M") == mail.contains("7F3K"),
            "{mail}"
        );
        assert!(!mail.contains("spreadsheet"), "{mail}");
    }
}
