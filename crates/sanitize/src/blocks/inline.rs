//! Encoded data inside a line: `data:` URIs (RFC 2397) and long words of symbols.
//!
//! A word in a link (after `://` or `www.` without a blank between) is the link's: it stays, however
//! opaque, up to [`LINK`] symbols in one piece, or [`RUN`] when it decodes to the start of a file.

use std::ops::Range;

use super::dense::is_symbol;
use super::evidence::{self, SHORTEST};
use super::{Block, decode, dense, uuencode};
use crate::ascii;
use crate::detect::is_signature;

/// Longest media type and parameters of a `data:` URI that are looked at, in octets.
const URI_HEAD: usize = 200;
/// Symbols of one piece of a link that stay though they decode to a file.
const RUN: usize = 240;
/// Symbols of one piece of a link that stay.
const LINK: usize = 1_000;

/// Fewest symbols of a group that goes on from data.
const GROUP: usize = 4;

/// The line with its encoded data replaced; `None` when there is none.
pub(super) fn cut(line: &str, stand_in: &mut impl FnMut(Block) -> String) -> Option<String> {
    if !may_have_data(line) {
        return None;
    }
    let mut out = String::new();
    let mut copied = 0;
    let mut links = Links::of(line);
    let mut words = runs(line, is_symbol).filter(|run| is_data(line, run, &mut links)).peekable();
    let mut data = runs(line, is_graphic)
        .filter_map(|run| Some((run.clone(), uuencode::word(line.get(run)?)?)))
        .peekable();
    let mut colon = 0;
    let mut uri = next_uri(line, &mut colon);
    loop {
        while words.next_if(|word| word.start < copied).is_some() {}
        while data.next_if(|(word, _)| word.start < copied).is_some() {}
        let starts = [
            words.peek().map(|word| word.start),
            data.peek().map(|(word, _)| word.start),
            uri.as_ref().map(|(uri, _)| uri.start),
        ];
        let Some(first) = starts.into_iter().flatten().min() else { break };
        let is_first = |start: Option<usize>| start == Some(first);
        let found = match starts {
            [_, _, uri_start] if is_first(uri_start) => {
                let found = uri.take();
                uri = next_uri(line, &mut colon);
                found
            }
            [_, start, _] if is_first(start) => data.next().map(|(word, octets)| {
                (word, Block { name: None, form: "application/x-uuencode", octets })
            }),
            _ => words.next().map(|word| {
                let word = with_groups(line, &word, copied);
                let octets = decode::base64(line.get(word.clone()).unwrap_or_default());
                (word, Block { name: None, form: "application/x-base64", octets })
            }),
        };
        let Some((range, block)) = found.filter(|(range, _)| range.start >= copied) else {
            continue;
        };
        out.push_str(line.get(copied..range.start).unwrap_or_default());
        out.push_str(&stand_in(block));
        copied = range.end;
    }
    out.push_str(line.get(copied..).unwrap_or_default());
    (copied > 0).then_some(out)
}

/// Whether a line has a word as long as data is, or a colon as URIs have: most lines of a text have
/// neither and are looked at no closer.
fn may_have_data(line: &str) -> bool {
    const { assert!(uuencode::SHORT_LINE >= SHORTEST, "the shortest data is that of base64") };
    memchr::memchr(b':', line.as_bytes()).is_some()
        || runs(line, is_graphic).any(|run| run.len() >= SHORTEST)
}

/// A word of data with the groups of symbols around it, one blank between, from `from` on.
fn with_groups(line: &str, word: &Range<usize>, from: usize) -> Range<usize> {
    let is_group = |group: &str| group.len() >= GROUP && !dense::is_plain(group);
    let (mut start, mut end) = (word.start, word.end);
    while let Some(rest) = line.get(end..).and_then(|rest| rest.strip_prefix(' ')) {
        let length = rest.bytes().take_while(|&b| is_symbol(b)).count();
        if !rest.get(..length).is_some_and(is_group) {
            break;
        }
        end += 1 + length;
    }
    while let Some(rest) = line.get(from..start).and_then(|rest| rest.strip_suffix(' ')) {
        let length = rest.bytes().rev().take_while(|&b| is_symbol(b)).count();
        if !rest.get(rest.len() - length..).is_some_and(is_group) {
            break;
        }
        start -= 1 + length;
    }
    start..end
}

fn is_graphic(b: u8) -> bool {
    b.is_ascii_graphic()
}

/// The runs of octets that are of one kind, all of them ASCII.
pub(super) fn runs(text: &str, is_kind: impl Fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let octets = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + ascii::position(octets.get(at..)?, &is_kind)?;
        let rest = octets.get(start..)?;
        at = start + rest.iter().position(|&b| !is_kind(b)).unwrap_or(rest.len());
        Some(start..at)
    })
}

