//! Mailboxes as `From`, `To` and their like hold them.

use sekimori_policy::Address;

use crate::{HostName, ProfileError, SafeLine};

/// An address in ASCII that no reader can take for an encoded-word.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AsciiAddress(String);

impl AsciiAddress {
    /// Takes an address that can be written without SMTPUTF8 (RFC 6531) and holds no `=?`, which
    /// RFC 2047 section 5 forbids decoding in an address but some readers decode all the same.
    pub fn new(address: Address) -> Result<Self, ProfileError> {
        if !address.is_ascii() {
            Err(ProfileError::NotAscii)
        } else if address.as_str().contains("=?") {
            Err(ProfileError::LooksEncoded)
        } else {
            Ok(Self(address.into()))
        }
    }

    /// The postmaster of a host, who always exists (RFC 5321 section 4.5.1).
    pub fn postmaster(host: &HostName) -> Self {
        Self(format!("postmaster@{}", host.as_str()))
    }

    /// The address as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One mailbox: an address, and the name shown with it (RFC 5322 section 3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name. An empty one is not written.
    pub name: Option<SafeLine>,
    /// The address.
    pub address: AsciiAddress,
}

/// One mailbox or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailboxes(Vec<Mailbox>);

impl Mailboxes {
    /// Takes a list that is not empty.
    pub fn new(mailboxes: Vec<Mailbox>) -> Result<Self, ProfileError> {
        if mailboxes.is_empty() { Err(ProfileError::NoMailbox) } else { Ok(Self(mailboxes)) }
    }

    /// The mailboxes, at least one.
    pub fn as_slice(&self) -> &[Mailbox] {
        &self.0
    }
}

impl From<Mailbox> for Mailboxes {
    fn from(mailbox: Mailbox) -> Self {
        Self(vec![mailbox])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(text: &str) -> Result<AsciiAddress, ProfileError> {
        AsciiAddress::new(Address::parse(text).unwrap())
    }

    #[test]
    fn addresses_that_need_smtputf8_cannot_be_written() {
        assert_eq!(ascii("用户@example.jp"), Err(ProfileError::NotAscii));
        assert_eq!(ascii("a@例え.jp"), Err(ProfileError::NotAscii));
    }

    #[test]
    fn an_address_that_looks_like_an_encoded_word_cannot_be_written() {
        assert_eq!(ascii("=?utf-8?q?a?=@example.jp"), Err(ProfileError::LooksEncoded));
    }

    #[test]
    fn addresses_in_use_can_be_written() {
        for text in ["abc..def@docomo.example.jp", "\"a b\"@example.jp", "a@[192.0.2.1]"] {
            assert_eq!(ascii(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_list_of_nobody_is_no_list() {
        assert_eq!(Mailboxes::new(Vec::new()), Err(ProfileError::NoMailbox));
    }
}
