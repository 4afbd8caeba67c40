//! Identifiers and the automatic-submission mark.

use std::fmt;
use std::str::FromStr;

use crate::ProfileError;

/// A message identifier with its angle brackets (RFC 5322 section 3.6.4): `<left@right>`.
///
/// Both sides are of visible ASCII characters without quotes, brackets of comments, commas,
/// semicolons, backslashes and further `@`; identifiers of that form are what mail in use has.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(String);

impl MessageId {
    /// Longest identifier in octets, brackets included.
    pub const MAX_OCTETS: usize = 500;

    /// Reads an identifier, with or without its angle brackets.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let inner = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text);
        let (left, right) = inner.split_once('@').ok_or(ProfileError::MessageId)?;
        let fits = inner.len() + 2 <= Self::MAX_OCTETS
            && !left.is_empty()
            && !right.is_empty()
            && left.bytes().all(is_id_octet)
            && right.bytes().all(is_id_octet);
        if !fits {
            Err(ProfileError::MessageId)
        } else if inner.contains("=?") {
            Err(ProfileError::LooksEncoded)
        } else {
            Ok(Self(format!("<{inner}>")))
        }
    }

    /// The identifier with its angle brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_id_octet(b: u8) -> bool {
    b.is_ascii_graphic() && !b"<>()\",;\\@".contains(&b)
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A list identifier with its angle brackets (RFC 2919 section 3), without the list's description.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListId(String);

impl ListId {
    /// Longest identifier in octets, brackets included (RFC 2919 section 2 allows 255 without).
    pub const MAX_OCTETS: usize = 257;

    /// Reads an identifier, with or without its angle brackets: labels of letters, digits, `-`,
    /// `_`, `+`, joined by single dots.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let inner = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text);
        let is_label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+".contains(&b))
        };
        if inner.len() + 2 <= Self::MAX_OCTETS && inner.split('.').all(is_label) {
            Ok(Self(format!("<{inner}>")))
        } else {
            Err(ProfileError::ListId)
        }
    }

    /// The identifier with its angle brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a machine sent the message (RFC 3834 section 5, RFC 5436 section 2.7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AutoSubmitted {
    /// A person did.
    No,
    /// A machine did, of its own accord.
    Generated,
    /// A machine did, in answer to another message.
    Replied,
    /// A machine did, as a notification that a person asked for.
    Notified,
}

impl AutoSubmitted {
    /// The keyword as written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Generated => "auto-generated",
            Self::Replied => "auto-replied",
            Self::Notified => "auto-notified",
        }
    }
}

impl FromStr for AutoSubmitted {
    type Err = ProfileError;

    /// Reads the keyword without regard to case; parameters and comments after it are left out.
    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let keyword = text.trim().split([';', '(', ' ', '\t']).next().unwrap_or_default();
        [Self::No, Self::Generated, Self::Replied, Self::Notified]
            .into_iter()
            .find(|value| value.as_str().eq_ignore_ascii_case(keyword))
            .ok_or(ProfileError::AutoSubmitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_in_use_are_read() {
        for text in [
            "<20260921080000.1A2B@town.example.lg.jp>",
            "<CAF=x+y_z-1@mail.example.com>",
            "<000001dc$a1:b2@[192.0.2.1]>",
        ] {
            assert_eq!(MessageId::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(MessageId::parse("a@b").unwrap().as_str(), "<a@b>");
    }

    #[test]
    fn what_could_break_a_line_or_mislead_is_no_identifier() {
        let long = format!("<{}@b>", "a".repeat(MessageId::MAX_OCTETS));
        for text in [
            "",
            "<>",
            "<@b>",
            "<a@>",
            "<a>",
            "<a b@c>",
            "<a\r\n@c>",
            "<a@b> <c@d>",
            "<é@b>",
            "<a@b@c>",
            "<\"a\"@b>",
            "<a(b)@c>",
            &long,
        ] {
            assert_eq!(MessageId::parse(text), Err(ProfileError::MessageId), "{text:?}");
        }
        assert_eq!(MessageId::parse("<=?utf-8?q?a?=@b>"), Err(ProfileError::LooksEncoded));
    }

    #[test]
    fn list_identifiers_are_dotted_labels() {
        assert_eq!(
            ListId::parse("kouhou.list.example.jp").unwrap().as_str(),
            "<kouhou.list.example.jp>"
        );
        let long = "a".repeat(ListId::MAX_OCTETS);
        for text in ["", "<>", "a..b", "a b", "a@b", "<a\n>", &long] {
            assert_eq!(ListId::parse(text), Err(ProfileError::ListId), "{text:?}");
        }
    }

    #[test]
    fn automatic_submission_is_a_keyword() {
        assert_eq!("Auto-Replied; owner-email=a@b".parse(), Ok(AutoSubmitted::Replied));
        assert_eq!("no".parse(), Ok(AutoSubmitted::No));
        assert_eq!("auto-evil".parse::<AutoSubmitted>(), Err(ProfileError::AutoSubmitted));
    }
}
