//! Parameters of structured MIME fields (RFC 2045 section 5.1, RFC 2231).

use crate::fault::{Fault, Faults};
use crate::lexer::Lexer;

/// Parameters read from one field, each piece of a continuation counted. More are passed over with
/// [`Fault::ParametersCut`].
pub const MAX_PARAMETERS: usize = 100;

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The name in lower case, without the marks of RFC 2231.
    pub name: String,
    /// Whether it came in the form of RFC 2231 (`name*`, `name*0`).
    pub extended: bool,
    /// The raw values in order, and whether each is percent-encoded. One, but for continuations of
    /// both kinds.
    pieces: Vec<(Vec<u8>, bool)>,
    /// Whether its octets depend on the reader.
    pub(crate) unsure: bool,
}

impl Parameter {
    /// The value as text: by RFC 2231 where it came so; else encoded-words and raw 8-bit text, both
    /// in use in Japan, are decoded.
    pub fn value(&self) -> String {
        match self.pieces.as_slice() {
            [(only, false)] => sekimori_charset::decode_field(only).text,
            pieces => {
                let pieces: Vec<_> = pieces.iter().map(|(o, p)| (o.as_slice(), *p)).collect();
                sekimori_charset::decode_extended_value(&pieces, None).text
            }
        }
    }

    /// The octets of the value; those of [`Parameter::value`] where it is percent-encoded.
    pub(crate) fn octets(&self) -> Vec<u8> {
        if self.pieces.iter().any(|(_, percent)| *percent) {
            self.value().into_bytes()
        } else {
            self.pieces.iter().flat_map(|(o, _)| o.iter().copied()).collect()
        }
    }
}

/// One parameter as it stands, before continuations are joined.
struct Raw {
    name: String,
    number: Option<u32>,
    percent: bool,
    octets: Vec<u8>,
    unsure: bool,
}

/// Reads `; name=value` until the end of the field.
pub(crate) fn parse(lexer: &mut Lexer<'_>, faults: &mut Faults) -> Vec<Parameter> {
    let mut raws: Vec<Raw> = Vec::new();
    let mut separated = true;
    loop {
        let comment = lexer.skip_cfws();
        if lexer.at_end() {
            mark_if(raws.last_mut(), comment);
            break;
        }
        if lexer.take(b';') {
            mark_if(raws.last_mut(), comment);
            separated = true;
            continue;
        }
        if lexer.take(b',') || lexer.take(b':') {
            // In place of a semicolon: some readers go on after it, others stop.
            mark_if(raws.last_mut(), true);
            faults.insert(Fault::ParameterGarbage);
            continue;
        }
        if !separated || comment {
            mark_if(raws.last_mut(), true);
        }
        if !separated {
            faults.insert(Fault::ParameterGarbage);
        }
        match raw_parameter(lexer, faults) {
            Some(_) if raws.len() >= MAX_PARAMETERS => {
                faults.insert(Fault::ParametersCut);
                break;
            }
            Some(raw) => raws.push(raw),
            None => {
                faults.insert(Fault::ParameterGarbage);
                lexer.skip_to_semicolon();
            }
        }
        separated = false;
    }
    join(raws, faults)
}

fn mark_if(raw: Option<&mut Raw>, unsure: bool) {
    if let Some(raw) = raw {
        raw.unsure |= unsure;
    }
}

fn raw_parameter(lexer: &mut Lexer<'_>, faults: &mut Faults) -> Option<Raw> {
    let name = lexer.token().to_ascii_lowercase();
    let mut unsure = lexer.skip_cfws();
    if name.is_empty() || !lexer.take(b'=') {
        return None;
    }
    unsure |= lexer.skip_cfws();
    let name = String::from_utf8(name).ok()?;
    let (base, number, percent) = extended_name(&name, faults);
    // A file name with spaces and no quotes is common, and its extension stands at the end.
    let value = lexer.value(matches!(base, "name" | "filename"));
    if value.unclosed {
        faults.insert(Fault::QuoteUnclosed);
    }
    Some(Raw {
        name: base.to_owned(),
        number,
        percent,
        octets: value.octets.into_owned(),
        unsure: unsure || value.unsure,
    })
}

/// Takes `*`, `*0` or `*0*` off a name (RFC 2231 sections 3 and 4).
fn extended_name<'n>(name: &'n str, faults: &mut Faults) -> (&'n str, Option<u32>, bool) {
    let Some((base, mark)) = name.split_once('*') else {
        return (name, None, false);
    };
    if mark.is_empty() {
        return (base, None, true);
    }
    let (digits, percent) = match mark.strip_suffix('*') {
        Some(digits) => (digits, true),
        None => (mark, false),
    };
    let number = digits.parse().ok().filter(|_| digits.len() <= 4);
    if number.is_none() {
        faults.insert(Fault::ContinuationBroken);
    }
    (base, number, percent)
}

