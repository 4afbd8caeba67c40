//! Removed parts: listed under a name that is safe to show, with what they are.

use std::borrow::Cow;

use sekimori_policy::{Code, Language, RemovedPart};
use sekimori_profile::SafeLine;
use sha2::{Digest, Sha256};

use crate::blocks;
use crate::detect::{Detected, detect};
use crate::family;
use crate::record::Record;

/// Longest name of a removed part in characters. Longer ones are cut in the middle, since their end
/// says what they are.
pub(crate) const MAX_NAME: usize = 120;
/// Characters that stay at the end of a name that is cut.
const NAME_END: usize = 20;
/// Blanks in a row that stay in a name.
const MAX_BLANKS: usize = 2;
/// Longest media type shown, in characters.
const MAX_TYPE: usize = 100;

/// Blocks of encoded data that are listed one by one. With more the message is held
/// (`hold-parts`), and the rest is cut out without being listed.
pub(crate) const MAX_BLOCKS: u64 = 200;

/// What is to be removed.
pub(crate) struct Removal<'a> {
    /// Its section number.
    pub(crate) section: String,
    /// Its name, with whatever characters it holds.
    pub(crate) name: Option<&'a str>,
    /// The media type it declares.
    pub(crate) declared_type: &'a str,
    /// Its octets, out of the transfer encoding.
    pub(crate) octets: &'a [u8],
    /// Why.
    pub(crate) reason: Code,
}

impl Record {
    /// Lists a part as removed and takes the decisions that go with it. Gives its place in the list.
    pub(crate) fn remove(&mut self, removal: &Removal<'_>, language: Language) -> usize {
        let detected = match removal.declared_type {
            // What such a block holds is not known: its octets are still encoded.
            "application/x-yenc" | "application/mac-binhex40"
                if removal.reason == Code::EncodedBlockRemoved =>
            {
                Detected { media_type: "application/octet-stream", locked: None }
            }
            _ => detect(removal.octets),
        };
        let declared_type = shown_type(removal.declared_type);
        let name = self.removed_name(removal.name, language);
        self.decisions.add(removal.reason);
        if let Some(note) = detected.locked {
            self.decisions.add(note);
        }
        if family::differ(&name, &declared_type, detected.media_type) {
            self.decisions.add(Code::TypeMismatch);
        }
        let sha256 = digest(removal.octets);
        for wanted in &mut self.wanted {
            if wanted.section == removal.section && wanted.sha256 == sha256 {
                wanted.octets = Some(removal.octets.to_vec());
            }
        }
        self.removed.push(RemovedPart {
            section: removal.section.clone(),
            name,
            declared_type,
            detected_type: detected.media_type.to_owned(),
            size: u64::try_from(removal.octets.len()).unwrap_or(u64::MAX),
            sha256,
            reason: removal.reason,
        });
        self.removed.len() - 1
    }

    /// The text with its encoded data cut out and listed; `None` when there is none.
    pub(crate) fn cut_blocks(
        &mut self,
        text: &str,
        section: &str,
        language: Language,
    ) -> Option<String> {
        let mut number = 0;
        let cut = blocks::cut(text, |block| {
            number += 1;
            let is_encrypted = block.form == blocks::ENCRYPTED_ARMOUR;
            let reason =
                if is_encrypted { Code::EncryptedRemoved } else { Code::EncodedBlockRemoved };
            self.blocks += 1;
            if self.blocks > MAX_BLOCKS {
                self.decisions.add(reason);
                return String::new();
            }
            let removal = Removal {
                section: format!("{section}#{number}"),
                name: block.name.as_deref(),
                declared_type: block.form,
                octets: &block.octets,
                reason,
            };
            self.remove(&removal, language);
            let name = self.removed.last().map_or("", |removed| &removed.name);
            match (language, is_encrypted) {
                (Language::Japanese, true) => format!("〔暗号化された部分を削除：{name}〕"),
                (Language::Japanese, false) => format!("〔符号化されたデータを削除：{name}〕"),
                (Language::English, true) => format!("[encrypted part removed: {name}]"),
                (Language::English, false) => format!("[encoded data removed: {name}]"),
            }
        });
        if cut.is_some() && self.blocks > MAX_BLOCKS {
            self.decisions.add(Code::HoldParts);
        }
        cut
    }

