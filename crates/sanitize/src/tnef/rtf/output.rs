//! Characters of several code pages and of Unicode, put together.

use sekimori_charset::{Decoded, decode};

use super::MAX_OUTPUT;
use crate::tnef::code_page;

/// Runs of octets that are decoded: more of them than any document has end the text, since each costs
/// more than its octets.
pub(super) const MAX_RUNS: usize = 50_000;

/// Text with an account of how it was decoded.
#[derive(Default)]
pub(super) struct Output {
    text: String,
    /// Octets that are still to be decoded, all of one code page: a character may have several.
    octets: Vec<u8>,
    code_page: u32,
    /// Runs that were decoded.
    runs: usize,
    /// The first half of a character outside of the 16 bits of a number.
    high: Option<u16>,
    charset: Option<&'static str>,
    is_guessed: bool,
    replaced: u64,
}

impl Output {
    pub(super) fn is_full(&self) -> bool {
        self.text.len() + self.octets.len() >= MAX_OUTPUT || self.runs >= MAX_RUNS
    }

    /// Adds an octet of text.
    pub(super) fn octet(&mut self, octet: u8, code_page: u32) {
        self.half();
        if code_page != self.code_page {
            self.decode();
            self.code_page = code_page;
        }
        self.octets.push(octet);
    }

    /// Adds a character.
    pub(super) fn character(&mut self, c: char) {
        self.half();
        self.decode();
        self.text.push(c);
    }

    /// Adds text.
    pub(super) fn text(&mut self, text: &str) {
        self.half();
        self.decode();
        self.text.push_str(text);
    }

    /// Adds a unit of UTF-16.
    pub(super) fn unit(&mut self, unit: u16) {
        self.decode();
        if (0xD800..0xDC00).contains(&unit) {
            self.half();
            self.high = Some(unit);
            return;
        }
        let units = [self.high.take(), Some(unit)];
        for unit in char::decode_utf16(units.into_iter().flatten()) {
            self.text.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }

    /// A first half without a second is no character.
    fn half(&mut self) {
        if self.high.take().is_some() {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
    }

    fn decode(&mut self) {
        if self.octets.is_empty() {
            return;
        }
        self.runs += 1;
        let decoded = decode(&self.octets, code_page::label(self.code_page).as_deref());
        self.octets.clear();
        self.text.push_str(&decoded.text);
        self.replaced = self.replaced.saturating_add(decoded.replaced);
        if decoded.guessed {
            self.is_guessed = true;
            self.charset = Some(decoded.charset);
        } else {
            self.charset.get_or_insert(decoded.charset);
        }
    }

    pub(super) fn finish(mut self) -> Decoded {
        self.half();
        self.decode();
        let characters = u64::try_from(self.text.chars().count()).unwrap_or(u64::MAX);
        Decoded {
            text: self.text,
            charset: self.charset.unwrap_or("us-ascii"),
            guessed: self.is_guessed,
            replaced: self.replaced,
            repaired: false,
            characters,
        }
    }
}
