//! A calendar invitation (RFC 5545) as a few readable lines. Only what is named here is read;
//! attached files and everything else of the calendar stay behind.
//!
//! Layout: this file finds the events; `moment` knows dates and times, `recurrence` how an event
//! repeats, `people` who is asked.

mod moment;
mod people;
mod recurrence;

use sekimori_policy::Language;

use crate::content_line::{property, unescaped, unfolded};
use crate::said;

use moment::Moment;
use people::{People, person};

/// Events of one calendar that are laid out.
const MAX_EVENTS: usize = 20;

/// Addresses of attached documents, and days left out, that one event names.
const MAX_LISTED: usize = 10;

/// One event, as its properties say.
#[derive(Default)]
struct Event {
    summary: String,
    start: Moment,
    end: Moment,
    duration: String,
    is_cancelled: bool,
    location: String,
    organizer: String,
    people: People,
    rule: String,
    left_out: Vec<String>,
    url: String,
    documents: Vec<String>,
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
            "ATTACH" => has_attachment |= document(value).is_none(),
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

impl Event {
    fn set(&mut self, name: &str, parameters: &str, value: &str, language: Language) {
        match name {
            "SUMMARY" => self.summary = unescaped(value),
            "LOCATION" => self.location = unescaped(value),
            "COMMENT" => self.comment = unescaped(value),
            "DESCRIPTION" => self.description = unescaped(value),
            "URL" => value.trim().clone_into(&mut self.url),
            "RRULE" => value.trim().clone_into(&mut self.rule),
            "DTSTART" => self.start = Moment::read(parameters, value),
            "DTEND" | "DUE" => self.end = Moment::read(parameters, value),
            "DURATION" => value.trim().clone_into(&mut self.duration),
            "STATUS" => self.is_cancelled = value.trim().eq_ignore_ascii_case("CANCELLED"),
            "ORGANIZER" => self.organizer = person(parameters, value),
            "ATTENDEE" => self.people.add(parameters, value, language),
            "EXDATE" => {
                for value in value.split(',') {
                    let day = Moment::read(parameters, value).day(language);
                    add_within(&mut self.left_out, day);
                }
            }
            "ATTACH" => {
                if let Some(document) = document(value) {
                    add_within(&mut self.documents, document.to_owned());
                }
            }
            _ => {}
        }
    }

    fn lines(&self, method: &str, known: &str, language: Language) -> String {
        let is_japanese = language == Language::Japanese;
        let method = if self.is_cancelled { "CANCEL" } else { method };
        let title = match (method, is_japanese) {
            ("CANCEL", true) => "〔予定の取り消し〕",
            ("CANCEL", false) => "[Cancelled event]",
            ("REPLY", true) => "〔予定への返事〕",
            ("REPLY", false) => "[Answer to an invitation]",
            (_, true) => "〔予定の案内〕",
            (_, false) => "[Event]",
        };
        let end = self.start.after(&self.duration).filter(|_| self.end.is_empty());
        let when = moment::span(&self.start, end.as_ref().unwrap_or(&self.end), language);
        let repeats = recurrence::in_words(&self.rule, language);
        let (people, left_out) = (self.people.shown(language), self.left_out.join(", "));
        let documents = self.documents.join(" ");
        let mut text = format!("{title}\n");
        for (japanese, english, value) in [
            ("件名　：", "Subject: ", self.summary.as_str()),
            ("日時　：", "When: ", when.trim()),
            ("繰返し：", "Repeats: ", &repeats),
            ("除外日：", "Except: ", &left_out),
            ("場所　：", "Where: ", &self.location),
            ("主催者：", "Organizer: ", &self.organizer),
            ("出席者：", "Attendees: ", &people),
            ("リンク：", "Link: ", &self.url),
            ("資料　：", "Documents: ", &documents),
            ("連絡　：", "Comment: ", &self.comment),
        ] {
            if !value.is_empty() {
                text.push_str(if is_japanese { japanese } else { english });
                text.push_str(&value.replace('\n', " "));
                text.push('\n');
            }
        }
        if !self.description.is_empty() && !said::is_within(&self.description, known) {
            text.push('\n');
            text.push_str(&self.description);
            text.push('\n');
        }
        text
    }
}

/// The address of a document that is attached by its address; `None` for a file that is inside.
fn document(value: &str) -> Option<&str> {
    let value = value.trim();
    let is = |scheme: &str| {
        value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    (is("https://") || is("http://")).then_some(value)
}

/// Adds to a list that has its bound; a sign says that something was left out.
fn add_within(list: &mut Vec<String>, value: String) {
    match list.len() {
        0..MAX_LISTED => list.push(value),
        MAX_LISTED => list.push("…".to_owned()),
        _ => {}
    }
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

    fn laid(properties: &str, language: Language) -> Laid {
        let source =
            format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{properties}\nEND:VEVENT\nEND:VCALENDAR\n");
        lay_out(&source, "", language).unwrap()
    }

    #[test]
    fn when_it_repeats_and_who_is_asked_are_said() {
        let event = "DTSTART;TZID=Asia/Tokyo:20260908T100000\nDURATION:PT1H\n\
            RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=6\nEXDATE;TZID=Asia/Tokyo:20261013T100000\n\
            ATTENDEE;CN=佐藤;PARTSTAT=ACCEPTED:mailto:a@b.jp";
        assert_eq!(
            laid(event, Language::Japanese).text,
            "〔予定の案内〕\n日時　：令和8（2026）年9月8日（火）10:00 ～ 11:00\n\
             繰返し：毎月第2火曜日（全6回）\n除外日：令和8（2026）年10月13日（火）\n\
             出席者：佐藤 <a@b.jp>（参加）\n"
        );
        assert_eq!(
            laid(event, Language::English).text,
            "[Event]\nWhen: Tue 8 Sep 2026, 10:00 ～ 11:00\n\
             Repeats: every month on the second Tuesday, 6 times\nExcept: Tue 13 Oct 2026\n\
             Attendees: 佐藤 <a@b.jp> (accepted)\n"
        );
    }

    #[test]
    fn an_event_that_is_off_is_called_so_whatever_the_method() {
        let text = laid("SUMMARY:x\nSTATUS:CANCELLED", Language::Japanese).text;
        assert!(text.starts_with("〔予定の取り消し〕\n"), "{text}");
    }

    #[test]
    fn documents_attached_by_address_are_shown_and_others_are_files() {
        let by_address = laid("ATTACH:https://a.example/1.pdf", Language::Japanese);
        assert_eq!(by_address.text, "〔予定の案内〕\n資料　：https://a.example/1.pdf\n");
        assert!(!by_address.has_attachment);
        assert!(laid("ATTACH:CID:part1@b.jp", Language::Japanese).has_attachment);
        let many = "ATTACH:https://a.example/1\n".repeat(MAX_LISTED + 5);
        let text = laid(&many, Language::Japanese).text;
        assert_eq!(text.matches("https").count(), MAX_LISTED);
        assert!(text.ends_with(" …\n"), "{text}");
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
