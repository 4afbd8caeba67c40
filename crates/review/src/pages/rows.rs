//! Rows of lists: messages as a list shows them.

use sekimori_journal::{Listed, State};
use sekimori_policy::{Code, Effect};

use super::shell::Shell;
use crate::words::MessageWords;

/// One message in a list.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its queue id.
    pub(crate) id: String,
    /// Its 受付番号.
    pub(crate) reference: String,
    /// What has become of it.
    pub(crate) state: StateSign,
    /// Its organisation.
    pub(crate) organisation: String,
    /// When it was received.
    pub(crate) received: String,
    /// 差出人: the name, or the address where there is none.
    pub(crate) from: String,
    /// 差出人: the address beside the name.
    pub(crate) from_address: String,
    /// 件名.
    pub(crate) subject: String,
    /// 宛先, the first.
    pub(crate) recipient: String,
    /// How many more recipients there are.
    pub(crate) more_recipients: u32,
    /// How many parts were removed.
    pub(crate) removed: u32,
    /// The decision that matters most, in a sentence.
    pub(crate) why: Option<&'static str>,
    /// Whether a request is open.
    pub(crate) requested: bool,
}

/// A state in words, colour and shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StateSign {
    /// Class of the style sheet.
    pub(crate) class: &'static str,
    /// The shape, which tells it where colour does not.
    pub(crate) shape: &'static str,
    /// The words.
    pub(crate) words: &'static str,
}

impl StateSign {
    /// The sign of a message's state.
    pub(crate) fn of(state: State, w: &MessageWords) -> Self {
        let shape = match state {
            State::Queued => "▶",
            State::Held => "◆",
            State::Delivered => "✔",
            State::Failed => "▲",
            State::Deleted => "✕",
        };
        Self { class: state.as_str(), shape, words: w.state(state) }
    }
}

impl Row {
    /// A row in the language of a shell.
    pub(crate) fn new(listed: Listed, shell: &Shell) -> Self {
        let w = MessageWords::of(shell.language);
        let blank =
            |text: String, words: &str| if text.is_empty() { words.to_owned() } else { text };
        let (from, from_address) = parted(blank(listed.from, &listed.sender));
        Self {
            id: listed.queue_id.to_string(),
            reference: listed.reference.to_string(),
            state: StateSign::of(listed.state, w),
            organisation: listed.organisation,
            received: shell.date(&listed.received_at),
            from: blank(from, w.no_sender),
            from_address,
            subject: blank(listed.subject, w.no_subject),
            recipient: listed
                .recipients
                .first()
                .map(|address| address.as_str().to_owned())
                .unwrap_or_default(),
            more_recipients: listed.recipient_count.saturating_sub(1),
            removed: listed.removed_count,
            why: foremost(&listed.codes).map(|code| shell.sentence(code)),
            requested: listed.requested,
        }
    }
}

/// A name and the address behind it, as `From` has them; the whole as the name where it has no such
/// form.
fn parted(from: String) -> (String, String) {
    match from.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) if !name.trim().is_empty() => {
            (name.trim().to_owned(), address.to_owned())
        }
        _ => (from, String::new()),
    }
}

/// The decision that a reader wants to know first: why it is held, then what is worth knowing, then
/// what does not cross.
fn foremost(codes: &[Code]) -> Option<Code> {
    let rank = |code: &Code| match code.effect() {
        Effect::Hold | Effect::Reject => 0,
        Effect::Note => 1,
        Effect::Drop => 2,
        Effect::Change => 3,
    };
    codes.iter().copied().min_by_key(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_before_its_address() {
        let of = |from: &str| parted(from.to_owned());
        assert_eq!(of("山田 <y@example.jp>"), ("山田".to_owned(), "y@example.jp".to_owned()));
        assert_eq!(of("y@example.jp"), ("y@example.jp".to_owned(), String::new()));
        assert_eq!(of("<y@example.jp>"), ("<y@example.jp>".to_owned(), String::new()));
    }

    #[test]
    fn a_row_says_first_why_a_message_is_held() {
        let codes = [Code::HtmlToText, Code::AttachmentRemoved, Code::HoldReview];
        assert_eq!(foremost(&codes), Some(Code::HoldReview));
        assert_eq!(foremost(&[]), None);
    }
}
