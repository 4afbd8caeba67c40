//! The grammars of field values, on values folded out. Each is of visible ASCII and single spaces.

use super::Fault;
use super::mailbox;

/// Most codes in `Sekimori-Result`.
pub const MAX_CODES: usize = 200;
/// Longest message identifier in octets.
const MAX_MESSAGE_ID: usize = 500;
/// Longest list identifier in octets.
const MAX_LIST_ID: usize = 257;

const WEEKDAYS: &str = "Mon Tue Wed Thu Fri Sat Sun";
const MONTHS: &str = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
const PROTOCOLS: &str = "SMTP ESMTP ESMTPS ESMTPA ESMTPSA UTF8SMTP UTF8SMTPS";

pub(super) fn require(holds: bool) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Value) }
}

fn is_word_of(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}

/// `by HOST (sekimori) with PROTOCOL id QUEUEID; date`.
pub(super) fn received(value: &str) -> Result<(), Fault> {
    let (trace, when) = value.split_once("; ").ok_or(Fault::Value)?;
    let mut words = trace.split(' ');
    let mut next = || words.next().unwrap_or_default();
    let (by, host, product, with, protocol, id_word, id) =
        (next(), next(), next(), next(), next(), next(), next());
    require([by, product, with, id_word] == ["by", "(sekimori)", "with", "id"])?;
    require(words.next().is_none() && mailbox::is_domain(host) && is_word_of(PROTOCOLS, protocol))?;
    require(
        (10..=16).contains(&id.len()) && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')),
    )?;
    date(when)
}

/// `Mon, 21 Sep 2026 17:00:00 +0900` (RFC 5322 section 3.3 without its obsolete forms and without
/// second 60, which the writer never has).
pub(super) fn date(value: &str) -> Result<(), Fault> {
    let (weekday, rest) = value.split_once(", ").ok_or(Fault::Value)?;
    let mut words = rest.split(' ');
    let mut next = || words.next().unwrap_or_default();
    let (day, month, year, clock, zone) = (next(), next(), next(), next(), next());
    require(is_word_of(WEEKDAYS, weekday) && is_word_of(MONTHS, month) && words.next().is_none())?;
    require(!day.starts_with('0') && (1..=31).contains(&number(day, day.len().clamp(1, 2))?))?;
    require((1970..=9999).contains(&number(year, 4)?))?;
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next(), parts.next(), parts.next());
    let two = |part: Option<&str>| number(part.unwrap_or_default(), 2);
    require(two(hour)? < 24 && two(minute)? < 60 && two(second)? < 60 && parts.next().is_none())?;
    let offset = number(zone.strip_prefix(['+', '-']).ok_or(Fault::Value)?, 4)?;
    require(offset / 100 < 24 && offset % 100 < 60)
}

fn number(digits: &str, width: usize) -> Result<u32, Fault> {
    require(digits.len() == width && digits.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse().map_err(|_| Fault::Value)
}

/// `<left@right>` of visible characters without specials.
pub(super) fn message_id(value: &str) -> Result<(), Fault> {
    let inner = value.strip_prefix('<').and_then(|v| v.strip_suffix('>')).ok_or(Fault::Value)?;
    let (left, right) = inner.split_once('@').ok_or(Fault::Value)?;
    let is_octet = |b: u8| b.is_ascii_graphic() && !b"<>()\",;\\@".contains(&b);
    let is_side = |side: &str| !side.is_empty() && side.bytes().all(is_octet);
    if inner.contains("=?") {
        return Err(Fault::EncodedWord);
    }
    require(value.len() <= MAX_MESSAGE_ID && is_side(left) && is_side(right))
}

/// `<label.label…>` (RFC 2919).
pub(super) fn list_id(value: &str) -> Result<(), Fault> {
    let inner = value.strip_prefix('<').and_then(|v| v.strip_suffix('>')).ok_or(Fault::Value)?;
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+'))
    };
    require(value.len() <= MAX_LIST_ID && inner.split('.').all(is_label))
}

/// The machine-readable result, as the writer documents its grammar. The codes are not looked up,
/// so that two halves of a deployment may differ in their catalogues. Gives 受付番号 and outcome.
pub(super) fn result(value: &str) -> Result<(&str, &str), Fault> {
    let mut members = value.split("; ");
    let mut member =
        |name: &str| members.next().and_then(|m| m.strip_prefix(name)).ok_or(Fault::Value);
    require(member("v=")? == "1")?;
    let reference = member("ref=")?;
    let outcome = member("outcome=")?;
    let removed = member("removed=")?;
    require(is_reference(reference) && is_word_of("deliver hold reject", outcome))?;
    require((1..=10).contains(&removed.len()) && removed.bytes().all(|b| b.is_ascii_digit()))?;
    if let Some(codes) = members.next() {
        let mut codes = codes.strip_prefix("codes=").ok_or(Fault::Value)?.split(',');
        let mut known = codes.by_ref().take(MAX_CODES).enumerate();
        require(known.all(|(at, code)| {
            is_code(if at == 0 { code } else { code.strip_prefix(' ').unwrap_or(code) })
        }))?;
        require(codes.next().is_none() && members.next().is_none())?;
    }
    Ok((reference, outcome))
}

fn is_reference(text: &str) -> bool {
    let is_symbol = |b: u8| matches!(b, b'0'..=b'9' | b'A'..=b'Z') && !b"ILOU".contains(&b);
    text.len() == 9
        && text.bytes().enumerate().all(|(at, b)| if at == 4 { b == b'-' } else { is_symbol(b) })
}

fn is_code(code: &str) -> bool {
    code.len() <= 64
        && code.starts_with(|c: char| c.is_ascii_lowercase())
        && code.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
