//! The conditions of the list, which live in its address and nowhere else.

use std::str::FromStr;

use sekimori_journal::{Order, Search, State};
use sekimori_policy::{Code, Timestamp};
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

use super::fields::{Fields, path_with};
use crate::words::{ListWords, MessageWords};

/// Conditions as they stand in the address of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Anything, anywhere.
    pub(crate) text: String,
    /// Any of these states.
    pub(crate) states: Vec<State>,
    /// In From or the envelope sender.
    pub(crate) from: String,
    /// In a recipient.
    pub(crate) to: String,
    /// In the subject.
    pub(crate) subject: String,
    /// In the name of a removed part.
    pub(crate) part: String,
    /// With this decision.
    pub(crate) code: Option<Code>,
    /// From this day, as `2026-09-21`.
    pub(crate) since: String,
    /// Up to and with this day.
    pub(crate) until: String,
    /// Of this organisation.
    pub(crate) organisation: String,
    /// With an open request.
    pub(crate) requested: bool,
    /// Oldest first.
    pub(crate) oldest: bool,
}

/// A condition as it is shown above the list, with the address of the list without it.
#[derive(Debug)]
pub(crate) struct Chip {
    /// The condition in words.
    pub(crate) label: String,
    /// The list without it.
    pub(crate) without: String,
}

/// Longest text of a condition, in characters.
const MAX_TEXT: usize = sekimori_journal::register::search::MAX_TEXT_CHARS;

fn text(fields: &Fields, name: &str) -> String {
    fields.get(name).chars().take(MAX_TEXT).collect()
}

impl Filter {
    /// Reads the conditions of an address. What is not understood is no condition.
    pub(crate) fn read(fields: &Fields) -> Self {
        let state = |word| State::ALL.into_iter().find(|state| state.as_str() == word);
        let mut states: Vec<State> = fields.all("state").filter_map(state).collect();
        states.sort_unstable();
        states.dedup();
        Self {
            text: text(fields, "text"),
            states,
            from: text(fields, "from"),
            to: text(fields, "to"),
            subject: text(fields, "subject"),
            part: text(fields, "part"),
            code: Code::from_str(fields.get("code")).ok(),
            since: text(fields, "since"),
            until: text(fields, "until"),
            organisation: fields.get("organisation").to_owned(),
            requested: fields.is_set("requested"),
            oldest: fields.is_set("oldest"),
        }
    }

    /// Names and values as they stand in an address; reading them gives the same conditions.
    pub(crate) fn pairs(&self) -> Vec<(&'static str, &str)> {
        let mut pairs = Vec::new();
        let texts = [
            ("text", &self.text),
            ("from", &self.from),
            ("to", &self.to),
            ("subject", &self.subject),
            ("part", &self.part),
            ("since", &self.since),
            ("until", &self.until),
            ("organisation", &self.organisation),
        ];
        pairs.extend(texts.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (*n, v.as_str())));
        pairs.extend(self.states.iter().map(|state| ("state", state.as_str())));
        pairs.extend(self.code.map(|code| ("code", code.as_str())));
        pairs.extend(self.requested.then_some(("requested", "1")));
        pairs.extend(self.oldest.then_some(("oldest", "1")));
        pairs
    }

    /// The address of the list with these conditions.
    pub(crate) fn path(&self) -> String {
        path_with("/messages", &self.pairs())
    }

    /// Whether nothing is asked for but, at most, a state.
    pub(crate) fn is_wide(&self) -> bool {
        let wide = Self { states: self.states.clone(), oldest: self.oldest, ..Self::default() };
        *self == wide
    }

    /// Whether a date was given that is none.
    pub(crate) fn has_bad_date(&self) -> bool {
        [&self.since, &self.until].into_iter().any(|text| !text.is_empty() && day(text).is_none())
    }

    /// What the store is asked for.
    pub(crate) fn search(&self) -> Search {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        Search {
            organisations: some(&self.organisation).into_iter().collect(),
            own: None,
            states: self.states.clone(),
            text: some(&self.text),
            from: some(&self.from),
            to: some(&self.to),
            subject: some(&self.subject),
            part: some(&self.part),
            codes: self.code.into_iter().collect(),
            since: day(&self.since),
            until: day(&self.until).map(|start| start.plus_days(1)),
            requested: self.requested,
            order: if self.oldest { Order::OldestFirst } else { Order::NewestFirst },
        }
    }

    /// The conditions in words, but for the states, which have tabs of their own.
    pub(crate) fn chips(&self, w: &ListWords, m: &MessageWords, japanese: bool) -> Vec<Chip> {
        let mut chips = Vec::new();
        let mut chip = |label: String, without: Self| {
            chips.push(Chip { label, without: without.path() });
        };
        let of = |name: &str, value: &str| format!("{name}: {value}");
        if !self.text.is_empty() {
            chip(self.text.clone(), Self { text: String::new(), ..self.clone() });
        }
        if !self.from.is_empty() {
            chip(of(m.from, &self.from), Self { from: String::new(), ..self.clone() });
        }
        if !self.to.is_empty() {
            chip(of(m.recipients, &self.to), Self { to: String::new(), ..self.clone() });
        }
        if !self.subject.is_empty() {
            chip(of(m.subject, &self.subject), Self { subject: String::new(), ..self.clone() });
        }
        if !self.part.is_empty() {
            chip(of(m.attachments, &self.part), Self { part: String::new(), ..self.clone() });
        }
        if let Some(code) = self.code {
            let sentence = if japanese { code.japanese() } else { code.english() };
            chip(sentence.to_owned(), Self { code: None, ..self.clone() });
        }
        if !self.since.is_empty() {
            chip(of(w.since, &self.since), Self { since: String::new(), ..self.clone() });
        }
        if !self.until.is_empty() {
            chip(of(w.until, &self.until), Self { until: String::new(), ..self.clone() });
        }
        if !self.organisation.is_empty() {
            let without = Self { organisation: String::new(), ..self.clone() };
            chip(of(w.organisation, &self.organisation), without);
        }
        if self.requested {
            chip(w.requested.to_owned(), Self { requested: false, ..self.clone() });
        }
        chips
    }
}

