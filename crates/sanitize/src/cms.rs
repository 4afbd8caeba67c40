//! The content that an opaque S/MIME signature wraps (RFC 8551 section 3.5.2, RFC 5652 sections 3 to
//! 5): a reader of just so much BER as leads there. Nothing of the signature itself is read or checked.
//!
//! Definite and indefinite lengths are read, and octet strings in one piece or in many. A tag of more
//! than one octet, a length over four octets, or anything where something else belongs ends the
//! reading: then there is no content. No recursion; time is linear.

/// Constructed values inside one another that are followed.
const MAX_NESTING: usize = 16;

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const CONSTRUCTED_OCTET_STRING: u8 = 0x24;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const EXPLICIT_0: u8 = 0xA0;

/// id-signedData and id-data.
const SIGNED_DATA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";
const DATA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01";

/// The octets that a `SignedData` structure wraps, `None` where there are none (a detached signature,
/// a list of certificates), they are of another kind than plain data, or the structure is damaged.
pub(crate) fn signed_content(octets: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader { rest: octets };
    // ContentInfo
    reader.enter(SEQUENCE)?;
    reader.identifier(SIGNED_DATA)?;
    reader.enter(EXPLICIT_0)?;
    // SignedData: version, digest algorithms, content
    reader.enter(SEQUENCE)?;
    reader.skip(INTEGER)?;
    reader.skip(SET)?;
    // EncapsulatedContentInfo
    reader.enter(SEQUENCE)?;
    reader.identifier(DATA)?;
    reader.enter(EXPLICIT_0)?;
    reader.octet_string()
}

/// The length of a value (X.690 section 8.1.3).
enum Length {
    Definite(usize),
    /// Up to an end-of-contents value.
    Indefinite,
}