fn is_data(line: &str, run: &Range<usize>, links: &mut Links<'_>) -> bool {
    let word = line.get(run.clone()).unwrap_or_default();
    if word.len() < SHORTEST {
        return false;
    }
    if links.hold(run.start) {
        let is_file = || {
            let head = word.get(..RUN).unwrap_or_default();
            is_signature(&decode::base64(head))
        };
        return (word.len() > LINK && evidence::is_data(word)) || (word.len() > RUN && is_file());
    }
    if is_hash(line.get(..run.start).unwrap_or_default(), word) {
        let symbols = word.split_once('-').map_or(word, |(_, symbols)| symbols);
        return evidence::decodes(symbols);
    }
    // An address or a message id may be of any characters.
    let is_address = line.as_bytes().get(run.end) == Some(&b'@');
    if is_address { word.len() >= RUN && evidence::is_data(word) } else { evidence::is_data(word) }
}

/// Whether a word is a hash value in base64, as programs write fingerprints: `SHA256:` and 43 symbols.
/// The same as pages and lists of packages have it: `sha384-` and 64 symbols.
fn is_hash(before: &str, word: &str) -> bool {
    let before = before.trim_end_matches([' ', '"', '\'', '=', ':', '>']);
    [("SHA1", 27), ("SHA256", 43), ("SHA384", 64), ("SHA512", 86)].iter().any(|(name, length)| {
        let is_named = |text: &str| {
            let start = text.len().checked_sub(name.len());
            start.and_then(|at| text.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(name))
        };
        let is_long = |symbols: &str| symbols.trim_end_matches('=').len() == *length;
        let joined =
            word.split_once('-').is_some_and(|(kind, rest)| is_named(kind) && is_long(rest));
        joined || (is_named(before) && is_long(word))
    })
}

/// Tells which places of a text belong to a link. Asked of places in order, it reads the text once.
pub(super) struct Links<'t> {
    text: &'t [u8],
    read: usize,
    word_start: usize,
    is_link: bool,
}

impl<'t> Links<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text: text.as_bytes(), read: 0, word_start: 0, is_link: false }
    }

    /// Whether the word that holds `place` is a link before it. No place before an earlier one.
    pub(super) fn hold(&mut self, place: usize) -> bool {
        let ends_word = |b: &u8| !b.is_ascii_graphic() || matches!(b, b'<' | b'>' | b'"');
        let passed = self.text.get(self.read..place).unwrap_or_default();
        if let Some(end) = passed.iter().rposition(ends_word) {
            self.word_start = self.read + end + 1;
            self.is_link = false;
        }
        if !self.is_link {
            // What was read may end inside of the marks.
            let from = self.word_start.max(self.read.saturating_sub(2));
            let word = self.text.get(from..place).unwrap_or_default();
            self.is_link = memchr::memmem::find(word, b"://").is_some();
        }
        self.read = self.read.max(place);
        let word = self.text.get(self.word_start..).unwrap_or_default();
        let begins_here = self.text.get(place.saturating_sub(1)..).unwrap_or_default();
        self.is_link || word.starts_with(b"www.") || begins_here.starts_with(b"://")
    }
}

/// The next `data:` URI whose colon is at or after `from`, which moves past it.
fn next_uri(text: &str, from: &mut usize) -> Option<(Range<usize>, Block)> {
    while let Some(at) = text.get(*from..)?.find(':') {
        let colon = *from + at;
        *from = colon + 1;
        if let Some(found) = data_uri(text, colon) {
            *from = found.0.end;
            return Some(found);
        }
    }
    None
}

fn data_uri(text: &str, colon: usize) -> Option<(Range<usize>, Block)> {
    let start = colon.checked_sub(4)?;
    if !text.get(start..colon)?.eq_ignore_ascii_case("data") {
        return None;
    }
    let after = text.get(colon + 1..)?;
    let head = after.bytes().take(URI_HEAD).take_while(|&b| is_uri(b) && b != b',').count();
    let head = after.get(..head).filter(|_| after.as_bytes().get(head) == Some(&b','))?;
    if !(head.is_empty() || head.contains('/') || head.starts_with(';')) {
        return None;
    }
    let is_base64 = head.to_ascii_lowercase().ends_with(";base64");
    let data = after.get(head.len() + 1..)?;
    let mut length = data.bytes().take_while(|&b| is_uri(b)).count();
    if is_base64 {
        // Blanks between the groups are passed over by those who decode it.
        while let Some(group) = data.get(length..).and_then(|rest| rest.strip_prefix(' ')) {
            let group = group.bytes().take_while(|&b| is_symbol(b)).count();
            if group < SHORTEST {
                break;
            }
            length += 1 + group;
        }
    }
    let data = data.get(..length).filter(|data| !data.is_empty())?;
    let octets = if is_base64 { decode::base64(data) } else { data.as_bytes().to_vec() };
    let end = colon + 1 + head.len() + 1 + length;
    Some((start..end, Block { name: None, form: "application/x-data-uri", octets }))
}

fn is_uri(b: u8) -> bool {
    b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b')' | b']' | b'}')
}