/// Joins continuations; keeps the order of first appearance, and parameters given twice.
fn join(raws: Vec<Raw>, faults: &mut Faults) -> Vec<Parameter> {
    let mut joined: Vec<Parameter> = Vec::new();
    let mut continued: Vec<(String, Vec<Raw>)> = Vec::new();
    for raw in raws {
        if raw.number.is_some() {
            match continued.iter_mut().find(|(name, _)| *name == raw.name) {
                Some((_, pieces)) => pieces.push(raw),
                None => continued.push((raw.name.clone(), vec![raw])),
            }
            continue;
        }
        let parameter = Parameter {
            name: raw.name,
            extended: raw.percent,
            pieces: vec![(raw.octets, raw.percent)],
            unsure: raw.unsure,
        };
        let twin =
            joined.iter().find(|p| p.name == parameter.name && p.extended == parameter.extended);
        match twin {
            Some(twin) if *twin == parameter => continue,
            Some(_) => faults.insert(Fault::ParameterRepeated),
            None => {}
        }
        joined.push(parameter);
    }
    for (name, mut pieces) in continued {
        pieces.sort_by_key(|piece| piece.number);
        let unsure = pieces.iter().any(|p| p.unsure);
        let total = pieces.len();
        let mut taken = 0;
        let mut in_order: Vec<(Vec<u8>, bool)> = Vec::new();
        let numbered = pieces.into_iter().zip(0..);
        for (piece, _) in numbered.take_while(|(piece, n)| piece.number == Some(*n)) {
            taken += 1;
            match in_order.last_mut() {
                // Some senders break inside an escape, so that pieces are decoded as one.
                Some((octets, percent)) if *percent == piece.percent => {
                    octets.extend_from_slice(&piece.octets);
                }
                _ => in_order.push((piece.octets, piece.percent)),
            }
        }
        if taken < total {
            faults.insert(Fault::ContinuationBroken);
        }
        if !in_order.is_empty() {
            joined.push(Parameter { name, extended: true, pieces: in_order, unsure });
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &[u8]) -> (Vec<(String, String)>, Faults) {
        let mut faults = Faults::NONE;
        let parameters = parse(&mut Lexer::new(text), &mut faults);
        let pairs = parameters.iter().map(|p| (p.name.clone(), p.value()));
        (pairs.collect(), faults)
    }

    fn value(text: &[u8]) -> String {
        let (mut pairs, faults) = parsed(text);
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(pairs.len(), 1, "{pairs:?}");
        pairs.remove(0).1
    }

    #[test]
    fn values_are_read_in_every_form_in_use() {
        for (text, expected) in [
            (&b"; name=a.txt"[..], "a.txt"),
            (b";NAME = \"a b.txt\" ;", "a b.txt"),
            (b"; name=a b c.txt", "a b c.txt"),
            (b"; name=\"a\\\"b\"", "a\"b"),
            (b"; name=\"=?UTF-8?B?5bGx?=.txt\"", "山.txt"),
            (b"; name*=utf-8''%E5%B1%B1", "山"),
            (b"; name*1*=%B1; name*0*=utf-8'ja'%E5%B1; name*2=.txt", "山.txt"),
            (b"; name*0*=utf-8''%E; name*1*=5%B1%B1", "山"),
            (b"; name*0=\"a b\"; name*1=\".txt\"", "a b.txt"),
            (b"; name=\"\x95\\\x8e\xa6\x88\xea\x97\x97.txt\"", "表示一覧.txt"),
            (b"; name=\"\x1b$B\"!\x1b(B.txt\"", "◆.txt"),
            (b"; (c) name (c) = (c) a.txt", "a.txt"),
        ] {
            assert_eq!(value(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_parameter_is_passed_over_and_noted() {
        let (pairs, faults) = parsed(b"; =x; y; \"z=1\"; a=1 b=2; c=3");
        let names: Vec<_> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert!(faults.contains(Fault::ParameterGarbage));
    }

    #[test]
    fn repeated_broken_and_unclosed_parameters_are_noted() {
        for (text, fault) in [
            (&b"; a=1; a=2"[..], Fault::ParameterRepeated),
            (b"; a=\"1", Fault::QuoteUnclosed),
            (b"; a*0=1; a*2=3", Fault::ContinuationBroken),
            (b"; a*0=1; a*0=3", Fault::ContinuationBroken),
            (b"; a*x=1", Fault::ContinuationBroken),
        ] {
            assert!(parsed(text).1.contains(fault), "{text:?}");
        }
        assert!(parsed(b"; a=1; a=1").1.is_empty());
    }

    #[test]
    fn parameters_over_the_bound_are_cut() {
        let text = |count: usize| "; a=b;c=d".repeat(count / 2).into_bytes();
        assert!(!parsed(&text(MAX_PARAMETERS)).1.contains(Fault::ParametersCut));
        assert!(parsed(&text(MAX_PARAMETERS + 2)).1.contains(Fault::ParametersCut));
    }
}
