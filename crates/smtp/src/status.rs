//! What became of a message, as a gate tells it to the half that handed the message in.
//!
//! After `XSTATUS queue-id` a 250 has one line for each recipient, in the order of their RCPT: its
//! position and `waiting`, `delivered`, or `failed` with the subject and detail of an enhanced code
//! (RFC 3463). 554 says that there is no record of the message. Nothing else is ever told: no word
//! of the next mail server's crosses back.
//!
//! ```text
//! C: XSTATUS 00000001A3
//! S: 250-2.0.0 0 delivered
//! S: 250 2.0.0 1 failed 5.1.1
//! ```

use std::borrow::Cow;

use crate::{EnhancedCode, Reply, ReplyCode};

/// The keyword in the reply to EHLO, and the command.
pub const KEYWORD: &str = "XSTATUS";
/// Most recipients that are read of one reply.
pub const MAX_RECIPIENTS: usize = 10_000;

/// What became of a message for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientStatus {
    /// It is still to be delivered.
    Waiting,
    /// The next mail server has taken it.
    Delivered,
    /// It was refused for good, or given up.
    Failed(EnhancedCode),
}

impl RecipientStatus {
    fn line(self, position: usize) -> Cow<'static, str> {
        match self {
            Self::Waiting => format!("{position} waiting").into(),
            Self::Delivered => format!("{position} delivered").into(),
            Self::Failed(EnhancedCode { subject, detail }) => {
                format!("{position} failed 5.{subject}.{detail}").into()
            }
        }
    }

    fn parse(line: &str, position: usize) -> Option<Self> {
        let line = line.strip_prefix("2.0.0 ")?;
        let mut words = line.split(' ');
        if words.next()? != position.to_string() {
            return None;
        }
        let status = match (words.next()?, words.next()) {
            ("waiting", None) => Self::Waiting,
            ("delivered", None) => Self::Delivered,
            ("failed", Some(code)) => Self::Failed(enhanced(code)?),
            _ => return None,
        };
        words.next().is_none().then_some(status)
    }
}

fn enhanced(code: &str) -> Option<EnhancedCode> {
    let (subject, detail) = code.strip_prefix("5.")?.split_once('.')?;
    let number = |digits: &str| {
        let number: u16 = digits.parse().ok()?;
        // In one form: no sign, no zero in front.
        (number < 1_000 && number.to_string() == digits).then_some(number)
    };
    Some(EnhancedCode { subject: number(subject)?, detail: number(detail)? })
}

/// The reply that tells what became of each recipient, of whom there must be one.
pub fn reply(recipients: &[RecipientStatus]) -> Reply {
    let lines = recipients.iter().enumerate().map(|(at, status)| status.line(at)).collect();
    Reply::with_lines(ReplyCode::OK, EnhancedCode { subject: 0, detail: 0 }, lines)
}

/// 554 5.3.0: there is no record of the message.
pub fn unknown() -> Reply {
    Reply::new(ReplyCode::FAILED, 3, 0, "No record of such a message")
}

/// Reads the lines of a 250, without their codes. `None` when they are not of the form.
pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<Vec<RecipientStatus>> {
    let lines = lines.into_iter().take(MAX_RECIPIENTS.saturating_add(1)).enumerate();
    let read: Option<Vec<_>> = lines.map(|(at, line)| RecipientStatus::parse(line, at)).collect();
    read.filter(|read| (1..=MAX_RECIPIENTS).contains(&read.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: RecipientStatus =
        RecipientStatus::Failed(EnhancedCode { subject: 1, detail: 1 });

    fn written(reply: &Reply) -> String {
        let mut out = Vec::new();
        reply.write_to(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_recipient_has_a_line() {
        let all = [RecipientStatus::Waiting, RecipientStatus::Delivered, REFUSED];
        assert_eq!(
            written(&reply(&all)),
            "250-2.0.0 0 waiting\r\n250-2.0.0 1 delivered\r\n250 2.0.0 2 failed 5.1.1\r\n"
        );
        let lines = ["2.0.0 0 waiting", "2.0.0 1 delivered", "2.0.0 2 failed 5.1.1"];
        assert_eq!(parse(lines), Some(all.to_vec()));
    }

    #[test]
    fn nothing_else_is_read() {
        for line in [
            "",
            "0 waiting",
            "2.0.0 1 waiting",
            "2.0.0 00 waiting",
            "2.0.0 0 failed 5.01.1",
            "2.0.0 0 failed 5.+1.1",
            "2.0.0 0 waiting for long",
            "2.0.0 0 failed",
            "2.0.0 0 failed 4.1.1",
            "2.0.0 0 failed 5.1.1 by whom",
            "2.0.0 0 failed 5.1.1000",
            "2.0.0 0 failed 5.+1.1",
            "2.0.0 0  waiting",
        ] {
            assert_eq!(parse([line]), None, "{line}");
        }
        assert_eq!(parse([]), None);
    }

    #[test]
    fn more_recipients_than_a_message_may_have_are_not_read() {
        let lines: Vec<String> =
            (0..=MAX_RECIPIENTS).map(|at| format!("2.0.0 {at} delivered")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(parse(lines.iter().copied()), None);
        assert!(parse(lines.iter().copied().take(MAX_RECIPIENTS)).is_some());
    }
}
