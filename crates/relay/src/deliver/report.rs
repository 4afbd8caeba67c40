//! Delivery reports for senders (RFC 3464, in a multipart/report of RFC 6522).
//!
//! They go to the Internet segment only, in words of ours: the text explains in Japanese and English,
//! the second part is for machines. The original is not returned (it may have been anything), only
//! its number here and what the next hop said.

use std::fmt::Write;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sekimori_journal::{Body, ClientRecord, NewMessage, Route, Summary};
use sekimori_policy::{
    Address, Decisions, Envelope, Outcome, QueueId, ReferenceNumber, ReversePath, Timestamp,
};

use super::words::status_of;

/// Recipients named in one report. Further ones are counted.
const MAX_RECIPIENTS: usize = 100;
/// Octets of a hop's words that are repeated for each recipient.
const MAX_REPLY: usize = 400;
/// Characters of an encoded line (RFC 2045 section 6.8).
const BASE64_LINE: usize = 76;
/// Days that a report stays findable.
const KEEP_DAYS: u32 = 30;

/// What a report tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Delivery is late and still being tried.
    Delayed,
    /// Delivery failed for good.
    Failed {
        /// Because it was tried for too long, not because the hop said no.
        given_up: bool,
    },
}

/// One recipient of the message reported on.
#[derive(Debug, Clone)]
pub(super) struct Reported {
    pub(super) address: Address,
    pub(super) reply: String,
}

/// The message reported on.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) queue_id: QueueId,
    pub(super) organisation: &'a str,
    pub(super) received_at: Timestamp,
    pub(super) give_up: Duration,
}

/// A report, ready for the journal.
#[expect(clippy::too_many_arguments, reason = "a report is made of just these")]
pub(super) fn message(
    host: &str,
    from: &Address,
    sender: &Address,
    kind: Kind,
    recipients: &[Reported],
    about: &About<'_>,
    at: Timestamp,
    (queue_id, reference): (QueueId, ReferenceNumber),
) -> NewMessage {
    let text = compose(host, from, sender, kind, recipients, about, at, queue_id);
    let body = Body::compress(text.as_bytes());
    NewMessage {
        queue_id,
        reference,
        route: Route::Return,
        organisation: about.organisation.to_owned(),
        envelope: Envelope { sender: ReversePath::NULL, recipients: vec![sender.clone()] },
        received_at: at,
        keep_until: at.plus_days(KEEP_DAYS),
        client: ClientRecord::default(),
        outcome: Outcome::Deliver,
        summary: Summary {
            from: from.as_str().to_owned(),
            subject: subject(kind).to_owned(),
            message_id: None,
            date: Some(at),
        },
        size: body.plain_octets(),
        text: body,
        decisions: Decisions::new(),
        removed: Vec::new(),
    }
}

fn subject(kind: Kind) -> &'static str {
    match kind {
        Kind::Delayed => "Delayed mail (still being retried)",
        Kind::Failed { .. } => "Undelivered mail returned to sender",
    }
}

