//! Conditions of rules and exceptions, as values that can only hold what can be asked.
//!
//! All conditions of a rule must hold; of the values of one condition, one is enough. Where a message
//! has several of what is asked for (recipients, authors, removed parts, results), a rule that holds,
//! rejects, tags or notifies is content with one that fits, and a rule that delivers, like an
//! exception, asks it of every one: whoever adds a recipient or an author to his mail gets nothing
//! through by it.
//!
//! Bounds: [`MAX_CONDITION_VALUES`] values of one condition.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Address, AddressError, Code, Domain, Timestamp};

/// Most values of one condition.
pub const MAX_CONDITION_VALUES: usize = 500;

/// Why a string is no value of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// No address, domain, `*.domain` or `<>`.
    #[error("is no address, domain or *.domain")]
    Address(#[from] AddressError),
    /// No media type.
    #[error("is no media type; write it as application/zip or image/*")]
    MediaType,
    /// No result of RFC 8601 section 2.7.
    #[error(
        "is no authentication result; one of pass, fail, softfail, neutral, none, policy, \
         temperror, permerror, missing"
    )]
    AuthenticationResult,
    /// No span of hours.
    #[error("is no span of hours; write it as 08:30-17:15")]
    Hours,
    /// No day of the week.
    #[error("is no day of the week; one of mon, tue, wed, thu, fri, sat, sun")]
    Weekday,
}

/// Whose address: an address, all of a domain, or all of the domains below one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AddressPattern {
    /// `name@example.jp`. Capitals make no difference.
    Address(Address),
    /// `example.jp`: every address of it, and none of the domains below it.
    Domain(Domain),
    /// `*.example.jp`: every address of the domains below it, and none of its own.
    Below(Domain),
    /// `<>`: the null path of reports.
    Null,
}

impl AddressPattern {
    /// Whether an address is meant; `None` is the null path.
    pub fn covers(&self, address: Option<&Address>) -> bool {
        match (self, address) {
            (Self::Null, None) => true,
            (Self::Address(wanted), Some(address)) => {
                wanted.domain() == address.domain()
                    && is_same(wanted.local_part(), address.local_part())
            }
            (Self::Domain(wanted), Some(address)) => wanted == address.domain(),
            (Self::Below(wanted), Some(address)) => {
                let above = address.domain().as_str().strip_suffix(wanted.as_str());
                above.is_some_and(|above| above.ends_with('.'))
            }
            (Self::Null, Some(_)) | (_, None) => false,
        }
    }
}

/// Whether two local parts are the same but for capitals.
fn is_same(one: &str, other: &str) -> bool {
    if one.is_ascii() || other.is_ascii() {
        // No letter outside ASCII is taken for one inside, such as U+212A for k.
        one.eq_ignore_ascii_case(other)
    } else {
        one.to_lowercase() == other.to_lowercase()
    }
}

impl FromStr for AddressPattern {
    type Err = ConditionError;
    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let text = text.trim();
        Ok(if text == "<>" {
            Self::Null
        } else if let Some(domain) = text.strip_prefix("*.") {
            Self::Below(Domain::parse(domain)?)
        } else if text.starts_with("*@") {
            // A mailbox may be called so, but whoever writes this means a domain.
            return Err(AddressError::LocalPart.into());
        } else if text.contains('@') {
            Self::Address(Address::parse(text)?)
        } else {
            Self::Domain(Domain::parse(text)?)
        })
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Domain(domain) => domain.fmt(f),
            Self::Below(domain) => write!(f, "*.{domain}"),
            Self::Null => f.write_str("<>"),
        }
    }
}

/// A media type, `application/zip`, or all of a kind, `image/*`. In lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TypePattern(String);

impl TypePattern {
    /// Whether a media type, in lower case, is meant.
    pub fn covers(&self, media_type: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(kind) => media_type.starts_with(kind),
            None => self.0 == media_type,
        }
    }
}

impl FromStr for TypePattern {
    type Err = ConditionError;
    fn from_str(text: &str) -> Result<Self, ConditionError> {
        /// Longest type and subtype (RFC 6838 section 4.2).
        const LONGEST: usize = 127;
        let is_name = |name: &str| {
            (1..=LONGEST).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        let text = text.trim().to_ascii_lowercase();
        match text.split_once('/') {
            Some((kind, of)) if is_name(kind) && (of == "*" || is_name(of)) => Ok(Self(text)),
            _ => Err(ConditionError::MediaType),
        }
    }
}

impl fmt::Display for TypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A span of the day in Japan, its end not in it; past midnight where it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    /// Minutes after midnight, under 1,440.
    from: u16,
    /// Minutes after midnight, at most 1,440.
    until: u16,
}

impl Hours {
    /// Whether a moment is in the span.
    pub fn covers(self, at: Timestamp) -> bool {
        let minute = at.minute_in_japan();
        if self.from < self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        }
    }
}

