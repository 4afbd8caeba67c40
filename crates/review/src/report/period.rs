//! The time that a report is about.

use std::fmt;

use sekimori_policy::{Language, Timestamp};

/// Longest period of a report, in days: a fiscal year and a month.
pub const MAX_DAYS: i64 = 400;

const DAY_MILLIS: i64 = 86_400_000;

/// A period of whole days in Japan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    since: Timestamp,
    until: Timestamp,
}

/// Why a text is no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// It has another form.
    #[error(
        "a period is a month (2026-11), a fiscal year from April (FY2026), or days (2026-11-01..2026-11-15)"
    )]
    Form,
    /// Its end is before its beginning.
    #[error("a period ends on the day it begins on, or later")]
    Backwards,
    /// It is longer than [`MAX_DAYS`].
    #[error("a period has at most {MAX_DAYS} days")]
    TooLong,
}

impl Period {
    /// Reads a month (`2026-11`), a fiscal year from April to March (`FY2026`, `2026年度`), or a first
    /// and a last day (`2026-11-01..2026-11-15`).
    pub fn parse(text: &str) -> Result<Self, PeriodError> {
        let text = text.trim();
        if let Some((first, last)) = text.split_once("..") {
            return Self::days(day(first)?, day(last)?);
        }
        let year = text.strip_prefix("FY").or_else(|| text.strip_suffix("年度"));
        if let Some(year) = year {
            let next = following(year)?;
            return Self::between(day(&format!("{year}-04-01"))?, day(&format!("{next}-04-01"))?);
        }
        let first = day(&format!("{text}-01"))?;
        // No month has more than 31 days, and two have never fewer than 59.
        let within_next = first.plus_days(31);
        let next = within_next.rfc3339().get(..7).ok_or(PeriodError::Form)?.to_owned();
        Self::between(first, day(&format!("{next}-01"))?)
    }

    /// From the beginning of a day to the end of another.
    pub fn days(first: Timestamp, last: Timestamp) -> Result<Self, PeriodError> {
        Self::between(first, last.plus_days(1))
    }

    /// The month before the one of a moment, as reports are drawn up when a month is over.
    pub fn month_before(now: Timestamp) -> Result<Self, PeriodError> {
        let now = Timestamp::japanese_time(now.unix_millis()).rfc3339();
        let first = day(&format!("{}-01", now.get(..7).ok_or(PeriodError::Form)?))?;
        let before = Timestamp::japanese_time(first.unix_millis().saturating_sub(1)).rfc3339();
        Self::parse(before.get(..7).ok_or(PeriodError::Form)?)
    }

    fn between(since: Timestamp, until: Timestamp) -> Result<Self, PeriodError> {
        let length = until.unix_millis().saturating_sub(since.unix_millis());
        if length <= 0 {
            return Err(PeriodError::Backwards);
        }
        if length > MAX_DAYS * DAY_MILLIS {
            return Err(PeriodError::TooLong);
        }
        Ok(Self { since, until })
    }

    /// Its first moment.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// The first moment after it.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// As people read it: its first and its last day.
    pub fn shown(&self, language: Language) -> String {
        let last = Timestamp::japanese_time(self.until.unix_millis().saturating_sub(1));
        let days = [self.since, last].map(|moment| day_shown(moment, language));
        match language {
            Language::Japanese => days.join("から") + "まで",
            Language::English => days.join(" to "),
        }
    }
}

impl fmt::Display for Period {
    /// In the form of days that [`Period::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = Timestamp::japanese_time(self.until.unix_millis().saturating_sub(1));
        let [first, last] = [self.since, last].map(Timestamp::rfc3339);
        let (Some(first), Some(last)) = (first.get(..10), last.get(..10)) else {
            return Err(fmt::Error);
        };
        write!(f, "{first}..{last}")
    }
}

/// A moment's day as people write it.
fn day_shown(moment: Timestamp, language: Language) -> String {
    let (text, mark) = match language {
        Language::Japanese => (moment.japanese(), '（'),
        Language::English => (moment.english(), ','),
    };
    // The year in brackets comes first in Japanese; what follows the day begins at the last mark.
    text.rfind(mark).and_then(|at| text.get(..at)).unwrap_or(&text).to_owned()
}

fn day(text: &str) -> Result<Timestamp, PeriodError> {
    let text = text.trim();
    if text.len() != "2026-11-01".len() {
        return Err(PeriodError::Form);
    }
    Timestamp::parse_rfc3339(text).ok_or(PeriodError::Form)
}

fn following(year: &str) -> Result<String, PeriodError> {
    let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    let number: u32 = year.parse().map_err(|_| PeriodError::Form)?;
    is_year.then(|| format!("{:04}", number.saturating_add(1))).ok_or(PeriodError::Form)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, PeriodError> {
        Period::parse(text).map(|period| period.to_string())
    }

    #[test]
    fn months_fiscal_years_and_days_are_read() {
        assert_eq!(parsed("2026-11").unwrap(), "2026-11-01..2026-11-30");
        assert_eq!(parsed("2026-12").unwrap(), "2026-12-01..2026-12-31");
        assert_eq!(parsed("2024-02").unwrap(), "2024-02-01..2024-02-29");
        assert_eq!(parsed("2026-01").unwrap(), "2026-01-01..2026-01-31");
        assert_eq!(parsed("FY2026").unwrap(), "2026-04-01..2027-03-31");
        assert_eq!(parsed("2026年度").unwrap(), "2026-04-01..2027-03-31");
        assert_eq!(parsed("2026-11-15..2026-11-15").unwrap(), "2026-11-15..2026-11-15");
    }

    #[test]
    fn what_is_no_period_is_refused_with_what_would_be_one() {
        for wrong in [
            "",
            "2026",
            "2026-13",
            "FY26",
            "FY２０２６",
            "2026-11-01",
            "november",
            "..",
            "2026-11-1..2",
        ] {
            assert_eq!(parsed(wrong), Err(PeriodError::Form), "{wrong}");
        }
        assert_eq!(parsed("2026-11-02..2026-11-01"), Err(PeriodError::Backwards));
        assert_eq!(parsed("2024-01-01..2026-01-01"), Err(PeriodError::TooLong));
        assert!(PeriodError::Form.to_string().contains("2026-11"));
    }

    #[test]
    fn days_begin_and_end_at_midnight_in_japan() {
        let period = Period::parse("2026-11").unwrap();
        assert_eq!(period.since().rfc3339(), "2026-11-01T00:00:00.000+09:00");
        assert_eq!(period.until().rfc3339(), "2026-12-01T00:00:00.000+09:00");
    }

    #[test]
    fn the_month_before_is_over() {
        let now = Timestamp::parse_rfc3339("2027-01-31T16:00:00Z").unwrap();
        // In Japan it is February already.
        assert_eq!(Period::month_before(now).unwrap().to_string(), "2027-01-01..2027-01-31");
    }

    #[test]
    fn people_read_it_with_the_era() {
        let period = Period::parse("2026-11").unwrap();
        assert_eq!(
            period.shown(Language::Japanese),
            "令和8（2026）年11月1日から令和8（2026）年11月30日まで"
        );
        assert_eq!(period.shown(Language::English), "Sun 1 Nov 2026 to Mon 30 Nov 2026");
    }
}
