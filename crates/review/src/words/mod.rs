//! What pages say, in Japanese and in English.
//!
//! Words of a page stand in one file, each with both languages on one line, so that a missing one does
//! not compile. `{}` in a sentence is the place of a value, put there by the filter `put`. The words
//! for the ideas of the field are fixed: 無害化, 隔離, 原本, 取り出し申請, 承認, 却下, 差し戻し, 差出人
//! (From), 送信元 (envelope), 宛先, 件名, 添付ファイル, 受付番号, 保管期限, 理由, 操作記録, 自己点検.

/// Makes a catalogue of words: `name: "Japanese", "English";` on each line.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $japanese:literal, $english:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name { $(pub(crate) $field: &'static str,)* }

        impl $name {
            const JAPANESE: Self = Self { $($field: $japanese,)* };
            const ENGLISH: Self = Self { $($field: $english,)* };

            /// The words in a language.
            pub(crate) fn of(language: sekimori_policy::Language) -> &'static Self {
                match language {
                    sekimori_policy::Language::Japanese => &Self::JAPANESE,
                    sekimori_policy::Language::English => &Self::ENGLISH,
                }
            }

            /// Name, Japanese and English of every word, for the tests of the catalogue.
            #[cfg(test)]
            pub(crate) const ALL: &'static [(&'static str, &'static str, &'static str)] =
                &[$((stringify!($field), $japanese, $english),)*];
        }
    };
}
mod audit;
mod failure;
mod item;
mod list;
mod message;
mod people;
mod report;
mod requests;
mod shell;
mod sign_in;
mod status;

pub(crate) use audit::AuditWords;
pub(crate) use failure::FailureWords;
pub(crate) use item::ItemWords;
pub(crate) use list::ListWords;
pub(crate) use message::MessageWords;
pub(crate) use people::PeopleWords;
pub(crate) use report::ReportWords;
pub(crate) use requests::RequestWords;
pub(crate) use shell::ShellWords;
pub(crate) use sign_in::SignInWords;
pub(crate) use status::StatusWords;

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Vec<(&'static str, &'static str, &'static str)> {
        [
            ShellWords::ALL,
            SignInWords::ALL,
            FailureWords::ALL,
            MessageWords::ALL,
            ListWords::ALL,
            ItemWords::ALL,
            RequestWords::ALL,
            ReportWords::ALL,
            AuditWords::ALL,
            PeopleWords::ALL,
            StatusWords::ALL,
        ]
        .concat()
    }

    /// Latin letters that Japanese words may hold: names and signs that have no other form.
    const LATIN: [&str; 25] = [
        "add",
        "user",
        "token",
        "JSON",
        "Lines",
        "ID",
        "audit",
        "export",
        "verify",
        "A4",
        "CSV",
        "7F3K-9Q2M",
        "2026-09-21",
        "sekimori",
        "LGWAN",
        "QR",
        "Enter",
        "Esc",
        "j",
        "k",
        "x",
        "SHA-256",
        "From",
        "IP",
        "CSV",
    ];

    #[test]
    fn japanese_words_hold_no_stray_english() {
        // The button that leads to English is written in it.
        for (name, japanese, _) in catalogue().into_iter().filter(|w| w.0 != "switch_language") {
            let foreign = japanese
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .filter(|word| word.chars().any(|c| c.is_ascii_alphabetic()))
                .find(|word| !LATIN.contains(word));
            assert_eq!(foreign, None, "{name}: {japanese}");
        }
    }

    #[test]
    fn english_words_hold_no_japanese() {
        for (name, _, english) in catalogue() {
            let foreign = english.chars().find(|c| ('\u{3040}'..='\u{9FFF}').contains(c));
            assert!(foreign.is_none() || name == "switch_language", "{name}: {english}");
        }
    }

    #[test]
    fn the_words_of_the_field_are_kept() {
        for (name, japanese, english) in catalogue() {
            for word in ["検疫", "リリース", "解放", "公開"] {
                assert!(!japanese.contains(word), "{name} says {word}");
            }
            assert!(!english.to_lowercase().contains("submit"), "{name}: {english}");
        }
    }

    #[test]
    fn both_languages_have_a_place_for_the_same_values() {
        for (name, japanese, english) in catalogue() {
            assert!(!japanese.is_empty() && !english.is_empty(), "{name}");
            assert_eq!(japanese.matches("{}").count(), english.matches("{}").count(), "{name}");
        }
    }
}
