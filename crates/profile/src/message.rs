//! A whole message of the profile, and how it is written.

use sekimori_policy::Timestamp;

use crate::folding::Field;
use crate::transfer::TransferEncoding;
use crate::{
    AutoSubmitted, ListId, Mailbox, Mailboxes, MessageId, Received, ResultField, SafeLine, SafeText,
};

/// A message that may cross, as values that can only hold what may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// Trace of our own kind, newest first. The verifier takes at most
    /// [`verify::MAX_RECEIVED`](crate::verify::MAX_RECEIVED).
    pub received: Vec<Received>,
    /// When it was written.
    pub date: Timestamp,
    /// Who it is from (差出人).
    pub from: Mailboxes,
    /// Who sent it for them, where that is someone else or `from` has several mailboxes.
    pub sender: Option<Mailbox>,
    /// Where answers go. Not written when empty, and so for the next ones.
    pub reply_to: Vec<Mailbox>,
    /// Who it is to.
    pub to: Vec<Mailbox>,
    /// Who has a copy.
    pub cc: Vec<Mailbox>,
    /// The subject (件名).
    pub subject: Option<SafeLine>,
    /// The message's identifier.
    pub message_id: Option<MessageId>,
    /// The identifiers of the messages that this one answers.
    pub in_reply_to: Vec<MessageId>,
    /// The identifiers of the thread, oldest first.
    pub references: Vec<MessageId>,
    /// Whether a machine sent it.
    pub auto_submitted: Option<AutoSubmitted>,
    /// The mailing list it came through.
    pub list_id: Option<ListId>,
    /// What was done to it.
    pub result: ResultField,
    /// The text. A line end is added after its last line where it has none.
    pub body: SafeText,
}

/// Room reserved for header fields beside the body.
const HEADER_ROOM: usize = 2_048;

/// Writes a message: ASCII with CRLF line ends, header fields folded at 76 octets, a body in the
/// shortest fitting transfer encoding. The same message is always written the same way.
pub fn write(message: &TextMessage) -> Vec<u8> {
    let body = message.body.as_str();
    let encoding = TransferEncoding::for_text(body);
    let mut out = Vec::with_capacity(HEADER_ROOM + body.len() + body.len() / 2);
    for received in &message.received {
        out.extend_from_slice(received.field().as_bytes());
    }
    write_text(&mut out, "Date", &message.date.rfc5322());
    write_mailboxes(&mut out, "From", message.from.as_slice());
    write_mailboxes(&mut out, "Sender", message.sender.as_slice());
    write_mailboxes(&mut out, "Reply-To", &message.reply_to);
    write_mailboxes(&mut out, "To", &message.to);
    write_mailboxes(&mut out, "Cc", &message.cc);
    if let Some(subject) = message.subject.as_ref().filter(|subject| !subject.is_empty()) {
        let mut field = Field::new(&mut out, "Subject");
        field.text(subject);
        field.end();
    }
    write_ids(&mut out, "Message-ID", message.message_id.as_slice());
    write_ids(&mut out, "In-Reply-To", &message.in_reply_to);
    write_ids(&mut out, "References", &message.references);
    if let Some(auto_submitted) = message.auto_submitted {
        write_text(&mut out, "Auto-Submitted", auto_submitted.as_str());
    }
    if let Some(list_id) = &message.list_id {
        write_text(&mut out, "List-Id", list_id.as_str());
    }
    write_text(&mut out, "MIME-Version", "1.0");
    write_text(&mut out, "Content-Type", "text/plain; charset=utf-8");
    write_text(&mut out, "Content-Transfer-Encoding", encoding.as_str());
    write_result(&mut out, &message.result);
    out.extend_from_slice(b"\r\n");
    encoding.write(body, &mut out);
    out
}

/// Writes a field whose value is one token.
fn write_text(out: &mut Vec<u8>, name: &str, value: &str) {
    let mut field = Field::new(out, name);
    field.token(value);
    field.end();
}

fn write_mailboxes(out: &mut Vec<u8>, name: &str, mailboxes: &[Mailbox]) {
    if !mailboxes.is_empty() {
        let mut field = Field::new(out, name);
        field.mailboxes(mailboxes);
        field.end();
    }
}

fn write_ids(out: &mut Vec<u8>, name: &str, ids: &[MessageId]) {
    if !ids.is_empty() {
        let mut field = Field::new(out, name);
        for id in ids {
            field.token(id.as_str());
        }
        field.end();
    }
}

fn write_result(out: &mut Vec<u8>, result: &ResultField) {
    let (members, codes) = result.pieces();
    let mut field = Field::new(out, "Sekimori-Result");
    for member in &members {
        field.token(member);
    }
    for (index, code) in codes.iter().enumerate() {
        let comma = if index + 1 < codes.len() { "," } else { "" };
        if index == 0 {
            field.token(&format!("codes={code}{comma}"));
        } else {
            field.close_token(&format!("{code}{comma}"));
        }
    }
    field.end();
}
