//! A calendar invitation (RFC 5545) as a few readable lines. Only what is named here is read;
//! attached files and everything else of the calendar stay behind.

use sekimori_policy::{Language, Timestamp};

/// Events of one calendar that are laid out.
const MAX_EVENTS: usize = 20;

/// One event, as its properties say.
#[derive(Default)]
struct Event {
    summary: String,
    start: String,
    end: String,
    location: String,
    organizer: String,
    rule: String,
    url: String,
    comment: String,
    description: String,
}

/// What was read of a calendar.
pub(crate) struct Laid {
    /// The lines for people.
    pub(crate) text: String,
    /// Whether files are attached inside it.
    pub(crate) has_attachment: bool,
}

/// Lays out the events of `source`; `None` when it has none. A description that `known` holds
/// already is not said again.
pub(crate) fn lay_out(source: &str, known: &str, language: Language) -> Option<Laid> {
    let mut method = String::new();
    let mut events: Vec<Event> = Vec::new();
    let mut has_attachment = false;
    // Components inside an event (alarms) and beside it (time zones) are passed over.
    let mut open: Vec<String> = Vec::new();
    for line in unfolded(source) {
        let Some((name, parameters, value)) = property(&line) else { continue };
        match name.as_str() {
            "BEGIN" => {
                open.push(value.trim().to_ascii_uppercase());
                if open.len() == 2 && is_event(&open) {
                    events.push(Event::default());
                }
                // Deeper than any calendar goes: nothing in there is read.
                open.truncate(MAX_EVENTS);
                continue;
            }
            "END" => {
                open.pop();
                continue;
            }
            "METHOD" if open.len() == 1 => method = value.trim().to_ascii_uppercase(),
            "ATTACH" => has_attachment = true,
            _ => {}
        }
        if open.len() == 2
            && is_event(&open)
            && events.len() <= MAX_EVENTS
            && let Some(event) = events.last_mut()
        {
            event.set(&name, parameters, value, language);
        }
    }
    events.truncate(MAX_EVENTS);
    let text: Vec<String> =
        events.iter().map(|event| event.lines(&method, known, language)).collect();
    (!text.is_empty()).then(|| Laid { text: text.join("\n"), has_attachment })
}

fn is_event(open: &[String]) -> bool {
    open.last().is_some_and(|name| name == "VEVENT" || name == "VTODO")
}

/// Content lines, unfolded (RFC 5545 section 3.1).
fn unfolded(source: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in source.lines() {
        let line = line.trim_end_matches('\r');
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(continued), Some(open)) => open.push_str(continued),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// Name, parameters and value of a content line. The colon that ends the parameters is outside of
/// quotes.
fn property(line: &str) -> Option<(String, &str, &str)> {
    let mut is_quoted = false;
    let colon = line.find(|c| {
        is_quoted ^= c == '"';
        c == ':' && !is_quoted
    })?;
    let (head, value) = line.split_at_checked(colon)?;
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some((name.trim().to_ascii_uppercase(), parameters, value.get(1..)?))
}

fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"'))
    })
}

/// TEXT values escape line ends, commas, semicolons and backslashes (RFC 5545 section 3.3.11).
fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(escaped) => out.push(escaped),
                None => {}
            },
            _ => out.push(c),
        }
    }
    out.trim().to_owned()
}

impl Event {
    fn set(&mut self, name: &str, parameters: &str, value: &str, language: Language) {
        match name {
            "SUMMARY" => self.summary = unescaped(value),
            "LOCATION" => self.location = unescaped(value),
            "COMMENT" => self.comment = unescaped(value),
            "DESCRIPTION" => self.description = unescaped(value),
            "URL" => value.trim().clone_into(&mut self.url),
            "RRULE" => value.trim().clone_into(&mut self.rule),
            "DTSTART" => self.start = moment(parameters, value, language),
            "DTEND" | "DUE" => self.end = moment(parameters, value, language),
            "ORGANIZER" => {
                let address = value.trim();
                let address = match address.split_at_checked(7) {
                    Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto:") => rest,
                    _ => address,
                };
                self.organizer = match parameter(parameters, "CN") {
                    Some(name) => format!("{name} <{address}>"),
                    None => address.to_owned(),
                };
            }
            _ => {}
        }
    }

    fn lines(&self, method: &str, known: &str, language: Language) -> String {
        let is_japanese = language == Language::Japanese;
        let title = match (method, is_japanese) {
            ("CANCEL", true) => "〔予定の取り消し〕",
            ("CANCEL", false) => "[Cancelled event]",
            ("REPLY", true) => "〔予定への返事〕",
            ("REPLY", false) => "[Answer to an invitation]",
            (_, true) => "〔予定の案内〕",
            (_, false) => "[Event]",
        };
        let when = span(&self.start, &self.end);
        let mut text = format!("{title}\n");
        for (japanese, english, value) in [
            ("件名　：", "Subject: ", self.summary.as_str()),
            ("日時　：", "When: ", when.trim()),
            ("繰返し：", "Repeats: ", &self.rule),
            ("場所　：", "Where: ", &self.location),
            ("主催者：", "Organizer: ", &self.organizer),
            ("リンク：", "Link: ", &self.url),
            ("連絡　：", "Comment: ", &self.comment),
        ] {
            if !value.is_empty() {
                text.push_str(if is_japanese { japanese } else { english });
                text.push_str(&value.replace('\n', " "));
                text.push('\n');
            }
        }
        if !self.description.is_empty() && !is_within(&self.description, known) {
            text.push('\n');
            text.push_str(&self.description);
            text.push('\n');
        }
        text
    }
}