#[expect(clippy::too_many_arguments, reason = "a report is made of just these")]
fn compose(
    host: &str,
    from: &Address,
    sender: &Address,
    kind: Kind,
    recipients: &[Reported],
    about: &About<'_>,
    at: Timestamp,
    queue_id: QueueId,
) -> String {
    let boundary = format!("=_sekimori_{queue_id}");
    let mut text = String::new();
    let mut line = |content: &str| {
        text.push_str(content);
        text.push_str("\r\n");
    };
    line(&format!("Date: {}", at.rfc5322()));
    line(&format!("From: Mail Delivery System <{from}>"));
    line(&format!("To: <{sender}>"));
    line(&format!("Subject: {}", subject(kind)));
    line(&format!("Message-ID: <report.{queue_id}@{host}>"));
    line("Auto-Submitted: auto-replied");
    line("MIME-Version: 1.0");
    line("Content-Type: multipart/report; report-type=delivery-status;");
    line(&format!("\tboundary=\"{boundary}\""));
    line("");
    line(&format!("--{boundary}"));
    line("Content-Type: text/plain; charset=utf-8");
    // Encoded, since not every mail server on the way back takes 8-bit text.
    line("Content-Transfer-Encoding: base64");
    line("");
    let explanation = STANDARD.encode(explanation(kind, recipients, about).join("\r\n"));
    for encoded in explanation.as_bytes().chunks(BASE64_LINE) {
        line(str::from_utf8(encoded).unwrap_or_default());
    }
    line("");
    line(&format!("--{boundary}"));
    line("Content-Type: message/delivery-status");
    line("");
    line(&format!("Reporting-MTA: dns; {host}"));
    line(&format!("X-Sekimori-Queue-ID: {}", about.queue_id));
    line(&format!("Arrival-Date: {}", about.received_at.rfc5322()));
    for recipient in recipients.iter().take(MAX_RECIPIENTS) {
        for content in recipient_fields(kind, recipient) {
            line(&content);
        }
    }
    line("");
    line(&format!("--{boundary}--"));
    text
}

fn recipient_fields(kind: Kind, recipient: &Reported) -> Vec<String> {
    let (action, status) = match kind {
        Kind::Delayed => ("delayed", status_of(&recipient.reply, "4.0.0")),
        Kind::Failed { given_up: true } => ("failed", "4.4.7".to_owned()),
        Kind::Failed { given_up: false } => ("failed", status_of(&recipient.reply, "5.0.0")),
    };
    vec![
        String::new(),
        format!("Final-Recipient: {}", typed_address(&recipient.address)),
        format!("Action: {action}"),
        format!("Status: {status}"),
        format!("Diagnostic-Code: smtp; {}", one_line(&recipient.reply, true)),
    ]
}

/// An address with its type: `rfc822`, or `utf-8` of RFC 6533 section 3 where it is not ASCII.
fn typed_address(address: &Address) -> String {
    if address.is_ascii() {
        format!("rfc822; {address}")
    } else {
        let escaped = address.as_str().chars().fold(String::new(), |mut text, c| {
            if c.is_ascii() && c != '\\' {
                text.push(c);
            } else {
                // Writing to a string does not fail.
                let _ = write!(text, "\\x{{{:X}}}", u32::from(c));
            }
            text
        });
        format!("utf-8; {escaped}")
    }
}

/// The hop's words on one line, of bounded length.
fn one_line(reply: &str, ascii: bool) -> String {
    let mut line = String::new();
    for c in reply.chars() {
        if line.len() >= MAX_REPLY {
            break;
        }
        let printable = !c.is_control() && (c.is_ascii() || !ascii);
        line.push(if printable { c } else { '?' });
    }
    line
}

