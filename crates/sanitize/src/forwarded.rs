//! The head and foot of a message inside a message, as text.

use sekimori_mime::Header;
use sekimori_policy::Language;

use crate::record::Record;

/// Addresses of one field that the head names.
const MAX_NAMED: usize = 20;

const RULE: &str = "――――――――――";

/// The line under a message inside a message.
pub(crate) fn foot(language: Language) -> String {
    let words = match language {
        Language::Japanese => "転送されたメールここまで",
        Language::English => "End of the forwarded message",
    };
    format!("{RULE} {words} {RULE}\n")
}

/// Who wrote the message inside, to whom, when and about what.
pub(crate) fn head(header: &Header<'_>, language: Language, record: &mut Record) -> String {
    let is_japanese = language == Language::Japanese;
    let title = if is_japanese { "転送されたメール" } else { "Forwarded message" };
    let mut text = format!("{RULE} {title} {RULE}\n");
    let mut line = |japanese: &str, english: &str, value: String| {
        if !value.is_empty() {
            text.push_str(if is_japanese { japanese } else { english });
            text.push_str(&value);
            text.push('\n');
        }
    };
    line("差出人：", "From: ", mailboxes(header, "From", record));
    line("宛先　：", "To: ", mailboxes(header, "To", record));
    line("CC　　：", "Cc: ", mailboxes(header, "Cc", record));
    let date = header.date().map(|date| if is_japanese { date.japanese() } else { date.english() });
    line("日付　：", "Date: ", date.unwrap_or_default());
    let subject = header.text("Subject").map(|subject| record.decoded(subject));
    line("件名　：", "Subject: ", record.safe_line(&subject.unwrap_or_default()).to_string());
    text
}

fn mailboxes(header: &Header<'_>, name: &str, record: &mut Record) -> String {
    let addresses = header.addresses(name);
    let named = addresses.mailboxes.iter().take(MAX_NAMED).map(|mailbox| {
        let address = mailbox.address.as_ref().map(ToString::to_string).unwrap_or_default();
        match (&mailbox.name, address.is_empty()) {
            (Some(name), false) => format!("{name} <{address}>"),
            (Some(name), true) => name.clone(),
            (None, _) => address,
        }
    });
    let mut all = named.filter(|shown| !shown.is_empty()).collect::<Vec<_>>().join(", ");
    if addresses.mailboxes.len() > MAX_NAMED || addresses.cut > 0 {
        all.push_str(", …");
    }
    record.safe_line(&all).to_string()
}
