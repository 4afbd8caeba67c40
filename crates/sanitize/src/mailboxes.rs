//! Mailboxes of an input's header as the profile's.

use sekimori_mime::{Header, Mailbox as Given};
use sekimori_policy::{Code, Language};
use sekimori_profile::{AsciiAddress, Mailbox, SafeLine};

use crate::record::Record;

/// Longest display name in characters.
pub(crate) const MAX_DISPLAY_NAME: usize = 200;

/// Whether names that hold another address are marked in this field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marking {
    /// In fields that say who speaks.
    Marked,
    /// In fields that say who is spoken to.
    Unmarked,
}

/// Reads every mailbox of the field `name`.
pub(crate) fn read(
    header: &Header<'_>,
    name: &str,
    marking: Marking,
    language: Language,
    record: &mut Record,
) -> Vec<Mailbox> {
    if header.field(name).is_none() {
        return Vec::new();
    }
    let addresses = header.addresses(name);
    let cut = u64::try_from(addresses.cut).unwrap_or(u64::MAX);
    record.decisions.add_counted(Code::AddressesCut, cut);
    record.decisions.add_counted(Code::CharactersReplaced, addresses.replaced);
    if !addresses.groups.is_empty() {
        record.decisions.add_detailed(Code::HeaderRepaired, name);
    }
    let mut mailboxes = Vec::with_capacity(addresses.mailboxes.len());
    for given in &addresses.mailboxes {
        match mailbox(given, marking, language, record) {
            Some(mailbox) => mailboxes.push(mailbox),
            None => record.decisions.add(Code::AddressDropped),
        }
    }
    mailboxes
}

fn mailbox(
    given: &Given,
    marking: Marking,
    language: Language,
    record: &mut Record,
) -> Option<Mailbox> {
    let address = AsciiAddress::new(given.address.clone()?).ok()?;
    let name = given.name.as_deref().map(|name| {
        let line = record.safe_line(name);
        display_name(line.as_str(), &address, marking, language, record)
    });
    Some(Mailbox { name: name.filter(|name| !name.is_empty()), address })
}

const MARKS: [&str; 2] =
    ["【注意：表示名に別のアドレス】", "[Caution: the name holds another address] "];

/// A display name within its bound, with a warning before it where it holds another address. A name
/// that has a warning keeps that one.
fn display_name(
    given: &str,
    own: &AsciiAddress,
    marking: Marking,
    language: Language,
    record: &mut Record,
) -> SafeLine {
    let [japanese, english] = MARKS;
    let in_language = if language == Language::Japanese { japanese } else { english };
    let marked = MARKS.into_iter().find_map(|mark| Some((mark, given.strip_prefix(mark)?)));
    let (mark, name) = marked.unwrap_or((in_language, given));
    let name: String = name.chars().take(MAX_DISPLAY_NAME).collect();
    let is_marked = marked.is_some() || holds_another_address(&name, own);
    if marking == Marking::Unmarked || !is_marked {
        let bounded: String = given.chars().take(MAX_DISPLAY_NAME).collect();
        return SafeLine::clean(&bounded).0;
    }
    record.decisions.add(Code::DisplayNameMarked);
    SafeLine::clean(&format!("{mark}{name}")).0
}

/// Whether some word of a name is an address, by its look, and not the mailbox's own.
fn holds_another_address(name: &str, own: &AsciiAddress) -> bool {
    let is_at = |c| c == '@' || c == '\u{FF20}' || c == '\u{FE6B}';
    if !name.contains(is_at) {
        return false;
    }
    let is_part = |c: char| {
        is_at(c)
            || c.is_ascii_alphanumeric()
            || ".-_+%".contains(c)
            || !c.is_ascii() && c.is_alphanumeric()
    };
    name.split(|c| !is_part(c)).any(|word| {
        let word = word.trim_matches('.').replace(is_at, "@");
        let looks_like_one = word.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains(|c: char| c.is_alphanumeric())
        });
        looks_like_one && !word.eq_ignore_ascii_case(own.as_str())
    })
}

#[cfg(test)]
mod tests {
    use sekimori_policy::Address;

    use super::*;

    fn own() -> AsciiAddress {
        AsciiAddress::new(Address::parse("soumu@town.example.lg.jp").unwrap()).unwrap()
    }

    #[test]
    fn another_address_in_a_name_is_seen() {
        for name in [
            "boss@pref.example.lg.jp",
            "部長＜boss＠pref.example.lg.jp＞",
            "x@y",
            "\"a@b.jp\" via list",
        ] {
            assert!(holds_another_address(name, &own()), "{name}");
        }
        for name in
            ["総務課", "Soumu@Town.example.lg.jp", "a @ b", "@twitter", "soumu@town.example.lg.jp."]
        {
            assert!(!holds_another_address(name, &own()), "{name}");
        }
    }

    #[test]
    fn a_name_is_marked_once_and_bounded() {
        let mut record = Record::default();
        let mut shown = |given: &str, marking, language| {
            display_name(given, &own(), marking, language, &mut record).to_string()
        };
        let long = format!("x@y.jp {}", "z".repeat(5 * MAX_DISPLAY_NAME));
        for language in [Language::Japanese, Language::English] {
            let once = shown(&long, Marking::Marked, language);
            assert!(once.ends_with(&long[..MAX_DISPLAY_NAME]), "{once}");
            assert!(once.len() > MAX_DISPLAY_NAME);
            assert_eq!(shown(&once, Marking::Marked, Language::Japanese), once);
        }
        assert_eq!(shown("x@y.jp", Marking::Unmarked, Language::Japanese), "x@y.jp");
        let bounded = shown(&long, Marking::Unmarked, Language::Japanese);
        assert_eq!(bounded.len(), MAX_DISPLAY_NAME);
    }
}
