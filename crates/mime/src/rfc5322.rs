//! Dates and mailboxes as mail-parser 0.11.9 reads them: the only file that names mail-parser, so
//! that another version is a change here alone.
//!
//! Everything that it is known to get wrong is kept from it. One mailbox is given at a time and its
//! size is bounded, for it joins the addresses of `<a@x> <b@y>` and is quadratic in broken
//! encoded-words. Encoded-words are decoded before, and what still looks like one is escaped. Zones
//! are read by the caller and names of months checked here, for it takes an unknown zone for UTC,
//! `+9900` for `+0300` and `Foo` for November.

use mail_parser::parsers::MessageStream;
use mail_parser::{DateTime, HeaderValue};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date and time of day without a zone. Always one of the calendar.
pub(crate) struct CivilTime(DateTime);

impl CivilTime {
    /// Reads `[day-of-week ","] day month year time-of-day` (RFC 5322 section 3.3).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut civil = DateTime::parse_rfc822(&format!("{text} +0000"))?;
        if civil.second == 60 {
            civil.second = 59;
        }
        let same = DateTime::from_timestamp(civil.to_timestamp_local());
        let month = MONTHS.get(usize::from(civil.month).checked_sub(1)?)?;
        let named = text.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(month));
        let in_calendar = named
            && civil.is_valid()
            && (same.year, same.month, same.day) == (civil.year, civil.month, civil.day);
        in_calendar.then_some(Self(civil))
    }

    /// Seconds since 1970, as if the zone were UTC.
    pub(crate) fn unix_seconds(&self) -> i64 {
        self.0.to_timestamp_local()
    }
}

/// What mail-parser finds in one mailbox.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadMailbox {
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
}

/// Reads one mailbox (RFC 5322 section 3.4) of unfolded text without a separator of mailboxes
/// outside of quotes, comments and angle brackets. `None` if something else is found in it.
pub(crate) fn mailbox(text: &str) -> Option<ReadMailbox> {
    // Without a line end the last token is not looked at.
    let line = format!("{}\n", escape_encoded_words(text));
    match MessageStream::new(line.as_bytes()).parse_address() {
        HeaderValue::Empty => Some(ReadMailbox::default()),
        HeaderValue::Address(mail_parser::Address::List(list)) => match list.as_slice() {
            [only] => Some(ReadMailbox {
                name: only.name.as_deref().map(str::to_owned),
                address: only.address.as_deref().map(str::to_owned),
            }),
            _ => None,
        },
        _ => None,
    }
}

/// Puts a backslash before each `=?` inside quotes, comments and angle brackets, and quotes around
/// it elsewhere, so that it stands for itself.
fn escape_encoded_words(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 1);
    let (mut quoted, mut comment, mut angle, mut backslash) = (false, 0_usize, false, false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let plain = !quoted && comment == 0 && !angle;
        if c == '=' && characters.peek() == Some(&'?') && !backslash {
            if plain {
                escaped.push_str("\"\\=?\"");
                characters.next();
            } else {
                escaped.push_str("\\=");
            }
            continue;
        }
        escaped.push(c);
        match c {
            _ if backslash => backslash = false,
            '\\' => backslash = !plain,
            '"' if comment == 0 && !angle => quoted = !quoted,
            '(' if !quoted => comment += 1,
            ')' if !quoted => comment = comment.saturating_sub(1),
            '<' if plain => angle = true,
            '>' if comment == 0 => angle = false,
            _ => {}
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_encoded_word_stands_for_itself() {
        for text in [
            "\"=?utf-8?q?evil=40example.com?=\" <a@b.jp>",
            "\"x =?utf-8?q?evil=40example.com?=\" <a@b.jp>",
            "=?utf-8?q?evil=40example.com?= <a@b.jp>",
        ] {
            let read = mailbox(text).unwrap();
            let name = read.name.unwrap();
            assert!(name.contains("=40"), "{text}: {name}");
            assert_eq!(read.address.as_deref(), Some("a@b.jp"), "{text}");
        }
    }

    #[test]
    fn more_than_one_mailbox_is_not_taken_for_one() {
        assert_eq!(mailbox("a@b.jp, c@d.jp"), None);
        assert_eq!(mailbox("g: a@b.jp;"), None);
    }
}
