//! Who is asked to an event, and what they answered (RFC 5545 section 3.8.4.1).

use sekimori_policy::Language;

use crate::content_line::parameter;

/// People of one event that are named; the rest is counted.
const MAX_NAMED: usize = 20;
/// Characters of one name with its address.
const MAX_PERSON: usize = 200;

/// The people asked to one event.
#[derive(Default)]
pub(super) struct People {
    named: Vec<String>,
    more: u64,
}

impl People {
    pub(super) fn add(&mut self, parameters: &str, value: &str, language: Language) {
        if self.named.len() >= MAX_NAMED {
            self.more += 1;
            return;
        }
        let is = |name: &str, value: &str| {
            parameter(parameters, name).is_some_and(|given| given.eq_ignore_ascii_case(value))
        };
        let mut said = Vec::new();
        for (name, value, japanese, english) in [
            ("CUTYPE", "ROOM", "会議室", "room"),
            ("CUTYPE", "RESOURCE", "設備", "resource"),
            ("ROLE", "CHAIR", "議長", "chair"),
            ("ROLE", "OPT-PARTICIPANT", "任意", "optional"),
            ("ROLE", "NON-PARTICIPANT", "参考", "for information"),
        ] {
            if is(name, value) {
                said.push(if language == Language::Japanese { japanese } else { english });
            }
        }
        said.push(answer(parameter(parameters, "PARTSTAT").unwrap_or_default(), language));
        let person = person(parameters, value);
        self.named.push(match language {
            Language::Japanese => format!("{person}（{}）", said.join("・")),
            Language::English => format!("{person} ({})", said.join(", ")),
        });
    }

    /// Everybody in one line.
    pub(super) fn shown(&self, language: Language) -> String {
        let (separator, more) = match language {
            Language::Japanese => ("、", format!("、ほか{}名", self.more)),
            Language::English => (", ", format!(", and {} more", self.more)),
        };
        let named = self.named.join(separator);
        if self.more > 0 { named + &more } else { named }
    }
}

/// A name with its address; the address where there is no name.
pub(super) fn person(parameters: &str, value: &str) -> String {
    let address = value.trim();
    let address = match address.split_at_checked("mailto:".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto:") => rest,
        _ => address,
    };
    let shown = match parameter(parameters, "CN").filter(|name| !name.is_empty()) {
        Some(name) if !name.eq_ignore_ascii_case(address) => format!("{name} <{address}>"),
        _ => address.to_owned(),
    };
    shown.chars().take(MAX_PERSON).collect()
}

/// An answer in a word; none yet where none is stated.
fn answer(status: &str, language: Language) -> &'static str {
    let (japanese, english) = match status.to_ascii_uppercase().as_str() {
        "ACCEPTED" => ("参加", "accepted"),
        "DECLINED" => ("不参加", "declined"),
        "TENTATIVE" => ("仮", "tentative"),
        "DELEGATED" => ("代理", "delegated"),
        _ => ("未回答", "no answer yet"),
    };
    if language == Language::Japanese { japanese } else { english }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_have_their_part_and_their_answer() {
        let mut people = People::default();
        for (parameters, value) in [
            ("CN=\"佐藤, 花子\";ROLE=CHAIR;PARTSTAT=ACCEPTED", "mailto:a@b.jp"),
            ("CN=b@b.jp;PARTSTAT=declined", "MAILTO:b@b.jp"),
            ("ROLE=OPT-PARTICIPANT;PARTSTAT=TENTATIVE", "mailto:c@b.jp"),
            ("CUTYPE=ROOM;CN=会議室A;PARTSTAT=NEEDS-ACTION", "mailto:r@b.jp"),
        ] {
            people.add(parameters, value, Language::Japanese);
        }
        assert_eq!(
            people.shown(Language::Japanese),
            "佐藤, 花子 <a@b.jp>（議長・参加）、b@b.jp（不参加）、c@b.jp（任意・仮）、\
             会議室A <r@b.jp>（会議室・未回答）"
        );
    }

    #[test]
    fn people_over_the_bound_are_counted() {
        let mut people = People::default();
        for _ in 0..MAX_NAMED + 7 {
            people.add("", &"x".repeat(10_000), Language::Japanese);
        }
        let shown = people.shown(Language::Japanese);
        assert!(shown.ends_with("、ほか7名"));
        assert!(shown.chars().count() < (MAX_PERSON + 10) * MAX_NAMED + 20);
        assert!(people.shown(Language::English).ends_with(", and 7 more"));
    }
}