/// The start of a day in Japan, written `2026-09-21` or `2026/9/21`.
pub(crate) fn day(text: &str) -> Option<Timestamp> {
    let mut numbers = text.split(['-', '/']);
    let year = numbers.next()?.parse::<i32>().ok()?;
    let month = numbers.next()?.parse::<u8>().ok()?;
    let day = numbers.next()?.parse::<u8>().ok()?;
    if numbers.next().is_some() {
        return None;
    }
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let japan = UtcOffset::from_hms(9, 0, 0).ok()?;
    let start = OffsetDateTime::new_in_offset(date, Time::MIDNIGHT, japan);
    let millis = start.unix_timestamp().checked_mul(1000)?;
    Timestamp::from_unix_millis(millis, sekimori_policy::timestamp::JAPAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_round_trip_through_the_address() {
        let address = "text=%E8%A6%8B%E7%A9%8D+%26&from=a%40example.jp&to=b&subject=s&part=p.xlsm\
            &since=2026-09-01&until=2026-09-21&organisation=%E5%B1%B1%E5%8C%97%E7%94%BA\
            &state=held&state=deleted&code=html-to-text&requested=1&oldest=1";
        let filter = Filter::read(&Fields::parse(address.as_bytes()));
        assert_eq!(filter.states, [State::Held, State::Deleted]);
        let again = filter.path();
        let query = again.split_once('?').unwrap().1;
        assert_eq!(Filter::read(&Fields::parse(query.as_bytes())), filter);
        assert_eq!(filter.pairs().len(), address.matches('=').count());
    }

    #[test]
    fn the_last_day_is_within() {
        let fields = Fields::parse(b"since=2026-09-21&until=2026/9/21");
        let search = Filter::read(&fields).search();
        let (since, until) = (search.since.unwrap(), search.until.unwrap());
        assert_eq!(since.rfc3339(), "2026-09-21T00:00:00.000+09:00");
        assert_eq!(until.unix_millis() - since.unix_millis(), 86_400_000);
    }

    #[test]
    fn what_is_no_date_is_said_to_be_none() {
        for text in ["令和8年9月21日", "2026-13-01", "2026-02-30", "2026-09", "9999999999-1-1"]
        {
            let filter = Filter { since: text.to_owned(), ..Filter::default() };
            assert!(filter.has_bad_date(), "{text}");
        }
    }

    #[test]
    fn removing_a_condition_leaves_the_others() {
        let filter = Filter::read(&Fields::parse(b"text=a&from=b&state=held"));
        let w = ListWords::of(sekimori_policy::Language::Japanese);
        let m = MessageWords::of(sekimori_policy::Language::Japanese);
        let chips = filter.chips(w, m, true);
        let without: Vec<_> = chips.iter().map(|chip| chip.without.as_str()).collect();
        assert_eq!(without, ["/messages?from=b&state=held", "/messages?text=a&state=held"]);
    }
}
