//! How an event repeats (RFC 5545 section 3.3.10), in words where the rule is a usual one.

use sekimori_policy::Language;

use super::moment::Moment;

/// Days of a week or month that one rule names.
const MAX_DAYS: usize = 31;
/// Characters of a rule that is shown as it stands.
const MAX_RAW: usize = 200;

const DAYS: [(&str, &str, &str); 7] = [
    ("MO", "月", "Monday"),
    ("TU", "火", "Tuesday"),
    ("WE", "水", "Wednesday"),
    ("TH", "木", "Thursday"),
    ("FR", "金", "Friday"),
    ("SA", "土", "Saturday"),
    ("SU", "日", "Sunday"),
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The rule in words; as it stands when it is none of the usual ones.
pub(super) fn in_words(rule: &str, language: Language) -> String {
    let words = Rule::read(rule).and_then(|rule| match language {
        Language::Japanese => rule.japanese(),
        Language::English => rule.english(),
    });
    words.unwrap_or_else(|| rule.chars().take(MAX_RAW).collect())
}

/// A rule of the parts that can be put in words.
#[derive(Default)]
struct Rule {
    frequency: String,
    interval: u32,
    count: Option<u32>,
    until: Option<Moment>,
    /// Each with its number in the month: 0 for none, -1 for the last.
    days: Vec<(i32, usize)>,
    month_day: Option<i32>,
    month: Option<usize>,
}

impl Rule {
    fn read(text: &str) -> Option<Self> {
        let mut rule = Self { interval: 1, ..Self::default() };
        let mut position = None;
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            let value = value.trim();
            match name.trim().to_ascii_uppercase().as_str() {
                "FREQ" => rule.frequency = value.to_ascii_uppercase(),
                "INTERVAL" => rule.interval = value.parse().ok()?,
                "COUNT" => rule.count = Some(value.parse().ok()?),
                "UNTIL" => rule.until = Some(Moment::read("", value)),
                "BYDAY" => {
                    if value.split(',').nth(MAX_DAYS).is_some() {
                        return None;
                    }
                    rule.days = value.split(',').map(day).collect::<Option<_>>()?;
                }
                "BYMONTHDAY" => rule.month_day = Some(value.parse().ok()?),
                "BYMONTH" => {
                    let month = value.parse::<usize>().ok()?.checked_sub(1)?;
                    rule.month = Some(month).filter(|month| *month < MONTHS.len());
                    rule.month?;
                }
                "BYSETPOS" => position = Some(value.parse::<i32>().ok()?),
                "WKST" => {}
                _ => return None,
            }
        }
        if let Some(position) = position {
            // The n-th of one day of the week is what the number before the day says as well.
            let [(number @ 0, _)] = rule.days.as_mut_slice() else { return None };
            *number = position;
        }
        rule.is_usual().then_some(rule)
    }

    fn is_usual(&self) -> bool {
        let is_numbered = |(number, _): &(i32, usize)| matches!(number, -1 | 1..=5);
        let has_numbered_day = self.days.len() == 1 && self.days.iter().all(is_numbered);
        let has_plain_days = self.days.iter().all(|(number, _)| *number == 0);
        let has_month_day = matches!(self.month_day, Some(-1 | 1..=31));
        let is_on_no_day = self.days.is_empty() && self.month_day.is_none();
        let is_on_one = (has_numbered_day && self.month_day.is_none())
            || (self.days.is_empty() && has_month_day);
        self.interval > 0
            && match self.frequency.as_str() {
                "DAILY" => is_on_no_day && self.month.is_none(),
                "WEEKLY" => has_plain_days && self.month_day.is_none() && self.month.is_none(),
                "MONTHLY" => (is_on_no_day || is_on_one) && self.month.is_none(),
                "YEARLY" => {
                    (is_on_no_day && self.month.is_none()) || (is_on_one && self.month.is_some())
                }
                _ => false,
            }
    }

    fn japanese(&self) -> Option<String> {
        let interval = self.interval;
        let every = |once: &str, many: &str| match interval {
            1 => once.to_owned(),
            _ => format!("{interval}{many}ごと"),
        };
        let of = if interval == 1 { "" } else { "の" };
        let day = match (self.days.first(), self.month_day) {
            (Some((-1, day)), _) => format!("最終{}曜日", DAYS.get(*day)?.1),
            (Some((number, day)), _) => format!("第{number}{}曜日", DAYS.get(*day)?.1),
            (None, Some(-1)) => "末日".to_owned(),
            (None, Some(day)) => format!("{day}日"),
            (None, None) => String::new(),
        };
        let on = if day.is_empty() { String::new() } else { format!("{of}{day}") };
        let mut text = match self.frequency.as_str() {
            "DAILY" => every("毎日", "日"),
            "WEEKLY" if self.days.is_empty() => every("毎週", "週間"),
            "WEEKLY" => {
                let days: Option<Vec<&str>> =
                    self.days.iter().map(|(_, day)| DAYS.get(*day).map(|day| day.1)).collect();
                format!("{}{of}{}曜日", every("毎週", "週間"), days?.join("・"))
            }
            "MONTHLY" => format!("{}{on}", every("毎月", "か月")),
            _ => match self.month {
                Some(month) => {
                    let joint = if self.days.is_empty() { "" } else { "の" };
                    format!("{}{of}{}月{joint}{day}", every("毎年", "年"), month + 1)
                }
                None => every("毎年", "年"),
            },
        };
        if let Some(count) = self.count {
            text.push_str(&format!("（全{count}回）"));
        }
        if let Some(until) = &self.until {
            text.push_str(&format!("、{}まで", until.day(Language::Japanese)));
        }
        Some(text)
    }

    fn english(&self) -> Option<String> {
        const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
        let unit = match self.frequency.as_str() {
            "DAILY" => "day",
            "WEEKLY" => "week",
            "MONTHLY" => "month",
            _ => "year",
        };
        let mut text = match self.interval {
            1 => format!("every {unit}"),
            interval => format!("every {interval} {unit}s"),
        };
        let month = self.month.and_then(|month| MONTHS.get(month));
        match (self.days.first(), self.month_day) {
            (Some((0, _)), _) => {
                let days: Option<Vec<&str>> =
                    self.days.iter().map(|(_, day)| DAYS.get(*day).map(|day| day.2)).collect();
                text.push_str(&format!(" on {}", days?.join(", ")));
            }
            (Some((number, day)), _) => {
                let number = usize::try_from(*number).ok();
                let ordinal = number.and_then(|number| ORDINALS.get(number.checked_sub(1)?));
                let day = DAYS.get(*day)?.2;
                text.push_str(&format!(" on the {} {day}", ordinal.unwrap_or(&"last")));
                text.push_str(&month.map(|month| format!(" of {month}")).unwrap_or_default());
            }
            (None, Some(-1)) => {
                let month = month.map(|month| format!(" of {month}"));
                text.push_str(&format!(" on the last day{}", month.unwrap_or_default()));
            }
            (None, Some(day)) => text.push_str(&match month {
                Some(month) => format!(" on {day} {month}"),
                None => format!(" on day {day}"),
            }),
            (None, None) => {}
        }
        if let Some(count) = self.count {
            text.push_str(&format!(", {count} times"));
        }
        if let Some(until) = &self.until {
            text.push_str(&format!(", until {}", until.day(Language::English)));
        }
        Some(text)
    }
}