/// From start to end; a date that both have is said once.
fn span(start: &str, end: &str) -> String {
    fn divided(moment: &str) -> Option<(&str, &str)> {
        let divided = moment.split_at_checked(moment.len().checked_sub("17:00".len())?);
        divided.filter(|(_, time)| time.bytes().all(|b| b.is_ascii_digit() || b == b':'))
    }
    match (divided(start), divided(end)) {
        _ if end.is_empty() => start.to_owned(),
        (Some((date, _)), Some((end_date, time))) if date == end_date => {
            format!("{start} ～ {time}")
        }
        _ => format!("{start} ～ {end}"),
    }
}

/// Whether `known` says `text` already, white space aside.
fn is_within(text: &str, known: &str) -> bool {
    let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    squeeze(known).contains(&squeeze(text))
}

/// A DATE or DATE-TIME for people (RFC 5545 sections 3.3.4 and 3.3.5). UTC is shown as Japanese
/// time; another zone is named. What is no date is shown as it stands.
fn moment(parameters: &str, value: &str, language: Language) -> String {
    let value = value.trim();
    let zone = parameter(parameters, "TZID").unwrap_or_default();
    let Some((millis, has_time)) = civil_millis(value) else { return value.to_owned() };
    let is_utc = value.ends_with('Z');
    let east = if is_utc { 0 } else { i64::from(sekimori_policy::timestamp::JAPAN) };
    let at = Timestamp::japanese_time(millis - east * 60_000);
    let mut text = match language {
        Language::Japanese => at.japanese(),
        Language::English => at.english(),
    };
    if !has_time {
        text.truncate(text.len() - "17:00".len());
        text.truncate(text.trim_end_matches([',', ' ']).len());
    }
    let is_japanese_time =
        is_utc || zone.is_empty() || zone.contains("Tokyo") || zone.contains("Japan");
    if !is_japanese_time {
        text.push_str(&format!("（{zone}）"));
    }
    text
}

/// Milliseconds of a civil date as if it were UTC, and whether it has a time of day.
fn civil_millis(value: &str) -> Option<(i64, bool)> {
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
    Some(((days * 86_400 + seconds) * 1_000, !time.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITATION: &str = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nBEGIN:STANDARD\r\n\
        DTSTART:16010101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n\
        DTSTART;TZID=Asia/Tokyo:20260921T170000\r\nDTEND:20260921T090000Z\r\n\
        SUMMARY:打合せ\\, 第2\r\n 回\r\nLOCATION:会議室\r\nORGANIZER;CN=\"総務: 課\":MAILTO:a@b.jp\r\n\
        DESCRIPTION:一行目\\n二行目\r\nATTACH;VALUE=BINARY;ENCODING=BASE64:TVqQAAMAAAA\r\n\
        BEGIN:VALARM\r\nDESCRIPTION:REMINDER\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    #[test]
    fn an_invitation_is_laid_out_and_its_files_stay_behind() {
        let laid = lay_out(INVITATION, "", Language::Japanese).unwrap();
        assert!(laid.has_attachment);
        assert_eq!(
            laid.text,
            "〔予定の案内〕\n件名　：打合せ, 第2回\n日時　：令和8（2026）年9月21日（月）17:00 ～ 18:00\n\
             場所　：会議室\n主催者：総務: 課 <a@b.jp>\n\n一行目\n二行目\n"
        );
        let laid = lay_out(INVITATION, "一行目\n二行目", Language::English).unwrap();
        assert!(!laid.text.contains("一行目"), "{}", laid.text);
    }

    #[test]
    fn what_is_no_calendar_gives_nothing() {
        for source in ["", "hello", "BEGIN:VCALENDAR\nEND:VCALENDAR", "BEGIN:VEVENT\nSUMMARY:a"] {
            assert!(lay_out(source, "", Language::Japanese).is_none());
        }
    }

    #[test]
    fn whole_days_and_other_zones_are_shown_as_such() {
        assert_eq!(
            moment("VALUE=DATE", "20260921", Language::Japanese),
            "令和8（2026）年9月21日（月）"
        );
        assert_eq!(moment("VALUE=DATE", "20260921", Language::English), "Mon 21 Sep 2026");
        assert!(
            moment("TZID=Europe/Paris", "20260921T090000", Language::Japanese)
                .ends_with("09:00（Europe/Paris）")
        );
        assert_eq!(moment("", "99999999T999999", Language::Japanese), "99999999T999999");
    }

    #[test]
    fn an_event_over_days_has_both_dates() {
        let day = |date| moment("VALUE=DATE", date, Language::Japanese);
        let at = |date| moment("", date, Language::Japanese);
        assert_eq!(
            span(&day("20260921"), &day("20260923")),
            "令和8（2026）年9月21日（月） ～ 令和8（2026）年9月23日（水）"
        );
        assert_eq!(
            span(&at("20260921T220000"), &at("20260922T050000")),
            "令和8（2026）年9月21日（月）22:00 ～ 令和8（2026）年9月22日（火）05:00"
        );
        assert_eq!(span("", &at("20260922T050000")), " ～ 令和8（2026）年9月22日（火）05:00");
    }

    #[test]
    fn events_over_the_bound_are_left_out() {
        let event = "BEGIN:VEVENT\nSUMMARY:あ\nEND:VEVENT\n";
        let source = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", event.repeat(MAX_EVENTS + 5));
        let laid = lay_out(&source, "", Language::Japanese).unwrap();
        assert_eq!(laid.text.matches("あ").count(), MAX_EVENTS);
        let nested = "BEGIN:VCALENDAR\n".repeat(5_000) + event;
        assert!(lay_out(&nested, "", Language::Japanese).is_none());
    }
}
