//! Domains and mail addresses as values that can only hold what is well formed.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// Longest domain in octets (RFC 5321 section 4.5.3.1.2).
pub const MAX_DOMAIN: usize = 255;
/// Longest label of a domain in octets (RFC 1035 section 2.3.4).
pub const MAX_LABEL: usize = 63;
/// Longest local part in octets that is accepted. RFC 5321 section 4.5.3.1.1 asks for 64; systems
/// that encode other addresses in theirs (VERP, SRS) go further.
pub const MAX_LOCAL_PART: usize = 255;

/// Why a string is not a domain or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing there.
    #[error("the address is empty")]
    Empty,
    /// No `@` between a local part and a domain.
    #[error("the address has no @")]
    NoAt,
    /// The part before the `@` is not a dot-string or quoted string of RFC 5321 section 4.1.2.
    #[error("the part before the @ is not well formed")]
    LocalPart,
    /// The part before the `@` is longer than [`MAX_LOCAL_PART`].
    #[error("the part before the @ is too long")]
    LocalPartTooLong,
    /// The part after the `@` is neither a domain nor an address literal.
    #[error("the domain is not well formed")]
    Domain,
}

/// A domain name or address literal, in lower case, without a trailing dot.
///
/// Letters, digits and hyphens in ASCII, plus underscore (in use) and non-ASCII letters (RFC 6531);
/// an address literal keeps its brackets. Equality is equality of domains.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

impl Domain {
    /// Reads a domain: a name with at least one label, or `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
    ///
    /// One trailing dot is dropped, since `example.jp.` names the same domain.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if let Some(literal) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            let known = literal.parse::<Ipv4Addr>().is_ok()
                || literal
                    .get(..5)
                    .filter(|tag| tag.eq_ignore_ascii_case("IPv6:"))
                    .and_then(|_| literal.get(5..))
                    .is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
            return if known {
                Ok(Self(text.to_ascii_lowercase()))
            } else {
                Err(AddressError::Domain)
            };
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() || name.len() > MAX_DOMAIN || !name.split('.').all(is_label) {
            return Err(AddressError::Domain);
        }
        Ok(Self(name.to_lowercase()))
    }

    /// The domain as text, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= MAX_LABEL
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| {
            c.is_ascii_alphanumeric()
                || c == '-'
                || c == '_'
                || (!c.is_ascii() && c.is_alphanumeric())
        })
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Domain {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> Self {
        domain.0
    }
}

/// A mailbox address: local part and domain (RFC 5321 section 4.1.2, `Mailbox`).
///
/// The local part is kept as it was spelled, quotes included. It may have dots where RFC 5321 has
/// none (`abc..def@docomo.ne.jp`), since such mailboxes exist. It never holds a control character,
/// a space outside quotes, an angle bracket outside quotes or a line break.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    text: String,
    at: usize,
    domain: Domain,
}

impl Address {
    /// Reads `local@domain`. The last `@` divides.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        Self::from_parts(local, &Domain::parse(domain)?)
    }

    /// Joins a local part and a domain.
    pub fn from_parts(local: &str, domain: &Domain) -> Result<Self, AddressError> {
        if local.len() > MAX_LOCAL_PART {
            return Err(AddressError::LocalPartTooLong);
        }
        if !(is_dot_string(local) || is_quoted_string(local)) {
            return Err(AddressError::LocalPart);
        }
        Ok(Self { text: format!("{local}@{domain}"), at: local.len(), domain: domain.clone() })
    }

    /// The part before the `@`, as spelled.
    pub fn local_part(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The whole address, `local@domain`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the address can be written without SMTPUTF8 (RFC 6531).
    pub fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }
}

fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(c)
        || (!c.is_ascii() && !c.is_control() && !c.is_whitespace())
}

fn is_dot_string(local: &str) -> bool {
    local.chars().any(|c| c != '.') && local.chars().all(|c| c == '.' || is_atext(c))
}

fn is_quoted_string(local: &str) -> bool {
    let Some(inner) = local.strip_prefix('"').and_then(|l| l.strip_suffix('"')) else {
        return false;
    };
    let mut escaped = false;
    for c in inner.chars() {
        if c.is_control() || (!c.is_ascii() && c.is_whitespace()) {
            return false;
        }
        match (escaped, c) {
            (true, _) => escaped = false,
            (false, '\\') => escaped = true,
            (false, '"') => return false,
            (false, _) => {}
        }
    }
    !escaped && !inner.is_empty()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_compare_without_case_and_trailing_dot() {
        assert_eq!(Domain::parse("Town.Example.LG.jp."), Domain::parse("town.example.lg.jp"));
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        let long = "a".repeat(64);
        for text in
            ["", ".", "a..b", "-a.jp", "a-.jp", "a b.jp", "a\r\nb.jp", "[300.1.1.1]", "[x]", &long]
        {
            assert_eq!(Domain::parse(text), Err(AddressError::Domain), "{text:?}");
        }
    }

    #[test]
    fn address_literals_are_domains() {
        for text in ["[192.0.2.1]", "[IPv6:2001:db8::1]", "[ipv6:::1]"] {
            assert!(Domain::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn mailboxes_in_use_are_accepted() {
        for text in [
            "abc..def@docomo.example.jp",
            "abc.@docomo.example.jp",
            "\"a b\"@example.jp",
            "\"a\\\"b\"@example.jp",
            "用户@例え.jp",
            "a=b+c%d@example.jp",
        ] {
            assert_eq!(Address::parse(text).map(|a| a.as_str().to_owned()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_could_break_a_header_line_is_refused() {
        for text in [
            "a b@example.jp",
            "a\r\nb@example.jp",
            "\"a\nb\"@example.jp",
            "a<b@example.jp",
            "@example.jp",
            "..@example.jp",
            "\"\"@example.jp",
            "\"a\"b\"@example.jp",
            "\"a\\\"@example.jp",
            "a@",
            "a",
        ] {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_local_part_over_the_bound_is_refused() {
        let text = format!("{}@example.jp", "a".repeat(MAX_LOCAL_PART + 1));
        assert_eq!(Address::parse(&text), Err(AddressError::LocalPartTooLong));
    }
}
