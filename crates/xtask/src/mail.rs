//! Mails for load: realistic content of our own, the same in every run but for a marker.
//!
//! A [`Template`] is a whole message, ready for the wire, with slots for a [`Marker`] in its
//! `Message-ID` and in each form of its body. So each message sent is told apart wherever it comes
//! out, whatever became of its form on the way.

mod content;
mod encode;
mod kinds;
mod layout;

use std::fmt;
use std::str::FromStr;

use memchr::memmem;

pub(crate) use encode::base64;

/// The kinds of mail that load consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Kind {
    /// 3 kB of plain Japanese text in ISO-2022-JP.
    Text,
    /// 67 kB: a newsletter as multipart/alternative, its HTML of 45 kB full of tables, links, styles.
    Newsletter,
    /// 316 kB: HTML of 8 kB with an attachment of 300 kB in base64.
    Attachment,
    /// 95 kB: a thread that was forwarded twice, quotes and an attachment included.
    Forwarded,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Text, Self::Newsletter, Self::Attachment, Self::Forwarded];

    /// The name on the command line and in results.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Newsletter => "newsletter",
            Self::Attachment => "attachment",
            Self::Forwarded => "forwarded",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A message of the text-only profile, as an Internet half hands it to its gate. Its text is `Hello.`
pub const TEXT_ONLY: &str = concat!(
    "Received: by gw.town.example.lg.jp (sekimori)\r\n with ESMTP id 0000000001;\r\n",
    " Mon, 21 Sep 2026 17:00:00 +0900\r\n",
    "Date: Mon, 21 Sep 2026 17:00:00 +0900\r\n",
    "From: a@example.jp\r\n",
    "MIME-Version: 1.0\r\n",
    "Content-Type: text/plain; charset=utf-8\r\n",
    "Content-Transfer-Encoding: 7bit\r\n",
    "Sekimori-Result: v=1; ref=7F3K-9Q2M; outcome=deliver; removed=0\r\n",
    "\r\nHello.\r\n",
);

/// What one message of a run is known by: `skm-<run>-<number>`, 24 ASCII characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Marker {
    /// The run, so that late messages of an earlier one are told apart.
    pub run: u32,
    /// The message's number in its run. At most eleven digits are written.
    pub number: u64,
}

impl Marker {
    /// Octets of a marker as written.
    pub const LENGTH: usize = 24;

    const PREFIX: &'static str = "skm-";

    /// The first marker in `octets`, if there is one.
    pub fn find(octets: &[u8]) -> Option<Self> {
        memmem::find_iter(octets, Self::PREFIX).find_map(|at| {
            let written = octets.get(at..at.checked_add(Self::LENGTH)?)?;
            str::from_utf8(written).ok()?.parse().ok()
        })
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:08x}-{:011}", Self::PREFIX, self.run, self.number % 100_000_000_000)
    }
}

/// A string that is no marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoMarker;

impl FromStr for Marker {
    type Err = NoMarker;

    fn from_str(text: &str) -> Result<Self, NoMarker> {
        let (run, number) = text
            .strip_prefix(Self::PREFIX)
            .and_then(|rest| rest.split_once('-'))
            .ok_or(NoMarker)?;
        let marker = Self {
            run: u32::from_str_radix(run, 16).map_err(|_| NoMarker)?,
            number: number.parse().map_err(|_| NoMarker)?,
        };
        if marker.to_string() == text { Ok(marker) } else { Err(NoMarker) }
    }
}

/// Stands in a template where a marker goes.
const BLANK: Marker = Marker { run: 0, number: 0 };

/// A message ready for the wire but for its markers: CRLF, dots stuffed, the final dot included.
#[derive(Debug, Clone)]
pub struct Template {
    wire: Vec<u8>,
    plain_slots: Vec<usize>,
    base64_slots: Vec<usize>,
    /// Octets that are the same in every message from here on.
    head: usize,
}

/// Octets of a message that are written in one go: larger ones are not copied for each session.
const LARGE: usize = 1024 * 1024;

impl Template {
    /// The template of a kind.
    pub fn of(kind: Kind) -> Self {
        Self::from_message(&kinds::build(kind))
    }

    /// The template of a text with an attachment that makes it `octets` large, some lines more or less.
    pub fn large(octets: usize) -> Self {
        Self::from_message(&kinds::large(octets))
    }

    /// The template of a message that holds the blank marker where markers go, as it is or at the
    /// start of a line in base64.
    fn from_message(message: &[u8]) -> Self {
        let mut wire = Vec::with_capacity(message.len() + 64);
        for line in message.split_inclusive(|&b| b == b'\n') {
            if line.starts_with(b".") {
                wire.push(b'.');
            }
            wire.extend_from_slice(line);
        }
        wire.extend_from_slice(b".\r\n");
        let blank = BLANK.to_string();
        let plain_slots: Vec<usize> = memmem::find_iter(&wire, &blank).collect();
        let encoded = base64(blank.as_bytes());
        let base64_slots: Vec<usize> = memmem::find_iter(&wire, &encoded).collect();
        let last = plain_slots.iter().chain(&base64_slots).max().copied().unwrap_or_default();
        let head = if wire.len() > LARGE { last + encoded.len() } else { wire.len() };
        Self { plain_slots, base64_slots, head: head.min(wire.len()), wire }
    }

    /// Writes the message of `marker` to `buffer`, which is empty or holds another message of this
    /// template, but for its [`tail`](Self::tail).
    pub fn fill(&self, buffer: &mut Vec<u8>, marker: Marker) {
        if buffer.len() != self.head {
            buffer.clear();
            buffer.extend_from_slice(self.wire.get(..self.head).unwrap_or_default());
        }
        let plain = marker.to_string();
        let base64 = base64(plain.as_bytes());
        let plain_slots = self.plain_slots.iter().map(|&at| (at, plain.as_bytes()));
        let base64_slots = self.base64_slots.iter().map(|&at| (at, base64.as_bytes()));
        for (at, written) in plain_slots.chain(base64_slots) {
            if let Some(slot) = buffer.get_mut(at..at + written.len()) {
                slot.copy_from_slice(written);
            }
        }
    }

    /// What follows in every message of this template. Empty for all but large ones.
    pub fn tail(&self) -> &[u8] {
        self.wire.get(self.head..).unwrap_or_default()
    }

    /// Octets on the wire, the final dot included.
    pub fn len(&self) -> usize {
        self.wire.len()
    }

    /// Whether the template is empty, which none is.
    pub fn is_empty(&self) -> bool {
        self.wire.is_empty()
    }
}

#[cfg(test)]
mod tests;