impl FromStr for Hours {
    type Err = ConditionError;
    fn from_str(text: &str) -> Result<Self, ConditionError> {
        const DAY: u16 = 24 * 60;
        let minute = |text: &str| -> Option<u16> {
            let (hour, minute) = text.trim().split_once(':')?;
            let number = |text: &str| -> Option<u16> {
                let is_number = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
                is_number.then(|| text.parse().ok())?
            };
            let (hour, minute) = (number(hour)?, number(minute)?);
            let at = hour * 60 + minute;
            (minute < 60 && at <= DAY).then_some(at)
        };
        let (from, until) = text.split_once('-').ok_or(ConditionError::Hours)?;
        match (minute(from), minute(until)) {
            (Some(from), Some(until)) if from != until && from < DAY => Ok(Self { from, until }),
            _ => Err(ConditionError::Hours),
        }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, until } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

macro_rules! text_of_value {
    ($($kind:ident)*) => {
        $(
            impl TryFrom<String> for $kind {
                type Error = ConditionError;
                fn try_from(text: String) -> Result<Self, ConditionError> {
                    text.parse()
                }
            }

            impl From<$kind> for String {
                fn from(value: $kind) -> Self {
                    value.to_string()
                }
            }
        )*
    };
}

text_of_value! { AddressPattern TypePattern Hours }

macro_rules! named {
    ($(#[$about:meta])* $kind:ident $error:ident { $($(#[$doc:meta])* $name:ident $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $kind {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl $kind {
            /// The name in the configuration and on record.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        impl FromStr for $kind {
            type Err = ConditionError;
            fn from_str(text: &str) -> Result<Self, ConditionError> {
                match text.trim().to_ascii_lowercase().as_str() {
                    $($text => Ok(Self::$name),)*
                    _ => Err(ConditionError::$error),
                }
            }
        }
    };
}

named! {
    /// A day of the week in Japan.
    Weekday Weekday {
        /// Monday.
        Monday "mon",
        /// Tuesday.
        Tuesday "tue",
        /// Wednesday.
        Wednesday "wed",
        /// Thursday.
        Thursday "thu",
        /// Friday.
        Friday "fri",
        /// Saturday.
        Saturday "sat",
        /// Sunday.
        Sunday "sun",
    }
}

named! {
    /// What a host says of SPF, DKIM or DMARC (RFC 8601 section 2.7).
    AuthenticationResult AuthenticationResult {
        /// `pass`
        Pass "pass",
        /// `fail`
        Fail "fail",
        /// `softfail`
        SoftFail "softfail",
        /// `neutral`
        Neutral "neutral",
        /// `none`: the domain says nothing.
        None "none",
        /// `policy`
        Policy "policy",
        /// `temperror`
        TempError "temperror",
        /// `permerror`
        PermError "permerror",
        /// No believed host gave a result.
        Missing "missing",
        /// A result of no known name, or a field that cannot be read.
        Unknown "unknown",
    }
}

/// Results by method: those that a condition names, or those that a message came with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Authentication {
    /// Of SPF (RFC 7208).
    #[serde(deserialize_with = "bounded", skip_serializing_if = "Vec::is_empty")]
    pub spf: Vec<AuthenticationResult>,
    /// Of DKIM (RFC 6376).
    #[serde(deserialize_with = "bounded", skip_serializing_if = "Vec::is_empty")]
    pub dkim: Vec<AuthenticationResult>,
    /// Of DMARC (RFC 7489).
    #[serde(deserialize_with = "bounded", skip_serializing_if = "Vec::is_empty")]
    pub dmarc: Vec<AuthenticationResult>,
}

impl Authentication {
    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        self.spf.is_empty() && self.dkim.is_empty() && self.dmarc.is_empty()
    }
}

/// When a rule or an exception applies. An empty list is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// The envelope sender (送信元).
    #[serde(deserialize_with = "bounded", skip_serializing_if = "Vec::is_empty")]
    pub sender: Vec<AddressPattern>,
    /// The mailboxes of `From` (差出人).
    #[serde(deserialize_with = "bounded", skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<AddressPattern>,
    /// The envelope recipients (宛先) of the organisation.
    #[serde(deserialize_with = "bounded", skip_serializing_if = "Vec::is_empty")]
    pub recipient: Vec<AddressPattern>,
    /// Decisions taken on the message. One of them is enough for every action.
    #[serde(deserialize_with = "bounded", skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Code>,
    /// Media types that the contents of removed parts show.
    #[serde(deserialize_with = "bounded", skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<TypePattern>,
    /// Octets of the message as it came: so many or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_at_least: Option<u64>,
    /// Whether it has an encrypted part, or an archive or a document with a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
    /// What the organisation's `authentication_hosts` say of the message. Each method that is named
    /// must have one of its results.
    #[serde(skip_serializing_if = "Authentication::is_empty")]
    pub authentication: Authentication,
    /// When it is received, by the clock in Japan.
    #[serde(deserialize_with = "bounded", skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Hours>,
    /// On which day it is received in Japan.
    #[serde(deserialize_with = "bounded", skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<Weekday>,
}

impl Conditions {
    /// Whether there is no condition at all, so that every message meets them.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads a list of at most [`MAX_CONDITION_VALUES`].
fn bounded<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let values = Vec::<T>::deserialize(from)?;
    if values.len() > MAX_CONDITION_VALUES {
        let reason = format!("more than {MAX_CONDITION_VALUES} values of one condition");
        return Err(serde::de::Error::custom(reason));
    }
    Ok(values)
}

#[cfg(test)]
mod tests;