    fn removed_name(&mut self, name: Option<&str>, language: Language) -> String {
        if let Some(given) = name {
            let (shown, is_changed) = shown_name(given);
            // A name that is data is none.
            let is_data = blocks::cut(&shown, |_| String::new()).is_some();
            if is_changed || is_data {
                self.decisions.add(Code::NameCleaned);
            }
            if !shown.is_empty() && !is_data {
                return shown;
            }
        }
        let number = self.removed.len() + 1;
        match language {
            Language::Japanese => format!("添付{number}"),
            Language::English => format!("part{number}"),
        }
    }
}

/// A name on one line without path separators, not longer than [`MAX_NAME`], and whether anything
/// but its normalization form was changed for it.
fn shown_name(given: &str) -> (String, bool) {
    let is_separator =
        |c| matches!(c, '/' | '\\' | ':' | '\u{FF0F}' | '\u{FF3C}' | '\u{2215}' | '\u{2044}');
    let (line, losses) = SafeLine::clean(&shortened(given, SafeLine::MAX_CHARACTERS));
    let (name, is_closed_up) = closed_up(&line.as_str().replace(is_separator, "_"));
    let is_changed = is_closed_up
        || !losses.is_none()
        || given.contains(|c: char| c.is_control() || is_separator(c))
        || given.chars().nth(MAX_NAME).is_some();
    (SafeLine::clean(&shortened(&name, MAX_NAME)).0.to_string(), is_changed)
}

/// A name in which one blank stands for each run of more than [`MAX_BLANKS`], and whether it has any:
/// they push the true extension out of sight.
fn closed_up(name: &str) -> (String, bool) {
    let mut out = String::with_capacity(name.len());
    let mut is_changed = false;
    let mut rest = name;
    while let Some(at) = rest.find(char::is_whitespace) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let after = from.trim_start();
        let blanks = from.strip_suffix(after).unwrap_or_default();
        out.push_str(before);
        if blanks.chars().nth(MAX_BLANKS).is_some() {
            is_changed = true;
            out.push(' ');
        } else {
            out.push_str(blanks);
        }
        rest = after;
    }
    out.push_str(rest);
    (out, is_changed)
}

/// At most `most` characters: the first ones and the last few.
fn shortened(name: &str, most: usize) -> Cow<'_, str> {
    let length = name.chars().count();
    if length <= most {
        return Cow::Borrowed(name);
    }
    let start = name.chars().take(most - NAME_END - 1);
    let end = name.chars().skip(length - NAME_END);
    start.chain(['…']).chain(end).collect()
}

fn shown_type(declared: &str) -> String {
    let is_shown = |c: &char| c.is_ascii_alphanumeric() || "/.+-_".contains(*c);
    declared.chars().filter(is_shown).take(MAX_TYPE).collect::<String>().to_ascii_lowercase()
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn digest(octets: &[u8]) -> String {
    hexadecimal(&Sha256::digest(octets))
}

fn hexadecimal(octets: &[u8]) -> String {
    let digits = octets.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_could_mislead() {
        for (given, shown) in [
            ("../../etc/cron.d/x.sh", ".._.._etc_cron.d_x.sh"),
            ("C:\\Windows\\a.dll", "C__Windows_a.dll"),
            ("見積\u{202E}fdp.exe", "見積fdp.exe"),
            ("a\r\nb.txt", "a b.txt"),
            ("注文書.pdf 　　　　 .exe", "注文書.pdf .exe"),
        ] {
            assert_eq!(shown_name(given), (shown.to_owned(), true));
        }
        assert_eq!(
            shown_name("様式１（か\u{3099}）.xlsx"),
            ("様式１（が）.xlsx".to_owned(), false)
        );
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let (name, is_changed) = shown_name(&format!("{}.docm", "a".repeat(5_000)));
        assert!(is_changed);
        assert_eq!(name.chars().count(), MAX_NAME);
        assert!(name.ends_with("a.docm"));
    }

    #[test]
    fn a_part_without_a_name_gets_one() {
        let mut record = Record::default();
        for (name, language) in [(None, Language::Japanese), (Some("\u{200B}"), Language::English)]
        {
            let removal = Removal {
                section: "2".to_owned(),
                name,
                declared_type: "Image/PNG\r\n",
                octets: b"abc",
                reason: Code::AttachmentRemoved,
            };
            record.remove(&removal, language);
        }
        assert_eq!(record.removed[0].name, "添付1");
        assert_eq!(record.removed[1].name, "part2");
        assert_eq!(record.removed[0].declared_type, "image/png");
        assert_eq!(record.removed[0].detected_type, "text/plain");
        assert_eq!(
            record.removed[0].sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
