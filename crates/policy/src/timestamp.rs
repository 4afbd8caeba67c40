//! Moments, and how mail, logs and people write them.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset, Weekday};

/// Minutes east of UTC of Japanese time.
pub const JAPAN: i16 = 9 * 60;

/// First year that a date may have here. Earlier ones are no date of a mail.
pub const MIN_YEAR: i32 = 1970;
/// Last year that a date may have here: RFC 5322 dates and screens have four digits.
pub const MAX_YEAR: i32 = 9999;

/// A moment with the offset that its writer used. Always within years 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Timestamp {
    unix_millis: i64,
    offset_minutes: i16,
}

/// Last millisecond of year 9999 less a day, so that no offset leaves the range.
const MAX_MILLIS: i64 = 253_402_214_400_000;
/// The Julian day on which 1970 begins.
const UNIX_EPOCH_JULIAN_DAY: i64 = 2_440_588;
/// First millisecond that may be held, so that no offset leads before 1970.
const MIN_MILLIS: i64 = 86_400_000;
/// Widest offset from UTC (RFC 5322 section 3.3 knows up to 23:59 by form).
const MAX_OFFSET: i16 = 23 * 60 + 59;

impl Timestamp {
    /// A moment in milliseconds since 1970 UTC and an offset in minutes east of UTC. `None` when it
    /// is out of range.
    pub fn from_unix_millis(unix_millis: i64, offset_minutes: i16) -> Option<Self> {
        let within = (MIN_MILLIS..=MAX_MILLIS).contains(&unix_millis)
            && (-MAX_OFFSET..=MAX_OFFSET).contains(&offset_minutes);
        within.then_some(Self { unix_millis, offset_minutes })
    }

    /// A moment in milliseconds since 1970 UTC as Japanese time, moved into range if it is out of it.
    pub fn japanese_time(unix_millis: i64) -> Self {
        Self { unix_millis: unix_millis.clamp(MIN_MILLIS, MAX_MILLIS), offset_minutes: JAPAN }
    }

    /// Milliseconds since 1970 UTC.
    pub fn unix_millis(self) -> i64 {
        self.unix_millis
    }

    /// Minutes east of UTC that the moment is written in.
    pub fn offset_minutes(self) -> i16 {
        self.offset_minutes
    }

    /// The same moment, `days` later, within range.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        let millis = self.unix_millis.saturating_add(i64::from(days).saturating_mul(86_400_000));
        Self { unix_millis: millis.clamp(MIN_MILLIS, MAX_MILLIS), ..self }
    }

    /// The day of the week in Japan.
    pub fn weekday_in_japan(self) -> crate::Weekday {
        match self.in_japan().weekday() {
            Weekday::Monday => crate::Weekday::Monday,
            Weekday::Tuesday => crate::Weekday::Tuesday,
            Weekday::Wednesday => crate::Weekday::Wednesday,
            Weekday::Thursday => crate::Weekday::Thursday,
            Weekday::Friday => crate::Weekday::Friday,
            Weekday::Saturday => crate::Weekday::Saturday,
            Weekday::Sunday => crate::Weekday::Sunday,
        }
    }

    /// Minutes since midnight in Japan, under 1,440.
    pub fn minute_in_japan(self) -> u16 {
        let clock = self.in_japan();
        u16::from(clock.hour()) * 60 + u16::from(clock.minute())
    }

    fn in_japan(self) -> OffsetDateTime {
        Self { offset_minutes: JAPAN, ..self }.civil()
    }

    fn civil(self) -> OffsetDateTime {
        let seconds = i32::from(self.offset_minutes).saturating_mul(60);
        let offset = UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC);
        OffsetDateTime::from_unix_timestamp(self.unix_millis.div_euclid(1000))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(offset)
    }

    /// As `date-time` of RFC 5322 section 3.3: `Mon, 21 Sep 2026 17:00:00 +0900`.
    pub fn rfc5322(self) -> String {
        let t = self.civil();
        let month = t.month().to_string();
        let weekday = t.weekday().to_string();
        format!(
            "{}, {} {} {:04} {:02}:{:02}:{:02} {}",
            weekday.get(..3).unwrap_or_default(),
            t.day(),
            month.get(..3).unwrap_or_default(),
            t.year(),
            t.hour(),
            t.minute(),
            t.second(),
            self.offset(""),
        )
    }

    /// As RFC 3339 with milliseconds: `2026-09-21T17:00:00.000+09:00`.
    pub fn rfc3339(self) -> String {
        let t = self.civil();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            self.unix_millis.rem_euclid(1000),
            self.offset(":"),
        )
    }

    /// Reads RFC 3339 with seconds and perhaps a fraction, or a day alone, which is midnight in
    /// Japan. `None` for anything else, and for what is out of range.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>| -> Option<i64> {
            let digits = text.get(range)?;
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        if text.get(4..5)? != "-" || text.get(7..8)? != "-" {
            return None;
        }
        let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date = time::Date::from_calendar_date(
            i32::try_from(year).ok()?,
            month,
            u8::try_from(day).ok()?,
        )
        .ok()?;
        let days = i64::from(date.to_julian_day()) - UNIX_EPOCH_JULIAN_DAY;
        let midnight = days.checked_mul(86_400_000)?;
        let rest = text.get(10..)?;
        if rest.is_empty() {
            return Self::from_unix_millis(midnight - i64::from(JAPAN) * 60_000, JAPAN);
        }
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        let marks = (text.get(10..11)?, text.get(13..14)?, text.get(16..17)?);
        if marks != ("T", ":", ":") || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let after = text.get(19..)?;
        let (fraction, offset) = match after.strip_prefix('.') {
            Some(after) => after.split_at_checked(after.find(|c: char| !c.is_ascii_digit())?)?,
            None => ("000", after),
        };
        let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        let minutes = match (offset.get(..1)?, offset) {
            (_, "Z") => 0,
            (sign @ ("+" | "-"), _) if offset.len() == 6 && offset.get(3..4)? == ":" => {
                let part = |text: &str| -> Option<i16> {
                    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
                };
                let minutes = part(offset.get(1..3)?)? * 60 + part(offset.get(4..6)?)?;
                if sign == "-" { -minutes } else { minutes }
            }
            _ => return None,
        };
        let in_day = ((hour * 60 + minute) * 60 + second) * 1_000 + millis;
        Self::from_unix_millis(midnight + in_day - i64::from(minutes) * 60_000, minutes)
    }

    /// As people in Japanese offices write it: `令和8（2026）年9月21日（月）17:00`.
    pub fn japanese(self) -> String {
        let t = self.civil();
        let weekday = match t.weekday() {
            Weekday::Monday => '月',
            Weekday::Tuesday => '火',
            Weekday::Wednesday => '水',
            Weekday::Thursday => '木',
            Weekday::Friday => '金',
            Weekday::Saturday => '土',
            Weekday::Sunday => '日',
        };
        format!(
            "{}年{}月{}日（{weekday}）{:02}:{:02}",
            japanese_year(t.year(), u8::from(t.month()), t.day()),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
        )
    }

    /// As people read it in English: `Mon 21 Sep 2026, 17:00`.
    pub fn english(self) -> String {
        let t = self.civil();
        let month = t.month().to_string();
        let weekday = t.weekday().to_string();
        format!(
            "{} {} {} {:04}, {:02}:{:02}",
            weekday.get(..3).unwrap_or_default(),
            t.day(),
            month.get(..3).unwrap_or_default(),
            t.year(),
            t.hour(),
            t.minute(),
        )
    }

    fn offset(self, colon: &str) -> String {
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.unsigned_abs();
        format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
    }
}

