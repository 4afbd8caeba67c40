//! Display names that mislead about who speaks, and the words that are put before them.

use sekimori_policy::{Code, Domain, Language};
use sekimori_profile::AsciiAddress;
use unicode_security::skeleton;

/// Fewest letters of a name in which every letter imitates a Latin one.
const IMITATING_LETTERS: usize = 4;
/// Kanji that look like katakana.
const LIKE_KATAKANA: &str = "口力一二三八工夕卜千";
/// Katakana that stand after a kanji in names of places and people, as in 八ヶ岳 and 三ツ星.
const AFTER_KANJI: &str = "ヶノツケガ";

/// Why a name is marked, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It holds the organisation's own domain, but the address is of another.
    OwnDomain,
    /// It holds an address other than its own.
    OtherAddress,
    /// It mixes scripts so as to look like another name.
    Imitates,
}

impl Mark {
    const ALL: [Self; 3] = [Self::OwnDomain, Self::OtherAddress, Self::Imitates];

    /// What is to be said of `name`, which stands before the address `own`; `domains` are those of
    /// the organisation that reads it.
    pub(crate) fn of(name: &str, own: &AsciiAddress, domains: &[Domain]) -> Option<Self> {
        if holds_own_domain(name, own, domains) {
            Some(Self::OwnDomain)
        } else if holds_another_address(name, own) {
            Some(Self::OtherAddress)
        } else {
            imitates(name).then_some(Self::Imitates)
        }
    }

    /// The mark of a name that has one already, its words, and the name after them.
    pub(crate) fn of_marked(name: &str) -> Option<(Self, &'static str, &str)> {
        Self::ALL.into_iter().find_map(|mark| {
            [Language::Japanese, Language::English].into_iter().find_map(|language| {
                let words = mark.words(language);
                Some((mark, words, name.strip_prefix(words)?))
            })
        })
    }

    /// What is put before the name.
    pub(crate) fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::OwnDomain, Language::Japanese) => {
                "【注意：外部の差出人（表示名に自団体のドメイン）】"
            }
            (Self::OwnDomain, Language::English) => {
                "[Caution: sent from outside, the name holds our domain] "
            }
            (Self::OtherAddress, Language::Japanese) => "【注意：表示名に別のアドレス】",
            (Self::OtherAddress, Language::English) => "[Caution: the name holds another address] ",
            (Self::Imitates, Language::Japanese) => "【注意：表示名に似せた文字】",
            (Self::Imitates, Language::English) => "[Caution: the name has lookalike letters] ",
        }
    }

    /// The decision that says so.
    pub(crate) fn code(self) -> Code {
        match self {
            Self::OwnDomain => Code::DisplayNameOwnDomain,
            Self::OtherAddress => Code::DisplayNameMarked,
            Self::Imitates => Code::DisplayNameImitates,
        }
    }
}

/// Whether a name holds one of the domains, or a name under it, and its address is of none of them.
fn holds_own_domain(name: &str, own: &AsciiAddress, domains: &[Domain]) -> bool {
    let is_under = |host: &str, domain: &str| {
        let rest = host.strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let address = own.as_str().to_ascii_lowercase();
    let host = address.rsplit_once('@').map_or("", |(_, host)| host);
    if domains.iter().any(|domain| is_under(host, domain.as_str())) {
        return false;
    }
    let plain = narrow(name);
    let is_part = |c: char| c.is_alphanumeric() || ".-_".contains(c);
    let mut words = plain.split(|c| !is_part(c)).map(|word| word.trim_matches('.'));
    words.any(|word| domains.iter().any(|domain| is_under(word, domain.as_str())))
}

/// Lower case, with full-width letters and the ideographic full stop as what they imitate.
fn narrow(text: &str) -> String {
    let narrow = text.chars().map(|c| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3002}' | '\u{FF61}' => '.',
        c => c,
    });
    narrow.flat_map(char::to_lowercase).collect()
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

