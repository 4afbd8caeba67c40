//! What is decided and lost while a message is worked on.

use std::borrow::Cow;

use sekimori_charset::Decoded;
use sekimori_html::SourceOctets;
use sekimori_policy::{Authentication, Code, Decisions, RemovedPart};
use sekimori_profile::{Losses, SafeLine, SafeText};

use crate::account::Fates;

/// Decisions, removed parts, what became of each part, and the count of characters that could not be decoded.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) decisions: Decisions,
    pub(crate) removed: Vec<RemovedPart>,
    pub(crate) fates: Fates,
    /// What believed hosts say of the sender; `None` where the header was not read.
    pub(crate) authentication: Option<Authentication>,
    /// What became of the sources of the HTML that is shown.
    pub(crate) html: SourceOctets,
    /// Texts that are shown.
    pub(crate) texts: usize,
    /// Blocks of encoded data that were cut out of texts.
    pub(crate) blocks: u64,
    /// Parts and files found inside of what wraps them.
    pub(crate) wrapped: usize,
    /// How often the text was looked through for what was about to be shown.
    pub(crate) compared: usize,
    /// Removed parts whose octets are to be kept.
    pub(crate) wanted: Vec<Wanted>,
    undecodable: u64,
    characters: u64,
}

/// A removed part whose octets are to be kept when it is found.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) section: String,
    /// In lower-case hexadecimal.
    pub(crate) sha256: String,
    pub(crate) octets: Option<Vec<u8>>,
}

impl Record {
    /// Takes in what decoding a text or field lost, and gives its text.
    pub(crate) fn decoded(&mut self, decoded: Decoded) -> String {
        self.undecodable = self.undecodable.saturating_add(decoded.replaced);
        self.characters = self.characters.saturating_add(decoded.characters);
        self.decisions.add_counted(Code::CharactersReplaced, decoded.replaced);
        if decoded.guessed {
            self.decisions.add_detailed(Code::CharsetGuessed, decoded.charset);
        }
        if decoded.repaired {
            self.decisions.add(Code::EscapesRepaired);
        }
        decoded.text
    }

    /// Makes a text safe, and takes in what it lost.
    pub(crate) fn safe_text(&mut self, text: &str) -> SafeText {
        let (safe, losses) = SafeText::clean(&self.without_replacements(text));
        self.losses(losses);
        safe
    }

    /// Makes a line safe, and takes in what it lost.
    pub(crate) fn safe_line(&mut self, text: &str) -> SafeLine {
        let (safe, losses) = SafeLine::clean(&self.without_replacements(text));
        self.losses(losses);
        safe
    }

    /// Shows U+FFFD as 〓 like what could not be decoded: markup and references to characters make it
    /// of NUL and of numbers that are none.
    fn without_replacements<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        // By its octets: many a kana ends in the last of them, which a search for the character would
        // stop at.
        let count = memchr::memmem::find_iter(text.as_bytes(), b"\xEF\xBF\xBD").count();
        if count == 0 {
            return Cow::Borrowed(text);
        }
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.decisions.add_counted(Code::CharactersReplaced, count);
        Cow::Owned(text.replace(char::REPLACEMENT_CHARACTER, "〓"))
    }

    fn losses(&mut self, losses: Losses) {
        let dropped = losses.removed.saturating_add(losses.combining).saturating_add(losses.cut);
        self.decisions.add_counted(Code::CharactersRemoved, dropped);
        self.decisions.add_counted(Code::PrivateUseReplaced, losses.private_use);
        self.decisions.add_counted(Code::LineEndsNormalised, losses.line_ends);
    }

    /// Whether more than `per_mille` of a thousand characters could not be decoded.
    pub(crate) fn is_unreadable(&self, per_mille: u32) -> bool {
        let allowed = u128::from(self.characters) * u128::from(per_mille);
        u128::from(self.undecodable) * 1_000 > allowed
    }
}
