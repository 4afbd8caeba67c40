//! The trace field of our own kind: `by HOST (sekimori) with PROTOCOL id QUEUEID; date`.
//!
//! It has no `from` clause: who connected is on record in the journal, and is not told to the
//! other segment.

use std::str::FromStr;

use sekimori_policy::{Domain, QueueId, Timestamp};

use crate::ProfileError;

/// A host name or address literal in ASCII. By default `localhost`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostName(String);

impl HostName {
    /// Reads a name such as `relay.example.lg.jp`, or a literal such as `[192.0.2.1]`.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let domain = Domain::parse(text).map_err(|_| ProfileError::HostName)?;
        if domain.as_str().is_ascii() {
            Ok(Self(domain.into()))
        } else {
            Err(ProfileError::NotAscii)
        }
    }

    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for HostName {
    fn default() -> Self {
        Self("localhost".to_owned())
    }
}

/// How the message came (RFC 3848 section 2, RFC 6531 section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Plain SMTP after `HELO`.
    Smtp,
    /// SMTP after `EHLO`.
    Esmtp,
    /// The same under TLS.
    Esmtps,
    /// The same with authentication.
    Esmtpa,
    /// The same under TLS with authentication.
    Esmtpsa,
    /// With SMTPUTF8.
    Utf8Smtp,
    /// With SMTPUTF8 under TLS.
    Utf8Smtps,
}

impl Protocol {
    const ALL: [Self; 7] = [
        Self::Smtp,
        Self::Esmtp,
        Self::Esmtps,
        Self::Esmtpa,
        Self::Esmtpsa,
        Self::Utf8Smtp,
        Self::Utf8Smtps,
    ];

    /// The name in the `with` clause.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smtp => "SMTP",
            Self::Esmtp => "ESMTP",
            Self::Esmtps => "ESMTPS",
            Self::Esmtpa => "ESMTPA",
            Self::Esmtpsa => "ESMTPSA",
            Self::Utf8Smtp => "UTF8SMTP",
            Self::Utf8Smtps => "UTF8SMTPS",
        }
    }
}

impl FromStr for Protocol {
    type Err = ProfileError;
    fn from_str(text: &str) -> Result<Self, ProfileError> {
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.as_str().eq_ignore_ascii_case(text))
            .ok_or(ProfileError::Protocol)
    }
}

/// One `Received` field of our own kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The relay that took the message.
    pub host: HostName,
    /// How it came.
    pub protocol: Protocol,
    /// The relay's queue id of it.
    pub id: QueueId,
    /// When.
    pub date: Timestamp,
}

impl Received {
    /// Reads the value of a `Received` field that is of our own kind, of whatever host. `None` for
    /// any other. Fold it out first: the value is expected on one line.
    pub fn parse(value: &str) -> Option<Self> {
        let (clauses, date) = value.trim().split_once(';')?;
        let words: Vec<&str> = clauses.split_ascii_whitespace().take(8).collect();
        let ["by", host, "(sekimori)", "with", protocol, "id", id] = words.as_slice() else {
            return None;
        };
        Some(Self {
            host: HostName::parse(host).ok()?,
            protocol: protocol.parse().ok()?,
            id: id.parse().ok()?,
            date: own_date(date.trim())?,
        })
    }

    /// The whole field as written, folded, with its CRLF.
    pub fn field(&self) -> String {
        format!(
            "Received: by {} (sekimori)\r\n with {} id {};\r\n {}\r\n",
            self.host.as_str(),
            self.protocol.as_str(),
            self.id,
            self.date.rfc5322(),
        )
    }
}

/// Reads a date in the one form that [`Timestamp::rfc5322`] writes.
fn own_date(text: &str) -> Option<Timestamp> {
    let words: Vec<&str> = text.split_ascii_whitespace().take(7).collect();
    let [_, day, month, year, clock, offset] = words.as_slice() else {
        return None;
    };
    let mut clock = clock.splitn(3, ':').map(|part| bounded(part, 59));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let days = days_since_1970(bounded(year, 9_999)?, month_number(month)?, bounded(day, 31)?);
    let (sign, digits) = offset.split_at_checked(1)?;
    let hhmm = bounded(digits, 2_359)?;
    let east = (hhmm / 100 * 60 + hhmm % 100) * if sign == "-" { -1 } else { 1 };
    let seconds = ((days * 24 + hour) * 60 + minute - east) * 60 + second;
    Timestamp::from_unix_millis(seconds * 1_000, i16::try_from(east).ok()?)
        .filter(|date| date.rfc5322() == text)
}

fn bounded(digits: &str, most: i64) -> Option<i64> {
    digits.parse().ok().filter(|number| (0..=most).contains(number))
}

fn month_number(name: &str) -> Option<i64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let at = MONTHS.find(name).filter(|at| name.len() == 3 && at % 3 == 0)?;
    i64::try_from(at / 3 + 1).ok()
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, with years counted from March so that
/// the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example() -> Received {
        Received {
            host: HostName::parse("relay.example.lg.jp").unwrap(),
            protocol: Protocol::Esmtps,
            id: QueueId(0x1A3),
            date: Timestamp::japanese_time(1_789_977_600_000),
        }
    }

    #[test]
    fn the_field_says_who_took_the_message_how_and_when() {
        assert_eq!(
            example().field(),
            "Received: by relay.example.lg.jp (sekimori)\r\n with ESMTPS id 00000001A3;\r\n \
             Mon, 21 Sep 2026 17:00:00 +0900\r\n"
        );
    }

    #[test]
    fn fields_of_other_relays_are_not_of_our_kind() {
        for value in [
            "from a (b [192.0.2.1]) by relay.example.lg.jp (sekimori) with ESMTPS id 1; Mon, 21 Sep 2026 17:00:00 +0900",
            "by relay.example.lg.jp (Postfix) with ESMTPS id 1; Mon, 21 Sep 2026 17:00:00 +0900",
            "by relay.example.lg.jp (sekimori) with HTTP id 1; Mon, 21 Sep 2026 17:00:00 +0900",
            "by relay.example.lg.jp (sekimori) with ESMTPS id X; Mon, 21 Sep 2026 17:00:00 +0900",
            "by relay.example.lg.jp (sekimori) with ESMTPS id 1; Tue, 21 Sep 2026 17:00:00 +0900",
            "by relay.example.lg.jp (sekimori) with ESMTPS id 1; Mon, 99999999999999999999 Sep 2026 17:00:00 +0900",
            "by relay.example.lg.jp (sekimori) with ESMTPS id 1; Mon, 21 Sep 2026 9223372036854775807:00:00 +0900",
            "",
        ] {
            assert_eq!(Received::parse(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(seconds in 86_400_i64..250_000_000_000, offset in -1_439_i16..=1_439, id: u64) {
            let written = Received {
                date: Timestamp::from_unix_millis(seconds * 1_000, offset).unwrap(),
                id: QueueId(id),
                ..example()
            };
            let field = written.field().replace("\r\n", "");
            prop_assert_eq!(Received::parse(field.strip_prefix("Received:").unwrap()), Some(written));
        }
    }
}
