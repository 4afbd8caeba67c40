//! Mailboxes: a list of `address` or `name <address>` with `, ` between them, no groups, no
//! comments, no source routes (RFC 5322 section 3.4, cut down).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Fault, words};

/// Longest local part in octets.
const MAX_LOCAL: usize = 255;
/// Longest domain in octets.
const MAX_DOMAIN: usize = 255;
/// Longest label of a domain in octets.
const MAX_LABEL: usize = 63;

/// Checks a list of one mailbox or more. Gives their number and the first address.
pub(super) fn list(value: &str) -> Result<(usize, &str), Fault> {
    let (mut first, mut count, mut rest) = ("", 0, value);
    loop {
        let (address, after) = mailbox(rest)?;
        if count == 0 {
            first = address;
        }
        count += 1;
        if after.is_empty() {
            return Ok((count, first));
        }
        rest = after.strip_prefix(", ").ok_or(Fault::Value)?;
    }
}

/// One mailbox at the start of `text`: its address, and what follows it.
fn mailbox(text: &str) -> Result<(&str, &str), Fault> {
    let name_end = if text.starts_with('"') {
        let end = quoted_end(text)?;
        if text.get(end..).is_some_and(|after| after.starts_with('@')) {
            return bare(text);
        }
        // Nothing may stand there that a reader would take for an encoded-word.
        if text.get(..end).is_some_and(|name| name.contains("=?")) {
            return Err(Fault::EncodedWord);
        }
        end
    } else {
        let end = text.find(['<', ',']).unwrap_or(text.len());
        let (name, after) = text.split_at_checked(end).ok_or(Fault::Value)?;
        if !after.starts_with('<') {
            return bare(text);
        }
        words::phrase(name.strip_suffix(' ').ok_or(Fault::Value)?)?;
        end - 1
    };
    let angled =
        text.get(name_end..).and_then(|after| after.strip_prefix(" <")).ok_or(Fault::Value)?;
    let (address, after) = bare(angled)?;
    Ok((address, after.strip_prefix('>').ok_or(Fault::Value)?))
}

/// An address at the start of `text`, and what follows it.
fn bare(text: &str) -> Result<(&str, &str), Fault> {
    let local = if text.starts_with('"') {
        quoted_end(text)?
    } else {
        text.bytes().take_while(|&b| b == b'.' || is_atext(b)).count()
    };
    let domain = text.get(local..).and_then(|after| after.strip_prefix('@')).ok_or(Fault::Value)?;
    let domain_end = domain.find([',', '>']).unwrap_or(domain.len());
    let end = local + 1 + domain_end;
    let (address, after) = text.split_at_checked(end).ok_or(Fault::Value)?;
    let all_dots = text.bytes().take(local).all(|b| b == b'.');
    let domain = domain.get(..domain_end).unwrap_or_default();
    match address.contains("=?") {
        true => Err(Fault::EncodedWord),
        false if local > MAX_LOCAL || all_dots || !is_domain(domain) => Err(Fault::Value),
        false => Ok((address, after)),
    }
}

/// The length of the quoted string that `text` starts with, quotes included. It is not empty.
fn quoted_end(text: &str) -> Result<usize, Fault> {
    let mut escaped = false;
    for (at, b) in text.bytes().enumerate().skip(1) {
        match b {
            b if !matches!(b, b' '..=b'~') => break,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' if at == 1 => break,
            b'"' => return Ok(at + 1),
            _ => {}
        }
    }
    Err(Fault::Value)
}

/// A host name or address literal in ASCII.
pub(super) fn is_domain(text: &str) -> bool {
    if let Some(literal) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        let v6 = literal.split_at_checked(5).filter(|(tag, _)| tag.eq_ignore_ascii_case("ipv6:"));
        return literal.parse::<Ipv4Addr>().is_ok()
            || v6.is_some_and(|(_, address)| address.parse::<Ipv6Addr>().is_ok());
    }
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.len() <= MAX_DOMAIN && text.split('.').all(is_label)
}

/// `atext` of RFC 5322 section 3.2.3.
pub(super) fn is_atext(b: u8) -> bool {
    b.is_ascii_graphic() && !b"()<>[]:;@\\,.\"".contains(&b)
}