/// The year with its era from 平成 on, as `令和8（2026）`; the Western year alone before.
fn japanese_year(year: i32, month: u8, day: u8) -> String {
    let (era, first) = if (year, month, day) >= (2019, 5, 1) {
        ("令和", 2019)
    } else if (year, month, day) >= (1989, 1, 8) {
        ("平成", 1989)
    } else {
        return year.to_string();
    };
    match year - first + 1 {
        1 => format!("{era}元（{year}）"),
        n => format!("{era}{n}（{year}）"),
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-09-21 17:00:00 in Japan.
    const DEADLINE: i64 = 1_789_977_600_000;

    #[test]
    fn what_is_written_as_rfc3339_reads_back() {
        for millis in [1_789_977_600_000, 1_789_977_600_001, 951_782_399_999, MAX_MILLIS] {
            for offset in [JAPAN, 0, -570, MAX_OFFSET] {
                let moment = Timestamp::from_unix_millis(millis, offset).unwrap();
                assert_eq!(Timestamp::parse_rfc3339(&moment.rfc3339()), Some(moment));
            }
        }
        let midnight = Timestamp::parse_rfc3339("2026-09-21").unwrap();
        assert_eq!(midnight.rfc3339(), "2026-09-21T00:00:00.000+09:00");
        let utc = Timestamp::parse_rfc3339("2026-09-21T08:00:00Z").unwrap();
        assert_eq!(utc.unix_millis(), 1_789_977_600_000);
        for wrong in [
            "",
            "2026",
            "2026-9-21",
            "2026-02-30",
            "2026-09-21T",
            "2026-09-21T17:00:00",
            "2026-09-21T24:00:00Z",
            "2026-09-21T17:00:00.Z0",
            "2026-09-21T17:00:00+0900",
            "2026-09-21T17:00:00+99:99",
            "2026/09/21",
            "+026-09-21",
            "1969-01-01",
            "２０２６-09-21",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_moment_in_the_four_ways_of_writing() {
        let t = Timestamp::japanese_time(DEADLINE);
        assert_eq!(t.rfc5322(), "Mon, 21 Sep 2026 17:00:00 +0900");
        assert_eq!(t.rfc3339(), "2026-09-21T17:00:00.000+09:00");
        assert_eq!(t.japanese(), "令和8（2026）年9月21日（月）17:00");
        assert_eq!(t.english(), "Mon 21 Sep 2026, 17:00");
    }

    #[test]
    fn the_first_year_of_an_era_is_gannen() {
        assert_eq!(japanese_year(2019, 4, 30), "平成31（2019）");
        assert_eq!(japanese_year(2019, 5, 1), "令和元（2019）");
        assert_eq!(japanese_year(1989, 1, 7), "1989");
    }

    #[test]
    fn moments_out_of_range_are_no_timestamps() {
        for (millis, offset) in
            [(0, 0), (i64::MAX, 0), (i64::MIN, 0), (DEADLINE, 24 * 60), (DEADLINE, i16::MIN)]
        {
            assert_eq!(Timestamp::from_unix_millis(millis, offset), None);
        }
    }

    #[test]
    fn the_edges_of_the_range_are_written_with_four_digits_of_year() {
        for millis in [i64::MIN, i64::MAX] {
            for offset in [-MAX_OFFSET, MAX_OFFSET] {
                let t = Timestamp { offset_minutes: offset, ..Timestamp::japanese_time(millis) };
                assert_eq!(t.rfc3339().len(), "2026-09-21T17:00:00.000+09:00".len(), "{t}");
            }
        }
        assert_eq!(
            Timestamp::japanese_time(DEADLINE).plus_days(u32::MAX).unix_millis(),
            MAX_MILLIS
        );
    }
}