fn explanation(kind: Kind, recipients: &[Reported], about: &About<'_>) -> Vec<String> {
    let days = about.give_up.as_secs() / 86_400;
    let (japanese, english) = match kind {
        Kind::Delayed => (
            format!(
                "メールの配送が遅れています。引き続き、受信から{days}日間は配送を試みます。再送は不要です。"
            ),
            format!(
                "Your mail is delayed. Delivery will be tried for {days} days after receipt; \
                 there is no need to send it again."
            ),
        ),
        Kind::Failed { given_up: true } => (
            format!("{days}日間配送を試みましたが、次の宛先にメールを届けられませんでした。"),
            format!("Your mail could not be delivered within {days} days to the recipients below."),
        ),
        Kind::Failed { given_up: false } => (
            "次の宛先にメールを届けられませんでした。".to_owned(),
            "Your mail could not be delivered to the recipients below.".to_owned(),
        ),
    };
    let mut lines = vec![
        "これはメール配送システムからの自動の通知です。".to_owned(),
        japanese,
        String::new(),
        "This is an automatic notice of the mail system.".to_owned(),
        english,
        String::new(),
    ];
    for recipient in recipients.iter().take(MAX_RECIPIENTS) {
        lines.push(format!("<{}>", recipient.address));
        lines.push(format!("    {}", one_line(&recipient.reply, false)));
    }
    if let Some(more) = recipients.len().checked_sub(MAX_RECIPIENTS).filter(|&more| more > 0) {
        lines.push(format!("ほか{more}件 / and {more} more"));
    }
    lines.push(String::new());
    lines.push(format!("受信日時 / received: {}", about.received_at.rfc5322()));
    lines.push(format!("管理番号 / queue id: {}", about.queue_id));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(kind: Kind, recipients: &[Reported]) -> String {
        let at = Timestamp::japanese_time(1_789_977_600_000);
        let about = About {
            queue_id: QueueId(0x1A3),
            organisation: "山北町",
            received_at: at,
            give_up: Duration::from_secs(5 * 86_400),
        };
        let address = |text| Address::parse(text).unwrap();
        compose(
            "gw.example.lg.jp",
            &address("postmaster@town.example.lg.jp"),
            &address("sender@example.jp"),
            kind,
            recipients,
            &about,
            at,
            QueueId(0x1A4),
        )
    }

    /// The decoded first part.
    fn explained(text: &str) -> String {
        let encoded = text.split("base64\r\n\r\n").nth(1).unwrap();
        let encoded = encoded.split("\r\n--").next().unwrap().replace("\r\n", "");
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    }

    fn recipient(address: &str, reply: &str) -> Reported {
        Reported { address: Address::parse(address).unwrap(), reply: reply.to_owned() }
    }

    #[test]
    fn a_refusal_is_reported_with_its_status_and_the_hop_s_words() {
        let text = report(
            Kind::Failed { given_up: false },
            &[recipient("a@town.example.lg.jp", "550 5.1.1 no such user")],
        );
        for expected in [
            "Auto-Submitted: auto-replied\r\n",
            "Content-Type: multipart/report; report-type=delivery-status;\r\n",
            "\r\nReporting-MTA: dns; gw.example.lg.jp\r\n",
            "\r\nFinal-Recipient: rfc822; a@town.example.lg.jp\r\nAction: failed\r\nStatus: 5.1.1\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
        assert!(explained(&text).contains("次の宛先にメールを届けられませんでした。"));
    }

    #[test]
    fn a_delay_says_that_nothing_is_lost() {
        let text = report(Kind::Delayed, &[recipient("a@town.example.lg.jp", "no answer")]);
        assert!(text.contains("Action: delayed\r\nStatus: 4.0.0\r\n"), "{text}");
        assert!(explained(&text).contains("再送は不要です"), "{text}");
    }

    #[test]
    fn giving_up_has_the_status_for_time() {
        let text = report(
            Kind::Failed { given_up: true },
            &[recipient("a@town.example.lg.jp", "451 4.3.0 later")],
        );
        assert!(text.contains("Action: failed\r\nStatus: 4.4.7\r\n"), "{text}");
    }

    #[test]
    fn a_hop_s_words_cannot_add_lines_or_grow_without_bound() {
        let reply = format!("550 x\r\nBcc: a@b.jp\r\n{}", "あ".repeat(1_000));
        let text =
            report(Kind::Failed { given_up: false }, &[recipient("a@town.example.lg.jp", &reply)]);
        assert!(text.is_ascii());
        assert!(!text.contains("\r\nBcc") && !explained(&text).contains("\r\nBcc"), "{text}");
        assert!(text.lines().all(|line| line.len() < 998));
    }

    #[test]
    fn many_recipients_are_counted() {
        let many: Vec<_> =
            (0..150).map(|n| recipient(&format!("a{n}@town.example.lg.jp"), "550")).collect();
        let text = report(Kind::Failed { given_up: false }, &many);
        assert_eq!(text.matches("Final-Recipient").count(), MAX_RECIPIENTS);
        assert!(explained(&text).contains("and 50 more"));
    }
}
