//! Dates, times and durations of a calendar, for people.

use sekimori_policy::{Language, Timestamp};

use crate::content_line::parameter;

const DAY: i64 = 24 * 60 * 60;
/// Longest duration that is added to a start, in seconds: ten years.
const MAX_DURATION: i64 = 10 * 366 * DAY;
/// Characters of a time zone's name that are shown.
const MAX_ZONE: usize = 60;

/// A DATE or DATE-TIME (RFC 5545 sections 3.3.4 and 3.3.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Moment {
    /// As it stands.
    raw: String,
    /// Seconds since 1970 as if the civil time were Japanese time, if it is a date at all; of a time in
    /// UTC, the true ones.
    seconds: Option<i64>,
    has_time: bool,
    /// The zone, where it is another than Japanese time.
    zone: String,
}

impl Moment {
    pub(super) fn read(parameters: &str, value: &str) -> Self {
        let raw = value.trim().to_owned();
        let Some((civil, has_time)) = civil_seconds(&raw) else {
            return Self { raw, ..Self::default() };
        };
        let is_utc = raw.ends_with('Z');
        let zone = parameter(parameters, "TZID").unwrap_or_default();
        let is_japanese = is_utc || !has_time || zone.contains("Tokyo") || zone.contains("Japan");
        let zone = if is_japanese { "" } else { zone };
        Self {
            raw,
            seconds: Some(if is_utc { civil } else { civil - east() }),
            has_time,
            zone: zone.chars().take(MAX_ZONE).collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The moment that a DURATION (RFC 5545 section 3.3.6) after this one is.
    pub(super) fn after(&self, duration: &str) -> Option<Self> {
        let seconds = self.seconds?.checked_add(duration_seconds(duration)?)?;
        Some(Self { seconds: Some(seconds), ..self.clone() })
    }

    /// The last day of an event that ends before this day: the end of whole days is exclusive
    /// (RFC 5545 section 3.6.1).
    fn day_before(&self) -> Self {
        Self { seconds: self.seconds.map(|seconds| seconds - DAY), ..self.clone() }
    }

    /// The day and the time of day for people; what is no date stands as it is.
    fn parts(&self, language: Language) -> (String, String) {
        let Some(seconds) = self.seconds else { return (self.raw.clone(), String::new()) };
        let at = Timestamp::japanese_time(seconds.saturating_mul(1_000));
        let mut day = match language {
            Language::Japanese => at.japanese(),
            Language::English => at.english(),
        };
        let time = day.split_off(day.len().saturating_sub("17:00".len()));
        if self.has_time {
            (day, time)
        } else {
            (day.trim_end_matches([',', ' ']).to_owned(), String::new())
        }
    }

    /// The day alone.
    pub(super) fn day(&self, language: Language) -> String {
        let (day, _) = self.parts(language);
        day.trim_end_matches([',', ' ']).to_owned()
    }

    /// Day, time of day and zone.
    pub(super) fn shown(&self, language: Language) -> String {
        let (day, time) = self.parts(language);
        format!("{day}{time}{}", self.zone_shown(language))
    }

    fn zone_shown(&self, language: Language) -> String {
        match language {
            _ if self.zone.is_empty() => String::new(),
            Language::Japanese => format!("（{}）", self.zone),
            Language::English => format!(" ({})", self.zone),
        }
    }
}

/// From start to end; a day that both have, and a zone, is said once.
pub(super) fn span(start: &Moment, end: &Moment, language: Language) -> String {
    if end.is_empty() {
        return start.shown(language);
    }
    let is_whole_days = end.seconds.is_some() && !end.has_time && !start.has_time;
    let end = if is_whole_days { end.day_before() } else { end.clone() };
    if is_whole_days && start.seconds >= end.seconds {
        return start.shown(language);
    }
    let (start_day, start_time) = start.parts(language);
    let (end_day, end_time) = end.parts(language);
    let is_same_zone = start.zone == end.zone && start.has_time == end.has_time;
    if !is_same_zone {
        return format!("{} ～ {}", start.shown(language), end.shown(language));
    }
    let zone = start.zone_shown(language);
    if start_day == end_day && start.has_time {
        format!("{start_day}{start_time} ～ {end_time}{zone}")
    } else {
        format!("{start_day}{start_time} ～ {end_day}{end_time}{zone}")
    }
}

/// Seconds that Japanese time is ahead of UTC.
fn east() -> i64 {
    i64::from(sekimori_policy::timestamp::JAPAN) * 60
}

/// Seconds of a civil date as if it were UTC, and whether it has a time of day.
fn civil_seconds(value: &str) -> Option<(i64, bool)> {
    let (date, time) = value.trim_end_matches('Z').split_once('T').unwrap_or((value, ""));
    let number = |text: &str, from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let (year, month, day) = (number(date, 0, 4)?, number(date, 4, 6)?, number(date, 6, 8)?);
    if date.len() != 8 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = if time.is_empty() {
        0
    } else {
        number(time, 0, 2)? * 3_600 + number(time, 2, 4)? * 60 + number(time, 4, 6)?
    };
    // Days from 1970, with years counted from March so that the leap day comes last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719_468;
    Some((days * DAY + seconds, !time.is_empty()))
}

/// Seconds of a duration such as `P1DT2H30M`; `None` for what is none, is negative, or is longer than
/// [`MAX_DURATION`].
fn duration_seconds(value: &str) -> Option<i64> {
    let value = value.trim();
    let mut rest = value.strip_prefix('+').unwrap_or(value).strip_prefix('P')?;
    let mut sum = 0_i64;
    let mut is_time = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            is_time = true;
            rest = after;
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(digits)?;
        let mut unit = after.chars();
        let length = match (unit.next()?, is_time) {
            ('W', false) => 7 * DAY,
            ('D', false) => DAY,
            ('H', true) => 3_600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(length)?)?;
        rest = unit.as_str();
    }
    (sum <= MAX_DURATION).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(parameters: &str, value: &str) -> Moment {
        Moment::read(parameters, value)
    }

    fn japanese(start: &Moment, end: &Moment) -> String {
        span(start, end, Language::Japanese)
    }

    #[test]
    fn whole_days_and_other_zones_are_shown_as_such() {
        let day = at("VALUE=DATE", "20260921");
        assert_eq!(day.shown(Language::Japanese), "令和8（2026）年9月21日（月）");
        assert_eq!(day.shown(Language::English), "Mon 21 Sep 2026");
        let paris = at("TZID=Europe/Paris", "20260921T090000");
        assert!(paris.shown(Language::Japanese).ends_with("09:00（Europe/Paris）"));
        assert!(
            japanese(&paris, &at("TZID=Europe/Paris", "20260921T100000"))
                .ends_with("（月）09:00 ～ 10:00（Europe/Paris）")
        );
        assert!(
            japanese(&paris, &at("TZID=Tokyo Standard Time", "20260921T180000"))
                .ends_with("09:00（Europe/Paris） ～ 令和8（2026）年9月21日（月）18:00")
        );
        assert_eq!(at("", "99999999T999999").shown(Language::Japanese), "99999999T999999");
    }

    #[test]
    fn an_event_over_days_has_both_dates() {
        assert_eq!(
            japanese(&at("", "20260921T220000"), &at("", "20260922T050000")),
            "令和8（2026）年9月21日（月）22:00 ～ 令和8（2026）年9月22日（火）05:00"
        );
        assert_eq!(
            japanese(&Moment::default(), &at("", "20260922T050000")),
            " ～ 令和8（2026）年9月22日（火）05:00"
        );
    }

    #[test]
    fn the_end_of_whole_days_is_their_last_day() {
        let day = |value| at("VALUE=DATE", value);
        assert_eq!(
            japanese(&day("20260921"), &day("20260924")),
            "令和8（2026）年9月21日（月） ～ 令和8（2026）年9月23日（水）"
        );
        for end in ["20260922", "20260921", "20260920"] {
            let one = japanese(&day("20260921"), &day(end));
            assert_eq!(one, "令和8（2026）年9月21日（月）", "{end}");
        }
    }

    #[test]
    fn a_duration_gives_the_end() {
        let start = at("", "20260921T220000");
        for (duration, end) in [
            ("PT1H30M", Some("（月）22:00 ～ 23:30")),
            ("P1DT2H", Some("令和8（2026）年9月23日（水）00:00")),
            ("P1W", Some("9月28日（月）22:00")),
            ("-PT1H", None),
            ("PT1", None),
            ("P1M", None),
            ("P99999999999W", None),
            ("P9223372036854775807W", None),
            ("P20000D", None),
        ] {
            let ended = start.after(duration).map(|end| japanese(&start, &end));
            assert_eq!(ended.is_some(), end.is_some(), "{duration}");
            let ended = ended.unwrap_or_default();
            assert!(ended.ends_with(end.unwrap_or_default()), "{duration}: {ended}");
        }
    }
}
