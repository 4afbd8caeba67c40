//! The Date field (RFC 5322 section 3.3).

use sekimori_policy::Timestamp;

use crate::header::Header;
use crate::rfc5322::CivilTime;

/// Longest value that is read as a date, in octets.
pub const MAX_DATE: usize = 200;

impl Header<'_> {
    /// The moment of the first Date field, with the obsolete forms of RFC 5322 section 4.3.
    ///
    /// A wrong day of the week is passed over. A date without a zone, with one that is unknown, or
    /// out of the calendar is none: the time of receipt is better than a guess.
    pub fn date(&self) -> Option<Timestamp> {
        date(self.field("Date")?)
    }
}

fn date(value: &[u8]) -> Option<Timestamp> {
    let value = value.get(..value.len().min(MAX_DATE))?;
    // A comment after the date may be in any charset; it is no part of the moment.
    let digits = value.iter().position(u8::is_ascii_digit)?;
    let comment = memchr::memchr(b'(', value.get(digits..)?).map(|at| digits + at);
    let text = std::str::from_utf8(value.get(..comment.unwrap_or(value.len()))?).ok()?;
    let plain = text.bytes().all(|b| b.is_ascii_graphic() || crate::lexer::is_space(b));
    if !plain {
        return None;
    }
    let (moment, zone) = text.trim_end().rsplit_once([' ', '\t'])?;
    if let Some(offset) = numeric_zone(zone).or_else(|| named_zone(zone)) {
        return moment_at(moment, offset);
    }
    // `+0900 JST`: a name after the offset, as some write it without the brackets.
    let (moment, offset) = moment.trim_end().rsplit_once([' ', '\t'])?;
    let named = zone.bytes().all(|b| b.is_ascii_alphabetic());
    moment_at(moment, numeric_zone(offset).filter(|_| named)?)
}

fn moment_at(moment: &str, offset_minutes: i16) -> Option<Timestamp> {
    let seconds = CivilTime::parse(moment)?.unix_seconds();
    let utc = seconds.checked_sub(i64::from(offset_minutes) * 60)?;
    Timestamp::from_unix_millis(utc.checked_mul(1000)?, offset_minutes)
}

/// `+hhmm` or `-hhmm` in minutes east of UTC.
fn numeric_zone(zone: &str) -> Option<i16> {
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i16 = digits.parse().ok()?;
    let (hours, minutes) = (number / 100, number % 100);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Zones by name (RFC 5322 section 4.3), and the one in use in Japan. Military letters say nothing
/// that can be relied on, so that they count as UTC.
fn named_zone(zone: &str) -> Option<i16> {
    let hours = match zone.to_ascii_uppercase().as_str() {
        "JST" => 9,
        "UT" | "UTC" | "GMT" => 0,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        letter if letter.len() == 1 && letter != "J" => {
            letter.bytes().all(|b| b.is_ascii_alphabetic()).then_some(0)?
        }
        _ => return None,
    };
    Some(hours * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<String> {
        date(value.as_bytes()).map(Timestamp::rfc5322)
    }

    #[test]
    fn dates_as_mailers_write_them_are_the_same_moment() {
        for value in [
            " Mon, 21 Sep 2026 17:00:00 +0900",
            " Mon, 21 Sep 2026 17:00:00 +0900 (JST)",
            "Mon, 21 Sep 2026 17:00:00 +0900 (\x1b$BElI~\x1b(B)",
            " 21 Sep 2026 17:00:00 +0900",
            " Mon, 21 Sep 2026 17:00 +0900",
            " Mon, 21 Sep 26 17:00:00 +0900",
            " Fri, 21 Sep 2026 17:00:00 +0900",
            " Mon, 21 Sep 2026 17:00:00 JST",
            " Mon, 21 Sep 2026 17:00:00 +0900 JST",
            " Mon,\r\n 21 Sep 2026\r\n 17:00:00 +0900",
            "\tmon, 21 SEP 2026 17:00:00 +0900\r\n ",
        ] {
            assert_eq!(
                read(value).as_deref(),
                Some("Mon, 21 Sep 2026 17:00:00 +0900"),
                "{value:?}"
            );
        }
    }

    #[test]
    fn obsolete_zones_are_offsets() {
        for (zone, offset) in [
            ("GMT", "+0000"),
            ("UT", "+0000"),
            ("EST", "-0500"),
            ("PDT", "-0700"),
            ("Z", "+0000"),
            ("-0000", "+0000"),
            ("-0330", "-0330"),
        ] {
            let read = read(&format!("21 Sep 2026 17:00:00 {zone}"));
            assert_eq!(read, Some(format!("Mon, 21 Sep 2026 17:00:00 {offset}")));
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for value in [
            "",
            " ",
            "令和8年9月21日",
            "2026年9月21日 17:00:00 +0900",
            "Mon, 21 Sep 2026 17:00:00",
            "Mon, 31 Feb 2026 17:00:00 +0900",
            "Mon, 21 Sep 2026 25:00:00 +0900",
            "Mon, 21 Sep 2026 17:61:00 +0900",
            "Mon, 21 Foo 2026 17:00:00 +0900",
            "Mon, 21 Sep 2026 17:00:00 +9900",
            "Mon, 21 Sep 2026 17:00:00 XYZ",
            "Mon, 21 Sep 1901 17:00:00 +0900",
            "2026-09-21 17:00:00 +0900",
            "21",
            "+0900",
        ] {
            assert_eq!(read(value), None, "{value:?}");
        }
    }

    #[test]
    fn a_leap_second_is_the_last_second_of_its_minute() {
        assert_eq!(
            read("31 Dec 2016 23:59:60 +0000").as_deref(),
            Some("Sat, 31 Dec 2016 23:59:59 +0000")
        );
    }

    #[test]
    fn only_the_beginning_of_an_endless_date_is_read() {
        let value = format!("21 Sep 2026 17:00:00{}+0900", " ".repeat(MAX_DATE));
        assert_eq!(read(&value), None);
    }
}
