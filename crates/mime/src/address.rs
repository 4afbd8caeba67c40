//! Mailboxes of address fields (RFC 5322 section 3.4).
//!
//! charset rewrites a field to UTF-8 in which decoded names are quoted-strings (and leaves
//! encoded-words alone where an address should stand), `mailbox_list` cuts it into mailboxes, mail-parser divides name and address, and an address is only taken if exactly
//! it stands outside of every quoted-string and comment: no text of a name becomes an address.

use sekimori_policy::{Address, AddressError};

use crate::header::Header;
use crate::mailbox_list::{Item, MailboxList, bracket_length, comment_length, quoted_length};
use crate::rfc5322;

/// Longest mailbox that is read, in octets of UTF-8, name and address together.
pub const MAX_MAILBOX: usize = 2048;

/// The mailboxes of every field of one name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addresses {
    /// The mailboxes in order, those of groups among them; at most `Limits::addresses`.
    pub mailboxes: Vec<Mailbox>,
    /// The names of groups, without their quotes; at most `Limits::addresses`.
    pub groups: Vec<String>,
    /// How many mailboxes and groups there were beyond `Limits::addresses`.
    pub cut: usize,
    /// How many characters could not be decoded and are shown as 〓.
    pub replaced: u64,
}

/// One mailbox of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name, decoded; a comment where there is no other. Never blank. It may hold any
    /// character but a line end.
    pub name: Option<String>,
    /// The address, if there is one that can be written again.
    pub address: Option<Address>,
    /// Why there is no address. `None` exactly if there is one.
    pub unusable: Option<Unusable>,
}

/// Why a mailbox has no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Nothing in it has an `@`.
    #[error("there is no address")]
    Missing,
    /// What stands for the address is none.
    #[error("{text:?} is no address: {error}")]
    Malformed {
        /// What stands there.
        text: String,
        /// What is wrong with it.
        error: AddressError,
    },
    /// It could be read as more than one address.
    #[error("{text:?} can be read in more than one way")]
    Uncertain {
        /// The mailbox as it stands, decoded.
        text: String,
    },
    /// It is longer than [`MAX_MAILBOX`]; nothing of it is kept here.
    #[error("the mailbox has {octets} octets")]
    TooLong {
        /// Its size.
        octets: usize,
    },
}

impl Mailbox {
    fn new(name: Option<String>, address: Result<Address, Unusable>) -> Self {
        let (address, unusable) = match address {
            Ok(address) => (Some(address), None),
            Err(unusable) => (None, Some(unusable)),
        };
        Self { name, address, unusable }
    }
}

impl Header<'_> {
    /// The mailboxes of every field of that name, such as `From` or `Cc`. None is lost without a
    /// trace: one that cannot be read is there with its name and the reason.
    pub fn addresses(&self, name: &str) -> Addresses {
        let mut addresses = Addresses::default();
        for value in self.all(name) {
            let rewritten = sekimori_charset::unfold_structured(value);
            addresses.replaced += rewritten.replaced;
            for item in MailboxList::new(&rewritten.text) {
                addresses.add(&item, self.address_limit);
            }
        }
        addresses
    }
}

impl Addresses {
    fn add(&mut self, item: &Item<'_>, limit: usize) {
        match item {
            Item::Mailbox(_) if self.mailboxes.len() >= limit => self.cut += 1,
            Item::Mailbox(text) => self.mailboxes.push(mailbox(text)),
            Item::Group(_) if self.groups.len() >= limit => self.cut += 1,
            Item::Group(name) => self.groups.extend(group_name(name)),
        }
    }
}

fn group_name(text: &str) -> Option<String> {
    let mut name = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if escaped => {
                escaped = false;
                name.push(c);
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => name.push(c),
        }
    }
    not_blank(&name)
}

fn not_blank(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn mailbox(text: &str) -> Mailbox {
    let octets = text.len();
    if octets > MAX_MAILBOX {
        return Mailbox::new(None, Err(Unusable::TooLong { octets }));
    }
    let uncertain = || Unusable::Uncertain { text: text.to_owned() };
    // `"a b"@example.jp`: mail-parser takes the local part for a name.
    if text.starts_with('"')
        && let Ok(address) = Address::parse(text)
    {
        return Mailbox::new(None, Ok(address));
    }
    let Some(read) = rfc5322::mailbox(text) else {
        return Mailbox::new(None, Err(uncertain()));
    };
    let (mut name, found) = (read.name.as_deref().and_then(not_blank), read.address);
    let address = match (found, Outside::of(text)) {
        (None, _) => Err(Unusable::Missing),
        (Some(found), Outside::Angle(inside)) if found == inside => parsed(inside),
        (Some(found), Outside::OneWord(word)) if found == word => parsed(word),
        // `山田 yamada@example.jp`: words without quotes before or after the address.
        (Some(found), Outside::OneWord(word)) => match found.split_once(word) {
            Some((before, after)) if is_alone(before, after) => {
                name = join_name(name.as_deref(), before, after);
                parsed(word)
            }
            _ => Err(uncertain()),
        },
        (Some(_), _) => Err(uncertain()),
    };
    Mailbox::new(name, address)
}

fn parsed(text: &str) -> Result<Address, Unusable> {
    Address::parse(text).map_err(|error| Unusable::Malformed { text: text.to_owned(), error })
}

fn is_alone(before: &str, after: &str) -> bool {
    let divided = |neighbour: Option<char>| neighbour.is_none_or(char::is_whitespace);
    divided(before.chars().next_back()) && divided(after.chars().next())
}

fn join_name(name: Option<&str>, before: &str, after: &str) -> Option<String> {
    let pieces = [name.unwrap_or_default(), before, after];
    let words: Vec<_> = pieces.iter().flat_map(|p| p.split_whitespace()).collect();
    not_blank(&words.join(" "))
}

/// What stands for the address in a mailbox, outside of quoted-strings and comments.
#[derive(Debug, PartialEq, Eq)]
enum Outside<'t> {
    /// What stands in angle brackets, or after one that is not closed.
    Angle(&'t str),
    /// The only word with an `@`.
    OneWord(&'t str),
    /// None or several.
    Unclear,
}

impl<'t> Outside<'t> {
    fn of(text: &'t str) -> Self {
        let mut at = 0;
        let mut word_start = None;
        let mut found = None;
        while let Some(&octet) = text.as_bytes().get(at) {
            let rest = text.get(at..).unwrap_or_default();
            let divides = matches!(octet, b' ' | b'\t' | b'(');
            if divides && let Some(word) = word_start.take().and_then(|s| text.get(s..at)) {
                if word.contains('@') && found.replace(word).is_some() {
                    return Self::Unclear;
                }
            } else if !divides {
                word_start.get_or_insert(at);
            }
            at += match octet {
                b'"' => quoted_length(rest),
                b'(' => comment_length(rest),
                b'<' => {
                    let length = bracket_length(rest, b'<', b'>');
                    let inside = match length {
                        Some(length) => rest.get(1..length - 1),
                        None => rest.get(1..),
                    };
                    return inside.map_or(Self::Unclear, |i| Self::Angle(i.trim()));
                }
                _ => 1,
            };
        }
        let last = word_start.and_then(|s| text.get(s..));
        match (found, last.filter(|word| word.contains('@'))) {
            (Some(word), None) | (None, Some(word)) => Self::OneWord(word),
            _ => Self::Unclear,
        }
    }
}

#[cfg(test)]
mod tests;