/// Whether a name mixes scripts so as to look like another name (UTS #39 sections 4 and 5.2): a word
/// of Latin with Cyrillic or Greek in it, letters of mathematics, a kanji that looks like katakana
/// between katakana; or is wholly of letters of another script that look like Latin ones.
fn imitates(name: &str) -> bool {
    if name.is_ascii() {
        return false;
    }
    let is_mathematical = |c: char| matches!(u32::from(c), 0x1_D400..=0x1_D7FF);
    let ends = |c: char| !c.is_alphanumeric() || is_japanese(c);
    let mut words = name.split(ends).filter(|word| !word.is_ascii());
    let is_latin = |c: char| c.is_alphabetic() && u32::from(c) < 0x0250;
    let is_mixed = words.any(|word| {
        (word.contains(is_latin) && word.contains(is_foreign)) || word.contains(is_mathematical)
    });
    is_mixed || has_false_katakana(name) || is_false_latin(name)
}

/// Whether every letter is one of another script that looks like a Latin one.
fn is_false_latin(name: &str) -> bool {
    let letters: String = name.chars().filter(|c| c.is_alphabetic()).collect();
    letters.chars().count() >= IMITATING_LETTERS
        && letters.chars().all(is_foreign)
        && skeleton(&letters).all(|c| c.is_ascii_alphabetic())
}

fn has_false_katakana(name: &str) -> bool {
    let is_katakana = |c: char| matches!(c, '\u{30A1}'..='\u{30FA}' | 'ー');
    let characters: Vec<char> = name.chars().collect();
    characters.windows(3).any(|three| match *three {
        [before, kanji, after] => {
            LIKE_KATAKANA.contains(kanji)
                && is_katakana(before)
                && is_katakana(after)
                && !AFTER_KANJI.contains(after)
        }
        _ => false,
    })
}

/// Letters of Greek, Cyrillic, Armenian and Cherokee: scripts with letters that look like Latin ones.
fn is_foreign(c: char) -> bool {
    c.is_alphabetic() && matches!(u32::from(c), 0x0370..=0x058F | 0x13A0..=0x13FF)
}

fn is_japanese(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xFF00..=0xFFEF)
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
    fn the_own_domain_in_a_foreign_senders_name_is_seen() {
        let domains = [Domain::parse("town.example.lg.jp").unwrap()];
        let foreign =
            AsciiAddress::new(Address::parse("x@town-example-lg.jp.example.net").unwrap()).unwrap();
        for name in [
            "総務課 (town.example.lg.jp)",
            "soumu@town.example.lg.jp",
            "情報担当＠ＴＯＷＮ．ｅｘａｍｐｌｅ．ｌｇ．ｊｐ",
            "mail.town.example.lg.jp サポート",
        ] {
            assert_eq!(Mark::of(name, &foreign, &domains), Some(Mark::OwnDomain), "{name}");
            assert_ne!(Mark::of(name, &own(), &domains), Some(Mark::OwnDomain), "{name}");
        }
        for name in ["nottown.example.lg.jp", "town.example.lg.jp.example.net", "town", "山北町"]
        {
            assert_ne!(Mark::of(name, &foreign, &domains), Some(Mark::OwnDomain), "{name}");
        }
    }

    #[test]
    fn names_of_mixed_scripts_that_imitate_are_seen() {
        for name in [
            "PayP\u{0430}l",
            "\u{0410}mazon カスタマーサービス",
            "Μicrosoft",
            "\u{1D40F}\u{1D41A}\u{1D432}",
            "アマゾン力ード",
            "\u{0405}\u{0430}\u{0440}\u{0441}\u{043E}",
        ] {
            assert!(imitates(name), "{name}");
        }
        for name in [
            "",
            "PayPal",
            "山北町総務課 (General Affairs)",
            "Ｙａｍａｋｉｔａ 役場",
            "Владимир Петров",
            "Γιώργος Παπαδόπουλος",
            "김철수 (Kim)",
            "José Muñoz",
            "八ヶ岳クラブ",
            "ホテル三ツ星",
            "コンビニ二号店",
            "NPO法人あしがらネット",
            "αテック株式会社",
            "Σ計画室",
            "IT推進・DX室Ａ",
            "㈱髙島屋敷建設　山﨑",
        ] {
            assert!(!imitates(name), "{name}");
        }
    }

    #[test]
    fn every_mark_is_known_again_by_its_words() {
        for mark in Mark::ALL {
            for language in [Language::Japanese, Language::English] {
                let marked = format!("{}総務課", mark.words(language));
                let (known, _, rest) = Mark::of_marked(&marked).unwrap();
                assert_eq!((known, rest), (mark, "総務課"));
            }
        }
        assert_eq!(Mark::of_marked("総務課"), None);
    }
}
