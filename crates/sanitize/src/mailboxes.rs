//! Mailboxes of an input's header as the profile's.

use sekimori_mime::{Header, Mailbox as Given};
use sekimori_policy::{Code, Language, Organisation};
use sekimori_profile::{AsciiAddress, Mailbox, SafeLine};

use crate::name_mark::Mark;
use crate::record::Record;

/// Longest display name in characters.
pub(crate) const MAX_DISPLAY_NAME: usize = 200;

/// Whether names that mislead are marked in this field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Marking<'o> {
    /// In fields that say who speaks, to this organisation.
    Marked(&'o Organisation),
    /// In fields that say who is spoken to.
    Unmarked,
}

/// Reads every mailbox of the field `name`.
pub(crate) fn read(
    header: &Header<'_>,
    name: &str,
    marking: Marking<'_>,
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
    for (at, given) in addresses.mailboxes.iter().enumerate() {
        let section = format!("HEADER.{name}.{}", at + 1);
        match mailbox(given, &section, marking, language, record) {
            Some(mailbox) => mailboxes.push(mailbox),
            None => record.decisions.add(Code::AddressDropped),
        }
    }
    mailboxes
}

fn mailbox(
    given: &Given,
    section: &str,
    marking: Marking<'_>,
    language: Language,
    record: &mut Record,
) -> Option<Mailbox> {
    let address = AsciiAddress::new(given.address.clone()?).ok()?;
    let name = given.name.as_deref().map(|name| {
        let line = record.safe_line(name);
        let cut = record.cut_blocks(line.as_str(), section, language);
        display_name(cut.as_deref().unwrap_or(line.as_str()), &address, marking, record)
    });
    Some(Mailbox { name: name.filter(|name| !name.is_empty()), address })
}

/// A display name within its bound, with a warning before it where it misleads. A name that has a
/// warning keeps that one.
fn display_name(
    given: &str,
    own: &AsciiAddress,
    marking: Marking<'_>,
    record: &mut Record,
) -> SafeLine {
    let bounded = |name: &str| name.chars().take(MAX_DISPLAY_NAME).collect::<String>();
    let Marking::Marked(organisation) = marking else {
        return SafeLine::clean(&bounded(given)).0;
    };
    let (mark, words, name) = if let Some((mark, words, name)) = Mark::of_marked(given) {
        (mark, words, bounded(name))
    } else {
        let name = bounded(given);
        let Some(mark) = Mark::of(&name, own, &organisation.domains) else {
            return SafeLine::clean(&name).0;
        };
        (mark, mark.words(organisation.language), name)
    };
    record.decisions.add(mark.code());
    SafeLine::clean(&format!("{words}{name}")).0
}

#[cfg(test)]
mod tests {
    use sekimori_policy::{Address, Language};

    use super::*;

    fn own() -> AsciiAddress {
        AsciiAddress::new(Address::parse("soumu@town.example.lg.jp").unwrap()).unwrap()
    }

    #[test]
    fn a_name_is_marked_once_and_bounded() {
        let mut record = Record::default();
        let mut shown =
            |given: &str, marking| display_name(given, &own(), marking, &mut record).to_string();
        let long = format!("x@y.jp {}", "z".repeat(5 * MAX_DISPLAY_NAME));
        let japanese = Organisation::new("山北町", Vec::new());
        let english = Organisation { language: Language::English, ..japanese.clone() };
        for organisation in [&japanese, &english] {
            let once = shown(&long, Marking::Marked(organisation));
            assert!(once.ends_with(&long[..MAX_DISPLAY_NAME]), "{once}");
            assert!(once.len() > MAX_DISPLAY_NAME);
            assert_eq!(shown(&once, Marking::Marked(&japanese)), once);
        }
        assert_eq!(shown("x@y.jp", Marking::Unmarked), "x@y.jp");
        let bounded = shown(&long, Marking::Unmarked);
        assert_eq!(bounded.len(), MAX_DISPLAY_NAME);
    }
}
