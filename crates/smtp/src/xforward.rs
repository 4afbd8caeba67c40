//! XFORWARD: a listed peer tells who its own client was (Postfix, `XFORWARD_README`).

use std::borrow::Cow;
use std::net::IpAddr;

use crate::{Forwarded, Source};

/// The attributes taken, as EHLO lists them.
pub(crate) const KEYWORD: &str = "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE";

/// Longest value in octets after decoding; a host name has at most 255.
pub(crate) const MAX_VALUE: usize = 255;

/// Why an XFORWARD command is refused; nothing of it is taken then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum XforwardError {
    /// No attribute at all, or one without a value.
    Syntax,
    /// An attribute that is not known.
    Name,
    /// A value that its attribute cannot have.
    Value,
}

/// Reads `name=value` pairs on top of what was forwarded before.
pub(crate) fn parse(text: &str, before: &Forwarded) -> Result<Forwarded, XforwardError> {
    let mut forwarded = before.clone();
    let mut pairs = text.split(' ').filter(|pair| !pair.is_empty()).peekable();
    pairs.peek().ok_or(XforwardError::Syntax)?;
    for pair in pairs {
        let (name, raw) = pair.split_once('=').ok_or(XforwardError::Syntax)?;
        let value = available(raw)?;
        let value = value.as_deref();
        match name.to_ascii_uppercase().as_str() {
            "NAME" => forwarded.name = value.map(str::to_owned),
            "ADDR" => forwarded.address = value.map(address).transpose()?,
            "PORT" => forwarded.port = value.map(port).transpose()?,
            "PROTO" => forwarded.protocol = value.map(str::to_owned),
            "HELO" => forwarded.helo = value.map(str::to_owned),
            "IDENT" => forwarded.ident = value.map(str::to_owned),
            "SOURCE" => forwarded.source = value.map(source).transpose()?,
            _ => return Err(XforwardError::Name),
        }
    }
    Ok(forwarded)
}

/// The decoded value, `None` where the peer says that it has none, now or ever.
fn available(raw: &str) -> Result<Option<Cow<'_, str>>, XforwardError> {
    if raw.eq_ignore_ascii_case("[UNAVAILABLE]") || raw.eq_ignore_ascii_case("[TEMPUNAVAIL]") {
        return Ok(None);
    }
    let value = xtext(raw).ok_or(XforwardError::Value)?;
    let fit = !value.is_empty() && value.len() <= MAX_VALUE && !value.chars().any(char::is_control);
    if fit { Ok(Some(value)) } else { Err(XforwardError::Value) }
}

/// Undoes xtext (RFC 3461 section 4). A `+` that begins no pair of digits stands for itself: old
/// peers send values unencoded.
fn xtext(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.contains('+') {
        return Some(Cow::Borrowed(raw));
    }
    let mut octets = Vec::with_capacity(raw.len());
    let mut pieces = raw.split('+');
    octets.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    for piece in pieces {
        let decoded =
            piece.split_at_checked(2).and_then(|(digits, rest)| Some((hex(digits)?, rest)));
        let (octet, rest) = decoded.unwrap_or((b'+', piece));
        octets.push(octet);
        octets.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(octets).ok().map(Cow::Owned)
}

fn hex(digits: &str) -> Option<u8> {
    let hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
    hexadecimal.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

/// An IPv4 address, or an IPv6 address after `IPV6:` as in an address literal.
fn address(value: &str) -> Result<IpAddr, XforwardError> {
    let bare = match value.split_at_checked(5) {
        Some((tag, rest)) if tag.eq_ignore_ascii_case("IPV6:") => rest,
        _ => value,
    };
    bare.parse().map_err(|_| XforwardError::Value)
}

fn port(value: &str) -> Result<u16, XforwardError> {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| value.parse().ok()).flatten().ok_or(XforwardError::Value)
}

fn source(value: &str) -> Result<Source, XforwardError> {
    match value.to_ascii_uppercase().as_str() {
        "LOCAL" => Ok(Source::Local),
        "REMOTE" => Ok(Source::Remote),
        _ => Err(XforwardError::Value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Forwarded, XforwardError> {
        parse(text, &Forwarded::default())
    }

    #[test]
    fn all_attributes_of_a_postfix_peer_are_read() {
        let forwarded = read(
            "NAME=spike.example.com ADDR=192.0.2.7 PORT=45678 PROTO=ESMTP HELO=spike IDENT=4Xk2 SOURCE=REMOTE",
        );
        assert_eq!(
            forwarded,
            Ok(Forwarded {
                address: Some("192.0.2.7".parse().unwrap()),
                name: Some("spike.example.com".into()),
                port: Some(45_678),
                protocol: Some("ESMTP".into()),
                helo: Some("spike".into()),
                ident: Some("4Xk2".into()),
                source: Some(Source::Remote),
            })
        );
        let six = read("addr=IPv6:2001:db8::1 source=local").unwrap();
        assert_eq!(six.address, Some("2001:db8::1".parse().unwrap()));
        assert_eq!(six.source, Some(Source::Local));
    }

    #[test]
    fn what_is_unavailable_is_not_known_and_a_later_command_adds_to_the_earlier() {
        let first = read("NAME=[UNAVAILABLE] ADDR=[TEMPUNAVAIL] HELO=spike").unwrap();
        assert_eq!((first.name.as_ref(), first.address), (None, None));
        let second = parse("NAME=host PORT=[unavailable]", &first).unwrap();
        assert_eq!((second.name.as_deref(), second.helo.as_deref()), (Some("host"), Some("spike")));
    }

    #[test]
    fn rfc3461_xtext_is_decoded_and_a_plus_of_old_peers_stays() {
        let helo = |text: &str| read(text).map(|f| f.helo.unwrap());
        assert_eq!(helo("HELO=a+2Bb+3Dc+20d"), Ok("a+b=c d".into()));
        assert_eq!(helo("HELO=+E9+96+A2"), Ok("関".into()));
        assert_eq!(helo("HELO=a+b+"), Ok("a+b+".into()));
    }

    #[test]
    fn values_that_could_break_a_line_or_are_none_are_refused() {
        for text in [
            "HELO=a+0D+0Ab",
            "HELO=a+00",
            "HELO=+FF",
            "HELO=",
            "NAME=",
            "ADDR=1.2.3",
            "ADDR=IPV6:x",
            "PORT=65536",
            "PORT=+31x",
            "SOURCE=ELSEWHERE",
        ] {
            assert_eq!(read(text), Err(XforwardError::Value), "{text}");
        }
        let long = format!("NAME={}", "a".repeat(MAX_VALUE + 1));
        assert_eq!(read(&long), Err(XforwardError::Value));
        assert_eq!(read("FOO=1"), Err(XforwardError::Name));
        for text in ["", "NAME", "NAME=a HELO"] {
            assert_eq!(read(text), Err(XforwardError::Syntax), "{text}");
        }
    }
}