/// What is left to read.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads a tag and its length.
    fn head(&mut self) -> Option<(u8, Length)> {
        let (&tag, rest) = self.rest.split_first()?;
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..0x80 => (Length::Definite(usize::from(first)), rest),
            0x80 => (Length::Indefinite, rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
                let length = digits.iter().fold(0, |sum, &digit| sum << 8 | u64::from(digit));
                (Length::Definite(usize::try_from(length).ok()?), rest)
            }
            _ => return None,
        };
        self.rest = rest;
        Some((tag, length))
    }

    fn expect(&mut self, tag: u8) -> Option<Length> {
        self.head().filter(|(found, _)| *found == tag).map(|(_, length)| length)
    }

    /// Steps into a constructed value. Its end is not needed: what is looked for stands first.
    fn enter(&mut self, tag: u8) -> Option<()> {
        self.expect(tag).map(drop)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn identifier(&mut self, wanted: &[u8]) -> Option<()> {
        let Length::Definite(length) = self.expect(OBJECT_IDENTIFIER)? else { return None };
        (self.take(length)? == wanted).then_some(())
    }

    /// Steps over a value, whatever it holds.
    fn skip(&mut self, tag: u8) -> Option<()> {
        if let Length::Definite(length) = self.expect(tag)? {
            return self.take(length).map(drop);
        }
        // Values of indefinite length that are open.
        let mut open = 1;
        while open > 0 {
            match self.head()? {
                (0, Length::Definite(0)) => open -= 1,
                (_, Length::Definite(length)) => drop(self.take(length)?),
                (_, Length::Indefinite) => open += 1,
            }
            if open > MAX_NESTING {
                return None;
            }
        }
        Some(())
    }

    /// The octets of an octet string, put together from its pieces (X.690 section 8.7).
    fn octet_string(&mut self) -> Option<Vec<u8>> {
        let mut octets = Vec::new();
        // What is left after the end of each open string; `None` where end-of-contents ends it.
        let mut open: Vec<Option<usize>> = Vec::new();
        loop {
            match self.head()? {
                (OCTET_STRING, Length::Definite(length)) => {
                    octets.extend_from_slice(self.take(length)?);
                }
                (CONSTRUCTED_OCTET_STRING, length) => {
                    let after = match length {
                        Length::Definite(length) => Some(self.rest.len().checked_sub(length)?),
                        Length::Indefinite => None,
                    };
                    open.push(after);
                }
                (0, Length::Definite(0)) if open.last() == Some(&None) => drop(open.pop()),
                _ => return None,
            }
            while let Some(Some(after)) = open.last() {
                match self.rest.len().cmp(after) {
                    std::cmp::Ordering::Greater => break,
                    std::cmp::Ordering::Equal => drop(open.pop()),
                    std::cmp::Ordering::Less => return None,
                }
            }
            if open.is_empty() {
                return Some(octets);
            }
            if open.len() > MAX_NESTING {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value with a length in as few octets as it takes.
    fn value(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut octets = vec![tag];
        if let Ok(short @ 0..0x80) = u8::try_from(length) {
            octets.push(short);
        } else {
            octets.push(0x84);
            octets.extend_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
        }
        [octets, content.to_vec()].concat()
    }

    /// A value of indefinite length.
    fn open_ended(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x80], content, &[0, 0]].concat()
    }

    fn signed(form: fn(u8, &[u8]) -> Vec<u8>, content: &[u8]) -> Vec<u8> {
        let digests = form(SET, &form(SEQUENCE, &value(OBJECT_IDENTIFIER, b"\x2A")));
        let wrapped = form(EXPLICIT_0, content);
        let inner = form(SEQUENCE, &[value(OBJECT_IDENTIFIER, DATA), wrapped].concat());
        let signed = form(SEQUENCE, &[value(INTEGER, &[1]), digests, inner].concat());
        let outer = form(EXPLICIT_0, &signed);
        form(SEQUENCE, &[value(OBJECT_IDENTIFIER, SIGNED_DATA), outer].concat())
    }

    #[test]
    fn what_a_signature_wraps_is_found_in_every_form_of_length() {
        let text = "本文です。".repeat(100);
        let text = text.as_bytes();
        let (first, last) = text.split_at(200);
        let pieces = [value(OCTET_STRING, first), value(OCTET_STRING, last)].concat();
        for content in [
            value(OCTET_STRING, text),
            value(CONSTRUCTED_OCTET_STRING, &pieces),
            open_ended(CONSTRUCTED_OCTET_STRING, &pieces),
            open_ended(CONSTRUCTED_OCTET_STRING, &value(CONSTRUCTED_OCTET_STRING, &pieces)),
        ] {
            assert_eq!(signed_content(&signed(value, &content)).as_deref(), Some(text));
            assert_eq!(signed_content(&signed(open_ended, &content)).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_wraps_nothing_or_is_damaged_has_no_content() {
        let whole = signed(value, &value(OCTET_STRING, b"text"));
        for length in 0..whole.len() {
            assert_eq!(signed_content(&whole[..length]), None, "cut at {length}");
        }
        let detached = signed(value, b"");
        assert_eq!(signed_content(&detached), None);
        let other = signed(value, &value(INTEGER, b"1"));
        assert_eq!(signed_content(&other), None);
        let over = signed(value, &[CONSTRUCTED_OCTET_STRING, 3, OCTET_STRING, 4, 1, 2, 3, 4]);
        assert_eq!(signed_content(&over), None, "a piece is longer than the string it is of");
    }

    #[test]
    fn strings_nested_over_the_bound_are_not_followed() {
        let nested = |levels| {
            let mut string = value(OCTET_STRING, b"text");
            for _ in 0..levels {
                string = open_ended(CONSTRUCTED_OCTET_STRING, &string);
            }
            signed_content(&signed(value, &string))
        };
        assert!(nested(MAX_NESTING).is_some());
        assert_eq!(nested(MAX_NESTING + 1), None);
        let deep = [CONSTRUCTED_OCTET_STRING, 0x80].repeat(500_000);
        assert_eq!(signed_content(&signed(value, &deep)), None);
        let deep = [SEQUENCE, 0x80].repeat(500_000);
        assert_eq!(Reader { rest: &[&[SET, 0x80], &deep[..]].concat() }.skip(SET), None);
    }
}