/// A day of the week with its number before it, such as `2TU` or `-1FR`.
fn day(text: &str) -> Option<(i32, usize)> {
    let text = text.trim();
    let (number, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = DAYS.iter().position(|(short, ..)| name.eq_ignore_ascii_case(short))?;
    let number = if number.is_empty() { 0 } else { number.parse().ok()? };
    Some((number, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_rules_are_said_in_words() {
        for (rule, japanese, english) in [
            ("FREQ=DAILY", "毎日", "every day"),
            ("FREQ=DAILY;INTERVAL=3;COUNT=5", "3日ごと（全5回）", "every 3 days, 5 times"),
            ("FREQ=WEEKLY;BYDAY=MO;WKST=SU", "毎週月曜日", "every week on Monday"),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
                "2週間ごとの火・木曜日",
                "every 2 weeks on Tuesday, Thursday",
            ),
            ("FREQ=MONTHLY;BYDAY=2TU", "毎月第2火曜日", "every month on the second Tuesday"),
            (
                "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2",
                "毎月第2火曜日",
                "every month on the second Tuesday",
            ),
            ("FREQ=MONTHLY;BYDAY=-1FR", "毎月最終金曜日", "every month on the last Friday"),
            ("FREQ=MONTHLY;BYMONTHDAY=15", "毎月15日", "every month on day 15"),
            (
                "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1",
                "2か月ごとの末日",
                "every 2 months on the last day",
            ),
            ("FREQ=YEARLY", "毎年", "every year"),
            ("FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=1", "毎年4月1日", "every year on 1 April"),
            (
                "FREQ=YEARLY;BYMONTH=9;BYDAY=3MO",
                "毎年9月の第3月曜日",
                "every year on the third Monday of September",
            ),
            (
                "FREQ=WEEKLY;UNTIL=20261231T145959Z",
                "毎週、令和8（2026）年12月31日（木）まで",
                "every week, until Thu 31 Dec 2026",
            ),
        ] {
            assert_eq!(in_words(rule, Language::Japanese), japanese);
            assert_eq!(in_words(rule, Language::English), english);
        }
    }

    #[test]
    fn other_rules_stand_as_they_are() {
        for rule in [
            "FREQ=HOURLY",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;BYHOUR=9,17",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "FREQ=MONTHLY;BYDAY=6MO",
            "FREQ=MONTHLY;BYMONTHDAY=1,15",
            "FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=1",
            "FREQ=WEEKLY;BYDAY=2MO",
            "FREQ=WEEKLY;BYDAY=",
            "毎週",
            "",
        ] {
            assert_eq!(in_words(rule, Language::Japanese), rule);
        }
        let long = format!("FREQ=WEEKLY;BYDAY=MO{}", ",MO".repeat(100_000));
        assert_eq!(in_words(&long, Language::English).chars().count(), MAX_RAW);
    }
}
